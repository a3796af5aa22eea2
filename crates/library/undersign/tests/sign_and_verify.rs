//! What is signed verifies, what is changed does not, and signers follow one another.

use crypto::{Curve, KeyAlgorithm, Signer};
use testkit::{Authority, Person, Style, document};
use undersign::signing::SigningRequest;
use undersign::validation::{Indication, Policy, State, SubIndication};
use undersign::{Input, Limits, Time, Trust, Verified, pkix::TrustAnchor};

const NOW: Time = Time::from_unix(1_795_000_000);

fn sign(document: &[u8], person: &Person, name: &str) -> Vec<u8> {
    let mut request = SigningRequest::new(person.certificates(), person.signer.algorithm(), [7; 32]);
    request.signature.claimed_time =
        Some(undersign::pdf::signature::ClaimedTime { time: NOW, offset_minutes: 0 });
    request.signature.field = undersign::pdf::signature::FieldChoice::New { name: Some(name.into()) };
    let source = document.to_vec();
    let signed =
        undersign::sign(&source, None, &request, &person.signer, Limits::STANDARD).expect("it is signed");
    let mut file = source;
    file.extend(&signed.tail);
    undersign::self_check(&file, None, &signed, Limits::STANDARD).expect("it passes its own check");
    file
}

fn verify(document: &[u8], anchors: &[&undersign::pkix::Certificate]) -> Verified {
    verify_at(document, anchors, NOW)
}

fn verify_at(document: &[u8], anchors: &[&undersign::pkix::Certificate], at: Time) -> Verified {
    let anchors = anchors.iter().map(|&anchor| TrustAnchor::from_certificate(anchor.clone())).collect();
    let trust = Trust { anchors, ..Trust::default() };
    undersign::verify(&Input::new(&document.to_vec()), &trust, &Policy::standard(), at, Limits::STANDARD)
        .expect("it is a PDF")
}

fn indications(verified: &Verified) -> Vec<(Indication, Option<SubIndication>)> {
    verified.verdict.signatures.iter().map(|verdict| (verdict.indication, verdict.sub_indication)).collect()
}

#[test]
fn every_algorithm_signs_what_verifies() {
    for key in [
        KeyAlgorithm::Ec(Curve::P256),
        KeyAlgorithm::Ec(Curve::P384),
        KeyAlgorithm::Ec(Curve::P521),
        KeyAlgorithm::Ed25519,
        KeyAlgorithm::Rsa(2048),
    ] {
        let person = Person::self_signed("Ada Example", key);
        for style in [Style::Table, Style::Stream] {
            let signed = sign(&document(style, 2, 1000), &person, "S1");
            let verified = verify(&signed, &[&person.certificate]);
            assert_eq!(indications(&verified), [(Indication::TotalPassed, None)], "{key} {style:?}");
            assert_eq!(verified.verdict.signatures[0].level.as_str(), "B-B");
        }
    }
}

#[test]
fn without_trust_nothing_is_passed_and_integrity_is_still_proven() {
    let person = Person::self_signed("Ada Example", KeyAlgorithm::Ec(Curve::P256));
    let verified = verify(&sign(&document(Style::Table, 1, 0), &person, "S1"), &[]);
    let verdict = &verified.verdict.signatures[0];
    assert_eq!(verdict.indication, Indication::Indeterminate);
    assert_eq!(verdict.sub_indication, Some(SubIndication::NoCertificateChainFound));
    assert_eq!(verdict.dimensions.integrity.state, State::Proven);
}

#[test]
fn an_issued_certificate_without_revocation_data_has_to_wait() {
    let root = Authority::root("Example Root");
    let person = root.subordinate("Example Issuing CA").person("Ada Example", KeyAlgorithm::Ec(Curve::P256));
    let verified = verify(&sign(&document(Style::Table, 1, 0), &person, "S1"), &[&root.certificate]);
    let verdict = &verified.verdict.signatures[0];
    assert_eq!(verdict.sub_indication, Some(SubIndication::TryLater));
    assert_eq!(verdict.dimensions.trust.state, State::Proven);
    assert_eq!(verdict.dimensions.revocation.state, State::Unknown);
}

#[test]
fn three_signers_in_a_row_all_pass() {
    let people = ["Ada", "Ben", "Cleo"].map(|name| Person::self_signed(name, KeyAlgorithm::Ec(Curve::P256)));
    for style in [Style::Table, Style::Stream] {
        let mut file = document(style, 3, 500);
        for (index, person) in people.iter().enumerate() {
            file = sign(&file, person, &format!("Signer{index}"));
        }
        let verified = verify(&file, &[0, 1, 2].map(|index| &people[index].certificate));
        assert_eq!(indications(&verified), [(Indication::TotalPassed, None); 3], "{style:?}");
    }
}

