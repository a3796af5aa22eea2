//! The declared attacks of the literature: none is passed, and each is found under its name.

use crypto::{Curve, KeyAlgorithm};
use pdf::signature::Certification;
use pkix::TrustAnchor;
use std::collections::BTreeSet;
use testkit::Person;
use testkit::attacks::{Declared, Prepared, SignedAs, declared, prepared};
use undersign::inspection::{Attack, History, first_signed_revision, forgeries};
use undersign::signing::SigningRequest;
use undersign::validation::{Indication, Policy};
use undersign::{Budget, Input, Limits, Time, Trust};

const NOW: Time = Time::from_unix(1_795_000_000);

fn signed(person: &Person, document: &[u8], signed_as: SignedAs) -> Vec<u8> {
    let algorithm = crypto::Signer::algorithm(&person.signer);
    let mut request = SigningRequest::new(person.certificates(), algorithm, [7; 32]);
    request.signature.certification = match signed_as {
        SignedAs::Approval => None,
        SignedAs::Certification(2) => Some(Certification::FormFilling),
        SignedAs::Certification(_) => Some(Certification::Annotations),
    };
    let source = document.to_vec();
    let signed =
        undersign::sign(&source, None, &request, &person.signer, Limits::STANDARD).expect("it signs");
    [source, signed.tail].concat()
}

/// What the verifier says of every signature: nothing if it refuses the file or finds none.
fn verdicts(person: &Person, file: &[u8]) -> Vec<Indication> {
    let anchors = vec![TrustAnchor::from_certificate(person.certificate.clone())];
    let trust = Trust { anchors, ..Trust::default() };
    match undersign::verify(&Input::new(&file.to_vec()), &trust, &Policy::standard(), NOW, Limits::STANDARD) {
        Ok(verified) => verified.verdict.signatures.iter().map(|verdict| verdict.indication).collect(),
        Err(_) => Vec::new(),
    }
}

/// The attacks that the inspection names.
fn named(file: &[u8]) -> BTreeSet<&'static str> {
    let mut budget = Budget::default();
    let file = file.to_vec();
    let Ok(document) = pdf::Document::open(&file, None, &mut budget) else { return BTreeSet::new() };
    let signatures = document.signatures(&mut budget).unwrap_or_default();
    let mut names: BTreeSet<&str> =
        forgeries(&document, &signatures).iter().map(|forgery| forgery.attack.as_str()).collect();
    let first = first_signed_revision(&document, &mut budget).ok().flatten().unwrap_or(0);
    let history = History::analyse(&document, first, &mut budget);
    names.extend(history.after(first).attacks().into_iter().map(Attack::as_str));
    names
}

/// Why the attack is not met as declared.
fn failure(person: &Person, attack: &Declared) -> Option<String> {
    let original = signed(person, &prepared(attack.document), attack.signed_as);
    let forged = (attack.forge)(&original);
    let verdicts = verdicts(person, &forged);
    let names = named(&forged);
    let title = format!("{} ({:?})", attack.name, attack.signed_as);
    if forged == original {
        return Some(format!("{title} changes nothing"));
    }
    if verdicts.contains(&Indication::TotalPassed) {
        return Some(format!("{title} is PASSED: {verdicts:?}, found as {names:?}"));
    }
    let wanted = attack.found_as?;
    (!names.contains(wanted))
        .then(|| format!("{title} is not found as {wanted:?} but as {names:?}: {verdicts:?}"))
}

#[test]
fn no_declared_attack_is_passed_and_each_is_found_under_its_name() {
    let person = Person::self_signed("Ada Example", KeyAlgorithm::Ec(Curve::P256));
    for document in [Prepared::Plain, Prepared::Dangling, Prepared::Twice] {
        let file = signed(&person, &prepared(document), SignedAs::Approval);
        assert_eq!(verdicts(&person, &file), [Indication::TotalPassed], "{document:?} as signed");
    }
    let attacks = declared();
    let failures: Vec<String> = attacks.iter().filter_map(|attack| failure(&person, attack)).collect();
    println!("{} attacks", attacks.len());
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_name_that_is_asked_for_is_one_that_reports_use() {
    let known: BTreeSet<&str> = Attack::ALL.iter().map(|attack| attack.as_str()).collect();
    for attack in declared() {
        assert!(attack.found_as.is_none_or(|name| known.contains(name)), "{}", attack.name);
    }
}
