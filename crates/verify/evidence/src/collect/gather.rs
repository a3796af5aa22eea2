//! What may support a signature, gathered from wherever it lies: certificates, CRLs, OCSP responses, each once.

use super::Context;
use crate::facts::{
    CertificateId, DocumentFacts, Evidence, Held, Material, Meetings, ObjectRef, Origin, SignatureEvidence,
    TokenEvidence,
};
use cms::{RevocationKind, SignedData, SignerInfo, UnsignedAttributes};
use crypto::{Digest, DigestAlgorithm};
use path::RecordedLinks;
use pkix::{BasicOcspResponse, Certificate, Crl, OcspResponse};
use revocation::AtHand;
use std::collections::{BTreeMap, BTreeSet};
use types::{Budget, Exhausted, Finding, Resource, Severity, Span};

/// Where an object was met.
#[derive(Clone, Copy)]
pub(super) struct Met {
    pub(super) origin: Origin,
    /// Its place in the file, or that of the signature that holds it.
    pub(super) place: Option<Span>,
}

/// The material of one document while it is gathered.
pub(super) struct Gatherer<'a> {
    pub(super) context: &'a Context<'a>,
    certificates: Held<Certificate>,
    certificate_ids: BTreeMap<Certificate, CertificateId>,
    crls: Shelf<Crl>,
    ocsps: Shelf<BasicOcspResponse>,
    /// What came from each place.
    by_origin: BTreeMap<Origin, BTreeSet<ObjectRef>>,
}

/// CRLs or OCSP responses, each once.
struct Shelf<T> {
    held: Held<T>,
    /// By the digest of the bytes as they were met.
    ids: BTreeMap<Vec<u8>, usize>,
}

impl<T> Shelf<T> {
    fn put(&mut self, item: T, digest: Digest) -> usize {
        let id = self.held.items.len();
        self.ids.insert(digest.value.clone(), id);
        self.held.push(item, digest);
        id
    }
}

