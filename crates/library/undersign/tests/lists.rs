//! Trusted lists in a pack: signatures are followed from the list of lists over its pivots; status history limits trust.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crypto::{DigestAlgorithm, KeyAlgorithm, PROVIDER, Signer};
use testkit::{Authority, Person};
use undersign::pack::{JudgedList, PackContent, Vouched, check_content, judge_lists, take};
use undersign::pkix::Certificate;
use undersign::{Time, Trust};

const NOW: Time = Time::from_unix(1_795_000_000);
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const PREFIX: &str = "http://uri.etsi.org/TrstSvc/";

fn signer(name: &str) -> Person {
    Person::self_signed(name, KeyAlgorithm::Rsa(2048))
}

fn digest(bytes: &[u8]) -> String {
    STANDARD.encode(PROVIDER.digest(DigestAlgorithm::Sha256, bytes).value)
}

fn reference(attributes: &str, transforms: &[&str], content: &str) -> String {
    let transforms: String =
        transforms.iter().map(|uri| format!("<ds:Transform Algorithm=\"{uri}\"></ds:Transform>")).collect();
    format!(
        "<ds:Reference {attributes}><ds:Transforms>{transforms}</ds:Transforms><ds:DigestMethod \
         Algorithm=\"{SHA256}\"></ds:DigestMethod><ds:DigestValue>{}</ds:DigestValue></ds:Reference>",
        digest(content.as_bytes())
    )
}

/// The canonical document with an enveloped XAdES signature at its end.
fn signed(document: &str, by: &Person) -> Vec<u8> {
    let der = by.certificate.der();
    let properties = format!(
        "<xades:SignedProperties xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\" Id=\"xp\">\
         <xades:SignedSignatureProperties><xades:SigningTime>2026-11-01T00:00:00Z</xades:SigningTime>\
         <xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod xmlns:ds=\"{DS}\" \
         Algorithm=\"{SHA256}\"></ds:DigestMethod><ds:DigestValue xmlns:ds=\"{DS}\">{}</ds:DigestValue>\
         </xades:CertDigest></xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties>\
         </xades:SignedProperties>",
        digest(der)
    );
    let kind = "Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#xp\"";
    let info = format!(
        "<ds:SignedInfo xmlns:ds=\"{DS}\"><ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\">\
         </ds:CanonicalizationMethod><ds:SignatureMethod \
         Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"></ds:SignatureMethod>{}{}</ds:SignedInfo>",
        reference("URI=\"\"", &[ENVELOPED, EXCLUSIVE], document),
        reference(kind, &[EXCLUSIVE], &properties),
    );
    let value = STANDARD.encode(by.signer.sign(info.as_bytes()).expect("it can sign"));
    let signature = format!(
        "<ds:Signature xmlns:ds=\"{DS}\" Id=\"sig\">{info}<ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo>\
         <ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo><ds:Object>\
         <xades:QualifyingProperties xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\" \
         Target=\"#sig\">{properties}</xades:QualifyingProperties></ds:Object></ds:Signature>",
        STANDARD.encode(der)
    );
    let end = document.rfind("</").expect("it has an end");
    format!("{}{signature}{}", &document[..end], &document[end..]).into_bytes()
}

fn identity(certificate: &Certificate) -> String {
    let der = STANDARD.encode(certificate.der());
    format!(
        "<ServiceDigitalIdentity><DigitalId><X509Certificate>{der}</X509Certificate></DigitalId>\
         </ServiceDigitalIdentity>"
    )
}

fn pointer(list_type: &str, territory: &str, signer: &Person) -> String {
    format!(
        "<OtherTSLPointer><ServiceDigitalIdentities>{}</ServiceDigitalIdentities>\
         <TSLLocation>https://lists.example/{territory}.xml</TSLLocation><AdditionalInformation><OtherInformation>\
         <TSLType>{PREFIX}TrustedList/TSLType/{list_type}</TSLType></OtherInformation><OtherInformation>\
         <SchemeTerritory>{territory}</SchemeTerritory></OtherInformation></AdditionalInformation></OtherTSLPointer>",
        identity(&signer.certificate)
    )
}

fn list(list_type: &str, territory: &str, sequence: u64, pointers: &str, services: &str) -> String {
    format!(
        "<TrustServiceStatusList xmlns=\"http://uri.etsi.org/02231/v2#\"><SchemeInformation>\
         <TSLSequenceNumber>{sequence}</TSLSequenceNumber><TSLType>{PREFIX}TrustedList/TSLType/{list_type}</TSLType>\
         <SchemeTerritory>{territory}</SchemeTerritory><PointersToOtherTSL>{pointers}</PointersToOtherTSL>\
         <ListIssueDateTime>2026-11-01T00:00:00Z</ListIssueDateTime><NextUpdate><dateTime>2027-04-01T00:00:00Z\
         </dateTime></NextUpdate></SchemeInformation><TrustServiceProviderList><TrustServiceProvider>\
         <TSPInformation><TSPName><Name xml:lang=\"en\">Provider</Name></TSPName></TSPInformation>\
         <TSPServices>{services}</TSPServices></TrustServiceProvider></TrustServiceProviderList>\
         </TrustServiceStatusList>"
    )
}

