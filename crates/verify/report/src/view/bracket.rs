//! Between which times a signature was made, and what its record claims, in words that never take one for the other.

use super::Say;
use evidence::SignatureEvidence;
use records::ClockSection;
use validation::{BeaconStanding, BeaconVerdict, SignatureVerdict, Text};

impl Say<'_> {
    /// What is proven of the time, then what is only claimed; empty if there is nothing to say.
    pub(super) fn bracket(self, signature: &SignatureEvidence, verdict: &SignatureVerdict) -> String {
        let mut sentences: Vec<String> = self.proven(verdict).into_iter().collect();
        sentences.extend(verdict.beacon.as_ref().and_then(|beacon| self.named(beacon)));
        let clock = clock(signature).filter(|clock| verdict.beacon.is_some() || clock.is_contradicted());
        sentences.extend(clock.map(|clock| self.clock(clock)));
        self.joined(sentences)
    }

    /// What the record says of the clock, if there is one.
    pub(super) fn clock_said(self, signature: &SignatureEvidence) -> Option<String> {
        let clock = clock(signature)?;
        let trusted = clock.trusted.as_ref().map(|trusted| {
            let text = Text::new("clock-trusted").with("time", &trusted.time);
            self.text(&text.with("age", duration(trusted.age_minutes.saturating_mul(60))))
        });
        Some(self.joined(std::iter::once(self.clock(clock)).chain(trusted).collect()))
    }

    fn joined(self, sentences: Vec<String>) -> String {
        let join = |one: String, next: String| {
            self.text(&Text::new("bracket-join").with("first", one).with("second", next))
        };
        sentences.into_iter().reduce(join).unwrap_or_default()
    }

    fn proven(self, verdict: &SignatureVerdict) -> Option<String> {
        let time = &verdict.signing_time;
        let beacon = match (&verdict.beacon, time.not_before) {
            (Some(beacon), Some((_, by))) if beacon.standing == BeaconStanding::Proven(by) => Some(beacon),
            _ => None,
        };
        let bounds = |key| {
            let text = Text::new(key);
            let text = time.not_before.iter().fold(text, |text, (lower, _)| text.with("lower", lower));
            let text = time.not_after.iter().fold(text, |text, (upper, _)| text.with("upper", upper));
            beacon.iter().fold(text, |text, beacon| text.with("source", &beacon.source))
        };
        let key = match (time.not_before, time.not_after) {
            (Some((lower, _)), Some((upper, _))) if lower > upper.plus(1) => "bracket-contradicted",
            (Some(_), Some(_)) if beacon.is_some() => "bracket-beacon-both",
            (Some(_), Some(_)) => "bracket-both",
            (None, Some(_)) => "bracket-upper",
            (Some(_), None) if beacon.is_some() => "bracket-beacon-lower",
            (Some(_), None) => "bracket-lower",
            (None, None) => return None,
        };
        Some(self.text(&bounds(key)))
    }

    /// A beacon that proves nothing here.
    fn named(self, beacon: &BeaconVerdict) -> Option<String> {
        let key = match beacon.standing {
            BeaconStanding::Proven(_) => return None,
            BeaconStanding::NotGood(_) => "beacon-not-good",
            BeaconStanding::Given => "beacon-given",
            BeaconStanding::Named => "beacon-only-named",
        };
        Some(self.text(&Text::new(key).with("time", beacon.time).with("source", &beacon.source)))
    }

    fn clock(self, clock: &ClockSection) -> String {
        let by = |key, seconds: u64| {
            let text = Text::new(key).with("by", duration(seconds)).with("since", &clock.since);
            self.text(&text)
        };
        let said = self.text(&Text::new("clock-said").with("time", &clock.time));
        let further = [
            clock.set_back_seconds.map(|seconds| by("clock-set-back", seconds)),
            clock.set_forward_seconds.map(|seconds| by("clock-set-forward", seconds)),
            clock.behind_seconds.map(|seconds| by("clock-behind", seconds)),
        ];
        self.joined(std::iter::once(said).chain(further.into_iter().flatten()).collect())
    }
}

fn clock(signature: &SignatureEvidence) -> Option<&ClockSection> {
    signature.signed_data.as_ref().ok()?.record.as_ref()?.clock()
}

/// Seconds in the two largest units that they fill, e.g. `3 h 20 min`; the symbols are the same in every language.
pub fn duration(seconds: u64) -> String {
    let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    let units = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")];
    let filled = units.iter().filter(|(count, _)| *count > 0).take(2);
    let shown: Vec<String> = filled.map(|(count, unit)| format!("{count} {unit}")).collect();
    if shown.is_empty() { "0 s".into() } else { shown.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_told_in_their_two_largest_units() {
        for (seconds, words) in
            [(0, "0 s"), (59, "59 s"), (10_800, "3 h"), (11_000, "3 h 3 min"), (31_536_000, "365 d")]
        {
            assert_eq!(duration(seconds), words);
        }
    }
}
