//! What is not signed, and why.
