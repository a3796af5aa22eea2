//! Which identity is meant.

use super::default;
use crate::error::Failure;
use store::Home;
use vault::{Identity, LockedVault};

/// The identity that `wanted` means; without it the default one, or the only one there is.
pub fn choose<'a>(
    home: &Home,
    vault: &'a LockedVault,
    wanted: Option<&str>,
) -> Result<&'a Identity, Failure> {
    if let Some(name) = wanted {
        return Ok(vault.identity(name)?);
    }
    if let Some(id) = default::get(home)? {
        return vault.identity(&id).map_err(|_| {
            Failure::usage(
                format!("the default identity {id} is not in the vault"),
                "choose another with: undersign identity default ID",
            )
        });
    }
    match vault.identities() {
        [only] => Ok(only),
        [] => Err(Failure::usage("the vault holds no identity", "make one with: undersign identity new")),
        several => Err(Failure::usage(
            format!("the vault holds {} identities and none is the default", several.len()),
            "name one with --identity, or choose with: undersign identity default ID",
        )),
    }
}
