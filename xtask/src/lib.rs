//! The project's chores as a library, so that `cargo xtask tidy` is also a test.

pub mod bench;
pub mod command;
pub mod deny;
pub mod fuzz;
pub mod peers;
pub mod test;
pub mod tidy;
