//! What described verifiers would say, in words.

use super::{AcceptanceView, Mark, Say, Tone};
use validation::Text;
use validation::acceptance::{Acceptance, Accepted, Confidence, Reason};

impl Say<'_> {
    pub(super) fn acceptance(self, all: &[Acceptance]) -> Vec<AcceptanceView> {
        all.iter()
            .map(|one| AcceptanceView {
                verifier: one.verifier.clone(),
                answer: self.accepted(one.answer),
                reasons: one.reasons.iter().map(|reason| self.reason(reason)).collect(),
            })
            .collect()
    }

    fn accepted(self, answer: Accepted) -> Mark {
        let (tone, key) = match answer {
            Accepted::Accepts => (Tone::Good, "accepts"),
            Accepted::Depends => (Tone::Open, "accept-depends"),
            Accepted::DoesNotAccept => (Tone::Bad, "accepts-not"),
        };
        Mark { tone, word: self.word(key) }
    }

    fn reason(self, reason: &Reason) -> (String, String) {
        let confidence = self.word(match reason.confidence {
            Confidence::Documented => "confidence-documented",
            Confidence::Observed => "confidence-observed",
            Confidence::Judged => "confidence-judged",
        });
        let known = Text::new("accept-known")
            .with("source", &reason.source)
            .with("date", &reason.date)
            .with("confidence", confidence);
        (self.text(&reason.text), self.text(&known))
    }
}
