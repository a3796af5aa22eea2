//! All evidence about one document as it stands in an evidence file.

use super::Collected;
use super::anchor::FrozenAnchor;
use super::crl::FrozenCrl;
use super::error::{FrozenError, Within, each};
use super::later::{FrozenRevision, Revisions};
use super::material::{FrozenLink, FrozenMeetings, freeze_links, thaw_links};
use super::ocsp::FrozenOcsp;
use super::record::check_beacons;
use super::scalar::{FrozenFinding, Octets, Seconds, sha256};
use super::signature::FrozenSignature;
use super::table::{Counts, FrozenKey, Numbers, Tables};
use super::token::FrozenToken;
use crate::facts::{Container, DocumentFacts, Evidence, Held, Material, Meetings};
use crypto::{DigestAlgorithm, Provider};
use pkix::Certificate;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use types::{Budget, Resource};

/// [`Evidence`] with who collected it. The first certificates are those at hand, one for each entry of `held`; others
/// are only named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Body {
    anchors: Vec<FrozenAnchor>,
    certificates: Vec<Octets>,
    collected: FrozenCollected,
    crls: Vec<FrozenHeld<FrozenCrl>>,
    document: FrozenDocument,
    findings: Vec<FrozenFinding>,
    held: Vec<FrozenMeetings>,
    keys: Vec<FrozenKey>,
    links: Vec<FrozenLink>,
    ocsps: Vec<FrozenHeld<FrozenOcsp>>,
    revisions: Vec<FrozenRevision>,
    signatures: Vec<FrozenSignature>,
    tokens: Vec<FrozenToken>,
}

/// [`Collected`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenCollected {
    at: Seconds,
    by: String,
    file: String,
}

/// An element of [`Held`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenHeld<T> {
    facts: T,
    met: FrozenMeetings,
}

/// [`DocumentFacts`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenDocument {
    container: FrozenContainer,
    digest: String,
    len: u64,
}

/// [`Container`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum FrozenContainer {
    #[serde(rename_all = "camelCase")]
    Pdf {
        revision_ends: Vec<u64>,
    },
    Cms,
    Xml,
    Asic {
        kind: String,
        members: Vec<String>,
    },
}

impl Body {
    pub(super) fn freeze(evidence: &Evidence, collected: &Collected) -> Body {
        let Evidence { document, signatures, tokens, material, findings } = evidence;
        let mut numbers = Numbers::default();
        let mut revisions = Revisions::default();
        for certificate in &material.certificates.items {
            numbers.certificate(certificate);
        }
        let signatures = signatures
            .iter()
            .map(|signature| FrozenSignature::freeze(signature, &mut numbers, &mut revisions))
            .collect();
        let tokens = tokens.iter().map(|token| FrozenToken::freeze(token, &mut numbers)).collect();
        let anchors =
            material.anchors.iter().map(|anchor| FrozenAnchor::freeze(anchor, &mut numbers)).collect();
        let crls = FrozenHeld::freeze(&material.crls, |facts| FrozenCrl::freeze(facts, &mut numbers));
        let ocsps = FrozenHeld::freeze(&material.ocsps, |facts| FrozenOcsp::freeze(facts, &mut numbers));
        let links = freeze_links(&material.links, &mut numbers);
        let (certificates, keys) = numbers.tables();
        Body {
            anchors,
            certificates,
            collected: FrozenCollected {
                at: collected.at.into(),
                by: collected.by.clone(),
                file: collected.file.clone(),
            },
            crls,
            document: FrozenDocument::from(document),
            findings: findings.iter().map(FrozenFinding::from).collect(),
            held: material.certificates.meetings.iter().map(FrozenMeetings::from).collect(),
            keys,
            links,
            ocsps,
            revisions: revisions.frozen,
            signatures,
            tokens,
        }
    }

    fn counts(&self) -> Counts {
        Counts {
            held: self.held.len(),
            crls: self.crls.len(),
            ocsps: self.ocsps.len(),
            signatures: self.signatures.len(),
            tokens: self.tokens.len(),
        }
    }

    pub(super) fn collected(&self) -> Collected {
        Collected {
            by: self.collected.by.clone(),
            at: self.collected.at.into(),
            file: self.collected.file.clone(),
        }
    }

