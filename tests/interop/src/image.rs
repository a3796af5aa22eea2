//! Small pictures for visible signatures.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Writes an 8 × 8 greyscale PNG into `folder`.
pub fn write(folder: &Path) -> Result<PathBuf> {
    let mut rows = Vec::new();
    for y in 0u8..8 {
        rows.push(0);
        rows.extend((0u8..8).map(|x| if x == y || x + y == 7 { 0 } else { 255 }));
    }
    png(&folder.join("picture.png"), GREY, &rows)
}

/// Writes an 8 × 8 PNG in colour into `folder`, whose pixels let the background through more and more.
pub fn write_translucent(folder: &Path) -> Result<PathBuf> {
    let mut rows = Vec::new();
    for y in 0u8..8 {
        rows.push(0);
        rows.extend((0u8..8).flat_map(|x| [200, 32 * x, 32 * y, 255 - 16 * (x + y)]));
    }
    png(&folder.join("translucent.png"), COLOUR_WITH_ALPHA, &rows)
}

/// Colour types of PNG (11.2.1).
const GREY: u8 = 0;
const COLOUR_WITH_ALPHA: u8 = 6;

fn png(file: &Path, colour_type: u8, rows: &[u8]) -> Result<PathBuf> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, b"IHDR", &[0, 0, 0, 8, 0, 0, 0, 8, 8, colour_type, 0, 0, 0]);
    chunk(&mut png, b"IDAT", &zlib_stored(rows));
    chunk(&mut png, b"IEND", &[]);
    fs::write(file, png).context("could not write the picture")?;
    Ok(file.to_owned())
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    png.extend(u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
    let body = [&kind[..], data].concat();
    png.extend(&body);
    png.extend(crc32(&body).to_be_bytes());
}

/// A zlib stream with one stored block (RFC 1950, RFC 1951 3.2.4).
fn zlib_stored(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(0);
    let mut stream = vec![0x78, 0x01, 0x01];
    stream.extend(length.to_le_bytes());
    stream.extend((!length).to_le_bytes());
    stream.extend(data);
    let (mut a, mut b) = (1u32, 0u32);
    for octet in data {
        a = (a + u32::from(*octet)) % 65_521;
        b = (b + a) % 65_521;
    }
    stream.extend((b << 16 | a).to_be_bytes());
    stream
}

fn crc32(data: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for octet in data {
        crc ^= u32::from(*octet);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_checksum_is_that_of_png() {
        assert_eq!(super::crc32(b"IEND"), 0xAE42_6082);
    }
}
