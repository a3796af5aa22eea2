//! Undersign's own records: bytes to structures and back.

mod plan;

pub use plan::{ByteText, PLAN_FORMAT, PlanDocument, PlanError, PlanRecord};
