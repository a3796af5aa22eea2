//! From a manifest and a publisher's key to the signed manifest.

use super::PackRefusal;
use super::open::sha256;
use cms::{BuildError, Profile, SignedAttributesBuilder, SignedDataBuilder, SignerCertificate};
use crypto::{PROVIDER, Signer};
use pkix::Certificate;
use records::PackRecord;
use types::Time;

/// Signs the manifest (CAdES B-B, enveloping) with the certificate that comes first; the others complete its path.
/// `claimed` is what the clock says. The signer must be among the publishers of the manifest.
///
/// # Errors
/// `pack.not-a-publisher`, `pack.signing`, or what is wrong with the manifest.
pub fn sign(
    record: PackRecord,
    certificates: &[Certificate],
    claimed: Time,
    signer: &dyn Signer,
) -> Result<Vec<u8>, PackRefusal> {
    let hint = "use another identity";
    let failed = |reason: String| PackRefusal::new("pack.signing", reason, hint);
    let record = record.finished()?;
    let own = certificates.first().ok_or_else(|| failed("there is no certificate".to_owned()))?;
    if !record.publishers.contains(&sha256(own.der())) {
        let reason = format!("{} is none of the publishers that the manifest names", own.subject());
        return Err(PackRefusal::new("pack.not-a-publisher", reason, hint));
    }
    let certificate =
        SignerCertificate::read(own.der(), PROVIDER).map_err(|malformed| failed(malformed.to_string()))?;
    envelop(&record.to_json(), &certificate, certificates, claimed, signer)
        .map_err(|error| failed(error.to_string()))
}

fn envelop(
    manifest: &[u8],
    certificate: &SignerCertificate,
    certificates: &[Certificate],
    claimed: Time,
    signer: &dyn Signer,
) -> Result<Vec<u8>, BuildError> {
    let algorithm = signer.algorithm();
    let digest = PROVIDER.digest(cms::content_digest_algorithm(&algorithm), manifest);
    let attributes = SignedAttributesBuilder::new(Profile::Cades, &digest, &algorithm, certificate)?
        .signing_time(claimed)?
        .algorithm_protection()?
        .build();
    let builder = SignedDataBuilder::new(certificate, &algorithm)?.encapsulate(manifest);
    let mut others = certificates.iter().skip(1);
    let builder = others.try_fold(builder, |builder, other| builder.certificate(other.der()))?;
    let value = signer.sign(attributes.to_be_signed()).map_err(BuildError::Signer)?;
    builder.assemble(&attributes, &value)
}
