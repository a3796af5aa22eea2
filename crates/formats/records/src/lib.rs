//! Undersign's own records: bytes to structures and back.

mod plan;
mod register;

pub use plan::{ByteText, PLAN_FORMAT, PlanDocument, PlanError, PlanRecord};
pub use register::{REGISTER_FORMAT, RegisterEvent, RegisterRecord, register_header};
