//! Where a file stands, what it needs next, and until when.

use crate::deadline;
use crate::need::{IssuerKey, Need, StatusNeed, Values};
use evidence::{Covers, Evidence, Kind, ObjectRef, SignatureId, TokenId};
use pkix::{Certificate, oid};
use std::collections::BTreeSet;
use std::fmt;
use types::Time;
use validation::{Indication, PathUsed, StatusUsed, SubIndication, Verdict};

/// How far a signature has matured; that of a file is the least of its signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The signature is wrong; nothing will mend it.
    Failed,
    /// The certificate ended before the signature was proven to exist; nothing will mend it.
    Lapsed,
    /// B-B: nothing independent proves when it was made.
    Signed,
    /// B-T: a timestamp says that it existed at a time.
    Timed,
    /// B-LT: the file holds the status of every certificate, as it was told after that time.
    LongTerm,
    /// B-LTA: a later timestamp covers all of that.
    Archived,
}

impl Stage {
    /// The word of reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Failed => "failed",
            Stage::Lapsed => "lapsed",
            Stage::Signed => "signed",
            Stage::Timed => "timed",
            Stage::LongTerm => "long-term",
            Stage::Archived => "archived",
        }
    }
}

/// What stands between a signature and its goal that no answer from outside changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// There is no signature in the file.
    NothingSigned,
    /// The signature is wrong.
    Failed {
        /// Field or number of the signature.
        signature: String,
        /// The sub-indication.
        why: &'static str,
    },
    /// The certificate ended unproven.
    Lapsed {
        /// Field or number of the signature.
        signature: String,
        /// When the certificate ended.
        ended: Time,
    },
    /// No path leads from the certificate to a trust anchor, and the certificate does not say where its issuer's is.
    Untrusted {
        /// Its subject.
        certificate: String,
    },
}

impl fmt::Display for Hindrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hindrance::NothingSigned => f.write_str("there is no signature in it"),
            Hindrance::Failed { signature, why } => write!(f, "the signature {signature} has failed ({why})"),
            Hindrance::Lapsed { signature, ended } => write!(
                f,
                "the certificate of the signature {signature} ended on {ended} before anything proved the signature"
            ),
            Hindrance::Untrusted { certificate } => {
                write!(f, "no path leads from {certificate} to a trust anchor")
            }
        }
    }
}

/// Where a file stands and what it needs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// How far it has matured.
    pub stage: Stage,
    /// What it needs next towards the goal: a timestamp alone, or words from outside, or values from at hand. Empty if the
    /// goal is reached or out of reach.
    pub needs: Vec<Need>,
    /// The signatures that need the timestamp, if one is needed; in a PDF one serves all.
    pub unstamped: Vec<SignatureId>,
    /// Until when what it needs next must be there; for an archived file, until when it must be renewed.
    pub deadline: Option<Time>,
    /// Why single signatures will not get further.
    pub hindrances: Vec<Hindrance>,
}

/// Looks at a verdict under the policy and the trust of whoever keeps the file. `renew_before`: an archived file whose
/// newest timestamp ends before this is to be renewed.
pub fn outlook(evidence: &Evidence, verdict: &Verdict, goal: Stage, renew_before: Option<Time>) -> Outlook {
    let court = View { evidence, verdict };
    let of_people = evidence.signatures.iter().enumerate().filter(|(_, one)| one.kind == Kind::Signature);
    let of_people: Vec<SignatureId> = of_people.map(|(id, _)| id).collect();
    let all: Vec<One> = of_people.iter().map(|id| court.one(*id, goal, renew_before)).collect();
    if all.is_empty() {
        return Outlook {
            stage: Stage::Failed,
            needs: Vec::new(),
            unstamped: Vec::new(),
            deadline: None,
            hindrances: vec![Hindrance::NothingSigned],
        };
    }
    Outlook {
        stage: all.iter().map(|one| one.stage).min().unwrap_or(Stage::Failed),
        deadline: all.iter().filter_map(|one| one.deadline).min(),
        hindrances: all.iter().filter_map(|one| one.hindrance.clone()).collect(),
        unstamped: unstamped(&of_people, &all),
        needs: together(all),
    }
}

