//! Only what a timestamp really covers, by digests that were good, existed when it was made.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use crypto::{DigestAlgorithm, PROVIDER};
use testkit::authority::xml::{self, Part, Xades};
use types::Source;
use undersign::validation::{Level, Policy};
use undersign::{Input, Limits, Trust, Verified, pkix::TrustAnchor};
use world::*;

const CERTIFICATE_VALUES: &str = "1.2.840.113549.1.9.16.2.23";
const REVOCATION_VALUES: &str = "1.2.840.113549.1.9.16.2.24";
const SIGNATURE_TIMESTAMP: &str = "1.2.840.113549.1.9.16.2.14";
const ARCHIVE_TIMESTAMP_V3: &str = "0.4.0.1733.2.4";
/// What is said where nothing shows that the status of Ada's certificate was told before it ended.
const NOT_PROVEN: &str = "OUT_OF_BOUNDS_NO_POE";
/// A way to keep a signature with all that is in it so far.
type Archive = fn(Cms, &Stamp<'_>) -> Cms;

const ARCHIVES: [(&str, Archive); 3] =
    [("v3", Cms::archive), ("v2", Cms::archive_v2), ("record", Cms::recorded)];
/// When everything here is judged.
const NOW: &str = "2025-01-01";

fn verify(w: &World, file: &[u8], content: Option<&[u8]>, given: &[Vec<u8>]) -> Verified {
    let trust = Trust {
        anchors: vec![TrustAnchor::from_certificate(w.root.certificate.clone())],
        crls: given.to_vec(),
        ..Trust::default()
    };
    let (file, content) = (file.to_vec(), content.map(<[u8]>::to_vec));
    let content = content.as_ref().map(|content| content as &dyn Source);
    let input = Input { content, ..Input::new(&file) };
    undersign::verify(&input, &trust, &Policy::standard(), time(NOW), Limits::STANDARD).unwrap()
}

/// Ada's certificate ended in 2012; her authority's list, signed with SHA-1, is worth something only if it was there before.
struct Weak {
    w: World,
    list: Vec<u8>,
    /// A list of 2010 by somebody else.
    other: Vec<u8>,
    given: Vec<Vec<u8>>,
}

impl Weak {
    fn new() -> Weak {
        let root = Actor::root("Root", "2005-01-01", "2045-01-01");
        let ca = root.issue(&Declared::new("CA", Role::Authority, "2005-01-01", "2040-01-01"));
        let w = World {
            ada: ca.issue(&Declared::new("Ada", Role::Person, "2010-01-01", "2012-01-01")),
            tsa: root.issue(&Declared::new("TSA", Role::Tsa, "2005-01-01", "2039-01-01")),
            root,
            ca,
            ..world()
        };
        let list = |of: &Actor, by: &Actor, day| CrlMade::new(of, day, "2045-01-01").sign(by);
        Weak {
            list: list(&w.ca, &w.ca.with_sha1(), "2010-12-01"),
            other: list(&w.root, &w.root, "2010-12-01"),
            given: ["2010-12-01", "2020-12-01"].map(|day| list(&w.root, &w.root, day)).to_vec(),
            w,
        }
    }

    fn stamp(&self) -> Stamp<'_> {
        Stamp::new(&self.w.tsa, "2011-01-01")
    }

    fn says(&self, cms: &Cms) -> &'static str {
        word(&verify(&self.w, &cms.der(), None, &self.given), 0)
    }
}

/// DER `RevocationValues` with one CRL.
fn values(crl: &[u8]) -> Vec<u8> {
    der::sequence(&[der::value(0xa0, &der::sequence(&[crl.to_vec()]))])
}

