//! The register: every certificate issued and what became of it, as a value that events lead on.

use crate::refusal::Refusal;
use pkix::{Certificate, Crl, CrlNumber, Reason, Revocation, shortest_serial};
use std::collections::BTreeMap;
use types::Time;

/// Seconds that a clock may run behind the newest event: it was set right meanwhile.
const TOLERANCE_SECONDS: i64 = 60;

/// Everything that an authority has done, in order. It is led on by [`Register::apply`] alone.
#[derive(Clone, Debug, Default)]
pub struct Register {
    /// By serial number, content octets of the shortest form.
    certificates: BTreeMap<Box<[u8]>, Issued>,
    latest: Option<Time>,
    events: u64,
    crl_number: u64,
    complete: Option<CompleteCrl>,
    /// Number of the last delta CRL, and the number of events before it.
    delta: Option<(u64, u64)>,
}

/// The last complete CRL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompleteCrl {
    /// Its number.
    pub number: u64,
    /// Its thisUpdate.
    pub this_update: Time,
    /// Its nextUpdate.
    pub next_update: Time,
    /// Number of events before it.
    events: u64,
}

/// A certificate in the register.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The certificate.
    pub certificate: Certificate,
    /// The profile it was issued by.
    pub profile: String,
    /// When, by the clock of the authority.
    pub at: Time,
    /// What became of it.
    pub standing: Standing,
    /// Number of events before the last change of its standing; 0 if there was none.
    changed: u64,
    /// When it was last suspended.
    held: Option<Time>,
}

/// What became of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Good,
    /// It is on hold since then (certificateHold, RFC 5280, 5.3.1).
    Suspended(Time),
    /// It is revoked, for good.
    Revoked(Revocation),
}

/// Something that an authority has done, or is about to do: it counts once it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A certificate was issued.
    Issued {
        /// When.
        at: Time,
        /// By which profile.
        profile: String,
        /// The certificate.
        certificate: Certificate,
    },
    /// A certificate was put on hold.
    Suspended {
        /// When.
        at: Time,
        /// Which, content octets.
        serial: Vec<u8>,
    },
    /// A certificate is no longer on hold.
    Resumed {
        /// When.
        at: Time,
        /// Which, content octets.
        serial: Vec<u8>,
    },
    /// A certificate was revoked for good.
    Revoked {
        /// When.
        at: Time,
        /// Which, content octets.
        serial: Vec<u8>,
        /// Why.
        reason: Reason,
        /// Since when the key may have been in other hands (RFC 5280, 5.3.2).
        invalidity_date: Option<Time>,
    },
    /// A CRL was issued.
    Crl {
        /// Its thisUpdate.
        at: Time,
        /// Its nextUpdate.
        next_update: Time,
        /// Its number.
        number: u64,
        /// The number of the complete CRL that it starts from, if it is a delta CRL.
        base: Option<u64>,
    },
}

impl Event {
    /// When it happened, by the clock of the authority.
    pub fn at(&self) -> Time {
        match self {
            Event::Issued { at, .. }
            | Event::Suspended { at, .. }
            | Event::Resumed { at, .. }
            | Event::Revoked { at, .. }
            | Event::Crl { at, .. } => *at,
        }
    }
}

impl Issued {
    /// What a CRL or an OCSP response says about it: nothing if it is good.
    pub fn revocation(&self) -> Option<Revocation> {
        match self.standing {
            Standing::Good => None,
            Standing::Suspended(at) => {
                Some(Revocation { at, reason: Some(Reason::CertificateHold), invalidity_date: None })
            }
            Standing::Revoked(revocation) => Some(revocation),
        }
    }

    /// Since when it was on hold, whether it still is or not.
    pub(crate) fn held(&self) -> Option<Time> {
        self.held
    }
}

fn unknown(serial: &[u8]) -> Refusal {
    let hex: String = serial.iter().map(|octet| format!("{octet:02x}")).collect();
    Refusal::new(
        "authority.serial.unknown",
        format!("no certificate with the serial number {hex} was issued here"),
        "see: undersign authority list",
    )
}

impl Register {
    /// The certificate with this serial number (content octets).
    pub fn get(&self, serial: &[u8]) -> Option<&Issued> {
        self.certificates.get(shortest_serial(serial))
    }

    /// Every certificate, in the order of serial numbers.
    pub fn certificates(&self) -> impl Iterator<Item = &Issued> {
        self.certificates.values()
    }

    /// How many certificates were issued.
    pub fn len(&self) -> usize {
        self.certificates.len()
    }

    /// Whether no certificate was issued.
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    /// The time of the newest event.
    pub fn latest(&self) -> Option<Time> {
        self.latest
    }