/// One signature of the file.
struct One {
    stage: Stage,
    needs: Vec<Need>,
    deadline: Option<Time>,
    hindrance: Option<Hindrance>,
}

/// Who needs a timestamp now: first those that have none, and only then those that need one over what was told.
fn unstamped(ids: &[SignatureId], all: &[One]) -> Vec<SignatureId> {
    let needing = |stamped: bool| -> Vec<SignatureId> {
        let all = ids.iter().zip(all);
        let needing = all.filter(|(_, one)| {
            (one.stage >= Stage::Timed) == stamped && one.needs.contains(&Need::Timestamp)
        });
        needing.map(|(id, _)| *id).collect()
    };
    let first = needing(false);
    if first.is_empty() { needing(true) } else { first }
}

/// A timestamp serves all, and comes before everything that is told after it; values go into the file together, once
/// everything that has to be told was.
fn together(all: Vec<One>) -> Vec<Need> {
    let mut told = Vec::new();
    let mut values = Values::default();
    let mut timestamp = false;
    for need in all.into_iter().flat_map(|one| one.needs) {
        match need {
            Need::Timestamp => timestamp = true,
            Need::Values(more) => values.add(more),
            other if !told.contains(&other) => told.push(other),
            _ => {}
        }
    }
    match () {
        () if timestamp => vec![Need::Timestamp],
        () if !told.is_empty() => told,
        () if !values.is_empty() => vec![Need::Values(values)],
        () => Vec::new(),
    }
}

/// The evidence with what was found about it.
struct View<'a> {
    evidence: &'a Evidence,
    verdict: &'a Verdict,
}

/// A path whose certificates' status must be told no earlier than `after`.
struct Demand<'a> {
    path: &'a PathUsed,
    after: Time,
    /// Until when the algorithms of what was signed by it are reliable.
    reliable_until: Option<Time>,
}

