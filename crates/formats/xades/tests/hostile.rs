//! Wrapped, moved, doubled and exploding signatures: nothing matches that was not signed, and nothing hangs or panics.

use crypto::{Digest, DigestAlgorithm, Provider, PureProvider};
use std::time::{Duration, Instant};
use types::{Budget, Cause, Limits, Resource, Severity};
use undersign_xades::{
    Binding, DetachedData, Document, Extent, NotComputed, Outcome, Target, Unresolved, XadesSignature,
};

/// Holds one thing, `a.txt`.
struct One;

impl DetachedData for One {
    fn digest(
        &mut self,
        uri: &str,
        algorithm: DigestAlgorithm,
        budget: &mut Budget,
    ) -> Result<Digest, Unresolved> {
        let mut hasher = PureProvider.hasher(algorithm);
        self.stream(uri, &mut |piece| hasher.update(piece), budget).map(|()| hasher.finish())
    }

    fn stream(&mut self, uri: &str, sink: &mut dyn FnMut(&[u8]), _: &mut Budget) -> Result<(), Unresolved> {
        match uri {
            "a.txt" => {
                sink(b"<a  b='c'/>");
                Ok(())
            }
            _ if uri.contains(':') => Err(Unresolved::Outside),
            _ => Err(Unresolved::Missing),
        }
    }
}

const NAMESPACES: &str =
    "xmlns:ds='http://www.w3.org/2000/09/xmldsig#' xmlns:x='http://uri.etsi.org/01903/v1.3.2#'";
const C14N: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const TYPE: &str = "http://uri.etsi.org/01903#SignedProperties";

fn base64(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes)
}

fn reference(uri: &str, kind: &str, transforms: &[&str], content: &[u8]) -> String {
    let value = base64(&PureProvider.digest(DigestAlgorithm::Sha256, content).value);
    let transforms: String =
        transforms.iter().map(|uri| format!("<ds:Transform Algorithm='{uri}'/>")).collect();
    format!(
        "<ds:Reference URI='{uri}' Type='{kind}'><ds:Transforms>{transforms}</ds:Transforms>\
         <ds:DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/>\
         <ds:DigestValue>{value}</ds:DigestValue></ds:Reference>"
    )
}

fn signature(references: &str, objects: &str) -> String {
    format!(
        "<ds:Signature Id='S' {NAMESPACES}><ds:SignedInfo><ds:CanonicalizationMethod Algorithm='{C14N}'/>\
         <ds:SignatureMethod Algorithm='http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256'/>{references}\
         </ds:SignedInfo><ds:SignatureValue Id='V'>AAAA</ds:SignatureValue>{objects}</ds:Signature>"
    )
}

fn read(xml: &str) -> XadesSignature {
    let budget = &mut Budget::default();
    let document = Document::parse(xml.as_bytes(), budget).expect("the XML is read");
    let signatures = document.signatures(&mut One, &PureProvider, budget).expect("it is within the budget");
    signatures.into_iter().next().expect("there is a signature").expect("it is read")
}

fn outcome(xml: &str) -> Outcome {
    read(xml).references.remove(0).outcome
}

/// Canonical signed properties as they stand below [`signature`].
fn properties() -> String {
    "<x:SignedProperties xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:x=\"http://uri.etsi.org/01903/v1.3.2#\" Id=\"P\"></x:SignedProperties>".into()
}

fn object(inner: &str) -> String {
    format!("<ds:Object><x:QualifyingProperties Target='#S'>{inner}</x:QualifyingProperties></ds:Object>")
}

fn is_faulty(signature: &XadesSignature) -> bool {
    signature.findings.iter().any(|finding| finding.severity == Severity::Error)
}

#[test]
fn a_detached_reference_matches_its_data_and_nothing_else() {
    assert_eq!(outcome(&signature(&reference("a.txt", "", &[], b"<a  b='c'/>"), "")), Outcome::Match);
    assert_eq!(outcome(&signature(&reference("a.txt", "", &[C14N], b"<a b=\"c\"></a>"), "")), Outcome::Match);
    assert!(matches!(outcome(&signature(&reference("a.txt", "", &[], b"other"), "")), Outcome::Mismatch(_)));
    for uri in ["b.txt", "http://example.org/a.txt", "file:///etc/passwd"] {
        let outcome = outcome(&signature(&reference(uri, "", &[], b""), ""));
        assert!(matches!(outcome, Outcome::NotComputed(_)), "{uri}");
    }
}

