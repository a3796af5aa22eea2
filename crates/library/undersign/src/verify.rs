//! From bytes to a verdict in one call.

use evidence::{Context, Evidence};
use path::VerifiedLinks;
use pdf::Document;
use pkix::{Certificate, TrustAnchor};
use types::{Budget, Limits, Malformed, Source, Time};
use validation::{Policy, Verdict};

/// Who is trusted, and what else is at hand.
#[derive(Debug, Default)]
pub struct Trust {
    /// Trusted.
    pub anchors: Vec<TrustAnchor>,
    /// Trusted for nothing, used to complete certification paths.
    pub certificates: Vec<Certificate>,
    /// CRLs at hand, DER.
    pub crls: Vec<Vec<u8>>,
    /// OCSP responses at hand, DER.
    pub ocsps: Vec<Vec<u8>>,
    /// Certificate signatures already verified; use one `Trust` for a whole batch to profit.
    pub links: VerifiedLinks,
}

/// What a verification found and what follows.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What was found.
    pub evidence: Evidence,
    /// What follows.
    pub verdict: Verdict,
}

/// Verifies every signature of a PDF at the time `at`.
///
/// An error means that the file could not be read as a PDF, or not within the limits; what is wrong with single
/// signatures is part of the verdict.
pub fn verify(
    source: &dyn Source,
    password: Option<&[u8]>,
    trust: &Trust,
    policy: &Policy,
    at: Time,
    limits: Limits,
) -> Result<Verified, Malformed> {
    let mut budget = Budget::new(limits);
    let document = Document::open(source, password, &mut budget)?;
    let context = Context {
        anchors: &trust.anchors,
        certificates: &trust.certificates,
        crls: &trust.crls,
        ocsps: &trust.ocsps,
        provider: crypto::PROVIDER,
        links: &trust.links,
    };
    let evidence = evidence::collect_pdf(&document, &context, &mut budget)?;
    let verdict = validation::validate(&evidence, policy, at);
    Ok(Verified { evidence, verdict })
}
