//! Verdicts to text, HTML, JSON and the XML of ETSI TS 119 102-2: the only place that serialises them.

mod catalogue;
mod columns;
mod covered;
mod digests;
mod etsi_xml;
mod html;
mod json;
mod markup;
mod printable;
mod text;
pub mod view;

pub use catalogue::{Catalogue, Language};
pub use etsi_xml::etsi_xml;
pub use html::html;
pub use json::{SCHEMA, json, json_unreadable};
pub use printable::printable;
pub use text::{Detail, Palette, text};
pub use view::duration;

use evidence::Evidence;
use validation::{Indication, Verdict};

/// What a report is made from: a file, what was found in it, and what follows.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The file as the person named it.
    pub file: &'a str,
    /// What was found.
    pub evidence: &'a Evidence,
    /// What follows.
    pub verdict: &'a Verdict,
    /// The words.
    pub catalogue: &'a Catalogue,
}

/// What a file amounts to when all of its signatures are taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summary {
    /// There are signatures and all passed.
    AllPassed,
    /// At least one failed.
    SomeFailed,
    /// None failed, at least one is undecided.
    SomeIndeterminate,
    /// There is no signature.
    Unsigned,
}

impl Report<'_> {
    /// All signatures taken together. A document timestamp counts like any other signature.
    pub fn summary(&self) -> Summary {
        let has = |wanted| self.verdict.signatures.iter().any(|verdict| verdict.indication == wanted);
        if self.verdict.signatures.is_empty() {
            Summary::Unsigned
        } else if has(Indication::TotalFailed) {
            Summary::SomeFailed
        } else if has(Indication::Indeterminate) {
            Summary::SomeIndeterminate
        } else {
            Summary::AllPassed
        }
    }
}