#[test]
fn an_identifier_that_stands_twice_matches_nothing() {
    let content = b"<b Id=\"i\">signed</b>";
    let sign = reference("#i", "", &[], content);
    let document = |extra: &str| format!("<a><b Id='i'>signed</b>{extra}{}</a>", signature(&sign, ""));
    assert_eq!(outcome(&document("")), Outcome::Match);
    for extra in ["<b Id='i'>evil</b>", "<c ID='i'/>", "<c id='i'/>", "<c xml:id='i'/>"] {
        let outcome = outcome(&document(extra));
        assert_eq!(outcome, Outcome::NotComputed(NotComputed::Ambiguous("i".into())), "{extra}");
    }
    // The signed element moved elsewhere is told where it is.
    let moved = format!("<a><b>evil</b><w>{}</w>{}</a>", "<b Id='i'>signed</b>", signature(&sign, ""));
    let signature = read(&moved);
    assert!(
        matches!(&signature.references[0].target, Target::Element(name, span) if name == "b" && span.start > 10)
    );
}

#[test]
fn the_enveloped_signature_is_left_out_and_only_it() {
    const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
    let sign = reference("", "", &[ENVELOPED, C14N], b"<a>text</a>");
    assert_eq!(outcome(&format!("<a>text{}</a>", signature(&sign, ""))), Outcome::Match);
    assert_eq!(outcome(&format!("<a>text<!-- c -->{}</a>", signature(&sign, ""))), Outcome::Match);
    let changed = outcome(&format!("<a>text{}<ds:Signature {NAMESPACES}/></a>", signature(&sign, "")));
    assert!(!matches!(changed, Outcome::Match));
    let elsewhere = reference("#i", "", &[ENVELOPED], b"<b Id=\"i\"></b>");
    let outside = outcome(&format!("<a><b Id='i'/>{}</a>", signature(&elsewhere, "")));
    assert!(matches!(outside, Outcome::NotComputed(NotComputed::Structure(_))));
}

#[test]
fn programs_of_the_signer_are_not_run() {
    for uri in ["http://www.w3.org/TR/1999/REC-xslt-19991116", "urn:unknown"] {
        let outcome = outcome(&signature(&reference("", "", &[uri], b""), ""));
        assert!(matches!(outcome, Outcome::NotComputed(NotComputed::Unsupported(_))), "{uri}");
    }
    let many = vec![C14N; 17];
    assert!(matches!(outcome(&signature(&reference("a.txt", "", &many, b""), "")), Outcome::NotComputed(_)));
}

#[test]
fn signed_properties_count_only_where_they_are_bound() {
    let data = reference("a.txt", "", &[], b"<a  b='c'/>");
    let bind = |uri: &str, kind: &str| reference(uri, kind, &[C14N], properties().as_bytes());
    let own = object("<x:SignedProperties Id='P'/>");
    let read = |references: &str, objects: &str| read(&signature(&format!("{data}{references}"), objects));

    let good = read(&bind("#P", TYPE), &own);
    assert_eq!((good.binding, is_faulty(&good)), (Binding::Bound, false), "{:?}", good.findings);
    assert_eq!(good.references[1].outcome, Outcome::Match);

    assert_eq!(read("", &own).binding, Binding::Unreferenced);
    assert_eq!(read("", "").binding, Binding::Absent);
    assert_eq!(read(&bind("#P", ""), &own).binding, Binding::WrongType);
    assert_eq!(read(&bind("#V", TYPE), &own).binding, Binding::Foreign);
    assert_eq!(read(&bind("#P", TYPE).repeat(2), &own).binding, Binding::Ambiguous);
    let two = format!("{own}{}", object("<x:SignedProperties Id='Q'/>"));
    assert_eq!(read(&bind("#P", TYPE), &two).binding, Binding::Ambiguous);
    // The signed ones are hidden in an object, others stand where readers look.
    let hidden = format!(
        "<ds:Object><x:SignedProperties Id='P'/></ds:Object>{}",
        object("<x:SignedProperties Id='Q'/>")
    );
    assert_eq!(read(&bind("#P", TYPE), &hidden).binding, Binding::Foreign);
    for (references, objects) in [("", own.as_str()), (bind("#P", TYPE).as_str(), hidden.as_str())] {
        assert!(is_faulty(&read(references, objects)));
    }
}

