//! RunLengthDecode (ISO 32000-2, 7.4.5).

use super::Output;
use types::Malformed;

/// Runs up to the length byte 128 or the end of the data.
pub(super) fn decode(data: &[u8], output: &mut Output<'_>) -> Result<(), Malformed> {
    const CUT: (&str, &str) = ("run-length data end inside a run", "ISO 32000-2, 7.4.5");
    let cut = || Malformed::syntax(None, CUT.0, CUT.1);
    let mut rest = data;
    while let Some((&length, tail)) = rest.split_first() {
        match length {
            0..=127 => {
                let (literal, tail) = tail.split_at_checked(usize::from(length) + 1).ok_or_else(cut)?;
                output.extend(literal)?;
                rest = tail;
            }
            128 => break,
            129..=255 => {
                let (&byte, tail) = tail.split_first().ok_or_else(cut)?;
                output.extend(&[byte; 128][..257 - usize::from(length)])?;
                rest = tail;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::filter::tests::step;
    use crate::filter::{STRUCTURE, decode};
    use types::Budget;

    #[test]
    fn literal_and_repeated_runs_are_undone() {
        let decode = |data: &[u8]| {
            decode(&[step("RunLengthDecode")], data.to_vec(), 0, STRUCTURE, &mut Budget::default())
        };
        assert_eq!(decode(&[2, 1, 2, 3, 254, 9, 128, 77]), Ok(vec![1, 2, 3, 9, 9, 9]));
        assert_eq!(decode(&[129, 5]), Ok(vec![5; 128]));
        assert!(decode(&[5, 1]).is_err());
        assert!(decode(&[200]).is_err());
    }
}
