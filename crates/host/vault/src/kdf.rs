//! From a passphrase to a key: Argon2id (RFC 9106) with parameters that are bounded when read.

use crate::{Passphrase, VaultError};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroizing;

/// Argon2id version 1.3 with its costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kdf {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// Least memory accepted: less protects nothing.
const MEMORY_KIB: std::ops::RangeInclusive<u32> = 1024..=1 << 20;
const PASSES: std::ops::RangeInclusive<u32> = 1..=64;
const LANES: std::ops::RangeInclusive<u32> = 1..=4;
/// Most memory times passes: about 10 s of work on a slow machine.
const MAX_WORK_KIB: u64 = 4 << 20;

impl Kdf {
    /// 46 MiB, 4 passes, 1 lane: the work of the second option of RFC 9106, 4 (64 MiB, 3 passes), in less memory, so
    /// that signing stays below 64 MB in all, and with one lane, so that it costs the same on one core.
    pub const STANDARD: Kdf = Kdf { memory_kib: 46 * 1024, passes: 4, lanes: 1 };

    /// 1 MiB, 1 pass: the least accepted. For throw-away vaults and tests; it does not protect a passphrase.
    pub const LEAST: Kdf = Kdf { memory_kib: 1024, passes: 1, lanes: 1 };

    /// Costs within the bounds: 1 MiB to 1 GiB, 1 to 64 passes, 1 to 4 lanes, and memory × passes at most 4 GiB. A file
    /// from elsewhere cannot ask for more.
    pub fn new(memory_kib: u64, passes: u64, lanes: u64) -> Result<Kdf, VaultError> {
        let within = |value: u64, range: std::ops::RangeInclusive<u32>| {
            u32::try_from(value).ok().filter(|value| range.contains(value))
        };
        match (within(memory_kib, MEMORY_KIB), within(passes, PASSES), within(lanes, LANES)) {
            (Some(memory), Some(passes), Some(lanes)) if memory_kib * u64::from(passes) <= MAX_WORK_KIB => {
                Ok(Kdf { memory_kib: memory, passes, lanes })
            }
            _ => Err(VaultError::KdfOutOfBounds { memory_kib, passes, lanes }),
        }
    }

    /// Memory in KiB.
    pub fn memory_kib(&self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    pub fn passes(&self) -> u32 {
        self.passes
    }

    /// Lanes.
    pub fn lanes(&self) -> u32 {
        self.lanes
    }

    /// The key of 32 bytes for `passphrase` and `salt`. The memory it used is wiped.
    pub(crate) fn derive(
        &self,
        passphrase: &Passphrase,
        salt: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        let out_of_bounds = |_| VaultError::KdfOutOfBounds {
            memory_kib: self.memory_kib.into(),
            passes: self.passes.into(),
            lanes: self.lanes.into(),
        };
        let params =
            Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).map_err(out_of_bounds)?;
        let mut memory = Zeroizing::new(vec![Block::default(); params.block_count()]);
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(passphrase.bytes(), salt, &mut *key, memory.as_mut_slice())
            .map_err(out_of_bounds)?;
        Ok(key)
    }
}

impl Default for Kdf {
    fn default() -> Kdf {
        Kdf::STANDARD
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_outside_the_bounds_are_refused() {
        assert!(Kdf::new(64 * 1024, 3, 1).is_ok());
        for (memory, passes, lanes) in [
            (1023, 3, 1),
            ((1 << 20) + 1, 1, 1),
            (1 << 20, 5, 1),
            (65536, 0, 1),
            (65536, 65, 1),
            (65536, 3, 0),
            (65536, 3, 5),
            (u64::MAX, u64::MAX, u64::MAX),
        ] {
            assert!(Kdf::new(memory, passes, lanes).is_err(), "{memory} {passes} {lanes}");
        }
    }
}
