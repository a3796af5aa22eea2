//! Answers that came by stick.

use super::desk::{Answered, Desk, IssuerCheck, StatusCheck, TimestampCheck, Told, refusal};
use crate::error::Failure;
use crypto::Digest;
use pkix::Certificate;
use records::{Answer, Answers, Asked};
use std::collections::BTreeMap;
use undersign::augmentation::StatusNeed;
use undersign::augmentation::answer::{AskedTimestamp, Timestamp};

/// The answers of a file, and the nonces of what was asked, by message imprint.
pub struct Stick {
    answers: Vec<Answer>,
    nonces: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Stick {
    /// Answers to what was asked.
    pub fn new(answers: Answers, asked: impl Iterator<Item = Asked>) -> Stick {
        let nonces = asked.map(|asked| (asked.imprint.0, asked.nonce.0)).collect();
        Stick { answers: answers.answers, nonces }
    }
}

impl Desk for Stick {
    fn is_live(&self) -> bool {
        false
    }

    fn timestamp(&self, imprint: &Digest, check: &TimestampCheck<'_>) -> Result<Timestamp, Failure> {
        let nonce = self.nonces.get(&imprint.value).cloned().ok_or_else(|| missing("timestamp"))?;
        let asked = AskedTimestamp { imprint: imprint.clone(), nonce: Some(nonce) };
        let mut nearest = None;
        for answer in &self.answers {
            let Answer::Timestamp(bytes) = answer else { continue };
            match check(&bytes.0, &asked) {
                Ok(stamp) => return Ok(stamp),
                // Most answers of a stick are over other files.
                Err(refused) if refused.code == "answer.timestamp.other-imprint" => {}
                Err(refused) => nearest = Some(refusal("an answer of the file", &refused)),
            }
        }
        Err(nearest.unwrap_or_else(|| missing("timestamp")))
    }

    fn status(&self, _: &StatusNeed, check: &StatusCheck<'_>) -> Result<Answered, Failure> {
        let mut nearest = None;
        for answer in &self.answers {
            let (told, answered) = match answer {
                Answer::Ocsp(bytes) => {
                    let answered = Answered { ocsps: vec![bytes.0.clone()], ..Answered::default() };
                    (check(Told::Ocsp(&bytes.0, None)), answered)
                }
                Answer::Crl(bytes) => {
                    let answered = Answered { crls: vec![bytes.0.clone()], ..Answered::default() };
                    (check(Told::Crl(&[&bytes.0])), answered)
                }
                Answer::Timestamp(_) | Answer::Issuer(_) => continue,
            };
            match told {
                Ok(newest) => return Ok(Answered { newest, ..answered }),
                Err(refused) if refused.code == "answer.status.other-certificate" => {}
                Err(refused) => nearest = Some(refusal("an answer of the file", &refused)),
            }
        }
        Err(nearest.unwrap_or_else(|| missing("status")))
    }

    fn issuer(&self, _: &Certificate, check: &IssuerCheck<'_>) -> Result<Answered, Failure> {
        let answers = self.answers.iter().filter_map(|answer| match answer {
            Answer::Issuer(bytes) => check(&bytes.0).ok(),
            _ => None,
        });
        let found = answers.map(|certificates| Answered { certificates, ..Answered::default() }).next();
        found.ok_or_else(|| missing("certificate"))
    }
}

/// The code of an answer that is not there, which is no fault.
pub const MISSING: &str = "answer.missing";

fn missing(what: &str) -> Failure {
    Failure::objection(
        MISSING,
        format!("the file of answers holds no {what} for it"),
        "export what is needed again, and have it answered",
    )
}
