//! Evidence records put together by hand: trees, both renewals, embedding, and hostile bytes.

#![allow(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

mod structures;

use crypto::{DigestAlgorithm, PureProvider};
use structures::*;
use types::{Budget, Cause, Limits, Resource};
use undersign_cms::evidence_record::{
    ArchiveTimestampError, DataObject, EvidenceRecord, EvidenceRecordCheck, Subject, TreeReading,
};
use undersign_cms::{SignedData, TimestampToken, UnsignedValue, oid};

const SHA512: DigestAlgorithm = DigestAlgorithm::Sha512;
const OBJECTS: [&[u8]; 3] = [b"one", b"two", b"three"];

fn sorted(by: DigestAlgorithm, values: &[Vec<u8>]) -> Vec<u8> {
    let mut values = values.to_vec();
    values.sort();
    digest(by, &values.concat())
}

/// A tree whose first list holds the three objects, and its root.
fn tree(by: DigestAlgorithm, leaves: &[Vec<u8>]) -> (Vec<Vec<Vec<u8>>>, Vec<u8>) {
    let sibling = digest(by, b"sibling");
    let root = sorted(by, &[sorted(by, leaves), sibling.clone()]);
    (vec![leaves.to_vec(), vec![sibling]], root)
}

fn leaves(by: DigestAlgorithm) -> Vec<Vec<u8>> {
    OBJECTS.iter().map(|object| digest(by, object)).collect()
}

/// A chain of the first archive time-stamp and its renewal.
fn first_chain() -> Vec<Vec<u8>> {
    let (lists, root) = tree(SHA256, &leaves(SHA256));
    let first = archive_timestamp(SHA256, &root, 2026, Some(&lists));
    let stamped = sha256(&token_with(SHA256, &root, 2026, &[], &[]));
    let second = archive_timestamp(SHA256, &stamped, 2027, None);
    vec![first, second]
}

/// The same with a renewed hash tree by another algorithm.
fn renewed() -> Vec<u8> {
    let chain = first_chain();
    let sequence = tlv(0x30, &[&tlv(0x30, &[&chain.concat()])]);
    let before = digest(SHA512, &sequence);
    let joined: Vec<Vec<u8>> =
        leaves(SHA512).iter().map(|leaf| digest(SHA512, &[&leaf[..], &before].concat())).collect();
    let (lists, root) = tree(SHA512, &joined);
    let third = archive_timestamp(SHA512, &root, 2028, Some(&lists));
    evidence_record(&[SHA256, SHA512], &[chain, vec![third]])
}

fn verify<'a>(record: &'a [u8], objects: &[&[u8]]) -> EvidenceRecordCheck<'a> {
    let record = EvidenceRecord::parse(record, &mut Budget::default()).unwrap();
    let objects: Vec<DataObject<'_>> = objects.iter().map(|object| DataObject::Octets(object)).collect();
    record.verify(&objects, &PureProvider, &mut Budget::default()).unwrap()
}

#[test]
fn a_record_with_both_renewals_proves_its_objects_and_no_others() {
    let bytes = renewed();
    let record = EvidenceRecord::parse(&bytes, &mut Budget::default()).unwrap();
    assert_eq!(record.findings, []);
    assert_eq!(record.digests_needed(&mut Budget::default()).unwrap(), [SHA256, SHA512]);
    let check = verify(&bytes, &[OBJECTS[0], b"other", OBJECTS[2]]);
    let subjects: Vec<Subject> = check.timestamps.iter().map(|timestamp| timestamp.subject).collect();
    assert_eq!(subjects, [Subject::DataObjects, Subject::PreviousTimestamp, Subject::DataObjectsAndChains]);
    assert_eq!([0, 1, 2, 3].map(|object| check.proves(object)), [true, false, true, false]);
    let first = check.timestamps[0].proof.as_ref().unwrap();
    assert_eq!((first.leaves(), first.others(), first.reading()), (&[0, 2][..], 1, TreeReading::Regular));
    assert_eq!(verify(&bytes, &OBJECTS).timestamps[0].proof.as_ref().unwrap().others(), 0);
    assert_eq!(check.findings, []);
    assert!(verify(&bytes, &[]).timestamps[0].proof.is_err());
}

#[test]
fn digests_stand_in_for_objects_and_a_missing_one_is_named() {
    let bytes = renewed();
    let record = EvidenceRecord::parse(&bytes, &mut Budget::default()).unwrap();
    let by = |algorithm, value: &[u8]| crypto::Digest { algorithm, value: digest(algorithm, value) };
    let both = [by(SHA256, b"two"), by(SHA512, b"two")];
    let check = record.verify(&[DataObject::Digests(&both)], &PureProvider, &mut Budget::default()).unwrap();
    assert!(check.proves(0));
    let check =
        record.verify(&[DataObject::Digests(&both[..1])], &PureProvider, &mut Budget::default()).unwrap();
    assert_eq!(check.timestamps[2].proof, Err(ArchiveTimestampError::DigestNeeded(SHA512)));
    assert!(!check.proves(0));
}

