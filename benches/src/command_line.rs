//! One 27 KB file through the command line, against pyHanko's.

use crate::child;
use crate::material::{self, Party};
use crate::measure::{Clock, Contestant, Turns, here};
use crate::options::Options;
use crate::pyhanko::{self, PyHanko};
use crate::row::{Goal, Reference, Row, Table, Unit};
use anyhow::{Context as _, Result, anyhow};
use argon2::{Algorithm, Argon2, Params, Version};
use std::path::{Path, PathBuf};

/// Our program, a home with a vault, and files.
pub struct Home {
    program: String,
    folder: PathBuf,
}

/// How much work opening the vault takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derivation {
    /// As little as the vault accepts: what is beyond the key derivation.
    Least,
    /// What a vault has unless told otherwise.
    Usual,
}

impl Home {
    /// Makes one in `folder`.
    pub fn make(folder: &Path, derivation: Derivation) -> Result<Home> {
        let this = std::env::current_exe()?;
        let release = this.parent().and_then(Path::parent).context("this program lies nowhere")?;
        let program = release.join("undersign");
        anyhow::ensure!(program.is_file(), "{} is not built: cargo build --release", program.display());
        let home = Home { program: program.display().to_string(), folder: folder.to_owned() };
        std::fs::create_dir_all(folder)?;
        std::fs::write(home.place("passphrase"), "a passphrase to measure with\n")?;
        let passphrase = home.place("passphrase");
        let mut command = home.command(&["init", "--name", "Ada Example", "--passphrase-file", &passphrase]);
        if derivation == Derivation::Least {
            command.extend(["--kdf-memory", "1", "--kdf-passes", "1"].map(str::to_owned));
        }
        home.run(&command, &[0])?;
        Ok(home)
    }

    /// A file in the folder.
    pub fn place(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn command(&self, words: &[&str]) -> Vec<String> {
        let home = self.place("home");
        [&self.program, "--home", &home].into_iter().chain(words.iter().copied()).map(str::to_owned).collect()
    }

    fn run(&self, command: &[String], expected: &[i32]) -> Result<child::Usage> {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        child::measured(&words, expected)
    }

    /// `undersign sign`, with more arguments.
    pub fn sign(&self, words: &[&str]) -> Result<child::Usage> {
        let passphrase = self.place("passphrase");
        let mut command =
            self.command(&["sign", "--quiet", "--accept", "--force", "--passphrase-file", &passphrase]);
        command.extend(words.iter().map(|word| (*word).to_owned()));
        self.run(&command, &[0])
    }

    /// `undersign verify`, with more arguments, that ends with one of the exit codes `expected`.
    pub fn judge(&self, words: &[&str], expected: &[i32]) -> Result<child::Usage> {
        let mut command = self.command(&["verify", "--quiet"]);
        command.extend(words.iter().map(|word| (*word).to_owned()));
        self.run(&command, expected)
    }

    /// `undersign verify`, with more arguments; our own signatures pass.
    pub fn verify(&self, words: &[&str]) -> Result<child::Usage> {
        let mut command = self.command(&["verify", "--quiet"]);
        command.extend(words.iter().map(|word| (*word).to_owned()));
        self.run(&command, &[0])
    }
}

/// A run of a program as a contestant: its wall time.
fn program<'a>(run: impl Fn() -> Result<child::Usage> + 'a) -> Contestant<'a> {
    Box::new(move |count| {
        let mut wall = 0.0;
        for _ in 0..count {
            wall += run()?.wall;
        }
        Ok(Some(wall))
    })
}

/// Measures.
pub fn run(options: &Options, table: &mut Table) -> Result<()> {
    table.section("Command line, one 27 KB file (wall)");
    let memory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())?;
    table.note("files in memory (tmpfs)");
    alone(options, table, memory.path())?;
    table.note("files on the disk; what is written is flushed");
    alone(options, table, options.work_folder()?.path())?;
    let Some(peer) = pyhanko::program() else {
        table.note("pyHanko is not installed: its rows are absent (`cargo xtask peers`)");
        return Ok(());
    };
    table.note("files in memory (tmpfs)");
    let home = Home::make(&memory.path().join("peer"), Derivation::Usual)?;
    against_pyhanko(options, table, &home, &peer.display().to_string())
}