impl<'a> Gatherer<'a> {
    /// Starts with what was handed in beside the document. Of that, what cannot be read is left to those who handed it in.
    pub(super) fn new(context: &'a Context<'a>, budget: &mut Budget) -> Result<Gatherer<'a>, Exhausted> {
        let mut gatherer = Gatherer {
            context,
            certificates: Held::default(),
            certificate_ids: BTreeMap::new(),
            crls: Shelf { held: Held::default(), ids: BTreeMap::new() },
            ocsps: Shelf { held: Held::default(), ids: BTreeMap::new() },
            by_origin: BTreeMap::new(),
        };
        let met = Met { origin: Origin::Given, place: None };
        for certificate in context.certificates {
            gatherer.certificate(certificate.clone(), met);
        }
        let mut unreadable = Vec::new();
        for der in context.crls {
            gatherer.crl(der, met, &mut unreadable, budget)?;
        }
        for der in context.ocsps {
            gatherer.ocsp(der, met, &mut unreadable, budget)?;
        }
        Ok(gatherer)
    }

    /// Keeps a certificate.
    pub(super) fn certificate(&mut self, certificate: Certificate, met: Met) -> CertificateId {
        let next = self.certificates.items.len();
        let id = *self.certificate_ids.entry(certificate.clone()).or_insert(next);
        if id == next {
            let digest = certificate.digest(DigestAlgorithm::Sha256, self.context.provider);
            self.certificates.push(certificate, digest);
        }
        self.certificates.note(id, met);
        self.by_origin.entry(met.origin).or_default().insert(ObjectRef::Certificate(id));
        id
    }

    /// The digest of a CRL or an OCSP response. It counts as a certificate and by its size.
    fn digest(&self, der: &[u8], budget: &mut Budget) -> Result<Digest, Exhausted> {
        budget.spend(Resource::Certificates, 1)?;
        budget.spend(Resource::DecodedBytes, der.len() as u64)?;
        Ok(self.context.provider.digest(DigestAlgorithm::Sha256, der))
    }

    /// Reads and keeps a certificate; one that cannot be read is a finding.
    pub(super) fn encoded_certificate(
        &mut self,
        der: &[u8],
        met: Met,
        findings: &mut Vec<Finding>,
        budget: &mut Budget,
    ) -> Result<Option<Certificate>, Exhausted> {
        budget.spend(Resource::Certificates, 1)?;
        match Certificate::from_der(der) {
            Ok(certificate) => {
                self.certificate(certificate.clone(), met);
                Ok(Some(certificate))
            }
            Err(error) => {
                findings.push(unreadable("cms.certificate.unreadable", "certificate", &error, met));
                Ok(None)
            }
        }
    }

    /// Reads and keeps a CRL; one that cannot be read is a finding.
    pub(super) fn crl(
        &mut self,
        der: &[u8],
        met: Met,
        findings: &mut Vec<Finding>,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        let digest = self.digest(der, budget)?;
        let id = match self.crls.ids.get(&digest.value) {
            Some(id) => *id,
            None => match Crl::from_der(der) {
                Ok(crl) => self.crls.put(crl, digest),
                Err(error) => {
                    findings.push(unreadable("revocation.crl.unreadable", "CRL", &error, met));
                    return Ok(());
                }
            },
        };
        self.crls.held.note(id, met);
        self.by_origin.entry(met.origin).or_default().insert(ObjectRef::Crl(id));
        Ok(())
    }

    /// Reads and keeps an OCSP response (bare or within its envelope) and the certificates it carries; one that cannot be
    /// read, or that answers nothing, is a finding.
    pub(super) fn ocsp(
        &mut self,
        der: &[u8],
        met: Met,
        findings: &mut Vec<Finding>,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        let digest = self.digest(der, budget)?;
        let id = match self.ocsps.ids.get(&digest.value) {
            Some(id) => *id,
            None => match OcspResponse::from_der(der, budget) {
                // A responder that answers nothing says nothing.
                Ok(OcspResponse { basic: None, .. }) => return Ok(()),
                Ok(OcspResponse { basic: Some(response), .. }) => {
                    let carried: Vec<Certificate> = response.certificates().to_vec();
                    let id = self.ocsps.put(response, digest);
                    for certificate in carried {
                        budget.spend(Resource::Certificates, 1)?;
                        self.certificate(certificate, Met { origin: Origin::OcspResponse, ..met });
                    }
                    id
                }
                Err(error) => {
                    findings.push(unreadable("revocation.ocsp.unreadable", "OCSP response", &error, met));
                    return Ok(());
                }
            },
        };
        self.ocsps.held.note(id, met);
        self.by_origin.entry(met.origin).or_default().insert(ObjectRef::Ocsp(id));
        Ok(())
    }

    /// Everything that a `SignedData` carries beside its signers (RFC 5652, 5.1); gives its certificates.
    pub(super) fn signed_data(
        &mut self,
        signed_data: &SignedData<'_>,
        met: Met,
        findings: &mut Vec<Finding>,
        budget: &mut Budget,
    ) -> Result<Vec<Certificate>, Exhausted> {
        let mut certificates = Vec::new();
        for encoded in signed_data.certificates() {
            certificates.extend(self.encoded_certificate(encoded.bytes, met, findings, budget)?);
        }
        for info in &signed_data.revocation_infos {
            match info.kind {
                RevocationKind::Crl => self.crl(info.encoded.bytes, met, findings, budget)?,
                RevocationKind::OcspResponse | RevocationKind::BasicOcspResponse => {
                    self.ocsp(info.encoded.bytes, met, findings, budget)?;
                }
                RevocationKind::Other(_) => {}
            }
        }
        Ok(certificates)
    }

    /// What the attributes of a signer carry: certificate and revocation values (EN 319 122-1, Annex A), Adobe's
    /// revocation information (ISO 32000-2, 12.8.3.3.2).
    pub(super) fn signer(
        &mut self,
        signer: &SignerInfo<'_>,
        met: Met,
        findings: &mut Vec<Finding>,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        let signed = signer.signed_attributes.as_ref();
        let archival = signed.and_then(|attributes| attributes.revocation_info_archival.as_ref());
        let unsigned = &signer.unsigned_attributes;
        for archival in archival.into_iter().chain(&unsigned.revocation_info_archival) {
            for crl in &archival.crls {
                self.crl(crl.bytes, met, findings, budget)?;
            }
            for response in &archival.ocsp_responses {
                self.ocsp(response.bytes, met, findings, budget)?;
            }
        }
        self.values(unsigned, met, findings, budget)
    }

    fn values(
        &mut self,
        attributes: &UnsignedAttributes<'_>,
        met: Met,
        findings: &mut Vec<Finding>,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        for certificate in &attributes.certificate_values {
            self.encoded_certificate(certificate.bytes, met, findings, budget)?;
        }
        for crl in &attributes.revocation_values.crls {
            self.crl(crl.bytes, met, findings, budget)?;
        }
        for response in &attributes.revocation_values.basic_ocsp_responses {
            self.ocsp(response.bytes, met, findings, budget)?;
        }
        Ok(())
    }

    /// The certificates so far.
    pub(super) fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.certificates.items.iter()
    }

    /// The number of a certificate that was gathered.
    pub(super) fn id_of(&self, certificate: &Certificate) -> Option<CertificateId> {
        self.certificate_ids.get(certificate).copied()
    }

    /// The number of a CRL or OCSP response that was gathered, by its bytes.
    pub(super) fn revocation_id(&self, der: &[u8]) -> Option<ObjectRef> {
        let digest = self.context.provider.digest(DigestAlgorithm::Sha256, der);
        let crl = self.crls.ids.get(&digest.value).copied().map(ObjectRef::Crl);
        crl.or_else(|| self.ocsps.ids.get(&digest.value).copied().map(ObjectRef::Ocsp))
    }

    /// Everything that came from one place.
    pub(super) fn objects_of(&self, origin: Origin) -> impl Iterator<Item = ObjectRef> + '_ {
        self.by_origin.get(&origin).into_iter().flatten().copied()
    }

    /// Everything that lies before a byte of the file.
    pub(super) fn objects_before(&self, end: u64) -> impl Iterator<Item = ObjectRef> + '_ {
        let numbered = |meetings: &'_ [Meetings], object: fn(usize) -> ObjectRef| {
            let all = meetings.iter().enumerate();
            let before = all.filter(|(_, one)| one.places.iter().any(|place| place.end <= end));
            before.map(|(id, _)| object(id)).collect::<Vec<_>>()
        };
        let certificates = numbered(&self.certificates.meetings, ObjectRef::Certificate);
        let crls = numbered(&self.crls.held.meetings, ObjectRef::Crl);
        let ocsps = numbered(&self.ocsps.held.meetings, ObjectRef::Ocsp);
        certificates.into_iter().chain(crls).chain(ocsps)
    }

    /// The number of a certificate that was gathered, by its bytes.
    pub(super) fn certificate_id(&self, der: &[u8]) -> Option<ObjectRef> {
        self.certificate_ids.get(der).copied().map(ObjectRef::Certificate)
    }

    /// The evidence, once everything was gathered and every signature and token is at its number.
    pub(super) fn finish(
        mut self,
        document: DocumentFacts,
        (mut signatures, mut tokens): (Vec<SignatureEvidence>, Vec<TokenEvidence>),
        mut findings: Vec<Finding>,
        budget: &mut Budget,
    ) -> Evidence {
        if let Err(limit) = self.beacons(&mut signatures, &mut tokens, budget) {
            let message = format!("not every beacon was looked at: {limit}");
            findings.push(Finding::new(crate::INCOMPLETE, Severity::Warning, message));
        }
        let mut evidence = Evidence { document, signatures, tokens, material: Material::default(), findings };
        let signers = evidence.signers();
        evidence.material = self.material(signers, &mut evidence.findings, budget);
        evidence
    }

    /// Computes what CRLs and OCSP responses say and who signed whom, for paths from `signers`.
    fn material(
        self,
        signers: Vec<Certificate>,
        findings: &mut Vec<Finding>,
        budget: &mut Budget,
    ) -> Material {
        let Context { anchors, provider, links, .. } = *self.context;
        let pool = &self.certificates.items;
        let at_hand = AtHand::new(pool, anchors, provider);
        let mut exhausted = None;
        let crls = self.crls.held.turned(|crl| {
            revocation::crl_facts(crl, &at_hand, provider, budget)
                .map_err(|limit| exhausted = Some(limit))
                .ok()
        });
        let ocsps = self.ocsps.held.turned(|response| {
            let facts = revocation::ocsp_facts(response, &at_hand, provider, budget);
            facts.map_err(|limit| exhausted = Some(limit)).ok()
        });
        let mut targets: BTreeSet<Certificate> = signers.into_iter().collect();
        let of_crls = crls.items.iter().map(|facts| &facts.signature);
        let of_sources = of_crls.chain(ocsps.items.iter().map(|facts| &facts.signature));
        let vouching = of_sources.flat_map(|signature| signature.signers());
        targets.extend(vouching.filter_map(|signer| signer.certificate.clone()));
        let targets: Vec<Certificate> = targets.into_iter().collect();
        let (recorded, complete) = RecordedLinks::record(&targets, pool, anchors, provider, links, budget);
        if let Some(limit) = complete.err().or(exhausted) {
            let message = format!("not everything that the file carries was examined: {limit}");
            findings.push(
                Finding::new(crate::INCOMPLETE, Severity::Warning, message)
                    .hint("the file holds an unreasonable number of certificates or of revocation data"),
            );
        }
        Material { anchors: anchors.to_vec(), certificates: self.certificates, crls, ocsps, links: recorded }
    }
}

