//! Until when a path can still prove something.

use types::Time;
use validation::PathUsed;

/// The first end of validity among the certificates of a path: what is not told and covered by then may never be told.
pub(crate) fn of_path(path: Option<&PathUsed>) -> Option<Time> {
    path?.certificates.iter().map(pkix::Certificate::not_after).min()
}