#[test]
fn revocation_values_that_came_after_an_archive_timestamp_are_not_proven_by_those_before_it() {
    let weak = Weak::new();
    let with = |crl: &[u8]| weak.w.signed().unsigned(REVOCATION_VALUES, &values(crl));
    let (before, other) = (with(&weak.list), with(&weak.other));
    for (name, archive) in ARCHIVES {
        assert_eq!(weak.says(&archive(before.clone(), &weak.stamp())), "PASSED", "{name}");
        let archived = archive(other.clone(), &weak.stamp());
        let attribute = archived.clone().later(REVOCATION_VALUES, &values(&weak.list));
        assert_eq!(weak.says(&attribute), NOT_PROVEN, "{name}");
    }
    let archived = other.archive(&weak.stamp());
    let value = archived.one_more(REVOCATION_VALUES, &values(&weak.list));
    assert_eq!(weak.says(&value), NOT_PROVEN, "another value of the same attribute");
}

#[test]
fn certificate_values_that_came_after_an_archive_timestamp_are_not_proven_by_those_before_it() {
    let w = weak_world();
    let given = w.clean("2020-12-01", "2045-01-01");
    let says = |cms: &Cms| word(&verify(&w, &cms.der(), None, &given), 0);
    let values = |of: &Actor| der::sequence(&[of.certificate.der().to_vec()]);
    let signed = |of| Cms::sign(&w.ada, CONTENT).unsigned(CERTIFICATE_VALUES, &values(of));
    let stamp = Stamp::new(&w.tsa, "2011-01-01");
    for (name, archive) in ARCHIVES {
        assert_eq!(says(&archive(signed(&w.ca), &stamp)), "PASSED", "{name}");
        let added = archive(signed(&w.root), &stamp).later(CERTIFICATE_VALUES, &values(&w.ca));
        assert_eq!(says(&added), "CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "{name}");
    }
}

#[test]
fn an_index_proves_as_much_as_the_algorithm_that_it_is_made_by() {
    let weak = Weak::new();
    let by = |algorithm| {
        let signed = weak.w.signed().unsigned(REVOCATION_VALUES, &values(&weak.list));
        weak.says(&signed.archive_by(algorithm, &weak.stamp()))
    };
    for good in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha512] {
        assert_eq!(by(good), "PASSED", "{good:?}");
    }
    for broken in [DigestAlgorithm::Sha1, DigestAlgorithm::Md5] {
        assert_eq!(by(broken), NOT_PROVEN, "{broken:?}");
    }
}

#[test]
fn an_archive_timestamp_whose_index_names_what_was_taken_away_proves_nothing() {
    const NOTE: &str = "1.2.3.4";
    let weak = Weak::new();
    let signed = weak.w.signed().unsigned(REVOCATION_VALUES, &values(&weak.list));
    let archived = signed.unsigned(NOTE, &der::sequence(&[])).archive(&weak.stamp());
    assert_eq!(weak.says(&archived), "PASSED");
    assert_eq!(weak.says(&archived.without(NOTE)), NOT_PROVEN);
}

#[test]
fn what_stands_in_a_cms_without_signers_is_nobodys() {
    let weak = Weak::new();
    let signed_data = der::sequence(&[
        der::integer(1),
        der::value(0x31, &[]),
        der::sequence(&[der::oid("1.2.840.113549.1.7.1")]),
        der::value(0xa1, &weak.list),
        der::value(0x31, &[]),
    ]);
    let cms = der::sequence(&[der::oid("1.2.840.113549.1.7.2"), der::value(0xa0, &signed_data)]);
    let verified = verify(&weak.w, &cms, None, &[]);
    assert!(verified.evidence.signatures.is_empty() && verified.evidence.material.crls.items.is_empty());
}

/// Ada was revoked in September 2010, and an authority for timestamps, whose key got about, ended in 2012.
struct Leaked {
    w: World,
    leaked: Actor,
    given: Vec<Vec<u8>>,
}

impl Leaked {
    fn new() -> Leaked {
        let Weak { mut w, .. } = Weak::new();
        w.ada = w.ca.issue(&Declared::new("Ada", Role::Person, "2010-01-01", "2039-01-01"));
        let leaked = w.root.issue(&Declared::new("Old TSA", Role::Tsa, "2005-01-01", "2012-01-01"));
        let lists = ["2010-12-01", "2020-12-01"].map(|day| {
            let of_ca = CrlMade::new(&w.ca, day, "2045-01-01").revoked(&w.ada.certificate, "2010-09-01", 1);
            [CrlMade::new(&w.root, day, "2045-01-01").sign(&w.root), of_ca.sign(&w.ca)]
        });
        Leaked { leaked, given: lists.concat(), w }
    }

