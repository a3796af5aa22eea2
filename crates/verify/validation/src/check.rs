//! What was asked and answered on the way to a verdict.

use crate::policy::Weight;
use crate::text::Text;

/// One question of a validation with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Key of the question in the catalogue is `ask-` and this.
    pub question: &'static str,
    /// The clause that asks it.
    pub clause: &'static str,
    /// How much a no weighs.
    pub weight: Weight,
    /// The answer.
    pub answer: Answer,
    /// The answer in words.
    pub detail: Text,
}

/// The answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// As it should be.
    Yes,
    /// Not as it should be, or not known to be.
    No,
}

impl Answer {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Answer::Yes => "yes",
            Answer::No => "no",
        }
    }
}

/// Questions in the order in which they were asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Checks(pub(crate) Vec<Asked>);

impl Checks {
    /// Asks; what is ignored is not asked. Gives whether the answer decides against the signature.
    pub(crate) fn ask(
        &mut self,
        (question, clause): (&'static str, &'static str),
        weight: Weight,
        fault: Option<Text>,
        fine: impl FnOnce() -> Text,
    ) -> bool {
        if weight == Weight::Ignore {
            return false;
        }
        let answer = if fault.is_none() { Answer::Yes } else { Answer::No };
        let detail = fault.unwrap_or_else(fine);
        self.0.push(Asked { question, clause, weight, answer, detail });
        answer == Answer::No && weight == Weight::Fail
    }
}
