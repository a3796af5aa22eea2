//! From the bytes of a signed manifest to a pack whose publisher is known.

use super::{MAX_SIGNED, PackRefusal};
use crate::{Input, Trust, Verified, verify};
use cms::{SignedData, Trailing};
use crypto::{DigestAlgorithm, PROVIDER};
use pkix::{AnchorRole, Certificate, TrustAnchor};
use records::PackRecord;
use types::{Budget, Limits, Resource, Time};
use validation::{Indication, Policy};

/// More certificates than any honest publisher's path has.
const MOST_CERTIFICATES: usize = 32;

/// Who may have signed.
#[derive(Clone, Copy, Debug)]
pub enum Known<'a> {
    /// The holder of a certificate with one of these digests (SHA-256, lower-case hexadecimal).
    Publishers(&'a [String]),
    /// Whoever signed: to look at a pack, never to use it.
    Anybody,
}

/// A manifest with a good signature.
#[derive(Clone, Debug)]
pub struct Pack {
    /// What the manifest says.
    pub record: PackRecord,
    /// The snapshot id: SHA-256 of the manifest, lower-case hexadecimal. It pins every byte of every content.
    pub snapshot: String,
    /// The certificate of who signed.
    pub publisher: Certificate,
}

/// What a pack is to the one that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A later version.
    Forward,
    /// The same.
    Same,
}

/// Opens a signed manifest: CMS SignedData with the manifest inside (CAdES B-B), signed with a certificate that `known`
/// allows and that is valid at the time `at`.
///
/// # Errors
/// `pack.too-large`, `pack.not-cms`, `pack.empty`, `pack.wrong-publisher`, `pack.signature`, or what is wrong with the
/// manifest.
pub fn open(signed: &[u8], known: Known<'_>, at: Time) -> Result<Pack, PackRefusal> {
    let (manifest, certificates) = parts(signed)?;
    judged(signed, &manifest, allowed(certificates, known)?, at)
}

/// Opens again what was opened before and kept where nobody else writes. It is judged as of when it was made, because
/// the certificate of its publisher may have ended since.
///
/// # Errors
/// As [`open`], but for the publisher.
pub fn open_again(signed: &[u8]) -> Result<Pack, PackRefusal> {
    let (manifest, certificates) = parts(signed)?;
    let made = PackRecord::from_json(&manifest)?.issued.parse().map_err(|_| unsigned())?;
    judged(signed, &manifest, certificates, made)
}

/// One signature, few certificates: whatever asks for more is no pack.
const LIMITS: Limits = Limits::STANDARD
    .with(Resource::Signatures, 4)
    .with(Resource::SignatureChecks, 64)
    .with(Resource::PathSteps, 10_000)
    .with(Resource::Steps, 1_000_000);

/// The manifest as signed, and the certificates beside the signature; nothing is judged yet.
fn parts(signed: &[u8]) -> Result<(Vec<u8>, Vec<Certificate>), PackRefusal> {
    if signed.len() as u64 > MAX_SIGNED {
        let reason = format!("the signed manifest has more than {MAX_SIGNED} bytes");
        return Err(PackRefusal::new("pack.too-large", reason, "this is no trust pack; do not use it"));
    }
    let data = SignedData::parse(signed, &mut Budget::new(LIMITS)).map_err(|error| {
        let hint = "name the folder or address that holds pack.p7m, and copy it whole";
        PackRefusal::new("pack.not-cms", format!("pack.p7m is no CMS: {error}"), hint)
    })?;
    let manifest = data.content.content.as_ref().filter(|_| data.content.content_type == cms::oid::DATA);
    let (Some(manifest), Trailing::None) = (manifest, &data.trailing) else { return Err(unsigned()) };
    let certificates = data.certificates().take(MOST_CERTIFICATES);
    let certificates = certificates.filter_map(|encoded| Certificate::from_der(encoded.bytes).ok());
    Ok((manifest.to_vec(), certificates.collect()))
}

fn unsigned() -> PackRefusal {
    let reason = "the signature is not one around a manifest and nothing else";
    PackRefusal::new("pack.empty", reason, "ask the publisher for a whole pack")
}

