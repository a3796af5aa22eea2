//! `undersign sync` against services on loopback: everything matures, one failed service does not stop the others, no
//! service means waiting, and one answer serves many files.

mod bench;
mod services;

use bench::Bench;
use serde_json::Value;
use services::{LISTS, Services, TIMESTAMPS, point};
use testkit::authority::{Cms, Declared, Role};

fn report(bench: &Bench, file: &str) -> Value {
    serde_json::from_str(&bench.run(&["verify", "--json", file]).stdout).expect("it is JSON")
}

#[test]
fn many_files_mature_and_one_answer_serves_them_all() {
    let services = Services::new();
    let bench = services.bench();
    let names: Vec<String> = (0..12).map(|number| format!("c{number}.pdf")).collect();
    names.iter().for_each(|name| bench.write(name, &bench.read("contract.pdf")));
    let list: Vec<&str> = names.iter().map(String::as_str).collect();
    let sign = ["sign", "--out-dir", "out", "--accept", "--passphrase-file", "pass.txt"];
    let output = bench.run(&[&sign[..], &list].concat());
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    let output = bench.run(&["sync", "--json", "--tsa", &services.url("/tsa")]);
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    assert_eq!(output.stdout.lines().count(), 12);
    for line in output.stdout.lines() {
        let line: Value = serde_json::from_str(line).expect("it is JSON");
        assert_eq!(
            (line["stage"].as_str(), line["changed"].as_bool()),
            (Some("archived"), Some(true)),
            "{line}"
        );
    }
    assert_eq!(services.asked(TIMESTAMPS), 24);
    assert!(services.asked(LISTS) <= 2, "{} lists for 12 files", services.asked(LISTS));
    for name in names {
        let report = report(&bench, &format!("out/{name}"));
        assert_eq!(report["signatures"][0]["level"], "B-LTA");
        assert_eq!(report["signatures"][0]["indication"], "TOTAL-PASSED");
    }
    let again = bench.run(&["sync", "--tsa", &services.url("/tsa")]);
    assert_eq!((again.code, services.asked(TIMESTAMPS)), (0, 24));
}

#[test]
fn a_service_that_fails_is_passed_over_and_without_any_the_file_waits() {
    let services = Services::new();
    let bench = services.bench();
    bench.sign("contract.pdf", "signed.pdf", &[]);
    let before = bench.read("signed.pdf");
    let alone = |url: String| bench.run(&["sync", "--attempts", "1", "--tsa", &url]);
    for (path, said) in [("/broken", "cannot be read"), ("/nowhere", "404")] {
        let output = alone(services.url(path));
        assert_eq!(output.code, 3, "{}", output.stderr);
        assert!(output.stderr.contains(said), "{}", output.stderr);
        assert!(bench.read("signed.pdf") == before, "{path}");
    }
    // Nobody listens there, and no time of this computer takes the place of a timestamp.
    assert_eq!(alone("http://127.0.0.1:1/".to_owned()).code, 3);
    assert_eq!(bench.run(&["sync"]).code, 3);
    assert!(bench.read("signed.pdf") == before);
    let urls = [services.url("/broken"), services.url("/tsa")];
    let add = |url: &String| assert_eq!(bench.run(&["services", "add-tsa", url]).code, 0);
    urls.iter().for_each(add);
    assert_eq!(bench.run(&["sync", "--attempts", "1"]).code, 0);
    assert_eq!(report(&bench, "signed.pdf")["signatures"][0]["level"], "B-LTA");
}

#[test]
fn a_list_of_long_ago_counts_with_the_delta_that_updates_it() {
    let services = Services::new();
    let bench = services.bench_with("/old.crl");
    bench.sign("contract.pdf", "signed.pdf", &[]);
    let output = bench.run(&["sync", "--tsa", &services.url("/tsa")]);
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    let report = report(&bench, "signed.pdf");
    assert_eq!(report["signatures"][0]["level"], "B-LTA");
    assert_eq!(report["signatures"][0]["indication"], "TOTAL-PASSED");
}

