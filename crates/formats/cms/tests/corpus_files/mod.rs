//! Finds the CMS in the files of the corpus.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

/// The hexadecimal strings after /Contents, found without reading the PDF: everything else may be broken in it.
#[allow(dead_code, reason = "not every test uses it")]
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
#[allow(dead_code, reason = "not every test uses it")]
pub fn unarmoured(bytes: Vec<u8>) -> Vec<u8> {
    if bytes.first() == Some(&0x30) {
        return bytes;
    }
    let Ok(text) = std::str::from_utf8(&bytes) else { return bytes };
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    BASE64.decode(body).unwrap_or(bytes)
}

/// The files in a ZIP, by name; what is packed in another way than by deflating is left out.
#[allow(dead_code, reason = "not every test opens containers")]
pub fn zip_entries(zip: &[u8]) -> Vec<(String, Vec<u8>)> {
    let number = |at: usize, len: usize| -> Option<usize> {
        let octets = zip.get(at..at + len)?;
        Some(octets.iter().rev().fold(0, |number, octet| number << 8 | usize::from(*octet)))
    };
    let entry = |at: usize| -> Option<(String, Vec<u8>)> {
        let (method, packed_len) = (number(at + 10, 2)?, number(at + 20, 4)?);
        let (name_len, header) = (number(at + 28, 2)?, number(at + 42, 4)?);
        let name = String::from_utf8_lossy(zip.get(at + 46..at + 46 + name_len)?).into_owned();
        let start = header + 30 + number(header + 26, 2)? + number(header + 28, 2)?;
        let packed = zip.get(start..start + packed_len)?;
        match method {
            0 => Some((name, packed.to_vec())),
            8 => {
                let mut unpacked = Vec::new();
                let mut decoder = flate2::read::DeflateDecoder::new(packed);
                std::io::Read::read_to_end(&mut decoder, &mut unpacked).ok()?;
                Some((name, unpacked))
            }
            _ => None,
        }
    };
    let directory = zip.windows(4).enumerate().filter(|(_, window)| *window == b"PK\x01\x02");
    directory.filter_map(|(at, _)| entry(at)).collect()
}
