//! Hostile CMS: deep nesting, huge lengths, many attributes, indefinite-length bombs, trailing bytes, cut and flipped
//! bytes end in an error or a finding, without a panic and in a number of steps linear in the input.

#![allow(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use crypto::{DigestAlgorithm, Provider, PureProvider, SignatureAlgorithm};
use types::{Budget, Cause, Limits, Malformed, Resource};
use undersign_cms::{
    Profile, SignedAttributesBuilder, SignedData, SignedDataBuilder, SignerCertificate, SignerInfo,
    TimestampResponse, TimestampToken, Trailing, oid,
};

const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256);

/// Tag, definite length, content.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len();
    let mut out = match len {
        0..0x80 => vec![tag, len as u8],
        _ => [&[tag, 0x84][..], &u32::try_from(len).unwrap().to_be_bytes()].concat(),
    };
    out.extend_from_slice(content);
    out
}

/// The least that identifies a signer: serial number 5, an empty algorithm, an empty issuer.
fn certificate() -> Vec<u8> {
    tlv(0x30, &tlv(0x30, &[2, 1, 5, 0x30, 0, 0x30, 0]))
}

fn honest() -> Vec<u8> {
    let signer = SignerCertificate::read(&certificate(), &PureProvider).unwrap();
    let digest = PureProvider.digest(DigestAlgorithm::Sha256, b"content");
    let attributes =
        SignedAttributesBuilder::new(Profile::Pades, &digest, &ALGORITHM, &signer).unwrap().build();
    SignedDataBuilder::new(&signer, &ALGORITHM).unwrap().assemble(&attributes, &[7; 256]).unwrap()
}

/// A `SignedData` whose signer has these signed and unsigned attributes (contents of the sets).
fn with_attributes(signed: &[u8], unsigned: &[u8]) -> Vec<u8> {
    let algorithm = tlv(0x30, &tlv(6, DigestAlgorithm::Sha256.oid().as_bytes()));
    let rsa = tlv(0x30, &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11, 5, 0]);
    let signer = [
        &[2, 1, 1][..],
        &tlv(0x30, &[0x30, 0, 2, 1, 5]),
        &algorithm,
        &tlv(0xa0, signed),
        &rsa,
        &tlv(4, &[7; 256]),
        &tlv(0xa1, unsigned),
    ];
    with_signers(&tlv(0x30, &signer.concat()), &[])
}

/// A `SignedData` with these signer infos and this in place of `[0] certificates`.
fn with_signers(signers: &[u8], certificates: &[u8]) -> Vec<u8> {
    let algorithm = tlv(0x30, &tlv(6, DigestAlgorithm::Sha256.oid().as_bytes()));
    let content = tlv(0x30, &tlv(6, oid::DATA.as_bytes()));
    let parts = [&[2, 1, 1][..], &tlv(0x31, &algorithm), &content, certificates, &tlv(0x31, signers)];
    let signed_data = tlv(0xa0, &tlv(0x30, &parts.concat()));
    tlv(0x30, &[tlv(6, oid::SIGNED_DATA.as_bytes()), signed_data].concat())
}

/// A `SignedData` of nobody with this `EncapsulatedContentInfo`.
fn with_content(info: &[u8]) -> Vec<u8> {
    let parts = [&[2, 1, 1][..], &tlv(0x31, &[]), info, &tlv(0x31, &[])];
    let signed_data = tlv(0xa0, &tlv(0x30, &parts.concat()));
    tlv(0x30, &[tlv(6, oid::SIGNED_DATA.as_bytes()), signed_data].concat())
}

/// Reads with a full budget: the result, and the steps it took.
fn parse(bytes: &[u8]) -> (Result<SignedData<'_>, Malformed>, u64) {
    let mut budget = Budget::default();
    let before = budget.left(Resource::Steps);
    let result = SignedData::parse(bytes, &mut budget);
    (result, before - budget.left(Resource::Steps))
}

