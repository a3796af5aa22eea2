//! Evidence records that we wrote beside files, judged by EU DSS, and the time-stamp in one by OpenSSL.

use std::fs;
use std::path::PathBuf;

use cms::evidence_record::EvidenceRecord;
use interop::fields::{flag, list, text};
use interop::service::Service;
use interop::{Peer, dss, openssl, peer, places};
use serde_json::{Value, json};
use types::Budget;

/// What DSS says about the records beside a file.
struct Asked {
    case: &'static str,
    file: PathBuf,
    records: Vec<PathBuf>,
    detached: Option<PathBuf>,
    /// How many timestamps each has.
    timestamps: Vec<u64>,
}

fn judged(service: &Service, asked: &[Asked]) {
    let requests: Vec<Value> = asked
        .iter()
        .map(|one| {
            let mut request = json!({
                "id": one.case, "op": "judge", "file": one.file, "trust": [service.file("root.pem")],
                "crl": [service.file("fresh.crl")], "evidenceRecords": one.records,
            });
            if let Some(detached) = &one.detached {
                request["detached"] = json!(detached);
            }
            request
        })
        .collect();
    let answers = dss::run(&requests).expect("DSS answers");
    for one in asked {
        let answer = &answers[one.case];
        let records = list(answer, "evidenceRecords");
        assert_eq!(records.len(), one.records.len(), "{}: {answer}", one.case);
        let mut numbers = Vec::new();
        for record in records {
            assert_eq!(flag(record, "covers"), Some(true), "{}: {answer}", one.case);
            assert_eq!(text(record, "indication"), "PASSED", "{}: {answer}", one.case);
            numbers.push(record["timestamps"].as_u64().unwrap_or(0));
        }
        numbers.sort_unstable();
        assert_eq!(numbers, one.timestamps, "{}: {answer}", one.case);
    }
}

/// The token in the record of one file: over the root of the tree, as OpenSSL checks it.
fn checked_by_openssl(service: &Service, record: &str) {
    let bytes = fs::read(service.file(record)).expect("the record");
    let record = EvidenceRecord::parse(&bytes, &mut Budget::default()).expect("it can be read");
    let stamp = &record.chains[0].timestamps[0];
    let token = cms::TimestampToken::parse(stamp.timestamp.bytes, &mut Budget::default()).expect("a token");
    fs::write(service.file("token.der"), stamp.timestamp.bytes).expect("a file");
    let root: String = token.info.imprint.value.iter().map(|byte| format!("{byte:02x}")).collect();
    let verify = ["ts", "-verify", "-digest", &root, "-in", "token.der", "-token_in", "-CAfile", "root.pem"];
    let said = service.other("openssl", &verify).expect("openssl starts").1;
    assert!(said.contains("Verification: OK"), "{said}");
}

#[test]
fn our_evidence_records_are_accepted_by_dss_and_their_time_stamps_by_openssl() {
    let test = "our_evidence_records_are_accepted_by_dss_and_their_time_stamps_by_openssl";
    if !dss::Dss.is_there() || !openssl::Openssl.is_there() {
        peer::skipped(test, "EU DSS or OpenSSL is not here");
        return;
    }
    let folder = places::scratch("records").expect("scratch folder");
    let service = Service::start(&folder).expect("an authority");
    let pdf = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/apps/cli/assets/contract.pdf");
    let names: Vec<String> = (0..5).map(|number| format!("c{number}.pdf")).collect();
    for name in &names {
        fs::copy(pdf, service.file(name)).expect("the contract");
    }
    let list: Vec<&str> = names.iter().map(String::as_str).collect();
    service.run(&[&["sign", "--accept", "--out-dir", "out"][..], &list].concat()).expect("they are signed");
    fs::write(service.file("letter.txt"), "Dear all\n").expect("a file");
    service.run(&["sign", "letter.txt", "--format", "cades", "--accept"]).expect("it is signed");
    let tsa = service.url("/tsa");
    let sync = |more: &[&str]| {
        let fixed = ["sync", "--evidence-record", "--tsa", &tsa];
        // The letter stays without what is told about its certificate, which the exit code says.
        service.run_plain(&[&fixed[..], more].concat()).map(|_| ()).unwrap_or_default();
    };
    let early = ["early.pdf", "early.pdf.ers"];
    fs::copy(service.file("out/c0.pdf"), service.file(early[0])).expect("a copy");
    sync(&[]);
    fs::copy(service.file("out/c0.pdf.ers"), service.file(early[1])).expect("a copy");
    checked_by_openssl(&service, "out/c1.pdf.2.ers");
    // The record of the early file has been renewed with the archive's timestamp by now.
    std::thread::sleep(std::time::Duration::from_secs(2));
    service.run(&["authority", "crl", "-o", "fresh.crl"]).expect("a CRL");
    let beside = |case, file: &str, record: &str, timestamps: &[u64]| Asked {
        case,
        file: service.file(file),
        records: vec![service.file(record)],
        detached: (file.ends_with("p7s")).then(|| service.file("letter.txt")),
        timestamps: timestamps.to_vec(),
    };
    judged(
        &service,
        &[
            beside("the file as it was signed", early[0], early[1], &[2]),
            beside("archived", "out/c1.pdf", "out/c1.pdf.2.ers", &[1]),
            beside("any file", "letter.txt.p7s", "letter.txt.p7s.ers", &[1]),
        ],
    );
    sync(&["--record-digest", "SHA-512"]);
    fs::copy(service.file("out/c0.pdf.ers"), service.file(early[1])).expect("a copy");
    judged(
        &service,
        &[
            beside("renewed by time and hash", early[0], early[1], &[3]),
            beside("renewed by hash", "out/c1.pdf", "out/c1.pdf.2.ers", &[2]),
        ],
    );
}
