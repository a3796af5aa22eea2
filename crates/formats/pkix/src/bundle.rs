//! Certificates out of files as people have them: DER, PEM, several of either, PKCS#7 certs-only (RFC 5652, 5.1).

use crate::tlv::{self, Reader};
use crate::{Certificate, Crl, OcspResponse, pem};
use types::{Budget, Malformed, Resource};

/// `id-signedData`.
const SIGNED_DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const CLAUSE: &str = "RFC 5652, 5.1";

/// Reads every certificate of a file: PEM blocks (`CERTIFICATE`, `X509 CERTIFICATE`, `TRUSTED CERTIFICATE`,
/// `PKCS7`, `CMS`; others are passed over), or DER certificates one after the other, or one PKCS#7 file (DER or BER).
///
/// # Errors
/// [`Malformed`] if nothing of that kind is there, if a certificate cannot be read, or if the budget for
/// certificates runs out.
pub fn read_certificates(bytes: &[u8], budget: &mut Budget) -> Result<Vec<Certificate>, Malformed> {
    let mut out = Vec::new();
    if pem::is_pem(bytes) {
        let mut rest = bytes;
        while let Some((block, after)) = pem::next(rest)? {
            budget.spend(Resource::Steps, 1)?;
            match block.label {
                "CERTIFICATE" | "X509 CERTIFICATE" => read_der(&block.der, &mut out, budget)?,
                "TRUSTED CERTIFICATE" => out.push(first_certificate(&block.der, budget)?.0),
                "PKCS7" | "CMS" => read_pkcs7(&block.der, &mut out, budget)?,
                _ => {}
            }
            rest = after;
        }
    } else {
        read_der(bytes, &mut out, budget)?;
    }
    if out.is_empty() {
        return Err(Malformed::syntax(None, "no certificate found", "RFC 7468, 5"));
    }
    Ok(out)
}

/// The only CMS among PEM blocks (`CMS`, `PKCS7`, `PKCS #7 SIGNED DATA`), DER or BER.
///
/// # Errors
/// [`Malformed`] if there is none, or more than one: whoever takes the first says nothing of the others.
pub fn read_cms_pem(bytes: &[u8], budget: &mut Budget) -> Result<Vec<u8>, Malformed> {
    let (mut rest, mut found) = (bytes, None);
    while let Some((block, after)) = pem::next(rest)? {
        budget.spend(Resource::Steps, 1)?;
        if matches!(block.label, "CMS" | "PKCS7" | "PKCS #7 SIGNED DATA")
            && found.replace(block.der).is_some()
        {
            return Err(Malformed::syntax(None, "there are several CMS among the PEM blocks", "RFC 7468, 9"));
        }
        rest = after;
    }
    found.ok_or_else(|| Malformed::syntax(None, "no CMS among the PEM blocks", "RFC 7468, 9"))
}

/// Revocation information out of a file as people have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RevocationBundle {
    /// CRLs, DER.
    pub crls: Vec<Vec<u8>>,
    /// OCSP responses, DER.
    pub ocsps: Vec<Vec<u8>>,
}

/// Reads every CRL and OCSP response of a file: PEM blocks (`X509 CRL`, `OCSP RESPONSE`; others are passed over) or one of
/// either as DER.
///
/// # Errors
/// [`Malformed`] if nothing of that kind is there or it cannot be read.
pub fn read_revocation(bytes: &[u8], budget: &mut Budget) -> Result<RevocationBundle, Malformed> {
    let mut bundle = RevocationBundle::default();
    if pem::is_pem(bytes) {
        let mut rest = bytes;
        while let Some((block, after)) = pem::next(rest)? {
            budget.spend(Resource::Steps, 1)?;
            match block.label {
                "X509 CRL" | "CRL" => {
                    Crl::from_der(&block.der)?;
                    bundle.crls.push(block.der);
                }
                "OCSP RESPONSE" => {
                    OcspResponse::from_der(&block.der, budget)?;
                    bundle.ocsps.push(block.der);
                }
                _ => {}
            }
            rest = after;
        }
    } else if Crl::from_der(bytes).is_ok() {
        bundle.crls.push(bytes.to_vec());
    } else {
        OcspResponse::from_der(bytes, budget)?;
        bundle.ocsps.push(bytes.to_vec());
    }
    if bundle == RevocationBundle::default() {
        return Err(Malformed::syntax(None, "no CRL and no OCSP response found", "RFC 7468, 6"));
    }
    Ok(bundle)
}

