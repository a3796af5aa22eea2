//! Streaming the content of a member: stored or deflated, checked against size and checksum, on a budget.

use super::central::{Entry, Method};
use flate2::{Crc, Decompress, FlushDecompress, Status};
use types::{Budget, Malformed, Resource, Source};

const CLAUSE: &str = "APPNOTE 6.3.10, 4.4";
const CHUNK: u64 = 64 << 10;

/// Gives the content of `entry` to `sink` in pieces. What was given counts only if the result is `Ok`.
pub(crate) fn stream(
    source: &dyn Source,
    entry: &Entry,
    sink: &mut dyn FnMut(&[u8]),
    budget: &mut Budget,
) -> Result<(), Malformed> {
    let at = entry.data.start;
    if entry.is_encrypted() {
        let reason = format!("the member {:?} is encrypted", entry.name);
        return Err(Malformed::unsupported(at, reason, "EN 319 162-1, 4.2"));
    }
    let mut checked = Checked { crc: Crc::new(), length: 0, entry, sink, budget };
    match entry.method {
        Method::Stored if entry.size != entry.compressed_size => {
            return Err(Malformed::syntax(at, "a stored member has two sizes", CLAUSE));
        }
        Method::Stored => stored(source, &mut checked)?,
        Method::Deflated => deflated(source, &mut checked)?,
        Method::Other(number) => {
            let reason = format!("the member {:?} is stored by method {number}", entry.name);
            return Err(Malformed::unsupported(at, reason, "APPNOTE 6.3.10, 4.4.5"));
        }
    }
    if checked.length != entry.size {
        let reason = format!("the member {:?} is shorter than announced", entry.name);
        return Err(Malformed::syntax(at, reason, CLAUSE));
    }
    if checked.crc.sum() != entry.crc32 {
        let reason = format!("the checksum of the member {:?} is wrong", entry.name);
        return Err(Malformed::syntax(at, reason, "APPNOTE 6.3.10, 4.4.7"));
    }
    Ok(())
}

struct Checked<'a> {
    crc: Crc,
    length: u64,
    entry: &'a Entry,
    sink: &'a mut dyn FnMut(&[u8]),
    budget: &'a mut Budget,
}

impl Checked<'_> {
    fn give(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        self.budget.spend(Resource::DecodedBytes, bytes.len() as u64)?;
        self.length += bytes.len() as u64;
        if self.length > self.entry.size {
            let reason = format!("the member {:?} is longer than announced", self.entry.name);
            return Err(Malformed::syntax(self.entry.data.start, reason, CLAUSE));
        }
        self.crc.update(bytes);
        (self.sink)(bytes);
        Ok(())
    }
}

/// The stored bytes in pieces.
fn pieces(
    source: &dyn Source,
    entry: &Entry,
    mut each: impl FnMut(&[u8]) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let mut buffer = vec![0; CHUNK.min(entry.data.len()) as usize];
    let mut at = entry.data.start;
    while at < entry.data.end {
        let length = CHUNK.min(entry.data.end - at) as usize;
        source.read_at(at, &mut buffer[..length])?;
        each(&buffer[..length])?;
        at += length as u64;
    }
    Ok(())
}

fn stored(source: &dyn Source, checked: &mut Checked<'_>) -> Result<(), Malformed> {
    pieces(source, checked.entry, |piece| checked.give(piece))
}

fn deflated(source: &dyn Source, checked: &mut Checked<'_>) -> Result<(), Malformed> {
    let entry = checked.entry;
    let damaged = |what: &str| {
        Malformed::syntax(
            entry.data.start,
            format!("the deflated member {:?} {what}", entry.name),
            "RFC 1951",
        )
    };
    let mut inflater = Decompress::new(false);
    let mut output = vec![0; CHUNK as usize];
    let mut ended = false;
    pieces(source, entry, |mut piece| {
        while !piece.is_empty() || !ended {
            if ended {
                return Err(damaged("has bytes after its end"));
            }
            let (read, written) = (inflater.total_in(), inflater.total_out());
            let status = inflater.decompress(piece, &mut output, FlushDecompress::None);
            let status = status.map_err(|_| damaged("is damaged"))?;
            let (read, written) = (inflater.total_in() - read, inflater.total_out() - written);
            piece = &piece[read as usize..];
            checked.give(&output[..written as usize])?;
            ended = status == Status::StreamEnd;
            if !ended && read == 0 && written == 0 {
                if piece.is_empty() {
                    break;
                }
                return Err(damaged("is damaged"));
            }
        }
        Ok(())
    })?;
    if ended { Ok(()) } else { Err(damaged("ends too early")) }
}
