//! The register of a certification authority (spec/register.md): one event a line, in the order in which they happened.

use crate::plan::ByteText;
use serde::{Deserialize, Serialize};

/// Identifier of the form, in the first line of every register.
pub const REGISTER_FORMAT: &str = "undersign-register@v1";

/// The first line of a register, with its line end.
pub fn register_header() -> String {
    format!("{{\"format\":\"{REGISTER_FORMAT}\"}}\n")
}

/// One line of a register after the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterRecord {
    /// When it happened, by the clock of the authority (RFC 3339, UTC).
    pub at: String,
    /// What happened.
    #[serde(flatten)]
    pub event: RegisterEvent,
}

/// What an authority did. Serial numbers are in lower-case hexadecimal, without leading zero octets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum RegisterEvent {
    /// A certificate was issued.
    Issued {
        /// Its serial number.
        serial: String,
        /// The profile.
        profile: String,
        /// The certificate, DER.
        certificate: ByteText,
    },
    /// A certificate was put on hold.
    Suspended {
        /// Its serial number.
        serial: String,
    },
    /// A certificate is no longer on hold.
    Resumed {
        /// Its serial number.
        serial: String,
    },
    /// A certificate was revoked.
    Revoked {
        /// Its serial number.
        serial: String,
        /// The name of the reason (RFC 5280, 5.3.1).
        reason: String,
        /// RFC 5280, 5.3.2 (RFC 3339, UTC).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        invalidity_date: Option<String>,
    },
    /// A CRL was issued.
    Crl {
        /// Its number.
        number: u64,
        /// The number of the complete CRL that it starts from, if it is a delta CRL.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base: Option<u64>,
        /// RFC 3339, UTC.
        next_update: String,
    },
}

impl RegisterRecord {
    /// Reads one line.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_line(line: &str) -> Result<RegisterRecord, String> {
        serde_json::from_str(line).map_err(|error| error.to_string())
    }

    /// The line, with its line end.
    pub fn to_line(&self) -> String {
        let mut line = serde_json::to_string(self).expect("a record holds only strings and numbers");
        line.push('\n');
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_survives_the_round_trip() {
        let event = RegisterEvent::Revoked {
            serial: "01".into(),
            reason: "keyCompromise".into(),
            invalidity_date: Some("2026-01-01T00:00:00Z".into()),
        };
        let record = RegisterRecord { at: "2026-02-01T00:00:00Z".into(), event };
        let line = record.to_line();
        assert_eq!(RegisterRecord::from_line(&line), Ok(record));
        assert!(
            line.ends_with("}\n")
                && line.starts_with("{\"at\":\"2026-02-01T00:00:00Z\",\"event\":\"revoked\"")
        );
    }

    #[test]
    fn other_events_and_unknown_members_are_refused() {
        for line in [
            "",
            "{}",
            "{\"at\":\"2026-02-01T00:00:00Z\",\"event\":\"forgotten\",\"serial\":\"01\"}",
            "{\"at\":\"2026-02-01T00:00:00Z\",\"event\":\"resumed\",\"serial\":\"01\",\"more\":1}",
            "{\"event\":\"resumed\",\"serial\":\"01\"}",
        ] {
            assert!(RegisterRecord::from_line(line).is_err(), "{line}");
        }
    }
}
