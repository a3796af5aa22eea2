//! What is missing, as data.

use crypto::Digest;
use evidence::{Evidence, ObjectRef, Origin};
use path::Issuer;
use pkix::{Certificate, Name, TrustAnchor, oid};
use types::Time;

/// Something that a file needs to mature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// A timestamp over the file as it is (RFC 3161).
    Timestamp,
    /// What the issuer of a certificate says about its status.
    Status(StatusNeed),
    /// The certificate of who issued this one, which is not at hand.
    Issuer {
        /// The certificate whose issuer is missing.
        of: Certificate,
    },
    /// Nothing from outside: what is at hand has to go into the file.
    Values(Values),
}

/// The status of one certificate, as it is told no earlier than a certain time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatusNeed {
    /// The certificate in question.
    pub certificate: Certificate,
    /// Who issued it.
    pub issuer: IssuerKey,
    /// What is told before this proves nothing about the signature: thisUpdate must not be earlier.
    pub after: Time,
}

/// Name and key of an issuer, which may be an anchor without a certificate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IssuerKey {
    /// The name.
    pub name: Name,
    /// DER `SubjectPublicKeyInfo`.
    pub subject_public_key_info: Vec<u8>,
    /// The certificate, if there is one.
    pub certificate: Option<Certificate>,
}

/// What is at hand beside the file and belongs into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// Certificates.
    pub certificates: Vec<Certificate>,
    /// SHA-256 of CRLs, as they were handed in.
    pub crls: Vec<Digest>,
    /// SHA-256 of OCSP responses, as they were handed in.
    pub ocsps: Vec<Digest>,
}

impl IssuerKey {
    /// As path validation and revocation name an issuer.
    pub fn as_issuer(&self) -> Issuer<'_> {
        Issuer {
            name: &self.name,
            subject_public_key_info: &self.subject_public_key_info,
            certificate: self.certificate.as_ref(),
        }
    }

    pub(crate) fn of_certificate(certificate: &Certificate) -> IssuerKey {
        IssuerKey {
            name: certificate.subject().clone(),
            subject_public_key_info: certificate.subject_public_key_info().to_vec(),
            certificate: Some(certificate.clone()),
        }
    }

    pub(crate) fn of_anchor(anchor: &TrustAnchor) -> IssuerKey {
        IssuerKey {
            name: anchor.name().clone(),
            subject_public_key_info: anchor.subject_public_key_info().to_vec(),
            certificate: anchor.certificate().cloned(),
        }
    }
}

impl StatusNeed {
    /// Where the certificate says that an OCSP responder is (RFC 5280, 4.2.2.1).
    pub fn ocsp_uris(&self) -> impl Iterator<Item = &str> {
        self.certificate.extensions().access_uris(oid::ACCESS_OCSP)
    }

    /// Where the certificate says that CRLs are (RFC 5280, 4.2.1.13).
    pub fn crl_uris(&self) -> impl Iterator<Item = &str> {
        self.certificate.extensions().crl_uris()
    }
}

impl Values {
    /// Whether nothing is missing in the file.
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty() && self.crls.is_empty() && self.ocsps.is_empty()
    }

    /// Adds what others need.
    pub(crate) fn add(&mut self, more: Values) {
        let certificates = more.certificates.into_iter();
        self.certificates
            .extend(certificates.filter(|one| !self.certificates.contains(one)).collect::<Vec<_>>());
        self.crls.extend(more.crls.into_iter().filter(|one| !self.crls.contains(one)).collect::<Vec<_>>());
        self.ocsps.extend(more.ocsps.into_iter().filter(|one| !self.ocsps.contains(one)).collect::<Vec<_>>());
    }

    /// Adds what the file does not carry itself.
    pub(crate) fn note(&mut self, evidence: &Evidence, object: ObjectRef) {
        let material = &evidence.material;
        match object {
            ObjectRef::Crl(id) => note(&mut self.crls, material.crls.meetings.get(id)),
            ObjectRef::Ocsp(id) => note(&mut self.ocsps, material.ocsps.meetings.get(id)),
            ObjectRef::Certificate(id) => {
                let (items, meetings) = (&material.certificates.items, &material.certificates.meetings);
                if let (Some(certificate), Some(meetings)) = (items.get(id), meetings.get(id))
                    && !is_carried(meetings)
                    && !self.certificates.contains(certificate)
                {
                    self.certificates.push(certificate.clone());
                }
            }
            ObjectRef::Signature(_) | ObjectRef::Token(_) => {}
        }
    }

    /// Adds a certificate of a path wherever something is added at all: a security store is complete by itself, with what
    /// signatures and timestamps hold as well (EN 319 142-1, 6.3).
    pub(crate) fn accompany(&mut self, evidence: &Evidence, certificate: &Certificate) {
        let known = evidence.material.certificates.items.iter().position(|one| one == certificate);
        let meetings = known.and_then(|id| evidence.material.certificates.meetings.get(id));
        let is_stored = meetings.is_some_and(|one| one.origins.contains(&Origin::Store));
        if !is_stored && !self.certificates.contains(certificate) {
            self.certificates.push(certificate.clone());
        }
    }
}

fn note(list: &mut Vec<Digest>, meetings: Option<&evidence::Meetings>) {
    if let Some(meetings) = meetings
        && !is_carried(meetings)
        && !list.contains(&meetings.digest)
    {
        list.push(meetings.digest.clone());
    }
}

/// Whether the file holds an object itself.
fn is_carried(meetings: &evidence::Meetings) -> bool {
    meetings.origins.iter().any(|origin| !matches!(origin, Origin::Given | Origin::OcspResponse))
}
