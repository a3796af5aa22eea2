//! An XML signature on its way to evidence (ETSI EN 319 132-1).

use super::Context;
use super::desk::{self, Desk, Done, Numbers};
use super::effort;
use super::gather::{Gatherer, Met};
use super::signature_policy;
use super::signer::{bound_by, broken, covered_by_value, recognised};
use super::token::TokenDraft;
use crate::coverage::Coverage;
use crate::facts::{
    AttributeFacts, Binding, Check, Covers, FormatFault, Kind, ObjectRef, Origin, SignatureEvidence,
    SignatureId, SignedFacts, Signer, StoreFacts, TokenId, TokenRole,
};
use crypto::{DigestAlgorithm, SignatureError};
use pkix::Certificate;
use types::{Budget, Exhausted, Finding, Resource};
use xades::{DetachedData, Outcome, Timestamp, TimestampKind, XadesSignature};

/// An XML signature whose material was gathered.
pub(super) struct XadesDraft<'d> {
    name: String,
    pub(super) id: SignatureId,
    kind: Kind,
    pub(super) signature: &'d XadesSignature,
    own: Vec<Certificate>,
    tokens: Vec<(TokenId, &'d Timestamp, TokenDraft<'d>)>,
    countersignatures: Vec<XadesDraft<'d>>,
    findings: Vec<Finding>,
}

