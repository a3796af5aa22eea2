//! What certificates, CRLs and OCSP responses have in common: a signature stands beside what it is over (RFC 5280,
//! 4.1.1 and 5.1.1; RFC 6960, 4.2.1).

use crate::irregularity::Irregularity;
use crate::tlv::{self, Element, Reader};
use crypto::{SignatureAlgorithm, UnknownAlgorithm};
use der::Decode;
use std::ops::Range;
use std::sync::Arc;
use types::Malformed;

/// A signed structure: its original bytes, and where in them the parts lie.
///
/// ```text
/// SEQUENCE {
///     toBeSigned         SEQUENCE { … },
///     signatureAlgorithm AlgorithmIdentifier,
///     signatureValue     BIT STRING,
///     … }
/// ```
pub struct Signed {
    der: Arc<[u8]>,
    tbs: Range<usize>,
    algorithm_der: Range<usize>,
    algorithm: Result<SignatureAlgorithm, UnknownAlgorithm>,
    signature: Range<usize>,
}

/// How a kind of signed structure is spoken of.
pub(crate) struct Kind {
    /// E.g. "a certificate".
    pub whole: &'static str,
    /// What stands in it to be signed.
    pub tbs: &'static str,
    /// The irregularity of a signature value that is not whole octets, and its clause.
    pub unused_bits: (&'static str, &'static str),
}

impl Signed {
    /// Reads the structure, after which nothing may follow; gives also what is signed and the fields after the signature.
    pub(crate) fn read<'d>(
        der: &'d Arc<[u8]>,
        kind: &Kind,
        irregularities: &mut Vec<Irregularity>,
    ) -> Result<(Signed, Element<'d>, Reader<'d>), Malformed> {
        let mut fields = tlv::only(der, tlv::SEQUENCE, kind.whole)?.reader();
        let tbs = fields.expect(tlv::SEQUENCE, kind.tbs)?;
        let algorithm = fields.expect(tlv::SEQUENCE, "a signature algorithm")?;
        let signature = fields.expect(tlv::BIT_STRING, "a signature value")?;
        if tlv::bit_string(&signature)?.1 != 0 {
            let (code, clause) = kind.unused_bits;
            irregularities.push(Irregularity::fault(code, clause, "the signature value is not whole octets"));
        }
        let content = signature.content_range();
        let signed = Signed {
            tbs: tbs.range(),
            algorithm_der: algorithm.range(),
            algorithm: signature_algorithm(algorithm.whole),
            signature: content.start + 1..content.end,
            der: der.clone(),
        };
        Ok((signed, tbs, fields))
    }

    /// The original bytes of all.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The original bytes of all, shared.
    pub fn der_arc(&self) -> Arc<[u8]> {
        self.der.clone()
    }

    /// The bytes that are signed.
    pub fn tbs(&self) -> &[u8] {
        self.slice(&self.tbs)
    }

    /// The algorithm of the signature, or what is unknown about it.
    pub fn algorithm(&self) -> Result<&SignatureAlgorithm, &UnknownAlgorithm> {
        self.algorithm.as_ref()
    }

    /// The DER `AlgorithmIdentifier` of the signature.
    pub fn algorithm_der(&self) -> &[u8] {
        self.slice(&self.algorithm_der)
    }

    /// The signature value.
    pub fn signature(&self) -> &[u8] {
        self.slice(&self.signature)
    }

    /// What lies at a place of the original bytes.
    pub(crate) fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.der.get(range.clone()).unwrap_or(&[])
    }

    /// The fault of a signature algorithm that differs from the one inside the signed part, which lies at `inner`.
    pub(crate) fn algorithm_mismatch(
        &self,
        inner: &Range<usize>,
        code: &'static str,
        clause: &'static str,
    ) -> Option<Irregularity> {
        let message = "the signature algorithms inside and outside the signed part differ";
        (self.slice(inner) != self.algorithm_der()).then(|| Irregularity::fault(code, clause, message))
    }
}

fn signature_algorithm(der: &[u8]) -> Result<SignatureAlgorithm, UnknownAlgorithm> {
    let identifier = spki::AlgorithmIdentifierRef::from_der(der)
        .map_err(|_| UnknownAlgorithm { oid: "?".into(), detail: "malformed AlgorithmIdentifier".into() })?;
    SignatureAlgorithm::from_identifier(identifier, None)
}
