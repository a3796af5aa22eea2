//! Evidence records in XML (RFC 6283): read, and recomputed against data objects, as far as no trust is needed.
//!
//! Tokens are handed out as they are; whoever reads them gives their imprints back to [`EvidenceRecord::verify`].

mod verify;

pub use verify::{
    ArchiveTimestampCheck, ArchiveTimestampError, DataObject, DigestNeeded, Subject, canonical_digest,
};

use crate::algorithm::{Canonicalization, digest_algorithm};
use crate::canonical::{Selection, canonicalize};
use crate::document::{DS, Document};
use crate::outcome::NotComputed;
use bergshamra_xml::NodeId;
use crypto::{Digest, DigestAlgorithm, Provider};
use types::{Budget, Finding, Malformed, Resource, Severity, Span};

/// The namespace of RFC 6283.
const ERS: &str = "urn:ietf:params:xml:ns:ers";
const CLAUSE: &str = "RFC 6283, 2.1";

/// `<EvidenceRecord Version="1.0">` (RFC 6283, 2.1). Everything is owned.
#[derive(Clone, Debug)]
pub struct EvidenceRecord {
    /// The chains, oldest first; never empty, and none of them is.
    pub chains: Vec<ArchiveTimestampChain>,
    /// What is noteworthy.
    pub findings: Vec<Finding>,
}

/// `<ArchiveTimeStampChain>` (RFC 6283, 4.1): time-stamps renewed by one digest algorithm and canonicalisation.
#[derive(Clone, Debug)]
pub struct ArchiveTimestampChain {
    /// The digest algorithm of its hash trees, or the identifier that is not known.
    pub algorithm: Result<DigestAlgorithm, String>,
    /// How XML is canonicalised before it is hashed, or the identifier that is not known.
    pub canonicalization: Result<Canonicalization, String>,
    /// Its archive time-stamps, oldest first; never empty.
    pub timestamps: Vec<ArchiveTimestamp>,
    /// The digest of the sequence with the chains before this one, which a renewal of the hash tree covers (4.2.2);
    /// nothing in the first chain.
    before: Option<Result<Digest, NotComputed>>,
}

/// `<ArchiveTimeStamp>` (RFC 6283, 3.1).
#[derive(Clone, Debug)]
pub struct ArchiveTimestamp {
    /// The lists of hash values from the leaves to the root; `None` if the time-stamp is over the data itself.
    pub hash_tree: Option<Vec<Vec<Vec<u8>>>>,
    /// The token, DER (RFC 3161), or the type of one that is none.
    pub token: Result<Vec<u8>, String>,
    /// Certificates to validate it, DER.
    pub certificates: Vec<Vec<u8>>,
    /// CRLs to validate it, DER.
    pub crls: Vec<Vec<u8>>,
    /// OCSP responses to validate it, DER.
    pub ocsp_responses: Vec<Vec<u8>>,
    /// Where it stands.
    pub span: Span,
    /// The digest of the `<TimeStamp>` before it in its chain, which a renewal covers (4.2.1); nothing in the first.
    before: Option<Result<Digest, NotComputed>>,
}

impl EvidenceRecord {
    /// Whether this is an XML document whose root element is an evidence record. Looks at nothing else.
    pub fn is_one(document: &Document<'_>) -> bool {
        document.tree.document_element().is_some_and(|root| document.is(root, ERS, "EvidenceRecord"))
    }

    /// Reads the evidence record that is the root element of the document in `bytes`.
    pub fn parse(
        bytes: &[u8],
        provider: &dyn Provider,
        budget: &mut Budget,
    ) -> Result<EvidenceRecord, Malformed> {
        let document = Document::parse(bytes, budget)?;
        let root = document.tree.document_element().filter(|_| EvidenceRecord::is_one(&document));
        let root =
            root.ok_or_else(|| Malformed::syntax(None, "the root element is no EvidenceRecord", CLAUSE))?;
        Reader { document: &document, provider, budget }.record(root)
    }

    /// All archive time-stamps, oldest first.
    pub fn timestamps(&self) -> impl Iterator<Item = &ArchiveTimestamp> {
        self.chains.iter().flat_map(|chain| &chain.timestamps)
    }
}

/// What reading needs.
struct Reader<'r, 'x> {
    document: &'r Document<'x>,
    provider: &'r dyn Provider,
    budget: &'r mut Budget,
}

impl Reader<'_, '_> {
    fn fault(&self, node: NodeId, reason: impl Into<String>, clause: &'static str) -> Malformed {
        Malformed::syntax(self.document.at(node), reason.into(), clause)
    }

    fn one(&self, node: NodeId, name: &'static str) -> Result<NodeId, Malformed> {
        let mut children = self.document.children(node, ERS, name);
        match (children.next(), children.next()) {
            (Some(child), None) => Ok(child),
            _ => Err(self.fault(node, format!("exactly one {name} is needed"), "RFC 6283, 8")),
        }
    }

    fn record(&mut self, root: NodeId) -> Result<EvidenceRecord, Malformed> {
        let document = self.document;
        let version = document.attribute(root, "Version").unwrap_or_default();
        if version != "1.0" {
            return Err(self.fault(root, format!("the version is {version:?}, not 1.0"), CLAUSE));
        }
        let mut findings = Vec::new();
        if let Some(place) = document.children(root, ERS, "EncryptionInformation").next() {
            let message =
                "the data were encrypted before they were archived; that is not followed (RFC 6283, 5)";
            let finding = Finding::new("er.encryption", Severity::Warning, message);
            findings.push(finding.at(document.span(place)));
        }
        let sequence = self.one(root, "ArchiveTimeStampSequence")?;
        let nodes = self.ordered(sequence, "ArchiveTimeStampChain")?;
        let mut chains = Vec::with_capacity(nodes.len());
        for (number, node) in nodes.iter().enumerate() {
            let later = nodes.get(number..).unwrap_or_default();
            chains.push(self.chain(*node, (sequence, later), number)?);
        }
        Ok(EvidenceRecord { chains, findings })
    }

