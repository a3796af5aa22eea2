//! Which members hold signatures, tokens and records, told by their names (EN 319 162-1, 4.3.3 and 4.4.3).

use crate::manifest::ManifestKind;

/// A member that holds a signature, a time-stamp token or an evidence record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureFile {
    /// Name of the member.
    pub name: String,
    /// Its index in [`crate::Container::members`].
    pub member: usize,
    /// What it holds.
    pub form: Form,
}

/// What a signature file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One CMS with detached content (EN 319 122-1).
    Cades,
    /// One or more XML signatures (EN 319 132-1).
    Xades,
    /// One time-stamp token (RFC 3161).
    TimestampToken,
    /// One evidence record.
    EvidenceRecord(EvidenceRecordSyntax),
}

/// How an evidence record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvidenceRecordSyntax {
    /// RFC 4998.
    Asn1,
    /// RFC 6283.
    Xml,
}

/// The folder of everything that is not signed data.
const META_INF: &str = "META-INF/";

/// Whether the member belongs to the container and not to the user.
pub(crate) fn is_meta(name: &str) -> bool {
    name.starts_with(META_INF)
}

/// The part after `META-INF/`.
pub(crate) fn meta_name(name: &str) -> Option<&str> {
    name.strip_prefix(META_INF).filter(|rest| !rest.is_empty() && !rest.ends_with('/'))
}

/// What a name promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Mimetype,
    Signature(Form),
    Manifest(ManifestKind),
    OpenDocumentManifest,
    /// Something else in `META-INF`.
    OtherMeta,
    Data,
}

/// Names are compared as the standard writes them; other case is another name (and a finding elsewhere).
pub(crate) fn role(name: &str) -> Role {
    if name == "mimetype" {
        return Role::Mimetype;
    }
    if !is_meta(name) {
        return Role::Data;
    }
    let Some(rest) = meta_name(name) else { return Role::OtherMeta };
    let (stem, extension) = rest.rsplit_once('.').unwrap_or((rest, ""));
    let file = stem.rsplit('/').next().unwrap_or(stem);
    let form = match extension {
        "xml" if rest == "manifest.xml" => return Role::OpenDocumentManifest,
        "xml" if file.contains("ASiCArchiveManifest") => return Role::Manifest(ManifestKind::Archive),
        "xml" if file.contains("ASiCEvidenceRecordManifest") => {
            return Role::Manifest(ManifestKind::EvidenceRecord);
        }
        "xml" if file.contains("ASiCManifest") => return Role::Manifest(ManifestKind::Signature),
        "xml" if file.contains("signature") => Form::Xades,
        "xml" if file.contains("evidencerecord") => Form::EvidenceRecord(EvidenceRecordSyntax::Xml),
        "ers" if file.contains("evidencerecord") => Form::EvidenceRecord(EvidenceRecordSyntax::Asn1),
        "p7s" if file.contains("signature") => Form::Cades,
        "tst" if file.contains("timestamp") => Form::TimestampToken,
        _ => return Role::OtherMeta,
    };
    Role::Signature(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_form() {
        let form = |name| match role(name) {
            Role::Signature(form) => Some(form),
            _ => None,
        };
        assert_eq!(form("META-INF/signature001.p7s"), Some(Form::Cades));
        assert_eq!(form("META-INF/signatures0.xml"), Some(Form::Xades));
        assert_eq!(form("META-INF/documentsignatures.xml"), Some(Form::Xades));
        assert_eq!(form("META-INF/timestamp.tst"), Some(Form::TimestampToken));
        assert_eq!(role("META-INF/ASiCManifestsignature.xml"), Role::Manifest(ManifestKind::Signature));
        assert_eq!(role("META-INF/ASiCArchiveManifest.xml"), Role::Manifest(ManifestKind::Archive));
        assert_eq!(role("META-INF/manifest.xml"), Role::OpenDocumentManifest);
        assert_eq!(role("meta-inf/signatures.xml"), Role::Data);
        assert_eq!(role("a/META-INF/signatures.xml"), Role::Data);
        assert_eq!(role("META-INF/"), Role::OtherMeta);
    }
}