fn read_der(bytes: &[u8], out: &mut Vec<Certificate>, budget: &mut Budget) -> Result<(), Malformed> {
    if is_signed_data(bytes) {
        return read_pkcs7(bytes, out, budget);
    }
    let mut rest = bytes;
    while !rest.is_empty() {
        let (certificate, after) = first_certificate(rest, budget)?;
        out.push(certificate);
        rest = after;
    }
    Ok(())
}

fn first_certificate<'a>(bytes: &'a [u8], budget: &mut Budget) -> Result<(Certificate, &'a [u8]), Malformed> {
    budget.spend(Resource::Certificates, 1)?;
    let mut reader = Reader::new(bytes);
    let element = reader.expect(tlv::SEQUENCE, "a certificate")?;
    Ok((Certificate::from_der(element.whole)?, reader.rest()))
}

fn is_signed_data(bytes: &[u8]) -> bool {
    let oid = ber_next(bytes, 2, &mut Budget::default()).ok().and_then(|outer| {
        ber_next(outer.content, 1, &mut Budget::default()).ok().map(|oid| (oid.tag, oid.content.to_vec()))
    });
    // Cheap test first: the identifier stands within the first octets of any encoding of the file.
    let near = bytes.get(..bytes.len().min(24)).unwrap_or_default();
    near.windows(SIGNED_DATA.len()).any(|window| window == SIGNED_DATA)
        || oid.is_some_and(|(tag, content)| tag == tlv::OID && content == SIGNED_DATA)
}

/// `ContentInfo { contentType, [0] SignedData { version, digestAlgorithms, encapContentInfo, [0] certificates … } }`
fn read_pkcs7(bytes: &[u8], out: &mut Vec<Certificate>, budget: &mut Budget) -> Result<(), Malformed> {
    let wrong = || Malformed::syntax(None, "not a PKCS#7 file with certificates", CLAUSE);
    let depth = budget.depth();
    let info = ber_next(bytes, depth, budget)?;
    let content_type = ber_next(info.content, depth, budget)?;
    let explicit = ber_next(content_type.rest, depth, budget)?;
    if content_type.content != SIGNED_DATA || explicit.tag != tlv::constructed(0) {
        return Err(wrong());
    }
    let signed_data = ber_next(explicit.content, depth, budget)?;
    let mut rest = signed_data.content;
    for _ in 0..3 {
        rest = ber_next(rest, depth, budget)?.rest;
    }
    let certificates = ber_next(rest, depth, budget)?;
    if certificates.tag != tlv::constructed(0) {
        return Err(wrong());
    }
    let mut rest = certificates.content;
    while !rest.is_empty() {
        let item = ber_next(rest, depth, budget)?;
        // Other choices (attribute certificates, other formats) are passed over.
        if item.tag == tlv::SEQUENCE {
            out.push(first_certificate(item.whole, budget)?.0);
        }
        rest = item.rest;
    }
    Ok(())
}

/// A BER value, of definite or indefinite length.
struct Ber<'a> {
    tag: u8,
    whole: &'a [u8],
    content: &'a [u8],
    rest: &'a [u8],
}

fn ber_next<'a>(bytes: &'a [u8], depth: u32, budget: &mut Budget) -> Result<Ber<'a>, Malformed> {
    budget.spend(Resource::Steps, 1)?;
    let indefinite = matches!(bytes, [tag, 0x80, ..] if tag & 0x20 != 0 && tag & 0x1f != 0x1f);
    if !indefinite {
        let mut reader = Reader::new(bytes);
        let element = reader.any()?;
        return Ok(Ber {
            tag: element.tag,
            whole: element.whole,
            content: element.content,
            rest: reader.rest(),
        });
    }
    let Some(depth) = depth.checked_sub(1) else {
        return Err(Malformed::syntax(None, "values are nested too deeply", CLAUSE));
    };
    let body = bytes.get(2..).unwrap_or_default();
    let mut rest = body;
    loop {
        if let [0, 0, after @ ..] = rest {
            let content = body.get(..body.len() - rest.len()).unwrap_or_default();
            let whole = bytes.get(..bytes.len() - after.len()).unwrap_or_default();
            return Ok(Ber { tag: bytes.first().copied().unwrap_or(0), whole, content, rest: after });
        }
        if rest.is_empty() {
            return Err(Malformed::syntax(None, "a value of indefinite length has no end", "X.690, 8.1.5"));
        }
        rest = ber_next(rest, depth, budget)?.rest;
    }
}
