//! What answers: the OCSP responder and the time-stamping unit with their keys, made ready once.

use super::folder::{Role, authority, chain, identity};
use crate::entropy;
use crate::error::Failure;
use authority::{OcspAnswer, OcspResponder, Register, Settings, TimestampAnswer, TimestampAuthority};
use crypto::PROVIDER;
use pkix::Certificate;
use std::sync::atomic::{AtomicU64, Ordering};
use types::Time;
use vault::{SoftwareSigner, UnlockedVault};

/// Everything that answers.
pub struct Services {
    /// The certificate of the authority.
    pub certificate: Certificate,
    /// The key that issues and signs CRLs.
    pub signer: SoftwareSigner,
    /// The OCSP responder.
    pub ocsp: Ocsp,
    /// The time-stamping unit, if one was appointed.
    pub timestamping: Option<Timestamping>,
}

/// The OCSP responder with its key.
pub struct Ocsp {
    responder: OcspResponder,
    signer: SoftwareSigner,
}

/// The time-stamping unit with its key.
pub struct Timestamping {
    authority: TimestampAuthority,
    signer: SoftwareSigner,
    serials: Serials,
}

/// Serial numbers of tokens: 10 octets drawn at the start, then a count. None repeats within a run, and two runs that drew
/// the same octets are not to be expected.
struct Serials {
    start: [u8; 10],
    count: AtomicU64,
}

impl Serials {
    fn new() -> Result<Serials, Failure> {
        let mut start = entropy::fresh::<10>()?;
        if let Some(first) = start.first_mut() {
            *first = *first & 0x3f | 0x40;
        }
        Ok(Serials { start, count: AtomicU64::new(0) })
    }

    fn next(&self) -> [u8; 18] {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let mut serial = [0; 18];
        let (start, rest) = serial.split_at_mut(10);
        start.copy_from_slice(&self.start);
        rest.copy_from_slice(&count.to_be_bytes());
        serial
    }
}

impl Services {
    /// Makes everything ready with the keys of the vault.
    pub fn new(vault: &UnlockedVault, settings: &Settings) -> Result<Services, Failure> {
        let (own, above) = authority(vault.identities())?;
        let certificate = above.first().ok_or(Failure::Internal)?.clone();
        let signer = vault.signer(&own.id(), None)?;
        Ok(Services {
            ocsp: Ocsp::new(vault, &certificate, settings)?,
            timestamping: Timestamping::new(vault, settings)?,
            signer,
            certificate,
        })
    }
}

impl Ocsp {
    /// The appointed responder, or the authority itself.
    fn new(vault: &UnlockedVault, issuer: &Certificate, settings: &Settings) -> Result<Ocsp, Failure> {
        let own = identity(vault.identities(), Role::Ocsp);
        let own = own.and_then(|own| Some((own, chain(own).into_iter().next()?)));
        // One that was appointed by an earlier certificate of the authority does not answer for this one.
        let own = own.filter(|(_, responder)| responder.issuer() == issuer.subject());
        let (id, responder) = match own {
            Some((own, responder)) => (own.id(), responder),
            None => (authority(vault.identities())?.0.id(), issuer.clone()),
        };
        let signer = vault.signer(&id, None)?;
        let responder = OcspResponder::new(issuer, &responder, settings.ocsp_seconds, PROVIDER);
        Ok(Ocsp { responder, signer })
    }

    /// The answer to a request at this time.
    pub fn answer(&self, request: &[u8], register: &Register, now: Time) -> OcspAnswer {
        self.responder.answer(request, register, now, &self.signer)
    }
}

impl Timestamping {
    /// The appointed unit, if there is one.
    fn new(vault: &UnlockedVault, settings: &Settings) -> Result<Option<Timestamping>, Failure> {
        let Some(own) = identity(vault.identities(), Role::Timestamp) else { return Ok(None) };
        let certificates = chain(own);
        let Some((certificate, above)) = certificates.split_first() else { return Ok(None) };
        let above: Vec<Certificate> = above.iter().filter(|one| !one.is_self_issued()).cloned().collect();
        let signer = vault.signer(&own.id(), None)?;
        let accuracy = settings.timestamp_accuracy_seconds.saturating_mul(1_000_000);
        let policy = &settings.timestamp_policy;
        let authority = TimestampAuthority::new(certificate, &above, &signer, policy, accuracy, PROVIDER)?;
        Ok(Some(Timestamping { authority, signer, serials: Serials::new()? }))
    }

    /// The answer to a request. A clock that is behind the register is not relied on.
    pub fn answer(&self, request: &[u8], register: &Register, now: Time) -> TimestampAnswer {
        let time = register.time_of(now).ok().map(|_| now);
        self.authority.answer(request, time, &self.serials.next(), &self.signer, PROVIDER)
    }
}
