//! veraPDF: whether a file is the PDF/A that it claims to be; see `tests/interop/verapdf`. It knows nothing of signatures.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use serde_json::{Value, json};

use crate::fields::{flag, list, text};
use crate::places;

/// What veraPDF says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conformance {
    /// The part and level that the file claims, e.g. `2b`.
    pub flavour: String,
    /// The rules that it breaks, with veraPDF's words; or why it could not be judged.
    pub broken: Vec<String>,
}

impl Conformance {
    /// Whether the file is what it claims to be.
    pub fn holds(&self) -> bool {
        self.broken.is_empty()
    }
}

/// Whether it is set up.
pub fn is_there() -> bool {
    places::peers().join("verapdf/verapdf-peer.jar").is_file()
}

/// Judges all files, each under a name of its own, in one JVM.
pub fn judge(files: &[(String, PathBuf)]) -> Result<BTreeMap<String, Conformance>> {
    let place = places::peers().join("verapdf");
    let classes = format!("{}:{}", place.join("verapdf-peer.jar").display(), place.join("lib/*").display());
    let mut command = Command::new("java");
    command.args(["-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", &classes, "Archive"]);
    let requests: Vec<Value> = files.iter().map(|(name, file)| json!({ "id": name, "file": file })).collect();
    let answers = crate::jobs::run(&mut command, &requests)?;
    Ok(answers.iter().map(|(name, answer)| (name.clone(), conformance(answer))).collect())
}

fn conformance(answer: &Value) -> Conformance {
    let mut broken: Vec<String> =
        list(answer, "broken").iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if flag(answer, "conforms") != Some(true) && broken.is_empty() {
        broken.push(format!("not judged: {}", text(answer, "error")));
    }
    Conformance { flavour: text(answer, "flavour").to_owned(), broken }
}