#[test]
fn a_signature_over_nothing_is_told() {
    let sign = signature(
        &reference("#P", TYPE, &[C14N], properties().as_bytes()),
        &object("<x:SignedProperties Id='P'/>"),
    );
    let codes: Vec<String> = read(&sign).findings.iter().map(|finding| finding.code.to_string()).collect();
    assert_eq!(codes, ["xades.nothing-signed"]);
    let empty = signature("", "");
    let document = Document::parse(empty.as_bytes(), &mut Budget::default()).unwrap();
    assert!(document.signatures(&mut One, &PureProvider, &mut Budget::default()).unwrap()[0].is_err());
}

#[test]
fn document_types_entities_and_other_encodings_are_refused() {
    let cases: [&[u8]; 12] = [
        b"<?xml version='1.0' encoding='UTF-7'?><a>+ADw-b/+AD4-</a>",
        b"<?xml version='1.0' encoding='IBM037'?><a/>",
        b"<a xmlns='urn:a\n'/>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<!DOCTYPE a SYSTEM 'http://example.org/'><a/>",
        b"<a>&b;</a>",
        b"<a xmlns:p='u'><b xmlns:p=''/></a>",
        b"<?xml version='1.1'?><a/>",
        b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xc3\xa4</a>",
        b"\xff\xfe<\0a\0/\0>\0",
        b"<a b='c' b='d'/>",
        b"<a/><a/>",
    ];
    for case in cases {
        let parsed = Document::parse(case, &mut Budget::default());
        assert!(parsed.is_err(), "{}", String::from_utf8_lossy(case));
    }
    for encoding in ["utf-8", "US-ASCII", "ISO-8859-15", "Windows-1252"] {
        let xml = format!("<?xml version='1.0' encoding='{encoding}'?><a/>");
        assert!(Document::parse(xml.as_bytes(), &mut Budget::default()).is_ok(), "{encoding}");
    }
}

#[test]
fn white_space_is_signed_as_every_reader_sees_it() {
    let document = |attribute: &str, canonical: &str| {
        let sign = reference("#i", "", &[C14N], format!("<b Id=\"i\" c=\"{canonical}\"></b>").as_bytes());
        outcome(&format!("<a><b Id='i' c='{attribute}'/>{}</a>", signature(&sign, "")))
    };
    for (attribute, canonical) in [
        ("x\ny", "x y"),
        ("x\ty", "x y"),
        ("x\r\ny", "x y"),
        ("x\ry", "x y"),
        ("x&#10;y", "x&#xA;y"),
        ("&amp;\n&#13;\r\n&#x9;", "&amp; &#xD; &#x9;"),
    ] {
        assert_eq!(document(attribute, canonical), Outcome::Match, "{attribute:?}");
    }
    for (attribute, canonical) in [("x\ny", "x&#xA;y"), ("x&#10;y", "x y"), ("x\r\ny", "x  y")] {
        assert!(matches!(document(attribute, canonical), Outcome::Mismatch(_)), "{attribute:?}");
    }
    let sign = reference("#i", "", &[C14N], b"<b Id=\"i\">1\n2</b>");
    let lines = format!("<a><b Id='i'><![CDATA[1\r\n2]]></b>{}</a>", signature(&sign, ""));
    assert_eq!(outcome(&lines), Outcome::Match);
}

fn severity(signature: &XadesSignature, code: &str) -> Option<Severity> {
    signature.findings.iter().find(|finding| finding.code == code).map(|finding| finding.severity)
}

