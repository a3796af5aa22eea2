//! Notes and checkpoints: known ones verify, signatures are made and kept, and what is wrong is said.

use crate::made::{Key, Log, ORIGIN, budget, checkpoint, expected, log_key, witness_key};
use crypto::{PROVIDER, SignatureAlgorithm, SignatureError, Signer, SignerError};
use proptest::prelude::*;
use std::collections::BTreeMap;
use types::{Budget, Limits, Resource, Time};
use undersign_tlog::checkpoint::{Checkpoint, CheckpointError, Expected, MergeError, SignedCheckpoint};
use undersign_tlog::merkle::{Hash, TreeHead};
use undersign_tlog::note::{
    KeyName, MAX_NOTE, MAX_SIGNATURES, Note, NoteError, SignatureType, SigningError, VerifierKey,
};

/// The example of C2SP signed-note, and that of the package golang.org/x/mod/sumdb/note.
const KNOWN: [(&str, &str); 2] = [
    (
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "This is an example message.\n\n\u{2014} example.com/foo \
         Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n",
    ),
    (
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\
         \u{2014} PeterNeumann \
         x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
    ),
];

/// The example of C2SP tlog-cosignature.
const COSIGNED: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
    \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
    \u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

fn key(text: &str) -> VerifierKey {
    VerifierKey::parse(text, PROVIDER, &mut budget()).expect("a verifier key")
}

fn note(text: &str) -> Note {
    Note::parse(text.as_bytes(), &mut budget()).expect("a note")
}

fn verify(note: &Note, keys: &[&VerifierKey]) -> Result<usize, NoteError> {
    note.verify(keys, &mut budget(), PROVIDER).map(|verified| verified.len())
}

#[test]
fn known_notes_verify_and_are_written_as_they_were() {
    for (vkey, text) in KNOWN {
        let (key, note) = (key(vkey), note(text));
        assert_eq!(key.to_string(), vkey);
        assert_eq!(note.to_bytes(), text.as_bytes());
        assert_eq!(verify(&note, &[&key]), Ok(1));
        let changed = Note::parse(text.replacen('o', "0", 1).as_bytes(), &mut budget()).unwrap();
        let error = verify(&changed, &[&key]).unwrap_err();
        assert!(matches!(error, NoteError::BadSignature { .. } | NoteError::NoKnownSignature), "{error}");
    }
}

