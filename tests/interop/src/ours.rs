//! The `undersign` command line, driven as its users do.
