//! Writing containers (EN 319 162-1, 4.3 and 4.4; APPNOTE 6.3.10): members are stored as they are, one after the other, so that
//! files of any size pass through; the same files give the same container.
//!
//! Whoever writes puts down the bytes of [`ContainerWriter::member`], then the data, and last those of
//! [`ContainerWriter::finish`].

use crate::container::Container;
use crate::zip::{Entry, method_number};
use base64ct::{Base64, Encoding};
use crypto::Digest;
use std::collections::BTreeSet;
use std::fmt;
use std::fmt::Write as _;
use types::Span;

/// The media types of the two kinds (EN 319 162-1, A.1).
pub const ASIC_E: &str = "application/vnd.etsi.asic-e+zip";
/// For one file and its signatures.
pub const ASIC_S: &str = "application/vnd.etsi.asic-s+zip";

/// `General purpose bit flag`: the name is UTF-8.
const UTF8: u16 = 1 << 11;
/// 1 January 1980, the first day that the format knows: time is no matter of the container.
const DATE: u16 = 0x21;
/// Sizes and offsets from here on need the wide form.
const WIDE: u64 = 0xffff_ffff;
/// Version that readers must know: 4.5 for wide numbers, 2.0 otherwise.
const VERSIONS: (u16, u16) = (20, 45);

/// Why a member cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameError {
    /// It is empty, too long, absolute, leads upward or holds characters that readers take differently.
    Unusable(String),
    /// It lies where signatures lie.
    Reserved(String),
    /// Another member has it, or one that differs in case only.
    Taken(String),
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NameError::Unusable(name) => write!(f, "{name:?} cannot be the name of a member"),
            NameError::Reserved(name) => write!(f, "{name:?} lies where the signatures of a container lie"),
            NameError::Taken(name) => write!(f, "two members would have the name {name:?}"),
        }
    }
}

impl std::error::Error for NameError {}

/// What stands in the directory about a member.
struct Written {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc32: u32,
    stored: u64,
    len: u64,
    at: u64,
}

/// A container being written.
pub struct ContainerWriter {
    members: Vec<Written>,
    names: BTreeSet<String>,
    at: u64,
}

impl ContainerWriter {
    /// A container of this media type, and its first bytes: the member `mimetype`.
    pub fn new(mime_type: &str) -> (ContainerWriter, Vec<u8>) {
        let mut writer = ContainerWriter { members: Vec::new(), names: BTreeSet::new(), at: 0 };
        let mut bytes = writer.put("mimetype", mime_type.len() as u64, crc32(mime_type.as_bytes()));
        bytes.extend_from_slice(mime_type.as_bytes());
        (writer, bytes)
    }

    /// A data object: the bytes that stand before its `len` bytes of data, which have this CRC-32.
    pub fn member(&mut self, name: &str, len: u64, crc32: u32) -> Result<Vec<u8>, NameError> {
        let is_part = |part: &str| !part.is_empty() && part != "." && part != "..";
        let is_usable = name.len() <= 1024
            && name.split('/').all(is_part)
            && !name.contains(['\\', ':', '\0'])
            && !name.chars().any(char::is_control);
        if !is_usable {
            return Err(NameError::Unusable(name.to_owned()));
        }
        let folded = name.to_lowercase();
        if folded == "mimetype" || folded.starts_with("meta-inf/") {
            return Err(NameError::Reserved(name.to_owned()));
        }
        if !self.names.insert(folded) {
            return Err(NameError::Taken(name.to_owned()));
        }
        Ok(self.put(name, len, crc32))
    }

    /// A file in `META-INF`, whole.
    pub fn meta(&mut self, name: &str, content: &[u8]) -> Vec<u8> {
        let mut bytes = self.put(&format!("META-INF/{name}"), content.len() as u64, crc32(content));
        bytes.extend_from_slice(content);
        bytes
    }

