//! The installed packs: `packs/<name>` in the home, each laid out like a pack anywhere, and where it came from.

use super::super::Context;
use super::super::telling::Additions;
use super::fresh::{self, Stale};
use super::lists;
use super::place::{CONTENT, Place, SIGNED};
use crate::clock;
use crate::error::Failure;
use report::view::TRUST_PACK;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;
use store::{Access, Existing, FileLock, Home, remove_file, write_atomically};
use types::{Finding, Severity};
use undersign::Trust;
use undersign::pack::{self, CheckedContent, Kind, Pack, PackContent, check_content};

const SOURCE: &str = "source.txt";
/// How long one waits for another that installs.
const PATIENCE: Duration = Duration::from_secs(10);
const MODE: Access = Access::Mode(0o644);

/// Where a pack is installed, or will be.
pub struct Slot<'a> {
    context: &'a Context<'a>,
    folder: PathBuf,
}

/// A pack that took part in a verification.
#[derive(Clone, Debug)]
pub struct Pin {
    name: String,
    sequence: u64,
    snapshot: String,
    issued: String,
    stale: Vec<Stale>,
}

impl<'a> Slot<'a> {
    /// For the pack of this name.
    pub fn of(context: &'a Context<'a>, home: &Home, name: &str) -> Result<Slot<'a>, Failure> {
        if !pack::is_label(name) {
            let hint = "see the installed ones with: undersign pack show";
            return Err(Failure::usage(format!("{name:?} is no name of a pack"), hint));
        }
        Ok(Slot { context, folder: packs(home).join(name) })
    }

    /// Holds off whoever else installs or removes packs; other commands go on, however slow a network is.
    pub fn lock(&self) -> Result<FileLock, Failure> {
        let file = self.folder.with_file_name(".lock");
        store::create_folders(std::slice::from_ref(&file))?;
        Ok(FileLock::acquire(&file, PATIENCE)?)
    }

    /// The place to read it from.
    pub fn place(&self) -> Place {
        Place::Folder(self.folder.clone())
    }

    /// The installed pack, if there is one.
    pub fn pack(&self) -> Result<Option<Pack>, Failure> {
        if !self.folder.join(SIGNED).exists() {
            return Ok(None);
        }
        Ok(Some(pack::open_again(&self.place().signed()?)?))
    }

    /// A content of the installed pack.
    fn content(&self, content: &PackContent) -> Result<CheckedContent, Failure> {
        let checked = self.place().content(content).and_then(|bytes| Ok(check_content(content, &bytes)?));
        checked.map_err(|failure| {
            let name = self.folder.file_name().unwrap_or_default().to_string_lossy();
            let hint = format!(
                "mend it with: undersign pack update {name}, or do without: undersign pack remove {name}"
            );
            Failure::objection("pack.damaged", format!("the trust pack {name} is not whole: {failure}"), hint)
        })
    }

    /// Where it came from.
    pub fn source(&self) -> Option<String> {
        fs::read_to_string(self.folder.join(SOURCE)).ok().map(|text| text.trim().to_owned())
    }

    /// Takes every content that `pack` names from `from`, looks at it, and only when all are there lets the manifest take
    /// the place of the one before. Contents that are there already are not read again from `from`. Gives the bytes that
    /// were taken.
    pub fn fill(&self, pack: &Pack, signed: &[u8], from: &Place) -> Result<u64, Failure> {
        let disk = &self.context.disk;
        let contents = self.folder.join(CONTENT);
        let writing = |path: &PathBuf, bytes: &[u8]| {
            write_atomically(disk, path, Existing::Replace, MODE, bytes).map_err(Failure::from)
        };
        store::create_folders(&[contents.join("first")])?;
        let mut taken = 0;
        for content in &pack.record.contents {
            if self.place().content(content).is_ok_and(|bytes| check_content(content, &bytes).is_ok()) {
                continue;
            }
            let bytes = from.content(content)?;
            check_content(content, &bytes)?;
            writing(&contents.join(&content.sha256), &bytes)?;
            taken += bytes.len() as u64;
        }
        for list in lists::none_forged(&self.place(), &pack.record)? {
            self.context.streams.note(&lists::line(&list));
        }
        writing(&self.folder.join(SIGNED), signed)?;
        writing(&self.folder.join(SOURCE), from.text().as_bytes())?;
        self.sweep(&pack.record.contents)?;
        Ok(taken)
    }

    /// Removes contents that nothing names any more.
    fn sweep(&self, named: &[PackContent]) -> Result<(), Failure> {
        let named: BTreeSet<&str> = named.iter().map(|content| content.sha256.as_str()).collect();
        let Ok(entries) = fs::read_dir(self.folder.join(CONTENT)) else { return Ok(()) };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let is_content = name.to_str().is_some_and(|name| name.len() == 64);
            if is_content && name.to_str().is_some_and(|name| !named.contains(name)) {
                remove_file(&self.context.disk, &entry.path())?;
            }
        }
        Ok(())
    }

    /// Removes the pack: the manifest first, so that nothing of it counts from then on.
    pub fn clear(&self) -> Result<(), Failure> {
        remove_file(&self.context.disk, &self.folder.join(SIGNED))?;
        self.sweep(&[])?;
        if self.folder.join(SOURCE).exists() {
            remove_file(&self.context.disk, &self.folder.join(SOURCE))?;
        }
        // What is left is empty folders, or files that somebody else put there.
        let _kept = fs::remove_dir(self.folder.join(CONTENT)).and_then(|()| fs::remove_dir(&self.folder));
        Ok(())
    }
}

