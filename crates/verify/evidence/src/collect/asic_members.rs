//! Members of a container as what signatures are over (EN 319 162-1, 4.3.3.2 and 4.4.3.2).

use super::content::Content;
use super::hashing::feed;
use super::record::{DataObjects, MOST_OF_XML};
use crate::coverage::Coverage;
use crate::facts::Check;
use asic::{Container, Digests, Outcome, Resolution, SignatureFile};
use crypto::{Digest, DigestAlgorithm, Provider};
use std::collections::{BTreeMap, BTreeSet};
use types::{Budget, Malformed, Resource, Source, Span};
use xades::{DetachedData, Target, Unresolved, XadesSignature};

/// The members, for references of XML signatures.
pub(super) struct Members<'c>(pub(super) Digests<'c>);

impl Members<'_> {
    fn member(&self, uri: &str) -> Result<usize, Unresolved> {
        match self.0.container().resolve(uri) {
            Resolution::Member(member) => Ok(member),
            Resolution::Missing => Err(Unresolved::Missing),
            Resolution::Ambiguous => Err(Unresolved::Ambiguous),
            Resolution::Outside => Err(Unresolved::Outside),
        }
    }

    /// The members whose content an XML signature signs.
    pub(super) fn signed_by(&self, signature: &XadesSignature) -> BTreeSet<usize> {
        let references = signature.references.iter().flat_map(|one| one.manifest.iter().chain([one]));
        let matching = references.filter(|one| one.outcome == xades::Outcome::Match);
        matching
            .filter_map(|one| match &one.target {
                Target::Detached(uri) => self.member(uri).ok(),
                _ => None,
            })
            .collect()
    }
}

impl DataObjects for Members<'_> {
    fn digest(
        &mut self,
        object: usize,
        algorithm: DigestAlgorithm,
        budget: &mut Budget,
    ) -> Result<Digest, Malformed> {
        self.0.of(object, algorithm, budget)
    }

    fn xml(&mut self, object: usize, budget: &mut Budget) -> Result<Option<Vec<u8>>, Malformed> {
        let container = self.0.container();
        let len = container.members.get(object).map_or(u64::MAX, |member| member.entry.size);
        if len > MOST_OF_XML {
            return Ok(None);
        }
        let octets = container.read(object, MOST_OF_XML, budget)?;
        let start = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&octets);
        let is_xml = start.first().is_some_and(|first| *first == b'<' || first.is_ascii_whitespace());
        Ok(is_xml.then_some(octets))
    }
}

impl DetachedData for Members<'_> {
    fn digest(
        &mut self,
        uri: &str,
        algorithm: DigestAlgorithm,
        budget: &mut Budget,
    ) -> Result<Digest, Unresolved> {
        let member = self.member(uri)?;
        self.0.of(member, algorithm, budget).map_err(Unresolved::Unreadable)
    }

    fn stream(
        &mut self,
        uri: &str,
        sink: &mut dyn FnMut(&[u8]),
        budget: &mut Budget,
    ) -> Result<(), Unresolved> {
        let member = self.member(uri)?;
        self.0.container().stream(member, sink, budget).map_err(Unresolved::Unreadable)
    }
}

/// The one file that a person gave as what an XML signature is over.
pub(super) struct Given<'s> {
    content: Option<&'s dyn Source>,
    provider: &'s dyn Provider,
    /// What was hashed before: many references may be to the one file.
    digests: BTreeMap<DigestAlgorithm, Digest>,
}

impl<'s> Given<'s> {
    pub(super) fn new(content: Option<&'s dyn Source>, provider: &'s dyn Provider) -> Given<'s> {
        Given { content, provider, digests: BTreeMap::new() }
    }
}

impl DetachedData for Given<'_> {
    fn digest(
        &mut self,
        uri: &str,
        algorithm: DigestAlgorithm,
        budget: &mut Budget,
    ) -> Result<Digest, Unresolved> {
        if let Some(known) = self.digests.get(&algorithm) {
            return Ok(known.clone());
        }
        let mut hasher = self.provider.hasher(algorithm);
        self.stream(uri, &mut |piece| hasher.update(piece), budget)?;
        let digest = hasher.finish();
        self.digests.insert(algorithm, digest.clone());
        Ok(digest)
    }

    fn stream(
        &mut self,
        _: &str,
        sink: &mut dyn FnMut(&[u8]),
        budget: &mut Budget,
    ) -> Result<(), Unresolved> {
        let source = self.content.ok_or(Unresolved::Outside)?;
        let spent = budget.spend(Resource::DecodedBytes, source.len());
        spent.map_err(|exhausted| Unresolved::Unreadable(exhausted.into()))?;
        feed(source, Span::new(0, source.len()), sink).map_err(|error| Unresolved::Unreadable(error.into()))
    }
}

