//! What a signature file is over.

use crate::container::{Container, Kind};
use crate::forms::{Form, SignatureFile};
use crate::uri::Resolution;
use std::collections::BTreeSet;

/// The content that a detached signature, a token or a record is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The content of one member (EN 319 162-1, 4.3.3.2).
    Member(usize),
    /// The bytes of the manifest with this index in [`Container::manifests`] (EN 319 162-1, 4.4.3.2).
    Manifest(usize),
    /// The signature says it itself (XAdES).
    InSignature,
    /// An evidence record without a manifest: over all these members (EN 319 162-1, 4.4.3.2).
    Members(Vec<usize>),
    /// Nothing says it; such a signature must not pass.
    Unknown,
    /// Several manifests say it; such a signature must not pass.
    Ambiguous,
}

impl Container<'_> {
    /// What `file` is over.
    pub fn content_of(&self, file: &SignatureFile) -> Content {
        if file.form == Form::Xades {
            return Content::InSignature;
        }
        let is_meant = |uri: &str| self.resolve(uri) == Resolution::Member(file.member);
        let mut manifests = self.manifests.iter().enumerate();
        let mut meant = manifests.by_ref().filter(|(_, manifest)| is_meant(&manifest.signature.uri));
        match (meant.next(), meant.next()) {
            (Some((index, _)), None) => return Content::Manifest(index),
            (Some(_), Some(_)) => return Content::Ambiguous,
            (None, _) => {}
        }
        let objects: Vec<usize> = self.data_objects().collect();
        match (self.kind, file.form, objects.as_slice()) {
            (_, Form::EvidenceRecord(_), [_, ..]) => Content::Members(objects),
            (Kind::AsicS, _, [only]) => Content::Member(*only),
            _ => Content::Unknown,
        }
    }
}

/// The data objects and foreign members of `META-INF` that are not among the `covered` members: nothing vouches for them.
pub fn uncovered(container: &Container<'_>, covered: &BTreeSet<usize>) -> Vec<usize> {
    let members = container.data_objects().chain(container.foreign_in_meta_inf());
    members.filter(|member| !covered.contains(member)).collect()
}
