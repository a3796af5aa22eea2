//! Any bytes as a note, a checkpoint, a proof, a bundle and the path of a tile: no panic, what is read is written the
//! same, and nothing verifies under a key that did not sign.
#![no_main]

use crypto::PROVIDER;
use libfuzzer_sys::fuzz_target;
use tlog::checkpoint::{Expected, SignedCheckpoint};
use tlog::merkle::Hash;
use tlog::note::{KeyName, Note, SignatureType, VerifierKey};
use tlog::proof::LogProof;
use tlog::tile::{EntryBundle, Tile, write_entry};
use types::{Budget, Limits, Resource};

fn budget() -> Budget {
    Budget::new(Limits::STANDARD.with(Resource::Steps, 10_000).with(Resource::DecodedBytes, 1 << 20))
}

fn notes(data: &[u8]) {
    if let Ok(note) = Note::parse(data, &mut budget()) {
        assert_eq!(note.to_bytes(), data);
        for signature in note.signatures() {
            // A key that signed nothing, under the name that the note gives.
            let kinds = [SignatureType::Ed25519, SignatureType::CosignatureV1];
            let keys = kinds.map(|kind| VerifierKey::new(signature.name().clone(), kind, [2; 32], PROVIDER));
            assert!(note.verify(&keys.each_ref(), &mut budget(), PROVIDER).is_err());
        }
    }
    if let Ok(signed) = SignedCheckpoint::parse(data, &mut budget()) {
        assert_eq!(signed.to_bytes(), data);
        assert_eq!(signed.checkpoint().to_string(), signed.note().text());
    }
    if let Ok(proof) = LogProof::parse(data, &mut budget()) {
        assert_eq!(proof.to_bytes(), data);
        let origin = proof.checkpoint.checkpoint().origin();
        let name = KeyName::new("nobody").expect("a name");
        let log = [VerifierKey::new(name, SignatureType::Ed25519, [2; 32], PROVIDER)];
        let verified = proof.verify(&Hash([0; 32]), &Expected::log(origin, &log), &mut budget(), PROVIDER);
        assert!(verified.is_err());
    }
}

fn bundle(data: &[u8]) {
    let Some((width, bytes)) = data.split_first() else { return };
    let Some(bundle) = EntryBundle::new(0, u16::from(*width) + 1) else { return };
    let Ok(entries) = bundle.parse(bytes, &mut budget()) else { return };
    let mut again = Vec::new();
    entries.iter().for_each(|entry| write_entry(&mut again, entry).expect("it was read"));
    assert_eq!(again, bytes);
}

fuzz_target!(|data: &[u8]| {
    notes(data);
    bundle(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(tile) = Tile::parse_path(text) {
        assert_eq!(tile.to_string(), text);
    }
    if let Ok(bundle) = EntryBundle::parse_path(text) {
        assert_eq!(bundle.to_string(), text);
    }
    if let Ok(key) = VerifierKey::parse(text, PROVIDER, &mut budget()) {
        assert_eq!(key.to_string(), text);
    }
});
