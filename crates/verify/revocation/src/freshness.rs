//! Whether revocation information is recent enough (ETSI EN 319 102-1, 5.2.5), or current at a time.

use types::Time;

/// The answer of the revocation freshness checker (ETSI EN 319 102-1, 5.2.5.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// PASSED: issued after the validation time minus the maximum accepted age.
    Fresh,
    /// FAILED: issued too early; it would have to be issued after this time.
    Stale {
        /// The time after which it would have been fresh enough.
        limit: Time,
    },
    /// FAILED: no maximum is given, and none follows from nextUpdate.
    NoLimit,
}

/// The revocation freshness checker (ETSI EN 319 102-1, 5.2.5): without a maximum age in seconds from the policy, the
/// interval between issuance and `next_update` is the maximum.
pub fn freshness(
    validation_time: Time,
    issued_at: Time,
    next_update: Option<Time>,
    maximum_age: Option<i64>,
) -> Freshness {
    let from_next_update = || next_update.map(|next| next.unix().saturating_sub(issued_at.unix()));
    let Some(maximum) = maximum_age.or_else(from_next_update) else { return Freshness::NoLimit };
    let limit = Time::from_unix(validation_time.unix().saturating_sub(maximum));
    if issued_at > limit { Freshness::Fresh } else { Freshness::Stale { limit } }
}

/// Whether `at` lies between issuance and the next one, as an online check asks; without `next_update` there is no
/// end (RFC 6960, 4.2.2.1: newer information is always available, so that the caller should set a maximum age).
pub fn is_current(this_update: Time, next_update: Option<Time>, at: Time) -> bool {
    this_update <= at && next_update.is_none_or(|next| at <= next)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: i64) -> Time {
        Time::from_unix(seconds)
    }

    #[test]
    fn the_policy_decides_and_else_the_interval_to_the_next_update() {
        assert_eq!(freshness(at(100), at(95), None, Some(10)), Freshness::Fresh);
        assert_eq!(freshness(at(100), at(90), None, Some(10)), Freshness::Stale { limit: at(90) });
        assert_eq!(freshness(at(100), at(90), Some(at(101)), None), Freshness::Fresh);
        assert_eq!(freshness(at(100), at(90), Some(at(100)), None), Freshness::Stale { limit: at(90) });
        assert_eq!(freshness(at(100), at(90), None, None), Freshness::NoLimit);
    }

    #[test]
    fn information_from_after_the_validation_time_is_fresh_but_not_current() {
        assert_eq!(freshness(at(100), at(200), None, Some(0)), Freshness::Fresh);
        assert!(!is_current(at(200), None, at(100)));
        assert!(is_current(at(100), Some(at(100)), at(100)));
        assert!(!is_current(at(90), Some(at(99)), at(100)));
    }

    #[test]
    fn extreme_times_do_not_overflow() {
        assert_eq!(freshness(at(i64::MIN), at(i64::MAX), Some(at(i64::MIN)), None), Freshness::Fresh);
        let _ = freshness(at(i64::MAX), at(i64::MIN), Some(at(i64::MAX)), None);
    }
}
