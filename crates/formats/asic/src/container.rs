//! A container as read: its kind, members, signature files and manifests.

use crate::forms::{Role, SignatureFile, role};
use crate::manifest::Manifest;
use crate::mimetype::{self, Mimetype, MimetypePlace};
use crate::open_document::{self, OpenDocumentManifest};
use crate::uri::{Resolution, member_name};
use crate::zip::{self, Entry};
use crate::{structure, xml};
use std::collections::BTreeMap;
use types::{Budget, Cause, Finding, Malformed, Severity, Source};

/// A container over a source, of which only structure and manifests were read.
pub struct Container<'s> {
    source: &'s dyn Source,
    /// What it is.
    pub kind: Kind,
    /// What it says it is.
    pub mimetype: Option<Mimetype>,
    /// The comment of the archive, empty if none.
    pub comment: Vec<u8>,
    /// All members in the order of the central directory, folders included.
    pub members: Vec<Member>,
    /// Members that hold signatures, tokens and records, in the order of the members.
    pub signatures: Vec<SignatureFile>,
    /// ASiC manifests that could be read; the others are findings.
    pub manifests: Vec<Manifest>,
    /// `META-INF/manifest.xml`, if it could be read.
    pub open_document: Option<OpenDocumentManifest>,
    /// What is noteworthy. With one of [`Severity::Error`] readers may see different contents: it must not pass.
    pub findings: Vec<Finding>,
    names: BTreeMap<String, Vec<usize>>,
}

/// What a container is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// ASiC-S (EN 319 162-1, 4.3): one data object.
    AsicS,
    /// ASiC-E (EN 319 162-1, 4.4).
    AsicE,
    /// An OpenDocument file, which signs in its own way with `META-INF/documentsignatures.xml`.
    OpenDocument,
    /// OFD (GB/T 33190), recognised and not supported.
    Ofd,
    /// Another ZIP archive.
    Other,
}

impl Kind {
    /// The name used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::AsicS => "ASiC-S",
            Kind::AsicE => "ASiC-E",
            Kind::OpenDocument => "OpenDocument",
            Kind::Ofd => "OFD",
            Kind::Other => "ZIP",
        }
    }
}

/// One member.
#[derive(Clone, Debug)]
pub struct Member {
    /// What the archive says about it.
    pub entry: Entry,
}

impl Member {
    /// The name, decoded.
    pub fn name(&self) -> &str {
        &self.entry.name
    }
}

