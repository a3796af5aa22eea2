//! `undersign pack build`: files and a publisher's key to a pack.

use super::super::identity::{choose, describe, open_vault, unlock};
use super::super::options::PassphraseOptions;
use super::super::{Context, validity};
use super::install::publisher;
use super::place::{CONTENT, Place, SIGNED, files, read};
use super::show::{bytes, contents};
use crate::clock;
use crate::error::Failure;
use crate::exit::Exit;
use clap::{Args, ValueHint};
use crypto::{DigestAlgorithm, PROVIDER};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use store::{Access, Existing, remove_file, write_atomically};
use types::Time;
use undersign::pack::{self, Kind, Known, PACK_FORMAT, Pack, PackContent, PackRecord};

/// Make a trust pack of files, or its next version, and sign it
#[derive(Debug, Args)]
#[command(
    override_usage = "undersign pack build [OPTIONS] --name <NAME> -o <FOLDER> <KIND=FILE>...",
    long_about = "Make a trust pack of files, or its next version, and sign it with an identity of your vault.\n\n\
        Kinds with a meaning of their own: anchor (trusted certificates), tsa (trusted for time-stamps alone), certificate (to \
        complete paths), crl, ocsp, trusted-list (EU, XML), list-signer (who may sign the list of lists), algorithms, \
        rules. Any other word is carried, too.\n\n\
        Give it to others as the folder that it is, on a stick or by any web server, and the SHA-256 of your certificate \
        on another way. The snapshot id goes to standard output.",
    after_long_help = "\
Examples:
  undersign pack build --name partners -o partners anchor=ca.pem crl=ca.crl
  undersign pack build --name partners -o partners anchor=anchors/ crl=crls/

Exit codes: 0 made, 1 refused, 2 usage, 4 could not read or write, 5 wrong
passphrase or locked."
)]
pub struct Build {
    /// What goes in: a kind, and a file or a folder with files
    #[arg(required = true, value_name = "KIND=FILE")]
    contents: Vec<Wanted>,
    /// The name of the pack: a to z, 0 to 9 and -
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The folder of the pack; if it holds one of this name, this is its next version
    #[arg(short, long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    output: PathBuf,
    /// Let the holder of this certificate sign the next version, too; may be given several times
    #[arg(long, value_name = "FILE|SHA256", value_hint = ValueHint::FilePath)]
    next_publisher: Vec<String>,
    /// Sign as this identity: its id, the beginning of its id, or its label
    #[arg(long, value_name = "ID")]
    identity: Option<String>,
    #[command(flatten)]
    passphrase: PassphraseOptions,
}

/// A kind and where its files are.
#[derive(Clone, Debug)]
struct Wanted {
    kind: String,
    path: PathBuf,
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Wanted, String> {
        match text.split_once('=') {
            Some((kind, path)) if pack::is_label(kind) && !path.is_empty() => {
                Ok(Wanted { kind: kind.to_owned(), path: path.into() })
            }
            _ => Err("give a kind and a file, like anchor=ca.pem".to_owned()),
        }
    }
}

