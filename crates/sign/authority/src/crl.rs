//! CRLs out of the register, complete and delta (RFC 5280, 5).

use crate::issue::{Issuer, own_key_identifier};
use crate::refusal::Refusal;
use crate::register::{Event, Issued, Register};
use crypto::Provider;
use pkix::{Crl, CrlBuilder, CrlNumber, Reason, Revocation};
use types::Time;

/// A complete CRL, good for so many seconds, and the event to be written down before it is given out. Every certificate
/// ever revoked is on it, expired ones too: it says so with expiredCertsOnCRL.
///
/// # Errors
/// If the clock is behind the register, or the key fails.
pub fn complete(
    issuer: Issuer<'_>,
    register: &Register,
    now: Time,
    seconds: i64,
    provider: &dyn Provider,
) -> Result<(Crl, Event), Refusal> {
    let (mut builder, event) = begin(issuer, register, now, seconds, None, provider)?;
    for issued in register.certificates() {
        if let Some(revocation) = issued.revocation() {
            builder.push(issued.certificate.serial(), &revocation);
        }
    }
    if let Some(uri) = &issuer.locations.delta_crl {
        builder = builder.freshest_crl(&[uri]);
    }
    Ok((builder.sign(issuer.signer)?, event))
}

/// A delta CRL since the last complete one, and the event to be written down before it is given out.
///
/// # Errors
/// If there is no complete CRL yet, if the clock is behind the register, or the key fails.
pub fn delta(
    issuer: Issuer<'_>,
    register: &Register,
    now: Time,
    seconds: i64,
    provider: &dyn Provider,
) -> Result<(Crl, Event), Refusal> {
    let base = register.complete_crl().ok_or_else(|| {
        Refusal::new(
            "authority.crl.no-base",
            "there is no complete CRL that a delta CRL could start from",
            "make one first with: undersign authority crl",
        )
    })?;
    let (mut builder, event) = begin(issuer, register, now, seconds, Some(base.number), provider)?;
    for issued in register.changed_since(&base) {
        builder.push(issued.certificate.serial(), &change(issued));
    }
    Ok((builder.sign(issuer.signer)?, event))
}

/// What became of a certificate since the complete CRL; one that is good again is taken off the list.
fn change(issued: &Issued) -> Revocation {
    issued.revocation().unwrap_or(Revocation {
        at: issued.held().unwrap_or(issued.at),
        reason: Some(Reason::RemoveFromCrl),
        invalidity_date: None,
    })
}

fn begin(
    issuer: Issuer<'_>,
    register: &Register,
    now: Time,
    seconds: i64,
    base: Option<u64>,
    provider: &dyn Provider,
) -> Result<(CrlBuilder, Event), Refusal> {
    let at = register.time_of(now)?;
    let (number, next_update) = (register.next_crl_number(), at.plus(seconds));
    let octets = |number: u64| CrlNumber::from_octets(&number.to_be_bytes());
    let certificate = issuer.certificate;
    let mut builder = CrlBuilder::new(certificate.subject(), (at, next_update), &octets(number))
        .authority_key_identifier(&own_key_identifier(certificate, provider))
        .expired_certs_on_crl(certificate.not_before());
    if let Some(base) = base {
        builder = builder.delta_since(&octets(base));
    }
    Ok((builder, Event::Crl { at, next_update, number, base }))
}
