//! Time-stamps in attributes, countersignatures and tokens, on structures put together by hand.

#![allow(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

mod structures;

use crypto::{Digest, Provider, PureProvider};
use structures::*;
use types::{Budget, Limits, Resource};
use undersign_cms::{
    Content, Criticality, HashedContent, Imprint, ImprintCheck, ImprintError, MessageDigest, SignedData,
    TimestampPlace, TimestampToken, UnsignedValue, oid,
};

const CONTENT: &[u8] = b"content";
const SIGNATURE: &[u8] = &[7; 256];

fn budget() -> Budget {
    Budget::default()
}

/// Checks the last time-stamp of the first signer.
fn check_last(cms: &[u8], content: Content<'_>) -> Result<Imprint, ImprintError> {
    let signed_data = SignedData::parse(cms, &mut budget()).unwrap();
    let signer = &signed_data.signers[0];
    let last = signer.unsigned_attributes.timestamps.len() - 1;
    let token = signer.unsigned_attributes.timestamps[last].token;
    let token = TimestampToken::parse(token.bytes, &mut budget()).unwrap();
    let check = ImprintCheck { signed_data: &signed_data, signer, content, provider: &PureProvider };
    check.check(TimestampPlace::Unsigned(last), &token, &mut budget())
}

fn enveloping() -> Data {
    Data {
        content: Some(CONTENT.to_vec()),
        certificates: vec![tlv(0x30, &[b"\x02\x01\x01"]), tlv(0x30, &[b"\x02\x01\x02"])],
        crls: vec![tlv(0x30, &[b"\x02\x01\x03"])],
        ..Data::default()
    }
}

/// A signer with these unsigned attributes.
fn cms(data: &Data, unsigned: &[&[u8]]) -> Vec<u8> {
    data.with_signers(&[&signer(&signer_fields(&[], SIGNATURE), unsigned)])
}

fn references() -> [Vec<u8>; 2] {
    [attribute(oid::CERTIFICATE_REFS, &[&[0x30, 0]]), attribute(oid::REVOCATION_REFS, &[&[0x30, 0]])]
}

/// Type and values, without the tag and length of the attribute.
fn inside(attribute: &[u8]) -> &[u8] {
    let header = match attribute[1] {
        0x82 => 4,
        0x81 => 3,
        _ => 2,
    };
    &attribute[header..]
}

#[test]
fn a_signature_timestamp_is_over_the_value_octets() {
    let right = attribute(oid::SIGNATURE_TIMESTAMP, &[&token(SIGNATURE)]);
    let imprint = check_last(&cms(&enveloping(), &[&right]), Content::None).unwrap();
    assert!(imprint.covered().signature && !imprint.covered().content);
    let wrong = attribute(oid::SIGNATURE_TIMESTAMP, &[&token(&tlv(4, &[SIGNATURE]))]);
    let error = check_last(&cms(&enveloping(), &[&wrong]), Content::None).unwrap_err();
    assert!(matches!(error, ImprintError::Differs(tried) if tried.len() == 1));
}

#[test]
fn a_cades_c_timestamp_is_over_value_timestamp_and_references() {
    let stamp = attribute(oid::SIGNATURE_TIMESTAMP, &[&token(SIGNATURE)]);
    let [certificates, revocations] = references();
    let over = [SIGNATURE, inside(&stamp), inside(&certificates), inside(&revocations)].concat();
    let own = attribute(oid::CADES_C_TIMESTAMP, &[&token(&over)]);
    let data = enveloping();
    let imprint =
        check_last(&cms(&data, &[&certificates, &stamp, &revocations, &own]), Content::None).unwrap();
    let covered = imprint.covered();
    assert_eq!((covered.timestamps.as_slice(), covered.unsigned_values.len()), (&[0][..], 3));
    let other = attribute(oid::REVOCATION_REFS, &[&[0x30, 2, 5, 0]]);
    assert!(check_last(&cms(&data, &[&certificates, &stamp, &other, &own]), Content::None).is_err());
    let own = attribute(oid::CERTIFICATE_CRL_TIMESTAMP, &[&token(&over[256 + inside(&stamp).len()..])]);
    let imprint =
        check_last(&cms(&data, &[&certificates, &stamp, &revocations, &own]), Content::None).unwrap();
    assert!(!imprint.covered().signature && imprint.covered().timestamps.is_empty());
}

