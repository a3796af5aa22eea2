//! EU trusted lists and the list of them (ETSI TS 119 612): which services are or were qualified, with which certificates.
//!
//! Read are the two kinds of services that signatures lead back to: those that issue qualified certificates for signatures
//! and seals, and those that issue qualified time-stamps. A list says nothing before somebody vouches for its bytes: its
//! own signature is for the verifier of XML signatures to judge, not for this crate.

mod list;
mod service;
mod xml;

pub use list::{Pointer, Scope, TrustedList};
pub use service::{Service, ServiceKind, Window};
