//! Answers from outside, checked before anything is done with them. Whatever is wrong, old, replayed or forged is refused by name.

use crate::need::StatusNeed;
use cms::{TimestampResponse, TimestampToken};
use crypto::{Digest, DigestAlgorithm, Message};
use evidence::{Check, Context};
use pkix::{Certificate, Crl, OcspResponse, ResponseStatus};
use revocation::{AtHand, Doubt, Sources, Status};
use std::fmt;
use types::{Budget, Malformed, Time};
use validation::{Indication, Policy, SubIndication};

/// Why an answer is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Stable identifier, e.g. `answer.timestamp.replayed`.
    pub code: &'static str,
    /// What is wrong, one sentence without a full stop.
    pub reason: String,
    /// What to do.
    pub hint: &'static str,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Refused {}

fn refused(code: &'static str, reason: impl Into<String>, hint: &'static str) -> Refused {
    Refused { code, reason: reason.into(), hint }
}

/// The code of an answer that was told before what it should speak about.
pub const TOO_OLD: &str = "answer.status.too-old";

const ASK_AGAIN: &str = "ask again, or ask another authority";
const TRUST: &str = "add the authority's root with: undersign trust add";
const UNREADABLE: &str = "check the address: this is no answer to what was asked";

fn unreadable(malformed: &Malformed) -> Refused {
    refused("answer.unreadable", format!("the answer cannot be read: {malformed}"), UNREADABLE)
}

/// How far an authority's clock may be ahead of ours, seconds, before its answer counts as from the future.
const CLOCKS_DIFFER: i64 = 300;

/// A timestamp that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedTimestamp {
    /// The message imprint.
    pub imprint: Digest,
    /// The nonce, content octets of its INTEGER; without one a replayed answer is not noticed.
    pub nonce: Option<Vec<u8>>,
}

/// A timestamp that may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// The token, DER as received.
    pub token: Vec<u8>,
    /// Its time.
    pub time: Time,
}

/// Checks a `TimeStampResp` (RFC 3161, 2.4.2): granted, over what was asked, with the nonce, signed by an authority that
/// is trusted for time-stamping under `policy`. The clock of this machine, `now`, plays no part in whether the
/// token is good, except that a certificate which has ended since is not good any more.
pub fn timestamp(
    answer: &[u8],
    asked: &AskedTimestamp,
    context: &Context<'_>,
    policy: &Policy,
    now: Time,
    budget: &mut Budget,
) -> Result<Timestamp, Refused> {
    let response = TimestampResponse::parse(answer, budget).map_err(|malformed| unreadable(&malformed))?;
    let granted = matches!(response.status, 0 | 1);
    let Some(encoded) = response.token.filter(|_| granted) else {
        let said = response.status_text.join("; ");
        let reason = format!("the authority refuses: status {} {said}", response.status);
        return Err(refused("answer.timestamp.not-granted", reason.trim_end().to_owned(), ASK_AGAIN));
    };
    let token = TimestampToken::parse(encoded.bytes, budget).map_err(|malformed| unreadable(&malformed))?;
    if !token.info.imprint.matches(&asked.imprint) {
        let reason = "the timestamp is over something else than what was asked";
        return Err(refused("answer.timestamp.other-imprint", reason, ASK_AGAIN));
    }
    if asked.nonce.is_some()
        && token.info.nonce.as_deref().map(shortest) != asked.nonce.as_deref().map(shortest)
    {
        let reason = "the timestamp lacks the nonce of the request: it may be an old one, replayed";
        return Err(refused("answer.timestamp.replayed", reason, ASK_AGAIN));
    }
    let time = token.info.gen_time;
    check_authority(encoded.bytes, context, policy, now.max(time), budget)?;
    Ok(Timestamp { token: encoded.bytes.to_vec(), time })
}

