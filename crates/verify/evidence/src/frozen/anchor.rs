//! Trust anchors as they stand in an evidence file.

use super::error::{FrozenError, Within, each};
use super::names::{FrozenGeneralName, freeze_name, thaw_name};
use super::scalar::{Octets, Seconds, oid, oid_words, oids, words};
use super::table::{Numbers, Tables};
use pkix::{
    AnchorConstraints, AnchorRole, GeneralSubtree, NameConstraints, Oid, OwnCertificate, PolicyInformation,
    TrustAnchor,
};
use serde::{Deserialize, Serialize};

words!(RoleWord is AnchorRole {
    IssuerOrEndEntity = "issuer-or-end-entity", Issuer = "issuer", EndEntity = "end-entity",
});
words!(OwnWord is OwnCertificate { Container = "container", Checked = "checked" });

/// [`TrustAnchor`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FrozenAnchor {
    constraints: FrozenConstraints,
    identity: Identity,
    role: RoleWord,
}

/// What name and key are those of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Identity {
    Certificate(usize),
    NameAndKey(Octets, usize),
}

/// [`AnchorConstraints`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenConstraints {
    inhibit_any_policy: Option<u32>,
    inhibit_policy_mapping: Option<u32>,
    name_constraints: Option<FrozenNameConstraints>,
    not_after: Option<Seconds>,
    not_before: Option<Seconds>,
    own_certificate: OwnWord,
    path_len: Option<u32>,
    policies: Option<Vec<FrozenPolicy>>,
    policy_mappings: Vec<(String, String)>,
    purposes: Option<Vec<String>>,
    require_explicit_policy: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenNameConstraints {
    excluded: Vec<FrozenSubtree>,
    permitted: Vec<FrozenSubtree>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenSubtree {
    base: FrozenGeneralName,
    maximum: Option<u32>,
    minimum: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenPolicy {
    policy: String,
    qualifiers: Vec<(String, Octets)>,
}

impl FrozenAnchor {
    pub(super) fn freeze(anchor: &TrustAnchor, numbers: &mut Numbers) -> FrozenAnchor {
        FrozenAnchor {
            constraints: FrozenConstraints::from(&anchor.constraints),
            identity: match anchor.certificate() {
                Some(certificate) => Identity::Certificate(numbers.certificate(certificate)),
                None => {
                    let key = numbers.key(anchor.subject_public_key_info());
                    Identity::NameAndKey(freeze_name(anchor.name()), key)
                }
            },
            role: anchor.role.into(),
        }
    }

    pub(super) fn thaw(&self, tables: &Tables) -> Result<TrustAnchor, FrozenError> {
        let anchor = match &self.identity {
            Identity::Certificate(id) => tables.certificate(*id).map(TrustAnchor::from_certificate),
            Identity::NameAndKey(name, key) => {
                thaw_name(name).and_then(|name| Ok(TrustAnchor::from_name_and_key(name, &tables.key(*key)?)))
            }
        };
        let constraints = self.constraints.thaw().within("constraints")?;
        Ok(anchor.within("identity")?.with_role(self.role.into()).with_constraints(constraints))
    }
}

impl From<&AnchorConstraints> for FrozenConstraints {
    fn from(constraints: &AnchorConstraints) -> FrozenConstraints {
        let policies = constraints.policies.as_ref();
        let mappings = constraints.policy_mappings.iter();
        FrozenConstraints {
            inhibit_any_policy: constraints.inhibit_any_policy,
            inhibit_policy_mapping: constraints.inhibit_policy_mapping,
            name_constraints: constraints.name_constraints.as_ref().map(|names| FrozenNameConstraints {
                excluded: names.excluded.iter().map(FrozenSubtree::from).collect(),
                permitted: names.permitted.iter().map(FrozenSubtree::from).collect(),
            }),
            not_after: constraints.not_after.map(Seconds::from),
            not_before: constraints.not_before.map(Seconds::from),
            own_certificate: constraints.own_certificate.into(),
            path_len: constraints.path_len,
            policies: policies.map(|policies| policies.iter().map(FrozenPolicy::from).collect()),
            policy_mappings: mappings.map(|(from, to)| (oid_words(*from), oid_words(*to))).collect(),
            purposes: constraints.purposes.as_deref().map(oids),
            require_explicit_policy: constraints.require_explicit_policy,
        }
    }
}

impl FrozenConstraints {
    fn thaw(&self) -> Result<AnchorConstraints, FrozenError> {
        let names = self.name_constraints.as_ref().map(|names| {
            let subtrees = |list: &[FrozenSubtree]| each(list, FrozenSubtree::thaw);
            Ok(NameConstraints {
                permitted: subtrees(&names.permitted).within("permitted")?,
                excluded: subtrees(&names.excluded).within("excluded")?,
            })
        });
        let policies = self.policies.as_ref().map(|policies| each(policies, FrozenPolicy::thaw));
        let purposes = self.purposes.as_ref().map(|purposes| each(purposes, |purpose| oid(purpose)));
        let pair =
            |(from, to): &(String, String)| -> Result<(Oid, Oid), FrozenError> { Ok((oid(from)?, oid(to)?)) };
        Ok(AnchorConstraints {
            not_before: self.not_before.map(Into::into),
            not_after: self.not_after.map(Into::into),
            name_constraints: names.transpose().within("nameConstraints")?,
            policies: policies.transpose().within("policies")?,
            policy_mappings: each(&self.policy_mappings, pair).within("policyMappings")?,
            require_explicit_policy: self.require_explicit_policy,
            inhibit_policy_mapping: self.inhibit_policy_mapping,
            inhibit_any_policy: self.inhibit_any_policy,
            path_len: self.path_len,
            purposes: purposes.transpose().within("purposes")?,
            own_certificate: self.own_certificate.into(),
        })
    }
}

impl From<&GeneralSubtree> for FrozenSubtree {
    fn from(subtree: &GeneralSubtree) -> FrozenSubtree {
        FrozenSubtree {
            base: FrozenGeneralName::from(&subtree.base),
            maximum: subtree.maximum,
            minimum: subtree.minimum,
        }
    }
}

impl FrozenSubtree {
    fn thaw(&self) -> Result<GeneralSubtree, FrozenError> {
        let base = self.base.thaw().within("base")?;
        Ok(GeneralSubtree { base, minimum: self.minimum, maximum: self.maximum })
    }
}

impl From<&PolicyInformation> for FrozenPolicy {
    fn from(policy: &PolicyInformation) -> FrozenPolicy {
        let qualifiers = policy.qualifiers.iter();
        FrozenPolicy {
            policy: oid_words(policy.policy),
            qualifiers: qualifiers.map(|(id, value)| (oid_words(*id), (&**value).into())).collect(),
        }
    }
}

impl FrozenPolicy {
    fn thaw(&self) -> Result<PolicyInformation, FrozenError> {
        let qualifier = |(id, value): &(String, Octets)| -> Result<(Oid, Box<[u8]>), FrozenError> {
            Ok((oid(id)?, value.0.as_slice().into()))
        };
        Ok(PolicyInformation {
            policy: oid(&self.policy).within("policy")?,
            qualifiers: each(&self.qualifiers, qualifier).within("qualifiers")?,
        })
    }
}
