//! Where answers come from, and the checks that they pass before they count.

use super::{Looked, Workshop};
use crate::error::Failure;
use crypto::{Digest, PROVIDER};
use pkix::Certificate;
use types::{Budget, Time};
use undersign::augmentation::StatusNeed;
use undersign::augmentation::answer::{self, AskedTimestamp, Known, Refused, Timestamp};
use undersign::evidence;

/// Answers that passed their checks, as they were received.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Certificates.
    pub certificates: Vec<Certificate>,
    /// CRLs, DER.
    pub crls: Vec<Vec<u8>>,
    /// OCSP responses, DER.
    pub ocsps: Vec<Vec<u8>>,
    /// When the newest of them was told.
    pub newest: Time,
}

impl Default for Answered {
    fn default() -> Answered {
        let newest = Time::from_unix(i64::MIN);
        Answered { certificates: Vec::new(), crls: Vec::new(), ocsps: Vec::new(), newest }
    }
}

impl Answered {
    /// Adds what another answer holds.
    pub fn add(&mut self, other: Answered) {
        let new = |list: &mut Vec<Vec<u8>>, more: Vec<Vec<u8>>| {
            more.into_iter().for_each(|one| {
                if !list.contains(&one) {
                    list.push(one)
                }
            });
        };
        new(&mut self.crls, other.crls);
        new(&mut self.ocsps, other.ocsps);
        self.certificates.extend(other.certificates);
        self.newest = self.newest.max(other.newest);
    }
}

/// An answer about a status, not yet checked.
#[derive(Clone, Copy, Debug)]
pub enum Told<'a> {
    /// An OCSP response to a request with this nonce (the DER inside the extension).
    Ocsp(&'a [u8], Option<&'a [u8]>),
    /// A CRL, or a complete one with delta CRLs that update it.
    Crl(&'a [&'a [u8]]),
}

/// Says whether an answer is the timestamp that was asked for.
pub type TimestampCheck<'a> = dyn Fn(&[u8], &AskedTimestamp) -> Result<Timestamp, Refused> + 'a;
/// Says whether an answer is about the status, and when it was told.
pub type StatusCheck<'a> = dyn Fn(Told<'_>) -> Result<Time, Refused> + 'a;
/// Says whether an answer holds the certificate.
pub type IssuerCheck<'a> = dyn Fn(&[u8]) -> Result<Vec<Certificate>, Refused> + 'a;

/// Somebody who has answers: a network, or a stick that has seen one.
pub trait Desk: Sync {
    /// Whether its timestamps are made while we wait, so that they say what time it is.
    fn is_live(&self) -> bool;

    /// A timestamp over what has this digest. `check` says whether an answer may be used.
    fn timestamp(&self, imprint: &Digest, check: &TimestampCheck<'_>) -> Result<Timestamp, Failure>;

    /// What is told about a status. `check` gives when it was told.
    fn status(&self, need: &StatusNeed, check: &StatusCheck<'_>) -> Result<Answered, Failure>;

    /// The certificate of the issuer of `of`, maybe with others.
    fn issuer(&self, of: &Certificate, check: &IssuerCheck<'_>) -> Result<Answered, Failure>;
}

impl Workshop<'_> {
    /// Whether a timestamp may be used.
    pub fn check_timestamp(&self, answer: &[u8], asked: &AskedTimestamp) -> Result<Timestamp, Refused> {
        let context = evidence::Context {
            anchors: &self.trust.anchors,
            certificates: &self.trust.certificates,
            crls: &self.trust.crls,
            ocsps: &self.trust.ocsps,
            evidence_records: &[],
            signature_policies: &[],
            beacons: &[],
            provider: PROVIDER,
            links: &self.trust.links,
        };
        answer::timestamp(answer, asked, &context, &self.policy, self.now, &mut Budget::default())
    }

    /// Whether an answer about a status may be used.
    pub fn check_status(&self, told: Told<'_>, need: &StatusNeed, looked: &Looked) -> Result<Time, Refused> {
        let known = Known {
            certificates: &looked.verified.evidence.material.certificates.items,
            anchors: &self.trust.anchors,
            provider: PROVIDER,
        };
        // Who was given a time by an authority knows that it is not earlier, whatever the clock says.
        let now = self.now.max(need.after);
        match told {
            Told::Ocsp(answer, nonce) => {
                answer::ocsp(answer, need, nonce, &known, now, &mut Budget::default())
            }
            Told::Crl(answer) => answer::crl(answer, need, &known, now, &mut Budget::default()),
        }
    }

    /// Whether a certificate is the one that was asked for.
    pub fn check_issuer(&self, answer: &[u8], of: &Certificate) -> Result<Vec<Certificate>, Refused> {
        answer::issuer(answer, of, PROVIDER, &mut Budget::default())
    }
}

/// An answer that is not used, as a failure.
pub fn refusal(from: &str, refused: &Refused) -> Failure {
    Failure::objection(refused.code, format!("{from}: {}", refused.reason), refused.hint)
}