    /// The children of a name, which must be numbered from 1 and stand in that order (RFC 6283, 4.1).
    fn ordered(&mut self, node: NodeId, name: &'static str) -> Result<Vec<NodeId>, Malformed> {
        let found: Vec<NodeId> = self.document.children(node, ERS, name).collect();
        self.budget.spend(Resource::Steps, found.len() as u64)?;
        let numbered = found
            .iter()
            .zip(1_u32..)
            .all(|(node, number)| self.document.attribute(*node, "Order") == Some(&number.to_string()));
        if found.is_empty() || !numbered {
            let reason = format!("there is no {name}, or they are not numbered in their order");
            return Err(self.fault(node, reason, "RFC 6283, 4.1"));
        }
        Ok(found)
    }

    fn chain(
        &mut self,
        node: NodeId,
        (sequence, later): (NodeId, &[NodeId]),
        number: usize,
    ) -> Result<ArchiveTimestampChain, Malformed> {
        let document = self.document;
        let method = self.one(node, "DigestMethod")?;
        let algorithm = document.attribute(method, "Algorithm").unwrap_or_default();
        let algorithm = digest_algorithm(algorithm).ok_or_else(|| algorithm.to_owned());
        let method = self.one(node, "CanonicalizationMethod")?;
        let canonicalization = Canonicalization::read(document, method);
        let how = algorithm.as_ref().ok().copied().zip(canonicalization.as_ref().ok());
        let before = match (number, how) {
            (0, _) => None,
            (_, None) => Some(Err(NotComputed::Structure("an algorithm of the chain is not known"))),
            (_, Some(how)) => {
                let mut selection = Selection::element(sequence);
                let left_out = later
                    .iter()
                    .try_for_each(|chain| selection.leave_out(document, *chain, &mut *self.budget));
                Some(left_out.and_then(|()| self.digest(&selection, how)))
            }
        };
        let mut timestamps: Vec<ArchiveTimestamp> = Vec::new();
        let mut last: Option<NodeId> = None;
        for node in self.ordered(node, "ArchiveTimeStamp")? {
            self.budget.spend(Resource::Signatures, 1)?;
            let before = last.map(|last| match how {
                Some(how) => self.digest(&Selection::element(last), how),
                None => Err(NotComputed::Structure("an algorithm of the chain is not known")),
            });
            let stamp = self.one(node, "TimeStamp")?;
            timestamps.push(self.timestamp(node, stamp, before)?);
            last = Some(stamp);
        }
        Ok(ArchiveTimestampChain { algorithm, canonicalization, timestamps, before })
    }

    fn digest(
        &mut self,
        selection: &Selection,
        (algorithm, method): (DigestAlgorithm, &Canonicalization),
    ) -> Result<Digest, NotComputed> {
        let octets = canonicalize(self.document, selection, method, self.budget)?;
        Ok(self.provider.digest(algorithm, &octets))
    }

    fn timestamp(
        &mut self,
        node: NodeId,
        stamp: NodeId,
        before: Option<Result<Digest, NotComputed>>,
    ) -> Result<ArchiveTimestamp, Malformed> {
        let document = self.document;
        let mut trees = document.children(node, ERS, "HashTree");
        let hash_tree = trees.next();
        if trees.next().is_some() {
            return Err(self.fault(node, "there are two hash trees", "RFC 6283, 3.1.1"));
        }
        let hash_tree = hash_tree.map(|tree| self.hash_tree(tree)).transpose()?;
        let token = self.one(stamp, "TimeStampToken")?;
        let token = match document.attribute(token, "Type").unwrap_or_default() {
            "RFC3161" => Ok(document.octets(token)?),
            other => Err(other.to_owned()),
        };
        let span = document.span(node);
        let mut read = ArchiveTimestamp {
            hash_tree,
            token,
            certificates: Vec::new(),
            crls: Vec::new(),
            ocsp_responses: Vec::new(),
            span,
            before,
        };
        for list in document.children(stamp, ERS, "CryptographicInformationList") {
            for information in document.children(list, ERS, "CryptographicInformation") {
                self.budget.spend(Resource::Certificates, 1)?;
                let place = match document.attribute(information, "Type").unwrap_or_default() {
                    "CERT" => &mut read.certificates,
                    "CRL" => &mut read.crls,
                    "OCSP" => &mut read.ocsp_responses,
                    _ => continue,
                };
                place.push(document.octets(information)?);
            }
        }
        Ok(read)
    }

    fn hash_tree(&mut self, tree: NodeId) -> Result<Vec<Vec<Vec<u8>>>, Malformed> {
        const CLAUSE: &str = "RFC 6283, 3.1.1";
        let document = self.document;
        let lists = self.ordered(tree, "Sequence")?;
        if document.elements(tree).count() != lists.len() {
            return Err(self.fault(tree, "a hash tree holds something else than lists", CLAUSE));
        }
        let mut read = Vec::with_capacity(lists.len());
        for list in lists {
            let mut values = Vec::new();
            for value in document.elements(list) {
                self.budget.spend(Resource::Steps, 10)?;
                // Some write the element of XML Signature.
                if !document.is(value, ERS, "DigestValue") && !document.is(value, DS, "DigestValue") {
                    return Err(self.fault(value, "a list holds something else than hash values", CLAUSE));
                }
                values.push(document.octets(value)?);
            }
            if values.is_empty() {
                return Err(self.fault(list, "a list of a hash tree is empty", CLAUSE));
            }
            read.push(values);
        }
        Ok(read)
    }
}
