//! Finds the files of the corpus `../shared/corpus` and the CMS in them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::path::{Path, PathBuf};

/// The corpus, if it is beside the repository.
pub fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/corpus");
    folder.is_dir().then_some(folder)
}

/// All files with these extensions, in order.
pub fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.sort();
    let (folders, mut found): (Vec<PathBuf>, Vec<PathBuf>) =
        found.into_iter().partition(|path| path.is_dir());
    found.retain(|path| {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        extensions.contains(&extension.to_ascii_lowercase().as_str())
    });
    found.extend(folders.iter().flat_map(|folder| files(folder, extensions)));
    found
}

/// The hexadecimal strings after /Contents, found without reading the PDF: everything else may be broken in it.
pub fn pdf_contents(pdf: &[u8]) -> Vec<Vec<u8>> {
    const KEY: &[u8] = b"/Contents";
    let mut found = Vec::new();
    for (at, window) in pdf.windows(KEY.len()).enumerate() {
        if window != KEY {
            continue;
        }
        let rest = pdf[at + KEY.len()..].trim_ascii_start();
        let Some(rest) = rest.strip_prefix(b"<").filter(|rest| !rest.starts_with(b"<")) else { continue };
        let Some(end) = rest.iter().position(|byte| *byte == b'>') else { continue };
        let mut digits: Vec<u8> =
            rest[..end].iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        if digits.len() % 2 == 1 {
            digits.push(b'0');
        }
        // An OCTET STRING is the bare RSA value of adbe.x509.rsa_sha1 (ISO 32000-2, 12.8.3.2).
        if let Some(bytes) = hex::decode(&digits).ok().filter(|bytes| bytes.first() == Some(&0x30)) {
            found.push(bytes);
        }
    }
    found
}

/// Unwraps PEM and bare base64.
pub fn unarmoured(bytes: Vec<u8>) -> Vec<u8> {
    if bytes.first() == Some(&0x30) {
        return bytes;
    }
    let Ok(text) = std::str::from_utf8(&bytes) else { return bytes };
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    BASE64.decode(body).unwrap_or(bytes)
}