#[test]
fn what_has_no_place_in_a_signature_is_told() {
    const EVIL: &str = "<h1 xmlns='http://www.w3.org/1999/xhtml'>999</h1>";
    let data = reference("a.txt", "", &[], b"<a  b='c'/>");
    let qualifying = |inner: &str| object(inner);
    let unsigned = |inner: &str| object(&format!("<x:UnsignedProperties>{inner}</x:UnsignedProperties>"));
    let group = |inner: &str| {
        unsigned(&format!("<x:UnsignedSignatureProperties>{inner}</x:UnsignedSignatureProperties>"))
    };
    let key = |inner: &str| format!("<ds:KeyInfo>{inner}</ds:KeyInfo>");
    let values = |inner: &str| group(&format!("<x:CertificateValues>{inner}</x:CertificateValues>"));
    for inner in [
        EVIL.to_owned(),
        "999".to_owned(),
        "<ds:Manifest/>".to_owned(),
        qualifying(EVIL),
        qualifying("999"),
        unsigned(EVIL),
        group("<![CDATA[999]]>"),
    ] {
        let read = read(&signature(&data, &inner));
        assert_eq!(severity(&read, "xades.foreign-content"), Some(Severity::Error), "{inner}");
    }
    for inner in [
        key(EVIL),
        key("999"),
        key(&format!("<ds:X509Data>{EVIL}</ds:X509Data>")),
        key("<ds:X509Data>999</ds:X509Data>"),
        key("<ds:KeyValue>9<ds:RSAKeyValue/></ds:KeyValue>"),
        group(EVIL),
        values(EVIL),
        values("999<x:EncapsulatedX509Certificate/>"),
    ] {
        let read = read(&signature(&data, &inner));
        assert_eq!(severity(&read, "xades.foreign-content"), Some(Severity::Warning), "{inner}");
        assert_eq!(read.unsigned_content.len(), 1, "{inner}");
    }
    let evil_object = read(&signature(&data, &format!("<ds:Object>{EVIL}</ds:Object>")));
    assert_eq!(evil_object.unsigned_content.len(), 1);
    for inner in [
        key(
            "<ds:KeyName>Ada</ds:KeyName> <ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AAAA</ds:Modulus></ds:RSAKeyValue></ds:KeyValue>",
        ),
        values("<x:EncapsulatedX509Certificate/>"),
        format!("\n<!-- c --> {}", qualifying(" ")),
    ] {
        let read = read(&signature(&data, &inner));
        assert_eq!(severity(&read, "xades.foreign-content"), None, "{inner}");
        assert!(read.unsigned_content.is_empty());
    }
    let value = signature(&data, "").replace("AAAA", &format!("AAAA{EVIL}"));
    let document = Document::parse(value.as_bytes(), &mut Budget::default()).unwrap();
    assert!(document.signatures(&mut One, &PureProvider, &mut Budget::default()).unwrap()[0].is_err());
}

#[test]
fn a_key_info_that_is_signed_may_hold_anything() {
    let inner = "<b xmlns=\"urn:b\">9</b>";
    let canonical =
        format!("<ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Id=\"K\">{inner}</ds:KeyInfo>");
    let sign = reference("#K", "", &["http://www.w3.org/2001/10/xml-exc-c14n#"], canonical.as_bytes());
    let read = read(&signature(&sign, &format!("<ds:KeyInfo Id='K'>{inner}</ds:KeyInfo>")));
    assert_eq!(read.references[0].outcome, Outcome::Match);
    assert!(read.unsigned_content.is_empty() && severity(&read, "xades.foreign-content").is_none());
}

#[test]
fn manifests_that_are_not_followed_are_told() {
    const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let manifest = "<ds:Manifest xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Id=\"M\"></ds:Manifest>";
    let within = format!(
        "<ds:Object xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Id=\"O\">{}</ds:Object>",
        "<ds:Manifest Id=\"M\"></ds:Manifest>"
    );
    let of = |uri: &str, canonical: &str, object: &str| {
        read(&signature(&reference(uri, "", &[EXCLUSIVE], canonical.as_bytes()), object))
    };
    let told = Some(Severity::Warning);
    let inside = of("#O", &within, &within);
    assert_eq!(severity(&inside, "xades.manifest-not-followed"), told);
    let followed = of("#M", manifest, &within);
    assert_eq!(followed.references[0].outcome, Outcome::Match);
    assert_eq!(severity(&followed, "xades.manifest-not-followed"), None);
    let sign = signature(&reference("#M", "", &[EXCLUSIVE], manifest.as_bytes()), "");
    let outside = read(&format!("<a>{manifest}{sign}</a>"));
    assert_eq!(severity(&outside, "xades.manifest-not-followed"), told);
}

