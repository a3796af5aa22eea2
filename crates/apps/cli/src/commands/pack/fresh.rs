//! How old the contents of a pack are, by kind.

use std::collections::BTreeMap;
use types::Time;
use undersign::pack::{Kind, PackContent, PackRecord};

const DAY: i64 = 86_400;
/// For kinds that mean nothing to this program.
const DAYS_OTHERWISE: i64 = 366;

/// The stale contents of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// The kind.
    pub kind: String,
    /// How many contents.
    pub contents: usize,
    /// For how many whole days the longest.
    pub days: i64,
}

/// Since when a content is stale, or will be.
pub fn stale_from(content: &PackContent) -> Time {
    let at = |text: &str| text.parse::<Time>().unwrap_or(Time::from_unix(0));
    match &content.next_update {
        Some(next_update) => at(next_update),
        None => {
            let days = Kind::named(&content.kind).map_or(DAYS_OTHERWISE, Kind::days_fresh);
            at(&content.issued).plus(days * DAY)
        }
    }
}

/// For how many whole days a content is stale at `now`, if it is.
pub fn stale_days(content: &PackContent, now: Time) -> Option<i64> {
    let from = stale_from(content);
    (now > from).then(|| (now.unix() - from.unix()) / DAY)
}

/// What is stale at `now`, by kind.
pub fn stale(record: &PackRecord, now: Time) -> Vec<Stale> {
    let mut kinds: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
    for content in &record.contents {
        if let Some(days) = stale_days(content, now) {
            let (contents, longest) = kinds.entry(&content.kind).or_default();
            *contents += 1;
            *longest = (*longest).max(days);
        }
    }
    let line =
        |(kind, (contents, days)): (&str, (usize, i64))| Stale { kind: kind.to_owned(), contents, days };
    kinds.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(kind: &str, issued: &str, next_update: Option<&str>) -> PackContent {
        PackContent {
            issued: issued.into(),
            kind: kind.into(),
            length: 0,
            name: "a".into(),
            next_update: next_update.map(str::to_owned),
            sha256: String::new(),
        }
    }

    #[test]
    fn a_next_update_counts_before_the_usual_age() {
        let now: Time = "2026-11-25T00:00:00Z".parse().unwrap();
        let days = |kind, issued, next_update| stale_days(&content(kind, issued, next_update), now);
        assert_eq!(days("crl", "2026-11-20T00:00:00Z", None), None);
        assert_eq!(days("crl", "2026-11-10T00:00:00Z", None), Some(8));
        assert_eq!(days("crl", "2026-11-10T00:00:00Z", Some("2026-12-10T00:00:00Z")), None);
        assert_eq!(days("anchor", "2026-01-01T00:00:00Z", Some("2026-11-24T12:00:00Z")), Some(0));
        assert_eq!(days("anchor", "2026-01-01T00:00:00Z", None), None);
        assert_eq!(days("something", "2024-01-01T00:00:00Z", None), Some(693));
    }
}
