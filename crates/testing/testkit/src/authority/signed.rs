//! CMS signatures (CAdES) with timestamps, countersignatures and embedded values, and timestamp tokens.

use super::der::{generalized, integer, oid, sequence, set, value};
use super::{Actor, time};
use cms::{SignerCertificate, TimestampRequest, TimestampResponse, TimestampTokenBuilder, TstStatement};
use crypto::{Digest, DigestAlgorithm, PROVIDER, Signer};
use pkix::Certificate;
use types::Budget;

const DATA: &str = "1.2.840.113549.1.7.1";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
const SIGNATURE_TIMESTAMP: &str = "1.2.840.113549.1.9.16.2.14";

/// A timestamp token to be made.
pub struct Stamp<'a> {
    /// Who makes it.
    pub tsa: &'a Actor,
    /// genTime.
    pub at: &'a str,
    /// Certificates in the token besides that of the authority.
    pub certificates: Vec<Certificate>,
    /// Extensions of what it states, DER.
    pub extensions: Vec<Vec<u8>>,
    /// The types that its signed attributes give to its content.
    pub content_types: Vec<&'a str>,
}

impl<'a> Stamp<'a> {
    /// With the certificate of the authority alone.
    pub fn new(tsa: &'a Actor, at: &'a str) -> Stamp<'a> {
        let content_types = vec![TST_INFO];
        Stamp { tsa, at, certificates: Vec::new(), extensions: Vec::new(), content_types }
    }

    /// The token over some octets.
    pub fn over(&self, octets: &[u8]) -> Vec<u8> {
        self.token(octets, Vec::new())
    }

    /// The token over what has this digest.
    pub fn over_digest(&self, digest: &Digest) -> Vec<u8> {
        self.token_over(digest, Vec::new())
    }

    /// The answer to a DER `TimeStampReq`: always granted.
    pub fn response(&self, request: &[u8]) -> Vec<u8> {
        let request = TimestampRequest::parse(request, &mut Budget::default()).expect("it is a request");
        let signer =
            SignerCertificate::read(self.tsa.certificate.der(), PROVIDER).expect("it is a certificate");
        let builder = TimestampTokenBuilder::new(signer, &self.tsa.key.algorithm()).expect("it has a name");
        let statement = TstStatement {
            request: &request,
            policy: &cms::Oid::from_content(&[0x2a, 3, 4]).expect("an identifier"),
            serial: &[1],
            gen_time: time(self.at),
            accuracy_microseconds: 1_000_000,
        };
        let token = builder.sign(&statement, &self.tsa.key, PROVIDER).expect("it signs");
        TimestampResponse::granted(&token)
    }

    pub(super) fn token(&self, octets: &[u8], unsigned: Vec<Vec<u8>>) -> Vec<u8> {
        self.token_over(&PROVIDER.digest(self.tsa.key.digest, octets), unsigned)
    }

    fn token_over(&self, digest: &Digest, unsigned: Vec<Vec<u8>>) -> Vec<u8> {
        let imprint = sequence(&[digest_identifier(digest.algorithm), value(0x04, &digest.value)]);
        let time = generalized(time(self.at));
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            list => value(0xa1, &list.concat()),
        };
        let info = sequence(&[integer(1), oid("1.2.3.4"), imprint, integer(1), time, extensions]);
        let mut token = Cms::of_types(TST_INFO, &self.content_types, self.tsa, &info, Vec::new());
        token.certificates.extend(self.certificates.iter().map(|one| one.der().to_vec()));
        token.unsigned = unsigned;
        token.der()
    }
}

