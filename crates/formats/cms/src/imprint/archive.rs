//! What an archive timestamp that is to be made is over (EN 319 122-1, 5.5.2 and 5.5.3).

use super::content::Piece;
use super::{ImprintCheck, ImprintError};
use crate::ber::Encoded;
use crate::canonical::{self, SetOrder};
use crate::encode::{self, OCTET_STRING, SEQUENCE};
use crypto::{Digest, DigestAlgorithm};
use std::borrow::Cow;
use types::{Budget, Malformed};

/// The message imprint of an archive-time-stamp-v3 to be made, and the ats-hash-index-v3 that its token has to carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveImprint {
    /// What the token has to be over.
    pub digest: Digest,
    /// DER `ATSHashIndexV3`, for an unsigned attribute of the token.
    pub index: Vec<u8>,
}

impl ImprintCheck<'_, '_> {
    /// Everything that there is now: content, signature, every certificate, CRL and response, every unsigned attribute.
    ///
    /// # Errors
    /// If the digest of detached content is not at hand, or a limit was reached.
    pub fn archive_v3(
        &self,
        algorithm: DigestAlgorithm,
        budget: &mut Budget,
    ) -> Result<ArchiveImprint, ImprintError> {
        let index = self.index_v3(algorithm, budget)?;
        let received = self.fields_up_to_signature(budget)?;
        let fields = self.fields_as_der(received, budget)?;
        let pieces = [
            Piece::Octets(Cow::Owned(self.signed_data.content.content_type.der())),
            Piece::ContentDigest,
            Piece::Octets(Cow::Owned(fields)),
            Piece::Octets(Cow::Borrowed(&index)),
        ];
        let digest = self.digest(algorithm, &pieces, budget)?;
        Ok(ArchiveImprint { digest, index })
    }

    /// ```text
    /// ATSHashIndexV3 ::= SEQUENCE { hashIndAlgorithm AlgorithmIdentifier, certificatesHashIndex SEQUENCE OF OCTET STRING,
    ///     crlsHashIndex SEQUENCE OF OCTET STRING, unsignedAttrValuesHashIndex SEQUENCE OF OCTET STRING }
    /// ```
    fn index_v3(&self, algorithm: DigestAlgorithm, budget: &mut Budget) -> Result<Vec<u8>, Malformed> {
        let certificates =
            self.signed_data.certificate_choices.iter().map(|choice| (Vec::new(), choice.encoded));
        let infos = self.signed_data.revocation_infos.iter().map(|info| (Vec::new(), info.choice));
        let attributes = self.signer.unsigned_attributes.attributes.iter();
        let values = attributes.flat_map(|attribute| {
            let kind = attribute.oid.der();
            attribute.values.iter().map(move |value| (kind.clone(), *value))
        });
        let certificates = self.index_of(certificates, algorithm, budget)?;
        let infos = self.index_of(infos, algorithm, budget)?;
        let values = self.index_of(values, algorithm, budget)?;
        let by = encode::digest_identifier(algorithm);
        Ok(encode::value(SEQUENCE, &[&by, &certificates, &infos, &values]))
    }

    fn index_of<'e>(
        &self,
        objects: impl Iterator<Item = (Vec<u8>, Encoded<'e>)>,
        algorithm: DigestAlgorithm,
        budget: &mut Budget,
    ) -> Result<Vec<u8>, Malformed> {
        let mut entries = Vec::new();
        for (prefix, object) in objects {
            let der = canonical::to_der(object.bytes, object.span.start, SetOrder::Sorted, budget)?;
            let mut hasher = self.provider.hasher(algorithm);
            hasher.update(&prefix);
            hasher.update(&der);
            entries.extend(encode::value(OCTET_STRING, &[&hasher.finish().value]));
        }
        Ok(encode::value(SEQUENCE, &[&entries]))
    }
}