    /// The last complete CRL.
    pub fn complete_crl(&self) -> Option<CompleteCrl> {
        self.complete
    }

    /// The number of the next CRL.
    pub(crate) fn next_crl_number(&self) -> u64 {
        self.crl_number.saturating_add(1)
    }

    /// Certificates whose standing changed since the last complete CRL.
    pub(crate) fn changed_since(&self, base: &CompleteCrl) -> impl Iterator<Item = &Issued> {
        let events = base.events;
        self.certificates().filter(move |issued| issued.changed > events)
    }

    /// Whether the standing of some certificate changed since the last complete CRL, or there is none yet.
    pub fn has_changed_since_complete_crl(&self) -> bool {
        self.complete.is_none_or(|base| self.changed_since(&base).next().is_some())
    }

    /// Whether a CRL is the newest of its kind and still says all: it has the number that was written down last, and no
    /// standing changed since. One that was made but never kept, because the machine stopped, is so told from an older one.
    pub fn is_current(&self, crl: &Crl) -> bool {
        let newest = match (crl.is_delta(), self.complete) {
            (false, complete) => complete.map(|complete| (complete.number, complete.events)),
            (true, Some(complete)) => self.delta.filter(|(number, _)| *number > complete.number),
            (true, None) => None,
        };
        newest.is_some_and(|(number, events)| {
            let own = CrlNumber::from_octets(&number.to_be_bytes());
            crl.extensions().number.as_ref() == Some(&own)
                && self.certificates().all(|issued| issued.changed <= events)
        })
    }

    /// The time to give to an event that happens when the clock says `now`: never before the newest event.
    ///
    /// # Errors
    /// If the clock is more than a minute behind the newest event: it was set back, or was ahead before.
    pub fn time_of(&self, now: Time) -> Result<Time, Refusal> {
        match self.latest {
            Some(latest) if now.plus(TOLERANCE_SECONDS) < latest => Err(Refusal::new(
                "authority.clock.behind",
                format!("the clock says {now}, but the newest event of the register is of {latest}"),
                "set the clock right",
            )),
            Some(latest) => Ok(now.max(latest)),
            None => Ok(now),
        }
    }

    /// That a certificate is about to be issued.
    ///
    /// # Errors
    /// If its serial number was used before.
    pub fn issue(&self, certificate: &Certificate, profile: &str, at: Time) -> Result<Event, Refusal> {
        self.checked(Event::Issued { at, profile: profile.to_owned(), certificate: certificate.clone() })
    }

    /// Puts a certificate on hold.
    ///
    /// # Errors
    /// If it is not known, not good, or of a kind whose status is never told.
    pub fn suspend(&self, serial: &[u8], now: Time) -> Result<Event, Refusal> {
        self.checked(Event::Suspended { at: self.time_of(now)?, serial: serial.to_vec() })
    }

    /// Takes a certificate off hold.
    ///
    /// # Errors
    /// If it is not known or not on hold.
    pub fn resume(&self, serial: &[u8], now: Time) -> Result<Event, Refusal> {
        self.checked(Event::Resumed { at: self.time_of(now)?, serial: serial.to_vec() })
    }

    /// Revokes a certificate for good. One on hold counts as revoked since it was put on hold: nothing in between can be
    /// relied on.
    ///
    /// # Errors
    /// If it is not known, revoked already, or of a kind whose status is never told; if the reason is none for good; if
    /// `invalidity_date` lies in the future.
    pub fn revoke(
        &self,
        serial: &[u8],
        reason: Reason,
        invalidity_date: Option<Time>,
        now: Time,
    ) -> Result<Event, Refusal> {
        let at = self.time_of(now)?;
        self.checked(Event::Revoked { at, serial: serial.to_vec(), reason, invalidity_date })
    }

    fn checked(&self, event: Event) -> Result<Event, Refusal> {
        self.check(&event).map(|()| event)
    }