#[test]
fn a_known_checkpoint_with_a_cosignature_is_read_and_written() {
    let signed = SignedCheckpoint::parse(COSIGNED.as_bytes(), &mut budget()).unwrap();
    assert_eq!(signed.to_bytes(), COSIGNED.as_bytes());
    let checkpoint = signed.checkpoint();
    assert_eq!((checkpoint.origin(), checkpoint.head().size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(checkpoint.head().root.to_string(), "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=");
    let value = signed.note().signatures()[1].value();
    assert_eq!((value.len(), &value[..8]), (72, &1_679_315_147u64.to_be_bytes()[..]));
}

#[test]
fn signatures_of_strangers_are_kept_and_say_nothing() {
    let mut signed = checkpoint(Log::sized(3).head(3), &[2]);
    signed.cosign(&witness_key(3), Time::from_unix(5), &Key::of(3), PROVIDER).unwrap();
    let stranger = "\u{2014} device.example/log AAAAAAEC\n";
    let bytes = [&signed.to_bytes()[..], stranger.as_bytes()].concat();
    let read = SignedCheckpoint::parse(&bytes, &mut budget()).unwrap();
    assert_eq!(read.to_bytes(), bytes);
    assert_eq!(read.note().signatures().len(), 4);
    let (log, witnesses) = ([log_key()], [witness_key(3)]);
    let verified = read.verify(&expected(&log, &witnesses, 1), &mut budget(), PROVIDER).unwrap();
    assert_eq!(verified.checkpoint(), signed.checkpoint());
    let [cosignature] = verified.cosignatures() else { panic!("one witness is known") };
    assert_eq!((cosignature.key(), cosignature.time()), (&witnesses[0], Some(Time::from_unix(5))));
    assert_eq!(verify(read.note(), &[]), Err(NoteError::NoKnownSignature));
    assert_eq!(verify(read.note(), &[&witness_key(9)]), Err(NoteError::NoKnownSignature));
}

#[test]
fn one_bad_signature_of_a_known_key_refuses_the_note() {
    let signed = checkpoint(Log::sized(3).head(3), &[2]);
    let text = String::from_utf8(signed.to_bytes()).unwrap();
    let line = text.lines().last().unwrap();
    let other = checkpoint(Log::sized(4).head(4), &[2]);
    let other = String::from_utf8(other.to_bytes()).unwrap();
    let foreign = text.replace(line, other.lines().last().unwrap());
    let read = SignedCheckpoint::parse(foreign.as_bytes(), &mut budget()).unwrap();
    let (log, witnesses) = ([log_key()], [witness_key(2)]);
    assert!(read.verify(&expected(&log, &[], 0), &mut budget(), PROVIDER).is_ok());
    let error = read.verify(&expected(&log, &witnesses, 0), &mut budget(), PROVIDER).unwrap_err();
    let fault = SignatureError::Mismatch;
    let bad = NoteError::BadSignature { name: witnesses[0].name().clone(), id: witnesses[0].id(), fault };
    assert_eq!(error, CheckpointError::Note(bad));
}

#[test]
fn a_checkpoint_of_another_log_without_its_signature_or_without_witnesses_is_refused() {
    let signed = checkpoint(Log::sized(3).head(3), &[2, 3]);
    let (log, witnesses) = ([log_key()], [witness_key(2), witness_key(3), witness_key(4)]);
    let verify = |expected: &Expected<'_>| signed.verify(expected, &mut budget(), PROVIDER).map(|_| ());
    assert_eq!(verify(&expected(&log, &witnesses, 2)), Ok(()));
    let too_few = CheckpointError::TooFewWitnesses { required: 3, found: 2 };
    assert_eq!(verify(&expected(&log, &witnesses, 3)), Err(too_few));
    assert_eq!(verify(&expected(&[], &witnesses, 1)), Err(CheckpointError::NotByLog));
    let none = CheckpointError::Note(NoteError::NoKnownSignature);
    assert_eq!(verify(&Expected::log(ORIGIN, &[])), Err(none));
    let other = verify(&Expected::log("other.example/log", &log)).unwrap_err();
    assert_eq!(
        other.to_string(),
        "the checkpoint is of the log \"device.example/log\", not \"other.example/log\" \
         [C2SP tlog-checkpoint, Note text]"
    );
}

#[test]
fn one_witness_under_two_names_counts_once() {
    let mut signed = checkpoint(Log::sized(3).head(3), &[2]);
    let alias = Key::of(2).named("witness.example/alias", SignatureType::CosignatureV1);
    signed.cosign(&alias, Time::from_unix(7), &Key::of(2), PROVIDER).unwrap();
    signed.cosign(&witness_key(2), Time::from_unix(8), &Key::of(2), PROVIDER).unwrap();
    let (log, witnesses) = ([log_key()], [witness_key(2), alias]);
    let verified = signed.verify(&expected(&log, &witnesses, 1), &mut budget(), PROVIDER).unwrap();
    assert_eq!(verified.cosignatures().len(), 1);
    let error = signed.verify(&expected(&log, &witnesses, 2), &mut budget(), PROVIDER).unwrap_err();
    assert_eq!(error, CheckpointError::TooFewWitnesses { required: 2, found: 1 });
}

#[test]
fn a_plain_signature_of_a_witness_is_no_cosignature() {
    let head = Log::sized(3).head(3);
    let plain = Key::of(2).named("witness.example/2", SignatureType::Ed25519);
    let mut note = checkpoint(head, &[]).note().clone();
    note.add_signature(&plain, &Key::of(2), PROVIDER).unwrap();
    let signed = SignedCheckpoint::parse(&note.to_bytes(), &mut budget()).unwrap();
    let (log, witnesses) = ([log_key()], [plain]);
    let error = signed.verify(&expected(&log, &witnesses, 1), &mut budget(), PROVIDER).unwrap_err();
    assert_eq!(error, CheckpointError::TooFewWitnesses { required: 1, found: 0 });
}

#[test]
fn a_cosignature_is_bound_to_its_time_and_is_no_signature_of_the_note() {
    let signed = checkpoint(Log::sized(3).head(3), &[2]);
    let cosignature = &signed.note().signatures()[1];
    let line = |value: &[u8], key: &VerifierKey| {
        let bytes = [&key.id().to_be_bytes()[..], value].concat();
        format!("{}\n\u{2014} {} {}\n", signed.checkpoint(), key.name(), base64(&bytes))
    };
    let witness = witness_key(2);
    assert_eq!(verify(&note(&line(cosignature.value(), &witness)), &[&witness]), Ok(1));
    for bit in 0..64 {
        let mut value = cosignature.value().to_vec();
        value[bit / 8] ^= 1 << (bit % 8);
        assert!(verify(&note(&line(&value, &witness)), &[&witness]).is_err(), "bit {bit}");
    }
    let plain = Key::of(2).named("witness.example/2", SignatureType::Ed25519);
    assert_ne!(plain.id(), witness.id());
    assert!(verify(&note(&line(cosignature.value(), &plain)), &[&plain]).is_err());
    assert!(verify(&note(&line(&cosignature.value()[8..], &plain)), &[&plain]).is_err());
    let own = signed.note().signatures()[0].value();
    let log = Key::of(1).named(ORIGIN, SignatureType::CosignatureV1);
    assert!(verify(&note(&line(&[&[0; 8], own].concat(), &log)), &[&log]).is_err());
}

fn base64(bytes: &[u8]) -> String {
    // Through a hash or a verifier key, this crate writes base64 of a given length only; here any is needed.
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = (0..3).fold(0u32, |word, place| word << 8 | u32::from(*chunk.get(place).unwrap_or(&0)));
        for place in 0..4 {
            let letter = alphabet[(word >> (18 - 6 * place) & 63) as usize] as char;
            text.push(if place <= chunk.len() { letter } else { '=' });
        }
    }
    text
}

/// Signs nothing that could be verified.
struct Broken(Key, Result<Vec<u8>, SignerError>);

impl Signer for Broken {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.0.algorithm()
    }

    fn public_key(&self) -> &[u8] {
        self.0.public_key()
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.1.clone()
    }
}