/// The key derivation of a vault as `undersign init` makes it, alone (spec/vault.md: Argon2id, 46 MiB, 4 passes, 1 lane).
fn derive_key() -> Result<()> {
    let params = Params::new(46 * 1024, 4, 1, Some(32)).map_err(|error| anyhow!("Argon2: {error}"))?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(b"a passphrase to measure with", &[7; 16], &mut key)
        .map_err(|error| anyhow!("Argon2: {error}"))?;
    std::hint::black_box(key);
    Ok(())
}

/// Our program against the clock.
fn alone(options: &Options, table: &Table, folder: &Path) -> Result<()> {
    let home = Home::make(&folder.join("alone"), Derivation::Usual)?;
    let (unsigned, signed) = (home.place("a.pdf"), home.place("b.pdf"));
    std::fs::write(&unsigned, material::document_27_kb())?;
    let turns = Turns { rounds: options.sized(40, 3), turn: 0.0, clock: Clock::Wall };
    let times = turns.take(&mut [
        program(|| home.sign(&[&unsigned, "-o", &signed])),
        program(|| home.verify(&[&signed])),
        here(derive_key),
        program(|| child::measured(&["true"], &[0])),
    ])?;
    within(table, "verify", times.median(1), "a program that does nothing", times.median(3));
    let beyond = times.difference(0, 2);
    within(table, "sign, beyond the key derivation", beyond, "the key derivation", times.median(2));
    Ok(())
}

fn within(table: &Table, what: &str, seconds: f64, reference: &'static str, other: f64) {
    table.row(&Row {
        what: what.to_owned(),
        value: seconds * 1e3,
        unit: Unit::Milliseconds,
        reference: Some(Reference { what: reference, value: other * 1e3, ratio: seconds / other }),
        goal: Some(Goal::AtMost(25.0)),
    });
}

fn against_pyhanko(options: &Options, table: &Table, home: &Home, peer: &str) -> Result<()> {
    let party = Party::alone();
    let [unsigned, ours, theirs, trust] =
        ["a.pdf", "b.pdf", "c.pdf", "root.pem"].map(|name| home.place(name));
    let common = home.place("common.pdf");
    std::fs::write(&unsigned, material::document_27_kb())?;
    std::fs::write(&common, party.signed(material::document_27_kb(), "Signature1")?)?;
    party.write_root(Path::new(&trust))?;
    drop(PyHanko::start(&home.folder)?);
    let (key, certificate) = (home.place("key.pem"), home.place("cert.pem"));
    let their_verify = || {
        let validate = ["sign", "validate", "--no-revocation-check", "--trust", &trust, &common];
        child::measured(&[&[peer][..], &validate].concat(), &[0])
    };
    let their_sign = || {
        let field = ["sign", "addsig", "--field", "Signature1", "--use-pades", "pemder", "--no-pass"];
        let files = ["--key", &key, "--cert", &certificate, &unsigned, &theirs];
        child::measured(&[&[peer][..], &field, &files].concat(), &[0])
    };
    let our_verify = || home.verify(&["--no-trust-store", "--trust", &trust, &common]);
    let our_sign = || home.sign(&[&unsigned, "-o", &ours]);
    let turns = Turns { rounds: options.sized(15, 2), turn: 0.0, clock: Clock::Wall };
    let times = turns.take(&mut [
        program(our_verify),
        program(our_sign),
        program(their_verify),
        program(their_sign),
        here(derive_key),
    ])?;
    let rows = [
        ("verify", times.median(0), times.median(2), Some(Goal::RatioAtLeast(30.0))),
        // Their key lies unencrypted in a file.
        (
            "sign, beyond the key derivation",
            times.difference(1, 4),
            times.median(3),
            Some(Goal::RatioAtLeast(30.0)),
        ),
        ("sign, with the key derivation", times.median(1), times.median(3), None),
    ];
    for (what, ours, theirs, goal) in rows {
        table.row(&Row {
            what: what.to_owned(),
            value: ours * 1e3,
            unit: Unit::Milliseconds,
            reference: Some(Reference {
                what: "pyHanko's command line",
                value: theirs * 1e3,
                ratio: theirs / ours,
            }),
            goal,
        });
    }
    Ok(())
}
