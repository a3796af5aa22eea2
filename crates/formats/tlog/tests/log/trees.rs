//! Trees: known roots, every proof of small trees, and that nothing near a proof passes.

use crate::made::{Log, leaf};
use crypto::PROVIDER;
use proptest::prelude::*;
use undersign_tlog::merkle::{
    CompactRange, ConsistencyError, Hash, InclusionError, Node, TreeFull, TreeHead, consistency_proof,
    empty_root, inclusion_proof, leaf_hash, node_hash, root, verify_consistency, verify_inclusion,
};

const LARGEST: u64 = 260;

/// The leaves of the test tree of certificate-transparency, and the roots after each (RFC 6962, 2.1.3 has its shape).
const KNOWN: [(&[u8], &str); 8] = [
    (b"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    (b"\x00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    (b"\x10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    (b"\x20\x21", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    (b"\x30\x31", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    (b"\x40\x41\x42\x43", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    (b"\x50\x51\x52\x53\x54\x55\x56\x57", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    (b"\x60abcdefghijklmno", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
];

fn hex(hash: Hash) -> String {
    hash.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn roots_are_those_of_the_known_tree() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(hex(empty_root(PROVIDER)), empty);
    let log = Log::of(KNOWN.iter().map(|(entry, _)| entry.to_vec()));
    let roots: Vec<String> = log.roots.iter().copied().map(hex).collect();
    let known: Vec<&str> = [empty].into_iter().chain(KNOWN.iter().map(|(_, root)| *root)).collect();
    assert_eq!(roots, known);
}

#[test]
fn leaves_and_nodes_are_told_apart() {
    let (left, right) = (leaf(0), leaf(1));
    let inner = node_hash(PROVIDER, &left, &right);
    assert_ne!(leaf_hash(PROVIDER, &[left.0, right.0].concat()), inner);
}

/// The definition, word for word (RFC 9162, 2.1.1).
fn defined_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(PROVIDER),
        [leaf] => *leaf,
        _ => {
            let middle = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(middle);
            node_hash(PROVIDER, &defined_root(left), &defined_root(right))
        }
    }
}

#[test]
fn the_root_of_every_size_is_as_defined_and_found_again_from_stored_nodes() {
    let log = Log::sized(LARGEST);
    let leaves: Vec<Hash> = (0..LARGEST).map(leaf).collect();
    for size in 0..=LARGEST {
        let expected = defined_root(&leaves[..size as usize]);
        assert_eq!(log.roots[size as usize], expected, "size {size}");
        assert_eq!(root(PROVIDER, size, |node| log.node(node)), Ok(expected), "size {size}");
        let read = CompactRange::read(size, |node| log.node(node)).unwrap();
        assert_eq!(read.root(PROVIDER), expected);
        assert_eq!(CompactRange::from_nodes(size, read.nodes().to_vec()), Ok(read));
    }
}

#[test]
fn every_leaf_of_every_size_is_proven_included() {
    let log = Log::sized(LARGEST);
    for size in 0..=LARGEST {
        let root = log.head(size).root;
        for index in 0..size {
            let proof = inclusion_proof(PROVIDER, index, size, |node| log.node(node)).unwrap().unwrap();
            let verified = verify_inclusion(PROVIDER, index, size, &leaf(index), &proof, &root);
            assert_eq!(verified, Ok(()), "{index} of {size}");
        }
        assert_eq!(inclusion_proof(PROVIDER, size, size, |node| log.node(node)), Ok(None));
    }
}

#[test]
fn every_size_is_proven_consistent_with_every_larger_one() {
    let log = Log::sized(LARGEST);
    for second in 0..=LARGEST {
        for first in 0..=second {
            let proof = consistency_proof(PROVIDER, first, second, |node| log.node(node)).unwrap().unwrap();
            let verified = verify_consistency(PROVIDER, &log.head(first), &log.head(second), &proof);
            assert_eq!(verified, Ok(()), "{first} to {second}");
        }
        let shrinking = consistency_proof(PROVIDER, second + 1, second, |node| log.node(node));
        assert_eq!(shrinking, Ok(None));
    }
}