    /// A timestamp before the revocation, or said to be.
    fn early(&self) -> Stamp<'_> {
        Stamp::new(&self.leaked, "2010-03-01")
    }

    fn archive(&self) -> Stamp<'_> {
        Stamp::new(&self.w.tsa, "2011-01-01")
    }

    fn says(&self, cms: &Cms) -> &'static str {
        word(&verify(&self.w, &cms.der(), None, &self.given), 0)
    }

    fn says_xml(&self, signature: &str) -> &'static str {
        word(&verify(&self.w, signature.as_bytes(), Some(CONTENT), &self.given), 0)
    }

    fn signed_xml(&self) -> Xades {
        let content = Part::file("contract.txt", CONTENT);
        Xades::sign(&self.w.ada, &[content], &[&self.w.ca.certificate])
    }
}

#[test]
fn a_timestamp_that_came_after_an_archive_timestamp_is_not_older_than_it() {
    let world = Leaked::new();
    let signed = world.w.signed();
    let forged = world.early().over(&signed.value);
    for (name, archive) in ARCHIVES {
        let honest = archive(signed.clone().stamp(&world.early()), &world.archive());
        assert_eq!(world.says(&honest), "PASSED", "{name}");
        let archived = archive(signed.clone(), &world.archive());
        let added = archived.later(SIGNATURE_TIMESTAMP, &forged);
        assert_eq!(world.says(&added), "REVOKED_NO_POE", "{name}");
    }
}

#[test]
fn properties_in_another_group_are_not_under_the_archive_timestamp_of_this_one() {
    let world = Leaked::new();
    let signed = world.signed_xml();
    let early = signed.stamp(&world.early());
    let honest = signed.clone().with(&early).archive(&[&world.archive()]);
    assert_eq!(world.says_xml(&honest.element()), "PASSED");
    let archived = signed.archive(&[&world.archive()]).element();
    assert_eq!(world.says_xml(&archived), "REVOKED_NO_POE");
    let another = xml::unsigned_properties(&early);
    let group =
        archived.replacen("<xades:UnsignedProperties>", &format!("{another}<xades:UnsignedProperties>"), 1);
    let object = xml::qualifying_properties(&another);
    let object = archived.replacen("<ds:Object>", &format!("<ds:Object>{object}</ds:Object><ds:Object>"), 1);
    for (added, to) in [(group, "group"), (object, "object")] {
        assert_ne!(added, archived, "{to}");
        let verified = verify(&world.w, added.as_bytes(), Some(CONTENT), &world.given);
        assert_eq!((word(&verified, 0), verified.evidence.tokens.len()), ("REVOKED_NO_POE", 2), "{to}");
    }
}

#[test]
fn tokens_of_one_archive_timestamp_do_not_cover_each_other() {
    let world = Leaked::new();
    let signed = world.signed_xml();
    let one_after_the_other = signed.clone().archive(&[&world.early()]).archive(&[&world.archive()]);
    assert_eq!(world.says_xml(&one_after_the_other.element()), "PASSED");
    for both in [[&world.early(), &world.archive()], [&world.archive(), &world.early()]] {
        assert_eq!(world.says_xml(&signed.clone().archive(&both).element()), "REVOKED_NO_POE");
    }
}

#[test]
fn revocation_values_in_xml_count_from_the_archive_timestamp_that_they_are_under() {
    let weak = Weak::new();
    let content = Part::file("contract.txt", CONTENT);
    let signed = Xades::sign(&weak.w.ada, &[content], &[&weak.w.ca.certificate]);
    let values = xml::revocation_values(&weak.list);
    let says = |text: &str| word(&verify(&weak.w, text.as_bytes(), Some(CONTENT), &weak.given), 0);
    assert_eq!(says(&signed.clone().with(&values).archive(&[&weak.stamp()]).element()), "PASSED");
    let archived = signed.archive(&[&weak.stamp()]);
    assert_eq!(says(&archived.clone().with(&values).element()), NOT_PROVEN);
    let archived = archived.element();
    let before = format!("{}<xades:UnsignedProperties>", xml::unsigned_properties(&values));
    let in_group = archived.replacen("<xades:UnsignedProperties>", &before, 1);
    assert_eq!(says(&in_group), NOT_PROVEN);
}

