//! Undersign's own records: bytes to structures and back.

mod clock_journal;
mod needs;
mod pack;
mod plan;
mod queue;
mod register;
mod services;
mod signing_record;

pub use clock_journal::{
    CLOCK_FORMAT, ClockEntry, ClockError, MAX_CLOCK_JOURNAL, TrustedEntry, clock_entries, clock_journal,
};
pub use needs::{ANSWERS_FORMAT, Answer, Answers, NEEDS_FORMAT, Needs, Request};
pub use pack::{
    MAX_CONTENT, MAX_CONTENTS, MAX_MANIFEST, MAX_TOTAL, PACK_FORMAT, PackContent, PackError, PackRecord,
    is_label,
};
pub use plan::{ByteText, PLAN_FORMAT, PlanDocument, PlanError, PlanRecord};
pub use queue::{
    Asked, QUEUE_FORMAT, Queue, QueueChange, QueueError, QueueEvent, QueueItem, Standing, compact, queue,
};
pub use register::{REGISTER_FORMAT, RegisterEvent, RegisterRecord, register_header};
pub use services::{SERVICES_FORMAT, Services};
pub use signing_record::{
    AgeBy, Basis, BeaconKind, BeaconSection, Boot, ClockSection, MAX_RECORD, RECORD_FORMAT, ReadRecord,
    RecordError, SigningRecord, TrustedBy, TrustedSection,
};
