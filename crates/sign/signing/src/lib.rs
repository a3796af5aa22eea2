//! Plan, octets to be signed, embedding and self-check of a signature.
//!
//! ```text
//! plan(document, request)  ->  Plan            everything decided, no key touched
//! Plan::to_be_signed       ->  ToBeSigned      the octets for the key; can wait for days as a record
//! ToBeSigned::embed        ->  Signed          the bytes to append to the untouched original
//! self_check(written)                          our own verifier judges the file as written
//! ```

mod appended;
mod cades;
pub mod clock;
mod plan;
mod record;
mod request;
mod self_check;
mod to_be_signed;
mod value;

pub use appended::Appended;
pub use cades::{CadesRequest, CadesToBeSigned};
pub use cms::{Commitment, PolicyIdentifier};
pub use pdf::signature::SigningRefusal as Refusal;
pub use plan::{Plan, plan};
pub use record::RecordError;
pub use request::{SigningRequest, TIMESTAMP_ROOM};
pub use self_check::{SelfCheckFailed, check_evidence, self_check};
pub use to_be_signed::{EmbedError, Signed, ToBeSigned};
pub use value::signature_value;
