//! Evidence and verdicts written down by hand: one of each kind that reports have to show.

use crypto::{Digest, DigestAlgorithm, KeyAlgorithm, PROVIDER, SignatureAlgorithm};
use evidence::{
    AttributeFacts, Binding, Check, Claims, Container, Coverage, Covers, DocumentFacts, Evidence, Kind,
    Later, Material, Meetings, ObjectRef, Origin, SignatureEvidence, SignedFacts, Signer, Stamp, StoreFacts,
    TokenEvidence, TokenRole,
};
use inspection::{ChangeLevel, Judgement, LaterChanges};
use pkix::{Certificate, TrustAnchor};
use std::collections::BTreeSet;
use testkit::{Authority, Person};
use types::{Finding, Severity, Span, Time};
use validation::{
    Dimension, Indication, Level, PathUsed, Policy, SigningTime, State, StatusUsed, SubIndication, Text,
    Verdict, validate,
};

/// A document with its verdict.
pub struct Case {
    pub file: &'static str,
    pub evidence: Evidence,
    pub verdict: Verdict,
}

pub fn time(text: &str) -> Time {
    text.parse().expect("the time is well-formed")
}

const AT: &str = "2027-01-01T00:00:00Z";

/// A signature that passed by direct trust; its time is only claimed.
pub fn pinned() -> Case {
    let person = Person::self_signed("Ada Example", KeyAlgorithm::Ec(crypto::Curve::P256));
    let certificate = certificate(&person);
    let mut evidence = evidence("signed.pdf", pdf(2), std::slice::from_ref(&certificate));
    evidence.material.anchors = vec![TrustAnchor::from_certificate(certificate.clone())];
    evidence.signatures = vec![signature("Seller", &certificate)];
    case("signed.pdf", evidence)
}

/// A B-LTA signature with two timestamps and revocation data, passed.
pub fn archived() -> Case {
    let root = Authority::root("Example Root");
    let person = root.person("Ada Example", KeyAlgorithm::Ec(crypto::Curve::P256));
    let stamping = root.person("Example Time", KeyAlgorithm::Ec(crypto::Curve::P256));
    let (signer, authority) = (certificate(&person), certificate(&stamping));
    let anchor = person.certificates().last().cloned().expect("a chain ends");
    let mut evidence = evidence("archived.pdf", pdf(4), &[signer.clone(), authority.clone(), anchor.clone()]);
    evidence.material.anchors = vec![TrustAnchor::from_certificate(anchor)];
    let mut signed = signature("Buyer", &signer);
    signed.tokens = vec![0];
    signed.later.judgement = Judgement::Permitted { level: ChangeLevel::LongTermValidation };
    signed.coverage = Coverage::WholeRevision { revision: 1 };
    let mut stamp = signature("Stamp", &authority);
    stamp.kind = Kind::DocTimestamp;
    stamp.sub_filter = "ETSI.RFC3161".to_owned();
    stamp.own_token = Some(1);
    stamp.claims = Claims::default();
    evidence.signatures = vec![signed, stamp];
    let objects = vec![ObjectRef::Signature(0), ObjectRef::Certificate(0)];
    evidence.tokens = vec![
        token(TokenRole::Signature, "2026-03-01T10:00:00Z", &authority, Covers::Objects(objects)),
        token(
            TokenRole::Document,
            "2026-03-02T10:00:00Z",
            &authority,
            Covers::UpTo { end: 9000, hole: Span::new(8000, 8800) },
        ),
    ];
    let mut case = case("archived.pdf", evidence);
    let path = |of: &Certificate| PathUsed {
        certificates: vec![of.clone()],
        anchor: "CN=Example Root".to_owned(),
        direct: false,
        statuses: vec![StatusUsed::Good {
            issued_at: time("2026-03-01T10:05:00Z"),
            source: ObjectRef::Certificate(0),
        }],
    };
    for (index, (verdict, of)) in case.verdict.signatures.iter_mut().zip([&signer, &authority]).enumerate() {
        verdict.indication = Indication::TotalPassed;
        verdict.sub_indication = None;
        verdict.path = Some(path(of));
        verdict.level = if index == 0 { Level::BaselineLta } else { Level::None };
        let upper = time("2026-03-01T10:00:00Z");
        verdict.signing_time = SigningTime { not_before: None, not_after: Some((upper, 0)), best: upper };
        let proven = |key, name, value: &str| Dimension {
            state: State::Proven,
            reason: Text::new(key).with(name, value),
            hint: None,
        };
        verdict.dimensions.trust = proven("trust-anchored", "name", "CN=Example Root");
        verdict.dimensions.revocation = proven("revocation-good", "time", "2026-03-01T10:05:00Z");
        verdict.dimensions.time = proven("time-proven", "time", "2026-03-01T10:00:00Z");
    }
    for verdict in &mut case.verdict.tokens {
        verdict.indication = Indication::TotalPassed;
        verdict.sub_indication = None;
        verdict.path = Some(path(&authority));
    }
    case
}