    pub(super) fn thaw(&self, provider: &dyn Provider, budget: &mut Budget) -> Result<Evidence, FrozenError> {
        let tables = Tables::read(&self.certificates, &self.keys, self.counts(), budget)?;
        let signed = (self.signatures.len() + self.tokens.len()) as u64;
        budget.spend(Resource::Signatures, signed).map_err(|limit| FrozenError::new(limit.to_string()))?;
        let document = self.document.thaw().within("document")?;
        let revisions: Vec<_> =
            each(&self.revisions, |revision| revision.thaw().map(Arc::new)).within("revisions")?;
        let signatures = each(&self.signatures, |signature| {
            let signature = signature.thaw(&tables, &revisions, budget)?;
            if signature.revision >= document.revisions().max(1) {
                return Err(FrozenError::new("the document has no such revision").under("revision"));
            }
            Ok(signature)
        });
        let evidence = Evidence {
            signatures: signatures.within("signatures")?,
            tokens: each(&self.tokens, |token| token.thaw(&tables, document.len)).within("tokens")?,
            material: self.material(&tables, provider)?,
            findings: each(&self.findings, FrozenFinding::thaw).within("findings")?,
            document,
        };
        check_beacons(&evidence)?;
        Ok(evidence)
    }

    fn material(&self, tables: &Tables, provider: &dyn Provider) -> Result<Material, FrozenError> {
        let counts = tables.counts;
        let certificates = tables.held()?;
        let meetings = each(&self.held, |meetings| meetings.thaw(counts)).within("held")?;
        check_digests(&certificates, &meetings, provider).within("held")?;
        Ok(Material {
            anchors: each(&self.anchors, |anchor| anchor.thaw(tables)).within("anchors")?,
            certificates: Held { items: certificates, meetings },
            crls: FrozenHeld::thaw(&self.crls, counts, |crl| crl.thaw(tables)).within("crls")?,
            ocsps: FrozenHeld::thaw(&self.ocsps, counts, |ocsp| ocsp.thaw(tables)).within("ocsps")?,
            links: thaw_links(&self.links, tables).within("links")?,
        })
    }
}

fn check_digests(
    certificates: &[Certificate],
    meetings: &[Meetings],
    provider: &dyn Provider,
) -> Result<(), FrozenError> {
    for (index, (certificate, meetings)) in certificates.iter().zip(meetings).enumerate() {
        if certificate.digest(DigestAlgorithm::Sha256, provider) != meetings.digest {
            return Err(FrozenError::new("the digest of another certificate").under("digest")).element(index);
        }
    }
    Ok(())
}

impl<T> FrozenHeld<T> {
    fn freeze<D>(held: &Held<D>, mut freeze: impl FnMut(&D) -> T) -> Vec<FrozenHeld<T>> {
        let pairs = held.items.iter().zip(&held.meetings);
        pairs.map(|(item, met)| FrozenHeld { facts: freeze(item), met: met.into() }).collect()
    }

    fn thaw<D>(
        list: &[FrozenHeld<T>],
        counts: Counts,
        mut thaw: impl FnMut(&T) -> Result<D, FrozenError>,
    ) -> Result<Held<D>, FrozenError> {
        Ok(Held {
            items: each(list, |one| thaw(&one.facts).within("facts"))?,
            meetings: each(list, |one| one.met.thaw(counts).within("met"))?,
        })
    }
}

impl From<&DocumentFacts> for FrozenDocument {
    fn from(facts: &DocumentFacts) -> FrozenDocument {
        FrozenDocument {
            container: match &facts.container {
                Container::Pdf { revision_ends } => {
                    FrozenContainer::Pdf { revision_ends: revision_ends.clone() }
                }
                Container::Cms => FrozenContainer::Cms,
                Container::Xml => FrozenContainer::Xml,
                Container::Asic { kind, members } => {
                    FrozenContainer::Asic { kind: kind.clone(), members: members.clone() }
                }
            },
            digest: facts.digest.to_string(),
            len: facts.len,
        }
    }
}

impl FrozenDocument {
    fn thaw(&self) -> Result<DocumentFacts, FrozenError> {
        let container = match &self.container {
            FrozenContainer::Pdf { revision_ends } => {
                let within = revision_ends.last().is_none_or(|end| *end <= self.len);
                if !within || !revision_ends.is_sorted() {
                    return Err(FrozenError::new("revisions out of order or past the end").under("container"));
                }
                Container::Pdf { revision_ends: revision_ends.clone() }
            }
            FrozenContainer::Cms => Container::Cms,
            FrozenContainer::Xml => Container::Xml,
            FrozenContainer::Asic { kind, members } => {
                Container::Asic { kind: kind.clone(), members: members.clone() }
            }
        };
        Ok(DocumentFacts { digest: sha256(&self.digest).within("digest")?, len: self.len, container })
    }
}