#[test]
fn nothing_is_signed_with_the_wrong_key_and_nothing_wrong_comes_out() {
    let sign = |text: &str, key: &VerifierKey, signer: &dyn Signer| Note::sign(text, key, signer, PROVIDER);
    let log = log_key();
    assert_eq!(sign("a\n", &log, &Key::of(2)), Err(SigningError::OtherKey));
    let witness = Key::of(1).named("w", SignatureType::CosignatureV1);
    let other_type = SigningError::OtherType(SignatureType::CosignatureV1);
    assert_eq!(sign("a\n", &witness, &Key::of(1)), Err(other_type));
    for text in ["", "a", "a\r\n", "a\tb\n", "\0\n"] {
        assert!(matches!(sign(text, &log, &Key::of(1)), Err(SigningError::Text(_))), "{text:?}");
    }
    let refusing = Broken(Key::of(1), Err(SignerError("locked".into())));
    assert_eq!(sign("a\n", &log, &refusing), Err(SigningError::Signer(SignerError("locked".into()))));
    for value in [vec![0; 64], vec![], vec![1; 65]] {
        let broken = Broken(Key::of(1), Ok(value));
        assert_eq!(sign("a\n", &log, &broken), Err(SigningError::SelfCheck(SignatureError::Mismatch)));
    }
    let mut signed = checkpoint(Log::sized(3).head(3), &[]);
    let mut cosign =
        |key: &VerifierKey, time| signed.cosign(key, Time::from_unix(time), &Key::of(1), PROVIDER);
    assert_eq!(cosign(&witness, -1), Err(SigningError::TimeBeforeEpoch));
    assert_eq!(cosign(&log, 1), Err(SigningError::OtherType(SignatureType::Ed25519)));
    assert_eq!(cosign(&witness, i64::MAX), Ok(()));
    assert_eq!(signed.note().signatures().len(), 2);
}

#[test]
fn text_with_empty_lines_ends_at_the_last() {
    let key = log_key();
    for text in ["\n", "\n\n", "a\n\n\n", "a\n\n\u{2014} b AAAAAAE=\n", "a\n\nb\n", "\u{85}\u{2028}é\u{7f}\n"]
    {
        let signed = Note::sign(text, &key, &Key::of(1), PROVIDER).unwrap();
        let read = Note::parse(&signed.to_bytes(), &mut budget()).unwrap();
        assert_eq!(read.text(), text);
        assert_eq!(verify(&read, &[&key]), Ok(1));
    }
}

