//! Logs and keys to test with.

use crypto::{PROVIDER, SignatureAlgorithm, Signer, SignerError};
use ed25519_dalek::Signer as _;
use std::collections::BTreeMap;
use types::{Budget, Time};
use undersign_tlog::checkpoint::{Checkpoint, Expected, SignedCheckpoint};
use undersign_tlog::merkle::{CompactRange, Hash, Node, TreeHead, inclusion_proof, leaf_hash};
use undersign_tlog::note::{KeyName, SignatureType, VerifierKey};
use undersign_tlog::proof::LogProof;

pub const ORIGIN: &str = "device.example/log";

/// A log in memory.
#[derive(Default)]
pub struct Log {
    pub range: CompactRange,
    pub nodes: BTreeMap<Node, Hash>,
    /// After each size.
    pub roots: Vec<Hash>,
}

impl Log {
    pub fn of(entries: impl IntoIterator<Item = Vec<u8>>) -> Log {
        let mut log = Log::default();
        log.roots.push(log.range.root(PROVIDER));
        for entry in entries {
            let leaf = leaf_hash(PROVIDER, &entry);
            let nodes = &mut log.nodes;
            log.range
                .append(PROVIDER, leaf, |node, hash| assert!(nodes.insert(node, hash).is_none()))
                .expect("there is room");
            log.roots.push(log.range.root(PROVIDER));
        }
        log
    }

    /// Of `size` entries that are all different.
    pub fn sized(size: u64) -> Log {
        Log::of((0..size).map(entry))
    }

    pub fn node(&self, node: Node) -> Result<Hash, Node> {
        self.nodes.get(&node).copied().ok_or(node)
    }

    pub fn head(&self, size: u64) -> TreeHead {
        TreeHead { size, root: self.roots[size as usize] }
    }
}

pub fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

pub fn leaf(index: u64) -> Hash {
    leaf_hash(PROVIDER, &entry(index))
}

/// An Ed25519 key.
pub struct Key {
    key: ed25519_dalek::SigningKey,
    spki: Vec<u8>,
}

impl Key {
    /// Always the same for the same seed.
    pub fn of(seed: u8) -> Key {
        let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
        let prefix = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        let spki = [&prefix[..], key.verifying_key().as_bytes()].concat();
        Key { key, spki }
    }

    pub fn named(&self, name: &str, signature_type: SignatureType) -> VerifierKey {
        let name = KeyName::new(name).expect("a name");
        VerifierKey::of_signer(name, signature_type, self, PROVIDER).expect("an Ed25519 key")
    }
}

impl Signer for Key {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Ed25519
    }

    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(self.key.sign(message).to_bytes().to_vec())
    }
}

pub fn log_key() -> VerifierKey {
    Key::of(1).named(ORIGIN, SignatureType::Ed25519)
}

pub fn witness_key(seed: u8) -> VerifierKey {
    Key::of(seed).named(&format!("witness.example/{seed}"), SignatureType::CosignatureV1)
}

/// Signed by the log, cosigned by the witnesses of these seeds.
pub fn checkpoint(head: TreeHead, witnesses: &[u8]) -> SignedCheckpoint {
    let checkpoint = Checkpoint::new(ORIGIN, head).expect("a checkpoint");
    let mut signed = SignedCheckpoint::sign(checkpoint, &log_key(), &Key::of(1), PROVIDER).expect("it signs");
    for seed in witnesses {
        let time = Time::from_unix(1_795_000_000 + i64::from(*seed));
        signed.cosign(&witness_key(*seed), time, &Key::of(*seed), PROVIDER).expect("it signs");
    }
    signed
}

/// That the entry of this index is in a log of this size.
pub fn proof(log: &Log, index: u64, size: u64, witnesses: &[u8]) -> LogProof {
    let path = inclusion_proof(PROVIDER, index, size, |node| log.node(node));
    let path = path.expect("all nodes are there").expect("an entry of the log");
    LogProof { extra: b"extra".to_vec(), index, path, checkpoint: checkpoint(log.head(size), witnesses) }
}

/// What checkpoints of [`ORIGIN`] are held against.
pub fn expected<'k>(log: &'k [VerifierKey], witnesses: &'k [VerifierKey], threshold: usize) -> Expected<'k> {
    Expected { origin: ORIGIN, log, witnesses, threshold }
}

pub fn budget() -> Budget {
    Budget::default()
}
