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
}

impl Language {
    /// Every language.
    pub const ALL: [Language; 1] = [Language::English];

    /// Its tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
        }
    }

    fn messages(self) -> &'static str {
        match self {
            Language::English => include_str!("../../../../messages/en.ftl"),
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
            arguments.set(*name, FluentValue::from(value.as_str()));
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys that stand in the code of the judging crates as `Text::new("…")` and the like.
    fn keys_in_use() -> Vec<String> {
        let sources = [
            include_str!("../../validation/src/basic.rs"),
            include_str!("../../validation/src/certificate.rs"),
            include_str!("../../validation/src/constraints.rs"),
            include_str!("../../validation/src/court.rs"),
            include_str!("../../validation/src/dimensions.rs"),
            include_str!("../../validation/src/process.rs"),
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
