//! How the external suites are read.

#![allow(dead_code, reason = "not every suite uses everything")]

use base64::Engine;
use corpus::Row;
use std::path::Path;

/// The rows of `expected.csv` about one set.
pub fn rows(corpus: &Path, set: &str) -> Vec<Row> {
    let mut rows = corpus::rows(corpus);
    rows.retain(|row| row.set == set);
    rows
}

/// The DER of every block with this label.
pub fn blocks(text: &str, label: &str) -> Vec<Vec<u8>> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    text.split(&begin).skip(1).map(|rest| base64(rest.split(&end).next().unwrap())).collect()
}

pub fn base64(text: &str) -> Vec<u8> {
    let text: String = text.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}
