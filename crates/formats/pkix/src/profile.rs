//! Rules of RFC 5280, 4 that a readable certificate may still break.

use crate::general_name::GeneralName;
use crate::irregularity::Irregularity;
use crate::oid::{self, Oid};
use crate::{Certificate, KeyUsage};

/// Everything that `certificate` does against the profile beyond what reading it has shown.
pub(crate) fn deviations(certificate: &Certificate) -> Vec<Irregularity> {
    let mut found = Vec::new();
    serial(certificate, &mut found);
    names(certificate, &mut found);
    key_identifiers(certificate, &mut found);
    authority(certificate, &mut found);
    policies(certificate, &mut found);
    criticality(certificate, &mut found);
    found
}

/// RFC 5280, 4.1.2.2: positive, at most 20 octets, shortest form.
fn serial(certificate: &Certificate, found: &mut Vec<Irregularity>) {
    let clause = "RFC 5280, 4.1.2.2";
    let octets = certificate.serial();
    let (code, message) = match octets {
        [first, ..] if *first >= 0x80 => ("x509.serial.negative", "the serial number is negative"),
        _ if octets.iter().all(|octet| *octet == 0) => ("x509.serial.zero", "the serial number is zero"),
        [0, second, ..] if *second < 0x80 => {
            ("x509.serial.padded", "the serial number is not in its shortest form")
        }
        _ if octets.len() > 20 => ("x509.serial.too-long", "the serial number has more than 20 octets"),
        _ => return,
    };
    found.push(Irregularity::deviation(code, clause, message));
}

/// RFC 5280, 4.1.2.4, 4.1.2.6, 4.2.1.6: who must have a name, and how it is written.
fn names(certificate: &Certificate, found: &mut Vec<Irregularity>) {
    let extensions = certificate.extensions();
    if certificate.issuer().is_empty() {
        found.push(Irregularity::deviation(
            "x509.issuer.empty",
            "RFC 5280, 4.1.2.4",
            "the issuer has no name",
        ));
    }
    if certificate.subject().is_empty() {
        if certificate.is_ca() {
            found.push(Irregularity::deviation(
                "x509.subject.empty",
                "RFC 5280, 4.1.2.6",
                "a certification authority without a name",
            ));
        }
        if !extensions.is_critical(oid::SUBJECT_ALT_NAME) {
            found.push(Irregularity::deviation(
                "x509.subject-alt-name.not-critical",
                "RFC 5280, 4.1.2.6",
                "the subject has no name and its alternative name is not critical",
            ));
        }
    }
    for name in extensions.subject_alt_name.iter().flatten() {
        if matches!(name, GeneralName::Dns(dns) if !is_dns_name(dns)) {
            found.push(Irregularity::deviation(
                "x509.subject-alt-name.dns-syntax",
                "RFC 5280, 4.2.1.6",
                "a DNS name is not in preferred name syntax",
            ));
        }
    }
}

/// Preferred name syntax (RFC 1034, 3.5, RFC 1123, 2.1) after an optional `*.`; not an address in disguise.
fn is_dns_name(text: &str) -> bool {
    let name = text.strip_prefix("*.").unwrap_or(text);
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let last_is_a_number =
        name.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    name.len() <= 253 && name.split('.').all(label_ok) && !last_is_a_number
}

/// RFC 5280, 4.2.1.1 and 4.2.1.2: key identifiers that must be there.
fn key_identifiers(certificate: &Certificate, found: &mut Vec<Irregularity>) {
    let extensions = certificate.extensions();
    if certificate.version() < 3 {
        return;
    }
    let has_key =
        extensions.authority_key_identifier.as_ref().is_some_and(|aki| aki.key_identifier.is_some());
    // Whether a self-issued certificate is signed with its own key is not known here; then it may be left out.
    if !has_key && !certificate.is_self_issued() {
        found.push(Irregularity::deviation(
            "x509.authority-key-identifier.missing",
            "RFC 5280, 4.2.1.1",
            "a certificate without authority key identifier",
        ));
    }
    if certificate.is_ca() && extensions.get(oid::SUBJECT_KEY_IDENTIFIER).is_none() {
        found.push(Irregularity::deviation(
            "x509.subject-key-identifier.missing",
            "RFC 5280, 4.2.1.2",
            "a certification authority without subject key identifier",
        ));
    }
}

