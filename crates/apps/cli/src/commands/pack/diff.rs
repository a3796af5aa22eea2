//! `undersign pack diff`: what changed from one pack to another.

use super::super::Context;
use super::show::{day, find};
use crate::error::Failure;
use crate::exit::Exit;
use clap::{Args, ValueHint};
use report::printable;
use serde_json::json;
use std::collections::BTreeMap;
use undersign::pack::PackContent;

/// Show what changed from one pack to another
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  undersign pack diff partners /media/stick/partners
  undersign pack diff old new --json

Exit codes: 0 compared, 1 a pack is no good, 2 usage, 4 could not read or write.")]
pub struct Diff {
    /// The earlier pack: its name if installed, a folder or an address
    #[arg(value_name = "OLD", value_hint = ValueHint::AnyPath)]
    old: String,
    /// The later one
    #[arg(value_name = "NEW", value_hint = ValueHint::AnyPath)]
    new: String,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// What became of a content.
enum Change<'a> {
    Added(&'a PackContent),
    Removed(&'a PackContent),
    Changed(&'a PackContent, &'a PackContent),
}

impl Diff {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let (_, old) = find(context, &self.old)?;
        let (_, new) = find(context, &self.new)?;
        let (before, after) = (&old.record, &new.record);
        let changes = changes(&before.contents, &after.contents);
        let gone = before.publishers.iter().filter(|publisher| !after.publishers.contains(publisher));
        let come = after.publishers.iter().filter(|publisher| !before.publishers.contains(publisher));
        if self.json {
            let object = json!({
                "old": { "name": before.name, "sequence": before.sequence, "snapshot": old.snapshot },
                "new": { "name": after.name, "sequence": after.sequence, "snapshot": new.snapshot },
                "publishersAdded": come.collect::<Vec<_>>(),
                "publishersRemoved": gone.collect::<Vec<_>>(),
                "contents": changes.iter().map(Change::object).collect::<Vec<_>>(),
            });
            context.streams.data(&format!("{object}\n"))?;
            return Ok(Exit::Success);
        }
        let mut text = format!(
            "{} number {} -> {} number {}\n",
            before.name, before.sequence, after.name, after.sequence
        );
        gone.for_each(|publisher| text.push_str(&format!("- publisher  {publisher}\n")));
        come.for_each(|publisher| text.push_str(&format!("+ publisher  {publisher}\n")));
        changes.iter().for_each(|change| text.push_str(&change.line()));
        context.streams.data(&text)?;
        if changes.is_empty() {
            context.streams.note("the contents are the same");
        }
        Ok(Exit::Success)
    }
}

/// The same bytes of a later date are no change.
fn changes<'a>(old: &'a [PackContent], new: &'a [PackContent]) -> Vec<Change<'a>> {
    let mut pairs: BTreeMap<(&str, &str), [Option<&PackContent>; 2]> = BTreeMap::new();
    old.iter().for_each(|content| pairs.entry(content.key()).or_default()[0] = Some(content));
    new.iter().for_each(|content| pairs.entry(content.key()).or_default()[1] = Some(content));
    let changes = pairs.into_values().filter_map(|pair| match pair {
        [Some(old), None] => Some(Change::Removed(old)),
        [None, Some(new)] => Some(Change::Added(new)),
        [Some(old), Some(new)] if old.sha256 != new.sha256 => Some(Change::Changed(old, new)),
        _ => None,
    });
    changes.collect()
}

impl Change<'_> {
    fn line(&self) -> String {
        let name = |content: &PackContent| format!("{:<12}  {}", content.kind, printable(&content.name));
        match self {
            Change::Added(new) => format!("+ {}  of {}\n", name(new), day(&new.issued)),
            Change::Removed(old) => format!("- {}  of {}\n", name(old), day(&old.issued)),
            Change::Changed(old, new) => {
                format!("~ {}  of {} -> {}\n", name(new), day(&old.issued), day(&new.issued))
            }
        }
    }

    fn object(&self) -> serde_json::Value {
        let (change, old, new) = match self {
            Change::Added(new) => ("added", None, Some(*new)),
            Change::Removed(old) => ("removed", Some(*old), None),
            Change::Changed(old, new) => ("changed", Some(*old), Some(*new)),
        };
        let either = new.or(old);
        json!({
            "change": change,
            "kind": either.map(|content| &content.kind),
            "name": either.map(|content| &content.name),
            "old": old.map(|content| &content.sha256),
            "new": new.map(|content| &content.sha256),
        })
    }
}
