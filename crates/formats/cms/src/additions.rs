//! Additions to a signature that is there: certificates, revocation data, unsigned attributes. Everything that was there stays
//! octet by octet; only the lengths around it are written anew.

use crate::attributes_builder::one_der_value;
use crate::ber::{Element, Reader, Tag};
use crate::encode::{self, SEQUENCE, SET, context};
use crate::{BuildError, oid};
use const_oid::ObjectIdentifier;
use std::fmt;
use types::{Budget, Malformed};

/// What is added to one signature of a `SignedData`.
#[derive(Clone, Debug, Default)]
pub struct Additions {
    certificates: Vec<Vec<u8>>,
    revocation_infos: Vec<Vec<u8>>,
    unsigned_attributes: Vec<Vec<u8>>,
    has_other_infos: bool,
}

/// Why nothing was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdditionError {
    /// The signature cannot be read.
    Malformed(Malformed),
    /// It has no signer of this number.
    NoSuchSigner(usize),
}

impl fmt::Display for AdditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AdditionError::Malformed(malformed) => malformed.fmt(f),
            AdditionError::NoSuchSigner(number) => {
                write!(f, "the signature has no signer number {}", number + 1)
            }
        }
    }
}

impl std::error::Error for AdditionError {}

impl From<Malformed> for AdditionError {
    fn from(malformed: Malformed) -> AdditionError {
        AdditionError::Malformed(malformed)
    }
}

impl Additions {
    /// A DER certificate.
    ///
    /// # Errors
    /// If it is not DER; so in the others.
    pub fn certificate(mut self, der: &[u8]) -> Result<Additions, BuildError> {
        one_der_value(der, "a certificate")?;
        self.certificates.push(der.to_vec());
        Ok(self)
    }

    /// A DER `CertificateList`.
    pub fn crl(mut self, der: &[u8]) -> Result<Additions, BuildError> {
        one_der_value(der, "a CRL")?;
        self.revocation_infos.push(der.to_vec());
        Ok(self)
    }

    /// A DER `OCSPResponse` (RFC 5940, 2.1).
    pub fn ocsp_response(mut self, der: &[u8]) -> Result<Additions, BuildError> {
        one_der_value(der, "an OCSP response")?;
        let format = encode::oid(oid::RI_OCSP_RESPONSE);
        self.revocation_infos.push(encode::value(context(1), &[&format, der]));
        self.has_other_infos = true;
        Ok(self)
    }

    /// An unsigned attribute with one DER value, e.g. [`oid::SIGNATURE_TIMESTAMP`] and a token.
    pub fn unsigned_attribute(
        mut self,
        kind: ObjectIdentifier,
        value: &[u8],
    ) -> Result<Additions, BuildError> {
        one_der_value(value, "the value of an unsigned attribute")?;
        self.unsigned_attributes.push(encode::attribute(kind, [value]));
        Ok(self)
    }

    /// The `ContentInfo` with the additions, the attributes at the signer of this number (from 0). What is there already is
    /// not added again.
    ///
    /// # Errors
    /// If the bytes are no signature, or have no such signer.
    pub fn add_to(&self, bytes: &[u8], signer: usize, budget: &mut Budget) -> Result<Vec<u8>, AdditionError> {
        const CLAUSE: &str = "RFC 5652, 5.1";
        let mut outer = Reader::new(bytes, 0);
        let info = outer.expect(Tag::SEQUENCE, "content info", CLAUSE, budget)?;
        let mut fields = info.open(CLAUSE)?;
        let kind = fields.expect(Tag::OBJECT_IDENTIFIER, "content type", CLAUSE, budget)?;
        let wrapper = fields.expect(Tag::context(0), "content", CLAUSE, budget)?;
        let signed_data = wrapper.open(CLAUSE)?.expect(Tag::SEQUENCE, "signed data", CLAUSE, budget)?;
        let mut fields = signed_data.open(CLAUSE)?;
        let version = fields.expect(Tag::INTEGER, "version", CLAUSE, budget)?;
        let algorithms = fields.expect(Tag::SET, "digest algorithms", CLAUSE, budget)?;
        let content = fields.expect(Tag::SEQUENCE, "content", CLAUSE, budget)?;
        let certificates = fields.optional(Tag::context(0), budget)?;
        let infos = fields.optional(Tag::context(1), budget)?;
        let signers = fields.expect(Tag::SET, "signer infos", CLAUSE, budget)?;
        let version = match self.has_other_infos {
            // "IF … any crls with a type of other are present … THEN version MUST be 5" (RFC 5652, 5.1).
            true => encode::version(5),
            false => version.encoded.bytes.to_vec(),
        };
        let data = encode::value(
            SEQUENCE,
            &[
                &version,
                algorithms.encoded.bytes,
                content.encoded.bytes,
                &extended(context(0), certificates.as_ref(), &self.certificates, budget)?,
                &extended(context(1), infos.as_ref(), &self.revocation_infos, budget)?,
                &self.signers(&signers, signer, budget)?,
            ],
        );
        let wrapped = encode::value(context(0), &[&data]);
        Ok(encode::value(SEQUENCE, &[kind.encoded.bytes, &wrapped]))
    }

    fn signers(
        &self,
        signers: &Element<'_>,
        number: usize,
        budget: &mut Budget,
    ) -> Result<Vec<u8>, AdditionError> {
        let mut all: Vec<Vec<u8>> = Vec::new();
        for (at, signer) in children(signers, budget)?.into_iter().enumerate() {
            all.push(if at == number {
                self.signer(&signer, budget)?
            } else {
                signer.encoded.bytes.to_vec()
            });
        }
        if number >= all.len() {
            return Err(AdditionError::NoSuchSigner(number));
        }
        Ok(encode::value(SET, &all.iter().map(Vec::as_slice).collect::<Vec<_>>()))
    }

    fn signer(&self, signer: &Element<'_>, budget: &mut Budget) -> Result<Vec<u8>, Malformed> {
        let fields = children(signer, budget)?;
        let is_unsigned = |field: &&Element<'_>| field.tag == Tag::context(1);
        let unsigned = fields.last().filter(is_unsigned);
        let unsigned = extended(context(1), unsigned, &self.unsigned_attributes, budget)?;
        let kept = fields.iter().filter(|field| !is_unsigned(field)).map(|field| field.encoded.bytes);
        Ok(encode::value(SEQUENCE, &kept.chain([&unsigned[..]]).collect::<Vec<_>>()))
    }
}

/// A list with new elements behind those that are there; nothing for an empty one. A list that is in DER order stays so.
fn extended(
    tag: u8,
    there: Option<&Element<'_>>,
    new: &[Vec<u8>],
    budget: &mut Budget,
) -> Result<Vec<u8>, Malformed> {
    let old = there.map_or_else(|| Ok(Vec::new()), |list| children(list, budget))?;
    let mut all: Vec<&[u8]> = old.iter().map(|element| element.encoded.bytes).collect();
    let was_sorted = all.is_sorted();
    for element in new {
        if !all.contains(&element.as_slice()) {
            all.push(element);
        }
    }
    if was_sorted {
        all.sort_unstable();
    }
    Ok(if all.is_empty() { Vec::new() } else { encode::value(tag, &all) })
}

fn children<'a>(element: &Element<'a>, budget: &mut Budget) -> Result<Vec<Element<'a>>, Malformed> {
    let mut reader = element.open("RFC 5652, 5.1")?;
    let mut children = Vec::new();
    while let Some(child) = reader.next_kept(budget)? {
        children.push(child);
    }
    Ok(children)
}
