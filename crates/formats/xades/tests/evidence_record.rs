//! Evidence records in XML, written by hand: what is covered, and each way in which nothing is.

use base64::prelude::{BASE64_STANDARD as STANDARD, Engine};
use crypto::{Digest, DigestAlgorithm, Provider, PureProvider};
use types::{Budget, Limits, Resource};
use undersign_xades::evidence_record::{
    ArchiveTimestampCheck, ArchiveTimestampError, DataObject, EvidenceRecord, Subject, canonical_digest,
};

const SHA256: DigestAlgorithm = DigestAlgorithm::Sha256;
const STAMP: &str = r#"<TimeStamp><TimeStampToken Type="RFC3161">AAAA</TimeStampToken></TimeStamp>"#;

fn sha256(octets: &[u8]) -> Digest {
    PureProvider.digest(SHA256, octets)
}

/// An archive time-stamp whose tree has these lists.
fn timestamp(order: usize, lists: &[&[&Digest]]) -> String {
    let mut tree = String::new();
    for (number, list) in lists.iter().enumerate() {
        tree.push_str(&format!(r#"<Sequence Order="{}">"#, number + 1));
        for digest in *list {
            tree.push_str(&format!("<DigestValue>{}</DigestValue>", STANDARD.encode(&digest.value)));
        }
        tree.push_str("</Sequence>");
    }
    format!(r#"<ArchiveTimeStamp Order="{order}"><HashTree>{tree}</HashTree>{STAMP}</ArchiveTimeStamp>"#)
}

fn chain(order: usize, timestamps: &str) -> String {
    format!(
        r#"<ArchiveTimeStampChain Order="{order}"><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod><CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></CanonicalizationMethod>{timestamps}</ArchiveTimeStampChain>"#
    )
}

fn sequence(chains: &str) -> String {
    format!("<ArchiveTimeStampSequence>{chains}</ArchiveTimeStampSequence>")
}

fn record(chains: &str) -> String {
    format!(
        r#"<EvidenceRecord xmlns="urn:ietf:params:xml:ns:ers" Version="1.0">{}</EvidenceRecord>"#,
        sequence(chains)
    )
}

/// The canonical form of an element that stands in a record.
fn canonical(element: &str) -> String {
    element.replacen('>', r#" xmlns="urn:ietf:params:xml:ns:ers">"#, 1)
}

fn root(list: &[&Digest]) -> Digest {
    let mut values: Vec<&[u8]> = list.iter().map(|digest| digest.value.as_slice()).collect();
    values.sort_unstable();
    sha256(&values.concat())
}

fn verified(xml: &str, objects: &[&Digest], imprints: &[&Digest]) -> Vec<ArchiveTimestampCheck> {
    let mut budget = Budget::new(Limits::STANDARD);
    let record = EvidenceRecord::parse(xml.as_bytes(), &PureProvider, &mut budget).expect("the record reads");
    let object = |digest: &&Digest| DataObject { digests: vec![vec![(*digest).clone()]] };
    let objects: Vec<DataObject> = objects.iter().map(object).collect();
    let imprints: Vec<_> = imprints.iter().map(|imprint| Ok((*imprint).clone())).collect();
    record.verify(&objects, &imprints, &PureProvider, &mut budget).expect("within the budget")
}

#[test]
fn objects_in_the_first_list_are_covered_if_the_root_is_the_imprint() {
    let (a, b, other) = (sha256(b"a"), sha256(b"b"), sha256(b"other"));
    let xml = record(&chain(1, &timestamp(1, &[&[&a, &b], &[&other]])));
    let imprint = root(&[&root(&[&a, &b]), &other]);
    let check = |objects: &[&Digest], imprint: &Digest| {
        let checks = verified(&xml, objects, &[imprint]);
        assert_eq!(checks.len(), 1);
        assert_eq!(checks[0].subject, Subject::DataObjects);
        checks[0].covered.clone()
    };
    assert_eq!(check(&[&b, &other, &a], &imprint), Ok(vec![0, 2]), "a value further up is no data object");
    assert_eq!(check(&[&other], &imprint), Err(ArchiveTimestampError::NotCovered));
    assert_eq!(check(&[&a, &b], &root(&[&a, &b])), Err(ArchiveTimestampError::Differs));
    let sha512 = PureProvider.digest(DigestAlgorithm::Sha512, b"a");
    assert_eq!(check(&[&a], &sha512), Err(ArchiveTimestampError::AlgorithmsDiffer));
}

#[test]
fn hash_values_of_another_length_prove_nothing() {
    let (a, b) = (sha256(b"a"), sha256(b"b"));
    let joined = Digest { algorithm: SHA256, value: [a.value.clone(), b.value.clone()].concat() };
    let xml = record(&chain(1, &timestamp(1, &[&[&joined]])));
    let checks = verified(&xml, &[&joined], &[&joined]);
    assert_eq!(checks[0].covered, Err(ArchiveTimestampError::HashLength));
}

#[test]
fn renewals_cover_what_stood_before() {
    let a = sha256(b"a");
    let stamp = sha256(canonical(STAMP).as_bytes());
    let first = format!("{}{}", timestamp(1, &[&[&a]]), timestamp(2, &[&[&stamp]]));
    let before = sha256(canonical(&sequence(&chain(1, &first))).as_bytes());
    let second = timestamp(1, &[&[&a, &before]]);
    let xml = record(&format!("{}{}", chain(1, &first), chain(2, &second)));
    let checks = verified(&xml, &[&a], &[&a, &stamp, &root(&[&a, &before])]);
    let subjects: Vec<Subject> = checks.iter().map(|check| check.subject).collect();
    assert_eq!(subjects, [Subject::DataObjects, Subject::PreviousTimestamp, Subject::DataObjectsAndChains]);
    let covered: Vec<_> = checks.into_iter().map(|check| check.covered).collect();
    assert_eq!(covered, [Ok(vec![0]), Ok(Vec::new()), Ok(vec![0])]);

    // Over another time-stamp than the one before, and over the data without the chains before.
    let other = sha256(b"another time-stamp");
    let first = format!("{}{}", timestamp(1, &[&[&a]]), timestamp(2, &[&[&other]]));
    let xml = record(&format!("{}{}", chain(1, &first), chain(2, &timestamp(1, &[&[&a]]))));
    let checks = verified(&xml, &[&a], &[&a, &other, &a]);
    assert_eq!(checks[0].covered, Ok(vec![0]));
    assert_eq!(checks[1].covered, Err(ArchiveTimestampError::NotCovered));
    assert_eq!(checks[2].covered, Err(ArchiveTimestampError::NotCovered));
}

#[test]
fn what_is_no_record_is_an_error() {
    let a = sha256(b"a");
    let good = record(&chain(1, &timestamp(1, &[&[&a]])));
    for (from, to) in [
        (r#"Version="1.0""#, r#"Version="2.0""#),
        (r#"Chain Order="1""#, r#"Chain Order="2""#),
        (r#"<ArchiveTimeStamp Order="1""#, r#"<ArchiveTimeStamp Order="01""#),
        (r#"<Sequence Order="1""#, r#"<Sequence Order="0""#),
        ("DigestMethod", "DigestMethods"),
        ("<HashTree>", "<HashTree></HashTree><HashTree>"),
        ("<TimeStamp>", "<TimeStamp></TimeStamp><TimeStamp>"),
        ("DigestValue>", "Value>"),
        (">AAAA<", ">!<"),
        ("urn:ietf:params:xml:ns:ers", "urn:another"),
    ] {
        assert!(good.contains(from), "{from}");
        let spoilt = good.replace(from, to);
        let read =
            EvidenceRecord::parse(spoilt.as_bytes(), &PureProvider, &mut Budget::new(Limits::STANDARD));
        assert!(read.is_err(), "{from} as {to}");
    }
}

#[test]
fn an_unknown_algorithm_or_token_proves_nothing() {
    let a = sha256(b"a");
    let good = record(&chain(1, &timestamp(1, &[&[&a]])));
    let unknown = good.replace("xmlenc#sha256", "xmlenc#unknown");
    assert!(matches!(
        verified(&unknown, &[&a], &[&a])[0].covered,
        Err(ArchiveTimestampError::NotComputed(_))
    ));
    let mut budget = Budget::new(Limits::STANDARD);
    let other = good.replace("RFC3161", "OTHER");
    let read = EvidenceRecord::parse(other.as_bytes(), &PureProvider, &mut budget).expect("reads");
    assert_eq!(read.timestamps().next().expect("one").token, Err("OTHER".into()));
}

#[test]
fn xml_counts_by_its_canonical_form() {
    let xml = record(&chain(1, &timestamp(1, &[&[&sha256(b"a")]])));
    let mut budget = Budget::new(Limits::STANDARD);
    let read = EvidenceRecord::parse(xml.as_bytes(), &PureProvider, &mut budget).expect("reads");
    let needed = read.digests_needed().remove(0);
    let digest =
        |octets: &[u8], budget: &mut Budget| canonical_digest(octets, &needed, &PureProvider, budget);
    let canonical = digest(b"<a  b='1'/>", &mut budget).expect("within the budget");
    assert_eq!(canonical, Some(sha256(br#"<a b="1"></a>"#)));
    assert_eq!(digest(b"no XML", &mut budget).expect("within the budget"), None);
    let mut small = Budget::new(Limits::STANDARD.with(Resource::DecodedBytes, 4));
    assert!(digest(b"<a>long enough to be too much</a>", &mut small).is_err());
}
