//! Any bytes as CMS, token, response or signer info: no panic, steps linear in the input, spans inside it; imprints,
//! countersignatures and embedded evidence records of what is read: no panic.
#![no_main]

use cms::{
    AttributesToBeSigned, Content, Derivation, Encoded, ImprintCheck, SignedData, SignerInfo, TimestampPlace,
    TimestampResponse, TimestampToken,
};
use crypto::PureProvider;
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

/// Checks the imprint of every time-stamp and everything else that is over parts of the signer.
fn check_evidence(signed_data: &SignedData<'_>, signer: &SignerInfo<'_>) {
    let budget = &mut Budget::default();
    let content = Content::Octets(b"content");
    let check = ImprintCheck { signed_data, signer, content, provider: &PureProvider };
    let _ = check.content_needed(budget);
    let signed = signer.signed_attributes.iter().flat_map(|signed| &signed.content_timestamps);
    let signed = signed.enumerate().map(|(index, token)| (TimestampPlace::Content(index), *token));
    let unsigned = signer.unsigned_attributes.timestamps.iter().enumerate();
    let unsigned = unsigned.map(|(index, timestamp)| (TimestampPlace::Unsigned(index), timestamp.token));
    for (place, token) in signed.chain(unsigned) {
        if let Ok(token) = TimestampToken::parse(token.bytes, budget) {
            let _ = token.authority_certificate(&PureProvider);
            let _ = check.check(place, &token, budget);
        }
    }
    for record in signer.evidence_records() {
        let _ = record.verify(signed_data, signer, None, &PureProvider, budget);
    }
    for counter in signer.countersignatures(budget).unwrap_or_default() {
        let _ = counter.check_message_digest(signer, &PureProvider);
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut budget = Budget::default();
    let before = budget.left(Resource::Steps);
    if let Ok(signed_data) = SignedData::parse(bytes, &mut budget) {
        check(&signed_data, bytes);
        signed_data.signers.iter().for_each(|signer| check_evidence(&signed_data, signer));
    }
    // A list entry of two bytes costs a hundred steps; everything else a few a byte.
    let spent = before - budget.left(Resource::Steps);
    assert!(spent <= 200 * bytes.len() as u64 + 1000, "{spent} steps for {} bytes", bytes.len());
    let _ = TimestampToken::parse(bytes, &mut Budget::default());
    let _ = TimestampResponse::parse(bytes, &mut Budget::default());
    let _ = SignerInfo::parse(bytes, &mut Budget::default());
});
