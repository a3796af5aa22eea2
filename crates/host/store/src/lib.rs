//! Files of the host: range sources, atomic writes, journals, the inputs of a batch, the home and its trust store.
//!
//! The only code of the project that touches files. What changes the disk goes through [`Disk`], whose steps can be
//! made to fail ([`FaultPlan`]).

mod atomic;
mod disk;
mod error;
mod fault;
mod home;
mod inputs;
mod journal;
mod lock;
mod source;
mod temporary;
mod trust;

pub use atomic::{Access, AtomicFile, Existing, remove_file, write_atomically};
pub use disk::{Disk, Unfinished};
pub use error::{Action, Fault, StoreError};
pub use fault::{FaultPlan, Outcome, Step};
pub use home::Home;
pub use inputs::{Input, Inputs, Wanted, create_folders, expand, plan_outputs};
pub use journal::{Journal, JournalReader};
pub use lock::FileLock;
pub use source::FileSource;
pub use trust::{Added, Anchor, AnchorKind, Anchors, TrustStore, read_anchors};