fn state(kind: &str, status: &str, since: &str) -> String {
    format!(
        "<ServiceTypeIdentifier>{PREFIX}Svctype/{kind}</ServiceTypeIdentifier><ServiceStatus>\
         {PREFIX}TrustedList/Svcstatus/{status}</ServiceStatus><StatusStartingTime>{since}</StatusStartingTime>"
    )
}

/// A service with its states, the newest first.
fn service(kind: &str, certificate: &Certificate, states: &[(&str, &str)], more: &str) -> String {
    let mut states = states.iter().map(|(status, since)| state(kind, status, since));
    let now = states.next().unwrap_or_default();
    let past: String =
        states.map(|state| format!("<ServiceHistoryInstance>{state}</ServiceHistoryInstance>")).collect();
    format!(
        "<TSPService><ServiceInformation>{now}{}{more}</ServiceInformation><ServiceHistory>{past}</ServiceHistory>\
         </TSPService>",
        identity(certificate)
    )
}

fn judged(lists: &[(&str, Vec<u8>)], signers: &[&Person]) -> Vec<JudgedList> {
    judged_at(lists, signers, NOW)
}

fn judged_at(lists: &[(&str, Vec<u8>)], signers: &[&Person], at: Time) -> Vec<JudgedList> {
    let lists: Vec<(String, Vec<u8>)> =
        lists.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect();
    let signers: Vec<Certificate> = signers.iter().map(|person| person.certificate.clone()).collect();
    judge_lists(&lists, &signers, at)
}

fn vouched<'a>(judged: &'a [JudgedList], name: &str) -> &'a Vouched {
    &judged.iter().find(|list| list.name == name).expect("it is judged").vouched
}

fn trust(xml: &str) -> Trust {
    let content = PackContent {
        issued: "2026-11-01T00:00:00Z".into(),
        kind: "trusted-list".into(),
        length: xml.len() as u64,
        name: "list.xml".into(),
        next_update: None,
        sha256: PROVIDER.digest(DigestAlgorithm::Sha256, xml.as_bytes()).hex(),
    };
    let mut trust = Trust::default();
    take(check_content(&content, xml.as_bytes()).expect("it is a list"), &mut trust);
    trust
}

#[test]
fn signatures_are_followed_over_pivots_to_each_list() {
    let (first, second, german) = (signer("First"), signer("Second"), signer("German"));
    let pivot = list("EUlistofthelists", "EU", 10, &pointer("EUlistofthelists", "EU", &second), "");
    let pointers = pointer("EUlistofthelists", "EU", &second) + &pointer("EUgeneric", "DE", &german);
    let lotl = list("EUlistofthelists", "EU", 12, &pointers, "");
    let de = list("EUgeneric", "DE", 5, "", "");
    let lists = [
        ("de.xml", signed(&de, &german)),
        ("lotl.xml", signed(&lotl, &second)),
        ("pivot.xml", signed(&pivot, &first)),
    ];
    let found = judged(&lists, &[&first]);
    for name in ["pivot.xml", "lotl.xml", "de.xml"] {
        assert_eq!(*vouched(&found, name), Vouched::BySignature, "{name}");
    }
    // Without the pivot nobody knows the second signer.
    let found = judged(&lists[..2], &[&first]);
    for name in ["lotl.xml", "de.xml"] {
        assert!(matches!(vouched(&found, name), Vouched::ByPublisher(_)), "{name}");
    }
    // The first signer is none any more once the pivot named another.
    let late = [("pivot.xml", signed(&pivot, &first)), ("lotl.xml", signed(&lotl, &first))];
    assert!(matches!(vouched(&judged(&late, &[&first]), "lotl.xml"), Vouched::ByPublisher(_)));
    // The German signer signs no other country's list.
    let fr = list("EUgeneric", "FR", 5, "", "");
    let other = [lists[1].clone(), lists[2].clone(), ("fr.xml", signed(&fr, &german))];
    assert!(matches!(vouched(&judged(&other, &[&first]), "fr.xml"), Vouched::ByPublisher(_)));
}

#[test]
fn a_list_outlives_the_certificate_of_its_signer_and_says_so() {
    let (first, german) = (signer("First"), signer("German"));
    let lotl = list("EUlistofthelists", "EU", 12, &pointer("EUgeneric", "DE", &german), "");
    let de = list("EUgeneric", "DE", 5, "", "");
    let lists = [("lotl.xml", signed(&lotl, &first)), ("de.xml", signed(&de, &german))];
    // All certificates of this test end in 2039.
    let found = judged_at(&lists, &[&first], Time::from_unix(2_300_000_000));
    for name in ["lotl.xml", "de.xml"] {
        assert_eq!(*vouched(&found, name), Vouched::BySignatureWhenIssued, "{name}");
    }
}