#[test]
fn no_changed_byte_of_a_record_still_proves_more() {
    let mut bytes = renewed();
    for at in 0..bytes.len() {
        for change in [0x01, 0x80, 0xff] {
            bytes[at] ^= change;
            if let Ok(record) = EvidenceRecord::parse(&bytes, &mut Budget::default()) {
                let objects = [DataObject::Octets(b"other")];
                let check = record.verify(&objects, &PureProvider, &mut Budget::default()).unwrap();
                assert!(!check.proves(0), "byte {at}");
            }
            bytes[at] ^= change;
        }
    }
}

#[test]
fn every_cut_is_an_error_and_a_small_budget_is_named() {
    let bytes = renewed();
    for len in 0..bytes.len() {
        assert!(EvidenceRecord::parse(&bytes[..len], &mut Budget::default()).is_err(), "{len}");
    }
    for steps in (0..5_000).step_by(7) {
        let mut budget = Budget::new(Limits::STANDARD.with(Resource::Steps, steps));
        let verified = EvidenceRecord::parse(&bytes, &mut budget)
            .and_then(|record| record.verify(&[DataObject::Octets(b"one")], &PureProvider, &mut budget));
        match verified {
            Ok(check) => assert!(check.proves(0)),
            Err(malformed) => assert!(matches!(malformed.cause, Cause::Budget(_)), "{malformed}"),
        }
    }
}

#[test]
fn hostile_structures_are_refused() {
    let parse = |bytes: &[u8]| EvidenceRecord::parse(bytes, &mut Budget::default()).map(|_| ());
    assert!(parse(&evidence_record(&[SHA256], &[])).is_err());
    assert!(parse(&evidence_record(&[SHA256], &[Vec::new()])).is_err());
    assert!(parse(&[0x30, 0x80].repeat(100_000)).is_err());
    assert!(parse(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]).is_err());
    let empty = archive_timestamp(SHA256, &sha256(b"one"), 2026, Some(&[]));
    assert!(parse(&evidence_record(&[SHA256], &[vec![empty]])).is_err());
    let chain = vec![archive_timestamp(SHA256, &sha256(b"one"), 2026, None); 40];
    let mut budget = Budget::new(Limits::STANDARD.with(Resource::Signatures, 20));
    assert!(EvidenceRecord::parse(&evidence_record(&[SHA256], &[chain]), &mut budget).is_err());
}

#[test]
fn values_of_the_wrong_length_and_other_algorithms_prove_nothing() {
    // A file that was time-stamped and is cut into hash values of another length.
    let message = [&sha256(b"one")[..], b"suffix that is no hash value"].concat();
    let lists = [vec![sha256(b"one"), b"suffix that is no hash value".to_vec()]];
    let root = sha256(&message);
    let bytes = evidence_record(&[SHA256], &[vec![archive_timestamp(SHA256, &root, 2026, Some(&lists))]]);
    let found = verify(&bytes, &[b"one"]).timestamps.remove(0).proof;
    assert_eq!(found, Err(ArchiveTimestampError::HashLength));
    let (lists, root) = tree(SHA256, &leaves(SHA256));
    let mut other = archive_timestamp(SHA256, &root, 2026, Some(&lists));
    let place = other.windows(9).position(|w| *w == *SHA256.oid().as_bytes()).unwrap();
    other[place + 8] = 3;
    let bytes = evidence_record(&[SHA256], &[vec![other]]);
    let found = verify(&bytes, &OBJECTS).timestamps.remove(0).proof;
    assert_eq!(found, Err(ArchiveTimestampError::AlgorithmsDiffer));
}

#[test]
fn timestamps_out_of_order_are_told() {
    let (lists, root) = tree(SHA256, &leaves(SHA256));
    let first = archive_timestamp(SHA256, &root, 2027, Some(&lists));
    let stamped = sha256(&token_with(SHA256, &root, 2027, &[], &[]));
    let chain = vec![first, archive_timestamp(SHA256, &stamped, 2026, None)];
    let bytes = evidence_record(&[SHA256], &[chain]);
    let check = verify(&bytes, &OBJECTS);
    assert!(check.proves(0));
    assert_eq!(check.findings[0].code, "er.order");
}

/// A record over one thing, without a tree.
fn over(message: &[u8]) -> Vec<u8> {
    evidence_record(&[SHA256], &[vec![archive_timestamp(SHA256, &sha256(message), 2026, None)]])
}

