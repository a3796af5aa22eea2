//! Who vouches for the trusted lists of a pack: their own signatures, traced back to the signers that the pack names, or
//! the publisher alone.

use crate::{Input, Trust, verify};
use evidence::Coverage;
use pkix::{AnchorRole, Certificate, TrustAnchor};
use trusted_list::{Scope, TrustedList};
use types::{Budget, Limits, Source, Time};
use validation::{Indication, Policy};

/// More lists than there are countries, with every pivot since the first one.
const MOST_LISTS: usize = 128;

/// A trusted list and who vouches for it.
#[derive(Clone, Debug)]
pub struct JudgedList {
    /// The name of the content.
    pub name: String,
    /// Its territory and number.
    pub territory: String,
    /// `TSLSequenceNumber`.
    pub sequence: u64,
    /// How many services of it are read.
    pub services: usize,
    /// Who vouches for it.
    pub vouched: Vouched,
}

/// Who vouches for a trusted list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vouched {
    /// Its signature passes, by a signer that the list of lists or the pack names.
    BySignature,
    /// The same, but the signer's certificate has ended since: it passes as of when the list says that it was issued. Nobody
    /// proves that time but the publisher, who pinned the list.
    BySignatureWhenIssued,
    /// The publisher of the pack alone, who pinned its digest; the text says why its own signature does not count.
    ByPublisher(String),
    /// Its signature is wrong: the list was changed after it was signed.
    Forged(String),
}

struct Candidate<'a> {
    name: &'a str,
    bytes: &'a Vec<u8>,
    list: TrustedList,
    vouched: Vouched,
}

impl Vouched {
    /// Whether the list says who may sign others.
    fn names_signers(&self) -> bool {
        matches!(self, Vouched::BySignature | Vouched::BySignatureWhenIssued)
    }
}

/// Judges trusted lists (name and bytes each) at the time `at`. `signers` may sign the list of lists: their certificates
/// are published in the Official Journal. A list of lists whose signature passes names who may sign the next one, so pivots
/// are followed in whatever order they are given; the newest one that passes names the signers of the other lists
/// (TS 119 615, 4.1 and 4.2).
pub fn judge_lists(lists: &[(String, Vec<u8>)], signers: &[Certificate], at: Time) -> Vec<JudgedList> {
    let mut candidates: Vec<Candidate<'_>> = lists
        .iter()
        .take(MOST_LISTS)
        .filter_map(|(name, bytes)| {
            let list = TrustedList::parse(bytes, &mut Budget::default()).ok()?;
            let vouched = Vouched::ByPublisher("nobody is named who may sign it".to_owned());
            Some(Candidate { name, bytes, list, vouched })
        })
        .collect();
    // The order of their numbers is the order in which each names the signers of the next.
    candidates.sort_by_key(|candidate| (candidate.list.scope == Scope::Services, candidate.list.sequence));
    let (mut of_lists, mut pointers) = (signers.to_vec(), Vec::new());
    for candidate in candidates.iter_mut().filter(|candidate| candidate.list.scope == Scope::Lists) {
        candidate.judge(&of_lists, at);
        if candidate.vouched.names_signers() {
            let own = candidate.list.pointers.iter().filter(|pointer| pointer.scope == Scope::Lists);
            let next: Vec<Certificate> =
                own.flat_map(|pointer| pointer.certificates.iter().cloned()).collect();
            // From here on those count that it names, not those before.
            of_lists = if next.is_empty() { of_lists } else { next };
            pointers.clone_from(&candidate.list.pointers);
        }
    }
    for candidate in candidates.iter_mut().filter(|candidate| candidate.list.scope == Scope::Services) {
        let mine = pointers.iter().filter(|pointer| {
            pointer.scope == Scope::Services && pointer.territory == candidate.list.territory
        });
        let allowed: Vec<Certificate> =
            mine.flat_map(|pointer| pointer.certificates.iter().cloned()).collect();
        candidate.judge(&allowed, at);
    }
    candidates.into_iter().map(Candidate::judged).collect()
}

impl Candidate<'_> {
    fn judge(&mut self, allowed: &[Certificate], at: Time) {
        self.vouched = judge(self.bytes, allowed, at);
        let is_open = matches!(self.vouched, Vouched::ByPublisher(_)) && !allowed.is_empty();
        if is_open
            && self.list.issued < at
            && judge(self.bytes, allowed, self.list.issued) == Vouched::BySignature
        {
            self.vouched = Vouched::BySignatureWhenIssued;
        }
    }

    fn judged(self) -> JudgedList {
        JudgedList {
            name: self.name.to_owned(),
            territory: self.list.territory,
            sequence: self.list.sequence,
            services: self.list.services.len(),
            vouched: self.vouched,
        }
    }
}

fn judge(source: &dyn Source, allowed: &[Certificate], at: Time) -> Vouched {
    let by_publisher = |reason: &str| Vouched::ByPublisher(reason.to_owned());
    let anchors = allowed.iter().cloned().map(TrustAnchor::from_certificate);
    let trust = Trust {
        anchors: anchors.map(|anchor| anchor.with_role(AnchorRole::EndEntity)).collect(),
        ..Trust::default()
    };
    let Some(policy) = Policy::built_in("personal") else { return by_publisher("there is no policy") };
    let verified = match verify(&Input::new(source), &trust, &policy, at, Limits::STANDARD) {
        Ok(verified) => verified,
        Err(malformed) => return by_publisher(&format!("its signature cannot be read: {malformed}")),
    };
    let (signatures, verdicts) = (&verified.evidence.signatures, &verified.verdict.signatures);
    let ([signature], [verdict]) = (signatures.as_slice(), verdicts.as_slice()) else {
        return by_publisher(&format!("it has {} signatures, not one", signatures.len()));
    };
    let why = verdict.sub_indication.map_or("", |sub_indication| sub_indication.as_str());
    match verdict.indication {
        Indication::TotalFailed => Vouched::Forged(why.to_owned()),
        Indication::Indeterminate if allowed.is_empty() => by_publisher("nobody is named who may sign it"),
        Indication::Indeterminate => by_publisher(&format!("its signature is undecided: {why}")),
        Indication::TotalPassed if signature.coverage != Coverage::Content => {
            by_publisher("its signature leaves a part of it out")
        }
        Indication::TotalPassed => Vouched::BySignature,
    }
}
