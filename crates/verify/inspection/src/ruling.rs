//! What a rule says about a change, and the names of all rules.

use crate::change::{ChangeLevel, Rule};

/// The outcome of comparing two versions of an object in one role.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ruling {
    /// Nothing changed, or another role of the same object answers for it.
    Same,
    /// A rule clears the change; what it was.
    Cleared(Rule, String),
    /// No rule clears the change; what it was.
    Refused(String),
}

impl Ruling {
    pub(crate) fn cleared(rule: Rule, what: impl Into<String>) -> Ruling {
        Ruling::Cleared(rule, what.into())
    }

    pub(crate) fn refused(what: impl Into<String>) -> Ruling {
        Ruling::Refused(what.into())
    }

    /// Both changes together: refused if either is, else cleared by the rule of the higher level.
    pub(crate) fn and(self, other: Ruling) -> Ruling {
        match (self, other) {
            (Ruling::Same, ruling) | (ruling, Ruling::Same) => ruling,
            (Ruling::Refused(what), Ruling::Refused(more)) => Ruling::Refused(joined(what, more)),
            (Ruling::Refused(what), _) | (_, Ruling::Refused(what)) => Ruling::Refused(what),
            (Ruling::Cleared(rule, what), Ruling::Cleared(other, more)) => {
                let rule = if other.level > rule.level { other } else { rule };
                Ruling::Cleared(rule, joined(what, more))
            }
        }
    }
}

/// Words longer than this are not extended further.
const LONGEST_WORDS: usize = 300;

fn joined(what: String, more: String) -> String {
    if what.is_empty() || what.contains(&more) {
        return if what.is_empty() { more } else { what };
    }
    if more.is_empty() || what.len() > LONGEST_WORDS { what } else { what + "; " + &more }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $constant:ident = $name:literal, $level:ident, $clause:literal;)*) => {
        $($(#[$doc])* pub(crate) const $constant: Rule =
            Rule { name: $name, level: ChangeLevel::$level, clause: $clause };)*
        /// Every rule, for the documentation.
        pub const RULES: &[Rule] = &[$($constant),*];
    };
}

rules! {
    /// The new version equals the old one, following references.
    IDENTICAL = "identical-copy", None, "ISO 32000-2, 7.5.6";
    /// Cross-reference and object streams, and what the trailer says about them.
    FILE_STRUCTURE = "file-structure", None, "ISO 32000-2, 7.5.7 and 7.5.8";
    /// Nothing in the document leads to the object, neither before nor after.
    UNREACHABLE = "unreachable", LongTermValidation, "ISO 32000-2, 7.3.10";
    /// Validation data added.
    SECURITY_STORE = "security-store", LongTermValidation, "ISO 32000-2, 12.8.4.3; ETSI EN 319 142-1, 5.4";
    /// A document timestamp that shows nothing.
    DOCUMENT_TIMESTAMP = "document-timestamp", LongTermValidation, "ISO 32000-2, 12.8.5 and 12.8.2.2.2";
    /// Extensions declared, their level raised.
    EXTENSIONS = "extensions", LongTermValidation, "ISO 32000-2, 7.12";
    /// The version raised.
    VERSION = "version", LongTermValidation, "ISO 32000-2, 7.2.2 and Table 29";
    /// The catalog's XMP metadata.
    METADATA = "metadata", LongTermValidation, "ISO 32000-2, 14.3.2";
    /// The document information dictionary.
    INFORMATION = "document-information", LongTermValidation, "ISO 32000-2, 14.3.3";
    /// `Type` and other marks without effect.
    MARKS = "marks", LongTermValidation, "ISO 32000-2, 12.7.4.1";
    /// `SigFlags` bits set.
    SIGNATURE_FLAGS = "signature-flags", LongTermValidation, "ISO 32000-2, Table 225";
    /// A signature field added, with its widgets.
    FIELD_ADDED = "signature-field-added", FormFilling, "ISO 32000-2, 12.7.5.5";
    /// A signature put into a field that was empty.
    FIELD_SIGNED = "signature-field-signed", FormFilling, "ISO 32000-2, 12.7.5.5 and 12.8.1";
    /// A field's value and how it shows.
    FIELD_FILLED = "field-filled", FormFilling, "ISO 32000-2, 12.7.5";
    /// Default appearance and resources for filling fields.
    FORM_DEFAULTS = "form-defaults", FormFilling, "ISO 32000-2, Table 224";
    /// Structure elements for what was added.
    STRUCTURE = "structure-elements-added", FormFilling, "ISO 32000-2, 14.7.5.3";
    /// Annotations added.
    ANNOTATION_ADDED = "annotation-added", Annotation, "ISO 32000-2, 12.5 and Table 257";
    /// Annotations changed.
    ANNOTATION_CHANGED = "annotation-changed", Annotation, "ISO 32000-2, 12.5 and Table 257";
    /// Annotations removed.
    ANNOTATION_REMOVED = "annotation-removed", Annotation, "ISO 32000-2, 12.5 and Table 257";
    /// The order in which annotations are visited.
    TAB_ORDER = "tab-order", Annotation, "ISO 32000-2, Table 31";
}
