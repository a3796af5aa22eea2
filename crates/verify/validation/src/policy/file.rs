//! Policy files (`undersign-policy@v1`): TOML with names that say themselves; one may be based on another.

use super::catalogue::{AlgorithmsTable, Reliable};
use super::{Constraint, Policy, Weight};
use crate::verdict::Level;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

const FORMAT: &str = "undersign-policy@v1";

/// Name and text of every built-in policy.
pub const BUILT_IN: [(&str, &str); 4] = [
    ("etsi-default", include_str!("../../../../../policies/etsi-default.toml")),
    ("eu-2025-1945", include_str!("../../../../../policies/eu-2025-1945.toml")),
    ("estonia-like", include_str!("../../../../../policies/estonia-like.toml")),
    ("personal", include_str!("../../../../../policies/personal.toml")),
];

/// Why a policy file, or a catalogue of algorithms, cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError(pub(super) String);

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PolicyError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    format: String,
    id: String,
    version: String,
    based_on: Option<String>,
    #[serde(default)]
    constraints: BTreeMap<String, String>,
    #[serde(default)]
    revocation: RevocationTable,
    #[serde(default)]
    timestamps: TimestampsTable,
    levels: Option<LevelsTable>,
    algorithms: Option<AlgorithmsTable>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RevocationTable {
    freshness_hours: Option<u32>,
    delay_warning_minutes: Option<u32>,
    delay_limit_minutes: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TimestampsTable {
    delay_limit_minutes: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LevelsTable {
    accepted: Vec<String>,
}

impl Policy {
    /// A built-in policy by its name.
    pub fn built_in(id: &str) -> Option<Policy> {
        let (_, text) = BUILT_IN.iter().find(|(name, _)| *name == id)?;
        Policy::parse(text).ok().map(|policy| Policy { own_algorithms: false, ..policy })
    }

    /// Reads a policy file. `based-on` names a built-in policy; what the file leaves out is taken from there, and from
    /// `etsi-default` if it names none.
    pub fn parse(text: &str) -> Result<Policy, PolicyError> {
        let file: File = toml::from_str(text).map_err(|error| PolicyError(error.to_string()))?;
        if file.format != FORMAT {
            return Err(PolicyError(format!("format is {:?}, expected {FORMAT:?}", file.format)));
        }
        let base = match (&file.based_on, file.id.as_str()) {
            (Some(base), id) if base != id => Policy::built_in(base)
                .ok_or_else(|| PolicyError(format!("based-on names no built-in policy: {base:?}")))?,
            (None, id) if id != "etsi-default" => Policy::standard(),
            _ => Policy::empty(),
        };
        file.over(base)
    }

    /// Everything decides and nothing is reliable; the floor that `etsi-default` is written over.
    fn empty() -> Policy {
        Policy {
            id: String::new(),
            version: String::new(),
            weights: [Weight::Fail; Constraint::ALL.len()],
            freshness_seconds: None,
            revocation_delay: (None, None),
            timestamp_delay: None,
            accepted_levels: Vec::new(),
            reliable: Reliable::default(),
            own_algorithms: false,
        }
    }
}

impl File {
    fn over(self, mut policy: Policy) -> Result<Policy, PolicyError> {
        for (name, word) in &self.constraints {
            let known = Constraint::ALL.iter().find(|(_, known)| known == name);
            let (constraint, _) =
                known.ok_or_else(|| PolicyError(format!("[constraints] has no {name:?}")))?;
            policy.weights[*constraint as usize] = weight(name, word)?;
        }
        let minutes = |minutes: u32| i64::from(minutes) * 60;
        if let Some(hours) = self.revocation.freshness_hours {
            policy.freshness_seconds = Some(minutes(hours) * 60);
        }
        let (warning, limit) = policy.revocation_delay;
        policy.revocation_delay = (
            self.revocation.delay_warning_minutes.map(minutes).or(warning),
            self.revocation.delay_limit_minutes.map(minutes).or(limit),
        );
        policy.timestamp_delay = self.timestamps.delay_limit_minutes.map(minutes).or(policy.timestamp_delay);
        if let Some(levels) = self.levels {
            policy.accepted_levels =
                levels.accepted.iter().map(|name| level(name)).collect::<Result<_, _>>()?;
        }
        if let Some(algorithms) = self.algorithms {
            policy.reliable = algorithms.read()?;
            policy.own_algorithms = true;
        }
        policy.id = self.id;
        policy.version = self.version;
        Ok(policy)
    }
}

fn weight(name: &str, word: &str) -> Result<Weight, PolicyError> {
    [Weight::Ignore, Weight::Inform, Weight::Warn, Weight::Fail]
        .into_iter()
        .find(|weight| weight.as_str() == word)
        .ok_or_else(|| PolicyError(format!("{name} is {word:?}, expected fail, warn, inform or ignore")))
}

fn level(name: &str) -> Result<Level, PolicyError> {
    [Level::BaselineB, Level::BaselineT, Level::BaselineLt, Level::BaselineLta]
        .into_iter()
        .find(|level| level.as_str() == name)
        .ok_or_else(|| PolicyError(format!("{name:?} is no level, expected B-B, B-T, B-LT or B-LTA")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_policy_is_readable_and_named_as_it_is_called() {
        for (name, text) in BUILT_IN {
            assert_eq!(Policy::parse(text).unwrap().id, name);
        }
    }

    #[test]
    fn a_policy_states_only_what_differs_from_its_base() {
        let own = "format = 'undersign-policy@v1'\nid = 'own'\nversion = '3'\nbased-on = 'estonia-like'\n\
            [constraints]\nrevocation-delay = 'warn'\n";
        let (own, base) = (Policy::parse(own).unwrap(), Policy::built_in("estonia-like").unwrap());
        assert_eq!(own.weight(Constraint::RevocationDelay), Weight::Warn);
        assert_eq!(own.weight(Constraint::BaselineLevel), Weight::Fail);
        assert_eq!((own.freshness_seconds, own.reliable), (base.freshness_seconds, base.reliable));
    }

    #[test]
    fn mistakes_are_named() {
        let head = "format = 'undersign-policy@v1'\nid = 'own'\nversion = '1'\n";
        for (text, named) in [
            ("[constraints]\nrevocation = 'fail'\n", "revocation"),
            ("[constraints]\nkey-usage = 'never'\n", "never"),
            ("based-on = 'nothing'\n", "nothing"),
            ("[levels]\naccepted = ['LT']\n", "LT"),
            ("[algorithms]\nkeys = []\ndigests = [{ name = 'SHA-0' }]\n", "SHA-0"),
            ("unheard-of = 1\n", "unheard-of"),
        ] {
            let error = Policy::parse(&format!("{head}{text}")).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
