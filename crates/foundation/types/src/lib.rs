//! Values every layer shares: time, spans, sources, budgets, findings.
//!
//! Nothing here touches a clock, a file, a socket, the environment or randomness.

mod budget;
mod finding;
mod malformed;
mod source;
mod span;
mod time;

pub use budget::{Budget, Exhausted, Limits, Resource};
pub use finding::{Finding, Severity};
pub use malformed::{Cause, Malformed};
pub use source::{Source, SourceError};
pub use span::Span;
pub use time::{Time, TimeError};
