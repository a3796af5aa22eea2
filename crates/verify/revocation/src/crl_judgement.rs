//! What CRLs say about a certificate, alone and together (RFC 5280, 5.2.4 and 6.3.3).

use crate::authority::{self, Authority};
use crate::crl_facts::{CrlFacts, ListingFacts, Lookup, names_crl_issuer};
use crate::scope::coverage;
use crate::statement::{Doubt, Part, Source, Statement, Status, good};
use path::Issuer;
use pkix::{Certificate, Reason, ReasonFlags, Revocation, Weight};
use types::Time;

/// A CRL that can be relied on and is about the certificate.
struct Usable<'a> {
    index: usize,
    facts: &'a CrlFacts,
    reasons: ReasonFlags,
    authority: Authority<'a>,
    entry: Option<Revocation>,
}

/// A complete CRL with the delta CRL that updates it.
struct Updated<'u, 'a> {
    base: &'u Usable<'a>,
    delta: Option<&'u Usable<'a>>,
}

pub(crate) fn judge_crls<'a>(
    certificate: &Certificate,
    issuer: &Issuer<'_>,
    crls: &'a [CrlFacts],
) -> Vec<Statement<'a>> {
    let (mut complete, mut deltas, mut statements) = (Vec::new(), Vec::new(), Vec::new());
    let concerned = |facts: &CrlFacts| {
        facts.issuer == *certificate.issuer() || names_crl_issuer(certificate, &facts.issuer)
    };
    for (index, facts) in crls.iter().enumerate().filter(|(_, facts)| concerned(facts)) {
        match usable(certificate, issuer, index, facts) {
            Ok(crl) if facts.delta_base.is_some() => deltas.push(crl),
            Ok(crl) => complete.push(crl),
            Err(status) => statements.push(alone(index, facts, None, status)),
        }
    }
    let updated: Vec<Updated<'_, 'a>> =
        complete.iter().map(|base| Updated { base, delta: newest_delta(base, &deltas) }).collect();
    for delta in &deltas {
        let used = updated.iter().any(|one| one.delta.is_some_and(|used| used.index == delta.index));
        if !used {
            let status = match delta.entry {
                Some(entry) if !is_taken_back(&entry) => Status::Revoked(entry),
                _ => Status::Unknown(Doubt::DeltaWithoutBase),
            };
            statements.push(alone(delta.index, delta.facts, Some(delta.authority.clone()), status));
        }
    }
    judge_updated(certificate, &updated, &mut statements);
    statements.sort_by_key(|statement| statement.parts.first().map(|part| part.source));
    statements
}

/// Whether the CRL is in scope and can be relied on; if not, what there is to say instead.
fn usable<'a>(
    certificate: &Certificate,
    issuer: &Issuer<'_>,
    index: usize,
    facts: &'a CrlFacts,
) -> Result<Usable<'a>, Status> {
    if let Some(fault) = facts.irregularities.iter().find(|one| one.weight == Weight::Fault) {
        return Err(Status::Unknown(Doubt::Faulty(fault.clone())));
    }
    if let Some(oid) = facts.unknown_critical.first() {
        return Err(Status::Unknown(Doubt::UnknownCriticalExtension(*oid)));
    }
    let reasons = coverage(certificate, facts).map_err(Status::NotApplicable)?;
    let authority = authority::of_crl(facts, issuer).map_err(Status::Unknown)?;
    match &facts.listing {
        ListingFacts::Malformed(reason) => return Err(Status::Unknown(Doubt::Malformed(reason.clone()))),
        ListingFacts::Read { unknown_critical, .. } => {
            if let Some(oid) = unknown_critical.first() {
                return Err(Status::Unknown(Doubt::UnknownCriticalExtension(*oid)));
            }
        }
        ListingFacts::NotRead => {}
    }
    let entry = match facts.listing.look_up(certificate) {
        Lookup::Undetermined => return Err(Status::Unknown(Doubt::NotLookedUp)),
        Lookup::Absent => None,
        Lookup::Listed(entry) => Some(entry),
    };
    if facts.delta_base.is_none() && entry.as_ref().is_some_and(is_taken_back) {
        return Err(Status::Unknown(Doubt::TakenBackInCompleteCrl));
    }
    Ok(Usable { index, facts, reasons, authority, entry })
}

fn is_taken_back(entry: &Revocation) -> bool {
    entry.reason == Some(Reason::RemoveFromCrl)
}

