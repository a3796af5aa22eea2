//! EU DSS: one Java process a file, through the peer that `cargo xtask peers` builds.

use super::Prepared;
use super::answer::{Answer, Outcome, Row};
use super::child::Keeper;
use super::place;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Java and the classes of DSS.
pub struct Dss {
    java: PathBuf,
    class_path: OsString,
}

impl Dss {
    /// The class path that is named, or what was built.
    pub fn find() -> Option<Dss> {
        let java = place::on_path("java")?;
        let class_path = match place::named("UNDERSIGN_DSS") {
            Some(folder) if folder.is_dir() => of_folder(&folder)?,
            Some(class_path) => class_path.into_os_string(),
            None => of_folder(&place::peers("dss")?)?,
        };
        Some(Dss { java, class_path })
    }

    /// Has a file judged by DSS's default policy.
    pub fn ask(&self, question: &Prepared<'_>, keeper: &Keeper) -> Result<Answer, String> {
        let mut request = json!({
            "id": "1", "op": "judge", "file": question.file, "trust": question.anchors, "crl": [],
        });
        if let (Some(at), Some(object)) = (question.at, request.as_object_mut()) {
            object.insert("at".into(), at.to_string().into());
        }
        if let (Some(password), Some(object)) = (question.password, request.as_object_mut()) {
            object.insert("password".into(), password.into());
        }
        let mut command = keeper.command(&self.java);
        // Short runs: the second compiler costs more than it gives.
        command.args(["-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"]);
        command.arg(&self.class_path).arg("Peer").current_dir(question.folder);
        let said = keeper.run(command, format!("{request}\n"))?;
        let said: Value =
            serde_json::from_slice(&said).map_err(|error| format!("its answer is unclear: {error}"))?;
        if let Some(error) = said.get("error").and_then(Value::as_str) {
            return Err(error.to_owned());
        }
        let signatures = said.get("signatures").and_then(Value::as_array);
        let rows = signatures.into_iter().flatten().map(row).collect();
        Ok(Answer { rows, at: question.at, deviations: Vec::new() })
    }
}

/// The peer and its libraries.
fn of_folder(folder: &Path) -> Option<OsString> {
    let peer = folder.join("dss-peer.jar");
    if !peer.is_file() {
        return None;
    }
    std::env::join_paths([peer, folder.join("lib").join("*")]).ok()
}

fn row(signature: &Value) -> Row {
    let text = |member: &str| signature.get(member).and_then(Value::as_str).unwrap_or_default();
    let is_false = |member: &str| signature.get(member).and_then(Value::as_bool) == Some(false);
    let mut reasons: Vec<String> = vec![text("indication").to_owned(), text("subIndication").to_owned()];
    let errors = signature.get("errors").and_then(Value::as_array);
    reasons.extend(errors.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
    let broken = ["intact", "valid", "structure", "byteRangeValid", "consistent"];
    let broken: Vec<&str> = broken.into_iter().filter(|member| is_false(member)).collect();
    reasons.extend(broken.iter().map(|member| format!("not {member}")));
    let undefined = signature.get("undefinedChanges").and_then(Value::as_u64).unwrap_or(0);
    let changed = signature.get("modified").and_then(Value::as_bool) == Some(true) || undefined > 0;
    if changed {
        reasons.push("modified".to_owned());
    }
    reasons.retain(|reason| !reason.is_empty());
    Row {
        field: text("field").to_owned(),
        outcome: match text("indication") {
            _ if !broken.is_empty() || changed => Outcome::Failed,
            "TOTAL_PASSED" | "PASSED" => Outcome::Passed,
            "INDETERMINATE" => Outcome::Indeterminate,
            _ => Outcome::Failed,
        },
        reason: reasons.join(", "),
    }
}
