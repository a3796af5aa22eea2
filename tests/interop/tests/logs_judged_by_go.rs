//! Transparency logs that we write are verified by Go's `sumdb`, those that it writes by us, and a log with one changed
//! bit by neither.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crypto::{PROVIDER, SignatureAlgorithm, Signer, SignerError};
use ed25519_dalek::Signer as _;
use interop::{go_tlog, peer, places};
use tlog::checkpoint::{Checkpoint, Expected, SignedCheckpoint};
use tlog::merkle::{
    CompactRange, Hash, Node, TreeHead, consistency_proof, inclusion_proof, leaf_hash, verify_consistency,
};
use tlog::note::{KeyName, SignatureType, VerifierKey};
use tlog::proof::LogProof;
use tlog::tile::{EntryBundle, Tile, TiledNodes, new_bundles, new_tiles, write_entry};
use types::{Budget, Time};

const ORIGIN: &str = "device.example/log";
/// Sizes before and after growing, around the edges of tiles.
const SIZES: [(u64, u64); 7] =
    [(1, 1), (1, 2), (3, 255), (255, 256), (256, 257), (300, 700), (65_530, 65_800)];

/// An Ed25519 key.
struct Key(ed25519_dalek::SigningKey, Vec<u8>);

impl Key {
    fn of(seed: u8) -> Key {
        let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
        let prefix = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        let spki = [&prefix[..], key.verifying_key().as_bytes()].concat();
        Key(key, spki)
    }

    fn named(&self, name: &str, signature_type: SignatureType) -> VerifierKey {
        let name = KeyName::new(name).expect("a name");
        VerifierKey::of_signer(name, signature_type, self, PROVIDER).expect("an Ed25519 key")
    }
}

impl Signer for Key {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Ed25519
    }

    fn public_key(&self) -> &[u8] {
        &self.1
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(self.0.sign(message).to_bytes().to_vec())
    }
}

fn entry(index: u64) -> Vec<u8> {
    format!("entry {index} of {ORIGIN}").into_bytes()
}

fn write(path: PathBuf, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, bytes).expect("a file");
}

fn read(folder: &Path, name: impl AsRef<Path>) -> Result<Vec<u8>, String> {
    let path = folder.join(name);
    fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
}

fn lines(hashes: &[Hash]) -> String {
    hashes.iter().map(|hash| format!("{hash}\n")).collect()
}

fn checkpoint(head: TreeHead) -> Vec<u8> {
    let (log, witness) = (Key::of(1), Key::of(2));
    let checkpoint = Checkpoint::new(ORIGIN, head).expect("a checkpoint");
    let key = log.named(ORIGIN, SignatureType::Ed25519);
    let mut signed = SignedCheckpoint::sign(checkpoint, &key, &log, PROVIDER).expect("it signs");
    let key = witness.named("witness.example", SignatureType::CosignatureV1);
    signed.cosign(&key, Time::from_unix(1_795_000_000), &witness, PROVIDER).expect("it signs");
    signed.to_bytes()
}

