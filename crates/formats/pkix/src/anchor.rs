//! Trust anchors: a name and a key that someone decided to trust, with limits of their own (RFC 5914, RFC 5937).

use crate::oid::Oid;
use crate::{Certificate, Name, NameConstraints, PolicyInformation};
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
    /// Policies it is trusted for; any if absent. Together with the next four it is processed as if the anchor's
    /// certificate were the first of the path.
    pub policies: Option<Vec<PolicyInformation>>,
    /// Policy mappings, pairs of issuer domain policy and subject domain policy.
    pub policy_mappings: Vec<(Oid, Oid)>,
    /// After so many certificates an acceptable policy is required (initial-explicit-policy is 0).
    pub require_explicit_policy: Option<u32>,
    /// After so many certificates policies may no longer be mapped (initial-policy-mapping-inhibit is 0).
    pub inhibit_policy_mapping: Option<u32>,
    /// After so many certificates anyPolicy no longer counts (initial-any-policy-inhibit is 0).
    pub inhibit_any_policy: Option<u32>,
    /// Most intermediate certificates, not self-issued, below it.
    pub path_len: Option<u32>,
    /// Purposes (extended key usages) it is trusted for; any if absent.
    pub purposes: Option<Vec<Oid>>,
    /// Whether its certificate is itself checked like one of the path (validity, profile, unknown critical
    /// extensions, authority).
    pub own_certificate: OwnCertificate,
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
    /// The name and key of a certificate; nothing else in it limits the trust, but that one of version 3 which is not for
    /// an authority issues nothing (RFC 5280, 4.2.1.9): who trusts a person does not trust whoever that person certifies.
    pub fn from_certificate(certificate: Certificate) -> TrustAnchor {
        TrustAnchor {
            name: certificate.subject().clone(),
            spki: certificate.subject_public_key_info().into(),
            role: match certificate.version() < 3 || certificate.is_ca() {
                true => AnchorRole::IssuerOrEndEntity,
                false => AnchorRole::EndEntity,
            },
            certificate: Some(certificate),
            constraints: AnchorConstraints::default(),
        }
    }

    /// The name and key of a certificate within the limits that it states itself: validity, path length, name
    /// constraints, policies, purposes (RFC 5937, 3.2).
    pub fn from_certificate_with_its_constraints(certificate: Certificate) -> TrustAnchor {
        let extensions = certificate.extensions();
        let policy = extensions.policy_constraints;
        let constraints = AnchorConstraints {
            not_before: Some(certificate.not_before()),
            not_after: Some(certificate.not_after()),
            name_constraints: extensions.name_constraints.clone(),
            policies: extensions.certificate_policies.clone(),
            policy_mappings: extensions.policy_mappings.clone().unwrap_or_default(),
            require_explicit_policy: policy.and_then(|policy| policy.require_explicit_policy),
            inhibit_policy_mapping: policy.and_then(|policy| policy.inhibit_policy_mapping),
            inhibit_any_policy: extensions.inhibit_any_policy,
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
