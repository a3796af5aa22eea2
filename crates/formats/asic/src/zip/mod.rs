//! A strict ZIP reader (PKWARE APPNOTE 6.3.10, ISO/IEC 21320-1) that keeps positions and names every ambiguity.

mod central;
mod cursor;
mod end;
mod inflate;
mod layout;
mod local;
mod name;

pub(crate) use central::read_entries;
pub use central::{Entry, Method};
pub(crate) use end::find_end;
pub(crate) use inflate::stream;
pub(crate) use layout::check_layout;
pub(crate) use local::{check_local, method_number};
pub(crate) use name::check_names;
