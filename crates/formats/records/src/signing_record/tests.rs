//! Signing records: what is written is read, and what is hostile is named.

use super::*;

fn record() -> SigningRecord {
    SigningRecord {
        beacon: Some(BeaconSection {
            digest: format!("sha-256:{}", "ab".repeat(32)),
            kind: BeaconKind::TimestampToken,
            source: "Zeitstempel Ü".into(),
            time: "2026-11-24T10:00:00Z".into(),
        }),
        clock: Some(ClockSection {
            basis: Basis::Boottime,
            behind_seconds: None,
            boot: Boot::Same,
            offset_minutes: -210,
            set_back_seconds: Some(10_800),
            set_forward_seconds: None,
            since: "2026-11-24T10:00:03Z".into(),
            time: "2026-11-25T08:00:00Z".into(),
            trusted: Some(TrustedSection {
                age_minutes: 1500,
                age_by: AgeBy::Counter,
                clock_ahead_seconds: -3,
                from: TrustedBy::Timestamp,
                time: "2026-11-24T10:00:06Z".into(),
            }),
        }),
    }
}

fn text() -> String {
    String::from_utf8(record().to_json()).unwrap()
}

#[test]
fn a_record_survives_the_round_trip() {
    let read = ReadRecord::from_json(&record().to_json()).unwrap();
    assert_eq!(read, ReadRecord { record: record(), unknown: vec![], faults: vec![] });
    let empty = SigningRecord::default();
    assert_eq!(empty.to_json(), br#"{"format":"undersign-record@v1"}"#);
    assert_eq!(ReadRecord::from_json(&empty.to_json()).unwrap().record, empty);
}

#[test]
fn sections_of_later_versions_are_kept_and_named() {
    let later = text().replace("\"format\"", "\"counter\":{\"value\":[7,null,\"x\"]},\"format\"");
    let read = ReadRecord::from_json(later.as_bytes()).unwrap();
    assert_eq!((read.record, read.unknown), (record(), vec!["counter".to_owned()]));
}

#[test]
fn what_is_not_canonical_is_refused() {
    for other in [
        format!("{}\n", text()),
        text().replace("Ü", "\\u00dc"),
        text().replace("\"offsetMinutes\":-210", "\"offsetMinutes\":-210.0"),
        text().replace("\"offsetMinutes\":-210", "\"offsetMinutes\": -210"),
        text().replace("\"offsetMinutes\":-210", "\"offsetMinutes\":9007199254740993"),
        text().replace("\"format\":\"undersign-record@v1\"}", "\"format\":\"undersign-record@v1\",\"a\":1}"),
        text().replace("{\"beacon\"", "{\"beacon\":null,\"beacon\""),
        text().replace("\"boot\"", "\"bo\\u006ft\""),
        text().replace("\"format\"", "\"f o\":1,\"format\""),
    ] {
        assert_eq!(
            ReadRecord::from_json(other.as_bytes()).unwrap_err(),
            RecordError::NotCanonical,
            "{other}"
        );
    }
}

#[test]
fn what_is_no_record_is_refused_by_name() {
    let deep = format!("{{\"a\":{}{},\"format\":\"{RECORD_FORMAT}\"}}", "[".repeat(40), "]".repeat(40));
    let very_deep = "[".repeat(60_000);
    for (bytes, code) in [
        (b"".to_vec(), "record.syntax"),
        (b"[]".to_vec(), "record.syntax"),
        (b"\xff\xfe".to_vec(), "record.syntax"),
        (deep.into_bytes(), "record.syntax"),
        (very_deep.into_bytes(), "record.syntax"),
        (b"{}".to_vec(), "record.format"),
        (b"{\"format\":7}".to_vec(), "record.format"),
        (text().replace("@v1", "@v2").into_bytes(), "record.format"),
        (vec![b' '; MAX_RECORD + 1], "record.too-large"),
    ] {
        let error = ReadRecord::from_json(&bytes).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
}

#[test]
fn a_known_section_that_breaks_its_form_is_a_fault_and_not_used() {
    for (from, to, section) in [
        ("sha-256:", "sha-1:", "beacon"),
        ("\"offsetMinutes\":-210", "\"offsetMinutes\":1081", "clock"),
        ("\"offsetMinutes\":-210", "\"offsetMinutes\":-2147483648", "clock"),
        ("sha-256:ab", "sha-256:AB", "beacon"),
        ("timestamp-token", "rumour", "beacon"),
        ("Zeitstempel Ü", "", "beacon"),
        ("Zeitstempel Ü", "\\u001b[2J", "beacon"),
        ("Zeitstempel Ü", "\u{202e}evil", "beacon"),
        ("2026-11-24T10:00:00Z", "2026-11-24T10:00:00+00:00", "beacon"),
        ("\"kind\":", "\"kinds\":", "beacon"),
        ("\"boot\":\"same\"", "\"boot\":\"same\",\"more\":1", "clock"),
        ("\"boot\":\"same\"", "\"boot\":[\"same\"]", "clock"),
        ("-210", "-2100", "clock"),
        ("10800", "-10800", "clock"),
        ("2026-11-25T08:00:00Z", "yesterday", "clock"),
        ("\"ageMinutes\":1500", "\"ageMinutes\":null", "clock"),
    ] {
        let changed = text().replacen(from, to, 1);
        let read = ReadRecord::from_json(changed.as_bytes()).unwrap_or_else(|error| panic!("{to}: {error}"));
        assert_eq!(read.faults.len(), 1, "{to}");
        assert_eq!(read.faults.first().unwrap().0, section, "{to}");
        let kept = (read.record.beacon.is_some(), read.record.clock.is_some());
        assert_eq!(kept, (section != "beacon", section != "clock"), "{to}");
    }
}
