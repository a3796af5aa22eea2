//! Judging one candidate path from the anchor down (RFC 5280, 6.1.2 to 6.1.5, with RFC 9618 for policies).

use crate::check::{Check, CheckOutcome, Fault, Place};
use crate::names;
use crate::oracle::LinkOracle;
use crate::outcome::ValidPolicies;
use crate::parameters::{PathParameters, Permission, PolicyDemand, Profile, PurposeScope};
use crate::policy::{AnyPolicy, Mapping, PolicyGraph};
use pkix::{
    AnchorConstraints, AnchorRole, Certificate, Extensions, KeyUsage, Name, NameConstraints, Oid,
    OwnCertificate, TrustAnchor, Weight, oid,
};
use types::Budget;

/// How the last certificate of a candidate hangs on the anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binding {
    /// The anchor issued it.
    Issued,
    /// It is the anchor; then it is the only one.
    IsAnchor,
}

/// The working state of RFC 5280, 6.1.2.
struct State<'a> {
    graph: PolicyGraph<'a>,
    constraints: Vec<&'a NameConstraints>,
    explicit_policy: u32,
    inhibit_any_policy: u32,
    policy_mapping: u32,
    max_path_length: u32,
    issuer_name: &'a Name,
    issuer_key: &'a [u8],
}

/// Checks a whole candidate, `certificates` from the target up. All checks are made, even after one has failed, so
/// that a report can show them all; only an exhausted budget ends it early.
pub(crate) fn validate<'a>(
    certificates: &[&'a Certificate],
    anchor: &'a TrustAnchor,
    binding: Binding,
    parameters: &PathParameters<'_>,
    signatures: &mut dyn LinkOracle,
    budget: &mut Budget,
) -> (Vec<CheckOutcome>, ValidPolicies) {
    let mut judge = Judge { checks: Vec::with_capacity(certificates.len() * 12 + 4), parameters };
    judge.anchor(anchor, binding);
    let mut state = State::new(certificates.len(), anchor, parameters);
    if let Err(fault) = state.limit_policies(&anchor.constraints, budget) {
        judge.record(Check::Policies, Place::Anchor, Err(fault));
    }
    for (index, certificate) in certificates.iter().enumerate().rev() {
        let step = Step { certificate, place: Place::Certificate(index), is_last: index == 0 };
        if binding == Binding::Issued {
            judge.link(&step, &state, signatures, budget);
        }
        judge.basics(&step);
        judge.names(&step, &state, budget);
        judge.policies(&step, &mut state, budget);
        if step.is_last {
            judge.target(&step);
        } else {
            judge.issuer(&step, &mut state, budget);
            state.issuer_name = certificate.subject();
            state.issuer_key = certificate.subject_public_key_info();
        }
        if judge.is_exhausted() {
            return (judge.checks, ValidPolicies::default());
        }
    }
    let policies = judge.conclude(&mut state, certificates.first().copied());
    (judge.checks, policies)
}

impl<'a> State<'a> {
    /// 6.1.2.
    fn new(length: usize, anchor: &'a TrustAnchor, parameters: &PathParameters<'_>) -> State<'a> {
        let length = u32::try_from(length).unwrap_or(u32::MAX - 1);
        let start = |permission| if permission == Permission::Inhibited { 0 } else { length + 1 };
        let required = parameters.explicit_policy == PolicyDemand::Required;
        let limits = &anchor.constraints;
        State {
            graph: PolicyGraph::new(),
            constraints: limits.name_constraints.iter().collect(),
            explicit_policy: if required { 0 } else { length + 1 },
            inhibit_any_policy: start(parameters.any_policy),
            policy_mapping: start(parameters.policy_mapping),
            max_path_length: limits.path_len.unwrap_or(length).min(parameters.max_intermediates),
            issuer_name: anchor.name(),
            issuer_key: anchor.subject_public_key_info(),
        }
    }

    /// Policies and their limits of the anchor, as if its certificate were the first of the path (RFC 5937).
    fn limit_policies(&mut self, limits: &'a AnchorConstraints, budget: &mut Budget) -> Result<(), Fault> {
        if let Some(policies) = &limits.policies {
            let counts = self.inhibit_any_policy > 0;
            let any = if counts { AnyPolicy::Counts } else { AnyPolicy::Inhibited };
            self.graph.add_certificate(policies, any, budget)?;
            if !limits.policy_mappings.is_empty() {
                map_policies(&limits.policy_mappings, self, budget)?;
            }
        }
        lower(&mut self.explicit_policy, limits.require_explicit_policy);
        lower(&mut self.policy_mapping, limits.inhibit_policy_mapping);
        lower(&mut self.inhibit_any_policy, limits.inhibit_any_policy);
        Ok(())
    }
}

