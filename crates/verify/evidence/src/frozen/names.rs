//! Distinguished and general names as they stand in an evidence file.

use super::error::FrozenError;
use super::scalar::{Octets, oid, oid_words};
use pkix::{GeneralName, Name};
use serde::{Deserialize, Serialize};

/// [`GeneralName`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FrozenGeneralName {
    Other(String, Octets),
    Email(String),
    Dns(String),
    X400(Octets),
    Directory(Octets),
    EdiParty(Octets),
    Uri(String),
    Ip(Octets),
    RegisteredId(String),
}

pub(super) fn freeze_name(name: &Name) -> Octets {
    name.der().into()
}

pub(super) fn thaw_name(der: &Octets) -> Result<Name, FrozenError> {
    Name::from_der(&der.0).map_err(|error| FrozenError::new(format!("not a name: {error}")))
}

impl From<&GeneralName> for FrozenGeneralName {
    fn from(name: &GeneralName) -> FrozenGeneralName {
        match name {
            GeneralName::Other(oid, value) => FrozenGeneralName::Other(oid_words(*oid), (&**value).into()),
            GeneralName::Email(text) => FrozenGeneralName::Email(text.to_string()),
            GeneralName::Dns(text) => FrozenGeneralName::Dns(text.to_string()),
            GeneralName::X400(octets) => FrozenGeneralName::X400((&**octets).into()),
            GeneralName::Directory(name) => FrozenGeneralName::Directory(freeze_name(name)),
            GeneralName::EdiParty(octets) => FrozenGeneralName::EdiParty((&**octets).into()),
            GeneralName::Uri(text) => FrozenGeneralName::Uri(text.to_string()),
            GeneralName::Ip(octets) => FrozenGeneralName::Ip((&**octets).into()),
            GeneralName::RegisteredId(oid) => FrozenGeneralName::RegisteredId(oid_words(*oid)),
        }
    }
}

impl FrozenGeneralName {
    pub(super) fn thaw(&self) -> Result<GeneralName, FrozenError> {
        let boxed = |octets: &Octets| octets.0.as_slice().into();
        Ok(match self {
            FrozenGeneralName::Other(id, value) => GeneralName::Other(oid(id)?, boxed(value)),
            FrozenGeneralName::Email(text) => GeneralName::Email(text.as_str().into()),
            FrozenGeneralName::Dns(text) => GeneralName::Dns(text.as_str().into()),
            FrozenGeneralName::X400(octets) => GeneralName::X400(boxed(octets)),
            FrozenGeneralName::Directory(der) => GeneralName::Directory(thaw_name(der)?),
            FrozenGeneralName::EdiParty(octets) => GeneralName::EdiParty(boxed(octets)),
            FrozenGeneralName::Uri(text) => GeneralName::Uri(text.as_str().into()),
            FrozenGeneralName::Ip(octets) => GeneralName::Ip(boxed(octets)),
            FrozenGeneralName::RegisteredId(id) => GeneralName::RegisteredId(oid(id)?),
        })
    }
}
