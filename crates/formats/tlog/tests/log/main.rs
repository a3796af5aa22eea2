//! What this crate makes can be verified, and nothing else can.

mod hostile;
mod made;
mod notes;
mod proofs;
mod tiles;
mod trees;
