//! The valid policy graph of RFC 9618, which replaces the policy tree of RFC 5280, 6.1 and does not grow
//! exponentially: at most one node per depth and policy, with any number of parents.

use crate::check::Fault;
use crate::outcome::ValidPolicies;
use pkix::{Oid, PolicyInformation, oid};
use std::collections::{BTreeMap, BTreeSet};
use types::{Budget, Resource};

/// Qualifiers as they stand in a certificate.
type Qualifiers<'a> = &'a [(Oid, Box<[u8]>)];

/// A node; its depth and `valid_policy` are its place in the graph.
#[derive(Clone, Debug)]
struct Node<'a> {
    qualifiers: Qualifiers<'a>,
    expected: BTreeSet<Oid>,
    /// `valid_policy` of its parents, one depth above.
    parents: BTreeSet<Oid>,
}

/// The graph: nodes by `valid_policy`, one map per depth. No depth at all means that the graph is NULL.
#[derive(Clone, Debug)]
pub(crate) struct PolicyGraph<'a> {
    depths: Vec<BTreeMap<Oid, Node<'a>>>,
}

/// Whether anyPolicy counts at a certificate (RFC 5280, 6.1.3 (d)(2)).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnyPolicy {
    Counts,
    Inhibited,
}

/// Whether policies may be mapped at a certificate (RFC 5280, 6.1.4 (b)).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mapping {
    Allowed,
    Inhibited,
}

