//! What CRLs and OCSP responses say about certificates (RFC 5280, 6.3; RFC 6960; ETSI EN 319 102-1, 5.2.5).
//!
//! Two steps. [`crl_facts`] and [`ocsp_facts`] do all cryptography once and keep what judgement needs, so that the
//! bytes may go: [`CrlFacts`], [`OcspFacts`]. [`judge`] is pure and total: a certificate, its issuer and facts in,
//! [`Statement`]s out. A statement says what a source (or a set of CRLs that only together say anything) tells about
//! the certificate and who vouches for it; whether those are themselves to be trusted ([`Authority`]), and whether the
//! statement is recent enough ([`freshness`], [`Statement::is_current`]), is the caller's question.

mod at_hand;
mod authority;
mod crl_facts;
mod crl_judgement;
mod freshness;
mod ocsp_facts;
mod ocsp_judgement;
mod scope;
mod signer;
mod statement;

pub use at_hand::{AtHand, Origin};
pub use authority::Authority;
pub use crl_facts::{CrlFacts, ListingFacts, Lookup, crl_facts};
pub use freshness::{Freshness, freshness};
pub use ocsp_facts::{Concern, OcspFacts, SingleFacts, ocsp_facts};
pub use scope::coverage;
pub use signer::{SignatureFacts, SourceSigner};
pub use statement::{Doubt, Exemption, Mismatch, Part, Source, Statement, Status, exemption};

use path::Issuer;
use pkix::{Certificate, TrustAnchor};

/// Everything that may say something about a certificate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sources<'a> {
    /// Facts about CRLs.
    pub crls: &'a [CrlFacts],
    /// Facts about OCSP responses.
    pub ocsps: &'a [OcspFacts],
    /// OCSP responders that are trusted by local configuration (RFC 6960, 4.2.2.2, 1).
    pub trusted_responders: &'a [TrustAnchor],
}

/// What the sources say about `certificate`, issued by `issuer` (see [`path::ValidatedPath::issuer`]). Sources that
/// concern others are left out; the order is that of the sources, CRLs first. Contradictions stay: the caller weighs
/// them, with a [`Status::Revoked`] outweighing what is older.
pub fn judge<'a>(
    certificate: &Certificate,
    issuer: &Issuer<'_>,
    sources: &Sources<'a>,
) -> Vec<Statement<'a>> {
    let mut statements = crl_judgement::judge_crls(certificate, issuer, sources.crls);
    statements.extend(ocsp_judgement::judge_ocsps(certificate, issuer, sources));
    statements
}