impl Build {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        if !pack::is_label(&self.name) {
            let reason = format!("{:?} is no name of a pack", self.name);
            return Err(Failure::usage(reason, "use the characters a to z, 0 to 9 and -, like partners-eu"));
        }
        let now = clock::now();
        let (named, files) = self.collect(now)?;
        let (home, vault) = open_vault(context)?;
        let identity = choose::choose(&home, &vault, self.identity.as_deref())?;
        let certificates = describe::certificates(identity);
        let Some(own) = certificates.first() else {
            let reason = format!("identity {} has no certificate yet", identity.id());
            return Err(Failure::usage(reason, "ask for one with: undersign identity csr"));
        };
        validity::check(context.streams, own, now, validity::Permissions::new(false, false))?;
        let own = own.digest(DigestAlgorithm::Sha256, PROVIDER).hex();
        let there = self.there()?;
        let mut publishers = vec![own.clone()];
        for text in &self.next_publisher {
            publishers.extend(publisher(text)?);
        }
        let record = PackRecord {
            contents: named,
            format: PACK_FORMAT.to_owned(),
            issued: now.to_string(),
            name: self.name.clone(),
            publishers,
            sequence: there.as_ref().map_or(1, |pack| pack.record.sequence.saturating_add(1)),
        };
        // Whatever is wrong with it is said before a passphrase is asked for.
        let record = record.finished().map_err(pack::PackRefusal::from)?;
        let signer = unlock(context, &vault, &self.passphrase)?.signer(&identity.id(), None)?;
        let signed = pack::sign(record, &certificates, now, &signer)?;
        let known = there.as_ref().map_or_else(|| vec![own], |pack| pack.record.publishers.clone());
        let pack = pack::open(&signed, Known::Publishers(&known), now)?;
        if let Some(there) = &there {
            pack.follow(there)?;
        }
        self.write(context, &pack, &signed, &files)
    }

    /// The pack that this will be the next version of.
    fn there(&self) -> Result<Option<Pack>, Failure> {
        if !self.output.join(SIGNED).exists() {
            return Ok(None);
        }
        let pack = pack::open_again(&Place::Folder(self.output.clone()).signed()?)?;
        if pack.record.name != self.name {
            let reason = format!("{} holds the pack {:?}", self.output.display(), pack.record.name);
            return Err(Failure::usage(reason, "choose another folder with -o, or its name with --name"));
        }
        Ok(Some(pack))
    }

    /// Every content with its file, each read once and found to be of its kind.
    fn collect(&self, now: Time) -> Result<(Vec<PackContent>, Vec<PathBuf>), Failure> {
        let (mut named, mut paths) = (Vec::new(), Vec::new());
        for wanted in &self.contents {
            for path in files(&wanted.path)? {
                named.push(content(&wanted.kind, &path, now)?);
                paths.push(path);
            }
        }
        Ok((named, paths))
    }

    /// Contents first, then the manifest in one step, then what nothing names any more goes.
    fn write(
        &self,
        context: &Context<'_>,
        pack: &Pack,
        signed: &[u8],
        files: &[PathBuf],
    ) -> Result<Exit, Failure> {
        let folder = self.output.join(CONTENT);
        store::create_folders(&[folder.join("first")])?;
        let named: BTreeSet<&str> =
            pack.record.contents.iter().map(|content| content.sha256.as_str()).collect();
        let put = |path: &Path, bytes: &[u8]| {
            write_atomically(&context.disk, path, Existing::Replace, Access::Mode(0o644), bytes)
        };
        for path in files {
            let content = read(path)?;
            let name = sha256(&content);
            if !named.contains(name.as_str()) {
                let reason = format!("{} changed while the pack was made", path.display());
                return Err(Failure::objection("pack.file-changed", reason, "make the pack again"));
            }
            put(&folder.join(name), &content)?;
        }
        put(&self.output.join(SIGNED), signed)?;
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if name.to_str().is_some_and(|name| name.len() == 64 && !named.contains(name)) {
                remove_file(&context.disk, &entry.path())?;
            }
        }
        let record = &pack.record;
        let (count, total) = (contents(record.contents.len()), bytes(record.total()));
        context.streams.note(&format!(
            "made {} number {} in {}: {count}, {total}",
            record.name,
            record.sequence,
            self.output.display()
        ));
        context.streams.note(&format!("your certificate has SHA-256 {}", pack.publisher_digest()));
        context.streams.data(&format!("{}\n", pack.snapshot))?;
        Ok(Exit::Success)
    }
}

fn sha256(bytes: &[u8]) -> String {
    PROVIDER.digest(DigestAlgorithm::Sha256, bytes).hex()
}

fn content(kind: &str, path: &Path, now: Time) -> Result<PackContent, Failure> {
    let bytes = read(path)?;
    let (issued, next_update) =
        pack::describe(kind, &bytes).map_err(|malformed| Failure::document(path, malformed))?;
    let content = PackContent {
        issued: issued.unwrap_or(now).to_string(),
        kind: kind.to_owned(),
        length: bytes.len() as u64,
        name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        next_update: next_update.map(|time| time.to_string()),
        sha256: sha256(&bytes),
    };
    // A CRL in the place of an anchor is better found here than by those who install the pack.
    if Kind::named(kind).is_some() {
        pack::check_content(&content, &bytes)?;
    }
    Ok(content)
}
