//! The message catalogue: keys and arguments into words of a language (`messages/`).

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::fmt;
use validation::Text;

/// Languages that reports can be written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
    /// Chinese, in simplified characters.
    Chinese,
}

impl Language {
    /// Every language.
    pub const ALL: [Language; 3] = [Language::English, Language::German, Language::Chinese];

    /// The language of a tag, e.g. `de`, `de-AT` or `zh_CN.UTF-8`.
    pub fn from_tag(tag: &str) -> Option<Language> {
        let primary = tag.split(['-', '_', '.', '@']).next()?.to_ascii_lowercase();
        Language::ALL.into_iter().find(|language| language.tag() == primary)
    }

    /// Its tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::German => "de",
            Language::Chinese => "zh",
        }
    }

    fn messages(self) -> &'static str {
        match self {
            Language::English => include_str!("../../../../messages/en.ftl"),
            Language::German => include_str!("../../../../messages/de.ftl"),
            Language::Chinese => include_str!("../../../../messages/zh.ftl"),
        }
    }
}

/// All messages in one language.
pub struct Catalogue {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Catalogue({})", self.language.tag())
    }
}

impl Catalogue {
    /// The messages of a language.
    pub fn new(language: Language) -> Catalogue {
        let locale = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        // What is inserted is made printable where it is shown; marks of direction would only hide in it.
        bundle.set_use_isolating(false);
        let resource = match FluentResource::try_new(language.messages().to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
        Catalogue { language, bundle }
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// A message in words. A key without a message is shown itself, which a test rules out.
    pub fn say(&self, text: &Text) -> String {
        let mut arguments = FluentArgs::new();
        for (name, value) in &text.arguments {
            arguments.set(*name, argument(value));
        }
        let pattern = self.bundle.get_message(&text.key).and_then(|message| message.value());
        match pattern {
            Some(pattern) => {
                let mut errors = Vec::new();
                self.bundle.format_pattern(pattern, Some(&arguments), &mut errors).into_owned()
            }
            None => text.key.clone().into_owned(),
        }
    }

    /// A message without arguments in words.
    pub fn word(&self, key: &'static str) -> String {
        self.say(&Text::new(key))
    }

    /// Whether there is a message for the key.
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }
}

/// Counts are numbers, so that messages can tell one from many; everything else is text and stays as it is.
fn argument(value: &str) -> FluentValue<'_> {
    const MOST_DIGITS: usize = 9;
    let is_count = value.len() <= MOST_DIGITS
        && value.bytes().all(|byte| byte.is_ascii_digit())
        && (value == "0" || !value.starts_with('0'));
    match value.parse::<u32>() {
        Ok(count) if is_count => FluentValue::from(count),
        _ => FluentValue::from(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Keys that stand in the code of the judging crates as `Text::new("…")` and the like.
    fn keys_in_use() -> Vec<String> {
        let sources = [
            include_str!("../../validation/src/basic.rs"),
            include_str!("../../validation/src/certificate.rs"),
            include_str!("../../validation/src/constraints.rs"),
            include_str!("../../validation/src/court.rs"),
            include_str!("../../validation/src/dimensions.rs"),
            include_str!("../../validation/src/process.rs"),
            include_str!("../../validation/src/acceptance/rules.rs"),
        ];
        let mut keys = Vec::new();
        for source in sources {
            for start in
                ["Text::new(\"", "named(\"", "text(\"", "counts(\"", "both(\"", "minutes(\"", "hint(\""]
            {
                keys.extend(
                    source.split(start).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned),
                );
            }
            let constants = source.lines().filter(|line| line.contains(": (&str, &str) = (\""));
            keys.extend(
                constants.filter_map(|line| line.split('"').nth(1)).map(|name| format!("ask-{name}")),
            );
        }
        keys
    }

    /// Everything in quotes that is a key, in this crate and in the one that judges.
    fn keys_of_reports() -> BTreeSet<String> {
        let sources = [
            include_str!("view/mod.rs"),
            include_str!("view/bracket.rs"),
            include_str!("view/signature.rs"),
            include_str!("view/token.rs"),
            include_str!("view/acceptance.rs"),
            include_str!("text.rs"),
            include_str!("html.rs"),
            include_str!("../../validation/src/certificate.rs"),
            include_str!("../../validation/src/dimensions.rs"),
            include_str!("../../validation/src/constraints.rs"),
        ];
        sources.iter().flat_map(|source| source.split('"')).map(str::to_owned).collect()
    }

    fn names(source: &str) -> Vec<&str> {
        let lines = source.lines().filter(|line| !line.starts_with(['#', ' ', '}']));
        lines.filter_map(|line| line.split_once(" = ").map(|(name, _)| name)).collect()
    }

    fn inserted(source: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut all = BTreeMap::new();
        let mut key = "";
        for line in source.lines() {
            if !line.starts_with(['#', ' ', '}'])
                && let Some((name, _)) = line.split_once(" = ")
            {
                key = name;
            }
            let names = line.split('$').skip(1);
            let names = names.map(|rest| rest.split(|one: char| !one.is_alphanumeric()).next().unwrap_or(""));
            let entry: &mut BTreeSet<String> = all.entry(key.to_owned()).or_default();
            entry.extend(names.map(str::to_owned));
        }
        all
    }

    #[test]
    fn the_languages_have_the_same_messages_with_the_same_insertions() {
        let english = inserted(Language::English.messages());
        for language in Language::ALL {
            let (all, other) = (names(language.messages()), inserted(language.messages()));
            let unique: BTreeSet<&str> = all.iter().copied().collect();
            assert_eq!(all.len(), unique.len(), "{language:?} has a message twice");
            for (key, wanted) in &english {
                assert_eq!(other.get(key), Some(wanted), "{language:?}: {key}");
            }
            assert_eq!(other.len(), english.len(), "{language:?} has further messages");
        }
    }

    #[test]
    fn no_message_is_left_that_nobody_says() {
        let mut used: BTreeSet<String> = keys_in_use().into_iter().collect();
        used.extend(keys_of_reports());
        let unused: Vec<&str> = names(Language::English.messages())
            .into_iter()
            .filter(|name| !used.contains(*name) && !name.starts_with("ask-"))
            .collect();
        assert!(unused.is_empty(), "{unused:?}");
    }

    #[test]
    fn counts_are_numbers_and_nothing_else_is() {
        let catalogue = Catalogue::new(Language::English);
        let say = |count: &str| catalogue.say(&Text::new("headline-signatures").with("count", count));
        assert_eq!(say("1"), "1 signature");
        assert_eq!(say("12"), "12 signatures");
        let suspicious =
            |more| catalogue.say(&Text::new("changes-suspicious").with("what", "0123").with("more", more));
        assert_eq!(suspicious(0), "changed after signing: 0123");
        assert_eq!(suspicious(2), "changed after signing: 0123, and 2 more");
        let long = catalogue.say(&Text::new("detail").with("text", "12345678901234567890"));
        assert_eq!(long, "12345678901234567890");
    }

    #[test]
    fn tags_of_the_environment_are_understood() {
        assert_eq!(Language::from_tag("de_AT.UTF-8"), Some(Language::German));
        assert_eq!(Language::from_tag("zh-Hans-CN"), Some(Language::Chinese));
        assert_eq!(Language::from_tag("C.UTF-8"), None);
        assert_eq!(Language::from_tag(""), None);
    }

    #[test]
    fn every_message_that_the_code_names_is_there_in_every_language() {
        let keys = keys_in_use();
        assert!(keys.len() > 80, "the sources were not read");
        for language in Language::ALL {
            let catalogue = Catalogue::new(language);
            let missing: Vec<&String> = keys.iter().filter(|key| !catalogue.has(key)).collect();
            assert!(missing.is_empty(), "{language:?}: {missing:?}");
        }
    }
}