/// A signature that holds its content.
#[derive(Clone)]
pub struct Cms {
    pub(super) content_type: &'static str,
    pub(super) content: Vec<u8>,
    holds_content: bool,
    /// Version to signature value.
    pub(super) fields: Vec<u8>,
    digest: DigestAlgorithm,
    /// The version, where it is not the one that follows from the rest.
    version: Option<u32>,
    announces_digest: bool,
    /// The signature value.
    pub value: Vec<u8>,
    /// Certificates, DER.
    pub certificates: Vec<Vec<u8>>,
    /// CRLs and, as other revocation information, OCSP responses.
    pub(super) infos: Vec<Vec<u8>>,
    /// Unsigned attributes: type and value.
    pub(super) unsigned: Vec<Vec<u8>>,
    /// Those that stand after them in the order in which they were added, which is not that of DER.
    pub(super) later: Vec<Vec<u8>>,
}

impl Cms {
    /// A signature for a PDF (EN 319 142-1, 6.3): without signing-time.
    pub fn pades(signer: &Actor, content: &[u8]) -> Cms {
        let mut cms = Cms::of_type(DATA, signer, content, Vec::new());
        (cms.fields, cms.value) =
            signer_fields(signer, content, vec![attribute("1.2.840.113549.1.9.3", &oid(DATA))]);
        cms
    }

    /// A CAdES signature. The time that it claims is the first of its certificate.
    pub fn sign(signer: &Actor, content: &[u8]) -> Cms {
        Cms::of_type(DATA, signer, content, Vec::new())
    }

    /// A CAdES signature with further signed attributes, whatever is in them.
    pub fn sign_with_attributes(signer: &Actor, content: &[u8], attributes: Vec<Vec<u8>>) -> Cms {
        Cms::of_type(DATA, signer, content, attributes)
    }

    /// With a content timestamp.
    pub fn sign_after(signer: &Actor, content: &[u8], stamp: &Stamp<'_>) -> Cms {
        let attribute = attribute("1.2.840.113549.1.9.16.2.20", &stamp.over(content));
        Cms::of_type(DATA, signer, content, vec![attribute])
    }

    /// With a further signed attribute: type and value.
    pub fn sign_with(signer: &Actor, content: &[u8], dotted: &str, der: &[u8]) -> Cms {
        Cms::of_type(DATA, signer, content, vec![attribute(dotted, der)])
    }

    /// A CAdES signature whose signed attributes give its content these types.
    pub fn typed(signer: &Actor, content: &[u8], content_types: &[&str]) -> Cms {
        Cms::of_types(DATA, content_types, signer, content, Vec::new())
    }

    fn of_type(content_type: &'static str, signer: &Actor, content: &[u8], more: Vec<Vec<u8>>) -> Cms {
        Cms::of_types(content_type, &[content_type], signer, content, more)
    }

    fn of_types(
        content_type: &'static str,
        said: &[&str],
        signer: &Actor,
        content: &[u8],
        more: Vec<Vec<u8>>,
    ) -> Cms {
        let said: Vec<Vec<u8>> = said.iter().map(|one| oid(one)).collect();
        let mut signed = match said.as_slice() {
            [] => Vec::new(),
            list => vec![attribute("1.2.840.113549.1.9.3", &list.concat())],
        };
        if content_type == DATA {
            signed.push(attribute("1.2.840.113549.1.9.5", &utc(signer.certificate.not_before())));
        }
        signed.extend(more);
        let (fields, value) = signer_fields(signer, content, signed);
        Cms {
            content_type,
            content: content.to_vec(),
            holds_content: true,
            fields,
            digest: signer.key.digest,
            version: None,
            announces_digest: true,
            value,
            certificates: vec![signer.certificate.der().to_vec()],
            infos: Vec::new(),
            unsigned: Vec::new(),
            later: Vec::new(),
        }
    }

    /// Without its content.
    pub fn detached(mut self) -> Cms {
        self.holds_content = false;
        self
    }

    /// The same signature value without signed attributes, over content that is their encoding.
    pub fn stripped(mut self) -> Cms {
        let mut fields = parts(&self.fields);
        let at = fields.iter().position(|field| field.first() == Some(&0xa0)).expect("signed attributes");
        self.content = fields.remove(at);
        self.content[0] = 0x31;
        self.fields = fields.concat();
        self
    }

