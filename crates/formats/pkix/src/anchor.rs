//! Trust anchors: a name and a key that someone decided to trust, with limits of their own (RFC 5914, RFC 5937).

use crate::oid::Oid;
use crate::{Certificate, Name, NameConstraints};
use std::sync::Arc;
use types::Time;

/// A trust anchor (RFC 5280, 6.1.1 (d)).
#[derive(Clone, Debug)]
pub struct TrustAnchor {
    name: Name,
    spki: Arc<[u8]>,
    certificate: Option<Certificate>,
    /// What it is trusted for.
    pub role: AnchorRole,
    /// Limits that whoever trusts it has set.
    pub constraints: AnchorConstraints,
}

/// What a trust anchor is trusted for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnchorRole {
    /// To issue certificates, and as an end entity if it is itself the certificate in question.
    #[default]
    IssuerOrEndEntity,
    /// To issue certificates only.
    Issuer,
    /// Directly, as the end entity that it is; it issues nothing.
    EndEntity,
}

/// Limits of a trust anchor; by default there are none (the certificate of an anchor carries only name and key).
#[derive(Clone, Debug, Default)]
pub struct AnchorConstraints {
    /// Not trusted before.
    pub not_before: Option<Time>,
    /// Not trusted after.
    pub not_after: Option<Time>,
    /// Names it may certify (initial-permitted-subtrees and initial-excluded-subtrees, 6.1.1 (h) and (i)).
    pub name_constraints: Option<NameConstraints>,
    /// Policies it is trusted for; any if absent.
    pub policies: Option<Vec<Oid>>,
    /// Whether an acceptable policy is required (initial-explicit-policy, 6.1.1 (f)).
    pub explicit_policy: PolicyDemand,
    /// Whether policies may be mapped (initial-policy-mapping-inhibit, 6.1.1 (e)).
    pub policy_mapping: Permission,
    /// Whether anyPolicy counts (initial-any-policy-inhibit, 6.1.1 (g)).
    pub any_policy: Permission,
    /// Most intermediate certificates, not self-issued, below it.
    pub path_len: Option<u32>,
    /// Purposes (extended key usages) it is trusted for; any if absent.
    pub purposes: Option<Vec<Oid>>,
    /// Whether its certificate is itself checked like one of the path (validity, profile, unknown critical
    /// extensions, authority).
    pub own_certificate: OwnCertificate,
}

/// Whether a path needs an acceptable policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PolicyDemand {
    /// Only if a certificate asks for it.
    #[default]
    AsCertificatesSay,
    /// Always.
    Required,
}

/// Whether something is allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Permission {
    /// Allowed unless a certificate forbids it.
    #[default]
    Allowed,
    /// Forbidden from the start.
    Inhibited,
}

/// Whether the certificate of an anchor is itself checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OwnCertificate {
    /// It is only a container of name and key, as in RFC 5280, 6.
    #[default]
    Container,
    /// It must be acceptable as an issuing certificate at the time in question.
    Checked,
}

impl TrustAnchor {
    /// The name and key of a certificate; nothing else in it limits the trust.
    pub fn from_certificate(certificate: Certificate) -> TrustAnchor {
        TrustAnchor {
            name: certificate.subject().clone(),
            spki: certificate.subject_public_key_info().into(),
            certificate: Some(certificate),
            role: AnchorRole::default(),
            constraints: AnchorConstraints::default(),
        }
    }

    /// The name and key of a certificate within the limits that it states itself: validity, path length, name
    /// constraints, policies, purposes (RFC 5937, 3.2).
    pub fn from_certificate_with_its_constraints(certificate: Certificate) -> TrustAnchor {
        let extensions = certificate.extensions();
        let policy = extensions.policy_constraints;
        let at_once = |skip: Option<u32>| skip == Some(0);
        let constraints = AnchorConstraints {
            not_before: Some(certificate.not_before()),
            not_after: Some(certificate.not_after()),
            name_constraints: extensions.name_constraints.clone(),
            policies: extensions
                .certificate_policies
                .as_ref()
                .map(|policies| policies.iter().map(|information| information.policy).collect()),
            explicit_policy: match policy.and_then(|policy| policy.require_explicit_policy) {
                Some(_) => PolicyDemand::Required,
                None => PolicyDemand::AsCertificatesSay,
            },
            policy_mapping: inhibited_if(at_once(policy.and_then(|policy| policy.inhibit_policy_mapping))),
            any_policy: inhibited_if(at_once(extensions.inhibit_any_policy)),
            path_len: extensions.basic_constraints.and_then(|constraints| constraints.path_len),
            purposes: extensions.extended_key_usage.clone(),
            own_certificate: OwnCertificate::Checked,
        };
        TrustAnchor { constraints, ..TrustAnchor::from_certificate(certificate) }
    }

    /// A bare name and key (DER `SubjectPublicKeyInfo`).
    pub fn from_name_and_key(name: Name, spki: &[u8]) -> TrustAnchor {
        TrustAnchor {
            name,
            spki: spki.into(),
            certificate: None,
            role: AnchorRole::default(),
            constraints: AnchorConstraints::default(),
        }
    }

    /// The same anchor in another role.
    pub fn with_role(self, role: AnchorRole) -> TrustAnchor {
        TrustAnchor { role, ..self }
    }

    /// The same anchor with other limits.
    pub fn with_constraints(self, constraints: AnchorConstraints) -> TrustAnchor {
        TrustAnchor { constraints, ..self }
    }

    /// Its name.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Its key as DER `SubjectPublicKeyInfo`.
    pub fn subject_public_key_info(&self) -> &[u8] {
        &self.spki
    }

    /// The certificate it came from.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// Whether `certificate` is this anchor: the same bytes, or the same name and key.
    pub fn is(&self, certificate: &Certificate) -> bool {
        self.certificate.as_ref() == Some(certificate)
            || (self.name == *certificate.subject() && *self.spki == *certificate.subject_public_key_info())
    }
}

fn inhibited_if(condition: bool) -> Permission {
    if condition { Permission::Inhibited } else { Permission::Allowed }
}
