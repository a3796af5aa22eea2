//! The manifest of a trust pack (spec/trust-pack.md): what the pack holds, who may sign the next one.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use types::Time;

/// Identifier of the form, in every manifest.
pub const PACK_FORMAT: &str = "undersign-trust-pack@v1";

/// The largest manifest in bytes.
pub const MAX_MANIFEST: usize = 16 << 20;
/// The most contents of a pack.
pub const MAX_CONTENTS: usize = 50_000;
/// The largest content in bytes: a CRL of some millions of entries.
pub const MAX_CONTENT: u64 = 256 << 20;
/// The most bytes of all contents together.
pub const MAX_TOTAL: u64 = 4 << 30;
/// The most certificates that may sign the next pack.
const MAX_PUBLISHERS: usize = 64;
/// The largest number that JSON carries exactly everywhere (RFC 8785, 3.2.2.3).
const MAX_SEQUENCE: u64 = (1 << 53) - 1;
const MAX_LABEL: usize = 64;
const MAX_NAME: usize = 200;

/// The manifest. Members are in the order of their names, as RFC 8785 wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PackRecord {
    /// What the pack holds, sorted by kind and name, each pair once.
    pub contents: Vec<PackContent>,
    /// [`PACK_FORMAT`].
    pub format: String,
    /// When the publisher says that it was made (RFC 3339, UTC).
    pub issued: String,
    /// The name of the pack, the same in all its versions: `[a-z0-9-]`, at most 64 characters.
    pub name: String,
    /// SHA-256 of the certificates that may sign the next version, lower-case hexadecimal, sorted.
    pub publishers: Vec<String>,
    /// Grows with every version, from 1.
    pub sequence: u64,
}

/// One content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PackContent {
    /// As of when it is (RFC 3339, UTC).
    pub issued: String,
    /// What it is: `[a-z0-9-]`, at most 64 characters.
    pub kind: String,
    /// Its length in bytes.
    pub length: u64,
    /// What people call it; at most 200 characters, no control characters, no `/` and no `\`.
    pub name: String,
    /// When it should be replaced at the latest (RFC 3339, UTC), if it says so itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_update: Option<String>,
    /// SHA-256 of its bytes, lower-case hexadecimal; also its name in the pack.
    pub sha256: String,
}

/// Why bytes are not a manifest that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackError {
    /// It is larger, or holds more, than a pack may.
    TooLarge(String),
    /// It is no JSON of this form.
    Syntax(String),
    /// It is JSON, but not written as RFC 8785 says, or not sorted.
    NotCanonical,
    /// A member has a value that it may not have.
    Value {
        /// Which, e.g. `contents[3].name`.
        member: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Two contents have the same kind and name.
    Duplicate {
        /// The kind.
        kind: String,
        /// The name.
        name: String,
    },
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a manifest of a trust pack: ")?;
        match self {
            PackError::TooLarge(what) => f.write_str(what),
            PackError::Syntax(what) => f.write_str(what),
            PackError::NotCanonical => f.write_str("it is not in the canonical form (RFC 8785, sorted)"),
            PackError::Value { member, reason } => write!(f, "{member}: {reason}"),
            PackError::Duplicate { kind, name } => write!(f, "two contents are the {kind} {name:?}"),
        }
    }
}

impl std::error::Error for PackError {}

impl PackError {
    /// A stable identifier.
    pub fn code(&self) -> &'static str {
        match self {
            PackError::TooLarge(_) => "pack.too-large",
            PackError::Syntax(_) => "pack.syntax",
            PackError::NotCanonical => "pack.not-canonical",
            PackError::Value { .. } => "pack.value",
            PackError::Duplicate { .. } => "pack.duplicate",
        }
    }
}

impl PackRecord {
    /// Reads a manifest. What comes back has every property that the form asks for; time and memory stay in proportion
    /// to the bytes, of which there are at most [`MAX_MANIFEST`].
    ///
    /// # Errors
    /// The first property that it lacks.
    pub fn from_json(bytes: &[u8]) -> Result<PackRecord, PackError> {
        if bytes.len() > MAX_MANIFEST {
            return Err(PackError::TooLarge(format!("it has more than {MAX_MANIFEST} bytes")));
        }
        let record: PackRecord =
            serde_json::from_slice(bytes).map_err(|error| PackError::Syntax(error.to_string()))?;
        record.check()?;
        if record.to_json() != bytes {
            return Err(PackError::NotCanonical);
        }
        Ok(record)
    }