/// A container whose names attack whoever shows them, with a failed signature and a revoked certificate.
pub fn hostile() -> Case {
    let root = Authority::root("Root </title><script>alert(1)</script>");
    let person = root.person("Eve \"' & <img src=x onerror=alert(2)>", KeyAlgorithm::Ec(crypto::Curve::P256));
    let signer = certificate(&person);
    let kind = "ASiC-E\u{1b}[2J".to_owned();
    let members = vec!["<b>a</b>".to_owned(), "b".to_owned()];
    let mut evidence = evidence("x", Container::Asic { kind, members }, std::slice::from_ref(&signer));
    let mut signed = signature("</td><script>alert(3)</script>", &signer);
    signed.sub_filter = "]]>&lt;".to_owned();
    signed.coverage = Coverage::Members { covered: 1, of: 2 };
    signed.claims.reason = Some("paid \u{202E}eruces\u{0}\u{FFFF} <!--".to_owned());
    signed.claims.location = Some("javascript:alert(4)".to_owned());
    if let Ok(facts) = &mut signed.signed_data {
        facts.content = Check::Differs;
        facts.digest_algorithm = DigestAlgorithm::Sha1;
    }
    let finding = Finding::new("x.\"><y>", Severity::Error, "the <file> & \u{2066}what\u{2069} it says");
    signed.findings = vec![finding.at(Span::new(1, 2)).hint("do <b>nothing</b>")];
    evidence.signatures = vec![signed];
    let mut case = case("</title><script>alert(0)</script>\u{202E}fdp.exe", evidence);
    case.verdict.policy = ("<policy>".to_owned(), "\"1\"".to_owned());
    let verdict = &mut case.verdict.signatures[0];
    verdict.path = Some(PathUsed {
        certificates: vec![signer],
        anchor: "CN=<anchor>".to_owned(),
        direct: false,
        statuses: vec![StatusUsed::Revoked {
            at: time("2026-02-02T00:00:00Z"),
            reason: "keyCompromise\"><".to_owned(),
            source: ObjectRef::Crl(7),
        }],
    });
    assert_eq!(verdict.sub_indication, Some(SubIndication::HashFailure));
    case
}

/// A document without signatures.
pub fn unsigned() -> Case {
    case("plain.pdf", evidence("plain.pdf", pdf(1), &[]))
}

/// A signature whose format is known and not judged.
pub fn recognised() -> Case {
    let person = Person::self_signed("Ada Example", KeyAlgorithm::Ec(crypto::Curve::P256));
    let mut evidence = evidence("contract.xml", Container::Xml, &[]);
    let mut signed = signature("", &certificate(&person));
    signed.coverage = Coverage::Content;
    signed.sub_filter = "XAdES".to_owned();
    let reason = "signatures in XML are recognised and not validated".to_owned();
    signed.signed_data = Err(evidence::FormatFault { reason, recognised: true });
    evidence.signatures = vec![signed];
    case("contract.xml", evidence)
}