    /// A signature without signed attributes: its value is over the content (RFC 5652, 5.4).
    pub fn bare(signer: &Actor, content: &[u8]) -> Cms {
        let mut cms = Cms::sign(signer, content).stripped();
        let value_octets = signer.key.sign(content).expect("it signs");
        let mut fields = parts(&cms.fields);
        fields.pop();
        fields.push(value(0x04, &value_octets));
        (cms.fields, cms.value, cms.content) = (fields.concat(), value_octets, content.to_vec());
        cms
    }

    /// With another version of the signed data.
    pub fn version(mut self, version: u32) -> Cms {
        self.version = Some(version);
        self
    }

    /// Without any digest algorithm announced.
    pub fn unannounced(mut self) -> Cms {
        self.announces_digest = false;
        self
    }

    /// With content of another type than the one signed.
    pub fn retyped(mut self, dotted: &'static str) -> Cms {
        self.content_type = dotted;
        self
    }

    /// Its content.
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// With a certificate of the path.
    pub fn with(mut self, certificate: &Certificate) -> Cms {
        self.certificates.push(certificate.der().to_vec());
        self
    }

    /// With a CRL inside.
    pub fn crl(mut self, der: &[u8]) -> Cms {
        self.infos.push(der.to_vec());
        self
    }

    /// With an OCSP response inside (RFC 5940, 2.1).
    pub fn ocsp(mut self, der: &[u8]) -> Cms {
        self.infos.push(value(0xa1, &[oid("1.3.6.1.5.5.7.16.2"), der.to_vec()].concat()));
        self
    }

    /// With any unsigned attribute.
    pub fn unsigned(mut self, dotted: &str, der: &[u8]) -> Cms {
        self.unsigned.push(attribute(dotted, der));
        self
    }

    /// With any unsigned attribute after all others.
    pub fn later(mut self, dotted: &str, der: &[u8]) -> Cms {
        self.later.push(attribute(dotted, der));
        self
    }

    /// Without the unsigned attributes of this type.
    pub fn without(mut self, dotted: &str) -> Cms {
        self.unsigned.retain(|attribute| parts(inside(attribute)).first() != Some(&oid(dotted)));
        self
    }

    /// With one more value in each unsigned attribute of this type.
    pub fn one_more(mut self, dotted: &str, der: &[u8]) -> Cms {
        for attribute in &mut self.unsigned {
            let mut fields = parts(inside(attribute));
            if fields.first() == Some(&oid(dotted)) {
                let values = [parts(inside(&fields[1])), vec![der.to_vec()]].concat();
                fields[1] = set(0x31, &values);
                *attribute = sequence(&fields);
            }
        }
        self
    }

    /// With a token as signature timestamp, whatever it is over.
    pub fn token(self, token: &[u8]) -> Cms {
        self.unsigned(SIGNATURE_TIMESTAMP, token)
    }

    /// With a signature timestamp.
    pub fn stamp(self, stamp: &Stamp<'_>) -> Cms {
        let token = stamp.over(&self.value);
        self.token(&token)
    }

    /// With a countersignature (RFC 5652, 11.4).
    pub fn countersigned(self, signer: &Actor, stamp: Option<&Stamp<'_>>) -> Cms {
        let (mut fields, signature) = signer_fields(signer, &self.value, Vec::new());
        if let Some(stamp) = stamp {
            fields.extend(set(0xa1, &[attribute(SIGNATURE_TIMESTAMP, &stamp.over(&signature))]));
        }
        self.with(&signer.certificate).unsigned("1.2.840.113549.1.9.6", &value(0x30, &fields))
    }

    /// The `ContentInfo`.
    pub fn der(&self) -> Vec<u8> {
        let unsigned = self.unsigned_octets();
        let unsigned = if unsigned.is_empty() { Vec::new() } else { value(0xa1, &unsigned) };
        let info = value(0x30, &[self.fields.clone(), unsigned].concat());
        let others = self.infos.iter().any(|info| info.first() == Some(&0xa1));
        let version = if others { 5 } else { [1, 3][usize::from(self.content_type != DATA)] };
        let announced = if self.announces_digest { digest_identifier(self.digest) } else { Vec::new() };
        let signed_data = sequence(&[
            integer(self.version.unwrap_or(version)),
            value(0x31, &announced),
            self.around_signers().concat(),
            value(0x31, &info),
        ]);
        sequence(&[oid("1.2.840.113549.1.7.2"), value(0xa0, &signed_data)])
    }

