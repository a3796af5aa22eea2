//! Hostile bytes: every truncation, and anything else, is refused without a panic; what is read is written the same.

use crate::made::{Log, budget, proof};
use proptest::prelude::*;
use types::{Budget, Cause, Limits, Resource};
use undersign_tlog::checkpoint::SignedCheckpoint;
use undersign_tlog::note::{MAX_NOTE, Note};
use undersign_tlog::proof::{LogProof, MAX_PROOF};

fn good() -> Vec<u8> {
    proof(&Log::sized(70), 20, 70, &[2, 3]).to_bytes()
}

/// Whatever is read is written as it was.
fn examine(bytes: &[u8]) {
    if let Ok(note) = Note::parse(bytes, &mut budget()) {
        assert_eq!(note.to_bytes(), bytes);
    }
    if let Ok(checkpoint) = SignedCheckpoint::parse(bytes, &mut budget()) {
        assert_eq!(checkpoint.to_bytes(), bytes);
        assert_eq!(checkpoint.checkpoint().to_string(), checkpoint.note().text());
    }
    if let Ok(proof) = LogProof::parse(bytes, &mut budget()) {
        assert_eq!(proof.to_bytes(), bytes);
    }
}

#[test]
fn a_proof_cut_anywhere_is_refused_but_between_signatures() {
    let bytes = good();
    let text = String::from_utf8(bytes.clone()).unwrap();
    let first = text.find('\u{2014}').unwrap();
    for end in 0..bytes.len() {
        let read = LogProof::parse(&bytes[..end], &mut budget());
        let is_between = end > first && bytes[end - 1] == b'\n';
        assert_eq!(read.is_ok(), is_between, "cut at {end}");
    }
}

#[test]
fn any_other_byte_anywhere_is_refused_or_kept() {
    let bytes = good();
    for place in 0..bytes.len() {
        for byte in [0, b'\n', b'\r', b' ', b'+', b'=', b'0', 0x7f, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[place] = byte;
            examine(&changed);
            changed.insert(place, byte);
            examine(&changed);
        }
    }
}

#[test]
fn notes_have_one_spelling() {
    let parse = |text: &str| Note::parse(text.as_bytes(), &mut budget());
    assert!(parse("a\n\n\u{2014} b AAAAAAE=\n").is_ok());
    for text in [
        "",
        "\n",
        "\n\n",
        "a",
        "a\n",
        "a\n\n",
        "a\n\n\n",
        "\u{2014} b AAAAAAE=\n",
        "\n\u{2014} b AAAAAAE=\n",
        "a\n\u{2014} b AAAAAAE=\n",
        "a\n\n\u{2014} b AAAAAAE=",
        "a\n\n\u{2014} b AAAAAAE=\n\n",
        "a\n\n- b AAAAAAE=\n",
        "a\n\n\u{2013} b AAAAAAE=\n",
        "a\n\n\u{2014}b AAAAAAE=\n",
        "a\n\n\u{2014}  b AAAAAAE=\n",
        "a\n\n\u{2014} b  AAAAAAE=\n",
        "a\n\n\u{2014} b AAAAAAE= \n",
        "a\n\n\u{2014} b AAAAAA==\n",
        "a\n\n\u{2014} b AAAA\n",
        "a\n\n\u{2014} b \n",
        "a\n\n\u{2014} b\n",
        "a\n\n\u{2014} AAAAAAE=\n",
        "a\n\n\u{2014} b AAAAAAF=\n",
        "a\n\n\u{2014} b AAAAAAE\n",
        "a\n\n\u{2014} b AAAAAAE==\n",
        "a\n\n\u{2014} b AAAA-AE=\n",
        "a\n\n\u{2014} b+c AAAAAAE=\n",
        "a\n\n\u{2014} b\u{a0}c AAAAAAE=\n",
        "a\n\n\u{2014} b AAAAAAE=\nc\n",
        "a\r\n\n\u{2014} b AAAAAAE=\n",
        "a\n\n\u{2014} b AAAAAAE=\r\n",
        "a\tb\n\n\u{2014} b AAAAAAE=\n",
        "a\u{0}\n\n\u{2014} b AAAAAAE=\n",
    ] {
        assert!(parse(text).is_err(), "{text:?}");
    }
    for bytes in [&b"a\xff\n\n\xe2\x80\x94 b AAAAAAE=\n"[..], b"a\xc0\xaf\n\n\xe2\x80\x94 b AAAAAAE=\n"] {
        assert!(Note::parse(bytes, &mut budget()).is_err());
    }
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read() {
    let large = vec![b'a'; MAX_PROOF + 1];
    for error in [
        Note::parse(&large[..MAX_NOTE + 1], &mut budget()).unwrap_err(),
        LogProof::parse(&large, &mut budget()).unwrap_err(),
    ] {
        assert_eq!(error.cause, Cause::Unsupported, "{error}");
    }
    let line = "A".repeat(900_000);
    let note = format!("a\n\n\u{2014} b {line}\n");
    assert!(Note::parse(note.as_bytes(), &mut budget()).is_ok());
    let mut little = Budget::new(Limits::STANDARD.with(Resource::DecodedBytes, 1000));
    let error = Note::parse(note.as_bytes(), &mut little).unwrap_err();
    assert!(matches!(error.cause, Cause::Budget(_)), "{error}");
    for name in [line.as_str(), "b"] {
        examine(format!("a\n\n\u{2014} {name} AAAAAAE=\n").as_bytes());
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        examine(&bytes);
    }

    #[test]
    fn a_splice_of_good_proofs_is_read_or_refused(cut in any::<prop::sample::Index>(), paste in any::<prop::sample::Index>()) {
        let bytes = good();
        let spliced = [&bytes[..cut.index(bytes.len())], &bytes[paste.index(bytes.len())..]].concat();
        examine(&spliced);
    }
}