/// Numbers are compared by value: leading zeros are nothing.
fn shortest(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

fn check_authority(
    token: &[u8],
    context: &Context<'_>,
    policy: &Policy,
    at: Time,
    budget: &mut Budget,
) -> Result<(), Refused> {
    let mut evidence = evidence::collect_timestamp(token, None, context, budget)
        .map_err(|malformed| unreadable(&malformed))?;
    match evidence.tokens.first_mut().map(|token| &mut token.stamp) {
        // What it is over is not at hand here; that the imprint is the one asked for was found out already.
        Some(Ok(stamp)) if stamp.signed.value == Check::Matches => stamp.imprint = Check::Matches,
        Some(Ok(_)) => {
            let reason = "the signature on the timestamp does not fit: it was changed or forged";
            return Err(refused("answer.timestamp.forged", reason, ASK_AGAIN));
        }
        Some(Err(fault)) => return Err(refused("answer.unreadable", fault.reason.clone(), UNREADABLE)),
        None => return Err(refused("answer.unreadable", "the answer holds no timestamp", UNREADABLE)),
    }
    let verdict = validation::validate(&evidence, policy, at);
    let Some(token) = verdict.tokens.first() else {
        return Err(refused("answer.unreadable", "the answer holds no timestamp", UNREADABLE));
    };
    // Its status is told later, and asked for then.
    let is_open = token.sub_indication == Some(SubIndication::TryLater);
    if token.indication == Indication::TotalPassed || is_open {
        return Ok(());
    }
    let why = token.sub_indication.map_or("", |sub_indication| sub_indication.as_str());
    let reason = format!("the timestamp is not from an authority that is trusted for it ({why})");
    Err(refused("answer.timestamp.untrusted", reason, TRUST))
}

/// The certificates and anchors by which an answer on a status is judged.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Certificates, those of delegated responders and list issuers among them.
    pub certificates: &'a [Certificate],
    /// Trust anchors.
    pub anchors: &'a [pkix::TrustAnchor],
    /// Who computes.
    pub provider: &'a dyn crypto::Provider,
}

/// Checks an OCSP response (RFC 6960): it answers about the certificate, is signed by who may, was told after `need.after`
/// and not in the future, and has the nonce if it has one at all. Gives when it was told.
pub fn ocsp(
    answer: &[u8],
    need: &StatusNeed,
    nonce: Option<&[u8]>,
    known: &Known<'_>,
    now: Time,
    budget: &mut Budget,
) -> Result<Time, Refused> {
    let response = OcspResponse::from_der(answer, budget).map_err(|malformed| unreadable(&malformed))?;
    let Some(basic) = response.basic else {
        let reason = format!("the responder does not answer: {}", describe(response.status));
        return Err(refused("answer.ocsp.no-answer", reason, ASK_AGAIN));
    };
    // Many responders answer with what they prepared for all: without a nonce. Another nonce is another's answer.
    if nonce.is_some() && basic.nonce().is_some() && basic.nonce() != nonce {
        let reason = "the answer has the nonce of another request: it is replayed";
        return Err(refused("answer.ocsp.replayed", reason, ASK_AGAIN));
    }
    let mut certificates = known.certificates.to_vec();
    certificates.push(need.certificate.clone());
    certificates.extend(need.issuer.certificate.clone());
    certificates.extend(basic.certificates().iter().cloned());
    let at_hand = AtHand::new(&certificates, known.anchors, known.provider);
    let facts = revocation::ocsp_facts(&basic, &at_hand, known.provider, budget)
        .map_err(|limit| unreadable(&limit.into()))?;
    judge(need, &Sources { ocsps: &[facts], ..Sources::default() }, now)
}

fn describe(status: ResponseStatus) -> String {
    format!("{status:?}").to_lowercase()
}

