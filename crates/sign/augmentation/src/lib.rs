//! From B-B to B-LTA: what a signature needs next, whether an answer may be used, and the bytes that take it in.
//!
//! ```text
//! outlook(evidence, verdict, goal)  ->  Outlook     where the file stands, what it needs next, until when
//! answer::timestamp, ocsp, crl      ->  the answer, or why it is refused by name
//! pdf::timestamp, pdf::add          ->  the bytes to append to the untouched file
//! cades::signature_timestamp, …     ->  the signature with more in it, what was there octet by octet
//! spoilt(before, after)             ->  what the file as written would have lost, before it is released
//! ```
//!
//! The order is that of EN 319 102-1, 5.5 and 5.6: a timestamp first, then the status of every certificate as it was told
//! after the timestamp, then a timestamp over all of that. Nothing here asks the world: a [`Need`] is data, and whoever
//! has a network, or a stick that has seen one, brings the answer.

pub mod answer;
pub mod asic;
pub mod cades;
mod deadline;
mod gate;
mod need;
mod outlook;
pub mod pdf;

pub use gate::spoilt;
pub use need::{IssuerKey, Need, StatusNeed, Values};
pub use outlook::{Hindrance, Outlook, Stage, outlook};