#[test]
fn a_changed_list_is_forged() {
    let (first, german) = (signer("First"), signer("German"));
    let lotl = list("EUlistofthelists", "EU", 12, &pointer("EUgeneric", "DE", &german), "");
    let de = list("EUgeneric", "DE", 5, "", "");
    let text = String::from_utf8(signed(&de, &german)).expect("it is text");
    let changed = text.replace("<TSLSequenceNumber>5<", "<TSLSequenceNumber>6<").into_bytes();
    let found = judged(&[("lotl.xml", signed(&lotl, &first)), ("de.xml", changed)], &[&first]);
    assert!(matches!(vouched(&found, "de.xml"), Vouched::Forged(_)), "{found:?}");
    let unsigned = [("lotl.xml", signed(&lotl, &first)), ("de.xml", de.into_bytes())];
    assert!(matches!(vouched(&judged(&unsigned, &[&first]), "de.xml"), Vouched::ByPublisher(_)));
}

#[test]
fn services_are_trusted_while_they_were_good() {
    let root = Authority::root("Root");
    let windows = |states: &[(&str, &str)]| {
        let xml = list("EUgeneric", "DE", 1, "", &service("CA/QC", &root.certificate, states, ""));
        let anchors = trust(&xml).anchors;
        let day = |time: Option<Time>| time.map_or("-".to_owned(), |time| time.to_string()[..10].to_owned());
        let window = |anchor: &undersign::pkix::TrustAnchor| {
            format!("{}..{}", day(anchor.constraints.not_before), day(anchor.constraints.not_after))
        };
        anchors.iter().map(window).collect::<Vec<_>>()
    };
    let (since, later, last) = ("2016-07-01T00:00:00Z", "2020-01-01T00:00:00Z", "2024-01-01T00:00:00Z");
    assert_eq!(windows(&[("granted", since)]), ["2016-07-01..-"]);
    assert_eq!(windows(&[("granted", later), ("undersupervision", since)]), ["2016-07-01..-"]);
    assert_eq!(windows(&[("withdrawn", later), ("granted", since)]), ["2016-07-01..2019-12-31"]);
    assert_eq!(
        windows(&[("granted", last), ("withdrawn", later), ("granted", since)]),
        ["2016-07-01..2019-12-31", "2024-01-01..-"]
    );
    let none: [&str; 0] = [];
    assert_eq!(windows(&[("withdrawn", since)]), none);
    assert_eq!(windows(&[("granted", "some day")]), none);
    assert_eq!(windows(&[("granted", since), ("granted", "some day")]), none);
}

#[test]
fn only_services_for_signatures_and_time_stamps_are_trusted() {
    let root = Authority::root("Root");
    let states = [("granted", "2016-07-01T00:00:00Z")];
    let anchors = |kind: &str, more: &str| {
        let xml = list("EUgeneric", "DE", 1, "", &service(kind, &root.certificate, &states, more));
        trust(&xml).anchors
    };
    let for_use = |uses: &[&str]| {
        let information = |name: &&str| {
            format!(
                "<Extension Critical=\"true\"><AdditionalServiceInformation><URI xml:lang=\"en\">{PREFIX}TrustedList/\
                 SvcInfoExt/{name}</URI></AdditionalServiceInformation></Extension>"
            )
        };
        let all: String = uses.iter().map(information).collect();
        format!("<ServiceInformationExtensions>{all}</ServiceInformationExtensions>")
    };
    assert_eq!(anchors("CA/QC", "").len(), 1);
    assert_eq!(anchors("CA/QC", &for_use(&["ForWebSiteAuthentication"])).len(), 0);
    assert_eq!(anchors("CA/QC", &for_use(&["ForWebSiteAuthentication", "ForeSeals"])).len(), 1);
    assert_eq!(anchors("CA/PKC", "").len(), 0);
    let tsa = anchors("TSA/QTST", "");
    assert_eq!(tsa[0].constraints.purposes.as_ref().map(Vec::len), Some(1));
}

#[test]
fn what_is_no_list_is_refused() {
    let good = list("EUgeneric", "DE", 1, "", "");
    for bad in [
        String::new(),
        "<a/>".to_owned(),
        good.replace("02231/v2#", "02231/v9#"),
        good.replace("<TSLSequenceNumber>1<", "<TSLSequenceNumber>x<"),
        good.replace("2026-11-01T00:00:00Z", "yesterday"),
        format!("<!DOCTYPE a [<!ENTITY b 'c'>]>{good}"),
        good[..good.len() / 2].to_owned(),
    ] {
        let content = PackContent {
            issued: "2026-11-01T00:00:00Z".into(),
            kind: "trusted-list".into(),
            length: bad.len() as u64,
            name: "list.xml".into(),
            next_update: None,
            sha256: PROVIDER.digest(DigestAlgorithm::Sha256, bad.as_bytes()).hex(),
        };
        let refusal = check_content(&content, bad.as_bytes()).unwrap_err();
        assert_eq!(refusal.code, "pack.wrong-kind", "{bad}");
    }
}