#[test]
fn timestamps_that_say_nothing_of_a_signature_make_no_level() {
    let w = world();
    let signed = w.clean("2023-06-01", "2026-06-01").iter().fold(w.signed(), |cms, crl| cms.crl(crl));
    let stamp = Stamp::new(&w.tsa, "2023-07-01");
    let (garbage, elsewhere) = (der::sequence(&[vec![5, 0]]), stamp.over(b"something else"));
    let level = |cms: &Cms| verify(&w, &cms.der(), None, &[]).verdict.signatures[0].level;
    let stamped = signed.clone().stamp(&stamp);
    assert_eq!(level(&signed), Level::BaselineB);
    assert_eq!(level(&stamped), Level::BaselineLt);
    assert_eq!(level(&stamped.clone().archive(&stamp)), Level::BaselineLta);
    for token in [&garbage, &elsewhere] {
        assert_eq!(level(&signed.clone().token(token)), Level::BaselineB);
        assert_eq!(level(&stamped.clone().unsigned(ARCHIVE_TIMESTAMP_V3, token)), Level::BaselineLt);
        let neither = signed.clone().token(token).unsigned(ARCHIVE_TIMESTAMP_V3, token);
        assert_eq!(level(&neither), Level::BaselineB);
    }
    let empty = stamped.archive_of_nothing(&stamp);
    assert_eq!(level(&empty), Level::BaselineLt, "over the signature, over no revocation data");
}

#[test]
fn a_timestamp_proves_as_much_as_the_algorithm_of_its_imprint() {
    let w = world();
    let lists = w.clean("2023-06-01", "2026-06-01");
    let signed = w.signed();
    let says = |algorithm| {
        let digest = PROVIDER.digest(algorithm, &signed.value);
        let token = Stamp::new(&w.tsa, "2023-07-01").over_digest(&digest);
        let verified = verify(&w, &signed.clone().token(&token).der(), None, &lists);
        (token_word(&verified, 0), word(&verified, 0))
    };
    let weak = ("CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "OUT_OF_BOUNDS_NOT_REVOKED");
    assert_eq!(says(DigestAlgorithm::Sha512), ("PASSED", "PASSED"));
    assert_eq!(says(DigestAlgorithm::Sha1), weak);
    assert_eq!(says(DigestAlgorithm::Md5), weak);
}

#[test]
fn a_token_that_demands_or_lacks_what_has_to_be_understood_proves_nothing() {
    let w = world();
    let lists = w.clean("2023-06-01", "2026-06-01");
    let says = |stamp: &Stamp<'_>| {
        let verified = verify(&w, &w.signed().stamp(stamp).der(), None, &lists);
        (token_word(&verified, 0), word(&verified, 0))
    };
    let with = |critical| Stamp {
        extensions: vec![der::extension("1.2.3.4.5", critical, &[5, 0])],
        ..Stamp::new(&w.tsa, "2023-07-01")
    };
    let typed = |content_types| Stamp { content_types, ..Stamp::new(&w.tsa, "2023-07-01") };
    let info = "1.2.840.113549.1.9.16.1.4";
    let broken = ("FORMAT_FAILURE", "OUT_OF_BOUNDS_NOT_REVOKED");
    assert_eq!(says(&with(false)), ("PASSED", "PASSED"), "nobody has to know it");
    assert_eq!(says(&with(true)), ("SIG_CONSTRAINTS_FAILURE", broken.1));
    assert_eq!(says(&typed(vec![info])), ("PASSED", "PASSED"));
    assert_eq!(says(&typed(vec![])), broken);
    assert_eq!(says(&typed(vec![info, info])), broken);
    assert_eq!(says(&typed(vec!["1.2.840.113549.1.7.1"])), broken);
}
