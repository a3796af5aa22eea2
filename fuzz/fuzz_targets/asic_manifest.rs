//! Any bytes as an ASiC manifest: no panic, bounded work.
#![no_main]

use asic::{Manifest, ManifestKind, percent_decoded};
use libfuzzer_sys::fuzz_target;
use types::Budget;

fuzz_target!(|bytes: &[u8]| {
    let parsed = Manifest::parse(
        "META-INF/ASiCManifest.xml",
        0,
        ManifestKind::Signature,
        bytes,
        &mut Budget::default(),
    );
    let Ok(manifest) = parsed else { return };
    assert!(!manifest.references.is_empty());
    for reference in &manifest.references {
        let _ = percent_decoded(&reference.uri);
    }
});
