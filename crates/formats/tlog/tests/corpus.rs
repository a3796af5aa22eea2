//! The proofs of transparency-dev/merkle and of sigstore's bundles in the corpus `../shared/corpus` hold or fail as their
//! rows demand; differences are listed with reasons.

#![allow(clippy::print_stdout, reason = "what was skipped and what was read is worth seeing")]
#![allow(clippy::disallowed_methods, reason = "the corpus is a folder of files")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use corpus::Row;
use corpus::suite::{Case, compare};
use crypto::PROVIDER;
use serde_json::Value;
use std::path::Path;
use types::Budget;
use undersign_tlog::checkpoint::SignedCheckpoint;
use undersign_tlog::merkle::{Hash, TreeHead, leaf_hash, verify_consistency, verify_inclusion};

const MERKLE: &str = "\
merkle/092 | FAIL | the roots have 12 bytes, which no SHA-256 value has; only their being equal is of interest there
merkle/294 | FAIL | the same roots of 12 bytes
";

const SIGSTORE: &str = "\
sigstore/026 | inclusion=true root=false | a note without a signature is none (C2SP signed-note, Format)
";

fn json(corpus: &Path, row: &Row) -> Value {
    let bytes = std::fs::read(corpus.join(&row.file)).expect("the file of the row");
    serde_json::from_slice(&bytes).expect("it is JSON")
}

fn decoded(value: &Value) -> Result<Vec<u8>, String> {
    STANDARD.decode(value.as_str().ok_or("no text")?).map_err(|error| error.to_string())
}

fn hash(value: &Value) -> Result<Hash, String> {
    Hash::from_slice(&decoded(value)?).ok_or_else(|| format!("{value} has not 32 bytes"))
}

fn hashes(value: &Value) -> Result<Vec<Hash>, String> {
    value.as_array().map_or(&[][..], Vec::as_slice).iter().map(hash).collect()
}

/// A number, which sigstore writes as text.
fn number(value: &Value) -> Result<u64, String> {
    let text = value.as_str().and_then(|text| text.parse().ok());
    value.as_u64().or(text).ok_or_else(|| format!("{value} is no number"))
}

/// The leaves of a subtree, whose first leaf is a multiple of the power of two that it fits into
/// (draft-ietf-plants-merkle-tree-certs, Subtrees). One from leaf 0 on, or seen from its own first leaf, is a tree.
fn subtree(case: &Value) -> Result<(u64, u64), String> {
    let (start, end) = (number(&case["start"])?, number(&case["end"])?);
    let length = end.checked_sub(start).ok_or("no subtree")?;
    let is_aligned = length.checked_next_power_of_two().is_none_or(|size| start.is_multiple_of(size));
    if is_aligned { Ok((start, length)) } else { Err("no subtree".into()) }
}

fn included(case: &Value, index: u64, size: u64) -> Result<(), String> {
    let (leaf, root) = (hash(&case["leafHash"])?, hash(&case["root"])?);
    let proof = hashes(&case["proof"])?;
    verify_inclusion(PROVIDER, index, size, &leaf, &proof, &root).map_err(|error| error.to_string())
}

fn consistent(case: &Value, first: u64, second: u64) -> Result<(), String> {
    let first = TreeHead { size: first, root: hash(&case["root1"])? };
    let second = TreeHead { size: second, root: hash(&case["root2"])? };
    let proof = hashes(&case["proof"])?;
    verify_consistency(PROVIDER, &first, &second, &proof).map_err(|error| error.to_string())
}

fn merkle(kind: &str, case: &Value) -> Result<(), String> {
    match kind {
        "merkle-inclusion" => included(case, number(&case["leafIdx"])?, number(&case["treeSize"])?),
        "merkle-subtreeinclusion" => {
            let (start, length) = subtree(case)?;
            let index = number(&case["leafIdx"])?.checked_sub(start).ok_or("before the subtree")?;
            included(case, index, length)
        }
        "merkle-consistency" => consistent(case, number(&case["size1"])?, number(&case["size2"])?),
        "merkle-subtreeconsistency" => consistent(case, subtree(case)?.1, number(&case["size"])?),
        other => panic!("{other}: unknown kind"),
    }
}

