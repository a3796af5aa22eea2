//! pyHanko: one Python process a file, with a script of ours that asks its library.

use super::Prepared;
use super::answer::{Answer, Outcome, Row};
use super::child::Keeper;
use super::place;
use serde::Deserialize;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Reads a question on standard input and answers with one JSON object.
const SCRIPT: &str = include_str!("pyhanko_judge.py");

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    signatures: Vec<SaidRow>,
}

#[derive(Deserialize)]
struct SaidRow {
    field: String,
    outcome: String,
    #[serde(default)]
    reason: String,
}

/// A Python that has pyHanko: the one that is named, the one of the `pyhanko` on the search path, the usual one, or the one
/// of `cargo xtask peers`.
pub fn find() -> Option<PathBuf> {
    let of_script = || place::interpreter(&place::on_path("pyhanko")?);
    let usual = || {
        let python = place::on_path("python3")?;
        let mut probe = Command::new(&python);
        probe.args(["-I", "-c", "import pyhanko.sign.validation"]).stdin(Stdio::null()).stderr(Stdio::null());
        probe.status().is_ok_and(|status| status.success()).then_some(python)
    };
    place::named("UNDERSIGN_PYHANKO")
        .or_else(of_script)
        .or_else(usual)
        .or_else(|| place::peers("venv/bin/python"))
}

/// Has a file judged.
pub fn ask(python: &Path, question: &Prepared<'_>, keeper: &Keeper) -> Result<Answer, String> {
    let request = json!({
        "file": question.file,
        "trust": question.anchors,
        "at": question.at.map(|at| at.to_string()),
        "password": question.password,
    });
    let mut command = keeper.command(python);
    // -I: nothing is imported from the current folder.
    command.args(["-I", "-B", "-c", SCRIPT]).current_dir(question.folder);
    let said = keeper.run(command, request.to_string())?;
    let said: Said =
        serde_json::from_slice(&said).map_err(|error| format!("its answer is unclear: {error}"))?;
    if let Some(error) = said.error {
        return Err(error);
    }
    let row = |said: SaidRow| Row {
        field: said.field,
        outcome: match said.outcome.as_str() {
            "passed" => Outcome::Passed,
            "indeterminate" => Outcome::Indeterminate,
            _ => Outcome::Failed,
        },
        reason: said.reason,
    };
    Ok(Answer {
        rows: said.signatures.into_iter().map(row).collect(),
        at: question.at,
        deviations: Vec::new(),
    })
}
