//! People, documents and files to measure with.

use anyhow::{Result, bail};
use std::path::Path;
use testkit::{Authority, Person, Style, document};
use types::{Limits, Time};
use undersign::signing::SigningRequest;
use undersign::validation::{Indication, Policy};
use undersign::{Input, Trust, Verified, pdf, pkix::Certificate, pkix::TrustAnchor};

/// The time of all judgements.
pub const NOW: Time = Time::from_unix(1_795_000_000);

/// A document of 27 KB with three pages.
pub fn document_27_kb() -> Vec<u8> {
    let bare = document(Style::Table, 3, 0).len();
    document(Style::Table, 3, 27_000 - bare - 5)
}

/// Who signs, and whom one has to trust for it.
pub struct Party {
    /// The signer.
    pub person: Person,
    /// The root of the signer's certificate; that itself if self-signed.
    pub root: Certificate,
}

impl Party {
    /// With a certificate of their own making.
    pub fn alone() -> Party {
        let person = Person::self_signed("Ada Example", crypto::KeyAlgorithm::Ec(crypto::Curve::P256));
        let root = person.certificate.clone();
        Party { person, root }
    }

    /// With a certificate of an authority under a root.
    pub fn certified() -> Party {
        let root = Authority::root("Example Root");
        let authority = root.subordinate("Example Issuing CA");
        let person = authority.person("Ada Example", crypto::KeyAlgorithm::Ec(crypto::Curve::P256));
        Party { person, root: root.certificate }
    }

    /// What is asked for when signing, with the field named.
    pub fn request(&self, field: &str) -> SigningRequest {
        let algorithm = crypto::Signer::algorithm(&self.person.signer);
        let mut request = SigningRequest::new(self.person.certificates(), algorithm, [7; 32]);
        request.signature.claimed_time = Some(pdf::signature::ClaimedTime { time: NOW, offset_minutes: 0 });
        request.signature.field = pdf::signature::FieldChoice::New { name: Some(field.to_owned()) };
        request
    }

    /// `document` with a signature in a new field.
    pub fn signed(&self, mut document: Vec<u8>, field: &str) -> Result<Vec<u8>> {
        let request = self.request(field);
        let signed = undersign::sign(&document, None, &request, &self.person.signer, Limits::STANDARD)?;
        document.extend(&signed.tail);
        Ok(document)
    }

    /// Trust in the root that remembers at most `links` verified certificate signatures.
    pub fn trust(&self, links: usize) -> Trust {
        Trust {
            anchors: vec![TrustAnchor::from_certificate(self.root.clone())],
            links: path::VerifiedLinks::with_capacity(links).into(),
            ..Trust::default()
        }
    }

    /// Writes the root as PEM.
    pub fn write_root(&self, place: &Path) -> Result<()> {
        Ok(std::fs::write(place, pem(self.root.der()))?)
    }
}

/// A certificate as PEM (RFC 7468).
fn pem(der: &[u8]) -> String {
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in base64(der).as_bytes().chunks(64) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text.push_str("-----END CERTIFICATE-----\n");
    text
}

fn base64(bytes: &[u8]) -> String {
    use base64ct::{Base64, Encoding};
    Base64::encode_string(bytes)
}

/// Verifies and insists that nothing failed: what is measured is the way to a good end.
pub fn verify(source: &dyn types::Source, trust: &Trust) -> Result<Verified> {
    let verified = undersign::verify(&Input::new(source), trust, policy(), NOW, Limits::STANDARD)?;
    if verified.verdict.signatures.iter().any(|verdict| verdict.indication == Indication::TotalFailed) {
        bail!("a signature that was just made fails");
    }
    Ok(verified)
}

/// Judges at a time and insists that everything passes.
pub fn judge(source: &dyn types::Source, trust: &Trust, at: Time) -> Result<Verified> {
    let verified = undersign::verify(&Input::new(source), trust, policy(), at, LIMITS)?;
    let verdicts = &verified.verdict.signatures;
    if verdicts.is_empty() || verdicts.iter().any(|one| one.indication != Indication::TotalPassed) {
        bail!("a signature does not pass that should");
    }
    Ok(verified)
}

/// The limits of all judgements.
pub const LIMITS: Limits = Limits::STANDARD;

/// The policy, read once.
pub fn policy() -> &'static Policy {
    static POLICY: std::sync::OnceLock<Policy> = std::sync::OnceLock::new();
    POLICY.get_or_init(Policy::standard)
}
