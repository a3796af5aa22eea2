//! Files that multiply work end within the budget, and nothing in them passes: a finding or an error, never a hang.

use testkit::{Authority, Style, document, hostile};
use types::{Limits, Time};
use undersign::pkix::{Certificate, TrustAnchor};
use undersign::validation::{Indication, Policy};
use undersign::{Input, Malformed, Trust, Verified, types};

const NOW: Time = Time::from_unix(1_795_000_000);

/// Trust in somebody whose name all [`hostile::namesakes`] have.
fn trust() -> Trust {
    let namesake = Certificate::from_der(&hostile::certificate(u32::MAX, "Namesake", "Namesake"))
        .expect("a certificate");
    Trust { anchors: vec![TrustAnchor::from_certificate(namesake)], ..Trust::default() }
}

#[allow(clippy::ptr_arg, reason = "a source is a whole vector")]
fn verify(file: &Vec<u8>) -> Result<Verified, Malformed> {
    undersign::verify(&Input::new(file), &trust(), &Policy::standard(), NOW, Limits::STANDARD)
}

/// Verifies; nothing may pass.
fn refused(file: &Vec<u8>) -> Result<Verified, Malformed> {
    let verified = verify(file)?;
    assert!(!verified.verdict.signatures.is_empty());
    for verdict in &verified.verdict.signatures {
        assert_ne!(verdict.indication, Indication::TotalPassed);
    }
    Ok(verified)
}

#[test]
fn ten_thousand_certificates_of_one_name_end_with_the_budget() {
    let file = hostile::cms(b"content", &hostile::namesakes(10_000), &[hostile::signer(&[])]);
    let verified = refused(&file).unwrap();
    let codes: Vec<&str> = verified.evidence.findings.iter().map(|finding| &*finding.code).collect();
    assert!(codes.contains(&"evidence.budget"), "{codes:?}");
}

#[test]
fn a_chain_of_five_thousand_and_a_ring_of_three_end() {
    for length in [5_000, 3] {
        let file = hostile::cms(b"content", &hostile::chain(length), &[hostile::signer_named("Link 1", &[])]);
        refused(&file).unwrap();
    }
}

#[test]
fn many_signers_hash_large_content_once() {
    let signers = vec![hostile::signer(&[]); 5_000];
    let content = vec![0x41; 4 << 20];
    let verified = refused(&hostile::cms(&content, &[], &signers)).unwrap();
    assert_eq!(verified.verdict.signatures.len(), 5_000);
}

#[test]
fn findings_about_a_file_are_not_multiplied_by_its_signers() {
    let unreadable = vec![hostile::der(0x30, &[&[0x05, 0x00]]); 5_000];
    let signers = vec![hostile::signer(&[]); 2_000];
    let verified = refused(&hostile::cms(b"content", &unreadable, &signers)).unwrap();
    let most = verified.evidence.signatures.iter().map(|signature| signature.findings.len()).max();
    assert!(most.is_some_and(|most| most < 50), "{most:?}");
}

#[test]
fn many_timestamps_end() {
    let signer = hostile::signer(&[hostile::timestamps(3_000)]);
    let verified = refused(&hostile::cms(b"content", &hostile::namesakes(50), &[signer])).unwrap();
    assert_eq!(verified.evidence.tokens.len(), 3_000);
    let too_many = hostile::signer(&[hostile::timestamps(11_000)]);
    assert!(refused(&hostile::cms(b"content", &[], &[too_many])).is_err());
}

#[test]
fn a_thousand_nested_countersignatures_are_a_finding() {
    let signer = hostile::signer(&[hostile::countersignatures(1_000)]);
    match refused(&hostile::cms(b"content", &[], &[signer])) {
        Ok(verified) => assert!(verified.evidence.signatures.iter().any(|one| !one.findings.is_empty())),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

#[test]
fn evidence_records_of_many_timestamps_and_large_trees_end() {
    for (timestamps, groups) in [(1, 100_000), (2_000, 1), (6_000, 1)] {
        let signer = hostile::signer(&[hostile::evidence_record(timestamps, groups)]);
        // More timestamps than signatures are allowed in one file are an error.
        let _ = refused(&hostile::cms(b"content", &[], &[signer]));
    }
}

#[test]
fn a_list_of_a_million_entries_is_read() {
    let root = Authority::root("Example Root");
    let person = root.person("Ada Example", crypto_of());
    let crl = hostile::crl(&root, 1_000_000);
    let signed = signed(&person);
    let file = hostile::with_store(signed, &crl);
    let trust =
        Trust { anchors: vec![TrustAnchor::from_certificate(root.certificate.clone())], ..Trust::default() };
    let verified =
        undersign::verify(&Input::new(&file), &trust, &Policy::standard(), NOW, Limits::STANDARD).unwrap();
    assert_eq!(verified.evidence.material.crls.items.len(), 1);
    assert!(verified.evidence.findings.iter().all(|finding| finding.code != "evidence.budget"));
}

fn crypto_of() -> undersign::crypto::KeyAlgorithm {
    undersign::crypto::KeyAlgorithm::Ec(undersign::crypto::Curve::P256)
}

fn signed(person: &testkit::Person) -> Vec<u8> {
    let mut file = document(Style::Table, 1, 0);
    let algorithm = undersign::crypto::Signer::algorithm(&person.signer);
    let request = undersign::signing::SigningRequest::new(person.certificates(), algorithm, [7; 32]);
    let signed =
        undersign::sign(&file, None, &request, &person.signer, Limits::STANDARD).expect("it can be signed");
    file.extend(signed.tail);
    file
}

#[test]
fn a_container_of_many_members_ends() {
    let mut members: Vec<(String, Vec<u8>)> =
        vec![("mimetype".into(), b"application/vnd.etsi.asic-e+zip".to_vec())];
    members.extend((0..60_000).map(|number| (format!("{number}.txt"), Vec::new())));
    let signature = hostile::cms(b"content", &[], &[hostile::signer(&[])]);
    members.extend((0..500).map(|number| (format!("META-INF/signature{number}.p7s"), signature.clone())));
    refused(&hostile::zip(&members)).unwrap();
}

#[test]
fn broken_signature_files_are_not_multiplied_by_the_readable_ones() {
    let signature = hostile::cms(b"content", &[], &[hostile::signer(&[])]);
    let mut members = vec![("mimetype".to_owned(), b"application/vnd.etsi.asic-e+zip".to_vec())];
    for number in 0..2_000 {
        members.push((format!("META-INF/signature{number}.p7s"), signature.clone()));
        members.push((format!("META-INF/signature-broken{number}.p7s"), b"nothing".to_vec()));
    }
    let verified = refused(&hostile::zip(&members)).unwrap();
    let most = verified.evidence.signatures.iter().map(|signature| signature.findings.len()).max();
    assert!(most.is_some_and(|most| most < 50), "{most:?}");
}

#[test]
fn xml_that_nests_deeply_or_refers_to_much_ends() {
    assert!(verify(&hostile::xml(1, 100_000, &[])).is_err());
    let _ = refused(&hostile::xml(20_000, 0, &[]));
}
