//! Any bytes as CMS, token, response or signer info: no panic, steps linear in the input, spans inside it.
#![no_main]

use cms::{
    AttributesToBeSigned, Derivation, Encoded, SignedData, SignerInfo, TimestampResponse, TimestampToken,
};
use libfuzzer_sys::fuzz_target;
use types::{Budget, Resource};

fn inside(encoded: Encoded<'_>, bytes: &[u8]) {
    let place = encoded.span.start as usize..encoded.span.end as usize;
    assert_eq!(bytes.get(place), Some(encoded.bytes));
}

fn check(signed_data: &SignedData<'_>, bytes: &[u8]) {
    inside(signed_data.encoded, bytes);
    signed_data.certificate_choices.iter().for_each(|choice| inside(choice.encoded, bytes));
    signed_data.revocation_infos.iter().for_each(|info| inside(info.encoded, bytes));
    for signer in &signed_data.signers {
        inside(signer.encoded, bytes);
        inside(signer.signature_encoded, bytes);
        for timestamp in &signer.unsigned_attributes.timestamps {
            inside(timestamp.token, bytes);
            let _ = TimestampToken::parse(timestamp.token.bytes, &mut Budget::default());
        }
        let Some(signed) = &signer.signed_attributes else { continue };
        assert!(!signed.to_be_verified.is_empty());
        for candidate in &signed.to_be_verified {
            // What is called DER is DER to the strict check of the signing side as well.
            if matches!(candidate.derivation, Derivation::Der | Derivation::Reencoded) {
                assert!(AttributesToBeSigned::from_der(&candidate.bytes).is_ok());
            }
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut budget = Budget::default();
    let before = budget.left(Resource::Steps);
    if let Ok(signed_data) = SignedData::parse(bytes, &mut budget) {
        check(&signed_data, bytes);
    }
    // A list entry of two bytes costs a hundred steps; everything else a few a byte.
    let spent = before - budget.left(Resource::Steps);
    assert!(spent <= 200 * bytes.len() as u64 + 1000, "{spent} steps for {} bytes", bytes.len());
    let _ = TimestampToken::parse(bytes, &mut Budget::default());
    let _ = TimestampResponse::parse(bytes, &mut Budget::default());
    let _ = SignerInfo::parse(bytes, &mut Budget::default());
});