/// Writes a log of ours: entries, tiles as the log grows, checkpoints, proofs.
fn make(folder: &Path, older: u64, size: u64) {
    write(folder.join("key"), format!("{}\n", Key::of(1).named(ORIGIN, SignatureType::Ed25519)));
    let witness = Key::of(2).named("witness.example", SignatureType::CosignatureV1);
    write(folder.join("witness"), format!("{witness}\n"));
    let (mut range, mut nodes) = (CompactRange::new(), BTreeMap::new());
    for (grown_from, grown_to, name) in [(0, older, "older"), (older, size, "checkpoint")] {
        for index in grown_from..grown_to {
            let leaf = leaf_hash(PROVIDER, &entry(index));
            let keep = |node: Node, hash: Hash| assert!(nodes.insert(node, hash).is_none());
            range.append(PROVIDER, leaf, keep).expect("there is room");
        }
        for tile in new_tiles(grown_from, grown_to) {
            let hashes: Vec<u8> = tile.nodes().flat_map(|node| nodes[&node].0).collect();
            write(folder.join(tile.to_string()), hashes);
        }
        for bundle in new_bundles(grown_from, grown_to) {
            let mut bytes = Vec::new();
            for index in bundle.first()..bundle.first() + u64::from(bundle.width()) {
                write_entry(&mut bytes, &entry(index)).expect("a short entry");
            }
            write(folder.join(bundle.to_string()), bytes);
        }
        write(folder.join(name), checkpoint(TreeHead { size: grown_to, root: range.root(PROVIDER) }));
    }
    let mut tiles = TiledNodes::new(PROVIDER, size, |tile: Tile| read(folder, tile.to_string()));
    let proof = consistency_proof(PROVIDER, older, size, |node| tiles.node(node)).expect("all tiles");
    write(folder.join("consistency"), lines(&proof.expect("it grew")));
    for index in (0..size).step_by(1 + size as usize / 16) {
        let proof = inclusion_proof(PROVIDER, index, size, |node| tiles.node(node)).expect("all tiles");
        write(folder.join(format!("inclusion-{index}")), lines(&proof.expect("an entry")));
    }
}

/// Whether everything in a folder is a log: what Go's program asks, asked by us.
fn verify(folder: &Path) -> Result<(), String> {
    let budget = &mut Budget::default();
    let text = |name: &str| String::from_utf8(read(folder, name)?).map_err(|error| error.to_string());
    let vkey = |text: String| VerifierKey::parse(text.trim_end(), PROVIDER, &mut Budget::default());
    let log = [vkey(text("key")?).map_err(|error| error.to_string())?];
    let witness = text("witness").ok().map(vkey).transpose();
    let witnesses = witness.map_err(|error| error.to_string())?.map_or(Vec::new(), |key| vec![key]);
    let expected = Expected {
        origin: log[0].name().as_str(),
        log: &log,
        witnesses: &witnesses,
        threshold: witnesses.len(),
    };
    let signed = |name: &str| {
        SignedCheckpoint::parse(&read(folder, name)?, &mut Budget::default())
            .map_err(|error| error.to_string())
    };
    let newest = signed("checkpoint")?;
    let verified = newest.verify(&expected, budget, PROVIDER).map_err(|error| error.to_string())?;
    let head = *verified.checkpoint().head();
    let older = signed("older")?.verify(&expected, budget, PROVIDER).map_err(|error| error.to_string())?;
    let proof = hashes(&text("consistency")?)?;
    verify_consistency(PROVIDER, older.checkpoint().head(), &head, &proof)
        .map_err(|error| error.to_string())?;
    let leaves = leaves(folder, head.size)?;
    verify_tiles(folder, &head, &leaves)?;
    for index in 0..head.size {
        let Ok(path) = text(&format!("inclusion-{index}")) else { continue };
        let alone = LogProof { extra: Vec::new(), index, path: hashes(&path)?, checkpoint: newest.clone() };
        let alone = LogProof::parse(&alone.to_bytes(), budget).map_err(|error| error.to_string())?;
        let leaf = &leaves[index as usize];
        alone.verify(leaf, &expected, budget, PROVIDER).map_err(|error| format!("{index}: {error}"))?;
    }
    Ok(())
}

/// The hashes of a proof, read through the form that proofs have in files.
fn hashes(text: &str) -> Result<Vec<Hash>, String> {
    let note = "o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\u{2014} o AAAAAAE=\n";
    let proof = format!("c2sp.org/tlog-proof@v1\nindex 0\n{text}\n{note}");
    let read = LogProof::parse(proof.as_bytes(), &mut Budget::default());
    read.map(|proof| proof.path).map_err(|error| error.to_string())
}

