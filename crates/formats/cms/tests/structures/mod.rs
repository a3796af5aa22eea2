//! CMS structures put together by hand: tokens, signers and evidence records with whatever inside.

#![allow(dead_code, reason = "not every test uses everything")]
#![allow(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use crypto::{DigestAlgorithm, Provider, PureProvider};
use undersign_cms::oid;

pub const SHA256: DigestAlgorithm = DigestAlgorithm::Sha256;

/// Tag, definite length, content.
pub fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let len = content.len();
    let mut out = match len {
        0..0x80 => vec![tag, len as u8],
        0x80..0x100 => vec![tag, 0x81, len as u8],
        _ => vec![tag, 0x82, (len >> 8) as u8, len as u8],
    };
    out.extend(content);
    out
}

pub fn oid_der(oid: const_oid::ObjectIdentifier) -> Vec<u8> {
    tlv(6, &[oid.as_bytes()])
}

pub fn algorithm(digest: DigestAlgorithm) -> Vec<u8> {
    tlv(0x30, &[&oid_der(digest.oid())])
}

pub fn digest(algorithm: DigestAlgorithm, bytes: &[u8]) -> Vec<u8> {
    PureProvider.digest(algorithm, bytes).value
}

pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(SHA256, bytes)
}

pub fn attribute(kind: const_oid::ObjectIdentifier, values: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &[&oid_der(kind), &tlv(0x31, values)])
}

/// The fields of a `SignerInfo` up to the signature value.
pub fn signer_fields(signed: &[u8], signature: &[u8]) -> Vec<u8> {
    let rsa = tlv(0x30, &[&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11, 5, 0]]);
    let sid = tlv(0x30, &[&[0x30, 0, 2, 1, 5]]);
    let signed = if signed.is_empty() { Vec::new() } else { tlv(0xa0, &[signed]) };
    [&[2, 1, 1][..], &sid, &algorithm(SHA256), &signed, &rsa, &tlv(4, &[signature])].concat()
}

pub fn signer(fields: &[u8], unsigned: &[&[u8]]) -> Vec<u8> {
    let unsigned = if unsigned.is_empty() { Vec::new() } else { tlv(0xa1, unsigned) };
    tlv(0x30, &[fields, &unsigned])
}

/// What is around the signers of a `SignedData`.
#[derive(Clone, Default)]
pub struct Data {
    pub content_type: Option<const_oid::ObjectIdentifier>,
    pub content: Option<Vec<u8>>,
    pub certificates: Vec<Vec<u8>>,
    pub crls: Vec<Vec<u8>>,
}

impl Data {
    /// `EncapsulatedContentInfo`.
    pub fn info(&self) -> Vec<u8> {
        let kind = oid_der(self.content_type.unwrap_or(oid::DATA));
        match &self.content {
            Some(content) => tlv(0x30, &[&kind, &tlv(0xa0, &[&tlv(4, &[content])])]),
            None => tlv(0x30, &[&kind]),
        }
    }

    /// `[0] certificates` and `[1] crls`.
    pub fn sets(&self) -> Vec<u8> {
        let set = |tag, values: &[Vec<u8>]| match values {
            [] => Vec::new(),
            _ => tlv(tag, &[&values.concat()]),
        };
        [set(0xa0, &self.certificates), set(0xa1, &self.crls)].concat()
    }

    pub fn with_signers(&self, signers: &[&[u8]]) -> Vec<u8> {
        let algorithms = tlv(0x31, &[&algorithm(SHA256)]);
        let signed_data =
            tlv(0x30, &[&[2, 1, 1], &algorithms, &self.info(), &self.sets(), &tlv(0x31, signers)]);
        tlv(0x30, &[&oid_der(oid::SIGNED_DATA), &tlv(0xa0, &[&signed_data])])
    }
}

/// A token over this digest, with these unsigned attributes and what may follow its time.
pub fn token_with(
    by: DigestAlgorithm,
    imprint: &[u8],
    year: u32,
    unsigned: &[&[u8]],
    rest: &[u8],
) -> Vec<u8> {
    let imprint = tlv(0x30, &[&algorithm(by), &tlv(4, &[imprint])]);
    let time = tlv(0x18, &[format!("{year}0101000000Z").as_bytes()]);
    let info = tlv(0x30, &[&[2, 1, 1, 6, 2, 0x2a, 3], &imprint, &[2, 1, 9], &time, rest]);
    let data = Data { content_type: Some(oid::TST_INFO), content: Some(info), ..Data::default() };
    let hash = tlv(4, &[&[3; 32]]);
    let named = tlv(0x30, &[&tlv(0x30, &[&tlv(0x30, &[&hash])])]);
    let signed = attribute(oid::SIGNING_CERTIFICATE_V2, &[&named]);
    data.with_signers(&[&signer(&signer_fields(&signed, &[9; 64]), unsigned)])
}

/// A token over bytes.
pub fn token(message: &[u8]) -> Vec<u8> {
    token_with(SHA256, &sha256(message), 2026, &[], &[])
}

/// An `ArchiveTimeStamp` over a root, with a reduced hash tree.
pub fn archive_timestamp(
    by: DigestAlgorithm,
    root: &[u8],
    year: u32,
    tree: Option<&[Vec<Vec<u8>>]>,
) -> Vec<u8> {
    let tree = tree.map_or(Vec::new(), |lists| {
        let lists: Vec<Vec<u8>> = lists
            .iter()
            .map(|list| {
                let values: Vec<Vec<u8>> = list.iter().map(|value| tlv(4, &[value])).collect();
                tlv(0x30, &[&values.concat()])
            })
            .collect();
        tlv(0xa2, &[&lists.concat()])
    });
    let named = tlv(0xa0, &[&oid_der(by.oid())]);
    tlv(0x30, &[&named, &tree, &token_with(by, root, year, &[], &[])])
}

/// An `EvidenceRecord` of chains, each given as its archive time-stamps.
pub fn evidence_record(algorithms: &[DigestAlgorithm], chains: &[Vec<Vec<u8>>]) -> Vec<u8> {
    let algorithms: Vec<Vec<u8>> = algorithms.iter().map(|by| algorithm(*by)).collect();
    let chains: Vec<Vec<u8>> = chains.iter().map(|chain| tlv(0x30, &[&chain.concat()])).collect();
    tlv(0x30, &[&[2, 1, 1], &tlv(0x30, &[&algorithms.concat()]), &tlv(0x30, &[&chains.concat()])])
}
