//! What stands in a CMS outside the signature and must agree with it: otherwise the file was altered, or its maker erred.

use super::signer::broken;
use crate::facts::FormatFault;
use cms::{SignedData, SignerIdentifier, SignerInfo, Trailing, oid, reads_as_signed_attributes};

/// Checks the unsigned parts of a signature in a PDF. They carry no meaning of their own, so a change could do no harm;
/// but nothing in a signed file may be changed unnoticed.
pub(super) fn check_in_pdf(
    signed_data: &SignedData<'_>,
    info: &SignerInfo<'_>,
    sub_filter: &[u8],
) -> Result<(), FormatFault> {
    if matches!(signed_data.trailing, Trailing::Other(_)) {
        return Err(broken(
            "other bytes than zeros follow the signature value in its place (ISO 32000-2, 12.8.1)",
        ));
    }
    let detached = matches!(sub_filter, b"ETSI.CAdES.detached" | b"adbe.pkcs7.detached" | b"PBAD.PAdES");
    if detached && signed_data.content.content_type != oid::DATA {
        return Err(broken("the content type is not data (ISO 32000-2, 12.8.3.3)"));
    }
    if detached && signed_data.content.content.is_some() {
        return Err(broken(
            "the CMS holds content of its own beside the signed bytes (ISO 32000-2, 12.8.3.3.1)",
        ));
    }
    check(signed_data, info)
}

/// Checks the unsigned parts of any signature that is a CMS.
pub(super) fn check(signed_data: &SignedData<'_>, info: &SignerInfo<'_>) -> Result<(), FormatFault> {
    if !matches!(signed_data.version, 1 | 3 | 4 | 5) {
        return Err(broken("the version of the signed data is none that exists (RFC 5652, 5.1)"));
    }
    let version = match info.signer {
        SignerIdentifier::IssuerAndSerialNumber { .. } => 1,
        SignerIdentifier::SubjectKeyIdentifier(_) => 3,
    };
    if info.version != version {
        return Err(broken(
            "the version of the signer does not go with how the certificate is named (RFC 5652, 5.3)",
        ));
    }
    if !signed_data.digest_algorithms.contains(&info.digest_algorithm) {
        return Err(broken("the signer's digest algorithm is not among those announced (RFC 5652, 5.1)"));
    }
    let signed = info.signed_attributes.as_ref();
    let named = signed.and_then(|attributes| attributes.content_type.as_ref());
    let is_repeated = signed
        .is_some_and(|signed| signed.attributes.iter().any(|attribute| attribute.oid == oid::CONTENT_TYPE));
    match named {
        Some(named) if *named == signed_data.content.content_type => Ok(()),
        Some(_) => {
            Err(broken("the signed content type is another than that of the content (RFC 5652, 11.1)"))
        }
        None if is_repeated => {
            Err(broken("the signed content type cannot be used: it has several values (RFC 5652, 11.1)"))
        }
        // Nothing signed says what the content is: only plain data needs no word (RFC 5652, 5.3).
        None if signed_data.content.content_type == oid::DATA => Ok(()),
        None => Err(broken("no signed attribute says of which type the content is (RFC 5652, 5.3 and 11.1)")),
    }
}

/// Checks that signed attributes do not pose as content: whoever made such a signature signed other content, the one whose
/// digest the attributes hold. `start` are the first bytes of the content, `length` is that of all of it.
pub(super) fn check_content(info: &SignerInfo<'_>, (start, length): (&[u8], u64)) -> Result<(), FormatFault> {
    if info.signed_attributes.is_none() && reads_as_signed_attributes(start, length) {
        return Err(broken(
            "the content is the signed attributes of a signature over something else, which were taken out of it \
             (RFC 5652, 5.4)",
        ));
    }
    Ok(())
}