/// Checks a CRL, or a complete one with delta CRLs that update it (RFC 5280, 6.3 and 5.2.4): it speaks about the
/// certificate, is signed by who may, was issued after `need.after` and not in the future. Gives its thisUpdate, that of the
/// newest delta CRL if there is one.
pub fn crl(
    answer: &[&[u8]],
    need: &StatusNeed,
    known: &Known<'_>,
    now: Time,
    budget: &mut Budget,
) -> Result<Time, Refused> {
    let mut certificates = known.certificates.to_vec();
    certificates.push(need.certificate.clone());
    certificates.extend(need.issuer.certificate.clone());
    let at_hand = AtHand::new(&certificates, known.anchors, known.provider);
    let mut facts = Vec::with_capacity(answer.len());
    for list in answer {
        let list = Crl::from_der(list).map_err(|malformed| unreadable(&malformed))?;
        let read = revocation::crl_facts(&list, &at_hand, known.provider, budget);
        facts.push(read.map_err(|limit| unreadable(&limit.into()))?);
    }
    judge(need, &Sources { crls: &facts, ..Sources::default() }, now)
}

fn judge(need: &StatusNeed, sources: &Sources<'_>, now: Time) -> Result<Time, Refused> {
    let statements = revocation::judge(&need.certificate, &need.issuer.as_issuer(), sources);
    let Some(statement) = statements.first() else {
        let reason = format!("the answer is not about the certificate of {}", need.certificate.subject());
        return Err(refused("answer.status.other-certificate", reason, UNREADABLE));
    };
    match &statement.status {
        Status::Good | Status::Revoked(_) => {}
        Status::Unknown(doubt) => {
            let code = match doubt {
                Doubt::Signature(_) => "answer.status.forged",
                Doubt::NotAuthorised | Doubt::NoCandidate | Doubt::KeyUsage => "answer.status.not-authorised",
                _ => "answer.status.says-nothing",
            };
            return Err(refused(code, format!("the answer cannot be relied on: {doubt}"), ASK_AGAIN));
        }
        Status::NotApplicable(mismatch) => {
            let reason = format!("the answer is not about the certificate: {mismatch}");
            return Err(refused("answer.status.other-certificate", reason, UNREADABLE));
        }
    }
    let told = statement.this_update;
    if told > now.plus(CLOCKS_DIFFER) {
        let reason = format!("the answer is from {told}, which is in the future");
        return Err(refused("answer.status.from-future", reason, "check the clock of this computer"));
    }
    if told < need.after {
        let next =
            statement.next_update.map(|next| format!("; the next is due by {next}")).unwrap_or_default();
        let reason = format!("the answer is from {told}, before {}{next}", need.after);
        return Err(refused(TOO_OLD, reason, "ask again later: the issuer has nothing newer yet"));
    }
    Ok(told)
}

/// Checks certificates (one in DER, or several as PEM or as a CMS that holds nothing else; RFC 5280, 4.2.2.1) that came as
/// that of the issuer of `of`: the key in one of them signed `of`.
pub fn issuer(
    answer: &[u8],
    of: &Certificate,
    provider: &dyn crypto::Provider,
    budget: &mut Budget,
) -> Result<Vec<Certificate>, Refused> {
    let found = pkix::read_certificates(answer, budget).map_err(|malformed| unreadable(&malformed))?;
    if found.iter().any(|one| one.subject() == of.issuer() && signed(of, one, provider)) {
        return Ok(found);
    }
    let reason = format!("the certificate is not that of the issuer of {}", of.subject());
    Err(refused("answer.issuer.other", reason, UNREADABLE))
}

fn signed(of: &Certificate, by: &Certificate, provider: &dyn crypto::Provider) -> bool {
    let (Ok(key), Ok(algorithm)) = (by.public_key(), of.signed().algorithm()) else { return false };
    provider.verify(key, algorithm, Message::Whole(of.signed().tbs()), of.signed().signature()).is_ok()
}

/// The digest by which an answer is named among [`crate::Values`].
pub fn digest(answer: &[u8], provider: &dyn crypto::Provider) -> Digest {
    provider.digest(DigestAlgorithm::Sha256, answer)
}