/// Every case with its name.
pub fn all() -> Vec<(&'static str, Case)> {
    vec![
        ("pinned", pinned()),
        ("archived", archived()),
        ("hostile", hostile()),
        ("unsigned", unsigned()),
        ("recognised", recognised()),
    ]
}

fn case(file: &'static str, evidence: Evidence) -> Case {
    let verdict = validate(&evidence, &Policy::standard(), time(AT));
    Case { file, evidence, verdict }
}

fn certificate(person: &Person) -> Certificate {
    person.certificates().first().cloned().expect("a person has a certificate")
}

fn pdf(revisions: u64) -> Container {
    Container::Pdf { revision_ends: (1..=revisions).map(|number| number * 3000).collect() }
}

fn digest(of: &[u8]) -> Digest {
    PROVIDER.digest(DigestAlgorithm::Sha256, of)
}

fn evidence(name: &str, container: Container, certificates: &[Certificate]) -> Evidence {
    let mut material = Material::default();
    for certificate in certificates {
        material.certificates.items.push(certificate.clone());
        material.certificates.meetings.push(Meetings {
            digest: certificate.digest(DigestAlgorithm::Sha256, PROVIDER),
            origins: BTreeSet::from([Origin::Signature(0)]),
            places: vec![Span::new(2000, 2500)],
        });
    }
    Evidence {
        document: DocumentFacts { digest: digest(name.as_bytes()), len: 9000, container },
        signatures: Vec::new(),
        tokens: Vec::new(),
        material,
        findings: Vec::new(),
    }
}

fn signed_facts(certificate: &Certificate) -> SignedFacts {
    SignedFacts {
        digest_algorithm: DigestAlgorithm::Sha256,
        content: Check::Matches,
        signature_algorithm: Ok(SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256)),
        value: Check::Matches,
        signer: Some(Signer {
            certificate: certificate.clone(),
            key: Ok(KeyAlgorithm::Ec(crypto::Curve::P256)),
        }),
        binding: Binding::Bound,
        attributes: AttributeFacts { signing_certificate: true, content_type: true, ..Default::default() },
        record: None,
    }
}

fn signature(field: &str, certificate: &Certificate) -> SignatureEvidence {
    SignatureEvidence {
        field: field.to_owned(),
        kind: Kind::Signature,
        sub_filter: "ETSI.CAdES.detached".to_owned(),
        span: Span::new(1000, 3000),
        place: Some(Span::new(1100, 2900)),
        revision: 1,
        coverage: Coverage::WholeFile,
        claimed_time: Some(time("2026-03-01T09:59:00Z")),
        signature_policy: None,
        claims: Claims { reason: Some("agreed".to_owned()), ..Claims::default() },
        doc_mdp: None,
        signed_data: Ok(signed_facts(certificate)),
        tokens: Vec::new(),
        own_token: None,
        later: Later {
            changes: LaterChanges {
                after: 1,
                revisions: Vec::new(),
                level: ChangeLevel::None,
                findings: Vec::new(),
                incomplete: None,
            },
            judgement: Judgement::None,
        },
        store: StoreFacts::default(),
        findings: Vec::new(),
    }
}

fn token(role: TokenRole, at: &str, authority: &Certificate, covers: Covers) -> TokenEvidence {
    TokenEvidence {
        role,
        digest: digest(at.as_bytes()),
        place: Some(Span::new(8000, 8800)),
        stamp: Ok(Stamp {
            time: time(at),
            accuracy_microseconds: Some(1_500_000),
            policy: "1.2.3.4".to_owned(),
            imprint_algorithm: Ok(DigestAlgorithm::Sha256),
            imprint: Check::Matches,
            signed: signed_facts(authority),
            covers,
        }),
        findings: Vec::new(),
    }
}
