//! Files that make a verifier work: many certificates, signers, tokens, entries, members, nestings. Nothing in them needs
//! a good signature but CRLs, whose entries are only read under one.

use crate::people::Authority;
use crypto::{DigestAlgorithm, PROVIDER, SignatureAlgorithm, Signer, SignerError};
use pkix::{BasicConstraints, CertificateBuilder, KeyUsage, Name, oid};
use types::Time;

const VALIDITY: (Time, Time) = (Time::from_unix(1_577_836_800), Time::from_unix(2_208_988_800));
/// The DER of ecdsa-with-SHA256 as an algorithm identifier.
const ECDSA: [u8; 12] = [0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
/// The DER of SHA-256 as an algorithm identifier.
const SHA256: [u8; 13] = [0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
/// id-data, id-ct-TSTInfo, id-signedData.
const DATA: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const TST_INFO: [u8; 13] = [0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];
const SIGNED_DATA: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// countersignature, signature-time-stamp, internal evidence record.
const COUNTERSIGNATURE: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x06];
const SIGNATURE_TIMESTAMP: [u8; 13] =
    [0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x0e];
const EVIDENCE_RECORD: [u8; 13] =
    [0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x31];

/// One DER value.
pub fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let octets: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
    let mut value = match u8::try_from(length) {
        Ok(short) if short < 0x80 => vec![tag, short],
        _ => [vec![tag, 0x80 | octets.len() as u8], octets].concat(),
    };
    parts.iter().for_each(|part| value.extend_from_slice(part));
    value
}

/// Signs nothing: the value has the form of one, and no more.
struct Blank {
    key: Vec<u8>,
}

impl Blank {
    /// With a key of its own for each number; it is on no curve.
    fn new(number: u32) -> Blank {
        let mut point = [0x11; 65];
        point[0] = 4;
        point[1..5].copy_from_slice(&number.to_be_bytes());
        let algorithm = [
            0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
            0xce, 0x3d, 0x03, 0x01, 0x07,
        ];
        Blank { key: der(0x30, &[&algorithm, &[0x03, 0x42, 0x00], &point]) }
    }
}

impl Signer for Blank {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256)
    }

    fn public_key(&self) -> &[u8] {
        &self.key
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(blank_value())
    }
}

fn blank_value() -> Vec<u8> {
    let integer = der(0x02, &[&[0x11; 32]]);
    der(0x30, &[&integer, &integer])
}

fn name(text: &str) -> Name {
    Name::from_attributes(&[(oid::COMMON_NAME, text)])
}

/// A certificate of an authority with a key of its own and no good signature.
pub fn certificate(number: u32, subject: &str, issuer: &str) -> Vec<u8> {
    let signer = Blank::new(number);
    CertificateBuilder::new(&[1], &name(issuer), VALIDITY, &name(subject), signer.public_key())
        .basic_constraints(BasicConstraints { ca: true, path_len: None })
        .key_usage(KeyUsage::KEY_CERT_SIGN.and(KeyUsage::DIGITAL_SIGNATURE))
        .subject_key_identifier(PROVIDER)
        .sign(&signer)
        .expect("a certificate can be built")
        .der()
        .to_vec()
}

/// As many certificates that all name each other: any of them may have issued any other.
pub fn namesakes(count: u32) -> Vec<Vec<u8>> {
    (0..count).map(|number| certificate(number, "Namesake", "Namesake")).collect()
}

/// As many certificates, each of the next one's name: a chain that ends nowhere, or where it began.
pub fn chain(count: u32) -> Vec<Vec<u8>> {
    let title = |number: u32| format!("Link {}", number % count);
    (0..count).map(|number| certificate(number, &title(number), &title(number + 1))).collect()
}

/// A `SignerInfo` without signed attributes by the first of [`namesakes`].
pub fn signer(unsigned: &[Vec<u8>]) -> Vec<u8> {
    signer_named("Namesake", unsigned)
}

/// A `SignerInfo` by a certificate of this issuer.
pub fn signer_named(issuer: &str, unsigned: &[Vec<u8>]) -> Vec<u8> {
    let identifier = der(0x30, &[name(issuer).der(), &[0x02, 0x01, 0x01]]);
    let value = der(0x04, &[&blank_value()]);
    let unsigned = if unsigned.is_empty() { Vec::new() } else { der(0xa1, &[&unsigned.concat()]) };
    der(0x30, &[&[0x02, 0x01, 0x01], &identifier, &SHA256, &ECDSA, &value, &unsigned])
}