impl View<'_> {
    fn one(&self, id: SignatureId, goal: Stage, renew_before: Option<Time>) -> One {
        let (Some(signature), Some(verdict)) =
            (self.evidence.signatures.get(id), self.verdict.signatures.get(id))
        else {
            return stuck(Stage::Failed, Hindrance::NothingSigned);
        };
        if verdict.indication == Indication::TotalFailed {
            let why = verdict.sub_indication.map_or("", |sub_indication| sub_indication.as_str());
            return stuck(Stage::Failed, Hindrance::Failed { signature: signature.field.clone(), why });
        }
        let signer = signature.signed_data.as_ref().ok().and_then(|facts| facts.signer.as_ref());
        let ended = signer.map(|signer| signer.certificate.not_after());
        let Some((time, token)) = self.first_over(ObjectRef::Signature(id)) else {
            if let Some(ended) = ended.filter(|ended| *ended < self.verdict.at) {
                let signature = signature.field.clone();
                return stuck(Stage::Lapsed, Hindrance::Lapsed { signature, ended });
            }
            let needs = if goal > Stage::Signed { vec![Need::Timestamp] } else { Vec::new() };
            let deadline = self.deadline(verdict.path.as_ref(), verdict.reliable_until).or(ended);
            return One { stage: Stage::Signed, needs, deadline, hindrance: None };
        };
        let Some(path) = &verdict.path else {
            return self.without_path(signer.map(|signer| &signer.certificate), goal);
        };
        let mut demands = vec![Demand { path, after: time, reliable_until: verdict.reliable_until }];
        demands.extend(self.demand_of(token));
        self.proven(&demands, token, goal, renew_before)
    }

    /// A signature that is proven to have existed.
    fn proven(&self, demands: &[Demand<'_>], token: TokenId, goal: Stage, renew_before: Option<Time>) -> One {
        let mut used = BTreeSet::from([ObjectRef::Token(token)]);
        let (told, values) = self.ask(demands, &mut used);
        let ends = demands.iter().filter_map(|demand| self.end_of(demand)).min();
        if !told.is_empty() || !values.is_empty() {
            let mut needs = if goal > Stage::Timed { told } else { Vec::new() };
            if goal > Stage::Timed && !values.is_empty() {
                needs.push(Need::Values(values));
            }
            return One { stage: Stage::Timed, needs, deadline: ends, hindrance: None };
        }
        let needs_timestamp = || if goal > Stage::LongTerm { vec![Need::Timestamp] } else { Vec::new() };
        let Some(newest) = self.newest_over(&used) else {
            return One { stage: Stage::LongTerm, needs: needs_timestamp(), deadline: ends, hindrance: None };
        };
        let deadline = self.demand_of(newest).and_then(|demand| self.end_of(&demand));
        let is_due = renew_before.is_some_and(|before| deadline.is_some_and(|deadline| deadline < before));
        if !is_due {
            return One { stage: Stage::Archived, needs: Vec::new(), deadline, hindrance: None };
        }
        let demands: Vec<Demand<'_>> = self.demand_of(newest).into_iter().collect();
        let (mut needs, values) = self.ask(&demands, &mut used);
        if !values.is_empty() {
            needs.push(Need::Values(values));
        }
        if needs.is_empty() {
            needs = needs_timestamp();
        }
        One { stage: Stage::Archived, needs, deadline, hindrance: None }
    }

    fn demand_of(&self, token: TokenId) -> Option<Demand<'_>> {
        let stamp = self.evidence.tokens.get(token)?.stamp.as_ref().ok()?;
        let verdict = self.verdict.tokens.get(token)?;
        let path = verdict.path.as_ref()?;
        Some(Demand { path, after: stamp.time, reliable_until: verdict.reliable_until })
    }

    fn end_of(&self, demand: &Demand<'_>) -> Option<Time> {
        self.deadline(Some(demand.path), demand.reliable_until)
    }

    fn deadline(&self, path: Option<&PathUsed>, reliable_until: Option<Time>) -> Option<Time> {
        deadline::of(path, reliable_until, self.verdict.at)
    }

    /// What is not told yet about the certificates of some paths, and what is at hand but not in the file. `used` gets
    /// everything that the answer rests on.
    fn ask(&self, demands: &[Demand<'_>], used: &mut BTreeSet<ObjectRef>) -> (Vec<Need>, Values) {
        let (mut told, mut values) = (Vec::new(), Values::default());
        for Demand { path, after, .. } in demands {
            for (index, certificate) in path.certificates.iter().enumerate() {
                if let Some(object) = self.object(certificate) {
                    used.insert(object);
                    values.note(self.evidence, object);
                }
                match path.statuses.get(index) {
                    Some(StatusUsed::Exempt) => {}
                    Some(StatusUsed::Good { issued_at, source }) if issued_at >= after => {
                        used.insert(*source);
                        values.note(self.evidence, *source);
                    }
                    Some(StatusUsed::Revoked { source, .. }) => {
                        used.insert(*source);
                        values.note(self.evidence, *source);
                    }
                    _ => told.extend(self.status_need(path, index, *after)),
                }
            }
        }
        // Those who trust the anchor have it; it goes in only where something goes in anyway.
        if !values.is_empty() {
            for path in demands.iter().map(|demand| demand.path).filter(|path| !path.direct) {
                let anchor = self.anchor_of(path).and_then(|anchor| anchor.certificate);
                let all = path.certificates.iter().chain(&anchor);
                all.for_each(|certificate| values.accompany(self.evidence, certificate));
            }
        }
        (told, values)
    }

    fn status_need(&self, path: &PathUsed, index: usize, after: Time) -> Option<Need> {
        let certificate = path.certificates.get(index)?.clone();
        let issuer = match path.certificates.get(index + 1) {
            Some(issuer) => IssuerKey::of_certificate(issuer),
            None => self.anchor_of(path)?,
        };
        Some(Need::Status(StatusNeed { certificate, issuer, after }))
    }

    /// The anchor at which a path ends: the one whose key signed its last certificate.
    fn anchor_of(&self, path: &PathUsed) -> Option<IssuerKey> {
        let last = path.certificates.last()?;
        let identifier = last.extensions().authority_key_identifier.as_ref();
        let identifier = identifier.and_then(|one| one.key_identifier.as_deref());
        let named = || self.evidence.material.anchors.iter().filter(|anchor| anchor.name() == last.issuer());
        let fits = |certificate: &Certificate| {
            certificate.extensions().subject_key_identifier.as_deref() == identifier
        };
        let exact = named().find(|anchor| identifier.is_some() && anchor.certificate().is_some_and(fits));
        exact.or_else(|| named().next()).map(IssuerKey::of_anchor)
    }

    fn object(&self, certificate: &Certificate) -> Option<ObjectRef> {
        let known = &self.evidence.material.certificates.items;
        known.iter().position(|one| one == certificate).map(ObjectRef::Certificate)
    }

    /// The oldest timestamp that counts and covers an object.
    fn first_over(&self, object: ObjectRef) -> Option<(Time, TokenId)> {
        self.stamps()
            .filter(|(_, id, covers)| covers.includes(self.evidence, *id, object))
            .map(first_two)
            .min()
    }

    /// The timestamp on which these rest together: of those that keep each of them, the one that ends first. `None` if
    /// nothing covers one of them.
    fn newest_over(&self, used: &BTreeSet<ObjectRef>) -> Option<TokenId> {
        let keeping = used.iter().map(|object| self.keeping(*object));
        let keeping: BTreeSet<TokenId> = keeping.collect::<Option<_>>()?;
        let ends = |token: &TokenId| {
            let demand = self.demand_of(*token);
            (demand.and_then(|demand| self.end_of(&demand)), *token)
        };
        keeping.into_iter().min_by_key(ends)
    }

    /// The timestamp that keeps an object provable: the newest one over it, or over the timestamp that is, and so on, as
    /// evidence records are renewed (RFC 4998, 5.2).
    fn keeping(&self, object: ObjectRef) -> Option<TokenId> {
        let (mut time, mut newest) = self.newest_of(object)?;
        for _ in 0..self.evidence.tokens.len() {
            match self.newest_of(ObjectRef::Token(newest)) {
                Some((later, token)) if later >= time => (time, newest) = (later, token),
                _ => break,
            }
        }
        Some(newest)
    }

    /// The newest timestamp that counts and covers an object.
    fn newest_of(&self, object: ObjectRef) -> Option<(Time, TokenId)> {
        let stamps = self.stamps().filter(|(_, id, covers)| covers.includes(self.evidence, *id, object));
        stamps.map(first_two).max()
    }

    /// The timestamps that count: the good ones, and those of which only the status of a certificate is not told yet.
    fn stamps(&self) -> impl Iterator<Item = (Time, TokenId, &Covers)> {
        let verdicts = self.verdict.tokens.iter().enumerate();
        let counting = verdicts.filter(|(_, verdict)| {
            verdict.indication == Indication::TotalPassed
                || verdict.sub_indication == Some(SubIndication::TryLater)
        });
        counting.filter_map(|(id, _)| {
            let stamp = self.evidence.tokens.get(id)?.stamp.as_ref().ok()?;
            Some((stamp.time, id, &stamp.covers))
        })
    }

    /// A signature that is proven, but by a certificate of which no path is known.
    fn without_path(&self, signer: Option<&Certificate>, goal: Stage) -> One {
        let Some(signer) = signer else {
            return stuck(
                Stage::Timed,
                Hindrance::Untrusted { certificate: "an unknown certificate".into() },
            );
        };
        let top = self.top(signer);
        if top.issuer() == top.subject()
            || top.extensions().access_uris(oid::ACCESS_CA_ISSUERS).next().is_none()
        {
            return stuck(Stage::Timed, Hindrance::Untrusted { certificate: top.subject().to_string() });
        }
        let needs = if goal > Stage::Timed { vec![Need::Issuer { of: top.clone() }] } else { Vec::new() };
        One { stage: Stage::Timed, needs, deadline: Some(signer.not_after()), hindrance: None }
    }

    /// The last certificate upward from one whose issuer is at hand.
    fn top<'c>(&'c self, certificate: &'c Certificate) -> &'c Certificate {
        let pool = &self.evidence.material.certificates.items;
        let mut top = certificate;
        for _ in 0..pool.len() {
            match pool.iter().find(|one| one.subject() == top.issuer() && *one != top) {
                Some(next) if next.subject() != top.subject() => top = next,
                _ => break,
            }
        }
        top
    }
}

fn first_two<A, B, C>((first, second, _): (A, B, C)) -> (A, B) {
    (first, second)
}

fn stuck(stage: Stage, hindrance: Hindrance) -> One {
    One { stage, needs: Vec::new(), deadline: None, hindrance: Some(hindrance) }
}