impl<T> Held<T> {
    fn push(&mut self, item: T, digest: Digest) {
        self.items.push(item);
        self.meetings.push(Meetings { digest, origins: BTreeSet::new(), places: Vec::new() });
    }

    fn note(&mut self, id: usize, met: Met) {
        let Some(meetings) = self.meetings.get_mut(id) else { return };
        meetings.origins.insert(met.origin);
        if let Some(place) = met.place
            && meetings.places.len() < MOST_PLACES
            && !meetings.places.contains(&place)
        {
            meetings.places.push(place);
        }
    }

    /// The same objects as what was found out about them, up to the first of which nothing could be: numbers that were
    /// given to objects before must go on meaning the same ones.
    fn turned<F>(&self, turn: impl FnMut(&T) -> Option<F>) -> Held<F> {
        let items: Vec<F> = self.items.iter().map_while(turn).collect();
        let meetings = self.meetings.iter().take(items.len()).cloned().collect();
        Held { items, meetings }
    }
}

/// An object may lie in many places of a hostile file; this many are remembered, the first ones.
const MOST_PLACES: usize = 64;

fn unreadable(code: &'static str, what: &str, error: &types::Malformed, met: Met) -> Finding {
    let message = format!("a {what} among the validation data cannot be read: {error}");
    let finding = Finding::new(code, Severity::Warning, message);
    match met.place {
        Some(place) => finding.at(place),
        None => finding,
    }
}
