//! What `verify --json` prints follows spec/verify-report.schema.json, and has no member that the schema does not name.

mod bench;

use bench::Bench;
use serde_json::Value;

/// The part of JSON Schema 2020-12 that the schema uses, without `pattern`.
struct Schema {
    root: Value,
}

impl Schema {
    fn load() -> Schema {
        let text = include_str!("../../../../spec/verify-report.schema.json");
        Schema { root: serde_json::from_str(text).expect("the schema is JSON") }
    }

    fn check(&self, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            let target = self.root.pointer(name.trim_start_matches('#')).expect("references lead somewhere");
            return self.check(target, value, at, faults);
        }
        if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
            let fitting = choices.iter().filter(|choice| {
                let mut inner = Vec::new();
                self.check(choice, value, at, &mut inner);
                inner.is_empty()
            });
            if fitting.count() != 1 {
                faults.push(format!("{at}: {value} fits not exactly one choice"));
            }
            return;
        }
        if let Some(types) = schema.get("type") {
            let names: Vec<&str> = match types {
                Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
                name => name.as_str().into_iter().collect(),
            };
            if !names.contains(&type_of(value)) {
                faults.push(format!("{at}: {value} is not {names:?}"));
            }
        }
        let allowed = schema.get("enum").and_then(Value::as_array).cloned();
        if allowed
            .or(schema.get("const").map(|one| vec![one.clone()]))
            .is_some_and(|all| !all.contains(value))
        {
            faults.push(format!("{at}: {value} is not one of the values"));
        }
        if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
            for (index, item) in values.iter().enumerate() {
                self.check(items, item, &format!("{at}[{index}]"), faults);
            }
        }
        if let (Some(properties), Some(members)) = (schema.get("properties"), value.as_object()) {
            for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
                if !name.as_str().is_some_and(|name| members.contains_key(name)) {
                    faults.push(format!("{at}: {name} is missing"));
                }
            }
            for (name, member) in members {
                match properties.get(name) {
                    Some(property) => self.check(property, member, &format!("{at}.{name}"), faults),
                    None => faults.push(format!("{at}: {name} is not in the schema")),
                }
            }
        }
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

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