    /// The manifest in its canonical form (RFC 8785), without a final line end.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a manifest holds only strings and numbers")
    }

    /// Sorts contents and publishers and looks at every property that the form asks for.
    ///
    /// # Errors
    /// The first property that it lacks.
    pub fn finished(mut self) -> Result<PackRecord, PackError> {
        self.contents.sort_by(|one, other| one.key().cmp(&other.key()));
        self.publishers.sort();
        self.publishers.dedup();
        self.check()?;
        Ok(self)
    }

    /// The bytes of all contents together, each digest once.
    pub fn total(&self) -> u64 {
        let mut seen = BTreeSet::new();
        let once = self.contents.iter().filter(|content| seen.insert(content.sha256.as_str()));
        once.map(|content| content.length).fold(0, u64::saturating_add)
    }

    fn check(&self) -> Result<(), PackError> {
        let value = |member: &str, reason| Err(PackError::Value { member: member.to_owned(), reason });
        if self.format != PACK_FORMAT {
            return value("format", "it is another one, made by a later program or for something else");
        }
        if !is_label(&self.name) {
            return value("name", LABEL);
        }
        if !(1..=MAX_SEQUENCE).contains(&self.sequence) {
            return value("sequence", "it is not between 1 and 2^53 - 1");
        }
        if !is_time(&self.issued) {
            return value("issued", TIME);
        }
        if !(1..=MAX_PUBLISHERS).contains(&self.publishers.len()) {
            return value("publishers", "there are none, or more than 64");
        }
        if !self.publishers.iter().all(|publisher| is_digest(publisher)) {
            return value("publishers", DIGEST);
        }
        if !self.publishers.is_sorted_by(|one, next| one < next) {
            return Err(PackError::NotCanonical);
        }
        self.check_contents()
    }

    fn check_contents(&self) -> Result<(), PackError> {
        if self.contents.len() > MAX_CONTENTS {
            return Err(PackError::TooLarge(format!("it names more than {MAX_CONTENTS} contents")));
        }
        for (index, content) in self.contents.iter().enumerate() {
            content.check().map_err(|(member, reason)| PackError::Value {
                member: format!("contents[{index}].{member}"),
                reason,
            })?;
        }
        for (one, next) in self.contents.iter().zip(self.contents.iter().skip(1)) {
            if one.key() == next.key() {
                return Err(PackError::Duplicate { kind: one.kind.clone(), name: one.name.clone() });
            }
            if one.key() > next.key() {
                return Err(PackError::NotCanonical);
            }
        }
        if self.total() > MAX_TOTAL {
            return Err(PackError::TooLarge(format!("its contents have more than {MAX_TOTAL} bytes")));
        }
        Ok(())
    }
}

const LABEL: &str = "it is not 1 to 64 of the characters a to z, 0 to 9 and -, with no - at either end";
const TIME: &str = "it is not a time in UTC like 2026-11-25T08:00:00Z";
const DIGEST: &str = "it is not a SHA-256 in lower-case hexadecimal";

impl PackContent {
    /// What tells it from the other contents and sorts it.
    pub fn key(&self) -> (&str, &str) {
        (&self.kind, &self.name)
    }

    fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if !is_label(&self.kind) {
            return Err(("kind", LABEL));
        }
        if !is_name(&self.name) {
            return Err((
                "name",
                "it is empty, longer than 200 characters, a path, or holds control characters",
            ));
        }
        if !is_digest(&self.sha256) {
            return Err(("sha256", DIGEST));
        }
        if self.length > MAX_CONTENT {
            return Err(("length", "it is larger than a content may be"));
        }
        if !is_time(&self.issued) {
            return Err(("issued", TIME));
        }
        if self.next_update.as_ref().is_some_and(|next_update| !is_time(next_update)) {
            return Err(("nextUpdate", TIME));
        }
        Ok(())
    }
}

/// Whether `text` may name a pack or a kind.
pub fn is_label(text: &str) -> bool {
    let fits = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    (1..=MAX_LABEL).contains(&text.len()) && fits && !text.starts_with('-') && !text.ends_with('-')
}