impl<'d> XadesDraft<'d> {
    /// Numbers the signature, its tokens and its countersignatures, and gathers what they carry.
    pub(super) fn new(
        name: &str,
        kind: Kind,
        signature: &'d XadesSignature,
        numbers: &mut Numbers,
        gatherer: &mut Gatherer<'_>,
        budget: &mut Budget,
    ) -> Result<XadesDraft<'d>, Exhausted> {
        budget.spend(Resource::Signatures, 1)?;
        let id = numbers.next_signature();
        let met = Met { origin: Origin::Signature(id), place: None };
        let mut findings = signature.findings.clone();
        let mut own = Vec::new();
        for der in &signature.certificates {
            own.extend(gatherer.encoded_certificate(der, met, &mut findings, budget)?);
        }
        for data in &signature.unsigned_properties.validation_data {
            for der in &data.certificates {
                gatherer.encoded_certificate(der, met, &mut findings, budget)?;
            }
            for der in &data.crls {
                gatherer.crl(der, met, &mut findings, budget)?;
            }
            for der in &data.ocsp_responses {
                gatherer.ocsp(der, met, &mut findings, budget)?;
            }
        }
        let mut tokens = Vec::new();
        let content = signature.signed_properties.iter().flat_map(|signed| &signed.content_timestamps);
        for timestamp in content.chain(&signature.unsigned_properties.timestamps) {
            for der in &timestamp.tokens {
                let numbered = (numbers.next_token(), role(timestamp.kind));
                let token = TokenDraft::read(der, numbered, None, gatherer, budget)?;
                tokens.push((numbered.0, timestamp, token));
            }
        }
        let mut countersignatures = Vec::new();
        for countersignature in &signature.unsigned_properties.countersignatures {
            match countersignature {
                Ok(read) => {
                    let kind = Kind::Countersignature { of: id };
                    countersignatures.push(XadesDraft::new(name, kind, read, numbers, gatherer, budget)?);
                }
                Err(error) => {
                    let message = format!("a countersignature cannot be read: {error}");
                    findings.push(Finding::new(
                        "xades.countersignature.unreadable",
                        types::Severity::Warning,
                        message,
                    ));
                }
            }
        }
        let name = name.to_owned();
        Ok(XadesDraft { name, id, kind, signature, own, tokens, countersignatures, findings })
    }

    /// The numbers of its signatures and tokens.
    pub(super) fn numbers(&self) -> (Vec<SignatureId>, Vec<TokenId>) {
        let (mut signatures, mut tokens) = (vec![self.id], Vec::new());
        tokens.extend(self.tokens.iter().map(|(id, ..)| *id));
        for counter in &self.countersignatures {
            let (more, others) = counter.numbers();
            signatures.extend(more);
            tokens.extend(others);
        }
        (signatures, tokens)
    }

    /// The facts. References and imprints that leave the document resolve through `detached`.
    pub(super) fn evidence(
        mut self,
        coverage: Coverage,
        detached: &mut dyn DetachedData,
        done: &mut Done,
        desk: Desk<'_>,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        let Desk { gatherer, context } = desk;
        let facts = self.facts(desk, budget);
        let own = covered_by_value(self.id, facts.as_ref().ok(), gatherer);
        let ids: Vec<TokenId> = self.tokens.iter().map(|(id, ..)| *id).collect();
        let places: Vec<(u64, TokenId)> =
            self.tokens.iter().map(|(id, timestamp, _)| (timestamp.span.start, *id)).collect();
        for (id, timestamp, token) in std::mem::take(&mut self.tokens) {
            let covers = self.covers(timestamp, token.role, &own, &places, gatherer, budget)?;
            let mut digest = |algorithm| match &timestamp.imprint {
                Ok(imprint) => imprint
                    .digest(algorithm, &mut *detached, context.provider, budget)
                    .map_err(|why| why.to_string()),
                Err(why) => Err(why.to_string()),
            };
            let digest = token.imprint_algorithm().map(&mut digest);
            let digest = digest.unwrap_or_else(|| Err("the timestamp cannot be read".into()));
            let evidence = token.evidence(|_| digest, Covers::Objects(covers), gatherer, context, budget);
            done.tokens.push((id, evidence));
        }
        let countersignatures = std::mem::take(&mut self.countersignatures);
        done.signatures.push((self.id, self.into_evidence(coverage, facts, ids, desk.context)));
        for countersignature in countersignatures {
            countersignature.evidence(Coverage::Content, detached, done, desk, budget)?;
        }
        Ok(())
    }

    /// What lies under a timestamp (EN 319 132-1, 5.3 and 5.5.2): an archive timestamp covers the properties that
    /// stand before it in their group.
    fn covers(
        &self,
        timestamp: &Timestamp,
        role: TokenRole,
        own: &[ObjectRef],
        places: &[(u64, TokenId)],
        gatherer: &Gatherer<'_>,
        budget: &mut Budget,
    ) -> Result<Vec<ObjectRef>, Exhausted> {
        let mut covers = match (role, timestamp.kind) {
            (TokenRole::Content, _) | (_, TimestampKind::RefsOnly) => Vec::new(),
            _ => own.to_vec(),
        };
        if role != TokenRole::Archive {
            effort::covering(covers.len(), budget)?;
            return Ok(covers);
        }
        effort::covering(covers.len() + places.len() + self.own.len(), budget)?;
        let is_under = |at: u64| timestamp.properties.binary_search(&at).is_ok();
        covers.extend(places.iter().filter(|(at, _)| is_under(*at)).map(|(_, id)| ObjectRef::Token(*id)));
        covers.extend(self.own.iter().filter_map(|one| gatherer.id_of(one)).map(ObjectRef::Certificate));
        let data = self.signature.unsigned_properties.validation_data.iter();
        for data in data.filter(|data| is_under(data.at)) {
            effort::covering(data.certificates.len(), budget)?;
            covers.extend(data.certificates.iter().filter_map(|der| gatherer.certificate_id(der)));
            for der in data.crls.iter().chain(&data.ocsp_responses) {
                effort::covering(1, budget)?;
                effort::hashing(der.len(), budget)?;
                covers.extend(gatherer.revocation_id(der));
            }
        }
        Ok(covers)
    }

    fn facts(&self, desk: Desk<'_>, budget: &mut Budget) -> Result<SignedFacts, FormatFault> {
        let signature = self.signature;
        match signature.binding {
            xades::Binding::Bound | xades::Binding::WrongType | xades::Binding::Absent => {}
            xades::Binding::Unreferenced | xades::Binding::Ambiguous | xades::Binding::Foreign => {
                return Err(broken(
                    "the signed properties are not under the signature (EN 319 132-1, 4.4.2)",
                ));
            }
        }
        let method = signature.signature_method.clone();
        let algorithm =
            method.map_err(|uri| recognised(format!("the signature algorithm {uri} is not known")))?;
        let signer = self.find_signer(desk, budget).map_err(|limit| {
            recognised(format!("the signer's certificate was not sought to the end: {limit}"))
        })?;
        let value = self.check_value(signer.as_ref(), desk, budget);
        let content = self.content();
        if signature.binding == xades::Binding::Absent && content != Check::Differs && value != Check::Differs
        {
            return Err(recognised(
                "it is an XML signature that fits, but no XAdES: it does not sign whose certificate it was made with \
                 (EN 319 132-1, 4.3)"
                    .to_owned(),
            ));
        }
        let digests = signature.references.iter().flat_map(|one| {
            one.manifest.iter().chain([one]).filter_map(|one| one.algorithm.as_ref().ok().copied())
        });
        // The weakest decides; without a reference nothing is signed at all.
        let weakest = digests.chain(algorithm.digest()).min().unwrap_or(DigestAlgorithm::Sha256);
        let named =
            signature.signed_properties.as_ref().and_then(|signed| signed.signing_certificate.as_ref());
        Ok(SignedFacts {
            digest_algorithm: weakest,
            content,
            signature_algorithm: Ok(algorithm),
            value,
            binding: signer.as_ref().map_or(Binding::Named, |signer| self.binding(signer, desk)),
            signer: signer.map(Signer::of),
            attributes: AttributeFacts {
                signing_certificate: named.is_some(),
                signing_time: signature
                    .signed_properties
                    .as_ref()
                    .is_some_and(|one| one.signing_time.is_some()),
                content_type: true,
            },
            record: None,
        })
    }

    /// All references together, those of manifests included: one that differs outweighs one that is not computed.
    fn content(&self) -> Check {
        let references = self.signature.references.iter().flat_map(|one| one.manifest.iter().chain([one]));
        let mut content = Check::Matches;
        let mut any = false;
        for reference in references {
            any = true;
            match &reference.outcome {
                Outcome::Match => {}
                Outcome::Mismatch(_) => return Check::Differs,
                Outcome::NotComputed(why) => {
                    let what = reference.uri.as_deref().unwrap_or("the data");
                    content = Check::NotComputed(format!("{what}: {why}"));
                }
            }
        }
        if any { content } else { Check::NotComputed("the signature refers to nothing".into()) }
    }

    /// The certificate that the signed properties name by digest; without them the first whose key fits.
    fn find_signer(&self, desk: Desk<'_>, budget: &mut Budget) -> Result<Option<Certificate>, Exhausted> {
        let signed = self.signature.signed_properties.as_ref();
        if signed.is_some_and(|signed| signed.signing_certificate.is_some()) {
            for certificate in self.own.iter().chain(desk.gatherer.certificates()) {
                effort::hashing(certificate.der().len(), budget)?;
                if self.binding(certificate, desk) != Binding::Contradicted {
                    return Ok(Some(certificate.clone()));
                }
            }
        }
        for certificate in &self.own {
            budget.spend(Resource::SignatureChecks, 1)?;
            let key = certificate.public_key().ok();
            if key.is_some_and(|key| self.signature.check_signature(key, desk.context.provider).is_ok()) {
                return Ok(Some(certificate.clone()));
            }
        }
        Ok(self.own.first().cloned())
    }

    fn binding(&self, certificate: &Certificate, desk: Desk<'_>) -> Binding {
        let signed = self.signature.signed_properties.as_ref();
        let Some(named) = signed.and_then(|signed| signed.signing_certificate.as_ref()) else {
            return Binding::Named;
        };
        let Some(first) = named.certificates.first() else { return Binding::Contradicted };
        let is_it = |algorithm: &DigestAlgorithm| {
            certificate.digest(*algorithm, desk.context.provider).value == first.digest
        };
        let by = first.algorithm.as_ref().ok().copied().filter(is_it);
        by.map_or(Binding::Contradicted, |by| bound_by(Some(by)))
    }

    fn check_value(&self, signer: Option<&Certificate>, desk: Desk<'_>, budget: &mut Budget) -> Check {
        let Some(signer) = signer else {
            return Check::NotComputed("the signer's certificate is not at hand".into());
        };
        if let Err(why) = &self.signature.signed_info {
            return Check::NotComputed(why.to_string());
        }
        let key = match signer.public_key() {
            Ok(key) => key,
            Err(unknown) => return Check::NotComputed(unknown.to_string()),
        };
        if let Err(exhausted) = budget.spend(Resource::SignatureChecks, 1) {
            return Check::NotComputed(exhausted.to_string());
        }
        match self.signature.check_signature(key, desk.context.provider) {
            Ok(()) => Check::Matches,
            Err(SignatureError::Unsupported) => {
                Check::NotComputed("the signature algorithm with this key is not supported".into())
            }
            Err(SignatureError::Mismatch | SignatureError::BadKey) => Check::Differs,
        }
    }

    fn into_evidence(
        self,
        coverage: Coverage,
        signed_data: Result<SignedFacts, FormatFault>,
        tokens: Vec<TokenId>,
        context: &Context<'_>,
    ) -> SignatureEvidence {
        let signed = self.signature.signed_properties.as_ref();
        let data = &self.signature.unsigned_properties.validation_data;
        let place = signed.and_then(|signed| signed.production_place.as_ref());
        let lines = place
            .into_iter()
            .flat_map(|place| [&place.street, &place.postal_code, &place.city, &place.state, &place.country]);
        let lines = lines.map(String::as_str).filter(|line| !line.is_empty());
        let name = (self.name.as_str(), self.id);
        SignatureEvidence {
            claimed_time: signed.and_then(|signed| signed.signing_time.as_ref()?.as_ref().ok().copied()),
            claims: desk::signed_at(lines),
            signature_policy: signed
                .and_then(|signed| signed.policy.as_ref())
                .map(|policy| signature_policy::of_xades(policy, context)),
            tokens,
            store: StoreFacts {
                revocation_data: data
                    .iter()
                    .any(|one| !one.crls.is_empty() || !one.ocsp_responses.is_empty()),
                certificates: !self.own.is_empty() || data.iter().any(|one| !one.certificates.is_empty()),
                later_doc_timestamp: false,
            },
            findings: self.findings,
            ..desk::signature(name, (self.kind, "XAdES"), self.signature.span, coverage, signed_data)
        }
    }
}

fn role(kind: TimestampKind) -> TokenRole {
    match kind {
        TimestampKind::AllDataObjects | TimestampKind::IndividualDataObjects => TokenRole::Content,
        TimestampKind::Signature => TokenRole::Signature,
        TimestampKind::SigAndRefs | TimestampKind::RefsOnly => TokenRole::References,
        TimestampKind::ArchiveOld | TimestampKind::Archive => TokenRole::Archive,
    }
}