    fn put(&mut self, name: &str, len: u64, crc32: u32) -> Vec<u8> {
        let wide = len >= WIDE;
        let mut bytes = Vec::with_capacity(64 + name.len());
        bytes.extend(0x0403_4b50_u32.to_le_bytes());
        bytes.extend(version(wide).to_le_bytes());
        common(&mut bytes, (UTF8, 0), crc32, if wide { [u64::MAX; 2] } else { [len; 2] });
        bytes.extend((name.len() as u16).to_le_bytes());
        bytes.extend((if wide { 20_u16 } else { 0 }).to_le_bytes());
        bytes.extend_from_slice(name.as_bytes());
        if wide {
            wide_field(&mut bytes, &[len, len]);
        }
        let (name, at) = (name.as_bytes().to_vec(), self.at);
        self.members.push(Written { name, flags: UTF8, method: 0, crc32, stored: len, len, at });
        self.at += bytes.len() as u64 + len;
        bytes
    }

    /// A member of another container: its record, header and all, goes where the writer is.
    fn carry(&mut self, entry: &Entry) {
        self.names.insert(entry.name.to_lowercase());
        self.members.push(Written {
            name: entry.raw_name.clone(),
            flags: entry.flags,
            method: method_number(entry.method),
            crc32: entry.crc32,
            stored: entry.compressed_size,
            len: entry.size,
            at: self.at,
        });
        self.at += entry.record.len();
    }

