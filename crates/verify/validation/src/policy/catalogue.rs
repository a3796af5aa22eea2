//! Until when algorithms are reliable: a table of a policy, or a catalogue by itself (`undersign-algorithms@v1`), as it
//! travels in trust packs. After ETSI TS 119 312; TS 119 322 has an XML form of the same.

use super::PolicyError;
use crypto::DigestAlgorithm;
use serde::Deserialize;
use std::fmt;
use types::Time;

const FORMAT: &str = "undersign-algorithms@v1";

/// A catalogue of algorithms that somebody published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlgorithmCatalogue {
    /// Its name.
    pub id: String,
    /// As of when it is.
    pub issued: Time,
    /// When it should be replaced at the latest, if it says so.
    pub next_update: Option<Time>,
    pub(super) reliable: Reliable,
}

impl AlgorithmCatalogue {
    /// Reads a catalogue, TOML (spec/trust-pack.md).
    pub fn parse(text: &str) -> Result<AlgorithmCatalogue, PolicyError> {
        let file: File = toml::from_str(text).map_err(|error| PolicyError(error.to_string()))?;
        if file.format != FORMAT {
            return Err(PolicyError(format!("format is {:?}, expected {FORMAT:?}", file.format)));
        }
        if file.id.is_empty() || file.id.len() > 64 || file.id.chars().any(char::is_control) {
            return Err(PolicyError("id has to have 1 to 64 characters, none of them a control".into()));
        }
        Ok(AlgorithmCatalogue {
            id: file.id,
            issued: time(&file.issued)?,
            next_update: file.next_update.as_deref().map(time).transpose()?,
            reliable: AlgorithmsTable { digests: file.digests, keys: file.keys }.read()?,
        })
    }
}

impl fmt::Display for AlgorithmCatalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.id, self.issued)
    }
}

/// Until when digests and keys are reliable; what is not listed is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reliable {
    pub(crate) digests: Vec<(DigestAlgorithm, Option<Time>)>,
    pub(crate) keys: Vec<KeyRow>,
}

/// One row of reliable keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyRow {
    pub(crate) kind: KeyKind,
    /// From this size on, bits.
    pub(crate) bits: u32,
    /// Until then; for ever if absent.
    pub(crate) until: Option<Time>,
}

/// Kinds of keys by what limits them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Rsa,
    RsaPss,
    Ec,
    EdDsa,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    format: String,
    id: String,
    issued: String,
    next_update: Option<String>,
    digests: Vec<DigestRow>,
    keys: Vec<KeyTableRow>,
}

/// The rows as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlgorithmsTable {
    digests: Vec<DigestRow>,
    keys: Vec<KeyTableRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DigestRow {
    name: String,
    until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyTableRow {
    kind: String,
    bits: u32,
    until: Option<String>,
}

impl AlgorithmsTable {
    pub(super) fn read(&self) -> Result<Reliable, PolicyError> {
        Ok(Reliable {
            digests: self.digests.iter().map(digest).collect::<Result<_, _>>()?,
            keys: self.keys.iter().map(key).collect::<Result<_, _>>()?,
        })
    }
}

fn digest(row: &DigestRow) -> Result<(DigestAlgorithm, Option<Time>), PolicyError> {
    let known = DigestAlgorithm::ALL.into_iter().find(|algorithm| algorithm.name() == row.name);
    let algorithm = known.ok_or_else(|| PolicyError(format!("{:?} is no digest known here", row.name)))?;
    Ok((algorithm, row.until.as_deref().map(time).transpose()?))
}

fn key(row: &KeyTableRow) -> Result<KeyRow, PolicyError> {
    let kind = match row.kind.as_str() {
        "RSA" => KeyKind::Rsa,
        "RSA-PSS" => KeyKind::RsaPss,
        "EC" => KeyKind::Ec,
        "EdDSA" => KeyKind::EdDsa,
        other => {
            let expected = "expected RSA, RSA-PSS, EC or EdDSA";
            return Err(PolicyError(format!("{other:?} is no kind of key, {expected}")));
        }
    };
    Ok(KeyRow { kind, bits: row.bits, until: row.until.as_deref().map(time).transpose()? })
}

fn time(text: &str) -> Result<Time, PolicyError> {
    text.parse().map_err(|error: types::TimeError| PolicyError(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Policy;

    const HEAD: &str = "format = 'undersign-algorithms@v1'\nid = 'office'\nissued = '2026-11-01'\n";

    #[test]
    fn a_catalogue_takes_the_place_of_the_algorithms_and_is_named() {
        let text =
            format!("{HEAD}digests = [{{ name = 'SHA-512' }}]\nkeys = [{{ kind = 'EC', bits = 384 }}]\n");
        let catalogue = AlgorithmCatalogue::parse(&text).unwrap();
        let policy = Policy::standard().with_catalogue(&catalogue);
        assert_eq!(policy.reliable, catalogue.reliable);
        assert!(!policy.own_algorithms);
        assert_eq!(policy.version, "1, algorithms office of 2026-11-01T00:00:00Z");
    }

    #[test]
    fn mistakes_are_named() {
        for (text, named) in [
            (format!("{HEAD}digests = []\nkeys = [{{ kind = 'DSA', bits = 2048 }}]\n"), "DSA"),
            (format!("{HEAD}digests = [{{ name = 'SHA-0' }}]\nkeys = []\n"), "SHA-0"),
            (format!("{HEAD}keys = []\n"), "digests"),
            (format!("{HEAD}digests = []\nkeys = []\nnext-update = 'soon'\n"), "soon"),
            (HEAD.replace("algorithms@v1", "algorithms@v2") + "digests = []\nkeys = []\n", "@v2"),
            (HEAD.replace("'office'", "''") + "digests = []\nkeys = []\n", "id"),
        ] {
            let error = AlgorithmCatalogue::parse(&text).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