#[test]
fn a_proof_shows_one_index_and_one_first_size_only() {
    let size = 50;
    let (log, head) = (Log::sized(size), Log::sized(size).head(size));
    for right in 0..size {
        let included = inclusion_proof(PROVIDER, right, size, |node| log.node(node)).unwrap().unwrap();
        let consistent = consistency_proof(PROVIDER, right, size, |node| log.node(node)).unwrap().unwrap();
        for other in 0..=size {
            let shown = verify_inclusion(PROVIDER, other, size, &leaf(right), &included, &head.root);
            assert_eq!(shown.is_ok(), other == right, "{right} as {other}");
            let first = TreeHead { size: other, ..log.head(right) };
            let shown = verify_consistency(PROVIDER, &first, &head, &consistent);
            assert_eq!(shown.is_ok(), other == right, "{right} as {other}");
        }
    }
}

#[test]
fn what_a_stored_node_fails_with_comes_back() {
    let missing = Node { level: 1, index: 1 };
    let failing = |node: Node| if node == missing { Err("gone") } else { Ok(leaf(0)) };
    assert_eq!(inclusion_proof(PROVIDER, 0, 4, failing), Err("gone"));
    assert_eq!(consistency_proof(PROVIDER, 2, 4, failing), Err("gone"));
    assert_eq!(CompactRange::read(7, |_| Err::<Hash, _>("gone")), Err("gone"));
}

#[test]
fn errors_say_what_is_wrong() {
    let log = Log::sized(8);
    let head = log.head(8);
    let proof = inclusion_proof(PROVIDER, 5, 8, |node| log.node(node)).unwrap().unwrap();
    let verify = |index, proof: &[Hash]| verify_inclusion(PROVIDER, index, 8, &leaf(5), proof, &head.root);
    assert_eq!(verify(8, &proof), Err(InclusionError::IndexBeyondSize { index: 8, size: 8 }));
    assert_eq!(verify(5, &proof[1..]), Err(InclusionError::WrongLength { expected: 3, found: 2 }));
    assert!(matches!(verify(4, &proof), Err(InclusionError::RootMismatch { root, .. }) if root == head.root));
    let text = verify(8, &proof).unwrap_err().to_string();
    assert_eq!(text, "a tree of 8 leaves has no leaf 8 [RFC 9162, 2.1.3.2]");

    let verify = |first: &TreeHead, second: &TreeHead| verify_consistency(PROVIDER, first, second, &[]);
    let other = TreeHead { size: 8, root: leaf(0) };
    let forked = ConsistencyError::Forked { size: 8, first: head.root, second: other.root };
    assert_eq!(verify(&head, &other), Err(forked));
    assert_eq!(verify(&head, &log.head(7)), Err(ConsistencyError::Shrunk { first: 8, second: 7 }));
    let empty = TreeHead { size: 0, root: leaf(0) };
    assert_eq!(verify(&empty, &head), Err(ConsistencyError::EmptyRoot(leaf(0))));
    let missing = verify(&log.head(3), &head);
    assert_eq!(missing, Err(ConsistencyError::WrongLength { expected: 4, found: 0 }));
}

#[test]
fn another_history_is_not_consistent_and_the_root_that_differs_is_named() {
    let (log, other) = (Log::sized(20), Log::of((0..20u64).map(|index| vec![index as u8])));
    let proof = consistency_proof(PROVIDER, 7, 20, |node| log.node(node)).unwrap().unwrap();
    let first = verify_consistency(PROVIDER, &other.head(7), &log.head(20), &proof);
    assert!(matches!(first, Err(ConsistencyError::FirstRootMismatch { .. })), "{first:?}");
    let second = verify_consistency(PROVIDER, &log.head(7), &other.head(20), &proof);
    assert!(matches!(second, Err(ConsistencyError::SecondRootMismatch { .. })), "{second:?}");
}