/// RFC 5280, 4.2.1.3, 4.2.1.9, 4.2.1.10: what belongs to authorities only.
fn authority(certificate: &Certificate, found: &mut Vec<Irregularity>) {
    let extensions = certificate.extensions();
    let ca = certificate.is_ca();
    let signs_certificates = extensions.key_usage.map(|usage| usage.contains(KeyUsage::KEY_CERT_SIGN));
    if signs_certificates == Some(true) && !ca {
        found.push(Irregularity::deviation(
            "x509.key-usage.cert-sign-without-ca",
            "RFC 5280, 4.2.1.3",
            "keyCertSign in a certificate that is not a certification authority's",
        ));
    }
    if extensions.key_usage.is_some_and(KeyUsage::is_empty) {
        found.push(Irregularity::deviation(
            "x509.key-usage.empty",
            "RFC 5280, 4.2.1.3",
            "a key usage without a bit",
        ));
    }
    if let Some(constraints) = extensions.basic_constraints {
        if constraints.path_len.is_some() && !(ca && signs_certificates != Some(false)) {
            found.push(Irregularity::deviation(
                "x509.basic-constraints.path-length",
                "RFC 5280, 4.2.1.9",
                "a path length in a certificate that cannot sign certificates",
            ));
        }
        if ca && !extensions.is_critical(oid::BASIC_CONSTRAINTS) {
            found.push(Irregularity::deviation(
                "x509.basic-constraints.not-critical",
                "RFC 5280, 4.2.1.9",
                "basic constraints of a certification authority are not critical",
            ));
        }
    }
    if extensions.get(oid::NAME_CONSTRAINTS).is_some() && !ca {
        found.push(Irregularity::deviation(
            "x509.name-constraints.without-ca",
            "RFC 5280, 4.2.1.10",
            "name constraints in a certificate that is not a certification authority's",
        ));
    }
    let empty =
        extensions.name_constraints.as_ref().is_some_and(|c| c.permitted.is_empty() && c.excluded.is_empty());
    if empty {
        found.push(Irregularity::deviation(
            "x509.name-constraints.empty",
            "RFC 5280, 4.2.1.10",
            "name constraints that constrain nothing",
        ));
    }
}

/// RFC 5280, 4.2.1.4: a policy at most once.
fn policies(certificate: &Certificate, found: &mut Vec<Irregularity>) {
    let listed = certificate.extensions().certificate_policies.iter().flatten();
    let mut policies: Vec<Oid> = listed.map(|information| information.policy).collect();
    policies.sort_unstable();
    if policies.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
        found.push(Irregularity::fault(
            "x509.certificate-policies.duplicate",
            "RFC 5280, 4.2.1.4",
            "a certificate policy is listed more than once",
        ));
    }
}

/// Extensions that must be critical, and such that must not be.
fn criticality(certificate: &Certificate, found: &mut Vec<Irregularity>) {
    const MUST: [(Oid, &str, &str, &str); 3] = [
        (
            oid::NAME_CONSTRAINTS,
            "x509.name-constraints.not-critical",
            "RFC 5280, 4.2.1.10",
            "name constraints are not critical",
        ),
        (
            oid::POLICY_CONSTRAINTS,
            "x509.policy-constraints.not-critical",
            "RFC 5280, 4.2.1.11",
            "policy constraints are not critical",
        ),
        (
            oid::INHIBIT_ANY_POLICY,
            "x509.inhibit-any-policy.not-critical",
            "RFC 5280, 4.2.1.14",
            "inhibitAnyPolicy is not critical",
        ),
    ];
    const MUST_NOT: [(Oid, &str, &str, &str); 5] = [
        (
            oid::AUTHORITY_KEY_IDENTIFIER,
            "x509.authority-key-identifier.critical",
            "RFC 5280, 4.2.1.1",
            "the authority key identifier is critical",
        ),
        (
            oid::SUBJECT_KEY_IDENTIFIER,
            "x509.subject-key-identifier.critical",
            "RFC 5280, 4.2.1.2",
            "the subject key identifier is critical",
        ),
        (
            oid::AUTHORITY_INFO_ACCESS,
            "x509.authority-info-access.critical",
            "RFC 5280, 4.2.2.1",
            "the authority information access is critical",
        ),
        (oid::FRESHEST_CRL, "x509.freshest-crl.critical", "RFC 5280, 4.2.1.15", "freshestCRL is critical"),
        (oid::NO_REV_AVAIL, "x509.no-rev-avail.critical", "RFC 9608, 2", "noRevAvail is critical"),
    ];
    let extensions = certificate.extensions();
    for (oid, code, clause, message) in MUST {
        if extensions.get(oid).is_some_and(|extension| !extension.critical) {
            found.push(Irregularity::deviation(code, clause, message));
        }
    }
    for (oid, code, clause, message) in MUST_NOT {
        if extensions.is_critical(oid) {
            found.push(Irregularity::deviation(code, clause, message));
        }
    }
}