impl<'a> PolicyGraph<'a> {
    /// The root: anyPolicy, expected anyPolicy (6.1.2 (a)).
    pub fn new() -> PolicyGraph<'a> {
        let root =
            Node { qualifiers: &[], expected: BTreeSet::from([oid::ANY_POLICY]), parents: BTreeSet::new() };
        PolicyGraph { depths: vec![BTreeMap::from([(oid::ANY_POLICY, root)])] }
    }

    /// Whether the graph is NULL.
    pub fn is_null(&self) -> bool {
        self.depths.is_empty()
    }

    /// Sets the graph to NULL (6.1.3 (e)).
    pub fn clear(&mut self) {
        self.depths.clear();
    }

    /// 6.1.3 (d): adds a depth for the policies of the next certificate and prunes.
    pub fn add_certificate(
        &mut self,
        policies: &'a [PolicyInformation],
        any_policy: AnyPolicy,
        budget: &mut Budget,
    ) -> Result<(), Fault> {
        let Some(above) = self.depths.last() else { return Ok(()) };
        let mut parents_by_expected: BTreeMap<Oid, BTreeSet<Oid>> = BTreeMap::new();
        for (policy, node) in above {
            spend(budget, node.expected.len())?;
            for expected in &node.expected {
                parents_by_expected.entry(*expected).or_default().insert(*policy);
            }
        }
        let mut depth: BTreeMap<Oid, Node<'a>> = BTreeMap::new();
        for information in policies.iter().filter(|information| information.policy != oid::ANY_POLICY) {
            let policy = information.policy;
            let parents = match parents_by_expected.get(&policy) {
                Some(parents) => parents.clone(),
                None if above.contains_key(&oid::ANY_POLICY) => BTreeSet::from([oid::ANY_POLICY]),
                None => continue,
            };
            spend(budget, parents.len())?;
            depth.insert(policy, node(&information.qualifiers, policy, parents));
        }
        let any = policies.iter().find(|information| information.policy == oid::ANY_POLICY);
        if let (Some(any), AnyPolicy::Counts) = (any, any_policy) {
            for (policy, parents) in parents_by_expected {
                spend(budget, parents.len())?;
                depth.entry(policy).or_insert_with(|| node(&any.qualifiers, policy, parents));
            }
        }
        self.depths.push(depth);
        self.prune();
        Ok(())
    }

    /// Deletes nodes without children above the last depth; an empty last depth makes the graph NULL.
    fn prune(&mut self) {
        let mut used: Option<BTreeSet<Oid>> = None;
        for depth in self.depths.iter_mut().rev() {
            if let Some(used) = used {
                depth.retain(|policy, _| used.contains(policy));
            }
            if depth.is_empty() {
                self.depths.clear();
                return;
            }
            used = Some(depth.values().flat_map(|node| node.parents.iter().copied()).collect());
        }
    }

    /// 6.1.4 (b): applies policy mappings to the last depth.
    pub fn map(
        &mut self,
        mappings: &[(Oid, Oid)],
        mapping: Mapping,
        budget: &mut Budget,
    ) -> Result<(), Fault> {
        let Some(depth) = self.depths.last_mut() else { return Ok(()) };
        spend(budget, mappings.len())?;
        if mapping == Mapping::Inhibited {
            for (issuer_policy, _) in mappings {
                depth.remove(issuer_policy);
            }
            self.prune();
            return Ok(());
        }
        let mut expected: BTreeMap<Oid, BTreeSet<Oid>> = BTreeMap::new();
        for (issuer_policy, subject_policy) in mappings {
            expected.entry(*issuer_policy).or_default().insert(*subject_policy);
        }
        let any = depth.get(&oid::ANY_POLICY).cloned();
        for (policy, expected) in expected {
            if let Some(node) = depth.get_mut(&policy) {
                node.expected = expected;
            } else if let Some(any) = &any {
                spend(budget, 1)?;
                depth.insert(policy, Node { expected, ..any.clone() });
            }
        }
        Ok(())
    }

    /// 6.1.5 (g): the policies that the path is valid for; `initial` is the user-initial-policy-set, empty for
    /// any-policy.
    pub fn conclude(&self, initial: &[Oid]) -> ValidPolicies {
        let last = self.depths.len().saturating_sub(1);
        let mut authority: BTreeSet<Oid> = BTreeSet::new();
        for (index, depth) in self.depths.iter().enumerate().skip(1) {
            let at_end = |policy: &Oid| index == last && *policy == oid::ANY_POLICY;
            let valid = depth.iter().filter(|(policy, node)| is_below_any(policy, node) || at_end(policy));
            authority.extend(valid.map(|(policy, _)| *policy));
        }
        let any_initial = initial.is_empty() || initial.contains(&oid::ANY_POLICY);
        let user: BTreeSet<Oid> = if any_initial {
            authority.clone()
        } else if authority.contains(&oid::ANY_POLICY) {
            initial.iter().copied().collect()
        } else {
            initial.iter().filter(|policy| authority.contains(policy)).copied().collect()
        };
        ValidPolicies {
            qualifiers: self.qualifiers(&user),
            user_constrained: user.into_iter().collect(),
            authority_constrained: authority.into_iter().collect(),
        }
    }

    /// Qualifiers of the nodes that are policies of the user or descend from them, from the target up. Nodes that got
    /// theirs from the same anyPolicy share them, so that each list is given once, under the first such policy.
    fn qualifiers(&self, user: &BTreeSet<Oid>) -> Vec<(Oid, Oid, Box<[u8]>)> {
        let mut lists: Vec<(Oid, Qualifiers<'a>)> = Vec::new();
        let mut reached: BTreeSet<Oid> = BTreeSet::new();
        for (index, depth) in self.depths.iter().enumerate().skip(1) {
            let at_end = index + 1 == self.depths.len();
            let descends = |policy: &Oid, node: &Node<'_>| {
                let chosen = is_below_any(policy, node) && user.contains(policy);
                let any_at_end = at_end && *policy == oid::ANY_POLICY && !user.is_empty();
                chosen || any_at_end || node.parents.iter().any(|parent| reached.contains(parent))
            };
            let next: Vec<_> = depth.iter().filter(|(policy, node)| descends(policy, node)).collect();
            if next.iter().any(|(policy, node)| is_below_any(policy, node)) {
                let above = index.checked_sub(1).and_then(|above| self.depths.get(above));
                let any = above.and_then(|nodes| nodes.get(&oid::ANY_POLICY));
                lists.extend(any.map(|any| (oid::ANY_POLICY, any.qualifiers)));
            }
            lists.extend(next.iter().map(|(policy, node)| (**policy, node.qualifiers)));
            reached = next.into_iter().map(|(policy, _)| *policy).collect();
        }
        let mut seen = BTreeSet::new();
        lists.retain(|(_, list)| !list.is_empty() && seen.insert(list.as_ptr()));
        let each = lists
            .iter()
            .rev()
            .flat_map(|(policy, list)| list.iter().map(|(id, der)| (*policy, *id, der.clone())));
        each.collect()
    }
}

