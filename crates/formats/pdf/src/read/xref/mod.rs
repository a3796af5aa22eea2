//! Cross-reference sections (ISO 32000-2, 7.5.4 and 7.5.8): reading each, following the chain, looking up numbers.

mod chain;
mod classic;
mod ends;
mod standard;
mod stream;
mod table;

pub(crate) use chain::read_chain;
pub(crate) use table::{Entry, Index, Section};