/// A CMS with content, certificates and signers.
pub fn cms(content: &[u8], certificates: &[Vec<u8>], signers: &[Vec<u8>]) -> Vec<u8> {
    signed_data(&DATA, content, certificates, signers)
}

fn signed_data(kind: &[u8], content: &[u8], certificates: &[Vec<u8>], signers: &[Vec<u8>]) -> Vec<u8> {
    let content = der(0x30, &[kind, &der(0xa0, &[&der(0x04, &[content])])]);
    let certificates = der(0xa0, &[&certificates.concat()]);
    let signers = der(0x31, &[&signers.concat()]);
    let body = der(0x30, &[&[0x02, 0x01, 0x03], &der(0x31, &[&SHA256]), &content, &certificates, &signers]);
    der(0x30, &[&SIGNED_DATA, &der(0xa0, &[&body])])
}

/// A timestamp token over nothing known, with nothing in it.
pub fn token(number: u32) -> Vec<u8> {
    let imprint = der(0x30, &[&SHA256, &der(0x04, &[&[0x22; 32]])]);
    let serial = der(0x02, &[&[0x01], &number.to_be_bytes()]);
    let time = der(0x18, &[b"20260101000000Z"]);
    let policy = [0x06, 0x03, 0x2a, 0x03, 0x04];
    let info = der(0x30, &[&[0x02, 0x01, 0x01], &policy, &imprint, &serial, &time]);
    signed_data(&TST_INFO, &info, &[], &[signer(&[])])
}

/// An unsigned attribute with as many signature timestamps.
pub fn timestamps(count: u32) -> Vec<u8> {
    let tokens: Vec<u8> = (0..count).flat_map(token).collect();
    der(0x30, &[&SIGNATURE_TIMESTAMP, &der(0x31, &[&tokens])])
}

/// An unsigned attribute with countersignatures, each on the one before.
pub fn countersignatures(depth: u32) -> Vec<u8> {
    let mut inner = signer(&[]);
    for _ in 1..depth {
        inner = signer(&[der(0x30, &[&COUNTERSIGNATURE, &der(0x31, &[&inner])])]);
    }
    der(0x30, &[&COUNTERSIGNATURE, &der(0x31, &[&inner])])
}

/// An unsigned attribute with an evidence record of as many timestamps, whose first tree has as many groups of one digest.
pub fn evidence_record(timestamps: u32, groups: u32) -> Vec<u8> {
    der(0x30, &[&EVIDENCE_RECORD, &der(0x31, &[&record(timestamps, groups)])])
}

/// The evidence record alone.
pub fn record(timestamps: u32, groups: u32) -> Vec<u8> {
    let digest = |number: u32| {
        let mut octets = [0x33; 32];
        octets[..4].copy_from_slice(&number.to_be_bytes());
        der(0x30, &[&der(0x04, &[&octets])])
    };
    let tree = der(0xa2, &[&(0..groups).flat_map(digest).collect::<Vec<u8>>()]);
    let algorithm = der(0xa0, &[&SHA256[2..]]);
    let stamp = |number: u32| {
        let tree = if number == 0 && groups > 0 { tree.as_slice() } else { &[] };
        der(0x30, &[&algorithm, tree, &token(number)])
    };
    let chain = der(0x30, &[&(0..timestamps).flat_map(stamp).collect::<Vec<u8>>()]);
    der(0x30, &[&[0x02, 0x01, 0x01], &der(0x30, &[&SHA256]), &der(0x30, &[&chain])])
}

/// A CRL of the authority with as many entries, none of them about anybody here.
pub fn crl(authority: &Authority, entries: u32) -> Vec<u8> {
    let time = |text: &[u8]| der(0x17, &[text]);
    let (this, next) = (time(b"260101000000Z"), time(b"270101000000Z"));
    let mut list = Vec::with_capacity(entries as usize * 40);
    for entry in 0..entries {
        let serial = der(0x02, &[&[0x01; 12], &entry.to_be_bytes()]);
        list.extend(der(0x30, &[&serial, &this]));
    }
    let list = if entries == 0 { Vec::new() } else { der(0x30, &[&list]) };
    let issuer = authority.certificate.subject().der();
    let body = der(0x30, &[&[0x02, 0x01, 0x01], &ECDSA, issuer, &this, &next, &list]);
    let value = authority.sign(&body);
    der(0x30, &[&body, &ECDSA, &der(0x03, &[&[0], &value])])
}