#[test]
fn no_changed_byte_is_ever_passed() {
    let person = Person::self_signed("Ada Example", KeyAlgorithm::Ec(Curve::P256));
    let original = sign(&document(Style::Table, 1, 100), &person, "S1");
    let mut survivors = Vec::new();
    let anchors = vec![TrustAnchor::from_certificate(person.certificate.clone())];
    let trust = Trust { anchors, ..Trust::default() };
    // Every byte of the signature value's place up to its padding, and a sample of the others.
    let contents = find(&original, b"/Contents <").expect("there is one") + 10;
    for at in (0..original.len()).filter(|at| (contents..contents + 2600).contains(at) || at % 17 == 0) {
        let mut changed = original.clone();
        changed[at] ^= 0x01;
        let verified =
            undersign::verify(&Input::new(&changed), &trust, &Policy::standard(), NOW, Limits::STANDARD);
        if verified.is_ok_and(|verified| indications(&verified).contains(&(Indication::TotalPassed, None))) {
            survivors
                .push((at, String::from_utf8_lossy(&original[at.saturating_sub(12)..at + 12]).into_owned()));
        }
    }
    assert!(survivors.is_empty(), "bytes changed and still passed: {survivors:?}");
}

#[test]
fn outside_the_validity_of_the_certificate_nothing_is_passed() {
    let person = Person::self_signed("Ada Example", KeyAlgorithm::Ec(Curve::P256));
    let file = sign(&document(Style::Table, 1, 0), &person, "S1");
    for at in ["2019-12-31T23:59:59Z", "2040-01-02T00:00:00Z"] {
        let verified = verify_at(&file, &[&person.certificate], at.parse().expect("a time"));
        let expected = [(Indication::Indeterminate, Some(SubIndication::OutOfBoundsNoPoe))];
        assert_eq!(indications(&verified), expected, "{at}");
    }
}

#[test]
fn a_changed_word_is_a_hash_failure_and_a_changed_value_a_crypto_failure() {
    let person = Person::self_signed("Ada Example", KeyAlgorithm::Ec(Curve::P256));
    let original = sign(&document(Style::Table, 1, 0), &person, "S1");
    let mut word = original.clone();
    let at = find(&word, b"agreement").expect("the text is there");
    word[at] ^= 0x20;
    let expected = [(Indication::TotalFailed, Some(SubIndication::HashFailure))];
    assert_eq!(indications(&verify(&word, &[&person.certificate])), expected);

    // The last digit of the value: the CMS ends with it, zeros follow.
    let contents = find(&original, b"/Contents <").expect("there is one") + 11;
    let end = find(&original[contents..], &[b'0'; 200]).expect("the padding") + contents;
    let mut value = original.clone();
    value[end - 4] = if value[end - 4] == b'1' { b'2' } else { b'1' };
    let expected = [(Indication::TotalFailed, Some(SubIndication::SigCryptoFailure))];
    assert_eq!(indications(&verify(&value, &[&person.certificate])), expected);
}

#[test]
fn an_appended_revision_that_changes_a_page_fails_the_signature() {
    let person = Person::self_signed("Ada Example", KeyAlgorithm::Ec(Curve::P256));
    let mut file = sign(&document(Style::Table, 1, 0), &person, "S1");
    let previous = String::from_utf8_lossy(&file).rfind("startxref").expect("an end");
    let previous: String =
        String::from_utf8_lossy(&file[previous + 10..]).chars().take_while(char::is_ascii_digit).collect();
    let object = file.len();
    file.extend(b"6 0 obj\n<< /Length 4 >>\nstream\nBT ET\nendstream\nendobj\n");
    let table = file.len();
    file.extend(
        format!(
            "xref\n6 1\n{object:010} 00000 n \ntrailer\n<< /Size 20 /Root 1 0 R /Prev {previous} >>\n\
             startxref\n{table}\n%%EOF\n"
        )
        .bytes(),
    );
    let verified = verify(&file, &[&person.certificate]);
    let verdict = &verified.verdict.signatures[0];
    assert_eq!(verdict.indication, Indication::TotalFailed);
    assert_eq!(verdict.dimensions.changes.state, State::Broken);
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