/// What an archive-time-stamp version 2 is over, and the attribute with it.
fn archive_v2(data: &Data, content: &[u8], before: &[&[u8]]) -> Vec<u8> {
    let fields = signer_fields(&[], SIGNATURE);
    let over = [&data.info(), content, &data.sets(), &fields, &tlv(0xa1, before)].concat();
    attribute(oid::ARCHIVE_TIMESTAMP_V2, &[&token(&over)])
}

#[test]
fn an_archive_timestamp_v2_covers_everything_but_what_came_later() {
    let data = enveloping();
    let stamp = attribute(oid::SIGNATURE_TIMESTAMP, &[&token(SIGNATURE)]);
    let own = archive_v2(&data, &[], &[&stamp]);
    let imprint = check_last(&cms(&data, &[&stamp, &own]), Content::None).unwrap();
    let covered = imprint.covered();
    assert_eq!((covered.certificates.len(), covered.crls.len(), covered.timestamps.len()), (2, 1, 1));
    assert!(covered.content && covered.signature && covered.signer);
    for changed in [
        Data { content: Some(b"Content".to_vec()), ..data.clone() },
        Data { certificates: data.certificates[..1].to_vec(), ..data.clone() },
        Data { crls: Vec::new(), ..data.clone() },
    ] {
        assert!(check_last(&cms(&changed, &[&stamp, &own]), Content::None).is_err());
    }
    assert!(check_last(&cms(&data, &[&own]), Content::None).is_err());
}

#[test]
fn detached_content_is_asked_for_and_taken_as_a_running_digest() {
    let data = Data { content: None, ..enveloping() };
    let own = archive_v2(&data, CONTENT, &[]);
    // The set of unsigned attributes did not exist before.
    let over = [&data.info()[..], CONTENT, &data.sets(), &signer_fields(&[], SIGNATURE)].concat();
    let first = attribute(oid::ARCHIVE_TIMESTAMP_V2, &[&token(&over)]);
    for (own, holds) in [(&first, true), (&own, false)] {
        let bytes = cms(&data, &[own]);
        assert_eq!(check_last(&bytes, Content::Octets(CONTENT)).is_ok(), holds);
        assert!(check_last(&bytes, Content::Octets(b"other")).is_err());
        let signed_data = SignedData::parse(&bytes, &mut budget()).unwrap();
        let check = ImprintCheck {
            signed_data: &signed_data,
            signer: &signed_data.signers[0],
            content: Content::None,
            provider: &PureProvider,
        };
        let needed = check.content_needed(&mut budget()).unwrap();
        assert_eq!(needed.len(), 1);
        let error = check_last(&bytes, Content::None).unwrap_err();
        assert!(matches!(error, ImprintError::ContentNeeded(asked) if asked == needed[0]));
        let mut hasher = PureProvider.hasher(needed[0].algorithm);
        hasher.update(&needed[0].prefix);
        hasher.update(CONTENT);
        let hashed = [HashedContent { needed: needed[0].clone(), hasher }];
        assert_eq!(check_last(&bytes, Content::Hashed(&hashed)).is_ok(), holds);
    }
}

