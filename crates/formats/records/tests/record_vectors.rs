//! The vectors of spec/record.md: what a reader understands of each file, or why it refuses it.

use serde_json::{Value, json};
use std::path::PathBuf;
use undersign_records::{
    AgeBy, Basis, BeaconKind, BeaconSection, Boot, ClockSection, RECORD_FORMAT, ReadRecord, SigningRecord,
    TrustedBy, TrustedSection,
};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../spec/vectors/record")
}

fn full() -> SigningRecord {
    SigningRecord {
        beacon: Some(BeaconSection {
            digest: format!("sha-256:{}", "5a".repeat(32)),
            kind: BeaconKind::TimestampToken,
            source: "timestamp by Example Zeitstempel Ü".into(),
            time: "2026-03-03T10:00:00Z".into(),
        }),
        clock: Some(ClockSection {
            basis: Basis::Boottime,
            behind_seconds: Some(10_740),
            boot: Boot::Same,
            offset_minutes: 60,
            set_back_seconds: Some(10_800),
            set_forward_seconds: None,
            since: "2026-03-03T10:00:02Z".into(),
            time: "2026-03-05T07:12:44Z".into(),
            trusted: Some(TrustedSection {
                age_by: AgeBy::Counter,
                age_minutes: 2892,
                clock_ahead_seconds: 2,
                from: TrustedBy::Timestamp,
                time: "2026-03-03T10:00:00Z".into(),
            }),
        }),
    }
}

/// What is understood, as the list says it.
fn told(bytes: &[u8]) -> Value {
    match ReadRecord::from_json(bytes) {
        Err(error) => json!({"error": error.code()}),
        Ok(read) => {
            let sections: Vec<&str> =
                [(read.record.beacon.is_some(), "beacon"), (read.record.clock.is_some(), "clock")]
                    .into_iter()
                    .filter_map(|(there, name)| there.then_some(name))
                    .collect();
            let faults: Vec<&String> = read.faults.iter().map(|(section, _)| section).collect();
            json!({"sections": sections, "unknown": read.unknown, "faults": faults})
        }
    }
}

/// Makes the vectors anew with UPDATE_VECTORS=1: only when the format is still to be published.
fn update() {
    let text = String::from_utf8(full().to_json()).expect("records are text");
    let changed = |from: &str, to: &str| text.replacen(from, to, 1).into_bytes();
    let deep = format!("{{\"a\":{}{},\"format\":\"{}\"}}", "[".repeat(20), "]".repeat(20), RECORD_FORMAT);
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("full.json", full().to_json()),
        ("empty.json", SigningRecord::default().to_json()),
        ("section-of-later.json", changed("\"format\"", "\"counter\":{\"value\":7},\"format\"")),
        ("beacon-with-sha-1.json", changed("sha-256:5a", "sha-1:5a")),
        ("source-with-escape.json", changed("timestamp by", "\\u001b[31m")),
        ("clock-with-more.json", changed("\"boot\":\"same\"", "\"boot\":\"same\",\"extra\":1")),
        ("spaces.json", changed("\":", "\": ")),
        ("unsorted.json", changed("{\"beacon\":", "{\"z\":1,\"beacon\":")),
        ("twice.json", changed("{\"beacon\":", "{\"beacon\":null,\"beacon\":")),
        ("fraction.json", changed("10740", "10740.0")),
        ("line-end.json", [text.as_bytes(), b"\n"].concat()),
        ("later-format.json", changed("@v1", "@v2")),
        ("deep.json", deep.into_bytes()),
        ("cut.json", text.as_bytes()[..100].to_vec()),
    ];
    std::fs::create_dir_all(folder()).expect("the folder can be made");
    let mut list = Vec::new();
    for (file, bytes) in files {
        std::fs::write(folder().join(file), &bytes).expect("vectors can be written");
        let mut entry = json!({"file": file});
        for (name, value) in told(&bytes).as_object().expect("it is an object") {
            entry[name] = value.clone();
        }
        list.push(entry);
    }
    let text = serde_json::to_string_pretty(&list).expect("it is JSON") + "\n";
    std::fs::write(folder().join("vectors.json"), text).expect("vectors can be written");
}

#[test]
fn the_vectors_of_the_specification_hold() {
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        update();
    }
    let list = std::fs::read(folder().join("vectors.json")).expect("there is a list");
    let list: Vec<Value> = serde_json::from_slice(&list).expect("it is a list");
    assert!(list.len() > 10);
    for mut vector in list {
        let file = vector.as_object_mut().and_then(|vector| vector.remove("file")).expect("a file");
        let file = file.as_str().expect("its name").to_owned();
        let bytes = std::fs::read(folder().join(&file)).expect("the file is there");
        assert_eq!(told(&bytes), vector, "{file}");
    }
    assert_eq!(std::fs::read(folder().join("full.json")).expect("it is there"), full().to_json());
}
