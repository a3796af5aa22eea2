//! What our authority issues and answers, judged by OpenSSL; and files of every format that matured with it, to every level,
//! judged by EU DSS and pyHanko.

use std::fs;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use interop::levels::{Format, Signed};
use interop::service::Service;
use interop::verdicts::{self, Court, key};
use interop::{peer, places};
use types::Time;

fn now() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Time::from_unix(i64::try_from(seconds).unwrap_or(0)).to_string()
}

/// Chain, CRL, OCSP and timestamps, before and after revocation.
fn judged_by_openssl(service: &Service) {
    let says = |words: &[&str]| service.other("openssl", words).expect("openssl starts").1;
    assert!(says(&["verify", "-x509_strict", "-CAfile", "root.pem", "ada.pem"]).contains("ada.pem: OK"));
    let url = service.url("/ocsp");
    let ocsp = ["ocsp", "-issuer", "root.pem", "-cert", "ada.pem", "-url", &url, "-CAfile", "root.pem"];
    let said = says(&ocsp);
    assert!(said.contains("Response verify OK") && said.contains("ada.pem: good"), "{said}");

    fs::write(service.file("data"), "stamped\n").expect("a file");
    says(&["ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "query.tsq"]);
    service.run(&["authority", "timestamp", "query.tsq", "-o", "answer.tsr"]).expect("a timestamp by file");
    let verify = ["ts", "-verify", "-queryfile", "query.tsq", "-in", "answer.tsr", "-CAfile", "root.pem"];
    assert!(says(&verify).contains("Verification: OK"));

    service.run(&["authority", "crl", "-o", "list.crl"]).expect("a CRL");
    says(&["crl", "-inform", "DER", "-in", "list.crl", "-out", "list.pem"]);
    let checked = ["verify", "-crl_check", "-CRLfile", "list.pem", "-CAfile", "root.pem", "ada.pem"];
    assert!(says(&checked).contains("ada.pem: OK"));
}

fn revoked_for_openssl(service: &Service) {
    let says = |words: &[&str]| service.other("openssl", words).expect("openssl starts").1;
    let serial = says(&["x509", "-in", "ada.pem", "-noout", "-serial"]);
    let serial = serial.trim().trim_start_matches("serial=").to_lowercase();
    service
        .run_plain(&["authority", "revoke", &serial, "--reason", "key-compromise"])
        .expect("it is revoked");
    let url = service.url("/ocsp");
    let said =
        says(&["ocsp", "-issuer", "root.pem", "-cert", "ada.pem", "-url", &url, "-CAfile", "root.pem"]);
    assert!(said.contains("ada.pem: revoked"), "{said}");
    service.run(&["authority", "crl", "-o", "list.crl", "--force"]).expect("a CRL");
    says(&["crl", "-inform", "DER", "-in", "list.crl", "-out", "list.pem"]);
    let checked = ["verify", "-crl_check", "-CRLfile", "list.pem", "-CAfile", "root.pem", "ada.pem"];
    assert!(says(&checked).contains("certificate revoked"));
}

/// Every format at every level.
fn mature(service: &Service) -> Vec<Signed> {
    let pdf = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/apps/cli/assets/contract.pdf");
    fs::copy(pdf, service.file("contract.pdf")).expect("the contract");
    let forms = [
        ("pades", "pdf", Format::Pades),
        ("cades", "p7s", Format::Cades),
        ("cades-enveloping", "p7m", Format::Cades),
        ("asic-s", "asics", Format::Asic),
        ("asic-e", "asice", Format::Asic),
    ];
    let mut files = Vec::new();
    for (form, ending, format) in forms {
        for level in ["b", "t", "lt", "lta"] {
            let case = format!("undersign-{form}-{level}");
            let (input, content) = match format {
                Format::Pades => ("contract.pdf".to_owned(), None),
                _ => {
                    let name = format!("{case}.txt");
                    fs::write(service.file(&name), format!("signed as {case}\n")).expect("a file");
                    let content = (form == "cades").then(|| service.file(&name));
                    (name, content)
                }
            };
            let name = if form == "pades" { format!("{case}.pdf") } else { format!("{input}.{ending}") };
            service
                .run(&["sign", &input, "-o", &name, "--format", form, "--accept", "--no-queue"])
                .expect("it is signed");
            if level != "b" {
                let tsa = service.url("/tsa");
                let augment = ["augment", &name, "--level", &level.to_uppercase(), "--tsa", &tsa];
                service.run_plain(&augment).expect("it matures");
            }
            files.push(Signed { case, format, file: service.file(&name), content });
        }
    }
    files
}

#[test]
fn what_our_authority_issues_and_answers_is_accepted_by_peers() {
    let test = "what_our_authority_issues_and_answers_is_accepted_by_peers";
    if peer::available(test).expect("peers").len() < peer::all().len() {
        return;
    }
    let folder = places::scratch("authority").expect("scratch folder");
    let service = Service::start(&folder).expect("an authority");
    judged_by_openssl(&service);
    let files = mature(&service);
    thread::sleep(Duration::from_secs(2));
    service.run(&["authority", "crl", "-o", "fresh.crl"]).expect("a CRL");
    let court = Court {
        name: "now".to_owned(),
        at: now(),
        trust: service.file("root.pem"),
        chain: service.file("root.pem"),
        lists: vec![service.file("fresh.crl")],
    };
    let courts = [court];
    let ours = verdicts::ours(&courts, &files).expect("our verdicts");
    let dss = verdicts::by_dss(&courts, &files).expect("verdicts of DSS");
    let pyhanko = verdicts::by_pyhanko(&courts, &files).expect("verdicts of pyHanko");
    for signed in &files {
        let key = key(signed, &courts[0]);
        let level = signed.case.rsplit('-').next().unwrap_or_default().to_uppercase();
        assert_eq!(ours[&key].words, "PASSED", "{key}: {}", ours[&key].detail);
        assert!(ours[&key].detail.starts_with(&format!("B-{level} ")), "{key}: {}", ours[&key].detail);
        assert_eq!(dss[&key].words, "PASSED", "{key} at DSS: {}", dss[&key].detail);
        let wanted = format!("BASELINE_{level} ");
        assert!(dss[&key].detail.replace('-', "_").contains(&wanted), "{key} at DSS: {}", dss[&key].detail);
        if let Some(verdict) = pyhanko.get(&key) {
            // Its process for signatures with time knows timestamps inside the CMS alone; EN 319 142-1, 6.3 takes a document
            // timestamp for B-T as well, and so do EU DSS and we.
            let by_document = signed.format == Format::Pades && level != "B";
            let expected = if by_document { "INDETERMINATE SIG_CONSTRAINTS_FAILURE" } else { "PASSED" };
            assert_eq!(verdict.words, expected, "{key} at pyHanko: {}", verdict.detail);
        }
    }
    revoked_for_openssl(&service);
    peer::announce(&format!(
        "{test}: {} files of 5 forms at 4 levels, {} judged by pyHanko too",
        files.len(),
        pyhanko.len()
    ));
}

#[test]
fn what_changed_since_a_complete_list_is_believed_from_a_delta() {
    let test = "what_changed_since_a_complete_list_is_believed_from_a_delta";
    if !peer::available(test).expect("peers").iter().any(|peer| peer.name() == "openssl") {
        return;
    }
    let folder = places::scratch("deltas").expect("scratch folder");
    let service = Service::start(&folder).expect("an authority");
    let settings = service.file("home/authority/authority.toml");
    let text = fs::read_to_string(&settings).expect("the settings");
    let announced = text.replace("announce-delta-crl = false", "announce-delta-crl = true");
    assert_ne!(text, announced);
    fs::write(&settings, announced).expect("the settings");
    let says = |words: &[&str]| service.other("openssl", words).expect("openssl starts").1;
    let list = |name: &str, words: &[&str]| {
        service.run(&[&["authority", "crl", "-o", "list.crl", "--force"], words].concat()).expect("a CRL");
        says(&["crl", "-inform", "DER", "-in", "list.crl", "-out", name]);
        fs::read(service.file(name)).expect("a list")
    };
    service.run(&["authority", "issue", "request.pem", "-o", "second.pem"]).expect("a certificate");
    let verify = ["verify", "-crl_check", "-extended_crl", "-use_deltas", "-CAfile", "root.pem", "-CRLfile"];
    let judged = |name: &str| says(&[&verify[..], &[name, "second.pem"]].concat());
    let complete = list("complete.pem", &[]);
    fs::write(service.file("before.pem"), [complete.clone(), list("delta.pem", &["--delta"])].concat())
        .expect("lists");
    assert!(judged("before.pem").contains("second.pem: OK"), "{}", judged("before.pem"));
    let serial = says(&["x509", "-in", "second.pem", "-noout", "-serial"]);
    let serial = serial.trim().trim_start_matches("serial=").to_lowercase();
    service.run_plain(&["authority", "revoke", &serial, "--reason", "superseded"]).expect("it is revoked");
    fs::write(service.file("after.pem"), [complete, list("delta.pem", &["--delta"])].concat())
        .expect("lists");
    assert!(judged("after.pem").contains("certificate revoked"), "{}", judged("after.pem"));
    peer::announce(&format!("{test}: OpenSSL takes both deltas"));
}