#[test]
fn the_largest_tree_is_handled_without_overflow() {
    let any = |node: Node| Ok::<Hash, ()>(Hash([node.level; 32]));
    let proof = inclusion_proof(PROVIDER, u64::MAX - 1, u64::MAX, any).unwrap().unwrap();
    let head = root(PROVIDER, u64::MAX, any).unwrap();
    let verify = |leaf: Hash| verify_inclusion(PROVIDER, u64::MAX - 1, u64::MAX, &leaf, &proof, &head);
    assert_eq!(verify(Hash([0; 32])), Ok(()));
    assert_eq!(inclusion_proof(PROVIDER, 0, u64::MAX, any).unwrap().unwrap().len(), 64);
    let proof = consistency_proof(PROVIDER, u64::MAX - 1, u64::MAX, any).unwrap().unwrap();
    assert!(proof.len() <= 65);
    let mut full = CompactRange::read(u64::MAX, any).unwrap();
    let before = full.clone();
    assert_eq!(full.append(PROVIDER, leaf(0), |_, _| {}), Err(TreeFull));
    assert_eq!(full, before);
    assert!(CompactRange::from_nodes(3, vec![leaf(0)]).is_err());
}

fn flipped(hash: Hash, bit: usize) -> Hash {
    let mut bytes = hash.0;
    bytes[bit / 8 % 32] ^= 1 << (bit % 8);
    Hash(bytes)
}

proptest! {
    #[test]
    fn a_flipped_bit_of_leaf_index_proof_or_root_refuses(
        size in 1u64..300, index in any::<prop::sample::Index>(), bit in 0usize..256, which in any::<prop::sample::Index>(),
    ) {
        let log = Log::sized(size);
        let (index, head) = (index.index(size as usize) as u64, log.head(size));
        let proof = inclusion_proof(PROVIDER, index, size, |node| log.node(node)).unwrap().unwrap();
        let verify = |index, leaf: Hash, proof: &[Hash], root: Hash| {
            verify_inclusion(PROVIDER, index, size, &leaf, proof, &root).is_ok()
        };
        prop_assert!(verify(index, leaf(index), &proof, head.root));
        prop_assert!(!verify(index, flipped(leaf(index), bit), &proof, head.root));
        prop_assert!(!verify(index, leaf(index), &proof, flipped(head.root, bit)));
        prop_assert!(!verify(index ^ 1 << (bit % 64), leaf(index), &proof, head.root));
        if !proof.is_empty() {
            let mut bad = proof.clone();
            let place = which.index(bad.len());
            bad[place] = flipped(bad[place], bit);
            prop_assert!(!verify(index, leaf(index), &bad, head.root));
            prop_assert!(!verify(index, leaf(index), &proof[1..], head.root));
        }
        let longer = [&proof[..], &[leaf(index)]].concat();
        prop_assert!(!verify(index, leaf(index), &longer, head.root));
    }

    #[test]
    fn a_flipped_bit_of_either_root_or_the_proof_refuses(
        second in 2u64..300, first in any::<prop::sample::Index>(), bit in 0usize..256, which in any::<prop::sample::Index>(),
    ) {
        let log = Log::sized(second);
        let first = 1 + first.index(second as usize - 1) as u64;
        let (old, new) = (log.head(first), log.head(second));
        let proof = consistency_proof(PROVIDER, first, second, |node| log.node(node)).unwrap().unwrap();
        let verify = |old: &TreeHead, new: &TreeHead, proof: &[Hash]| {
            verify_consistency(PROVIDER, old, new, proof).is_ok()
        };
        prop_assert!(verify(&old, &new, &proof));
        let bad = |head: TreeHead| TreeHead { root: flipped(head.root, bit), ..head };
        prop_assert!(!verify(&bad(old), &new, &proof));
        prop_assert!(!verify(&old, &bad(new), &proof));
        let mut changed = proof.clone();
        let place = which.index(changed.len());
        changed[place] = flipped(changed[place], bit);
        prop_assert!(!verify(&old, &new, &changed));
        prop_assert!(!verify(&old, &new, &proof[1..]));
        prop_assert!(!verify(&old, &new, &[&proof[..], &[new.root]].concat()));
        let other = TreeHead { size: first ^ 1 << (bit % 64), ..old };
        prop_assert!(!verify(&other, &new, &proof));
    }

    #[test]
    fn going_on_from_a_stored_range_is_as_if_never_stopped(size in 0u64..200, more in 0u64..100) {
        let whole = Log::sized(size + more);
        let mut range = CompactRange::read(size, |node| whole.node(node)).unwrap();
        for index in size..size + more {
            let appended = range.append(PROVIDER, leaf(index), |node, hash| {
                assert_eq!(whole.node(node), Ok(hash));
            });
            prop_assert_eq!(appended, Ok(index));
        }
        prop_assert_eq!(range, whole.range);
    }
}
