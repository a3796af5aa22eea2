//! Answers from a network: time-stamping authorities by configuration, everything else from where certificates say.

use super::desk::{Answered, Desk, IssuerCheck, StatusCheck, TimestampCheck, Told, refusal};
use crate::entropy;
use crate::error::Failure;
use crypto::{Digest, DigestAlgorithm, PROVIDER};
use net::Client;
use pkix::{CertId, Certificate, Crl, OcspRequest, oid};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use types::Time;
use undersign::augmentation::StatusNeed;
use undersign::augmentation::answer::{AskedTimestamp, Refused, TOO_OLD, Timestamp};
use undersign::cms::TimestampRequest;

/// Media types (RFC 3161, 3.4; RFC 6960, A.1).
const QUERY: (&str, &str) = ("application/timestamp-query", "application/timestamp-reply");
const OCSP: (&str, &str) = ("application/ocsp-request", "application/ocsp-response");

/// After so many failures in a row an address is not asked again in this run.
const MOST_FAILURES: u32 = 3;

/// A network, with what it has said in this run: one answer serves all files that it is new enough for.
pub struct Network {
    client: Client,
    authorities: Vec<String>,
    /// What was told about a certificate, and when.
    known: Shared<Certificate, Vec<(Time, Answered)>>,
    /// Lists by their addresses: most are about many certificates.
    lists: Shared<String, Option<Vec<u8>>>,
    /// Failures in a row by addresses.
    failures: Shared<String, u32>,
}

/// Values, each with a lock of its own: while one asks for it, others wait for the answer instead of asking, too.
struct Shared<K, V>(Mutex<BTreeMap<K, Arc<Mutex<V>>>>);

impl<K: Ord + Clone, V: Default> Shared<K, V> {
    fn new() -> Shared<K, V> {
        Shared(Mutex::default())
    }

    fn of(&self, key: &K) -> Arc<Mutex<V>> {
        let mut all = held(&self.0);
        Arc::clone(all.entry(key.clone()).or_default())
    }
}

/// The lock; what a panic left behind is whole, since everything here changes in one go.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Network {
    /// Asks these time-stamping authorities, in this order.
    pub fn new(client: Client, authorities: Vec<String>) -> Network {
        let (known, lists, failures) = (Shared::new(), Shared::new(), Shared::new());
        Network { client, authorities, known, lists, failures }
    }

    /// What is at an address, or is answered there to a request; nobody waits thousands of times for an address that fails.
    fn reach(&self, uri: &str, request: Option<((&str, &str), &[u8])>) -> Result<Vec<u8>, Failure> {
        let failures = self.failures.of(&uri.to_owned());
        if *held(&failures) >= MOST_FAILURES {
            let reason =
                format!("{uri} failed {MOST_FAILURES} times in a row and is not asked again in this run");
            return Err(Failure::objection("service.given-up", reason, "try again later"));
        }
        let answer = match request {
            Some(((asked, answered), body)) => self.client.post(uri, asked, answered, body),
            None => self.client.get(uri),
        };
        let mut failures = held(&failures);
        *failures = if answer.is_ok() { 0 } else { failures.saturating_add(1) };
        Ok(answer?.body)
    }

    fn ask_ocsp(
        &self,
        uri: &str,
        need: &StatusNeed,
        check: &StatusCheck<'_>,
    ) -> Result<(Time, Answered), Failure> {
        let nonce: [u8; 16] = entropy::fresh()?;
        let request = ocsp_request(need, Some(&nonce))?;
        let answer = self.reach(uri, Some((OCSP, request.der())))?;
        let told = check(Told::Ocsp(&answer, request.nonce())).map_err(|refused| refusal(uri, &refused))?;
        Ok((told, Answered { ocsps: vec![answer], newest: told, ..Answered::default() }))
    }

    fn fetch_crl(
        &self,
        uri: &str,
        need: &StatusNeed,
        check: &StatusCheck<'_>,
    ) -> Result<(Time, Answered), Failure> {
        let (list, refused) = match self.list(uri, &|list| check(Told::Crl(&[list])))? {
            (list, Ok(newest)) => {
                return Ok((newest, Answered { crls: vec![list], newest, ..Answered::default() }));
            }
            (list, Err(refused)) => (list, refused),
        };
        if refused.code == TOO_OLD {
            for delta_uri in delta_crl_uris(&list, need) {
                // A delta CRL that is not there or no better is no reason to give up: the complete one is what counts.
                let with_list = |delta: &[u8]| check(Told::Crl(&[&list, delta]));
                if let Ok((delta, Ok(newest))) = self.list(&delta_uri, &with_list) {
                    return Ok((newest, Answered { crls: vec![list, delta], newest, ..Answered::default() }));
                }
            }
        }
        Err(refusal(uri, &refused))
    }

    /// The list at an address and what `check` says of it: the known one, if it passes, else the one there now.
    fn list(
        &self,
        uri: &str,
        check: &dyn Fn(&[u8]) -> Result<Time, Refused>,
    ) -> Result<(Vec<u8>, Result<Time, Refused>), Failure> {
        let known = self.lists.of(&uri.to_owned());
        let mut known = held(&known);
        if let Some(list) = &*known
            && let Ok(told) = check(list)
        {
            return Ok((list.clone(), Ok(told)));
        }
        let fetched = self.reach(uri, None)?;
        let told = check(&fetched);
        if told.is_ok() {
            *known = Some(fetched.clone());
        }
        Ok((fetched, told))
    }
}

/// Where delta CRLs are that update a list, as the list and the certificate say (RFC 5280, 5.2.6 and 4.2.1.15).
fn delta_crl_uris(list: &[u8], need: &StatusNeed) -> BTreeSet<String> {
    let own = need.certificate.extensions().delta_crl_uris().map(str::to_owned);
    let list = Crl::from_der(list).ok();
    own.chain(list.iter().flat_map(Crl::delta_crl_uris).map(str::to_owned)).collect()
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
            let answer = match self.reach(uri, Some((QUERY, &request.to_der()))) {
                Ok(answer) => answer,
                Err(failure) => {
                    failures.push(failure);
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
        let known = self.known.of(&need.certificate);
        let mut known = held(&known);
        if let Some((_, answered)) = known.iter().find(|(time, _)| *time >= need.after) {
            return Ok(answered.clone());
        }
        let responders = need.ocsp_uris().map(|uri| self.ask_ocsp(uri, need, check));
        let lists = need.crl_uris().map(|uri| self.fetch_crl(uri, need, check));
        let mut failures = Vec::new();
        for result in responders.chain(lists) {
            match result {
                Ok((told, answered)) => {
                    known.push((told, answered.clone()));
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
            let answer = match self.reach(uri, None) {
                Ok(answer) => answer,
                Err(failure) => {
                    failures.push(failure);
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
