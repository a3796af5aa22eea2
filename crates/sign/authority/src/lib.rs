//! A certification authority, its OCSP responder and its time-stamping authority, as values.
//!
//! ```text
//! issue(issuer, order)                      ->  Certificate    by a profile, which is data
//! Register::suspend, resume, revoke, …      ->  Event          what is to be written down, durably, before it is answered
//! Register::apply(event)                    ->  the register after it
//! crl::complete, crl::delta                 ->  Crl
//! OcspResponder::answer(request, register)  ->  octets for whoever asks
//! TimestampAuthority::answer(request, time) ->  octets for whoever asks
//! ```
//!
//! Time, serial numbers and keys are arguments. The register keeps to the order of its events: a clock that runs behind
//! them is refused by name, and no serial number is taken twice.

pub mod crl;
mod duration;
mod issue;
mod ocsp;
mod profile;
mod record;
mod refusal;
mod register;
mod settings;
mod timestamp;

pub use issue::{Issuer, Order, issue, issue_root};
pub use ocsp::{OcspAnswer, OcspResponder};
pub use profile::{CertificateProfile, ProfileError, RevocationStatus};
pub use record::RecordError;
pub use refusal::Refusal;
pub use register::{CompleteCrl, Event, Issued, Register, Standing};
pub use settings::{Locations, Settings, SettingsError};
pub use timestamp::{TimestampAnswer, TimestampAuthority};
