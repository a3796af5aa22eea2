//! What `verify --json` prints follows spec/verify-report.schema.json, and has no member that the schema does not name.

mod bench;
#[path = "../../../verify/report/tests/schema/mod.rs"]
mod schema;

use bench::Bench;
use schema::Schema;
use serde_json::Value;

#[test]
fn every_line_follows_the_schema() {
    let bench = Bench::new();
    bench.init();
    bench.sign(
        "contract.pdf",
        "signed.pdf",
        &["--field", "Seller", "--reason", "Agreed", "--location", "Here"],
    );
    bench.sign("signed.pdf", "both.pdf", &["--field", "Buyer"]);
    bench.write("text.pdf", b"no PDF");
    let mut altered = bench.read("signed.pdf");
    altered[3000] ^= 1;
    bench.write("altered.pdf", &altered);
    altered.extend_from_slice(b"\n% more\n");
    bench.write("longer.pdf", &altered);
    let files =
        ["signed.pdf", "both.pdf", "contract.pdf", "text.pdf", "missing.pdf", "altered.pdf", "longer.pdf"];
    let output = bench.run(&[&["verify", "--json"], &files[..]].concat());
    assert_eq!(output.code, 1);
    let schema = Schema::load();
    let mut faults = Vec::new();
    let lines: Vec<Value> =
        output.stdout.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    assert_eq!(lines.len(), files.len());
    for line in &lines {
        schema.check(&schema.root, line, line["file"].as_str().unwrap_or("?"), &mut faults);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let named = |name: &str| lines.iter().find(|line| line["file"] == name).expect("each file has a line");
    assert_eq!(named("both.pdf")["signatures"].as_array().map(Vec::len), Some(2));
    assert_eq!(named("altered.pdf")["signatures"][0]["indication"], "TOTAL-FAILED");
    assert!(named("text.pdf")["error"]["message"].is_string());
    assert_eq!(named("contract.pdf")["signatures"], Value::Array(Vec::new()));
}

#[test]
fn what_is_added_to_a_line_follows_the_schema_too() {
    let bench = Bench::new();
    bench.init();
    bench.sign("contract.pdf", "signed.pdf", &[]);
    let python = bench.path("contract.pdf");
    let mut command = bench.command(&["verify", "--json", "signed.pdf", "--save-evidence", "e.json"]);
    let asked = command.args(["--second-opinion", "pyhanko"]).env("UNDERSIGN_PYHANKO", python);
    let asked = String::from_utf8(asked.output().expect("it runs").stdout).expect("it is text");
    let schema = Schema::load();
    let mut faults = Vec::new();
    for (line, member) in
        [(asked, "secondOpinions"), (bench.run(&["replay", "--json", "e.json"]).stdout, "evidence")]
    {
        let value: Value = serde_json::from_str(&line).expect("a line is JSON");
        assert!(value.get(member).is_some(), "{line}");
        schema.check(&schema.root, &value, member, &mut faults);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