/// One certificate in its place.
struct Step<'a> {
    certificate: &'a Certificate,
    place: Place,
    is_last: bool,
}

struct Judge<'p> {
    checks: Vec<CheckOutcome>,
    parameters: &'p PathParameters<'p>,
}

impl Judge<'_> {
    fn record(&mut self, check: Check, place: Place, result: Result<(), Fault>) {
        self.checks.push(CheckOutcome { check, place, fault: result.err().map(Box::new) });
    }

    fn is_exhausted(&self) -> bool {
        self.checks.iter().any(|outcome| matches!(outcome.fault.as_deref(), Some(Fault::Budget(_))))
    }

    /// The limits that whoever trusts the anchor has set.
    fn anchor(&mut self, anchor: &TrustAnchor, binding: Binding) {
        let limits = &anchor.constraints;
        let role = match (anchor.role, binding) {
            (AnchorRole::Issuer, Binding::IsAnchor) | (AnchorRole::EndEntity, Binding::Issued) => {
                Err(Fault::AnchorRole)
            }
            _ => Ok(()),
        };
        self.record(Check::TrustAnchor, Place::Anchor, role);
        let at = self.parameters.at;
        let begun = limits.not_before.filter(|not_before| at < *not_before);
        let ended = limits.not_after.filter(|not_after| at > *not_after);
        let validity = match (begun, ended) {
            (Some(not_before), _) => Err(Fault::NotYetValid { not_before, at }),
            (None, Some(not_after)) => Err(Fault::Expired { not_after, at }),
            (None, None) => Ok(()),
        };
        self.record(Check::Validity, Place::Anchor, validity);
        let purposes = limits.purposes.as_ref().filter(|_| !self.parameters.purposes.is_empty());
        if let Some(allowed) = purposes {
            let ok = self.allows_purpose(allowed);
            self.record(Check::Purpose, Place::Anchor, if ok { Ok(()) } else { Err(Fault::AnchorPurpose) });
        }
        if let (OwnCertificate::Checked, Binding::Issued, Some(certificate)) =
            (limits.own_certificate, binding, anchor.certificate())
        {
            let step = Step { certificate, place: Place::Anchor, is_last: false };
            self.profile(&step);
            self.critical_extensions(&step);
            self.authority(&step);
        }
    }

    /// 6.1.3 (a)(1), (a)(4): signature, algorithm, name of the issuer.
    fn link(
        &mut self,
        step: &Step<'_>,
        state: &State<'_>,
        signatures: &mut dyn LinkOracle,
        budget: &mut Budget,
    ) {
        let chained = step.certificate.issuer() == state.issuer_name;
        self.record(Check::NameChaining, step.place, if chained { Ok(()) } else { Err(Fault::NameMismatch) });
        let verified = signatures.verify(step.certificate, state.issuer_key, budget);
        let computable = verified.is_ok();
        self.record(Check::Signature, step.place, verified);
        if !computable {
            return;
        }
        let key = crypto::PublicKey::from_spki(state.issuer_key);
        let judged = match (step.certificate.signed().algorithm(), key) {
            (Ok(algorithm), Ok(key)) => self
                .parameters
                .algorithms
                .signature(algorithm, &key, step.certificate)
                .map_err(Fault::AlgorithmRefused),
            (Err(unknown), _) => Err(Fault::UnknownAlgorithm(unknown.clone())),
            (_, Err(unknown)) => Err(Fault::UnknownAlgorithm(unknown)),
        };
        self.record(Check::Algorithm, step.place, judged);
    }

    /// 6.1.3 (a)(2), profile, critical extensions.
    fn basics(&mut self, step: &Step<'_>) {
        let (at, certificate) = (self.parameters.at, step.certificate);
        let validity = if at < certificate.not_before() {
            Err(Fault::NotYetValid { not_before: certificate.not_before(), at })
        } else if at > certificate.not_after() {
            Err(Fault::Expired { not_after: certificate.not_after(), at })
        } else {
            Ok(())
        };
        self.record(Check::Validity, step.place, validity);
        self.profile(step);
        self.critical_extensions(step);
        if let Ok(key) = certificate.public_key()
            && let Err(reason) = self.parameters.algorithms.subject_key(key, certificate)
        {
            self.record(Check::Algorithm, step.place, Err(Fault::AlgorithmRefused(reason)));
        }
    }

    fn profile(&mut self, step: &Step<'_>) {
        let counts =
            |weight: Weight| weight == Weight::Fault || self.parameters.profile == Profile::Conformance;
        let irregularity = step.certificate.irregularities().iter().find(|one| counts(one.weight));
        let result = irregularity.map_or(Ok(()), |one| Err(Fault::Irregular(one.clone())));
        self.record(Check::Profile, step.place, result);
    }

    fn critical_extensions(&mut self, step: &Step<'_>) {
        let extensions = step.certificate.extensions();
        let unknown = extensions.unknown_critical().next().or_else(|| unknown_critical_qualifier(extensions));
        let result = unknown.map_or(Ok(()), |oid| Err(Fault::UnknownCriticalExtension(oid)));
        self.record(Check::CriticalExtensions, step.place, result);
    }

    /// 6.1.3 (b), (c): not for self-issued certificates, unless it is the last.
    fn names(&mut self, step: &Step<'_>, state: &State<'_>, budget: &mut Budget) {
        if state.constraints.is_empty() || (!step.is_last && step.certificate.is_self_issued()) {
            return;
        }
        let result = names::check(step.certificate, &state.constraints, budget);
        self.record(Check::NameConstraints, step.place, result);
    }

    /// 6.1.3 (d), (e), (f).
    fn policies<'a>(&mut self, step: &Step<'a>, state: &mut State<'a>, budget: &mut Budget) {
        match &step.certificate.extensions().certificate_policies {
            Some(policies) => {
                let self_issued = !step.is_last && step.certificate.is_self_issued();
                let counts = state.inhibit_any_policy > 0 || self_issued;
                let any = if counts { AnyPolicy::Counts } else { AnyPolicy::Inhibited };
                if let Err(fault) = state.graph.add_certificate(policies, any, budget) {
                    return self.record(Check::Policies, step.place, Err(fault));
                }
            }
            None => state.graph.clear(),
        }
        let ok = state.explicit_policy > 0 || !state.graph.is_null();
        self.record(Check::Policies, step.place, if ok { Ok(()) } else { Err(Fault::NoValidPolicy) });
    }

    /// 6.1.4: prepares for the next certificate; `step` is an issuer here.
    fn issuer<'a>(&mut self, step: &Step<'a>, state: &mut State<'a>, budget: &mut Budget) {
        let extensions = step.certificate.extensions();
        if let Some(mappings) = &extensions.policy_mappings {
            let result = map_policies(mappings, state, budget);
            if result.is_err() {
                self.record(Check::Policies, step.place, result);
            }
        }
        state.constraints.extend(&extensions.name_constraints);
        let self_issued = step.certificate.is_self_issued();
        if !self_issued {
            state.explicit_policy = state.explicit_policy.saturating_sub(1);
            state.policy_mapping = state.policy_mapping.saturating_sub(1);
            state.inhibit_any_policy = state.inhibit_any_policy.saturating_sub(1);
        }
        if let Some(constraints) = extensions.policy_constraints {
            lower(&mut state.explicit_policy, constraints.require_explicit_policy);
            lower(&mut state.policy_mapping, constraints.inhibit_policy_mapping);
        }
        lower(&mut state.inhibit_any_policy, extensions.inhibit_any_policy);
        self.authority(step);
        let mut length = Ok(());
        if !self_issued {
            match state.max_path_length.checked_sub(1) {
                Some(left) => state.max_path_length = left,
                None => length = Err(Fault::PathTooLong),
            }
        }
        self.record(Check::PathLength, step.place, length);
        lower(&mut state.max_path_length, extensions.basic_constraints.and_then(|basic| basic.path_len));
        self.issuer_purpose(step);
    }

    /// 6.1.4 (k), (n): a certification authority that may sign certificates.
    fn authority(&mut self, step: &Step<'_>) {
        let ca = step.certificate.is_ca();
        self.record(
            Check::BasicConstraints,
            step.place,
            if ca { Ok(()) } else { Err(Fault::NotAnAuthority) },
        );
        let needed = KeyUsage::KEY_CERT_SIGN;
        let usage = step.certificate.extensions().key_usage.filter(|usage| !usage.contains(needed));
        let result = usage.map_or(Ok(()), |found| Err(Fault::KeyUsage { needed, found }));
        self.record(Check::KeyUsage, step.place, result);
    }

    fn issuer_purpose(&mut self, step: &Step<'_>) {
        if self.parameters.purpose_scope == PurposeScope::WholePath {
            self.purpose(step);
        }
    }

    /// What is asked of the target beyond RFC 5280, 6: key usage and purpose.
    fn target(&mut self, step: &Step<'_>) {
        if let Some(needed) = self.parameters.key_usage {
            let usage = step.certificate.extensions().key_usage.filter(|usage| !usage.intersects(needed));
            let result = usage.map_or(Ok(()), |found| Err(Fault::KeyUsage { needed, found }));
            self.record(Check::KeyUsage, step.place, result);
        }
        self.purpose(step);
    }

    fn purpose(&mut self, step: &Step<'_>) {
        if self.parameters.purposes.is_empty() {
            return;
        }
        let ok = match &step.certificate.extensions().extended_key_usage {
            Some(stated) => self.allows_purpose(stated),
            None => !step.is_last || self.parameters.unstated_purpose == Permission::Allowed,
        };
        let fault = || Fault::Purpose(self.parameters.purposes.to_vec());
        let result = if ok { Ok(()) } else { Err(fault()) };
        self.record(Check::Purpose, step.place, result);
    }

    fn allows_purpose(&self, stated: &[Oid]) -> bool {
        let any = self.parameters.any_purpose == Permission::Allowed
            && stated.contains(&oid::ANY_EXTENDED_KEY_USAGE);
        any || self.parameters.purposes.iter().any(|wanted| stated.contains(wanted))
    }

    /// 6.1.5 (a), (b), (g): wrap-up.
    fn conclude(&mut self, state: &mut State<'_>, target: Option<&Certificate>) -> ValidPolicies {
        state.explicit_policy = state.explicit_policy.saturating_sub(1);
        let constraints = target.and_then(|target| target.extensions().policy_constraints);
        if constraints.and_then(|constraints| constraints.require_explicit_policy) == Some(0) {
            state.explicit_policy = 0;
        }
        let policies = state.graph.conclude(self.parameters.initial_policies);
        let ok = state.explicit_policy > 0 || !policies.user_constrained.is_empty();
        self.record(
            Check::Policies,
            Place::Certificate(0),
            if ok { Ok(()) } else { Err(Fault::NoValidPolicy) },
        );
        policies
    }
}