fn leaves(folder: &Path, size: u64) -> Result<Vec<Hash>, String> {
    let mut leaves = Vec::new();
    for bundle in new_bundles(0, size) {
        let bytes = read(folder, bundle.to_string())?;
        assert_eq!(EntryBundle::parse_path(&bundle.to_string()), Ok(bundle));
        let entries = bundle.parse(&bytes, &mut Budget::default()).map_err(|error| error.to_string())?;
        leaves.extend(entries.into_iter().map(|entry| leaf_hash(PROVIDER, entry)));
    }
    Ok(leaves)
}

/// Every tile has the hashes that come from the entries, which lead to the root.
fn verify_tiles(folder: &Path, head: &TreeHead, leaves: &[Hash]) -> Result<(), String> {
    let (mut range, mut nodes) = (CompactRange::new(), BTreeMap::new());
    for leaf in leaves {
        let keep = |node: Node, hash: Hash| assert!(nodes.insert(node, hash).is_none());
        range.append(PROVIDER, *leaf, keep).map_err(|error| error.to_string())?;
    }
    if range.root(PROVIDER) != head.root {
        return Err("the entries lead to another root".into());
    }
    for tile in new_tiles(0, head.size) {
        let found = tile.parse(&read(folder, tile.to_string())?).map_err(|error| error.to_string())?;
        if !tile.nodes().map(|node| nodes.get(&node)).eq(found.iter().map(Some)) {
            return Err(format!("{tile} is not the tile of the tree"));
        }
    }
    Ok(())
}

/// The folder for a test, unless Go's program is missing, which is said loudly.
fn folder(test: &str) -> Option<PathBuf> {
    if go_tlog::is_there() {
        return Some(places::scratch(test).expect("scratch folder"));
    }
    assert!(!peer::are_required(), "go-tlog is missing; run `cargo xtask peers`");
    peer::skipped(test, "go-tlog is not set up; run `cargo xtask peers`");
    None
}

#[test]
fn our_logs_are_verified_by_go() {
    let Some(folder) = folder("our_logs_are_verified_by_go") else { return };
    for (older, size) in SIZES {
        let folder = folder.join(size.to_string());
        make(&folder, older, size);
        assert_eq!(go_tlog::verify(&folder).expect("it runs"), Ok(()), "{older} to {size}");
        assert_eq!(verify(&folder), Ok(()), "{older} to {size}");
    }
}

#[test]
fn logs_of_go_are_verified_by_us() {
    let Some(folder) = folder("logs_of_go_are_verified_by_us") else { return };
    for (older, size) in SIZES {
        let folder = folder.join(size.to_string());
        go_tlog::make(&folder, older, size).expect("it makes a log");
        assert_eq!(verify(&folder), Ok(()), "{older} to {size}");
    }
}

/// Every file of a log, but for partial tiles and bundles that it has outgrown.
fn files(folder: &Path, size: u64) -> Vec<String> {
    let names = ["key", "witness", "checkpoint", "older", "consistency", "inclusion-0"];
    let tiles = new_tiles(0, size).map(|tile| tile.to_string());
    let bundles = new_bundles(0, size).map(|bundle| bundle.to_string());
    let all: Vec<String> = names.map(str::to_owned).into_iter().chain(tiles).chain(bundles).collect();
    assert!(all.iter().all(|name| folder.join(name).is_file()));
    all
}

#[test]
fn a_log_with_one_changed_bit_is_refused_by_go_and_by_us() {
    let Some(folder) = folder("a_log_with_one_changed_bit_is_refused_by_go_and_by_us") else { return };
    make(&folder, 300, 700);
    for name in files(&folder, 700) {
        let good = read(&folder, &name).expect("a file");
        for place in [0, good.len() / 2, good.len() - 2] {
            let mut bad = good.clone();
            bad[place] ^= 1;
            write(folder.join(&name), &bad);
            assert!(go_tlog::verify(&folder).expect("it runs").is_err(), "{name}, byte {place}");
            assert!(verify(&folder).is_err(), "{name}, byte {place}");
        }
        write(folder.join(&name), &good);
    }
    assert_eq!((go_tlog::verify(&folder).expect("it runs"), verify(&folder)), (Ok(()), Ok(())));
}