/// One member as content.
pub(super) struct MemberContent<'c> {
    pub(super) container: &'c Container<'c>,
    pub(super) member: usize,
}

impl Content for MemberContent<'_> {
    fn feed(&self, take: &mut dyn FnMut(&[u8]), budget: &mut Budget) -> Result<(), Malformed> {
        self.container.stream(self.member, take, budget)
    }
}

/// What a signature, token or record that is not XML is over.
#[derive(Debug)]
pub(super) struct Covered {
    /// The member whose bytes it is over.
    pub(super) content: Option<usize>,
    /// The manifest that says so, if there is one.
    pub(super) manifest: Option<usize>,
    /// The members that it vouches for: that member, or those that the manifest names and that are as it says.
    pub(super) members: BTreeSet<usize>,
    /// Whether everything that the manifest names is as it says.
    pub(super) references: Check,
    /// The weakest algorithm by which a manifest names members.
    pub(super) named_by: Option<DigestAlgorithm>,
}

/// What `file` is over.
pub(super) fn covered(
    container: &Container<'_>,
    file: &SignatureFile,
    members: &mut Members<'_>,
    budget: &mut Budget,
) -> Covered {
    match container.content_of(file) {
        asic::Content::Member(member) if is_link(container, member) => {
            nothing("the file that is signed is a symbolic link: what it leads to is not in the container")
        }
        asic::Content::Member(member) => {
            let members = BTreeSet::from([member]);
            Covered {
                content: Some(member),
                manifest: None,
                members,
                references: Check::Matches,
                named_by: None,
            }
        }
        asic::Content::Manifest(index) => match container.manifests.get(index) {
            Some(manifest) => {
                let checks = manifest.check(&mut members.0, budget);
                let good = checks.iter().filter(|check| check.outcome == Outcome::Match);
                let mut covered: BTreeSet<usize> = good.filter_map(|check| check.member).collect();
                covered.insert(manifest.member);
                let references = references(&checks);
                let algorithms = manifest.references.iter().filter_map(|one| one.algorithm.as_ref().ok());
                let named_by = algorithms.min().copied();
                let manifest = Some(manifest.member);
                Covered { content: manifest, manifest, members: covered, references, named_by }
            }
            None => nothing("the manifest cannot be read"),
        },
        asic::Content::Members(list) => {
            let members = list.into_iter().collect();
            Covered { content: None, manifest: None, members, references: Check::Matches, named_by: None }
        }
        asic::Content::InSignature => nothing("the signature says itself what it is over"),
        asic::Content::Unknown => nothing("nothing in the container says what it is over"),
        asic::Content::Ambiguous => nothing("several manifests say what it is over"),
    }
}

fn is_link(container: &Container<'_>, member: usize) -> bool {
    container.members.get(member).is_some_and(|member| member.entry.is_link)
}

fn nothing(why: &str) -> Covered {
    let references = Check::NotComputed(why.into());
    Covered { content: None, manifest: None, members: BTreeSet::new(), references, named_by: None }
}

fn references(checks: &[asic::ReferenceCheck]) -> Check {
    let mut all = Check::Matches;
    for check in checks {
        match &check.outcome {
            Outcome::Match => {}
            Outcome::Mismatch(_) => return Check::Differs,
            Outcome::Missing => all = not_computed(&check.uri, "is not in the container"),
            Outcome::Ambiguous => all = not_computed(&check.uri, "stands in the container more than once"),
            Outcome::Outside => all = not_computed(&check.uri, "lies outside of the container"),
            Outcome::UnknownAlgorithm(name) => {
                all = not_computed(&check.uri, &format!("is digested by {name}, which is not known"));
            }
            Outcome::Unreadable(error) => all = not_computed(&check.uri, &format!("cannot be read: {error}")),
        }
    }
    all
}

fn not_computed(uri: &str, why: &str) -> Check {
    Check::NotComputed(format!("the file {uri:?} that is signed {why}"))
}

/// How many of the data objects of a container are among `covered`.
pub(super) fn coverage(objects: &BTreeSet<usize>, covered: &BTreeSet<usize>) -> Coverage {
    let present = covered.iter().filter(|member| objects.contains(member)).count();
    Coverage::Members { covered: present, of: objects.len() }
}