#[test]
fn copies_of_a_checkpoint_are_merged_and_others_are_not() {
    let head = Log::sized(3).head(3);
    let (mut one, two) = (checkpoint(head, &[2]), checkpoint(head, &[3, 4]));
    one.merge(&two).unwrap();
    one.merge(&two).unwrap();
    let names: Vec<&str> = one.note().signatures().iter().map(|line| line.name().as_str()).collect();
    assert_eq!(names, [ORIGIN, "witness.example/2", "witness.example/3", "witness.example/4"]);
    let other = checkpoint(Log::sized(4).head(4), &[]);
    assert_eq!(one.merge(&other), Err(MergeError::OtherCheckpoint));
}

#[test]
fn signatures_are_limited_in_number_and_checks_by_the_budget() {
    let mut signed = checkpoint(Log::sized(3).head(3), &[]);
    let line = "\u{2014} a AAAAAAE=\n";
    let many = |count: usize| [&signed.to_bytes()[..], line.repeat(count).as_bytes()].concat();
    let (most, more) = (many(MAX_SIGNATURES - 1), many(MAX_SIGNATURES));
    let full = SignedCheckpoint::parse(&most, &mut budget()).unwrap();
    assert!(SignedCheckpoint::parse(&more, &mut budget()).unwrap_err().reason.contains("more than 100"));
    assert_eq!(signed.merge(&full), Ok(()));
    let too_many = full.clone().cosign(&witness_key(2), Time::from_unix(1), &Key::of(2), PROVIDER);
    assert_eq!(too_many, Err(SigningError::TooManySignatures));

    let cosigned = checkpoint(Log::sized(3).head(3), &[2, 3]);
    let mut two = Budget::new(Limits::STANDARD.with(Resource::SignatureChecks, 2));
    let keys = [&log_key(), &witness_key(2), &witness_key(3)];
    let error = cosigned.note().verify(&keys, &mut two, PROVIDER).unwrap_err();
    assert!(matches!(error, NoteError::Budget(_)), "{error}");
    let mut few = Budget::new(Limits::STANDARD.with(Resource::Steps, 3));
    assert!(SignedCheckpoint::parse(&cosigned.to_bytes(), &mut few).is_err());
    let text = format!("{}\n", "a".repeat(MAX_NOTE - 100));
    assert_eq!(Note::sign(&text, &log_key(), &Key::of(1), PROVIDER), Err(SigningError::TooLarge));
}

#[test]
fn two_keys_that_cannot_be_told_apart_are_an_error() {
    // The identifier has 32 bits, so that among some hundred thousand keys two share it.
    let name = KeyName::new(ORIGIN).unwrap();
    let mut seen: BTreeMap<u32, VerifierKey> = BTreeMap::new();
    let collision = (0u32..1_000_000).find_map(|number| {
        let mut public_key = [0; 32];
        public_key[..4].copy_from_slice(&number.to_be_bytes());
        let key = VerifierKey::new(name.clone(), SignatureType::Ed25519, public_key, PROVIDER);
        seen.insert(key.id(), key.clone()).map(|other| (key, other))
    });
    let (one, other) = collision.unwrap();
    let id = base64(&[&one.id().to_be_bytes()[..], &[0; 64]].concat());
    let note = note(&format!("a\n\n\u{2014} {ORIGIN} {id}\n"));
    let ambiguous = NoteError::AmbiguousKey { name, id: one.id() };
    assert_eq!(verify(&note, &[&one, &other]), Err(ambiguous));
    assert!(matches!(verify(&note, &[&one, &one]), Err(NoteError::BadSignature { .. })));
}

