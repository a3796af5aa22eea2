//! Time-stamp requests, read and made (RFC 3161, 2.4.1).

use crate::ber::{Reader, Tag};
use crate::canonical::{self, SetOrder};
use crate::encode::{self, SEQUENCE};
use crate::oid::Oid;
use crate::timestamp::{MessageImprint, TstExtension, extensions};
use crypto::Digest;
use types::{Budget, Malformed};

const CLAUSE: &str = "RFC 3161, 2.4.1";

/// What a client asks a time-stamping authority.
///
/// ```text
/// TimeStampReq ::= SEQUENCE { version INTEGER { v1(1) }, messageImprint MessageImprint, reqPolicy TSAPolicyId OPTIONAL,
///   nonce INTEGER OPTIONAL, certReq BOOLEAN DEFAULT FALSE, extensions [0] IMPLICIT Extensions OPTIONAL }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampRequest {
    /// What is to be time-stamped.
    pub imprint: MessageImprint,
    /// The same in DER, to be repeated in the token octet by octet.
    imprint_der: Vec<u8>,
    /// The policy wished for.
    pub policy: Option<Oid>,
    /// Content octets of the nonce, two's complement.
    pub nonce: Option<Vec<u8>>,
    /// Whether the token must hold the certificates of the authority.
    pub certificates: CertificatesWanted,
    /// Extensions in the order received.
    pub extensions: Vec<TstExtension>,
}

/// The `certReq` field of a [`TimestampRequest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificatesWanted {
    /// The token must hold at least the certificate of the authority.
    Yes,
    /// The token must hold none.
    No,
}

impl TimestampRequest {
    /// A request for what has this digest, with a nonce (big-endian, taken as non-negative; 8 octets or more, drawn by the
    /// caller) or without. It asks for certificates and no policy.
    pub fn new(digest: &Digest, nonce: Option<&[u8]>) -> TimestampRequest {
        let imprint_der = encode::value(
            SEQUENCE,
            &[
                &encode::digest_identifier(digest.algorithm),
                &encode::value(encode::OCTET_STRING, &[&digest.value]),
            ],
        );
        TimestampRequest {
            imprint: MessageImprint { algorithm: Ok(digest.algorithm), value: digest.value.clone() },
            imprint_der,
            policy: None,
            nonce: nonce.map(encode::unsigned_content),
            certificates: CertificatesWanted::Yes,
            extensions: Vec::new(),
        }
    }

    /// Reads a request; nothing may follow it.
    ///
    /// # Errors
    /// [`Malformed`] if it cannot be read, is of another version, or a nonce without octets stands in it.
    pub fn parse(bytes: &[u8], budget: &mut Budget) -> Result<TimestampRequest, Malformed> {
        let mut outer = Reader::new(bytes, 0);
        let mut reader = outer.expect(Tag::SEQUENCE, "time-stamp request", CLAUSE, budget)?.open(CLAUSE)?;
        if !outer.is_empty() {
            return Err(outer.malformed("the request is followed by more bytes", CLAUSE));
        }
        if reader.small_integer("version of the request", budget)? != 1 {
            return Err(reader.malformed("version of the request is not 1", CLAUSE));
        }
        let element = reader.expect(Tag::SEQUENCE, "message imprint", CLAUSE, budget)?;
        let mut fields = element.open(CLAUSE)?;
        let algorithm = fields.digest_algorithm("digest algorithm", budget)?;
        let value =
            fields.expect(Tag::OCTET_STRING, "hashed message", CLAUSE, budget)?.octets(budget)?.into_owned();
        if !fields.is_empty() {
            return Err(fields.malformed("the message imprint goes on after its last field", CLAUSE));
        }
        let policy = reader.optional(Tag::OBJECT_IDENTIFIER, budget)?;
        let policy = policy.map(|policy| policy.oid()).transpose()?;
        let nonce = reader.optional(Tag::INTEGER, budget)?;
        if nonce.as_ref().is_some_and(|nonce| nonce.content.is_empty()) {
            return Err(reader.malformed("a nonce without octets", "ITU-T X.690, 8.3.1"));
        }
        let wanted = reader.optional(Tag::BOOLEAN, budget)?;
        let wanted = wanted.is_some_and(|value| value.content.iter().any(|byte| *byte != 0));
        let extensions = match reader.optional(Tag::context(0), budget)? {
            Some(list) => extensions(&list, budget)?,
            None => Vec::new(),
        };
        if !reader.is_empty() {
            return Err(reader.malformed("the request goes on after its last field", CLAUSE));
        }
        let encoded = element.encoded;
        Ok(TimestampRequest {
            imprint: MessageImprint { algorithm, value },
            imprint_der: canonical::to_der(encoded.bytes, encoded.span.start, SetOrder::Received, budget)?,
            policy,
            nonce: nonce.map(|nonce| nonce.content.to_vec()),
            certificates: if wanted { CertificatesWanted::Yes } else { CertificatesWanted::No },
            extensions,
        })
    }

    /// The request in DER. Extensions are not written: no client here makes any.
    pub fn to_der(&self) -> Vec<u8> {
        let nonce = self.nonce.as_ref().map(|nonce| encode::value(encode::INTEGER, &[nonce]));
        let wanted = match self.certificates {
            CertificatesWanted::Yes => encode::value(encode::BOOLEAN, &[&[0xff]]),
            CertificatesWanted::No => Vec::new(),
        };
        encode::value(
            SEQUENCE,
            &[
                &encode::version(1),
                &self.imprint_der,
                &self.policy.as_ref().map(Oid::der).unwrap_or_default(),
                &nonce.unwrap_or_default(),
                &wanted,
            ],
        )
    }

    /// The `MessageImprint` as received.
    pub(crate) fn imprint_der(&self) -> &[u8] {
        &self.imprint_der
    }
}
