//! Answers from a network: time-stamping authorities by configuration, everything else from where certificates say.

use super::desk::{Answered, Desk, IssuerCheck, StatusCheck, TimestampCheck, Told, refusal};
use crate::entropy;
use crate::error::Failure;
use crypto::{Digest, DigestAlgorithm, PROVIDER};
use net::Client;
use pkix::{CertId, Certificate, OcspRequest, oid};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use types::Time;
use undersign::augmentation::StatusNeed;
use undersign::augmentation::answer::{AskedTimestamp, Timestamp};
use undersign::cms::TimestampRequest;

/// Media types (RFC 3161, 3.4; RFC 6960, A.1).
const QUERY: (&str, &str) = ("application/timestamp-query", "application/timestamp-reply");
const OCSP: (&str, &str) = ("application/ocsp-request", "application/ocsp-response");

/// What was told about a certificate, and when.
type Known = BTreeMap<Certificate, Vec<(Time, Answered)>>;

/// A network, with what it has said in this run: one answer serves all files that it is new enough for.
pub struct Network {
    client: Client,
    authorities: Vec<String>,
    known: Mutex<Known>,
    /// Lists by their addresses: most are about many certificates.
    lists: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Network {
    /// Asks these time-stamping authorities, in this order.
    pub fn new(client: Client, authorities: Vec<String>) -> Network {
        Network { client, authorities, known: Mutex::default(), lists: Mutex::default() }
    }

    /// What was told about a certificate no earlier than `after`.
    fn recall(&self, certificate: &Certificate, after: Time) -> Option<Answered> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let told = known.get(certificate)?;
        told.iter().find(|(time, _)| *time >= after).map(|(_, answered)| answered.clone())
    }

    fn keep(&self, certificate: &Certificate, told: Time, answered: &Answered) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(certificate.clone()).or_default().push((told, answered.clone()));
    }

    fn ask_ocsp(
        &self,
        uri: &str,
        need: &StatusNeed,
        check: &StatusCheck<'_>,
    ) -> Result<(Time, Answered), Failure> {
        let nonce: [u8; 16] = entropy::fresh()?;
        let request = ocsp_request(need, Some(&nonce))?;
        let answer = self.client.post(uri, OCSP.0, OCSP.1, request.der())?.body;
        let told = check(Told::Ocsp(&answer, request.nonce())).map_err(|refused| refusal(uri, &refused))?;
        Ok((told, Answered { ocsps: vec![answer], newest: told, ..Answered::default() }))
    }

    fn fetch_crl(&self, uri: &str, check: &StatusCheck<'_>) -> Result<(Time, Answered), Failure> {
        let lists = || self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        let fetched = lists().get(uri).cloned();
        if let Some(list) = fetched
            && let Ok(told) = check(Told::Crl(&list))
        {
            return Ok((told, Answered { crls: vec![list], newest: told, ..Answered::default() }));
        }
        let list = self.client.get(uri)?.body;
        let told = check(Told::Crl(&list)).map_err(|refused| refusal(uri, &refused))?;
        lists().insert(uri.to_owned(), list.clone());
        Ok((told, Answered { crls: vec![list], newest: told, ..Answered::default() }))
    }
}

impl Desk for Network {
    fn is_live(&self) -> bool {
        true
    }

    fn timestamp(&self, imprint: &Digest, check: &TimestampCheck<'_>) -> Result<Timestamp, Failure> {
        let mut failures = Vec::new();
        for uri in &self.authorities {
            let nonce: [u8; 16] = entropy::fresh()?;
            let request = TimestampRequest::new(imprint, Some(&nonce));
            let asked = AskedTimestamp { imprint: imprint.clone(), nonce: request.nonce.clone() };
            let answer = match self.client.post(uri, QUERY.0, QUERY.1, &request.to_der()) {
                Ok(answer) => answer.body,
                Err(error) => {
                    failures.push(Failure::from(error));
                    continue;
                }
            };
            match check(&answer, &asked) {
                Ok(stamp) => return Ok(stamp),
                Err(refused) => failures.push(refusal(uri, &refused)),
            }
        }
        Err(together(failures).unwrap_or_else(no_authority))
    }

    fn status(&self, need: &StatusNeed, check: &StatusCheck<'_>) -> Result<Answered, Failure> {
        if let Some(answered) = self.recall(&need.certificate, need.after) {
            return Ok(answered);
        }
        let responders = need.ocsp_uris().map(|uri| self.ask_ocsp(uri, need, check));
        let lists = need.crl_uris().map(|uri| self.fetch_crl(uri, check));
        let mut failures = Vec::new();
        for result in responders.chain(lists) {
            match result {
                Ok((told, answered)) => {
                    self.keep(&need.certificate, told, &answered);
                    return Ok(answered);
                }
                Err(failure) => failures.push(failure),
            }
        }
        Err(together(failures).unwrap_or_else(|| nowhere(&need.certificate)))
    }

    fn issuer(&self, of: &Certificate, check: &IssuerCheck<'_>) -> Result<Answered, Failure> {
        let mut failures = Vec::new();
        for uri in of.extensions().access_uris(oid::ACCESS_CA_ISSUERS) {
            let answer = match self.client.get(uri) {
                Ok(answer) => answer.body,
                Err(error) => {
                    failures.push(Failure::from(error));
                    continue;
                }
            };
            match check(&answer) {
                Ok(certificates) => return Ok(Answered { certificates, ..Answered::default() }),
                Err(refused) => failures.push(refusal(uri, &refused)),
            }
        }
        Err(together(failures).unwrap_or_else(|| nowhere(of)))
    }
}

/// A request about one certificate. Identifiers by SHA-1 are what all responders know (RFC 5019, 2.1.1).
pub fn ocsp_request(need: &StatusNeed, nonce: Option<&[u8]>) -> Result<OcspRequest, Failure> {
    let (name, key) = (&need.issuer.name, need.issuer.subject_public_key_info.as_slice());
    let id = CertId::by_key(DigestAlgorithm::Sha1, name, key, need.certificate.serial(), PROVIDER);
    OcspRequest::new(&[id], nonce).map_err(|malformed| {
        let reason = format!("no status of {} can be asked for: {malformed}", need.certificate.subject());
        Failure::objection("augment.request", reason, "ask its issuer for a CRL")
    })
}

/// Several failures as one; the first decides the code.
fn together(mut failures: Vec<Failure>) -> Option<Failure> {
    if failures.len() < 2 {
        return failures.pop();
    }
    let reasons: Vec<String> = failures.iter().map(ToString::to_string).collect();
    let first = failures.remove(0);
    Some(Failure::objection(first.code(), reasons.join("; "), first.hint()))
}

fn no_authority() -> Failure {
    Failure::objection(
        "service.timestamp.none",
        "no time-stamping authority is known",
        "name one with --tsa URL, or for good with: undersign services add-tsa URL",
    )
}

fn nowhere(certificate: &Certificate) -> Failure {
    let reason = format!("the certificate of {} does not say where to ask", certificate.subject());
    Failure::objection("service.status.none", reason, "get a CRL of its issuer and give it with --revocation")
}
