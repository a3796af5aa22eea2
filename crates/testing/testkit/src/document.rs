//! PDF files of given size and style.

use std::fmt::Write as _;
use std::io::{self, Write};

/// How the cross-reference section is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A table, PDF 1.4.
    Table,
    /// A stream, PDF 1.7.
    Stream,
}

/// A PDF with `pages` pages of text and about `padding` bytes of unused stream.
pub fn document(style: Style, pages: usize, padding: usize) -> Vec<u8> {
    let mut file = Vec::new();
    let version = match style {
        Style::Table => "1.4",
        Style::Stream => "1.7",
    };
    file.extend(format!("%PDF-{version}\n%\u{e2}\u{e3}\u{cf}\u{d3}\n").bytes());
    let mut offsets = Vec::new();
    let kids: String = (0..pages).fold(String::new(), |mut kids, page| {
        let _ = write!(kids, "{} 0 R ", 5 + 2 * page);
        kids
    });
    let mut add = |file: &mut Vec<u8>, body: &[u8]| {
        offsets.push(file.len());
        let number = offsets.len();
        file.extend(format!("{number} 0 obj\n").bytes());
        file.extend(body);
        file.extend(b"\nendobj\n");
    };
    add(&mut file, b"<< /Type /Catalog /Pages 2 0 R >>");
    add(&mut file, format!("<< /Type /Pages /Kids [{kids}] /Count {pages} >>").as_bytes());
    add(&mut file, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
    add(&mut file, &stream(&vec![b'x'; padding]));
    for page in 0..pages {
        let content = 6 + 2 * page;
        add(
            &mut file,
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {content} 0 R \
                 /Resources << /Font << /F1 3 0 R >> >> >>"
            )
            .as_bytes(),
        );
        let text = format!("BT /F1 12 Tf 72 770 Td (Page {} of the agreement) Tj ET", page + 1);
        add(&mut file, &stream(text.as_bytes()));
    }
    finish(&mut file, style, &offsets);
    file
}

fn stream(data: &[u8]) -> Vec<u8> {
    let mut body = format!("<< /Length {} >>\nstream\n", data.len()).into_bytes();
    body.extend(data);
    body.extend(b"\nendstream");
    body
}

fn finish(file: &mut Vec<u8>, style: Style, offsets: &[usize]) {
    let at = file.len();
    match style {
        Style::Table => {
            let size = offsets.len() + 1;
            let mut table = format!("xref\n0 {size}\n0000000000 65535 f \n");
            for offset in offsets {
                let _ = writeln!(table, "{offset:010} 00000 n ");
            }
            let _ = write!(table, "trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n");
            file.extend(table.bytes());
        }
        Style::Stream => {
            let size = offsets.len() + 2;
            let mut rows = vec![0, 0, 0, 0, 0, 0];
            for offset in offsets.iter().chain([&at]) {
                rows.push(1);
                rows.extend((*offset as u32).to_be_bytes());
                rows.push(0);
            }
            let number = size - 1;
            file.extend(
                format!(
                    "{number} 0 obj\n<< /Type /XRef /Size {size} /Root 1 0 R /W [1 4 1] /Length {} >>\nstream\n",
                    rows.len()
                )
                .bytes(),
            );
            file.extend(rows);
            file.extend(format!("\nendstream\nendobj\nstartxref\n{at}\n%%EOF\n").bytes());
        }
    }
}

/// Writes a one-page PDF of about `len` bytes, most of it one stream, without holding it in memory.
pub fn huge_document(out: &mut dyn Write, len: u64) -> io::Result<()> {
    const CHUNK: usize = 1 << 16;
    let mut written: u64 = 0;
    let mut offsets = Vec::new();
    let mut put = |out: &mut dyn Write, bytes: &[u8]| -> io::Result<u64> {
        let at = written;
        out.write_all(bytes)?;
        written += bytes.len() as u64;
        Ok(at)
    };
    put(out, b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")?;
    for body in [
        "1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n",
        "2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n",
        "3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>\nendobj\n",
    ] {
        offsets.push(put(out, body.as_bytes())?);
    }
    offsets.push(put(out, format!("4 0 obj\n<< /Length {len} >>\nstream\n").as_bytes())?);
    // Not compressible and different everywhere, so that no layer below can cheat.
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut left = len;
    while left > 0 {
        let mut chunk = Vec::with_capacity(CHUNK);
        while chunk.len() < CHUNK {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            chunk.extend(state.to_le_bytes());
        }
        chunk.truncate(usize::try_from(left).unwrap_or(CHUNK).min(CHUNK));
        put(out, &chunk)?;
        left -= chunk.len() as u64;
    }
    put(out, b"\nendstream\nendobj\n")?;
    let mut table = String::from("xref\n0 5\n0000000000 65535 f \n");
    for offset in &offsets {
        let _ = writeln!(table, "{offset:010} 00000 n ");
    }
    let at = put(out, table.as_bytes())?;
    put(out, format!("trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n").as_bytes())?;
    Ok(())
}
