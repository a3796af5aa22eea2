//! What was done to a document after it was signed, and whether it was allowed.
