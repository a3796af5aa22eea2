//! What stands in a CMS outside the signature and must agree with it: otherwise the file was altered, or its maker erred.

use crate::facts::FormatFault;
use cms::{SignedData, SignerIdentifier, SignerInfo, Trailing, oid};

/// Checks the unsigned parts of a signature in a PDF. They carry no meaning of their own, so a change could do no harm;
/// but nothing in a signed file may be changed unnoticed.
pub(super) fn check_envelope(
    signed_data: &SignedData<'_>,
    info: &SignerInfo<'_>,
    sub_filter: &[u8],
) -> Result<(), FormatFault> {
    let broken = |reason: &str| Err(FormatFault { reason: reason.into(), recognised: false });
    if matches!(signed_data.trailing, Trailing::Other(_)) {
        return broken(
            "other bytes than zeros follow the signature value in its place (ISO 32000-2, 12.8.1)",
        );
    }
    if !matches!(signed_data.version, 1 | 3 | 4 | 5) {
        return broken("the version of the signed data is none that exists (RFC 5652, 5.1)");
    }
    let version = match info.signer {
        SignerIdentifier::IssuerAndSerialNumber { .. } => 1,
        SignerIdentifier::SubjectKeyIdentifier(_) => 3,
    };
    if info.version != version {
        return broken(
            "the version of the signer does not go with how the certificate is named (RFC 5652, 5.3)",
        );
    }
    if !signed_data.digest_algorithms.contains(&info.digest_algorithm) {
        return broken("the signer's digest algorithm is not among those announced (RFC 5652, 5.1)");
    }
    let content_type = &signed_data.content.content_type;
    let detached = matches!(sub_filter, b"ETSI.CAdES.detached" | b"adbe.pkcs7.detached");
    if detached && *content_type != oid::DATA {
        return broken("the content type is not data (ISO 32000-2, 12.8.3.3)");
    }
    if detached && signed_data.content.content.is_some() {
        return broken("the CMS holds content of its own beside the signed bytes (ISO 32000-2, 12.8.3.3.1)");
    }
    let named = info.signed_attributes.as_ref().and_then(|attributes| attributes.content_type.as_ref());
    if named.is_some_and(|named| named != content_type) {
        return broken("the signed content type is another than that of the content (RFC 5652, 11.1)");
    }
    Ok(())
}
