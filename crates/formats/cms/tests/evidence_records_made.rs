//! Evidence records made and renewed here, judged by the verifying side: every object of every tree, and no other.

#![allow(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

mod structures;

use crypto::{Digest, DigestAlgorithm, Provider, PureProvider};
use structures::*;
use types::Budget;
use undersign_cms::evidence_record::{DataObject, EvidenceRecord, HashTree, Renewal};

const SHA512: DigestAlgorithm = DigestAlgorithm::Sha512;

fn object(number: usize) -> Vec<u8> {
    format!("object {number}").into_bytes()
}

fn leaves(count: usize) -> Vec<Digest> {
    (0..count).map(|number| PureProvider.digest(SHA256, &object(number))).collect()
}

fn stamp(root: &Digest, year: u32) -> Vec<u8> {
    token_with(root.algorithm, &root.value, year, &[], &[])
}

/// How many of its time-stamps prove the object, and how many there are.
fn proven(record: &[u8], data: &[u8]) -> (usize, usize) {
    let record = EvidenceRecord::parse(record, &mut Budget::default()).unwrap();
    let check = record.verify(&[DataObject::Octets(data)], &PureProvider, &mut Budget::default()).unwrap();
    (check.timestamps.iter().filter(|one| one.proof.is_ok()).count(), check.timestamps.len())
}

#[test]
fn one_timestamp_serves_any_number_of_objects() {
    for count in [1, 2, 3, 4, 5, 7, 8, 9, 33] {
        let tree = HashTree::over(&leaves(count), &PureProvider).unwrap();
        let token = stamp(&tree.root(), 2026);
        for number in 0..count {
            let record = EvidenceRecord::first(&tree, number, &token);
            assert_eq!(proven(&record, &object(number)), (1, 1), "{number} of {count}");
            assert_eq!(proven(&record, b"another"), (0, 1), "{number} of {count}");
        }
    }
    assert_eq!(HashTree::over(&[], &PureProvider), None);
    let mixed = [PureProvider.digest(SHA256, b"a"), PureProvider.digest(SHA512, b"a")];
    assert_eq!(HashTree::over(&mixed, &PureProvider), None);
}

#[test]
fn the_same_object_may_stand_in_a_tree_twice() {
    let twice = [leaves(1), leaves(1)].concat();
    let tree = HashTree::over(&twice, &PureProvider).unwrap();
    let record = EvidenceRecord::first(&tree, 1, &stamp(&tree.root(), 2026));
    assert_eq!(proven(&record, &object(0)), (1, 1));
}

/// Renews all records by one time-stamp.
fn renew(records: &[Vec<u8>], renewal: impl Fn(usize) -> Renewal, year: u32) -> Vec<Vec<u8>> {
    let parsed: Vec<_> =
        records.iter().map(|one| EvidenceRecord::parse(one, &mut Budget::default()).unwrap()).collect();
    let leaf = |(number, one): (usize, &EvidenceRecord<'_>)| {
        one.leaf_of_renewal(&renewal(number), &PureProvider).unwrap()
    };
    let leaves: Vec<Digest> = parsed.iter().enumerate().map(leaf).collect();
    let tree = HashTree::over(&leaves, &PureProvider).unwrap();
    let token = stamp(&tree.root(), year);
    parsed
        .iter()
        .enumerate()
        .map(|(number, one)| one.renewed(&renewal(number), &tree, number, &token))
        .collect()
}

#[test]
fn records_are_renewed_in_time_and_for_another_digest_algorithm() {
    let tree = HashTree::over(&leaves(5), &PureProvider).unwrap();
    let token = stamp(&tree.root(), 2026);
    let first: Vec<Vec<u8>> = (0..5).map(|number| EvidenceRecord::first(&tree, number, &token)).collect();
    let second = renew(&first, |_| Renewal::Time, 2027);
    let third = renew(&second, |number| Renewal::Hash(PureProvider.digest(SHA512, &object(number))), 2028);
    let fourth = renew(&third, |_| Renewal::Time, 2029);
    for (number, record) in fourth.iter().enumerate() {
        assert_eq!(proven(record, &object(number)), (4, 4), "{number}");
        // Renewals in time are over the time-stamps before them, whatever the data are.
        assert_eq!(proven(record, b"another"), (2, 4), "{number}");
    }
}

#[test]
fn a_changed_record_proves_nothing_of_what_was_changed() {
    let tree = HashTree::over(&leaves(4), &PureProvider).unwrap();
    let record = EvidenceRecord::first(&tree, 2, &stamp(&tree.root(), 2026));
    let lists = record.windows(32).position(|window| window == leaves(4)[2].value.as_slice()).unwrap();
    for at in lists..lists + 32 {
        let mut changed = record.clone();
        changed[at] ^= 1;
        if let Ok(parsed) = EvidenceRecord::parse(&changed, &mut Budget::default()) {
            let object = object(2);
            let data = [DataObject::Octets(&object)];
            let check = parsed.verify(&data, &PureProvider, &mut Budget::default()).unwrap();
            assert!(check.timestamps.iter().all(|one| one.proof.is_err()), "byte {at}");
        }
    }
}
