//! Proofs that stand alone: made, read, verified in one call, and refused after any change.

use crate::made::{Log, budget, checkpoint, expected, leaf, log_key, proof, witness_key};
use crypto::PROVIDER;
use proptest::prelude::*;
use undersign_tlog::checkpoint::CheckpointError;
use undersign_tlog::merkle::{Hash, InclusionError};
use undersign_tlog::note::VerifierKey;
use undersign_tlog::proof::{LogProof, ProofError};

fn verify(proof: &LogProof, leaf: &Hash, witnesses: &[VerifierKey]) -> Result<(), ProofError> {
    let log = [log_key()];
    let expected = expected(&log, witnesses, witnesses.len());
    proof.verify(leaf, &expected, &mut budget(), PROVIDER).map(|_| ())
}

#[test]
fn a_proof_is_written_as_the_specification_shows() {
    let log = Log::sized(5);
    let proof = proof(&log, 4, 5, &[]);
    let root = log.head(4).root;
    let expected = format!(
        "c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nindex 4\n{root}\n\n{}",
        String::from_utf8(checkpoint(log.head(5), &[]).to_bytes()).unwrap()
    );
    assert_eq!(proof.to_string(), expected);
    let plain = LogProof { extra: Vec::new(), ..proof };
    assert_eq!(plain.to_string(), expected.replace("extra ZXh0cmE=\n", ""));
    assert_eq!(LogProof::parse(&plain.to_bytes(), &mut budget()), Ok(plain));
}

#[test]
fn proofs_hold_for_every_entry_of_a_log_and_for_no_other_leaf() {
    let log = Log::sized(70);
    let witnesses = [witness_key(2), witness_key(3)];
    for size in [1, 2, 3, 64, 65, 70] {
        for index in (0..size).step_by(3) {
            let made = proof(&log, index, size, &[2, 3]);
            let read = LogProof::parse(&made.to_bytes(), &mut budget()).unwrap();
            assert_eq!(read, made);
            assert_eq!(verify(&read, &leaf(index), &witnesses), Ok(()));
            let error = verify(&read, &leaf(index + 1), &witnesses).unwrap_err();
            assert!(matches!(error, ProofError::Inclusion(InclusionError::RootMismatch { .. })), "{error}");
        }
    }
    let unwitnessed = proof(&log, 3, 70, &[2]);
    let error = verify(&unwitnessed, &leaf(3), &witnesses).unwrap_err();
    let too_few = CheckpointError::TooFewWitnesses { required: 2, found: 1 };
    assert_eq!(error, ProofError::Checkpoint(too_few));
}

#[test]
fn a_proof_for_another_size_or_place_is_refused() {
    let log = Log::sized(70);
    let made = proof(&log, 3, 70, &[]);
    let moved = LogProof { index: 4, ..made.clone() };
    assert!(verify(&moved, &leaf(3), &[]).is_err());
    let beyond = LogProof { index: 70, ..made.clone() };
    let error = verify(&beyond, &leaf(3), &[]).unwrap_err();
    assert_eq!(error, ProofError::Inclusion(InclusionError::IndexBeyondSize { index: 70, size: 70 }));
    let other = LogProof { checkpoint: checkpoint(log.head(69), &[]), ..made };
    assert!(verify(&other, &leaf(3), &[]).is_err());
}

#[test]
fn proofs_have_one_spelling() {
    let good = proof(&Log::sized(5), 1, 5, &[2]).to_string();
    let replaced = |from: &str, to: &str| {
        assert!(good.contains(from));
        good.replacen(from, to, 1)
    };
    let hash = good.lines().nth(3).unwrap();
    for text in [
        replaced("@v1", "@v2"),
        replaced("c2sp.org/tlog-proof@v1\n", ""),
        replaced("extra ZXh0cmE=", "extra "),
        replaced("extra ZXh0cmE=", "extra"),
        replaced("extra ZXh0cmE=", "extra ZXh0cmF="),
        replaced("extra ZXh0cmE=", "extra ZXh0cmE"),
        replaced("extra ZXh0cmE=", "extra  ZXh0cmE="),
        replaced("extra ZXh0cmE=\n", "extra ZXh0cmE=\nextra ZXh0cmE=\n"),
        replaced("extra ZXh0cmE=\nindex 1\n", "index 1\nextra ZXh0cmE=\n"),
        replaced("index 1", "index 01"),
        replaced("index 1", "index "),
        replaced("index 1", "index 18446744073709551616"),
        replaced("index 1", "index -1"),
        replaced("index 1", "Index 1"),
        replaced("index 1\n", ""),
        replaced(hash, &format!("{hash} ")),
        replaced(hash, &hash[..40]),
        replaced(hash, &format!("{hash}\n").repeat(65)),
        replaced("\n\n", "\n"),
        replaced("\n\n", "\n\n\n"),
        good.replace('\n', "\r\n"),
        good.trim_end().to_owned(),
        format!("{good}\n"),
        format!(" {good}"),
        format!("\u{feff}{good}"),
    ] {
        assert!(LogProof::parse(text.as_bytes(), &mut budget()).is_err(), "{text}");
    }
}

#[test]
fn a_fault_in_the_checkpoint_is_placed_in_the_whole_proof() {
    let good = proof(&Log::sized(5), 1, 5, &[]).to_string();
    let bad = good.replacen("\n5\n", "\n05\n", 1);
    let error = LogProof::parse(bad.as_bytes(), &mut budget()).unwrap_err();
    assert_eq!(error.at, Some(bad.find("\n05\n").unwrap() as u64 + 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// But for the extra data, which nobody signs.
    #[test]
    fn a_flipped_bit_anywhere_refuses(size in 1u64..40, index in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), bit in 0u8..8) {
        let log = Log::sized(size);
        let index = index.index(size as usize) as u64;
        let made = LogProof { extra: Vec::new(), ..proof(&log, index, size, &[2]) };
        let mut bytes = made.to_bytes();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        let refused = match LogProof::parse(&bytes, &mut budget()) {
            Ok(read) => verify(&read, &leaf(index), &[witness_key(2)]).is_err(),
            Err(_) => true,
        };
        prop_assert!(refused, "byte {place} bit {bit}: {}", String::from_utf8_lossy(&bytes));
    }
}
