//! Pages of a revision as pictures, for people to look at.
//!
//! **A picture never decides a verdict.** The library that draws repairs broken files without saying so, does not know all
//! of PDF, and reads the bytes with another parser than the verifier. What it shows is what one reader shows; that two
//! revisions look the same proves nothing about them, and where they look different without a change that the difference
//! analysis reports, that is a finding for a person to look into.
//!
//! Drawing happens on a thread of its own with limits on pixels, pages and time. A panic there is a page that could not be
//! drawn. A thread that is out of time is left behind; it ends with its page or with the process.

mod draw;
mod picture;

pub use draw::{Drawn, Limits, THREAD, Undrawn, draw};
pub use picture::{Difference, Picture, difference};
