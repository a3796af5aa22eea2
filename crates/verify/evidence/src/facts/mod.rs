//! Evidence: what the bytes of a document prove, as frozen facts without a verdict.

mod material;
mod record;
mod signature;
mod token;

pub use material::{CertificateId, CrlId, Held, Material, Meetings, OcspId, Origin};
pub use record::{BeaconFacts, RecordFacts};
pub use signature::{
    AttributeFacts, Binding, Check, Claims, FormatFault, Kind, Later, PolicyDocument, SignatureEvidence,
    SignatureId, SignaturePolicy, SignedFacts, Signer, StoreFacts,
};
pub use token::{Covers, ObjectRef, Stamp, TokenEvidence, TokenId, TokenRole};

use crypto::Digest;
use pkix::Certificate;
use revocation::SignatureFacts;
use types::{Finding, Time};

/// Everything found out about one document, and what came with it.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The file as a whole.
    pub document: DocumentFacts,
    /// Every signature, in the order of the file.
    pub signatures: Vec<SignatureEvidence>,
    /// Every timestamp token, document timestamps included.
    pub tokens: Vec<TokenEvidence>,
    /// Certificates, revocation data and trust anchors, and who signed whom.
    pub material: Material,
    /// What is noteworthy beyond single signatures.
    pub findings: Vec<Finding>,
}

/// The file as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentFacts {
    /// SHA-256 of every byte.
    pub digest: Digest,
    /// Length in bytes.
    pub len: u64,
    /// What kind of file it is.
    pub container: Container,
}

/// What kind of file holds the signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Container {
    /// A PDF.
    Pdf {
        /// Where each revision ends, oldest first.
        revision_ends: Vec<u64>,
    },
    /// A CMS on its own.
    Cms,
    /// An XML signature on its own.
    Xml,
    /// An ASiC container or another ZIP with signatures.
    Asic {
        /// Its type as reports name it, e.g. `ASiC-E`.
        kind: String,
        /// The members that are data, in the order of the directory.
        members: Vec<String>,
    },
}

impl DocumentFacts {
    /// Number of revisions; 1 for what is not a PDF.
    pub fn revisions(&self) -> usize {
        match &self.container {
            Container::Pdf { revision_ends } => revision_ends.len(),
            _ => 1,
        }
    }
}

impl Evidence {
    /// Takes note that a file was given as the content of the signatures, and that `who` are over something else: whoever
    /// gave it may take it for signed, so that nothing passes. Records beside a file are over that file.
    pub fn disregards_content(&mut self, mut who: impl FnMut(SignatureId) -> bool) {
        for (id, signature) in self.signatures.iter_mut().enumerate() {
            if let Ok(facts) = &mut signature.signed_data
                && facts.content == Check::Matches
                && signature.kind != Kind::EvidenceRecord
                && who(id)
            {
                let why =
                    "the signature is not over the file that was given, or lies beside it, as its content";
                facts.content = Check::NotComputed(why.into());
            }
        }
    }

    /// Every object of which proof of existence matters.
    pub fn objects(&self) -> impl Iterator<Item = ObjectRef> {
        let material = &self.material;
        let signatures = (0..self.signatures.len()).map(ObjectRef::Signature);
        let tokens = (0..self.tokens.len()).map(ObjectRef::Token);
        let certificates = (0..material.certificates.items.len()).map(ObjectRef::Certificate);
        let crls = (0..material.crls.items.len()).map(ObjectRef::Crl);
        let ocsps = (0..material.ocsps.items.len()).map(ObjectRef::Ocsp);
        signatures.chain(tokens).chain(certificates).chain(crls).chain(ocsps)
    }

    /// The newest time that an authority gave, in a timestamp, a CRL or an OCSP response whose signature fits: what is judged
    /// earlier would not know of it.
    pub fn last_told(&self) -> Option<Time> {
        let stamps = self.tokens.iter().filter_map(|token| token.stamp.as_ref().ok());
        let stamps = stamps.filter(|stamp| stamp.signed.value == Check::Matches).map(|stamp| stamp.time);
        let is_told = |signature: &SignatureFacts| matches!(signature, SignatureFacts::Verified(_));
        let lists = self.material.crls.items.iter().filter(|list| is_told(&list.signature));
        let responses = self.material.ocsps.items.iter().filter(|response| is_told(&response.signature));
        let told = lists.map(|list| list.this_update).chain(responses.map(|response| response.produced_at));
        stamps.chain(told).max()
    }

    /// The certificates of everyone who signed a document or a token.
    pub fn signers(&self) -> Vec<Certificate> {
        let of_signatures =
            self.signatures.iter().filter_map(|signature| signature.signed_data.as_ref().ok());
        let of_tokens = self.tokens.iter().filter_map(|token| token.stamp.as_ref().ok());
        let signed = of_signatures.chain(of_tokens.map(|stamp| &stamp.signed));
        signed.filter_map(|facts| facts.signer.as_ref()).map(|signer| signer.certificate.clone()).collect()
    }
}
