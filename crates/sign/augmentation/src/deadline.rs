//! Until when a signature or timestamp can still prove something.

use types::Time;
use validation::PathUsed;

/// The first end of validity among the certificates of a path, or of the algorithms if that comes earlier: what is not told
/// and covered by then may never be told. An end of algorithms before `now` is one that a proof of time has settled.
pub(crate) fn of(path: Option<&PathUsed>, reliable_until: Option<Time>, now: Time) -> Option<Time> {
    let validity = path.and_then(|path| path.certificates.iter().map(pkix::Certificate::not_after).min());
    validity.into_iter().chain(reliable_until.filter(|end| *end > now)).min()
}