    /// Whether an event may follow.
    fn check(&self, event: &Event) -> Result<(), Refusal> {
        if self.latest.is_some_and(|latest| event.at() < latest) {
            return Err(Refusal::new(
                "authority.event.order",
                format!("an event of {} comes after one that is newer", event.at()),
                "check the register against a backup",
            ));
        }
        match event {
            Event::Issued { certificate, .. } if self.get(certificate.serial()).is_some() => {
                Err(Refusal::new(
                    "authority.serial.taken",
                    format!("the serial number {} was used before", certificate.serial_hex()),
                    "draw another one",
                ))
            }
            Event::Issued { .. } => Ok(()),
            Event::Suspended { serial, .. } => match self.changeable(serial)?.standing {
                Standing::Good => Ok(()),
                _ => Err(not_so("it is not good any more", "see: undersign authority show")),
            },
            Event::Resumed { serial, .. } => match self.changeable(serial)?.standing {
                Standing::Suspended(_) => Ok(()),
                Standing::Good => Err(not_so("it is not on hold", "nothing is to be done")),
                Standing::Revoked(_) => {
                    Err(not_so("it is revoked, which is for good (RFC 5280, 5.3.1)", "issue a new one"))
                }
            },
            Event::Revoked { at, serial, reason, invalidity_date } => {
                check_reason(*reason, self.changeable(serial)?)?;
                if invalidity_date.is_some_and(|since| since > *at) {
                    return Err(not_so(
                        "the invalidity date lies in the future",
                        "give the past one, or none",
                    ));
                }
                match self.changeable(serial)?.standing {
                    Standing::Revoked(_) => Err(not_so("it is revoked already", "nothing is to be done")),
                    _ => Ok(()),
                }
            }
            Event::Crl { number, base, .. } => {
                let base_fits = base.is_none_or(|base| self.complete.is_some_and(|own| own.number == base));
                match *number > self.crl_number && base_fits {
                    true => Ok(()),
                    false => Err(not_so("the numbers of CRLs do not go on", "check the register")),
                }
            }
        }
    }

    /// A certificate whose standing can change.
    fn changeable(&self, serial: &[u8]) -> Result<&Issued, Refusal> {
        let issued = self.get(serial).ok_or_else(|| unknown(serial))?;
        if issued.certificate.extensions().no_rev_avail {
            return Err(Refusal::new(
                "authority.status.never",
                format!(
                    "the status of this certificate is never told (RFC 9608); it ends on {}",
                    issued.certificate.not_after()
                ),
                "issue no further one for this key",
            ));
        }
        Ok(issued)
    }

    /// The register after an event.
    ///
    /// # Errors
    /// If the event may not follow; the register is as it was then.
    pub fn apply(&mut self, event: Event) -> Result<(), Refusal> {
        self.check(&event)?;
        self.latest = Some(event.at());
        self.events = self.events.saturating_add(1);
        let changed = self.events;
        match event {
            Event::Issued { at, profile, certificate } => {
                let serial = shortest_serial(certificate.serial()).into();
                let standing = Standing::Good;
                let issued = Issued { certificate, profile, at, standing, changed: 0, held: None };
                self.certificates.insert(serial, issued);
            }
            Event::Suspended { at, serial } => self.change(&serial, changed, |issued| {
                issued.held = Some(at);
                Standing::Suspended(at)
            }),
            Event::Resumed { serial, .. } => self.change(&serial, changed, |_| Standing::Good),
            Event::Revoked { at, serial, reason, invalidity_date } => {
                self.change(&serial, changed, |issued| {
                    let at = match issued.standing {
                        Standing::Suspended(since) => since,
                        _ => at,
                    };
                    Standing::Revoked(Revocation { at, reason: Some(reason), invalidity_date })
                });
            }
            Event::Crl { at, next_update, number, base } => {
                self.crl_number = number;
                let events = self.events;
                match base {
                    None => {
                        self.complete = Some(CompleteCrl { number, this_update: at, next_update, events })
                    }
                    Some(_) => self.delta = Some((number, events)),
                }
            }
        }
        Ok(())
    }

    fn change(&mut self, serial: &[u8], changed: u64, standing: impl FnOnce(&mut Issued) -> Standing) {
        if let Some(issued) = self.certificates.get_mut(shortest_serial(serial)) {
            issued.standing = standing(issued);
            issued.changed = changed;
        }
    }
}

fn not_so(reason: &str, hint: &'static str) -> Refusal {
    Refusal::new("authority.status", reason, hint)
}

/// Reasons that end a certificate for good (RFC 5280, 5.3.1).
fn check_reason(reason: Reason, issued: &Issued) -> Result<(), Refusal> {
    match reason {
        Reason::CertificateHold => Err(not_so("a hold is not for good", "use: undersign authority suspend")),
        Reason::RemoveFromCrl => {
            Err(not_so("that is no reason to revoke", "use: undersign authority resume"))
        }
        Reason::Unassigned(_) => Err(not_so("that is no reason of the standard", "see RFC 5280, 5.3.1")),
        Reason::CaCompromise if !issued.certificate.is_ca() => {
            Err(not_so("cACompromise is for authorities", "use keyCompromise"))
        }
        Reason::AaCompromise => Err(not_so("aACompromise is for attribute authorities", "use keyCompromise")),
        _ => Ok(()),
    }
}