#[test]
fn verifier_keys_have_one_spelling() {
    let good = log_key().to_string();
    assert_eq!(key(&good), log_key());
    assert_eq!(key(&witness_key(2).to_string()), witness_key(2));
    let parts: Vec<&str> = good.splitn(3, '+').collect();
    let join = |name: &str, id: &str, key: &str| format!("{name}+{id}+{key}");
    let id_upper = parts[1].to_uppercase();
    let mut other_type = vec![6u8];
    other_type.extend([7; 32]);
    let refused = [
        String::new(),
        "+".into(),
        "++".into(),
        parts[0].into(),
        format!("{}+{}", parts[0], parts[1]),
        join("", parts[1], parts[2]),
        join("a b", parts[1], parts[2]),
        join("device.example/lo", parts[1], parts[2]),
        join(parts[0], "00000000", parts[2]),
        join(parts[0], "", parts[2]),
        join(parts[0], parts[1], &parts[2][..40]),
        join(parts[0], parts[1], &base64(&[1; 34])),
        join(parts[0], parts[1], &base64(&other_type)),
        join(parts[0], parts[1], ""),
        format!("{good}\n"),
        format!("{good}="),
        format!(" {good}"),
        format!("{}{}", "a".repeat(5000), good),
    ];
    for text in &refused {
        assert!(VerifierKey::parse(text, PROVIDER, &mut budget()).is_err(), "{text:?}");
    }
    if id_upper != parts[1] {
        let text = join(parts[0], &id_upper, parts[2]);
        assert!(VerifierKey::parse(&text, PROVIDER, &mut budget()).is_err());
    }
    let error = VerifierKey::parse(&refused[12], PROVIDER, &mut budget()).unwrap_err();
    assert!(error.to_string().contains("type 0x06"), "{error}");
}

#[test]
fn names_follow_the_rules() {
    for name in ["", " ", "a b", "a+b", "a\u{a0}b", "a\u{2003}b", "a\nb", "a\u{85}b", "a\u{1}"] {
        assert!(KeyName::new(name).is_err(), "{name:?}");
    }
    for name in ["a", "example.com/log", "é", "oid/1.2.3", "a\u{2014}b"] {
        assert_eq!(KeyName::new(name).unwrap().as_str(), name);
    }
}

#[test]
fn checkpoints_have_one_spelling() {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    let parse = |text: &str| Checkpoint::parse(text, &mut budget());
    for text in [
        format!("o\n0\n{root}\n"),
        format!("an origin + spaces\n18446744073709551615\n{root}\nextension\n more \n"),
    ] {
        assert_eq!(parse(&text).unwrap().to_string(), text);
    }
    let without = &root[..43];
    for text in [
        String::new(),
        "o\n".into(),
        "o\n1\n".into(),
        format!("\n1\n{root}\n"),
        format!("o\n\n{root}\n"),
        format!("o\n1\n\n{root}\n"),
        format!("o\n01\n{root}\n"),
        format!("o\n+1\n{root}\n"),
        format!("o\n-1\n{root}\n"),
        format!("o\n1 \n{root}\n"),
        format!("o\n1e3\n{root}\n"),
        format!("o\n0x1\n{root}\n"),
        format!("o\n٣\n{root}\n"),
        format!("o\n18446744073709551616\n{root}\n"),
        format!("o\n{}\n{root}\n", "9".repeat(100_000)),
        format!("o\n1\n{root}"),
        format!("o\n1\n{without}\n"),
        format!("o\n1\n{without}==\n"),
        "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n".into(),
        "o\n1\nCsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=\n".into(),
        format!("o\n1\n{root} \n"),
        format!("o\n1\n {root}\n"),
        format!("o\n1\n{}\n", "A".repeat(100_000)),
        format!("o\n1\n{root}\n\n"),
        format!("o\n1\n{root}\n\nextension\n"),
        format!("o\n1\n{root}\nextension"),
        format!("o\r\n1\r\n{root}\r\n"),
    ] {
        assert!(parse(&text).is_err(), "{text:.80?}");
    }
    let head = TreeHead { size: 1, root: Hash([0; 32]) };
    assert!(Checkpoint::new("", head).is_err() && Checkpoint::new("a\nb", head).is_err());
    assert!(Checkpoint::with_extensions("a", head, &["b", ""]).is_err());
    let extended = Checkpoint::with_extensions("a", head, &["b", "c d"]).unwrap();
    assert_eq!(parse(&extended.to_string()), Ok(extended));
}

proptest! {
    #[test]
    fn any_text_that_a_note_may_have_is_signed_and_read(text in "[ -~é\\n]{0,60}\\n", name in "[a-z./]{1,20}", seed in 1u8..9) {
        let key = Key::of(seed).named(&name, SignatureType::Ed25519);
        let signed = Note::sign(&text, &key, &Key::of(seed), PROVIDER).unwrap();
        let read = Note::parse(&signed.to_bytes(), &mut budget()).unwrap();
        prop_assert_eq!(&read, &signed);
        prop_assert_eq!(verify(&read, &[&key]), Ok(1));
    }
}
