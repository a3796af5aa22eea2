//! What is said about the status of a certificate, by sources that may be believed (EN 319 102-1, 5.2.6.4).

use crate::algorithms::{End, Used, end};
use crate::court::{Court, Purpose};
use evidence::ObjectRef;
use path::ValidatedPath;
use pkix::{Certificate, KeyUsage, Reason};
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
    /// Until when it can be relied on without having existed before: the algorithms of its signature were weak from then
    /// on, or the key of who vouches for it was in the wrong hands.
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
    /// Whether its signature can be relied on if it existed at a time.
    pub(crate) fn is_reliable(&self, existed: Time) -> bool {
        match self.reliable_until {
            End::Open => true,
            End::At(end) => existed < end,
            End::Never => false,
        }
    }

    /// From when on the certificate is not to be relied on, if it says so.
    pub(crate) fn revoked_at(&self) -> Option<Time> {
        match self.said {
            Said::Revoked { at, .. } => Some(at),
            Said::Good => None,
        }
    }

    /// Whether it says that the certificate is revoked for good. That counts whenever it was said, and however weak its
    /// signature has become: nobody gains by it but who relies on the certificate.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self.said, Said::Revoked { on_hold: false, .. })
    }
}

/// Everything that may be believed about the certificate at `index` of a path.
pub(crate) fn statements(court: &Court<'_>, path: &ValidatedPath, index: usize) -> Vec<Statement> {
    collect(court, path, index, 0)
}

/// The keys of authorities of a path that were revoked, unless for a reason that leaves the key good (RFC 5280, 5.3.1).
pub(crate) fn distrusted_keys<'p>(court: &Court<'_>, path: &'p ValidatedPath) -> Vec<&'p [u8]> {
    let harmless = [Reason::AffiliationChanged, Reason::Superseded, Reason::CessationOfOperation];
    let harmless = harmless.map(|reason| reason.to_string());
    let is_bad = |one: &Statement| match &one.said {
        Said::Revoked { reason, .. } => !harmless.contains(reason),
        Said::Good => false,
    };
    let authorities = path.certificates().iter().enumerate().skip(1);
    authorities
        .filter(|(index, _)| statements(court, path, *index).iter().any(is_bad))
        .map(|(_, certificate)| certificate.subject_public_key_info())
        .collect()
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
        let vouched: Option<Vec<End>> = one
            .parts
            .iter()
            .map(|part| vouched_until(court, (path, index), part, one.this_update, depth))
            .collect();
        let all: Vec<ObjectRef> = one.parts.iter().map(|part| object(part.source)).collect();
        let (Some(vouched), Some(source)) = (vouched, all.first().copied()) else { continue };
        let ends = one.parts.iter().map(|part| reliable_until(court, part.source)).chain(vouched);
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

/// Until when who vouches for a source may do so: the issuer's own key, or somebody with a path of their own at that
/// time; `None` if nobody may. Who was revoked later may have signed it since, with any date: it must have existed before.
fn vouched_until(
    court: &Court<'_>,
    (path, index): (&ValidatedPath, usize),
    part: &Part<'_>,
    at: Time,
    depth: u8,
) -> Option<End> {
    let (purpose, certificates) = match (&part.authority, part.source) {
        (None, _) => return None,
        (Some(Authority::Issuer | Authority::TrustedResponder(_)), _) => return Some(End::Open),
        (Some(Authority::Anchor(signer)), _) => {
            let is_own = *signer.subject_public_key_info == *path.anchor().subject_public_key_info();
            return is_own.then_some(End::Open);
        }
        (Some(Authority::Certificates(certificates)), Source::Crl(_)) => (Purpose::Crl, certificates),
        (Some(Authority::Certificates(certificates)), Source::Ocsp { .. }) => (Purpose::Ocsp, certificates),
    };
    let ends = certificates.iter().filter_map(|certificate| {
        let outcome = court.path(certificate, purpose, at);
        let own = outcome.path()?;
        if is_circular(own, path, index) || !may_vouch(court, (own, certificate), (path, index), part.source)
        {
            return None;
        }
        // RFC 5280, 6.3.3 (f): the same trust anchor.
        let same_anchor = own.anchor().name() == path.anchor().name()
            && own.anchor().subject_public_key_info() == path.anchor().subject_public_key_info();
        let revoked = same_anchor.then(|| revoked_since(court, own, certificate, depth))?;
        match revoked {
            Some(since) if since <= at => None,
            Some(since) => Some(End::At(since)),
            None => Some(End::Open),
        }
    });
    ends.reduce(End::later)
}

/// Whether who vouches for the status of a certificate does so with the key of that very certificate, or owes its own place to
/// it.
fn is_circular(own: &ValidatedPath, path: &ValidatedPath, index: usize) -> bool {
    let judged = path.certificates().get(index).map(Certificate::subject_public_key_info);
    own.certificates().iter().any(|one| Some(one.subject_public_key_info()) == judged)
}

/// Whether a certificate may be that of who vouches. A responder signs with it. A CRL in the issuer's name is signed by
/// whom the issuer's key certified, or by whom its own superior did: anybody else could call an authority the same.
fn may_vouch(
    court: &Court<'_>,
    (own, certificate): (&ValidatedPath, &Certificate),
    (path, index): (&ValidatedPath, usize),
    source: Source,
) -> bool {
    let Source::Crl(id) = source else {
        let usage = certificate.extensions().key_usage;
        return usage.is_none_or(|usage| {
            usage.contains(KeyUsage::DIGITAL_SIGNATURE) || usage.contains(KeyUsage::CONTENT_COMMITMENT)
        });
    };
    let is_direct =
        court.evidence.material.crls.items.get(id).is_some_and(|crl| crl.issuer == *path.issuer(index).name);
    let certified_by = issuer_key(own, 0);
    !is_direct
        || certified_by == issuer_key(path, index)
        || certified_by == issuer_key(path, index.saturating_add(1))
}

/// The key that issued the certificate at `index` of a path, or that of the anchor beyond its end.
fn issuer_key(path: &ValidatedPath, index: usize) -> &[u8] {
    let issuer = path.certificates().get(index.saturating_add(1));
    issuer.map_or_else(|| path.anchor().subject_public_key_info(), Certificate::subject_public_key_info)
}

/// Since when the certificate of who vouches was itself revoked. That nothing is known about it is no obstacle.
fn revoked_since(
    court: &Court<'_>,
    own: &ValidatedPath,
    certificate: &Certificate,
    depth: u8,
) -> Option<Time> {
    if depth >= DEEPEST || own.is_directly_trusted() || certificate.extensions().ocsp_no_check {
        return None;
    }
    let said = collect(court, own, 0, depth + 1).into_iter();
    said.filter_map(|one| one.revoked_at()).min()
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
