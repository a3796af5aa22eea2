//! The register as lines of a file, and back.

use crate::refusal::Refusal;
use crate::register::{Event, Register};
use pkix::{Certificate, Reason};
use records::{ByteText, RegisterEvent, RegisterRecord, register_header};
use std::fmt;
use types::Time;

/// Why a register cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordError {
    /// The number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for RecordError {}

impl Event {
    /// The event as one line of JSON, with its line end.
    pub fn to_line(&self) -> String {
        let event = match self {
            Event::Issued { profile, certificate, .. } => RegisterEvent::Issued {
                serial: certificate.serial_hex(),
                profile: profile.clone(),
                certificate: ByteText(certificate.der().to_vec()),
            },
            Event::Suspended { serial, .. } => RegisterEvent::Suspended { serial: hex(serial) },
            Event::Resumed { serial, .. } => RegisterEvent::Resumed { serial: hex(serial) },
            Event::Revoked { serial, reason, invalidity_date, .. } => RegisterEvent::Revoked {
                serial: hex(serial),
                reason: reason.name().to_owned(),
                invalidity_date: invalidity_date.map(|time| time.to_string()),
            },
            Event::Crl { next_update, number, base, .. } => {
                RegisterEvent::Crl { number: *number, base: *base, next_update: next_update.to_string() }
            }
        };
        RegisterRecord { at: self.at().to_string(), event }.to_line()
    }

    /// Reads a line.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_line(line: &str) -> Result<Event, String> {
        let RegisterRecord { at, event } = RegisterRecord::from_line(line)?;
        let at = time(&at)?;
        Ok(match event {
            RegisterEvent::Issued { serial, profile, certificate } => {
                let certificate = Certificate::from_der(&certificate.0).map_err(|error| error.to_string())?;
                if certificate.serial_hex() != serial {
                    return Err("the serial number is not that of the certificate".to_owned());
                }
                Event::Issued { at, profile, certificate }
            }
            RegisterEvent::Suspended { serial } => Event::Suspended { at, serial: octets(&serial)? },
            RegisterEvent::Resumed { serial } => Event::Resumed { at, serial: octets(&serial)? },
            RegisterEvent::Revoked { serial, reason, invalidity_date } => Event::Revoked {
                at,
                serial: octets(&serial)?,
                reason: Reason::from_name(&reason).ok_or_else(|| format!("{reason:?} is no reason"))?,
                invalidity_date: invalidity_date.map(|text| time(&text)).transpose()?,
            },
            RegisterEvent::Crl { number, base, next_update } => {
                Event::Crl { at, next_update: time(&next_update)?, number, base }
            }
        })
    }
}

impl Register {
    /// The text of a register without events.
    pub fn header() -> String {
        register_header()
    }

    /// The register that these lines lead to, of which the first is [`Register::header`].
    ///
    /// # Errors
    /// The first line that cannot be read or may not follow those before it.
    pub fn read(text: &str) -> Result<Register, RecordError> {
        let mut register = Register::default();
        register.read_more(text, 0)?;
        Ok(register)
    }

    /// Leads the register on by more lines, of which `before` were read already; gives their number.
    ///
    /// # Errors
    /// As [`Register::read`]; the lines before the faulty one were taken in.
    pub fn read_more(&mut self, text: &str, before: usize) -> Result<usize, RecordError> {
        let mut lines = before;
        for line in text.lines() {
            lines += 1;
            let fault = |reason: String| RecordError { line: lines, reason };
            if lines == 1 {
                let expected = register_header();
                let is_header = line == expected.trim_end();
                is_header.then_some(()).ok_or_else(|| fault(format!("it is not {expected}")))?;
                continue;
            }
            let event = Event::from_line(line).map_err(fault)?;
            self.apply(event).map_err(|Refusal { reason, .. }| RecordError { line: lines, reason })?;
        }
        Ok(lines)
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// Content octets of a non-negative serial number, from its hexadecimal digits.
fn octets(hex: &str) -> Result<Vec<u8>, String> {
    let wrong = || format!("{hex:?} is no serial number");
    let is_hex =
        hex.bytes().all(|byte| byte.is_ascii_hexdigit()) && hex.len().is_multiple_of(2) && !hex.is_empty();
    let pair = |at: usize| hex.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let octets: Option<Vec<u8>> = (0..hex.len()).step_by(2).map(pair).collect();
    let octets = octets.filter(|_| is_hex).ok_or_else(wrong)?;
    // Without its sign octet, a number with a high first bit would be negative.
    let sign = octets.first().is_some_and(|first| *first >= 0x80);
    Ok([if sign { &[0][..] } else { &[] }, &octets].concat())
}

fn time(text: &str) -> Result<Time, String> {
    text.parse().map_err(|error: types::TimeError| error.to_string())
}