#[test]
fn what_comes_after_the_signature_is_told_apart() {
    let honest = honest();
    assert_eq!(parse(&honest).0.unwrap().trailing, Trailing::None);
    let padded = [&honest[..], &[0; 5000]].concat();
    let signed_data = parse(&padded).0.unwrap();
    assert!(matches!(signed_data.trailing, Trailing::Zeros(span) if span.len() == 5000));
    assert_eq!(signed_data.encoded.bytes, honest);
    assert_eq!(signed_data.findings, []);
    let followed = [&honest[..], &[0, 0, 1]].concat();
    let signed_data = parse(&followed).0.unwrap();
    assert!(matches!(signed_data.trailing, Trailing::Other(span) if span.start == honest.len() as u64));
    assert_eq!(signed_data.findings.first().map(|finding| &*finding.code), Some("cms.trailing-bytes"));
}

#[test]
fn nothing_stands_beside_the_content() {
    let (data, other) = (tlv(6, oid::DATA.as_bytes()), [6, 3, 0x2a, 3, 4].to_vec());
    let (signed, evil) = (tlv(4, b"signed"), tlv(4, b"evil"));
    let info = |parts: &[&[u8]]| with_content(&tlv(0x30, &parts.concat()));
    let inside = |values: &[&[u8]]| tlv(0xa0, &values.concat());
    for honest in [
        info(&[&data, &inside(&[&signed])]),
        info(&[&other, &inside(&[&signed])]),
        // PKCS #7 content of another type (RFC 2315, 9.3).
        info(&[&other, &inside(&[&tlv(0x30, b"signed")])]),
    ] {
        assert_eq!(parse(&honest).0.unwrap().content.content.as_deref(), Some(&b"signed"[..]));
    }
    assert_eq!(parse(&info(&[&data])).0.unwrap().content.content, None);
    for (case, bytes) in [
        ("after it, in its place", info(&[&data, &inside(&[&signed, &evil])])),
        ("after its place", info(&[&data, &inside(&[&signed]), &evil])),
        ("in a second place", info(&[&data, &inside(&[&signed]), &inside(&[&evil])])),
        ("in another place", info(&[&data, &tlv(0xa1, &evil)])),
        ("of another type, after it", info(&[&other, &inside(&[&signed, &evil])])),
        ("data that is text", info(&[&data, &inside(&[&tlv(0x0c, b"signed")])])),
        ("data that is a sequence", info(&[&data, &inside(&[&tlv(0x30, b"signed")])])),
    ] {
        assert!(parse(&bytes).0.is_err(), "{case}");
    }
}

#[test]
fn every_cut_is_an_error() {
    let honest = honest();
    for len in 0..honest.len() {
        assert!(parse(&honest[..len]).0.is_err(), "{len}");
    }
}

#[test]
fn no_changed_byte_panics() {
    let mut bytes = honest();
    for at in 0..bytes.len() {
        for change in [0x01, 0x20, 0x80, 0xff] {
            bytes[at] ^= change;
            let _ = parse(&bytes);
            let _ = TimestampToken::parse(&bytes, &mut Budget::default());
            let _ = TimestampResponse::parse(&bytes, &mut Budget::default());
            let _ = SignerInfo::parse(&bytes, &mut Budget::default());
            bytes[at] ^= change;
        }
    }
}

#[test]
fn ten_thousand_attributes_are_read_in_linear_steps() {
    let attribute = tlv(0x30, &[6, 3, 0x2a, 3, 4, 0x31, 2, 5, 0]);
    let steps = |count: usize| {
        let bytes = with_attributes(&attribute.repeat(count), &attribute.repeat(count));
        let (signed_data, steps) = parse(&bytes);
        let signed_data = signed_data.unwrap();
        assert_eq!(signed_data.signers[0].unsigned_attributes.attributes.len(), count);
        steps
    };
    let (few, many) = (steps(1_000), steps(10_000));
    assert!(many < few * 11, "{few} and {many}");
}

#[test]
fn a_mandatory_attribute_that_stands_twice_is_not_used() {
    let digest = |value: u8| {
        let value = tlv(0x31, &tlv(4, &[value; 32]));
        tlv(0x30, &[tlv(6, oid::MESSAGE_DIGEST.as_bytes()), value].concat())
    };
    let bytes = with_attributes(&[digest(1), digest(2)].concat(), &[]);
    let signed_data = parse(&bytes).0.unwrap();
    let signed = signed_data.signers[0].signed_attributes.as_ref().unwrap();
    assert_eq!(signed.message_digest, None);
    let codes: Vec<&str> = signed_data.findings.iter().map(|finding| &*finding.code).collect();
    assert!(
        codes.contains(&"cms.attribute.repeated") && codes.contains(&"cms.message-digest.missing"),
        "{codes:?}"
    );
}