    /// The last bytes: the central directory and its end.
    pub fn finish(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for member in &self.members {
            directory_entry(&mut bytes, member);
        }
        let (count, len) = (self.members.len() as u64, bytes.len() as u64);
        if count >= 0xffff || len >= WIDE || self.at >= WIDE {
            let end = self.at + len;
            bytes.extend(0x0606_4b50_u32.to_le_bytes());
            bytes.extend(44_u64.to_le_bytes());
            bytes.extend(VERSIONS.1.to_le_bytes());
            bytes.extend(VERSIONS.1.to_le_bytes());
            bytes.extend([0; 8]);
            [count, count, len, self.at].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
            bytes.extend(0x0706_4b50_u32.to_le_bytes());
            bytes.extend(0_u32.to_le_bytes());
            bytes.extend(end.to_le_bytes());
            bytes.extend(1_u32.to_le_bytes());
        }
        let short = |number: u64| u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes();
        bytes.extend(0x0605_4b50_u32.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(short(count));
        bytes.extend(short(count));
        bytes.extend(narrow(len).to_le_bytes());
        bytes.extend(narrow(self.at).to_le_bytes());
        bytes.extend([0; 2]);
        bytes
    }
}

fn version(wide: bool) -> u16 {
    if wide { VERSIONS.1 } else { VERSIONS.0 }
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Flags, method, time, CRC-32 and sizes (stored, then whole), as both headers have them.
fn common(bytes: &mut Vec<u8>, (flags, method): (u16, u16), crc32: u32, sizes: [u64; 2]) {
    bytes.extend(flags.to_le_bytes());
    bytes.extend(method.to_le_bytes());
    bytes.extend([0; 2]);
    bytes.extend(DATE.to_le_bytes());
    bytes.extend(crc32.to_le_bytes());
    sizes.iter().for_each(|size| bytes.extend(narrow(*size).to_le_bytes()));
}

/// The extra field with wide numbers (APPNOTE 4.5.3).
fn wide_field(bytes: &mut Vec<u8>, numbers: &[u64]) {
    bytes.extend(1_u16.to_le_bytes());
    bytes.extend((8 * numbers.len() as u16).to_le_bytes());
    numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
}

fn directory_entry(bytes: &mut Vec<u8>, member: &Written) {
    // Each number that does not fit stands in the extra field, in this order.
    let numbers: Vec<u64> =
        [member.len, member.stored, member.at].into_iter().filter(|number| *number >= WIDE).collect();
    let version = version(!numbers.is_empty());
    bytes.extend(0x0201_4b50_u32.to_le_bytes());
    bytes.extend(version.to_le_bytes());
    bytes.extend(version.to_le_bytes());
    common(bytes, (member.flags, member.method), member.crc32, [member.stored, member.len]);
    bytes.extend((member.name.len() as u16).to_le_bytes());
    let extra = if numbers.is_empty() { 0 } else { 4 + 8 * numbers.len() as u16 };
    bytes.extend(extra.to_le_bytes());
    // No comment, first disk, no attributes.
    bytes.extend([0; 2 + 2 + 2 + 4]);
    bytes.extend(narrow(member.at).to_le_bytes());
    bytes.extend_from_slice(&member.name);
    if !numbers.is_empty() {
        wide_field(bytes, &numbers);
    }
}

/// A running CRC-32 (APPNOTE 4.4.7).
#[derive(Default)]
pub struct Crc32(flate2::Crc);

impl Crc32 {
    /// Takes more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The sum of all bytes so far.
    pub fn sum(&self) -> u32 {
        self.0.sum()
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = Crc32::default();
    sum.update(bytes);
    sum.sum()
}

/// A part of a container that is written anew from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// These bytes of the other container.
    Copy(Span),
    /// New bytes.
    Bytes(Vec<u8>),
}

/// The same container without some members and with new files in `META-INF` (names without the folder) at its end. All other
/// members keep every byte of their records.
pub fn rewritten(container: &Container<'_>, without: &[usize], new: &[(String, Vec<u8>)]) -> Vec<Piece> {
    let mut writer = ContainerWriter { members: Vec::new(), names: BTreeSet::new(), at: 0 };
    let mut pieces = Vec::new();
    for (index, member) in container.members.iter().enumerate() {
        if !without.contains(&index) {
            writer.carry(&member.entry);
            pieces.push(Piece::Copy(member.entry.record));
        }
    }
    pieces.extend(new.iter().map(|(name, content)| Piece::Bytes(writer.meta(name, content))));
    pieces.push(Piece::Bytes(writer.finish()));
    pieces
}

/// A data object as a manifest names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestEntry {
    /// Name of the member.
    pub name: String,
    /// Its media type, if it is known.
    pub mime_type: Option<String>,
    /// Digest of its bytes.
    pub digest: Digest,
    /// Whether it is the one to start with (EN 319 162-1, A.4): the archive manifest before this one.
    pub rootfile: bool,
}

/// The XML of an `ASiCManifest` for the signature file of this name (EN 319 162-1, A.4). `signature_type` is the media type of
/// the signature file.
pub fn manifest(signature: &str, signature_type: &str, entries: &[ManifestEntry]) -> Vec<u8> {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n\
         <asic:ASiCManifest xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\n",
    );
    let uri = escaped(&encoded(signature));
    let _ = writeln!(xml, "  <asic:SigReference MimeType=\"{}\" URI=\"{uri}\"/>", escaped(signature_type));
    for entry in entries {
        let mime_type = entry.mime_type.as_deref().map(|kind| format!(" MimeType=\"{}\"", escaped(kind)));
        let _ = writeln!(
            xml,
            "  <asic:DataObjectReference{} URI=\"{}\"{}>\n    <ds:DigestMethod Algorithm=\"{}\"/>\n    \
             <ds:DigestValue>{}</ds:DigestValue>\n  </asic:DataObjectReference>",
            mime_type.unwrap_or_default(),
            escaped(&encoded(&entry.name)),
            if entry.rootfile { " Rootfile=\"true\"" } else { "" },
            crate::manifest::digest_uri(entry.digest.algorithm),
            Base64::encode_string(&entry.digest.value),
        );
    }
    xml.push_str("</asic:ASiCManifest>\n");
    xml.into_bytes()
}

/// A name as a URI reference (RFC 3986, 2.1): everything but unreserved characters and slashes in percents.
fn encoded(name: &str) -> String {
    name.bytes().fold(String::new(), |mut uri, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
        uri
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
