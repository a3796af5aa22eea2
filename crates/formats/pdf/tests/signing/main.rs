//! Signatures planned on small files of every style, and what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on fails; one that is skipped says so"
)]

extern crate undersign_pdf as pdf;

mod build;
mod checks;
mod corpus;
mod encrypted;
mod fields;
mod fonts_and_images;
mod hostile;
mod peers;
mod refusals;
mod updates;
mod visible;

use build::File;
use pdf::Document;
use pdf::signature::{PreparedSignature, SignatureRequest, SigningRefusal, plan};
use types::Budget;

/// What stands for randomness.
pub const ENTROPY: [u8; 32] = [7; 32];

/// The file with a planned signature whose value is left empty.
pub fn signed(
    bytes: &[u8],
    request: &SignatureRequest,
) -> Result<(PreparedSignature, Vec<u8>), SigningRefusal> {
    signed_with(bytes, None, request)
}

/// The same for a file that needs a password.
pub fn signed_with(
    bytes: &[u8],
    password: Option<&str>,
    request: &SignatureRequest,
) -> Result<(PreparedSignature, Vec<u8>), SigningRefusal> {
    let mut budget = Budget::default();
    let document = Document::open(&bytes, password.map(str::as_bytes), &mut budget).expect("the file opens");
    let prepared = plan(&document, request, ENTROPY, &mut budget)?;
    let mut whole = bytes.to_vec();
    whole.extend_from_slice(&prepared.tail);
    Ok((prepared, whole))
}

/// The refusal that planning ends in.
pub fn refusal(file: &File, request: &SignatureRequest) -> SigningRefusal {
    match signed(&file.bytes(build::Style::Classic), request) {
        Err(refusal) => refusal,
        Ok(_) => panic!("the signature was planned"),
    }
}
