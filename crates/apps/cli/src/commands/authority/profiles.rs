//! `undersign authority profiles`.

use super::folder::{Folder, Place, own_profile};
use crate::commands::Context;
use crate::commands::options::read_small;
use crate::error::Failure;
use crate::exit::Exit;
use crate::streams::json_line;
use authority::CertificateProfile;
use clap::Args;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs;

/// List the kinds of certificates, or show one
#[derive(Debug, Args)]
#[command(
    long_about = "List the profiles by which certificates are issued, or show the file of one. A file NAME.toml in the folder \
        `profiles` of the authority is a profile of your own; it goes before a built-in one of that name.",
    after_long_help = "\
Examples:
  undersign authority profiles
  undersign authority profiles signer
  undersign authority profiles signer > authority/profiles/crew.toml"
)]
pub struct Profiles {
    /// Show the file of this profile
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// One JSON object per profile, each on a line
    #[arg(long, conflicts_with = "name")]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    id: String,
    title: String,
    validity_seconds: i64,
    longest_seconds: i64,
    built_in: bool,
}

impl Profiles {
    pub fn run(&self, context: &Context<'_>, place: &Place) -> Result<Exit, Failure> {
        let folder = Folder { path: place.path(context)? };
        if let Some(name) = &self.name {
            let profile = super::folder::profile(Some(&folder), name)?;
            let own = own_profile(&folder, &profile.id);
            let text = match CertificateProfile::built_in_text(name) {
                Some(text) if !own.exists() => text.as_bytes().to_vec(),
                _ => read_small(&own)?,
            };
            context.streams.bytes(&text)?;
            return Ok(Exit::Success);
        }
        let own = own_names(&folder);
        let built_in = CertificateProfile::built_in_names().map(str::to_owned);
        let names: BTreeSet<String> = built_in.chain(own.iter().cloned()).collect();
        for name in &names {
            let profile = folder.profile(name)?;
            let line = Line {
                id: name.clone(),
                title: profile.title,
                validity_seconds: profile.validity_seconds,
                longest_seconds: profile.longest_seconds,
                built_in: !own.contains(name),
            };
            let mark = if line.built_in { "" } else { "  (own)" };
            let days = line.validity_seconds.div_euclid(86_400);
            context.streams.data(&match self.json {
                true => json_line(&line),
                false => format!("{:<16}{days:>5} days  {}{mark}\n", line.id, line.title),
            })?;
        }
        Ok(Exit::Success)
    }
}

/// Names of the files in the folder of own profiles.
fn own_names(folder: &Folder) -> BTreeSet<String> {
    let entries = fs::read_dir(folder.path.join("profiles")).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            Some(entry.file_name().to_str()?.strip_suffix(".toml")?.to_owned())
                .filter(|name| !name.is_empty())
        })
        .collect()
}