#[test]
fn an_embedded_record_is_over_the_cms_without_itself() {
    let data = Data { content: Some(b"content".to_vec()), ..Data::default() };
    let fields = signer_fields(&[], &[7; 64]);
    let stamp = attribute(oid::SIGNATURE_TIMESTAMP, &[&token(&[7; 64])]);
    for before in [&[][..], &[&stamp[..]]] {
        let plain = data.with_signers(&[&signer(&fields, before)]);
        let first = attribute(oid::EVIDENCE_RECORD_INTERNAL, &[&over(&plain)]);
        let with_first = data.with_signers(&[&signer(&fields, &[before, &[&first]].concat())]);
        let second = attribute(oid::EVIDENCE_RECORD_INTERNAL, &[&over(&with_first)]);
        let bytes = data.with_signers(&[&signer(&fields, &[before, &[&first, &second]].concat())]);
        let signed_data = SignedData::parse(&bytes, &mut Budget::default()).unwrap();
        let records = signed_data.signers[0].evidence_records();
        assert_eq!(records.len(), 2);
        for (more, (record, protects)) in records.iter().zip([&plain, &with_first]).enumerate() {
            let (check, protected) = record
                .verify(&signed_data, &signed_data.signers[0], None, &PureProvider, &mut Budget::default())
                .unwrap();
            assert!(check.proves(0));
            assert_eq!(check.findings, []);
            let protected = protected.unwrap();
            assert_eq!(protected.octets, *protects);
            let covered = protected.covered;
            assert_eq!(covered.unsigned_values.len(), before.len() + more);
            assert_eq!(covered.timestamps.len(), before.len());
        }
        let changed = Data { content: Some(b"Content".to_vec()), ..Data::default() };
        let bytes = changed.with_signers(&[&signer(&fields, &[before, &[&first]].concat())]);
        let signed_data = SignedData::parse(&bytes, &mut Budget::default()).unwrap();
        let record = signed_data.signers[0].evidence_records()[0];
        let signer = &signed_data.signers[0];
        let (check, protected) =
            record.verify(&signed_data, signer, None, &PureProvider, &mut Budget::default()).unwrap();
        assert!(!check.proves(0) && protected.is_none());
    }
}

#[test]
fn an_embedded_record_does_not_cover_what_was_added_after_it() {
    let data = Data {
        content: Some(b"content".to_vec()),
        certificates: vec![tlv(0x30, &[b"\x02\x01\x01"])],
        ..Data::default()
    };
    let fields = signer_fields(&[], &[7; 64]);
    let stamp = attribute(oid::SIGNATURE_TIMESTAMP, &[&token(&[7; 64])]);
    let values = attribute(oid::REVOCATION_VALUES, &[&[0x30, 0]]);
    let record = over(&data.with_signers(&[&signer(&fields, &[&stamp])]));
    let record = attribute(oid::EVIDENCE_RECORD_INTERNAL, &[&record]);
    let added: [&[&[u8]]; 3] = [&[], &[&stamp], &[&values, &stamp]];
    for after in added {
        let bytes = data.with_signers(&[&signer(&fields, &[&[&stamp[..], &record], after].concat())]);
        let signed_data = SignedData::parse(&bytes, &mut Budget::default()).unwrap();
        let signer = &signed_data.signers[0];
        let (check, protected) = signer.evidence_records()[0]
            .verify(&signed_data, signer, None, &PureProvider, &mut Budget::default())
            .unwrap();
        assert!(check.proves(0));
        let covered = protected.unwrap().covered;
        assert_eq!(covered.unsigned_values, [UnsignedValue { attribute: 0, value: 0 }]);
        assert_eq!((covered.timestamps, covered.certificates), (vec![0], vec![0]));
        assert!(covered.content && covered.signature && covered.signer);
    }
}

#[test]
fn what_holds_an_embedded_record_may_be_ber() {
    let data = Data { content: Some(b"content".to_vec()), ..Data::default() };
    let plain = data.with_signers(&[&signer(&signer_fields(&[], &[7; 64]), &[])]);
    let record = attribute(oid::EVIDENCE_RECORD_INTERNAL, &[&over(&plain)]);
    let inner = data.with_signers(&[&signer(&signer_fields(&[], &[7; 64]), &[&record])]);
    // The outermost length becomes indefinite; the record is over the DER.
    let bytes = [&[0x30, 0x80][..], &inner[4..], &[0, 0]].concat();
    let signed_data = SignedData::parse(&bytes, &mut Budget::default()).unwrap();
    let signer = &signed_data.signers[0];
    let record = signer.evidence_records()[0];
    let (check, _) =
        record.verify(&signed_data, signer, None, &PureProvider, &mut Budget::default()).unwrap();
    assert!(check.proves(0));
    let token = TimestampToken::parse(&token(b"x"), &mut Budget::default()).map(|t| t.info.gen_time);
    assert!(token.is_ok());
}
