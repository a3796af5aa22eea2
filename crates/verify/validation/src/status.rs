//! What is said about the status of a certificate, by sources that may be believed (EN 319 102-1, 5.2.6.4).

use crate::algorithms::{End, Used, end};
use crate::court::{Court, Purpose};
use evidence::ObjectRef;
use path::ValidatedPath;
use pkix::{Certificate, Reason};
use revocation::{Authority, Part, Source, Sources, Status};
use types::Time;

/// Responders whose own status is looked up may themselves be vouched for by others; this deep that is followed.
const DEEPEST: u8 = 2;

/// A statement that may be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// The source; of several that only together say anything, the first.
    pub(crate) source: ObjectRef,
    /// All sources it takes.
    pub(crate) sources: Vec<ObjectRef>,
    /// As of when it is said.
    pub(crate) this_update: Time,
    /// By when there will be news.
    pub(crate) next_update: Option<Time>,
    /// When it was said: an OCSP response may be produced later than what it says was known.
    pub(crate) told_at: Time,
    /// What is said.
    pub(crate) said: Said,
    /// Until when the algorithms of its signature are reliable.
    pub(crate) reliable_until: End,
}

/// What is said about a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// It was not revoked.
    Good,
    /// It was revoked, finally or on hold.
    Revoked {
        /// From then on it is not to be relied on.
        at: Time,
        /// Why, as written.
        reason: String,
        /// Whether it may be taken back.
        on_hold: bool,
    },
}

impl Statement {
    /// Whether its signature is reliable at a time.
    pub(crate) fn is_reliable(&self, at: Time) -> bool {
        match self.reliable_until {
            End::Open => true,
            End::At(end) => at < end,
            End::Never => false,
        }
    }
}

/// Everything that may be believed about the certificate at `index` of a path.
pub(crate) fn statements(court: &Court<'_>, path: &ValidatedPath, index: usize) -> Vec<Statement> {
    collect(court, path, index, 0)
}

fn collect(court: &Court<'_>, path: &ValidatedPath, index: usize, depth: u8) -> Vec<Statement> {
    let Some(certificate) = path.certificates().get(index) else { return Vec::new() };
    let material = &court.evidence.material;
    let sources =
        Sources { crls: &material.crls.items, ocsps: &material.ocsps.items, trusted_responders: &[] };
    let judged = revocation::judge(certificate, &path.issuer(index), &sources);
    let mut statements = Vec::new();
    for one in judged {
        let said = match &one.status {
            Status::Good => Said::Good,
            Status::Revoked(revocation) => Said::Revoked {
                // RFC 5280, 5.3.2: what the key signed since then may be somebody else's.
                at: revocation.invalidity_date.map_or(revocation.at, |since| since.min(revocation.at)),
                reason: revocation
                    .reason
                    .map_or_else(|| "unspecified".to_owned(), |reason| reason.to_string()),
                on_hold: revocation.reason == Some(Reason::CertificateHold),
            },
            Status::Unknown(_) | Status::NotApplicable(_) => continue,
        };
        // What speaks of a time before the certificate speaks of another one.
        if one.this_update < certificate.not_before() {
            continue;
        }
        let believed = one.parts.iter().all(|part| is_believed(court, path, part, one.this_update, depth));
        let all: Vec<ObjectRef> = one.parts.iter().map(|part| object(part.source)).collect();
        let (true, Some(source)) = (believed, all.first().copied()) else { continue };
        let ends = one.parts.iter().map(|part| reliable_until(court, part.source));
        statements.push(Statement {
            source,
            sources: all,
            this_update: one.this_update,
            next_update: one.next_update,
            told_at: one.produced_at.unwrap_or(one.this_update),
            said,
            reliable_until: ends.fold(End::Open, End::earlier),
        });
    }
    statements
}

fn object(source: Source) -> ObjectRef {
    match source {
        Source::Crl(id) => ObjectRef::Crl(id),
        Source::Ocsp { response, .. } => ObjectRef::Ocsp(response),
    }
}

/// Whether who vouches for a source may do so: the issuer's own key, or somebody with a path of their own at that time.
fn is_believed(court: &Court<'_>, path: &ValidatedPath, part: &Part<'_>, at: Time, depth: u8) -> bool {
    let (purpose, certificates) = match (&part.authority, part.source) {
        (None, _) => return false,
        (Some(Authority::Issuer | Authority::Anchor(_) | Authority::TrustedResponder(_)), _) => return true,
        (Some(Authority::Certificates(certificates)), Source::Crl(_)) => (Purpose::Crl, certificates),
        (Some(Authority::Certificates(certificates)), Source::Ocsp { .. }) => (Purpose::Ocsp, certificates),
    };
    certificates.iter().any(|certificate| {
        let outcome = court.path(certificate, purpose, at);
        let Some(own) = outcome.path() else { return false };
        // RFC 5280, 6.3.3 (f): the same trust anchor.
        let same_anchor = own.anchor().name() == path.anchor().name()
            && own.anchor().subject_public_key_info() == path.anchor().subject_public_key_info();
        same_anchor && !is_revoked(court, own, certificate, at, depth)
    })
}

/// Whether the certificate of who vouches was itself revoked by then. That nothing is known about it is no obstacle.
fn is_revoked(
    court: &Court<'_>,
    own: &ValidatedPath,
    certificate: &Certificate,
    at: Time,
    depth: u8,
) -> bool {
    if depth >= DEEPEST || own.is_directly_trusted() || certificate.extensions().ocsp_no_check {
        return false;
    }
    let said = collect(court, own, 0, depth + 1);
    said.iter().any(|one| matches!(one.said, Said::Revoked { at: revoked, .. } if revoked <= at))
}

fn reliable_until(court: &Court<'_>, source: Source) -> End {
    let material = &court.evidence.material;
    let signature = match source {
        Source::Crl(id) => {
            material.crls.items.get(id).map(|facts| (&facts.signature_algorithm, &facts.signature))
        }
        Source::Ocsp { response, .. } => {
            material.ocsps.items.get(response).map(|facts| (&facts.signature_algorithm, &facts.signature))
        }
    };
    let Some((Ok(algorithm), signers)) = signature else { return End::Never };
    let key = signers.key().and_then(|key| crypto::PublicKey::from_spki(key).ok());
    end(Used::Signature(algorithm, key.map(|key| key.algorithm)), court.policy)
}
