//! Octets, times, places, digests and words as they stand in an evidence file. Members of all objects are declared in
//! the order of their names, which makes the written form that of RFC 8785.

use super::error::FrozenError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crypto::{Digest, SignatureError, UnknownAlgorithm};
use pkix::{Irregularity, Oid, Weight};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::str::FromStr;
use types::{Finding, Severity, Span, Time};

/// Octets in base64 with padding (RFC 4648, 4).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Octets(pub Vec<u8>);

impl Serialize for Octets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Octets, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Octets).map_err(|_| serde::de::Error::custom("not base64"))
    }
}

impl From<&[u8]> for Octets {
    fn from(octets: &[u8]) -> Octets {
        Octets(octets.to_vec())
    }
}

/// A time in seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Seconds(i64);

impl From<Time> for Seconds {
    fn from(time: Time) -> Seconds {
        Seconds(time.unix())
    }
}

impl From<Seconds> for Time {
    fn from(seconds: Seconds) -> Time {
        Time::from_unix(seconds.0)
    }
}

/// First byte and the one past the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place(u64, u64);

impl From<Span> for Place {
    fn from(span: Span) -> Place {
        Place(span.start, span.end)
    }
}

impl Place {
    pub(super) fn thaw(self) -> Result<Span, FrozenError> {
        if self.1 < self.0 {
            return Err(FrozenError::new("a place that ends before it starts"));
        }
        Ok(Span::new(self.0, self.1))
    }
}

/// What is known, or why it is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Known<T, F> {
    Is(T),
    Not(F),
}

impl<T, F> Known<T, F> {
    pub(super) fn freeze<A, B>(
        result: Result<A, B>,
        is: impl FnOnce(A) -> T,
        not: impl FnOnce(B) -> F,
    ) -> Known<T, F> {
        match result {
            Ok(known) => Known::Is(is(known)),
            Err(why) => Known::Not(not(why)),
        }
    }
}

/// Reads the notation of a digest or an algorithm.
pub(super) fn parsed<T: FromStr>(words: &str) -> Result<T, FrozenError>
where
    T::Err: std::fmt::Display,
{
    words.parse().map_err(|error: T::Err| FrozenError::new(error.to_string()))
}

/// A digest that must be SHA-256.
pub(super) fn sha256(words: &str) -> Result<Digest, FrozenError> {
    let digest: Digest = parsed(words)?;
    if digest.algorithm != crypto::DigestAlgorithm::Sha256 {
        return Err(FrozenError::new("not a SHA-256 digest"));
    }
    Ok(digest)
}

/// Reads a dotted object identifier, or `#` and the hexadecimal octets of one that dots cannot say.
pub(super) fn oid(text: &str) -> Result<Oid, FrozenError> {
    let wrong = || FrozenError::new("not an object identifier");
    match text.strip_prefix('#') {
        None => Oid::from_dotted(text).ok_or_else(wrong),
        Some(hex) => {
            let pair = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
            let octets: Option<Vec<u8>> = (0..hex.len()).step_by(2).map(pair).collect();
            octets.and_then(|octets| Oid::from_octets(&octets)).ok_or_else(wrong)
        }
    }
}

/// Writes what [`oid`] reads.
pub(super) fn oid_words(oid: Oid) -> String {
    let dotted = oid.to_string();
    if Oid::from_dotted(&dotted) == Some(oid) {
        return dotted;
    }
    oid.octets().iter().fold("#".to_owned(), |text, octet| format!("{text}{octet:02x}"))
}

pub(super) fn oids(list: &[Oid]) -> Vec<String> {
    list.iter().map(|one| oid_words(*one)).collect()
}

/// An enum of ours with the words for its variants.
macro_rules! words {
    ($name:ident is $domain:ty { $($variant:ident = $word:literal),* $(,)? }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub(super) enum $name { $(#[serde(rename = $word)] $variant),* }

        impl From<$domain> for $name {
            fn from(value: $domain) -> $name {
                match value { $(<$domain>::$variant => $name::$variant),* }
            }
        }

        impl From<$name> for $domain {
            fn from(word: $name) -> $domain {
                match word { $($name::$variant => <$domain>::$variant),* }
            }
        }
    };
}
pub(super) use words;

words!(SeverityWord is Severity { Info = "info", Warning = "warning", Error = "error" });
words!(WeightWord is Weight { Deviation = "deviation", Fault = "fault" });
words!(SignatureErrorWord is SignatureError {
    Mismatch = "mismatch", BadKey = "bad-key", Unsupported = "unsupported",
});

/// [`Finding`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FrozenFinding {
    code: String,
    hint: String,
    message: String,
    severity: SeverityWord,
    span: Option<Place>,
}

impl From<&Finding> for FrozenFinding {
    fn from(finding: &Finding) -> FrozenFinding {
        FrozenFinding {
            code: finding.code.clone().into_owned(),
            hint: finding.hint.clone(),
            message: finding.message.clone(),
            severity: finding.severity.into(),
            span: finding.span.map(Place::from),
        }
    }
}

impl FrozenFinding {
    pub(super) fn thaw(&self) -> Result<Finding, FrozenError> {
        Ok(Finding {
            code: self.code.clone().into(),
            severity: self.severity.into(),
            span: self.span.map(Place::thaw).transpose()?,
            message: self.message.clone(),
            hint: self.hint.clone(),
        })
    }
}

/// [`UnknownAlgorithm`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FrozenUnknownAlgorithm {
    detail: String,
    oid: String,
}

impl From<&UnknownAlgorithm> for FrozenUnknownAlgorithm {
    fn from(unknown: &UnknownAlgorithm) -> FrozenUnknownAlgorithm {
        FrozenUnknownAlgorithm { detail: unknown.detail.clone().into_owned(), oid: unknown.oid.clone() }
    }
}

impl FrozenUnknownAlgorithm {
    pub(super) fn thaw(&self) -> UnknownAlgorithm {
        UnknownAlgorithm { oid: self.oid.clone(), detail: self.detail.clone().into() }
    }
}

/// [`Irregularity`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FrozenIrregularity {
    clause: String,
    code: String,
    message: String,
    weight: WeightWord,
}

impl From<&Irregularity> for FrozenIrregularity {
    fn from(irregularity: &Irregularity) -> FrozenIrregularity {
        FrozenIrregularity {
            clause: irregularity.clause.clone().into_owned(),
            code: irregularity.code.clone().into_owned(),
            message: irregularity.message.clone().into_owned(),
            weight: irregularity.weight.into(),
        }
    }
}

impl FrozenIrregularity {
    pub(super) fn thaw(&self) -> Irregularity {
        Irregularity {
            code: self.code.clone().into(),
            weight: self.weight.into(),
            clause: self.clause.clone().into(),
            message: self.message.clone().into(),
        }
    }
}