fn packs(home: &Home) -> PathBuf {
    home.path().join("packs")
}

/// The names of the installed packs, sorted.
pub fn names(home: &Home) -> Vec<String> {
    let Ok(entries) = fs::read_dir(packs(home)) else { return Vec::new() };
    let names = entries.flatten().filter(|entry| entry.path().join(SIGNED).exists());
    let mut names: Vec<String> = names.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| pack::is_label(name));
    names.sort();
    names
}

/// Lets a verification use every installed pack, and warns of what is stale. A pack that is not whole stops it: a CRL that
/// is missing must not make anything better.
pub fn load(context: &Context<'_>, home: &Home, trust: &mut Trust) -> Result<Vec<Pin>, Failure> {
    let mut pins = Vec::new();
    for name in names(home) {
        let slot = Slot::of(context, home, &name)?;
        let Some(pack) = slot.pack()? else { continue };
        for content in &pack.record.contents {
            if Kind::named(&content.kind).is_some() {
                pack::take(slot.content(content)?, trust);
            }
        }
        let stale = fresh::stale(&pack.record, clock::now());
        for Stale { kind, contents, days } in &stale {
            let text = format!(
                "trust pack {name}: {contents} of the kind {kind} stale, the longest for {days} days"
            );
            context.streams.warning(&text, &format!("update it with: undersign pack update {name}"));
        }
        let Pack { record, snapshot, .. } = pack;
        pins.push(Pin { name, sequence: record.sequence, snapshot, issued: record.issued, stale });
    }
    Ok(pins)
}

/// What every report says about the packs: which took part, and what in them is stale.
pub fn findings(pins: &[Pin]) -> Vec<Finding> {
    let finding = |Pin { name, sequence, snapshot, issued, stale }: &Pin| {
        let day = issued.get(..10).unwrap_or(issued);
        let text = format!("trust pack {name} number {sequence} of {day} took part, snapshot {snapshot}");
        let line = |Stale { kind, contents, days }: &Stale| {
            format!("{contents} {kind}, the longest for {days} days")
        };
        let lines: Vec<String> = stale.iter().map(line).collect();
        if lines.is_empty() {
            return Finding::new(TRUST_PACK, Severity::Info, text);
        }
        Finding::new(TRUST_PACK, Severity::Warning, format!("{text}; stale: {}", lines.join("; ")))
            .hint("update the pack; what is stale was true when it was made")
    };
    pins.iter().map(finding).collect()
}

/// What JSON says about the packs.
pub fn members(pins: &[Pin], additions: &mut Additions) {
    if !pins.is_empty() {
        additions.members.push(("trustPacks", pins.iter().map(pin).collect()));
    }
}

fn pin(pin: &Pin) -> Value {
    let stale = pin
        .stale
        .iter()
        .map(|Stale { kind, contents, days }| json!({ "kind": kind, "contents": contents, "days": days }));
    json!({
        "name": pin.name,
        "sequence": pin.sequence,
        "snapshot": pin.snapshot,
        "issued": pin.issued,
        "stale": stale.collect::<Vec<Value>>(),
    })
}