/// Whether the node is one of the valid_policy_node_set (6.1.5 (g)): not anyPolicy itself, but its child.
fn is_below_any(policy: &Oid, node: &Node<'_>) -> bool {
    *policy != oid::ANY_POLICY && node.parents.contains(&oid::ANY_POLICY)
}

fn node<'a>(qualifiers: Qualifiers<'a>, policy: Oid, parents: BTreeSet<Oid>) -> Node<'a> {
    Node { qualifiers, expected: BTreeSet::from([policy]), parents }
}

fn spend(budget: &mut Budget, nodes: usize) -> Result<(), Fault> {
    budget.spend(Resource::PolicyNodes, nodes.max(1) as u64).map_err(Fault::Budget)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Oid = Oid::from_arcs(&[1, 2, 3, 1]);
    const B: Oid = Oid::from_arcs(&[1, 2, 3, 2]);

    fn policies(list: &[Oid]) -> Vec<PolicyInformation> {
        list.iter().map(|policy| PolicyInformation { policy: *policy, qualifiers: Vec::new() }).collect()
    }

    #[test]
    fn a_mapped_policy_is_valid_under_its_first_name() {
        let (upper, lower) = (policies(&[A]), policies(&[B]));
        let mut graph = PolicyGraph::new();
        let budget = &mut Budget::default();
        graph.add_certificate(&upper, AnyPolicy::Counts, budget).unwrap();
        graph.map(&[(A, B)], Mapping::Allowed, budget).unwrap();
        graph.add_certificate(&lower, AnyPolicy::Counts, budget).unwrap();
        assert_eq!(graph.conclude(&[]).user_constrained, [A]);
        assert!(graph.conclude(&[B]).user_constrained.is_empty());
    }

    #[test]
    fn forbidden_mappings_and_strange_policies_leave_nothing() {
        let (upper, lower) = (policies(&[A]), policies(&[B]));
        let budget = &mut Budget::default();
        let mut graph = PolicyGraph::new();
        graph.add_certificate(&upper, AnyPolicy::Counts, budget).unwrap();
        graph.map(&[(A, B)], Mapping::Inhibited, budget).unwrap();
        assert!(graph.is_null());
        let mut graph = PolicyGraph::new();
        graph.add_certificate(&upper, AnyPolicy::Counts, budget).unwrap();
        graph.add_certificate(&lower, AnyPolicy::Counts, budget).unwrap();
        assert!(graph.is_null());
    }

    #[test]
    fn mappings_between_all_policies_do_not_multiply_nodes() {
        let many: Vec<Oid> = (0..20).map(|n| Oid::from_arcs(&[1, 2, 3, n])).collect();
        let listed = policies(&many);
        let mappings: Vec<(Oid, Oid)> = many.iter().flat_map(|a| many.iter().map(|b| (*a, *b))).collect();
        let budget = &mut Budget::default();
        let mut graph = PolicyGraph::new();
        for _ in 0..50 {
            graph.add_certificate(&listed, AnyPolicy::Counts, budget).unwrap();
            graph.map(&mappings, Mapping::Allowed, budget).unwrap();
        }
        assert_eq!(graph.conclude(&[]).user_constrained, many);
    }
}