/// An ats-hash-index of the given kind over these, and an archive-time-stamp-v3 with it.
fn archive_v3(
    data: &Data,
    kind: const_oid::ObjectIdentifier,
    [certificates, crls, attributes]: [&[Vec<u8>]; 3],
) -> Vec<u8> {
    let list = |values: &[Vec<u8>]| {
        let hashes: Vec<Vec<u8>> = values.iter().map(|value| tlv(4, &[&sha256(value)])).collect();
        tlv(0x30, &[&hashes.concat()])
    };
    let index = tlv(0x30, &[&algorithm(SHA256), &list(certificates), &list(crls), &list(attributes)]);
    let fields = signer_fields(&[], SIGNATURE);
    let over = [&oid_der(oid::DATA), &sha256(CONTENT), &fields, &index].map(Vec::as_slice).concat();
    let unsigned = attribute(kind, &[&index]);
    let token = token_with(SHA256, &sha256(&over), 2026, &[&unsigned], &[]);
    let _ = data;
    attribute(oid::ARCHIVE_TIMESTAMP_V3, &[&token])
}

#[test]
fn an_archive_timestamp_v3_covers_what_its_index_names() {
    let data = enveloping();
    let value = token(SIGNATURE);
    let stamp = attribute(oid::SIGNATURE_TIMESTAMP, &[&value]);
    let typed = [oid_der(oid::SIGNATURE_TIMESTAMP), value].concat();
    for (kind, hashed) in
        [(oid::ATS_HASH_INDEX, &stamp), (oid::ATS_HASH_INDEX_V2, &stamp), (oid::ATS_HASH_INDEX_V3, &typed)]
    {
        let named = [hashed.clone()];
        let own = archive_v3(&data, kind, [&data.certificates[1..], &data.crls, &named]);
        let imprint = check_last(&cms(&data, &[&stamp, &own]), Content::None).unwrap();
        let covered = imprint.covered();
        assert_eq!((covered.certificates.as_slice(), covered.crls.as_slice()), (&[1][..], &[0][..]));
        assert_eq!(covered.unsigned_values, [UnsignedValue { attribute: 0, value: 0 }]);
        assert_eq!((covered.timestamps.as_slice(), imprint.findings()), (&[0][..], &[][..]));
    }
}

#[test]
fn entries_of_the_index_that_match_nothing_cover_nothing_and_are_told() {
    let data = enveloping();
    let stamp = attribute(oid::SIGNATURE_TIMESTAMP, &[&token(SIGNATURE)]);
    // Version 3 digests type and value, so the whole attribute is not among what it may name.
    let named = [stamp.clone()];
    let own = archive_v3(&data, oid::ATS_HASH_INDEX_V3, [&data.certificates, &[], &named]);
    let less = Data { certificates: data.certificates[..1].to_vec(), ..data.clone() };
    let imprint = check_last(&cms(&less, &[&stamp, &own]), Content::None).unwrap();
    let unmatched = imprint.covered().unmatched;
    assert_eq!((unmatched.certificates, unmatched.crls, unmatched.unsigned_attributes), (1, 0, 1));
    assert!(imprint.covered().unsigned_values.is_empty());
    assert_eq!(imprint.findings()[0].code, "cms.ats-hash-index.unmatched");
    let other = Data { content: Some(b"other".to_vec()), ..data.clone() };
    assert!(check_last(&cms(&other, &[&stamp, &own]), Content::None).is_err());
    let detached = Data { content: None, ..data };
    let bytes = cms(&detached, &[&stamp, &own]);
    assert!(matches!(check_last(&bytes, Content::None), Err(ImprintError::ContentNeeded(_))));
    let digests = [Digest { algorithm: SHA256, value: sha256(CONTENT) }];
    assert!(check_last(&bytes, Content::Digests(&digests)).is_ok());
    let without = attribute(oid::ARCHIVE_TIMESTAMP_V3, &[&token(CONTENT)]);
    let missing = check_last(&cms(&detached, &[&without]), Content::Digests(&digests));
    assert_eq!(missing, Err(ImprintError::HashIndexMissing));
}

