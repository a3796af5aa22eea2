//! The document security store (ISO 32000-2, 12.8.4.3; ETSI EN 319 142-1, 5.4): validation data in the file.

mod write;

pub use write::{ValidationData, add_validation_data};

use crate::object::{Dictionary, Name, Object, ObjectId};
use crate::snapshot::Snapshot;
use types::{Budget, Finding, Malformed, Severity};

const CLAUSE: &str = "ISO 32000-2, 12.8.4.3";

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
        let (_, catalog) = self.catalog(budget)?;
        let Some(entry) = catalog.get("DSS") else { return Ok(None) };
        let dictionary = match self.resolve(entry, budget)?.into_owned() {
            Object::Dictionary(dictionary) => dictionary,
            Object::Null => return Ok(None),
            _ => {
                let findings = vec![finding("DSS is not a dictionary".into())];
                return Ok(Some(SecurityStore {
                    id: entry.as_reference(),
                    findings,
                    ..SecurityStore::default()
                }));
            }
        };
        let mut store = SecurityStore { id: entry.as_reference(), ..SecurityStore::default() };
        let findings = &mut store.findings;
        store.certificates = self.streams(&dictionary, "Certs", findings, budget)?;
        store.ocsps = self.streams(&dictionary, "OCSPs", findings, budget)?;
        store.crls = self.streams(&dictionary, "CRLs", findings, budget)?;
        match self.entry(&dictionary, "VRI", budget)?.into_owned() {
            Object::Dictionary(vri) => {
                for (key, value) in &vri.0 {
                    let information = self.validation_information(key, value, findings, budget)?;
                    store.vri.extend(information);
                }
            }
            Object::Null => {}
            _ => findings.push(finding("VRI is not a dictionary".into())),
        }
        Ok(Some(store))
    }

    fn validation_information(
        &self,
        key: &Name,
        value: &Object,
        findings: &mut Vec<Finding>,
        budget: &mut Budget,
    ) -> Result<Option<ValidationInformation>, Malformed> {
        let value = self.resolve(value, budget)?;
        let Some(dictionary) = value.as_dictionary() else {
            findings.push(finding(format!("entry {key:?} of VRI is not a dictionary")));
            return Ok(None);
        };
        Ok(Some(ValidationInformation {
            key: String::from_utf8_lossy(&key.0).into_owned(),
            certificates: self.streams(dictionary, "Cert", findings, budget)?,
            ocsps: self.streams(dictionary, "OCSP", findings, budget)?,
            crls: self.streams(dictionary, "CRL", findings, budget)?,
            created: self.entry(dictionary, "TU", budget)?.as_string().map(<[u8]>::to_vec),
            timestamp: dictionary.get("TS").and_then(Object::as_reference),
        }))
    }

    /// An array of references to streams; the streams themselves are not looked at.
    fn streams(
        &self,
        dictionary: &Dictionary,
        key: &str,
        findings: &mut Vec<Finding>,
        budget: &mut Budget,
    ) -> Result<Vec<ObjectId>, Malformed> {
        let value = self.entry(dictionary, key, budget)?;
        let elements = match &*value {
            Object::Array(elements) => elements.as_slice(),
            Object::Null => &[],
            _ => {
                findings.push(finding(format!("{key} is not an array")));
                &[]
            }
        };
        let ids: Vec<ObjectId> = elements.iter().filter_map(Object::as_reference).collect();
        if ids.len() < elements.len() {
            findings.push(finding(format!("an element of {key} is not a reference to a stream")));
        }
        Ok(ids)
    }

    /// The content of one stream of the store, e.g. a certificate in DER.
    pub fn stored(&self, id: ObjectId, budget: &mut Budget) -> Result<Vec<u8>, Malformed> {
        let located = self.follow(id, budget)?;
        match located.object {
            Object::Stream(stream) => self.stream_data(&stream, budget),
            _ => Err(Malformed::syntax(located.span.start, format!("object {id} is not a stream"), CLAUSE)),
        }
    }
}

fn finding(message: String) -> Finding {
    Finding::new("pdf.dss.structure", Severity::Warning, message)
}
