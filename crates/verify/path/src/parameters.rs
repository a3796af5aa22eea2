//! What a path is built and judged for: the inputs of RFC 5280, 6.1.1, as values.

use crypto::{PublicKey, SignatureAlgorithm};
use pkix::{Certificate, KeyUsage, Oid};
use types::Time;

/// Inputs of path validation (RFC 5280, 6.1.1) and limits of path building. Start from [`PathParameters::at`].
#[derive(Clone, Copy)]
pub struct PathParameters<'a> {
    /// The time of interest.
    pub at: Time,
    /// Extended key usages of which the target must allow one; empty if any will do.
    pub purposes: &'a [Oid],
    /// Whether anyExtendedKeyUsage stands for every purpose.
    pub any_purpose: Permission,
    /// Whether a target that states no purpose is good for every one.
    pub unstated_purpose: Permission,
    /// Whose extended key usage counts.
    pub purpose_scope: PurposeScope,
    /// Key usage bits of which the target must have one, if it has a key usage at all.
    pub key_usage: Option<KeyUsage>,
    /// user-initial-policy-set; empty means any-policy.
    pub initial_policies: &'a [Oid],
    /// initial-explicit-policy.
    pub explicit_policy: PolicyDemand,
    /// initial-policy-mapping-inhibit.
    pub policy_mapping: Permission,
    /// initial-any-policy-inhibit.
    pub any_policy: Permission,
    /// Most intermediate certificates, self-issued ones not counted.
    pub max_intermediates: u32,
    /// How breaches of the certificate profile weigh.
    pub profile: Profile,
    /// Judges algorithms and keys.
    pub algorithms: &'a dyn AlgorithmPolicy,
    /// How many paths to look for; the search ends with the first if 1.
    pub wanted_paths: usize,
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

/// Whose extended key usage counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PurposeScope {
    /// Only that of the target, as RFC 5280, 4.2.1.12 defines it.
    #[default]
    Target,
    /// Also that of intermediate authorities, where they state one, as browsers do.
    WholePath,
}

/// How breaches of the certificate profile (RFC 5280, 4) weigh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// Only such as make a certificate ambiguous or unreadable fail a path; the others are reported.
    #[default]
    Reliance,
    /// Every breach fails the path.
    Conformance,
}

/// Judges the algorithms and keys of a path. Strength is a matter of policy, not of RFC 5280.
pub trait AlgorithmPolicy: Sync {
    /// The signature on `certificate`, made by `issuer_key`; `Err` says why it is not good enough.
    fn signature(
        &self,
        algorithm: &SignatureAlgorithm,
        issuer_key: &PublicKey,
        certificate: &Certificate,
    ) -> Result<(), String>;

    /// The key that `certificate` certifies; `Err` says why it is not good enough. Accepted unless overridden, as the
    /// target's key is also judged with the signature that it made.
    fn subject_key(&self, key: &PublicKey, certificate: &Certificate) -> Result<(), String> {
        let _ = (key, certificate);
        Ok(())
    }
}

/// Accepts every algorithm that can be computed.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnyAlgorithm;

impl AlgorithmPolicy for AnyAlgorithm {
    fn signature(&self, _: &SignatureAlgorithm, _: &PublicKey, _: &Certificate) -> Result<(), String> {
        Ok(())
    }
}

impl PathParameters<'static> {
    /// No purpose and no policy asked for, any algorithm, at most 16 intermediate certificates, one path wanted.
    pub fn at(at: Time) -> PathParameters<'static> {
        PathParameters {
            at,
            purposes: &[],
            any_purpose: Permission::Allowed,
            unstated_purpose: Permission::Allowed,
            purpose_scope: PurposeScope::Target,
            key_usage: None,
            initial_policies: &[],
            explicit_policy: PolicyDemand::AsCertificatesSay,
            policy_mapping: Permission::Allowed,
            any_policy: Permission::Allowed,
            max_intermediates: 16,
            profile: Profile::Reliance,
            algorithms: &AnyAlgorithm,
            wanted_paths: 1,
        }
    }
}
