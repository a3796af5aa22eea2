//! Predictors of FlateDecode and LZWDecode (ISO 32000-2, 7.4.4.4): PNG and TIFF.

use super::Step;
use types::Malformed;

const CLAUSE: &str = "ISO 32000-2, 7.4.4.4";

/// Undoes the predictor named in the parameters.
pub(super) fn undo(data: Vec<u8>, step: &Step, at: u64) -> Result<Vec<u8>, Malformed> {
    let predictor = step.integer("Predictor", 1);
    if predictor == 1 {
        return Ok(data);
    }
    let fault = || Malformed::syntax(at, "predictor parameters are out of range", CLAUSE);
    let parameter =
        |key, default| usize::try_from(step.integer(key, default)).ok().filter(|&value| value > 0);
    let colors = parameter("Colors", 1).filter(|&colors| colors <= 32).ok_or_else(fault)?;
    let bits =
        parameter("BitsPerComponent", 8).filter(|bits| [1, 2, 4, 8, 16].contains(bits)).ok_or_else(fault)?;
    let columns = parameter("Columns", 1).ok_or_else(fault)?;
    let row = columns.checked_mul(colors * bits).ok_or_else(fault)?.div_ceil(8);
    match predictor {
        2 => tiff(data, row, colors, bits).ok_or_else(fault),
        10..=15 => png(data, row, (colors * bits).div_ceil(8), at),
        _ => Err(fault()),
    }
}

/// Rows of one tag byte and `row` bytes, predicted from the pixel to the left and the row above; done in place.
fn png(mut data: Vec<u8>, row: usize, pixel: usize, at: u64) -> Result<Vec<u8>, Malformed> {
    if !data.len().is_multiple_of(row + 1) {
        return Err(Malformed::syntax(at, "predicted data do not fill their last row", CLAUSE));
    }
    let mut above = vec![0; row];
    let mut done = 0;
    for start in (0..data.len()).step_by(row + 1) {
        let (earlier, rest) = data.split_at_mut(start);
        let Some((tag, line)) = rest.split_first_mut() else { break };
        let line = line.get_mut(..row).unwrap_or_default();
        undo_row(*tag, line, &above, pixel)
            .ok_or_else(|| Malformed::syntax(at, format!("unknown PNG predictor {tag}"), CLAUSE))?;
        above.copy_from_slice(line);
        let target = earlier.get_mut(done..).unwrap_or_default();
        let overlap = row.min(target.len());
        target[..overlap].copy_from_slice(&above[..overlap]);
        if overlap < row {
            data.copy_within(start + 1..start + 1 + row, done);
        }
        done += row;
    }
    data.truncate(done);
    Ok(data)
}

fn undo_row(tag: u8, line: &mut [u8], above: &[u8], pixel: usize) -> Option<()> {
    match tag {
        0 => {}
        1 => {
            (pixel..line.len()).for_each(|index| line[index] = line[index].wrapping_add(line[index - pixel]))
        }
        2 => line.iter_mut().zip(above).for_each(|(byte, up)| *byte = byte.wrapping_add(*up)),
        3 => {
            for index in 0..line.len() {
                let left = if index < pixel { 0 } else { line[index - pixel] };
                let mean = (u16::from(left) + u16::from(above[index])) / 2;
                line[index] = line[index].wrapping_add(mean as u8);
            }
        }
        4 => {
            for index in 0..line.len() {
                let (left, corner) = match index.checked_sub(pixel) {
                    Some(before) => (line[before], above[before]),
                    None => (0, 0),
                };
                line[index] = line[index].wrapping_add(paeth(left, above[index], corner));
            }
        }
        _ => return None,
    }
    Some(())
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let estimate = i16::from(left) + i16::from(up) - i16::from(corner);
    let distance = |value: u8| (estimate - i16::from(value)).abs();
    if distance(left) <= distance(up) && distance(left) <= distance(corner) {
        left
    } else if distance(up) <= distance(corner) {
        up
    } else {
        corner
    }
}

/// Components predicted from the same component of the pixel to the left; `None` for sizes that cannot be.
fn tiff(mut data: Vec<u8>, row: usize, colors: usize, bits: usize) -> Option<Vec<u8>> {
    for line in data.chunks_mut(row) {
        match bits {
            8 => (colors..line.len())
                .for_each(|index| line[index] = line[index].wrapping_add(line[index - colors])),
            16 => {
                for index in (2 * colors..line.len().saturating_sub(1)).step_by(2) {
                    let left = u16::from_be_bytes([line[index - 2 * colors], line[index - 2 * colors + 1]]);
                    let sum = u16::from_be_bytes([line[index], line[index + 1]]).wrapping_add(left);
                    line[index..index + 2].copy_from_slice(&sum.to_be_bytes());
                }
            }
            _ => tiff_bits(line, colors, bits),
        }
    }
    Some(data)
}

/// Components of 1, 2 or 4 bits.
fn tiff_bits(line: &mut [u8], colors: usize, bits: usize) {
    let mask = (1u8 << bits) - 1;
    let place = |component: usize| (component * bits / 8, 8 - bits - component * bits % 8);
    for component in colors..line.len() * 8 / bits {
        let ((before, before_shift), (here, shift)) = (place(component - colors), place(component));
        let sum = (line[here] >> shift).wrapping_add(line[before] >> before_shift) & mask;
        line[here] = line[here] & !(mask << shift) | sum << shift;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::tests::step;
    use crate::object::Object;

    fn predicted(data: &[u8], params: &[(&str, i64)]) -> Result<Vec<u8>, Malformed> {
        let mut step = step("FlateDecode");
        for (key, value) in params {
            step.params.set(key, Object::Integer(*value));
        }
        undo(data.to_vec(), &step, 0)
    }

    #[test]
    fn every_png_predictor_is_undone() {
        let data = [0, 1, 2, 3, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 1, 1, 4, 1, 1, 1];
        let expected = [1, 2, 3, 1, 2, 3, 2, 3, 4, 2, 3, 4, 3, 4, 5];
        assert_eq!(predicted(&data, &[("Predictor", 15), ("Columns", 3)]), Ok(expected.to_vec()));
    }

    #[test]
    fn tiff_prediction_is_undone_for_every_width() {
        let tiff = |bits, data: &[u8]| {
            predicted(data, &[("Predictor", 2), ("Columns", 4), ("BitsPerComponent", bits)])
        };
        assert_eq!(tiff(8, &[1, 1, 1, 1, 5, 1, 1, 1]), Ok(vec![1, 2, 3, 4, 5, 6, 7, 8]));
        assert_eq!(tiff(16, &[0, 255, 0, 1, 0, 0, 0, 0]), Ok(vec![0, 255, 1, 0, 1, 0, 1, 0]));
        assert_eq!(tiff(4, &[0x11, 0x1F]), Ok(vec![0x12, 0x32]));
        assert_eq!(tiff(1, &[0b1010_0000]), Ok(vec![0b1100_0000]));
    }

    #[test]
    fn senseless_parameters_are_refused() {
        for params in [
            [("Predictor", 9), ("Columns", 1)],
            [("Predictor", 12), ("Columns", 0)],
            [("Predictor", 12), ("Columns", i64::MAX)],
            [("Predictor", 12), ("Columns", 5)],
        ] {
            assert!(predicted(&[0, 1], &params).is_err(), "{params:?}");
        }
    }
}