/// A PDF with an empty document security store but for one stream, a CRL.
pub fn with_store(mut document: Vec<u8>, crl: &[u8]) -> Vec<u8> {
    let previous = start_of_table(&document);
    let mut offsets = Vec::new();
    let mut object = |file: &mut Vec<u8>, body: &[&[u8]]| {
        offsets.push(file.len());
        let number = 9000 + offsets.len() - 1;
        file.extend(format!("{number} 0 obj\n").bytes());
        body.iter().for_each(|part| file.extend_from_slice(part));
        file.extend(b"\nendobj\n");
    };
    object(
        &mut document,
        &[format!("<< /Length {} >>\nstream\n", crl.len()).as_bytes(), crl, b"\nendstream"],
    );
    object(&mut document, &[b"<< /CRLs [9000 0 R] >>"]);
    offsets.push(document.len());
    document.extend(b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R /DSS 9001 0 R >>\nendobj\n");
    let table = document.len();
    let entry = |offset: usize| format!("{offset:010} 00000 n \n");
    let rows = format!("1 1\n{}9000 2\n{}{}", entry(offsets[2]), entry(offsets[0]), entry(offsets[1]));
    let trailer =
        format!("trailer\n<< /Size 9002 /Root 1 0 R /Prev {previous} >>\nstartxref\n{table}\n%%EOF\n");
    document.extend(format!("xref\n{rows}{trailer}").bytes());
    document
}

fn start_of_table(document: &[u8]) -> usize {
    let end = String::from_utf8_lossy(document.get(document.len().saturating_sub(60)..).unwrap_or_default());
    let words = end.rsplit("startxref").next().unwrap_or_default();
    words.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or_default()
}

/// A ZIP with stored members.
pub fn zip(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in members {
        let (offset, size) = (file.len() as u32, (content.len() as u32).to_le_bytes());
        let fixed = [&[20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0x5c][..], &crc32(content).to_le_bytes(), &size, &size]
            .concat();
        let name_len = (name.len() as u16).to_le_bytes();
        file.extend([b"PK\x03\x04", &fixed[..], &name_len, &[0, 0], name.as_bytes(), content].concat());
        let rest = [&name_len[..], &[0; 12], &offset.to_le_bytes()].concat();
        directory.extend([b"PK\x01\x02\x14\x00", &fixed[..], &rest, name.as_bytes()].concat());
    }
    let count = (members.len().min(0xffff) as u16).to_le_bytes();
    let (at, size) = ((file.len() as u32).to_le_bytes(), (directory.len() as u32).to_le_bytes());
    file.extend(directory);
    file.extend([b"PK\x05\x06", &[0; 4][..], &count, &count, &size, &at, &[0, 0]].concat());
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

/// An XML signature with references to as many files, as deep in other elements as told.
pub fn xml(references: u32, depth: u32, certificates: &[String]) -> Vec<u8> {
    let mut text = "<a>".repeat(depth as usize);
    text.push_str(
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo><ds:CanonicalizationMethod \
         Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/><ds:SignatureMethod \
         Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\"/>",
    );
    for number in 0..references {
        text.push_str(&format!(
            "<ds:Reference URI=\"{number}\"><ds:DigestMethod \
             Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue>AAAA</ds:DigestValue>\
             </ds:Reference>"
        ));
    }
    text.push_str("</ds:SignedInfo><ds:SignatureValue>");
    text.push_str(&"A".repeat(88));
    text.push_str("</ds:SignatureValue><ds:KeyInfo><ds:X509Data>");
    for certificate in certificates {
        text.push_str(&format!("<ds:X509Certificate>{certificate}</ds:X509Certificate>"));
    }
    text.push_str("</ds:X509Data></ds:KeyInfo></ds:Signature>");
    text.push_str(&"</a>".repeat(depth as usize));
    text.into_bytes()
}

/// A raw deflate stream (RFC 1951) of so many zeros: each block repeats what stands 258 bytes before it.
fn deflated_zeros(len: u64) -> Vec<u8> {
    let mut bits = Bits::default();
    // One block with fixed codes: a literal zero, then copies of 258 bytes from one byte before.
    bits.push(0b011, 3);
    bits.code(0b0011_0000, 8);
    let mut left = len.saturating_sub(1);
    while left >= 258 {
        bits.code(0b1100_0101, 8);
        bits.code(0, 5);
        left -= 258;
    }
    for _ in 0..left {
        bits.code(0b0011_0000, 8);
    }
    bits.code(0, 7);
    bits.finish()
}

/// Bits as deflate packs them.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    /// Low bit first.
    fn push(&mut self, bits: u32, count: u32) {
        self.held |= bits << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.held as u8);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// A Huffman code: high bit first.
    fn code(&mut self, code: u32, count: u32) {
        (0..count).rev().for_each(|bit| self.push(code >> bit & 1, 1));
    }

    fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.bytes.push(self.held as u8);
        }
        self.bytes
    }
}