    /// The content, the certificates and the revocation information.
    pub(super) fn around_signers(&self) -> [Vec<u8>; 3] {
        let content = if self.holds_content { value(0xa0, &value(0x04, &self.content)) } else { Vec::new() };
        let infos = if self.infos.is_empty() { Vec::new() } else { set(0xa1, &self.infos) };
        [sequence(&[oid(self.content_type), content]), set(0xa0, &self.certificates), infos]
    }

    /// The unsigned attributes as they stand.
    pub(super) fn unsigned_octets(&self) -> Vec<u8> {
        let mut sorted = self.unsigned.clone();
        sorted.sort_unstable();
        [sorted.concat(), self.later.concat()].concat()
    }
}

/// Values one after another, each with its header.
fn parts(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    while let [_, length, rest @ ..] = bytes {
        let count = usize::from(length & 0x7f);
        let (header, content) = match length & 0x80 {
            0 => (2, count),
            _ => (2 + count, rest[..count].iter().fold(0, |length, octet| length << 8 | usize::from(*octet))),
        };
        let (part, others) = bytes.split_at(header + content);
        parts.push(part.to_vec());
        bytes = others;
    }
    parts
}

/// The fields of a signer up to the signature value, and that value.
fn signer_fields(signer: &Actor, content: &[u8], mut signed: Vec<Vec<u8>>) -> (Vec<u8>, Vec<u8>) {
    let (algorithm, certificate) = (signer.key.digest, &signer.certificate);
    signed.push(attribute("1.2.840.113549.1.9.4", &value(0x04, &digest(algorithm, content))));
    let id = sequence(&[value(0x04, &digest(DigestAlgorithm::Sha256, certificate.der()))]);
    let named = sequence(&[sequence(&[id])]);
    signed.push(attribute("1.2.840.113549.1.9.16.2.47", &named));
    let value_octets = signer.key.sign(&set(0x31, &signed)).expect("it signs");
    let issuer_and_serial =
        sequence(&[certificate.issuer().der().to_vec(), value(0x02, certificate.serial())]);
    let fields = [
        integer(1),
        issuer_and_serial,
        digest_identifier(algorithm),
        set(0xa0, &signed),
        signer.key.algorithm_der(),
        value(0x04, &value_octets),
    ];
    (fields.concat(), value_octets)
}

/// A UTCTime.
fn utc(time: types::Time) -> Vec<u8> {
    let (year, month, day, hour, minute, second) = time.civil();
    let year = year % 100;
    value(0x17, format!("{year:02}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z").as_bytes())
}

pub(super) fn attribute(dotted: &str, der: &[u8]) -> Vec<u8> {
    sequence(&[oid(dotted), value(0x31, der)])
}

/// The type and a value of an attribute, without the headers around them, for each value.
pub(super) fn type_and_values(attribute: &[u8]) -> Vec<Vec<u8>> {
    let fields = parts(inside(attribute));
    parts(inside(&fields[1])).iter().map(|value| [&fields[0][..], value].concat()).collect()
}

/// What is in a value, without its header.
fn inside(value: &[u8]) -> &[u8] {
    match value.get(1) {
        Some(long @ 0x81..) => &value[2 + usize::from(long & 0x7f)..],
        _ => &value[2..],
    }
}

pub(super) fn digest(algorithm: DigestAlgorithm, octets: &[u8]) -> Vec<u8> {
    PROVIDER.digest(algorithm, octets).value
}

pub(super) fn digest_identifier(algorithm: DigestAlgorithm) -> Vec<u8> {
    sequence(&[oid(&algorithm.oid().to_string())])
}