#[test]
fn a_content_timestamp_is_over_the_content() {
    let signed = attribute(oid::CONTENT_TIMESTAMP, &[&token(CONTENT)]);
    let bytes = enveloping().with_signers(&[&signer(&signer_fields(&signed, SIGNATURE), &[])]);
    let signed_data = SignedData::parse(&bytes, &mut budget()).unwrap();
    let signer = &signed_data.signers[0];
    let token = signer.signed_attributes.as_ref().unwrap().content_timestamps[0];
    let token = TimestampToken::parse(token.bytes, &mut budget()).unwrap();
    // What is encapsulated counts, whatever else is offered.
    let content = Content::Octets(b"other");
    let check = ImprintCheck { signed_data: &signed_data, signer, content, provider: &PureProvider };
    assert!(check.check(TimestampPlace::Content(0), &token, &mut budget()).unwrap().covered().content);
    let none = check.check(TimestampPlace::Content(1), &token, &mut budget());
    assert_eq!(none, Err(ImprintError::NoSuchTimestamp));
}

#[test]
fn countersignatures_are_over_the_value_and_nest_as_deep_as_the_budget_allows() {
    let signed = |value: &[u8]| attribute(oid::MESSAGE_DIGEST, &[&tlv(4, &[&sha256(value)])]);
    let inner = signer(&signer_fields(&signed(&[8; 64]), &[9; 64]), &[]);
    let inner = attribute(oid::COUNTERSIGNATURE, &[&inner]);
    let outer = signer(&signer_fields(&signed(SIGNATURE), &[8; 64]), &[&inner]);
    let bytes = cms(&enveloping(), &[&attribute(oid::COUNTERSIGNATURE, &[&outer])]);
    let signed_data = SignedData::parse(&bytes, &mut budget()).unwrap();
    let signer = &signed_data.signers[0];
    let counter = &signer.countersignatures(&mut budget()).unwrap()[0];
    assert_eq!(counter.check_message_digest(signer, &PureProvider), MessageDigest::Matches);
    let nested = &counter.countersignatures[0];
    assert_eq!(nested.check_message_digest(&counter.signer, &PureProvider), MessageDigest::Matches);
    assert_eq!(nested.check_message_digest(signer, &PureProvider), MessageDigest::Differs);
    let place = nested.signer.encoded.span;
    assert_eq!(bytes[place.start as usize..place.end as usize], *nested.signer.encoded.bytes);
    let mut limits = Limits::STANDARD;
    limits.depth = 1;
    let mut shallow = Budget::new(limits);
    assert!(signer.countersignatures(&mut shallow).is_err());
    let mut few = Budget::new(Limits::STANDARD.with(Resource::Signatures, 1));
    assert!(signer.countersignatures(&mut few).is_err());
}

#[test]
fn faults_of_a_token_are_told() {
    let codes = |bytes: &[u8]| -> Vec<&'static str> {
        let token = TimestampToken::parse(bytes, &mut budget()).unwrap();
        token.findings.iter().map(|finding| &*finding.code).collect()
    };
    assert!(codes(&token(CONTENT)).is_empty());
    let extension = |critical: &[u8]| tlv(0xa1, &[&tlv(0x30, &[&[6, 2, 0x2a, 5], critical, &[4, 1, 1]])]);
    let with = |rest: &[u8]| token_with(SHA256, &sha256(CONTENT), 2026, &[], rest);
    assert_eq!(codes(&with(&extension(&[1, 1, 0xff]))), ["tst.extension.critical"]);
    let harmless = with(&extension(&[]));
    assert!(codes(&harmless).is_empty());
    let read = TimestampToken::parse(&harmless, &mut budget()).unwrap();
    assert_eq!(read.info.extensions[0].criticality, Criticality::NonCritical);
    assert_eq!(codes(&token_with(SHA256, &[1; 20], 2026, &[], &[])), ["tst.imprint.length"]);
    assert!(TimestampToken::parse(&with(&[5, 0]), &mut budget()).is_err());
}