/// A PDF whose document security store has a certificate that decodes to so many zeros.
pub fn bomb_pdf(len: u64) -> Vec<u8> {
    let raw = deflated_zeros(len);
    // RFC 1950 around it; whether the check sum is right is asked at the end, if it is reached.
    let data = [&[0x78, 0x9c][..], &raw, &[0; 4]].concat();
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    let stream = format!("<< /Filter /FlateDecode /Length {} >>\nstream\n", data.len());
    let bodies: [&[&[u8]]; 5] = [
        &[b"<< /Type /Catalog /Pages 2 0 R /DSS 4 0 R >>"],
        &[b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 200 200] >>"],
        &[b"<< /Type /Page /Parent 2 0 R >>"],
        &[b"<< /Certs [5 0 R] /CRLs [5 0 R] >>"],
        &[stream.as_bytes(), &data, b"\nendstream"],
    ];
    for body in bodies {
        offsets.push(file.len());
        file.extend(format!("{} 0 obj\n", offsets.len()).bytes());
        body.iter().for_each(|part| file.extend_from_slice(part));
        file.extend(b"\nendobj\n");
    }
    let table = file.len();
    let rows: String = offsets.iter().map(|offset| format!("{offset:010} 00000 n \n")).collect();
    let trailer = format!("trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
    file.extend(format!("xref\n0 6\n0000000000 65535 f \n{rows}{trailer}").bytes());
    file
}

/// A container whose signature file unpacks to so many zeros.
pub fn bomb_zip(len: u32) -> Vec<u8> {
    let data = deflated_zeros(u64::from(len));
    let name = b"META-INF/signature.p7s";
    let mut file = zip(&[("mimetype".to_owned(), b"application/vnd.etsi.asic-e+zip".to_vec())]);
    file.truncate(file.len() - 22 - (46 + 8));
    let first = file.len();
    let fixed = [
        &[20, 0, 0, 8, 8, 0, 0, 0, 0x21, 0x5c][..],
        &[0; 4],
        &(data.len() as u32).to_le_bytes(),
        &len.to_le_bytes(),
        &(name.len() as u16).to_le_bytes(),
        &[0, 0],
    ]
    .concat();
    file.extend([b"PK\x03\x04", &fixed[..], name, &data].concat());
    let at = file.len();
    let mimetype = [
        &b"PK\x01\x02\x14\x00\x14\x00\x00\x08\x00\x00\x00\x00\x21\x5c"[..],
        &crc32(b"application/vnd.etsi.asic-e+zip").to_le_bytes(),
        &31u32.to_le_bytes(),
        &31u32.to_le_bytes(),
        &[8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        b"mimetype",
    ]
    .concat();
    file.extend(mimetype);
    let rest = [&[0; 10][..], &(first as u32).to_le_bytes()].concat();
    file.extend([b"PK\x01\x02\x14\x00", &fixed[..], &rest, name].concat());
    let size = (file.len() - at) as u32;
    let end = [
        b"PK\x05\x06",
        &[0, 0, 0, 0, 2, 0, 2, 0][..],
        &size.to_le_bytes(),
        &(at as u32).to_le_bytes(),
        &[0, 0],
    ];
    file.extend(end.concat());
    file
}