#[test]
fn text_of_elements_is_not_the_elements() {
    const BASE64: &str = "http://www.w3.org/2000/09/xmldsig#base64";
    let extent = |inner: &str| {
        let sign = reference("#O", "", &[BASE64], b"100");
        let read = read(&signature(&sign, &format!("<ds:Object Id='O'>{inner}</ds:Object>")));
        assert_eq!(read.references[0].outcome, Outcome::Match, "{inner}");
        read.references[0].extent.clone()
    };
    assert_eq!(extent("MTAw"), Extent::Text);
    assert_eq!(extent("<Pay a='999'/>MTAw"), Extent::TextOfElements);
}

#[test]
fn deep_wide_and_repeated_work_ends_in_time() {
    let start = Instant::now();
    let deep = "<a>".repeat(100_000);
    assert!(Document::parse(deep.as_bytes(), &mut Budget::default()).is_err());
    let wide = format!("<a {}/>", (0..100_000).map(|at| format!("b{at}='' ")).collect::<String>());
    assert!(Document::parse(wide.as_bytes(), &mut Budget::default()).is_err());
    // Many references to much, and long namespaces that exclusive canonicalisation repeats.
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let many = reference("", "", &[exclusive], b"").repeat(2_000);
    let bomb = format!(
        "<a xmlns:p='{}'>{}{}</a>",
        "u".repeat(200_000),
        "<p:b/>".repeat(100_000),
        signature(&many, "")
    );
    let mut budget = Budget::default();
    let document = Document::parse(bomb.as_bytes(), &mut budget).unwrap();
    let signatures = document.signatures(&mut One, &PureProvider, &mut budget).unwrap();
    if let Ok(signature) = &signatures[0] {
        let ran_out = |outcome: &Outcome| {
            matches!(outcome, Outcome::NotComputed(NotComputed::Unreadable(malformed))
            if matches!(malformed.cause, Cause::Budget(_)))
        };
        assert!(ran_out(&signature.references.last().unwrap().outcome));
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn a_small_budget_never_makes_a_match_of_a_mismatch() {
    let sign = signature(&reference("", "", &[C14N], b"never"), "");
    for steps in 0..300 {
        let mut budget = Budget::new(Limits::STANDARD.with(Resource::Steps, steps));
        let Ok(document) = Document::parse(sign.as_bytes(), &mut budget) else { continue };
        let Ok(signatures) = document.signatures(&mut One, &PureProvider, &mut budget) else { continue };
        for signature in signatures.into_iter().flatten() {
            assert!(!matches!(signature.references[0].outcome, Outcome::Match));
        }
    }
}

#[test]
fn every_cut_and_every_flipped_bit_is_survived() {
    let sign = signature(
        &format!(
            "{}{}",
            reference("a.txt", "", &[], b""),
            reference("#P", TYPE, &[C14N], properties().as_bytes())
        ),
        &object(
            "<x:SignedProperties Id='P'><x:SignedSignatureProperties><x:SigningTime>2020-01-01T00:00:00Z</x:SigningTime>\
             </x:SignedSignatureProperties></x:SignedProperties><x:UnsignedProperties><x:UnsignedSignatureProperties>\
             <x:SignatureTimeStamp><x:EncapsulatedTimeStamp>AAAA</x:EncapsulatedTimeStamp></x:SignatureTimeStamp>\
             <x:ArchiveTimeStamp/></x:UnsignedSignatureProperties></x:UnsignedProperties>",
        ),
    );
    let examine = |bytes: &[u8]| {
        if let Ok(document) = Document::parse(bytes, &mut Budget::default()) {
            let _ = document.signatures(&mut One, &PureProvider, &mut Budget::default());
        }
    };
    let bytes = sign.into_bytes();
    (0..bytes.len()).for_each(|length| examine(&bytes[..length]));
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            examine(&flipped);
        }
    }
}
