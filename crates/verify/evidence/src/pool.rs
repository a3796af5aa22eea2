//! Certificates at hand while a document is examined.

use pdf::Document;
use pdf::dss::SecurityStore;
use pdf::object::{Object, ObjectId};
use pkix::Certificate;
use types::{Budget, Malformed, Resource};

/// Certificates trusted for nothing, to build paths from.
pub(crate) struct Pool {
    certificates: Vec<Certificate>,
}

impl Pool {
    pub(crate) fn new(given: &[Certificate]) -> Pool {
        Pool { certificates: given.to_vec() }
    }

    /// Adds the certificates of the document security store; one that cannot be read is as good as absent.
    pub(crate) fn add_from_store(
        &mut self,
        document: &Document<'_>,
        store: &SecurityStore,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        for id in &store.certificates {
            budget.spend(Resource::Certificates, 1)?;
            if let Some(certificate) = read_certificate(document, *id, budget)? {
                self.certificates.push(certificate);
            }
        }
        Ok(())
    }

    /// These certificates after `first`.
    pub(crate) fn with(&self, mut first: Vec<Certificate>) -> Vec<Certificate> {
        first.extend(self.certificates.iter().cloned());
        first
    }
}

fn read_certificate(
    document: &Document<'_>,
    id: ObjectId,
    budget: &mut Budget,
) -> Result<Option<Certificate>, Malformed> {
    let Object::Stream(stream) = document.get(id, budget)?.object else { return Ok(None) };
    let der = document.stream_data(&stream, budget)?;
    Ok(Certificate::from_der(&der).ok())
}