/// The newest delta CRL that may be combined with a complete one (RFC 5280, 5.2.4): same issuer, scope and key; the
/// complete one is not older than the base of the delta CRL, and not newer than the delta CRL.
fn newest_delta<'u, 'a>(base: &Usable<'a>, deltas: &'u [Usable<'a>]) -> Option<&'u Usable<'a>> {
    let number = base.facts.number.as_ref()?;
    let fits = |delta: &&Usable<'a>| {
        delta.facts.issuer == base.facts.issuer
            && delta.facts.scope == base.facts.scope
            && delta.facts.signature.key() == base.facts.signature.key()
            && delta.facts.delta_base.as_ref().is_some_and(|from| from <= number)
            && delta.facts.number.as_ref().is_some_and(|to| number <= to)
            && delta.facts.this_update >= base.facts.this_update
    };
    deltas.iter().filter(fits).max_by(|one, other| one.facts.number.cmp(&other.facts.number))
}

impl<'a> Updated<'_, 'a> {
    /// The revocation after the update. A hold that is taken back is none; another revocation cannot be taken back, it
    /// may only leave the list as the certificate expires (RFC 5280, 5.3.1).
    fn entry(&self) -> Option<Revocation> {
        let before = self.base.entry;
        match self.delta.and_then(|delta| delta.entry) {
            None => before,
            Some(entry) if is_taken_back(&entry) => {
                before.filter(|before| before.reason != Some(Reason::CertificateHold))
            }
            Some(entry) => Some(entry),
        }
    }

    /// The CRL whose times count.
    fn latest(&self) -> &Usable<'a> {
        self.delta.unwrap_or(self.base)
    }

    fn covers_expired_since(&self) -> Option<Time> {
        let base = self.base.facts.expired_certs_on_crl?;
        match self.delta {
            None => Some(base),
            Some(delta) => delta.facts.expired_certs_on_crl.map(|since| since.max(base)),
        }
    }

    fn parts(&self) -> impl Iterator<Item = Part<'a>> {
        [Some(self.base), self.delta]
            .into_iter()
            .flatten()
            .map(|crl| Part { source: Source::Crl(crl.index), authority: Some(crl.authority.clone()) })
    }
}

fn judge_updated<'a>(
    certificate: &Certificate,
    updated: &[Updated<'_, 'a>],
    statements: &mut Vec<Statement<'a>>,
) {
    let mut partial: Vec<&Updated<'_, 'a>> = Vec::new();
    for one in updated {
        let status = match one.entry() {
            Some(entry) => Status::Revoked(entry),
            None if one.base.reasons.is_complete() => {
                good(certificate, one.latest().facts.this_update, one.covers_expired_since())
            }
            None => {
                partial.push(one);
                continue;
            }
        };
        statements.push(together(&[one], status));
    }
    // Of several lists for the same reasons the newest counts.
    partial.sort_by_key(|one| std::cmp::Reverse(one.latest().facts.this_update));
    let (mut covered, mut chosen) = (ReasonFlags::NONE, Vec::new());
    for one in &partial {
        let more = covered.union(one.base.reasons);
        if more != covered {
            (covered, chosen) = (more, [chosen, vec![*one]].concat());
        }
    }
    if covered.is_complete() {
        let oldest = chosen.iter().map(|one| one.latest().facts.this_update).min();
        let since: Option<Vec<Time>> = chosen.iter().map(|one| one.covers_expired_since()).collect();
        let since = since.and_then(|all| all.into_iter().max());
        if let Some(oldest) = oldest {
            statements.push(together(&chosen, good(certificate, oldest, since)));
        }
    } else {
        let doubt =
            |one: &&Updated<'_, 'a>| together(&[*one], Status::Unknown(Doubt::ReasonsIncomplete(covered)));
        statements.extend(partial.iter().map(doubt));
    }
}

fn together<'a>(updated: &[&Updated<'_, 'a>], status: Status) -> Statement<'a> {
    let latest = || updated.iter().map(|one| one.latest().facts);
    let since: Option<Vec<Time>> = updated.iter().map(|one| one.covers_expired_since()).collect();
    Statement {
        status,
        parts: updated.iter().flat_map(|one| one.parts()).collect(),
        this_update: latest().map(|facts| facts.this_update).min().unwrap_or(Time::from_unix(0)),
        next_update: latest().filter_map(|facts| facts.next_update).min(),
        produced_at: None,
        covers_expired_since: since.and_then(|all| all.into_iter().max()),
    }
}

fn alone<'a>(
    index: usize,
    facts: &'a CrlFacts,
    authority: Option<Authority<'a>>,
    status: Status,
) -> Statement<'a> {
    Statement {
        status,
        parts: vec![Part { source: Source::Crl(index), authority }],
        this_update: facts.this_update,
        next_update: facts.next_update,
        produced_at: None,
        covers_expired_since: facts.expired_certs_on_crl,
    }
}
