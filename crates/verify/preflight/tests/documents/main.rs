//! The preflight of documents built for the purpose.

mod active;
mod build;
mod hidden;
mod hostile;
