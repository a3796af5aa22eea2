//! `undersign pack show`: what is in a pack, from whom and from when.

use super::super::Context;
use super::fresh::{stale, stale_days};
use super::installed::{Slot, names};
use super::lists;
use super::place::Place;
use crate::clock;
use crate::error::Failure;
use crate::exit::Exit;
use clap::{Args, ValueHint};
use report::printable;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use store::{Access, Existing, write_atomically};
use types::Time;
use undersign::pack::{self, JudgedList, Known, Pack, PackContent, check_content};

/// Show a pack: an installed one by its name, or one in a folder or at an address; without a name all installed ones
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  undersign pack show
  undersign pack show partners
  undersign pack show /media/stick/partners --json
  undersign pack show partners --extract files

Exit codes: 0 shown, 1 the pack is no good, 2 usage, 4 could not read or write.")]
pub struct Show {
    /// The pack
    #[arg(value_name = "NAME|FOLDER|URL", value_hint = ValueHint::AnyPath)]
    pack: Option<String>,
    /// One JSON object per pack, each on a line
    #[arg(long)]
    json: bool,
    /// Write the contents into this folder, each in a folder of its kind
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, requires = "pack")]
    extract: Option<PathBuf>,
}

impl Show {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let Some(name) = &self.pack else { return self.all(context) };
        let (place, pack) = find(context, name)?;
        self.tell(context, &place, &pack)?;
        if let Some(folder) = &self.extract {
            extract(context, &place, &pack, folder)?;
        }
        Ok(Exit::Success)
    }

    fn all(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let names = context.existing_home()?.map_or_else(Vec::new, |home| names(&home));
        if names.is_empty() {
            context.streams.note("no trust pack is installed; install one with: undersign pack install");
        }
        for name in names {
            let (place, pack) = find(context, &name)?;
            if self.json {
                self.tell(context, &place, &pack)?;
                continue;
            }
            let record = &pack.record;
            let age = match stale(record, clock::now()).iter().map(|stale| stale.contents).sum::<usize>() {
                0 => String::new(),
                count => format!(", {count} stale"),
            };
            context.streams.data(&format!(
                "{name} number {} of {}, {}, {}{age}\n",
                record.sequence,
                day(&record.issued),
                contents(record.contents.len()),
                bytes(record.total()),
            ))?;
        }
        Ok(Exit::Success)
    }

    fn tell(&self, context: &Context<'_>, place: &Place, pack: &Pack) -> Result<(), Failure> {
        let (now, lists) = (clock::now(), lists::judged(place, &pack.record)?);
        let text =
            if self.json { object(pack, &lists, now).to_string() + "\n" } else { page(pack, &lists, now) };
        context.streams.data(&text)
    }
}

/// The pack that `name` means, with a good signature of whoever it is by, and where it is.
pub fn find(context: &Context<'_>, name: &str) -> Result<(Place, Pack), Failure> {
    if pack::is_label(name)
        && let Some(home) = context.existing_home()?
    {
        let slot = Slot::of(context, &home, name)?;
        if let Some(pack) = slot.pack()? {
            return Ok((slot.place(), pack));
        }
    }
    let place = Place::named(context, name)?;
    let pack = pack::open(&place.signed()?, Known::Anybody, clock::now())?;
    Ok((place, pack))
}

fn extract(context: &Context<'_>, place: &Place, pack: &Pack, folder: &Path) -> Result<(), Failure> {
    for content in &pack.record.contents {
        let bytes = place.content(content)?;
        check_content(content, &bytes)?;
        // Kinds are labels and names are no paths: both were looked at when the manifest was read.
        let path = folder.join(&content.kind).join(&content.name);
        store::create_folders(std::slice::from_ref(&path))?;
        write_atomically(&context.disk, &path, Existing::Refuse, Access::Mode(0o644), &bytes)?;
    }
    context.streams.note(&format!("wrote {}", contents(pack.record.contents.len())));
    Ok(())
}

fn page(pack: &Pack, lists: &[JudgedList], now: Time) -> String {
    let record = &pack.record;
    let mut text = format!(
        "name       {}\nnumber     {}\nissued     {}\nsnapshot   {}\npublisher  {}\n           SHA-256 {}\n",
        record.name,
        record.sequence,
        record.issued,
        pack.snapshot,
        printable(&pack.publisher.subject().to_string()),
        pack.publisher_digest(),
    );
    for publisher in record.publishers.iter().filter(|publisher| **publisher != pack.publisher_digest()) {
        text.push_str(&format!("next by    SHA-256 {publisher}\n"));
    }
    let size = record.to_json().len() as u64;
    let (count, total) = (contents(record.contents.len()), bytes(record.total()));
    text.push_str(&format!("size       {count}, {total}; list {}\n", bytes(size)));
    for content in &record.contents {
        text.push_str(&line(content, now));
    }
    lists.iter().for_each(|list| text.push_str(&(lists::line(list) + "\n")));
    text
}

/// One content on one line.
pub fn line(content: &PackContent, now: Time) -> String {
    let next = content.next_update.as_deref().map_or(String::new(), |next| format!(", next {}", day(next)));
    let age = stale_days(content, now).map_or(String::new(), |days| format!(", stale for {days} days"));
    let (kind, name, size) = (&content.kind, printable(&content.name), bytes(content.length));
    format!("{kind:<12}  {name}  {size}, of {}{next}{age}\n", day(&content.issued))
}

fn object(pack: &Pack, lists: &[JudgedList], now: Time) -> Value {
    let record = &pack.record;
    let content = |content: &PackContent| {
        json!({
            "kind": content.kind,
            "name": content.name,
            "sha256": content.sha256,
            "length": content.length,
            "issued": content.issued,
            "nextUpdate": content.next_update,
            "staleDays": stale_days(content, now),
        })
    };
    let list = |list: &JudgedList| {
        json!({
            "name": list.name,
            "territory": list.territory,
            "sequence": list.sequence,
            "services": list.services,
            "vouchedBy": lists::word(&list.vouched),
        })
    };
    json!({
        "name": record.name,
        "sequence": record.sequence,
        "issued": record.issued,
        "snapshot": pack.snapshot,
        "publisher": { "subject": pack.publisher.subject().to_string(), "sha256": pack.publisher_digest() },
        "publishers": record.publishers,
        "bytes": record.total(),
        "contents": record.contents.iter().map(content).collect::<Vec<Value>>(),
        "trustedLists": lists.iter().map(list).collect::<Vec<Value>>(),
    })
}

/// `1 content`, `2 contents`.
pub fn contents(count: usize) -> String {
    format!("{count} content{}", if count == 1 { "" } else { "s" })
}

/// A size for people.
pub fn bytes(count: u64) -> String {
    match count {
        0..10_000 => format!("{count} bytes"),
        10_000..10_000_000 => format!("{} KiB", count.div_ceil(1024)),
        _ => format!("{} MiB", count.div_ceil(1 << 20)),
    }
}

/// The day of a time.
pub fn day(time: &str) -> &str {
    time.get(..10).unwrap_or(time)
}
