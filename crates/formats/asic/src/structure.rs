//! Rules on what an ASiC container holds (EN 319 162-1, 4.3.3 and 4.4.3).

use crate::container::{Container, Kind};
use crate::forms::{Form, Role, role};
use types::{Finding, Severity};

/// Notes what breaks the rules.
pub(crate) fn check(container: &Container<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    match container.kind {
        Kind::AsicS => simple(container, &mut findings),
        Kind::AsicE => extended(container, &mut findings),
        Kind::OpenDocument | Kind::Ofd | Kind::Other => {}
    }
    for (name, place) in container.members.iter().map(|member| (member.name(), member.entry.record)) {
        let upper = name.to_ascii_uppercase();
        if upper.starts_with("META-INF/") && !name.starts_with("META-INF/") {
            let message = format!("{name:?} is in META-INF for some readers only");
            findings.push(Finding::new("asic.meta-inf.case", Severity::Error, message).at(place));
        } else if upper.contains("/META-INF/") {
            let message = format!("{name:?} lies in a META-INF that is not at the root");
            findings.push(Finding::new("asic.meta-inf.nested", Severity::Warning, message).at(place));
        } else if name.trim().eq_ignore_ascii_case("mimetype") && name != "mimetype" {
            let message = format!("{name:?} is the media type for some readers only");
            findings.push(Finding::new("asic.mimetype.name", Severity::Error, message).at(place));
        }
    }
    findings
}

/// EN 319 162-1, 4.3.3.2: one data object at the root, and one kind of signature.
fn simple(container: &Container<'_>, findings: &mut Vec<Finding>) {
    let objects: Vec<usize> = container.data_objects().collect();
    if objects.len() != 1 {
        let message = format!("an ASiC-S container holds one data object, this one {}", objects.len());
        findings.push(Finding::new("asic.s.data-objects", Severity::Error, message));
    }
    let folders = container
        .members
        .iter()
        .filter(|member| member.name().contains('/') && !member.name().starts_with("META-INF/"));
    for member in folders {
        let message = format!("{:?} does not lie at the root of the ASiC-S container", member.name());
        findings.push(Finding::new("asic.s.folder", Severity::Error, message).at(member.entry.record));
    }
    let has = |wanted: fn(&Form) -> bool| container.signatures.iter().any(|file| wanted(&file.form));
    let kinds =
        [
            has(|form| *form == Form::Cades),
            has(|form| *form == Form::Xades),
            // A record or token over the signature is named by a manifest and belongs to it.
            container.signatures.iter().any(|file| {
                matches!(file.form, Form::TimestampToken) && !in_manifest(container, file.member)
            }),
            container.signatures.iter().any(|file| {
                matches!(file.form, Form::EvidenceRecord(_)) && !in_manifest(container, file.member)
            }),
        ];
    if kinds.into_iter().filter(|present| *present).count() > 1 {
        let message = "an ASiC-S container holds one kind of signature, this one several";
        findings.push(Finding::new("asic.s.mixed-signatures", Severity::Error, message));
    }
}

fn in_manifest(container: &Container<'_>, member: usize) -> bool {
    container
        .manifests
        .iter()
        .any(|manifest| container.resolve(&manifest.signature.uri) == crate::uri::Resolution::Member(member))
}

/// EN 319 162-1, 4.4.3: data objects, and CAdES only with manifests.
fn extended(container: &Container<'_>, findings: &mut Vec<Finding>) {
    if container.data_objects().next().is_none() {
        let message = "the ASiC-E container holds no data object";
        findings.push(Finding::new("asic.e.no-data-objects", Severity::Error, message));
    }
    let xades = container.signatures.iter().filter(|file| file.form == Form::Xades).count();
    let has_manifest =
        container.members.iter().any(|member| role(member.name()) == Role::OpenDocumentManifest);
    if xades > 0 && !has_manifest {
        let message = "META-INF/manifest.xml is missing";
        findings.push(Finding::new("asic.e.no-manifest", Severity::Info, message));
    }
}
