//! `META-INF/manifest.xml` (OpenDocument 1.3 part 2, 4), which ASiC-E with XAdES may carry (EN 319 162-1, 4.4.3.1).

use crate::container::Member;
use crate::xml::{children, parse};
use types::{Budget, Finding, Malformed, Resource, Severity};

const NAMESPACE: &str = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0";
const CLAUSE: &str = "OpenDocument 1.3 part 2, 4";

/// The list of files and media types. It is signed by nothing unless a signature references it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenDocumentManifest {
    /// Its index in [`crate::Container::members`].
    pub member: usize,
    /// The files listed; `/` is the container itself.
    pub entries: Vec<FileEntry>,
}

/// One `file-entry`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// `full-path`.
    pub path: String,
    /// `media-type`.
    pub media_type: String,
}

pub(crate) fn read(
    member: usize,
    bytes: &[u8],
    budget: &mut Budget,
) -> Result<OpenDocumentManifest, Malformed> {
    let document = parse(bytes, budget)?;
    let root = document.root_element();
    if root.tag_name().name() != "manifest" {
        return Err(Malformed::syntax(None, "the root element is not manifest", CLAUSE));
    }
    let mut entries = Vec::new();
    for node in children(root, "file-entry") {
        budget.spend(Resource::Steps, 10)?;
        let attribute = |name: &str| {
            node.attribute((NAMESPACE, name)).or_else(|| node.attribute(name)).unwrap_or_default().to_owned()
        };
        entries.push(FileEntry { path: attribute("full-path"), media_type: attribute("media-type") });
    }
    Ok(OpenDocumentManifest { member, entries })
}

/// Notes files listed and absent, absent and listed, and listed twice.
pub(crate) fn check(
    manifest: &OpenDocumentManifest,
    members: &[Member],
    is_data: impl Fn(&Member) -> bool,
    findings: &mut Vec<Finding>,
) {
    let mut paths: Vec<&str> = manifest.entries.iter().map(|entry| entry.path.as_str()).collect();
    paths.sort_unstable();
    for pair in paths.windows(2).filter(|pair| pair[0] == pair[1]) {
        let message = format!("the manifest lists {:?} twice", pair[0]);
        findings.push(Finding::new("asic.manifest.entry-twice", Severity::Error, message));
    }
    let mut names: Vec<&str> = members.iter().map(Member::name).collect();
    names.sort_unstable();
    for path in paths.iter().filter(|path| !path.ends_with('/')) {
        if names.binary_search(path).is_err() {
            let message = format!("the manifest lists {path:?}, which is not in the container");
            findings.push(Finding::new("asic.manifest.entry-missing", Severity::Warning, message));
        }
    }
    for member in members.iter().filter(|member| is_data(member)) {
        if paths.binary_search(&member.name()).is_err() {
            let message = format!("the manifest does not list {:?}", member.name());
            let finding = Finding::new("asic.manifest.member-unlisted", Severity::Warning, message);
            findings.push(finding.at(member.entry.record));
        }
    }
}