#[test]
fn nesting_deeper_than_the_limit_is_refused_at_once() {
    let nest = |opening: &[u8], depth: usize| {
        let value = opening.repeat(depth);
        let attribute = [&[6, 3, 0x2a, 3, 4][..], &[0x31, 0x80], &value].concat();
        [&[0x30, 0x80][..], &attribute].concat()
    };
    for opening in [&[0x30, 0x80][..], &[0x24, 0x80], &[0xa0, 0x80], &[0x31, 0x80]] {
        let bytes = with_attributes(&nest(opening, 100_000), &[]);
        let (result, steps) = parse(&bytes);
        assert!(result.is_err());
        assert!(steps < 2_000, "{steps}");
    }
    let mut definite = vec![5, 0];
    for _ in 0..2_000 {
        definite = tlv(0x30, &definite);
    }
    let attribute = tlv(0x30, &[&[6, 3, 0x2a, 3, 4][..], &tlv(0x31, &definite)].concat());
    assert!(parse(&with_attributes(&attribute, &[])).0.is_err());
}

#[test]
fn bombs_of_nested_indefinite_strings_cost_linear_steps() {
    let bomb = |segments: usize| {
        let inner = [0x24, 0x80, 4, 1, 0xaa, 0, 0].repeat(segments);
        let opened = [[0x24, 0x80].repeat(80), inner, [0, 0].repeat(80)].concat();
        let value = [&[0x31, 0x80][..], &opened, &[0, 0]].concat();
        let attribute =
            [&[0x30, 0x80][..], &tlv(6, oid::MESSAGE_DIGEST.as_bytes()), &value, &[0, 0]].concat();
        with_attributes(&attribute, &[])
    };
    let steps = |segments: usize| {
        let bytes = bomb(segments);
        let (result, steps) = parse(&bytes);
        let signed_data = result.unwrap();
        let signed = signed_data.signers[0].signed_attributes.as_ref().unwrap();
        assert_eq!(signed.message_digest.as_deref(), Some(&vec![0xaa; segments][..]));
        (steps, bytes.len() as u64)
    };
    let ((few, _), (many, len)) = (steps(1_000), steps(10_000));
    assert!(many < few * 11 && many < len * 12, "{few} and {many} for {len} bytes");
}

#[test]
fn huge_lengths_and_counts_end_in_an_error() {
    let honest = honest();
    for length in
        [&[0x84, 0xff, 0xff, 0xff, 0xff][..], &[0x88, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]]
    {
        assert!(parse(&[&[0x30][..], length, &honest[4..]].concat()).0.is_err());
    }
    let certificates = tlv(0xa0, &[0x30, 0].repeat(100_000));
    let bytes = with_signers(&[], &certificates);
    let malformed = parse(&bytes).0.unwrap_err();
    assert!(matches!(malformed.cause, Cause::Budget(spent) if spent.resource == Resource::Certificates));
    let signer = tlv(0x30, &[2, 1, 1]);
    assert!(parse(&with_signers(&signer.repeat(20_000), &[])).0.is_err());
}

#[test]
fn a_small_budget_is_named_when_it_runs_out() {
    let honest = honest();
    for steps in 0..400 {
        let mut budget = Budget::new(Limits::STANDARD.with(Resource::Steps, steps));
        match SignedData::parse(&honest, &mut budget) {
            Ok(_) => {}
            Err(malformed) => assert!(matches!(malformed.cause, Cause::Budget(_)), "{malformed}"),
        }
    }
}

#[test]
fn millions_of_tiny_values_run_into_the_limit_before_they_fill_the_memory() {
    let attribute = tlv(0x30, &[&[6, 3, 0x2a, 3, 4][..], &tlv(0x31, &[5, 0].repeat(2_000_000))].concat());
    let malformed = parse(&with_attributes(&attribute, &[])).0.unwrap_err();
    assert!(matches!(malformed.cause, Cause::Budget(spent) if spent.resource == Resource::Steps));
}