/// Whether `text` may name a content: a plain file name at most.
fn is_name(text: &str) -> bool {
    let is_odd = |c: char| c.is_control() || matches!(c, '/' | '\\' | '\u{2028}' | '\u{2029}');
    (1..=MAX_NAME).contains(&text.chars().count()) && !text.starts_with('.') && !text.contains(is_odd)
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether `text` is a time written in the one way that the form allows.
fn is_time(text: &str) -> bool {
    text.parse::<Time>().is_ok_and(|time| time.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(kind: &str, name: &str) -> PackContent {
        PackContent {
            issued: "2026-11-25T08:00:00Z".into(),
            kind: kind.into(),
            length: 3,
            name: name.into(),
            next_update: Some("2026-12-25T08:00:00Z".into()),
            sha256: "ab".repeat(32),
        }
    }

    fn record() -> PackRecord {
        PackRecord {
            contents: vec![
                content("anchor", "Wurzel Ü.pem"),
                content("crl", "a.crl"),
                content("crl", "b.crl"),
            ],
            format: PACK_FORMAT.into(),
            issued: "2026-11-25T08:00:00Z".into(),
            name: "example-eu".into(),
            publishers: vec!["00".repeat(32), "cd".repeat(32)],
            sequence: 7,
        }
    }

    #[test]
    fn a_manifest_survives_the_round_trip() {
        assert_eq!(PackRecord::from_json(&record().to_json()), Ok(record()));
        let text = String::from_utf8(record().to_json()).unwrap();
        assert!(text.starts_with("{\"contents\":[{\"issued\":") && text.contains("Wurzel Ü"), "{text}");
    }

    #[test]
    fn finishing_sorts() {
        let mut mixed = record();
        mixed.contents.reverse();
        mixed.publishers.reverse();
        assert_eq!(mixed.finished(), Ok(record()));
        let mut twice = record();
        twice.contents.push(content("crl", "a.crl"));
        assert_eq!(twice.finished().unwrap_err().code(), "pack.duplicate");
    }

    #[test]
    fn contents_with_the_same_bytes_count_once() {
        assert_eq!(record().total(), 3);
    }

    #[test]
    fn what_is_not_canonical_is_refused() {
        let text = String::from_utf8(record().to_json()).unwrap();
        for other in [
            format!("{text}\n"),
            text.replace("Ü", "\\u00dc"),
            text.replace("\"sequence\":7", "\"sequence\": 7"),
            text.replacen("a.crl", "c.crl", 1),
            text.replace(&"00".repeat(32), &"ee".repeat(32)),
        ] {
            assert_eq!(PackRecord::from_json(other.as_bytes()), Err(PackError::NotCanonical), "{other}");
        }
    }

    #[test]
    fn what_may_not_be_is_refused_by_name() {
        let text = String::from_utf8(record().to_json()).unwrap();
        for (from, to, code) in [
            ("@v1", "@v2", "pack.value"),
            ("example-eu", "../eu", "pack.value"),
            ("a.crl", "../a.crl", "pack.value"),
            ("a.crl", ".a", "pack.value"),
            ("a.crl", "a\\\\b", "pack.value"),
            ("a.crl", "a\\u0007", "pack.value"),
            ("a.crl", "", "pack.value"),
            ("a.crl", "b.crl", "pack.duplicate"),
            ("\"kind\":\"anchor\"", "\"kind\":\"Anchor\"", "pack.value"),
            ("\"length\":3", "\"length\":268435457", "pack.value"),
            ("\"length\":3", "\"length\":-3", "pack.syntax"),
            ("\"sequence\":7", "\"sequence\":0", "pack.value"),
            ("\"sequence\":7", "\"sequence\":9007199254740992", "pack.value"),
            ("\"sequence\":7", "\"sequence\":7,\"more\":1", "pack.syntax"),
            ("\"sequence\":7", "\"sequence\":7,\"sequence\":7", "pack.syntax"),
            ("2026-12-25T", "2026-13-25T", "pack.value"),
            ("ababab", "ABABAB", "pack.value"),
            ("cdcdcd", "cdcd", "pack.value"),
        ] {
            let error = PackRecord::from_json(text.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert_eq!(error.code(), code, "{to}: {error}");
        }
        assert_eq!(
            PackRecord::from_json(&vec![b' '; MAX_MANIFEST + 1]).unwrap_err().code(),
            "pack.too-large"
        );
        assert_eq!(PackRecord::from_json(b"").unwrap_err().code(), "pack.syntax");
    }

    #[test]
    fn more_contents_than_allowed_are_refused() {
        let mut many = record();
        many.contents = (0..=MAX_CONTENTS).map(|index| content("crl", &format!("{index:09}"))).collect();
        assert_eq!(many.finished().unwrap_err().code(), "pack.too-large");
    }
}