#[test]
fn proofs_of_transparency_dev_hold_or_fail_as_told() {
    let Some(corpus) = corpus::folder() else { return };
    let (mut cases, mut skipped) = (Vec::new(), 0);
    for row in corpus::rows(&corpus).iter().filter(|row| row.set == "merkle") {
        let case = json(&corpus, row);
        // A subtree in the middle has consistency proofs of its own kind, which logs do not use.
        if row.kind == "merkle-subtreeconsistency" && case["start"] != 0 {
            skipped += 1;
            continue;
        }
        let outcome = merkle(&row.kind, &case);
        let given = if outcome.is_ok() { "PASS" } else { "FAIL" }.to_owned();
        let detail = format!("{} {outcome:?}", row.expected);
        cases.push(Case { id: row.short(), expected: row.class.clone(), given, detail });
    }
    println!("skipped: {skipped} consistency proofs of subtrees in the middle of a tree");
    assert!(cases.len() > 400 && skipped < 100, "{} cases, {skipped} skipped", cases.len());
    compare("transparency-dev/merkle", MERKLE, &cases);
}

/// Whether the inclusion proof of a bundle's first entry holds, and whether it has a checkpoint with the root of the
/// proof.
fn bundle(bundle: &Value) -> Result<(bool, Option<bool>), String> {
    let entry = &bundle["verificationMaterial"]["tlogEntries"][0];
    let proof = &entry["inclusionProof"];
    let root = hash(&proof["rootHash"])?;
    let (index, size) = (number(&proof["logIndex"])?, number(&proof["treeSize"])?);
    let leaf = leaf_hash(PROVIDER, &decoded(&entry["canonicalizedBody"])?);
    let path = hashes(&proof["hashes"])?;
    let is_included = verify_inclusion(PROVIDER, index, size, &leaf, &path, &root).is_ok();
    let Some(envelope) = proof["checkpoint"]["envelope"].as_str() else { return Ok((is_included, None)) };
    let checkpoint = SignedCheckpoint::parse(envelope.as_bytes(), &mut Budget::default());
    if let Ok(checkpoint) = &checkpoint {
        assert_eq!(checkpoint.to_bytes(), envelope.as_bytes(), "it is written as it was");
    }
    let is_root = checkpoint.is_ok_and(|checkpoint| checkpoint.checkpoint().head().root == root);
    Ok((is_included, Some(is_root)))
}

fn words(is_included: bool, is_root: Option<bool>) -> String {
    format!("inclusion={is_included} root={}", is_root.map_or("none".to_owned(), |is| is.to_string()))
}

#[test]
fn proofs_and_checkpoints_in_sigstore_bundles_are_read_and_hold_or_fail_as_told() {
    let Some(corpus) = corpus::folder() else { return };
    let mut rows = corpus::rows(&corpus);
    rows.retain(|row| row.set == "sigstore");
    rows.dedup_by(|one, other| one.file == other.file);
    let mut cases: Vec<Case> = Vec::new();
    for row in &rows {
        let facts: Value = serde_json::from_str(row.fact("tlog").unwrap_or("null")).expect("JSON");
        let Some(is_included) = facts["inclusion_ok"].as_bool() else { continue };
        if cases.iter().any(|case| case.id == row.short()) {
            continue;
        }
        let outcome = bundle(&json(&corpus, row));
        let (given, detail) = match outcome {
            Ok((is_included, is_root)) => (words(is_included, is_root), row.origin.clone()),
            Err(error) => (words(false, None), error),
        };
        let expected = words(is_included, facts["checkpoint_root_matches"].as_bool());
        cases.push(Case { id: row.short(), expected, given, detail });
    }
    assert!(cases.len() > 40, "{} bundles have a proof", cases.len());
    compare("sigstore", SIGSTORE, &cases);
}
