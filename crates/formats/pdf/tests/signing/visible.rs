//! Visible signatures.