fn judged(signed: &[u8], manifest: &[u8], allowed: Vec<Certificate>, at: Time) -> Result<Pack, PackRefusal> {
    let anchors = allowed.into_iter().map(TrustAnchor::from_certificate);
    let trust = Trust {
        anchors: anchors.map(|anchor| anchor.with_role(AnchorRole::EndEntity)).collect(),
        ..Trust::default()
    };
    let publisher = signer(signed, &trust, at)?;
    let record = PackRecord::from_json(manifest)?;
    Ok(Pack { record, snapshot: sha256(manifest), publisher })
}

impl Pack {
    /// SHA-256 of the certificate that signed, lower-case hexadecimal.
    pub fn publisher_digest(&self) -> String {
        sha256(self.publisher.der())
    }

    /// Whether this pack may take the place of the one that is `there`, whose publishers it was opened with.
    ///
    /// # Errors
    /// `pack.other-name`, `pack.roll-back`, `pack.two-with-one-number`.
    pub fn follow(&self, there: &Pack) -> Result<Step, PackRefusal> {
        let (new, old) = (&self.record, &there.record);
        if new.name != old.name {
            let reason = format!("the pack is {:?}, not {:?}", new.name, old.name);
            return Err(PackRefusal::new("pack.other-name", reason, "install it as a pack of its own"));
        }
        if new.sequence < old.sequence {
            let reason =
                format!("the pack has number {}, older than {} which is there", new.sequence, old.sequence);
            let hint = "somebody may be holding back newer contents; get the latest pack of the publisher";
            return Err(PackRefusal::new("pack.roll-back", reason, hint));
        }
        if self.snapshot == there.snapshot {
            return Ok(Step::Same);
        }
        if new.sequence == old.sequence {
            let reason = format!("there is another pack with number {} already", new.sequence);
            let hint = "the publisher gave out two packs under one number; ask which one counts";
            return Err(PackRefusal::new("pack.two-with-one-number", reason, hint));
        }
        Ok(Step::Forward)
    }
}

/// Those of the certificates that belong to a publisher.
fn allowed(certificates: Vec<Certificate>, known: Known<'_>) -> Result<Vec<Certificate>, PackRefusal> {
    let Known::Publishers(publishers) = known else { return Ok(certificates) };
    let (allowed, others): (Vec<_>, Vec<_>) =
        certificates.into_iter().partition(|certificate| publishers.contains(&sha256(certificate.der())));
    if !allowed.is_empty() {
        return Ok(allowed);
    }
    let found = others.first().map_or("nobody's certificate".to_owned(), |certificate| {
        format!("{} (SHA-256 {})", certificate.subject(), sha256(certificate.der()))
    });
    Err(PackRefusal::new(
        "pack.wrong-publisher",
        format!("the pack is signed by {found}, who is none of its publishers"),
        "compare the SHA-256 with the publisher; only then allow it with --publisher",
    ))
}

/// Who signed, if that is one of the anchors and everything about the signature holds.
fn signer(signed: &[u8], trust: &Trust, at: Time) -> Result<Certificate, PackRefusal> {
    let refused = |reason: String| {
        let hint = "do not use this pack; get it again from its publisher";
        PackRefusal::new("pack.signature", format!("the signature of the pack does not hold: {reason}"), hint)
    };
    let policy = Policy::built_in("personal").ok_or_else(|| refused("there is no policy".to_owned()))?;
    let source = signed.to_vec();
    let Verified { evidence, verdict } = verify(&Input::new(&source), trust, &policy, at, LIMITS)
        .map_err(|malformed| refused(malformed.to_string()))?;
    let ([signature], [judged]) = (evidence.signatures.as_slice(), verdict.signatures.as_slice()) else {
        return Err(refused(format!("it has {} signatures, not one", evidence.signatures.len())));
    };
    if judged.indication != Indication::TotalPassed {
        let why = judged.sub_indication.map_or("", |sub_indication| sub_indication.as_str());
        return Err(refused(format!("{} {why}", judged.indication.as_str())));
    }
    let signer = signature.signed_data.as_ref().ok().and_then(|facts| facts.signer.as_ref());
    let signer = signer.filter(|signer| trust.anchors.iter().any(|anchor| anchor.is(&signer.certificate)));
    signer.map(|signer| signer.certificate.clone()).ok_or_else(|| refused("its signer is unknown".to_owned()))
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    PROVIDER.digest(DigestAlgorithm::Sha256, bytes).hex()
}