#[test]
fn a_file_in_no_queue_is_augmented_beside_itself() {
    let services = Services::new();
    let bench = services.bench();
    bench.sign("contract.pdf", "signed.pdf", &["--no-queue"]);
    assert_eq!(bench.run(&["pending"]).stdout, "");
    let before = bench.read("signed.pdf");
    let url = services.url("/tsa");
    for (level, expected) in [("T", "B-T"), ("LT", "B-LT"), ("LTA", "B-LTA")] {
        let name = format!("{expected}.pdf");
        let output = bench.run(&["augment", "signed.pdf", "--level", level, "--tsa", &url, "-o", &name]);
        assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
        assert_eq!(report(&bench, &name)["signatures"][0]["level"], expected);
        assert!(bench.read("signed.pdf") == before);
        assert!(bench.read(&name).starts_with(&before));
    }
}

#[test]
fn a_signature_of_another_program_over_any_file_matures_too() {
    let services = Services::new();
    let bench = services.bench();
    bench.write("letter.txt", b"Dear all\n");
    let (list, der) = point(&services.url("/root.crl"));
    let declared = Declared::new("Person", Role::Person, "2021-01-01", "2045-01-01").with(list, der);
    let person = services.root.issue(&declared);
    bench.write("whole.p7m", &Cms::sign(&person, b"Dear all\n").der());
    bench.write("letter.txt.p7s", &Cms::sign(&person, b"Dear all\n").detached().der());
    let url = services.url("/tsa");
    for file in ["whole.p7m", "letter.txt.p7s"] {
        let output = bench.run(&["augment", file, "--tsa", &url]);
        assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
        let report = report(&bench, file);
        assert_eq!(report["signatures"][0]["level"], "B-LTA", "{report}");
        assert_eq!(report["signatures"][0]["indication"], "TOTAL-PASSED", "{file}");
    }
    // A changed letter is noticed, and nothing is added to what has failed.
    bench.write("letter.txt", b"Dear none\n");
    assert_eq!(bench.run(&["augment", "letter.txt.p7s", "--tsa", &url]).code, 1);
}

#[test]
fn containers_of_ours_mature_and_their_members_keep_every_byte() {
    let services = Services::new();
    let bench = services.bench();
    bench.write("letter.txt", b"Dear all\n");
    let url = services.url("/tsa");
    for (format, file) in [
        ("asic-e", "letter.txt.asice"),
        ("asic-s", "letter.txt.asics"),
        ("cades", "letter.txt.p7s"),
        ("cades-enveloping", "letter.txt.p7m"),
    ] {
        let sign = ["sign", "letter.txt", "--format", format, "--accept", "--passphrase-file", "pass.txt"];
        let output = bench.run(&sign);
        assert_eq!(output.code, 0, "{}", output.stderr);
        let before = bench.read(file);
        let output = bench.run(&["sync", "--json", "--tsa", &url]);
        assert_eq!(output.code, 0, "{format}: {}{}", output.stdout, output.stderr);
        let report = report(&bench, file);
        assert_eq!(report["signatures"][0]["level"], "B-LTA", "{format}: {report}");
        assert_eq!(report["signatures"][0]["indication"], "TOTAL-PASSED", "{format}");
        if format.starts_with("asic") {
            // The member with the data comes first, and stays.
            let record = b"Dear all\n";
            let end = before.windows(record.len()).position(|window| window == record).expect("the data");
            assert!(bench.read(file).starts_with(&before[..end + record.len()]), "{format}");
        }
    }
    // Renewed, the container gets another archive manifest and keeps the one before under a number.
    let renew = ["augment", "letter.txt.asice", "--renew-within", "20000", "--tsa", &url];
    let is_renewed = || {
        let output = bench.run(&renew);
        assert_eq!(output.code, 3, "the authority's certificate ends within those days as well");
        let names = String::from_utf8_lossy(&bench.read("letter.txt.asice")).into_owned();
        let is_renewed = names.contains("META-INF/ASiCArchiveManifest001.xml");
        if !is_renewed {
            eprintln!("not renewed at once: {}{}", output.stdout, output.stderr);
        }
        is_renewed
    };
    // Whatever a busy machine keeps from being answered, the next run makes good.
    assert!(is_renewed() || is_renewed(), "renewed");
    let report = report(&bench, "letter.txt.asice");
    assert_eq!(report["signatures"][0]["indication"], "TOTAL-PASSED", "{report}");
}
