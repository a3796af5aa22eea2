//! Evidence files (`undersign-evidence@v1`, spec/evidence.md): evidence written down, so that it can be judged anew at
//! any time and by any policy without the document and without cryptography.
//!
//! A file is a claim of whoever made it: its digest shows damage, not who wrote it. Domain types stay as they are; what is
//! written are mirrors of them in here. A file is read only if writing what was read gives the same content again, so
//! that every evidence has one form.

mod anchor;
mod body;
mod crl;
mod error;
mod later;
mod material;
mod names;
mod ocsp;
mod record;
mod scalar;
mod signature;
mod source;
mod table;
mod token;

pub use error::FrozenError;

use crate::facts::Evidence;
use body::Body;
use crypto::{DigestAlgorithm, Provider};
use error::Within;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use types::{Budget, Resource, Time};

/// First member of every evidence file.
pub const FORMAT: &str = "undersign-evidence@v1";

/// Longest evidence file that is read, bytes.
pub const MOST_BYTES: u64 = 64 << 20;

/// Who made an evidence file, by its own word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collected {
    /// Program and version.
    pub by: String,
    /// When, by the clock of that computer.
    pub at: Time,
    /// The name of the document there.
    pub file: String,
}

/// What an evidence file holds.
#[derive(Clone, Debug)]
pub struct Frozen {
    /// Who made it, by its own word.
    pub collected: Collected,
    /// What was found.
    pub evidence: Evidence,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    evidence: Body,
    format: String,
    sha256: String,
}

/// Only what tells the format, whatever else there is.
#[derive(Deserialize)]
struct Head {
    format: String,
}

/// Evidence as one line of JSON, ending with a line end. The same evidence gives the same bytes.
pub fn write(evidence: &Evidence, collected: &Collected, provider: &dyn Provider) -> String {
    let evidence = Body::freeze(evidence, collected);
    let sha256 = digest(&evidence, provider);
    to_json(&File { evidence, format: FORMAT.into(), sha256 }) + "\n"
}

/// Reads an evidence file. Draws on [`Resource::DecodedBytes`], [`Resource::Steps`], [`Resource::Certificates`] and
/// [`Resource::Signatures`].
///
/// # Errors
///
/// What is wrong and where: another format, damage, numbers that name nothing, facts that contradict each other, another
/// form than that which [`write`] gives, a limit that was reached.
pub fn read(bytes: &[u8], provider: &dyn Provider, budget: &mut Budget) -> Result<Frozen, FrozenError> {
    let len = bytes.len() as u64;
    if len > MOST_BYTES {
        return Err(FrozenError::new(format!("longer than {MOST_BYTES} bytes")));
    }
    let exhausted = |limit: types::Exhausted| FrozenError::new(limit.to_string());
    budget.spend(Resource::DecodedBytes, len).map_err(exhausted)?;
    budget.spend(Resource::Steps, len / 16).map_err(exhausted)?;
    let head: Head = serde_json::from_slice(bytes)
        .map_err(|error| FrozenError::new(format!("not an evidence file: {error}")))?;
    if head.format != FORMAT {
        let found: String = head.format.chars().take(80).collect();
        return Err(FrozenError::new(format!("{found:?} instead of {FORMAT:?}")).under("format"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let file: File = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        FrozenError::new(error.into_inner().to_string()).under(&path)
    })?;
    deserializer.end().map_err(|error| FrozenError::new(error.to_string()))?;
    if file.sha256 != digest(&file.evidence, provider) {
        let reason = "not the digest of the evidence: the file was damaged or altered";
        return Err(FrozenError::new(reason).under("sha256"));
    }
    let collected = file.evidence.collected();
    let evidence = file.evidence.thaw(provider, budget).within("evidence")?;
    let again = Body::freeze(&evidence, &collected);
    if again != file.evidence {
        let place = difference(&to_value(&file.evidence), &to_value(&again)).unwrap_or_default();
        let reason = "not in the form in which this would be written";
        return Err(FrozenError::new(reason).under(&format!("evidence{place}")));
    }
    Ok(Frozen { collected, evidence })
}

/// SHA-256 over the evidence as compact JSON, in lower-case hexadecimal.
fn digest(evidence: &Body, provider: &dyn Provider) -> String {
    provider.digest(DigestAlgorithm::Sha256, to_json(evidence).as_bytes()).hex()
}

fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("evidence holds only strings, whole numbers, lists and named members")
}

fn to_value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("evidence holds only strings, whole numbers, lists and named members")
}

/// The place of the first difference.
fn difference(one: &Value, other: &Value) -> Option<String> {
    match (one, other) {
        (Value::Object(members), Value::Object(others)) => members.iter().find_map(|(name, value)| {
            let inner = difference(value, others.get(name).unwrap_or(&Value::Null))?;
            Some(format!(".{name}{inner}"))
        }),
        (Value::Array(items), Value::Array(others)) => {
            let longest = items.len().max(others.len());
            (0..longest).find_map(|index| match (items.get(index), others.get(index)) {
                (Some(item), Some(other)) => Some(format!("[{index}]{}", difference(item, other)?)),
                _ => Some(format!("[{index}]")),
            })
        }
        _ => (one != other).then(String::new),
    }
}
