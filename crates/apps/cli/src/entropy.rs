//! Randomness of this computer, drawn here and nowhere below.

use crate::error::Failure;

/// Fresh unpredictable bytes.
pub fn fresh<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Failure::Entropy(error.to_string()))?;
    Ok(bytes)
}
