//! FlateDecode (ISO 32000-2, 7.4.4): zlib streams.

use super::Output;
use flate2::{Decompress, FlushDecompress, Status};
use types::Malformed;

const CLAUSE: &str = "ISO 32000-2, 7.4.4";

/// Inflates `data` up to the end of the zlib stream; what follows it is ignored.
///
/// Deviation: no data at all stand for an empty stream, as some writers make them.
pub(super) fn decode(data: &[u8], at: u64, output: &mut Output<'_>) -> Result<(), Malformed> {
    if data.is_empty() {
        return Ok(());
    }
    let mut inflater = Decompress::new(true);
    output.bytes.reserve(data.len().saturating_mul(3).clamp(64, 1 << 20));
    loop {
        let (read, written) = (inflater.total_in(), output.bytes.len());
        let rest = data.get(read as usize..).unwrap_or_default();
        let status = inflater.decompress_vec(rest, &mut output.bytes, FlushDecompress::None);
        let status = status.map_err(|error| {
            Malformed::syntax(at + inflater.total_in(), format!("deflated data are damaged: {error}"), CLAUSE)
        })?;
        let written = output.bytes.len() - written;
        output.spend(written)?;
        if status == Status::StreamEnd {
            return Ok(());
        }
        if output.bytes.len() == output.bytes.capacity() {
            output.bytes.reserve(output.bytes.len().max(4096));
        } else if written == 0 && inflater.total_in() == read {
            return Err(Malformed::syntax(at + data.len() as u64, "deflated data end too early", CLAUSE));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::filter::tests::step;
    use crate::filter::{STRUCTURE, decode};
    use std::io::Write;
    use types::{Budget, Cause, Limits, Resource};

    fn deflate(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_was_deflated_comes_back() {
        assert_eq!(
            decode(&[step("FlateDecode")], Vec::new(), 0, STRUCTURE, &mut Budget::default()),
            Ok(Vec::new())
        );
        for length in [0, 1, 4096, 300_000] {
            let data: Vec<u8> = (0u64..length).map(|index| (index * index % 251) as u8).collect();
            let steps = [step("FlateDecode")];
            assert_eq!(decode(&steps, deflate(&data), 0, STRUCTURE, &mut Budget::default()), Ok(data));
        }
    }

    #[test]
    fn cut_or_damaged_data_are_refused() {
        let whole = deflate(&[7; 10_000]);
        for bytes in [&whole[..whole.len() - 5], b"no zlib"] {
            let decoded =
                decode(&[step("FlateDecode")], bytes.to_vec(), 0, STRUCTURE, &mut Budget::default());
            assert_eq!(decoded.unwrap_err().cause, Cause::Syntax);
        }
    }

    #[test]
    fn a_bomb_is_stopped_by_the_budget_and_by_the_limit() {
        let bomb = deflate(&vec![0; 50_000_000]);
        let small = Limits::STANDARD.with(Resource::DecodedBytes, 1_000_000);
        for (limits, limit) in [(small, STRUCTURE), (Limits::STANDARD, 1_000_000)] {
            let decoded = decode(&[step("FlateDecode")], bomb.clone(), 0, limit, &mut Budget::new(limits));
            assert!(matches!(decoded.unwrap_err().cause, Cause::Budget(_)));
        }
    }
}
