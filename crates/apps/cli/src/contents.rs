//! What a detached signature is over: the file of the same name without the end that says that it is a signature.

use std::path::{Path, PathBuf};

/// Ends of names that are put behind the name of what was signed.
const DETACHED: &[&str] = &["p7s", "sig", "tst", "tsr"];

/// The file beside a detached signature, if there is one.
pub fn beside(signature: &Path) -> Option<PathBuf> {
    let extension = signature.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let content = signature.with_extension("");
    let detached = DETACHED.iter().any(|one| extension.eq_ignore_ascii_case(one));
    (detached && content.is_file()).then_some(content)
}