impl<'s> Container<'s> {
    /// Reads the structure of the archive and its manifests. `extension` of the file name, if any, decides what the
    /// container is where nothing inside does (EN 319 162-1, 4.3.3.1).
    pub fn open(
        source: &'s dyn Source,
        extension: Option<&str>,
        budget: &mut Budget,
    ) -> Result<Container<'s>, Malformed> {
        let mut findings = Vec::new();
        let end = zip::find_end(source, &mut findings)?;
        let mut entries = zip::read_entries(source, &end, &mut findings, budget)?;
        for entry in &mut entries {
            zip::check_local(source, entry, end.directory.start, &mut findings)?;
        }
        zip::check_layout(source, &entries, &end, &mut findings)?;
        zip::check_names(&entries, &mut findings);
        let mut names: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, entry) in entries.iter().enumerate() {
            names.entry(entry.name.clone()).or_default().push(index);
            if entry.is_encrypted() {
                let message = format!("the member {:?} is encrypted", entry.name);
                findings.push(Finding::new("zip.encrypted", Severity::Error, message).at(entry.record));
            }
            if entry.is_link {
                let message = format!("the member {:?} is a symbolic link to another file", entry.name);
                findings.push(Finding::new("zip.symbolic-link", Severity::Warning, message).at(entry.record));
            }
        }
        let members = entries.into_iter().map(|entry| Member { entry }).collect();
        let mut container = Container {
            source,
            kind: Kind::Other,
            mimetype: None,
            comment: end.comment,
            members,
            signatures: Vec::new(),
            manifests: Vec::new(),
            open_document: None,
            findings,
            names,
        };
        container.read_mimetype(end.shift, extension, budget)?;
        container.read_roles(budget)?;
        container.settle_kind(extension);
        let found = structure::check(&container);
        container.findings.extend(found);
        Ok(container)
    }

    /// The source it is read from.
    pub fn source(&self) -> &'s dyn Source {
        self.source
    }

    /// Gives the content of a member in pieces; they count only if the result is `Ok`.
    pub fn stream(
        &self,
        member: usize,
        sink: &mut dyn FnMut(&[u8]),
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let member =
            self.members.get(member).ok_or_else(|| Malformed::syntax(None, "there is no such member", ""))?;
        if member.entry.is_link {
            let reason = "it is a symbolic link, and what it leads to is not in it";
            return Err(Malformed::unsupported(member.entry.record.start, reason, "APPNOTE 6.3.10, 4.4.15"));
        }
        zip::stream(self.source, &member.entry, sink, budget)
    }

    /// The content of a member that is at most `limit` bytes long.
    pub fn read(&self, member: usize, limit: u64, budget: &mut Budget) -> Result<Vec<u8>, Malformed> {
        let size = self.members.get(member).map_or(0, |member| member.entry.size);
        if size > limit {
            return Err(Malformed::unsupported(None, format!("a member of {size} bytes is too large"), ""));
        }
        // The size announced may be a lie; what really comes grows the vector.
        let mut content = Vec::with_capacity(size.min(1 << 16) as usize);
        self.stream(member, &mut |piece| content.extend_from_slice(piece), budget)?;
        Ok(content)
    }

    /// Which member a reference from a manifest or signature means.
    pub fn resolve(&self, uri: &str) -> Resolution {
        let decoded = member_name(uri);
        let by_name = |name: &str| self.names.get(name).map(Vec::as_slice);
        // A name with a colon looks like a URI with a scheme.
        match decoded.as_deref().map_or_else(|| by_name(uri), by_name) {
            Some([only]) => Resolution::Member(*only),
            Some([_, _, ..]) => Resolution::Ambiguous,
            _ if decoded.is_none() => Resolution::Outside,
            _ => Resolution::Missing,
        }
    }

    /// The members that users put in: not folders, not `mimetype`, not in `META-INF`.
    pub fn data_objects(&self) -> impl Iterator<Item = usize> + '_ {
        let is_data =
            |(_, member): &(usize, &Member)| !member.entry.is_folder() && role(member.name()) == Role::Data;
        self.members.iter().enumerate().filter(is_data).map(|(index, _)| index)
    }

    /// The members of `META-INF` that have no place there by EN 319 162-1, 4.3.3 and 4.4.3: neither signatures, tokens and
    /// records nor manifests.
    pub fn foreign_in_meta_inf(&self) -> impl Iterator<Item = usize> + '_ {
        let is_foreign = |(_, member): &(usize, &Member)| {
            !member.entry.is_folder() && role(member.name()) == Role::OtherMeta
        };
        self.members.iter().enumerate().filter(is_foreign).map(|(index, _)| index)
    }

    fn read_mimetype(
        &mut self,
        first: u64,
        extension: Option<&str>,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let comment = mimetype::in_comment(&self.comment);
        let member = self.names.get("mimetype").and_then(|indices| indices.first().copied());
        let mut value = None;
        if let Some(index) = member {
            mimetype::check_member(index, &self.members[index].entry, first, &mut self.findings);
            let content = self.read(index, mimetype::LONGEST, budget)?;
            value = mimetype::in_member(&content, &mut self.findings);
        }
        // The comment may name the media type of the data object instead.
        if let (Some(value), Some(comment)) = (&value, &comment)
            && value != comment
            && kind_by_mimetype(comment) != Kind::Other
        {
            let message = format!("the member mimetype says {value:?}, the comment {comment:?}");
            self.findings.push(Finding::new("asic.mimetype.two", Severity::Error, message));
        }
        let place = if value.is_some() { MimetypePlace::Member } else { MimetypePlace::Comment };
        self.mimetype = value.or(comment).map(|value| Mimetype { value, place });
        let by_extension = extension.and_then(kind_by_extension);
        self.kind = match (&self.mimetype, by_extension) {
            // EN 319 162-1, 4.3.3.1: an ASiC-S container may keep the media type of its data object.
            (Some(mimetype), Some(Kind::AsicS)) if kind_by_mimetype(&mimetype.value) == Kind::Other => {
                Kind::AsicS
            }
            (Some(mimetype), _) => kind_by_mimetype(&mimetype.value),
            (None, Some(kind)) => kind,
            (None, None) => Kind::Other,
        };
        if let (Some(mimetype), Some(kind)) = (&self.mimetype, by_extension)
            && kind != self.kind
        {
            let message = format!("the name of the file does not fit the media type {:?}", mimetype.value);
            self.findings.push(Finding::new("asic.mimetype.extension", Severity::Warning, message));
        }
        if self.mimetype.is_none() {
            let message = "the container does not say its media type";
            self.findings.push(Finding::new("asic.mimetype.missing", Severity::Info, message));
        }
        Ok(())
    }

    /// Reads the manifests and lists the signature files.
    fn read_roles(&mut self, budget: &mut Budget) -> Result<(), Malformed> {
        for index in 0..self.members.len() {
            let name = self.members[index].name().to_owned();
            match role(&name) {
                Role::Signature(form) => {
                    self.signatures.push(SignatureFile { name, member: index, form });
                }
                Role::Manifest(kind) => {
                    let read = self
                        .read(index, xml::LARGEST, budget)
                        .and_then(|bytes| Manifest::parse(&name, index, kind, &bytes, budget));
                    let manifest = self.note(read, index)?;
                    self.findings.extend(manifest.iter().flat_map(|manifest| manifest.findings.clone()));
                    self.manifests.extend(manifest);
                }
                Role::OpenDocumentManifest => {
                    let read = self
                        .read(index, xml::LARGEST, budget)
                        .and_then(|bytes| open_document::read(index, &bytes, budget));
                    self.open_document = self.note(read, index)?;
                }
                Role::Mimetype | Role::OtherMeta | Role::Data => {}
            }
        }
        if let Some(manifest) = &self.open_document {
            let is_data = |member: &Member| !member.entry.is_folder() && role(member.name()) == Role::Data;
            open_document::check(manifest, &self.members, is_data, &mut self.findings);
        }
        Ok(())
    }

    /// Turns a fault of one member into a finding; a budget that ran out ends everything.
    fn note<T>(&mut self, read: Result<T, Malformed>, member: usize) -> Result<Option<T>, Malformed> {
        match read {
            Ok(value) => Ok(Some(value)),
            Err(malformed) if matches!(malformed.cause, Cause::Budget(_) | Cause::Source(_)) => {
                Err(malformed)
            }
            Err(malformed) => {
                let member = &self.members[member];
                let message = format!("{:?} cannot be read: {malformed}", member.name());
                let finding = Finding::new("asic.manifest.unreadable", Severity::Error, message);
                self.findings.push(finding.at(member.entry.record));
                Ok(None)
            }
        }
    }

    /// Where nothing says what it is, its signature files do.
    fn settle_kind(&mut self, extension: Option<&str>) {
        let undeclared = self.mimetype.is_none() && extension.and_then(kind_by_extension).is_none();
        if self.kind == Kind::Other && self.names.contains_key("OFD.xml") {
            self.kind = Kind::Ofd;
            let message = "this is an OFD document, whose signatures are not supported";
            self.findings.push(Finding::new("asic.ofd", Severity::Error, message));
        } else if self.kind == Kind::Other && undeclared && !self.signatures.is_empty() {
            let mut objects = self.data_objects();
            let single = objects.next().is_some() && objects.next().is_none();
            drop(objects);
            self.kind = if single && self.manifests.is_empty() { Kind::AsicS } else { Kind::AsicE };
        }
    }
}

fn kind_by_mimetype(value: &str) -> Kind {
    match value {
        "application/vnd.etsi.asic-s+zip" => Kind::AsicS,
        "application/vnd.etsi.asic-e+zip" => Kind::AsicE,
        "application/ofd" => Kind::Ofd,
        _ if value.starts_with("application/vnd.oasis.opendocument.") => Kind::OpenDocument,
        _ => Kind::Other,
    }
}

fn kind_by_extension(extension: &str) -> Option<Kind> {
    match extension.to_ascii_lowercase().as_str() {
        "asics" | "scs" => Some(Kind::AsicS),
        "asice" | "sce" | "bdoc" | "edoc" => Some(Kind::AsicE),
        "odt" | "ods" | "odp" | "odg" => Some(Kind::OpenDocument),
        "ofd" => Some(Kind::Ofd),
        _ => None,
    }
}
