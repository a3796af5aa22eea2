//! What came after a signature: difference analysis between the revisions of a PDF.
//!
//! Reject by default: every object that a later revision adds, replaces or frees has to be cleared by a named rule at a
//! named level, in every role that the object plays. What happened ([`LaterChanges`]) and what was allowed
//! ([`Permissions`]) are different values; only [`judge`] brings them together.
//!
//! An object's roles are the ways in which a reader gets to it from the trailer: page, content of a page, form field,
//! appearance of a field, validation data, … An object with two roles has to be cleared in both, so that a font that is
//! also listed as validation data stays a font.

mod attack;
mod bytes;
mod change;
mod comparison;
mod describe;
mod doubt;
mod forgery;
mod glyphs;
mod ground;
mod history;
mod judgement;
mod lost;
mod permissions;
mod reach;
mod role;
mod rules;
mod ruling;
mod shown;

pub use attack::Attack;
pub use change::{
    ChangeKind, ChangeLevel, Covering, Dropped, FieldAction, FieldChange, LaterChanges, ObjectChange,
    RevisionChanges, Rule, ShownText, Visibility,
};
pub use forgery::{Forgery, forgeries};
pub use history::{History, later_changes};
pub use judgement::{Judgement, judge};
pub use lost::{LostSignature, first_signed_revision, lost_signatures};
pub use permissions::{Certification, Permissions, ValidationData, allowed};
pub use ruling::RULES;
pub use shown::{page_texts, text_difference};
