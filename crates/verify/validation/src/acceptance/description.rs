//! Descriptions of verifiers (`policies/verifiers/`): a closed set of rules, each with its source and how sure it is.

use serde::Deserialize;
use std::fmt;
use std::sync::LazyLock;

const FORMAT: &str = "undersign-verifier@v1";

/// Text of every description.
pub const DESCRIBED: [&str; 5] = [
    include_str!("../../../../../policies/verifiers/eu-dss.toml"),
    include_str!("../../../../../policies/verifiers/siva-polv4.toml"),
    include_str!("../../../../../policies/verifiers/adobe-acrobat.toml"),
    include_str!("../../../../../policies/verifiers/pdf-js.toml"),
    include_str!("../../../../../policies/verifiers/pdfsig.toml"),
];

/// Why a description cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescriptionError(String);

impl fmt::Display for DescriptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DescriptionError {}

/// A verifier as far as it is described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) rules: Vec<Rule>,
}

/// One rule with its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) asks: Asks,
    pub(super) source: String,
    pub(super) date: String,
    pub(super) confidence: Confidence,
}

/// What a rule asks of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// It has not failed by itself.
    Intact,
    /// The file is of one of these kinds.
    Container(Vec<String>),
    /// Its format in a PDF is one of these.
    SubFilter(Vec<String>),
    /// Its baseline level is one of these.
    Level(Vec<String>),
    /// Its certificate leads to a certificate of this list, which is not at hand.
    Trust(String),
    /// The status of its certificates is known.
    Revocation(RevocationFrom),
    /// And was told after the timestamp, by so many minutes at most.
    RevocationAfterTimestamp(i64),
    /// None of these digests is used; a timestamp may excuse it.
    Digest {
        /// Names as reports show them.
        refused: Vec<String>,
        /// Whether a timestamp excuses it.
        unless_timestamped: bool,
    },
    /// Nothing was added later.
    LaterChanges,
}

/// Where a verifier takes revocation data from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RevocationFrom {
    /// From the document only.
    Document,
    /// It asks the issuer as well.
    Network,
}

/// How sure a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// The verifier's makers say so.
    Documented,
    /// It was tried.
    Observed,
    /// It follows from what is known, and may be wrong.
    Judged,
}

impl Confidence {
    /// The word of descriptions and reports for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Confidence::Documented => "documented",
            Confidence::Observed => "observed",
            Confidence::Judged => "judged",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    id: String,
    name: String,
    rule: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Row {
    rule: String,
    #[serde(default)]
    accepted: Vec<String>,
    #[serde(default)]
    refused: Vec<String>,
    list: Option<String>,
    from: Option<RevocationFrom>,
    limit_minutes: Option<u32>,
    #[serde(default)]
    unless_timestamped: bool,
    source: String,
    date: String,
    confidence: Confidence,
}

impl Verifier {
    /// Every verifier that is described, read once.
    pub fn all() -> &'static [Verifier] {
        static ALL: LazyLock<Vec<Verifier>> =
            LazyLock::new(|| DESCRIBED.iter().filter_map(|text| Verifier::parse(text).ok()).collect());
        &ALL
    }

    /// Reads a description.
    pub fn parse(text: &str) -> Result<Verifier, DescriptionError> {
        let file: File = toml::from_str(text).map_err(|error| DescriptionError(error.to_string()))?;
        if file.format != FORMAT {
            return Err(DescriptionError(format!("format is {:?}, expected {FORMAT:?}", file.format)));
        }
        let rules = file.rule.into_iter().map(Row::rule).collect::<Result<_, _>>()?;
        Ok(Verifier { id: file.id, name: file.name, rules })
    }
}

impl Row {
    fn rule(self) -> Result<Rule, DescriptionError> {
        let missing = |what: &str| DescriptionError(format!("rule {:?} needs {what:?}", self.rule));
        let asks = match self.rule.as_str() {
            "intact" => Asks::Intact,
            "container" => Asks::Container(self.accepted),
            "sub-filter" => Asks::SubFilter(self.accepted),
            "level" => Asks::Level(self.accepted),
            "trust" => Asks::Trust(self.list.ok_or_else(|| missing("list"))?),
            "revocation" => Asks::Revocation(self.from.ok_or_else(|| missing("from"))?),
            "revocation-after-timestamp" => Asks::RevocationAfterTimestamp(
                self.limit_minutes.map(i64::from).ok_or_else(|| missing("limit-minutes"))?,
            ),
            "digest" => Asks::Digest { refused: self.refused, unless_timestamped: self.unless_timestamped },
            "later-changes" => Asks::LaterChanges,
            _ => return Err(DescriptionError(format!("there is no rule {:?}", self.rule))),
        };
        Ok(Rule { asks, source: self.source, date: self.date, confidence: self.confidence })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_description_is_readable_and_every_rule_has_a_source() {
        for text in DESCRIBED {
            let verifier = Verifier::parse(text).unwrap();
            assert!(!verifier.rules.is_empty(), "{}", verifier.id);
            assert!(verifier.rules.iter().all(|rule| rule.source.len() > 8 && rule.date.len() >= 7));
        }
        assert_eq!(Verifier::all().len(), DESCRIBED.len());
    }

    #[test]
    fn unknown_rules_and_formats_are_refused() {
        let [first, ..] = DESCRIBED;
        assert!(Verifier::parse(&first.replace("verifier@v1", "verifier@v2")).is_err());
        assert!(Verifier::parse(&first.replace("\"intact\"", "\"intakt\"")).is_err());
        assert!(Verifier::parse(&first.replace("list = ", "lists = ")).is_err());
    }
}
