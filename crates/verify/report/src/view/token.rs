//! One timestamp in words.

use super::signature::{because, called};
use super::{Block, Fact, Say};
use crate::printable;
use evidence::{Check, Covers, Evidence, ObjectRef, Stamp, TokenEvidence, TokenRole};
use validation::{Indication, SubIndication, Text, TokenVerdict};

impl Say<'_> {
    pub(super) fn token(self, token: &TokenEvidence, verdict: &TokenVerdict, evidence: &Evidence) -> Block {
        let stamp = token.stamp.as_ref().ok();
        let signer = stamp.and_then(|stamp| stamp.signed.signer.as_ref());
        let name = signer.map(|signer| signer.certificate.subject().to_string()).unwrap_or_default();
        let role = self.word(role_key(token.role));
        let heading = match stamp {
            Some(stamp) => self.text(&Text::new("token-of").with("role", role).with("time", stamp.time)),
            None => role,
        };
        Block {
            indication: self.indication(verdict.indication),
            sub_indication: verdict.sub_indication.map_or_else(String::new, |sub| sub.as_str().to_owned()),
            level: String::new(),
            amounts: self.token_amounts(
                stamp,
                verdict,
                &signer.map(|signer| called(&signer.certificate)).unwrap_or_default(),
            ),
            place: heading.clone(),
            heading,
            signer: printable(&name).into_owned(),
            issuer: String::new(),
            claims: Vec::new(),
            bracket: String::new(),
            facts: stamp.map(|stamp| self.stamp_facts(stamp, evidence)).unwrap_or_default(),
            dimensions: Vec::new(),
            path: self.path(verdict.path.as_ref()),
            groups: self.groups(&verdict.checks),
            notes: self.notes(&token.findings),
        }
    }

    fn token_amounts(self, stamp: Option<&Stamp>, verdict: &TokenVerdict, name: &str) -> String {
        let sub_indication = verdict.sub_indication.unwrap_or(SubIndication::NoPoe);
        let why = || self.text(&because(sub_indication));
        let text = match (verdict.indication, stamp) {
            (Indication::TotalPassed, Some(stamp)) => {
                Text::new("token-good").with("time", stamp.time).with("name", name)
            }
            (Indication::TotalFailed, _) => Text::new("token-failed").with("why", why()),
            _ => Text::new("token-undecided").with("why", why()),
        };
        self.text(&text)
    }

    fn stamp_facts(self, stamp: &Stamp, evidence: &Evidence) -> Vec<Fact> {
        let accuracy = stamp.accuracy_microseconds.map(|accuracy| {
            let seconds = format!("{}.{:06}", accuracy / 1_000_000, accuracy % 1_000_000);
            let seconds = seconds.trim_end_matches('0').trim_end_matches('.').to_owned();
            self.fact("label-accuracy", &self.text(&Text::new("seconds").with("seconds", seconds)))
        });
        let imprint = match &stamp.imprint {
            Check::Matches => self.word("imprint-matches"),
            Check::Differs => self.word("imprint-differs"),
            Check::NotComputed(why) => why.clone(),
        };
        let covers = self.text(&covers(&stamp.covers, evidence));
        let facts = [
            self.fact("label-tsa-policy", &stamp.policy),
            self.fact("label-imprint", &imprint),
            self.fact("label-covers", &covers),
        ];
        accuracy.into_iter().chain(facts).collect()
    }
}

fn role_key(role: TokenRole) -> &'static str {
    match role {
        TokenRole::Content => "role-content",
        TokenRole::Signature => "role-signature",
        TokenRole::References => "role-references",
        TokenRole::Archive => "role-archive",
        TokenRole::Document => "role-document",
        TokenRole::EvidenceRecord => "role-evidence-record",
        TokenRole::Beacon => "role-beacon",
    }
}

/// How many objects of each kind a token covers.
fn covers(covers: &Covers, evidence: &Evidence) -> Text {
    match covers {
        Covers::UpTo { end, .. } if *end == evidence.document.len => Text::new("token-covers-file"),
        Covers::UpTo { end, .. } => Text::new("token-covers-prefix").with("end", end),
        Covers::Objects(objects) => {
            let signatures = objects.iter().filter(|one| matches!(one, ObjectRef::Signature(_))).count();
            Text::new("token-covers-objects")
                .with("signatures", signatures)
                .with("others", objects.len().saturating_sub(signatures))
        }
    }
}