/// A policy qualifier that is not understood, if the policies are critical (RFC 5280, 4.2.1.4).
fn unknown_critical_qualifier(extensions: &Extensions) -> Option<Oid> {
    let policies = extensions.certificate_policies.iter().flatten();
    let mut qualifiers = policies.flat_map(|policy| &policy.qualifiers).map(|(id, _)| *id);
    let known = |id: &Oid| matches!(*id, oid::QUALIFIER_CPS | oid::QUALIFIER_USER_NOTICE);
    let critical = extensions.is_critical(oid::CERTIFICATE_POLICIES);
    if critical { qualifiers.find(|id| !known(id)) } else { None }
}

fn lower(value: &mut u32, limit: Option<u32>) {
    *value = limit.map_or(*value, |limit| limit.min(*value));
}

/// 6.1.4 (a), (b).
fn map_policies(mappings: &[(Oid, Oid)], state: &mut State<'_>, budget: &mut Budget) -> Result<(), Fault> {
    if mappings.iter().any(|(from, to)| *from == oid::ANY_POLICY || *to == oid::ANY_POLICY) {
        return Err(Fault::AnyPolicyMapped);
    }
    let mapping = if state.policy_mapping > 0 { Mapping::Allowed } else { Mapping::Inhibited };
    state.graph.map(mappings, mapping, budget)
}
