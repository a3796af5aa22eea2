//! The `undersign` command line, driven as its users do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::inputs::{Input, PASSWORD};
use crate::peer::Job;
use crate::pki::Pki;
use crate::places;

/// A home with one identity that signs.
#[derive(Clone, Debug)]
pub struct Home {
    folder: PathBuf,
    identity: String,
    passphrase_file: PathBuf,
    password_file: PathBuf,
}

impl Home {
    /// A home whose identity made itself; its certificate goes to `<folder>/self.pem`.
    pub fn self_signed(folder: &Path, pki: &Pki) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let password_file = folder.join("password");
        fs::write(&password_file, PASSWORD)?;
        let mut home = Self {
            folder: folder.join("home"),
            identity: String::new(),
            passphrase_file: pki.passphrase_file(),
            password_file,
        };
        // The cheapest key derivation that is allowed: these vaults guard nothing.
        let made = home.run(
            &["init", "--name", "Ada Example", "--kdf-memory", "8", "--kdf-passes", "1"],
            Passphrase::Given,
        )?;
        home.identity = first_line(&made);
        let certificate = home.run(&["identity", "export", &home.identity.clone()], Passphrase::None)?;
        fs::write(folder.join("self.pem"), certificate.stdout)?;
        Ok(home)
    }

    /// A home whose identity is a signer of the PKI.
    pub fn with_key(folder: &Path, pki: &Pki, algorithm: &str) -> Result<Self> {
        let mut home = Self::self_signed(folder, pki)?;
        let (key, passphrase) = (word(&pki.pkcs12(algorithm)), word(&pki.passphrase_file()));
        let words = ["identity", "import", &key, "--import-passphrase-file", &passphrase];
        home.identity = first_line(&home.run(&words, Passphrase::Given)?);
        Ok(home)
    }

    /// Signs one file; `options` as on the command line.
    pub fn sign(&self, input: &Input, out: &Path, options: &[String]) -> Result<()> {
        let (file, out) = (word(&input.file), word(out));
        let mut words = vec!["sign", &file, "-o", &out, "--accept", "--identity", &self.identity];
        words.extend(options.iter().map(String::as_str));
        self.run(&self.with_password(input, &words), Passphrase::Given).map(|_| ())
    }

    /// Signs many files into a folder with one unlock.
    pub fn sign_batch(&self, files: &[PathBuf], out: &Path) -> Result<()> {
        let (files, out): (Vec<String>, String) = (files.iter().map(|file| word(file)).collect(), word(out));
        let mut words = vec!["sign", "--out-dir", &out, "--accept", "--identity", &self.identity];
        words.extend(files.iter().map(String::as_str));
        self.run(&words, Passphrase::Given).map(|_| ())
    }

    /// Writes a plan for a key that is elsewhere, and the octets that it must sign.
    pub fn prepare(
        &self,
        input: &Input,
        plan: &Path,
        octets: &Path,
        certificate: &Path,
        chain: &Path,
        options: &[&str],
    ) -> Result<()> {
        let (file, plan, octets) = (word(&input.file), word(plan), word(octets));
        let (certificate, chain) = (word(certificate), word(chain));
        let mut words = vec!["prepare", &file, "-o", &plan, "--octets", &octets];
        words.extend(["--certificate", &certificate, "--chain", &chain]);
        words.extend(options);
        self.run(&self.with_password(input, &words), Passphrase::None).map(|_| ())
    }

    /// Finishes a plan with a signature value.
    pub fn complete(&self, plan: &Path, signature: &Path, out: &Path) -> Result<()> {
        let (plan, signature, out) = (word(plan), word(signature), word(out));
        self.run(&["complete", &plan, "--signature", &signature, "-o", &out], Passphrase::None).map(|_| ())
    }

    fn with_password<'a>(&'a self, input: &Input, words: &[&'a str]) -> Vec<&'a str> {
        let mut words = words.to_vec();
        if input.password.is_some() {
            words.push("--password-file");
            words.push(self.password_file.to_str().unwrap_or_default());
        }
        words
    }

    fn run(&self, words: &[&str], passphrase: Passphrase) -> Result<Output> {
        let mut command = Command::new(places::binary()?);
        command.arg("--home").arg(&self.folder).args(words);
        if passphrase == Passphrase::Given {
            command.arg("--passphrase-file").arg(&self.passphrase_file);
        }
        let output = command.output().context("could not start undersign")?;
        if !output.status.success() {
            bail!(
                "undersign {} ({}): {}",
                words.join(" "),
                output.status,
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(output)
    }
}

/// Whether a command unlocks the vault.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Passphrase {
    Given,
    None,
}

fn word(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn first_line(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned()
}

/// How files are verified.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    /// Trusted certificates.
    pub trust: Vec<PathBuf>,
    /// The time to judge at, RFC 3339.
    pub at: Option<String>,
    /// What opens encrypted files.
    pub password: Option<String>,
    /// Certificates that complete paths.
    pub chain: Vec<PathBuf>,
    /// CRLs and OCSP responses at hand.
    pub revocation: Vec<PathBuf>,
}

/// `undersign verify --json` over many files in one process: one object a file, in the order of the files.
pub fn verify(files: &[PathBuf], how: &Verification) -> Result<Vec<Value>> {
    // Its own empty home: nobody's trust store takes part.
    let folder =
        places::scratch(&format!("verify-{}-{:?}", std::process::id(), std::thread::current().id()))?;
    let list = folder.join("files");
    let names: Vec<String> = files.iter().map(|file| word(file)).collect();
    fs::write(&list, format!("{}\n", names.join("\n")))?;
    let mut command = Command::new(places::binary()?);
    command.arg("--home").arg(folder.join("home")).args(["verify", "--json", "--no-trust-store"]);
    for (option, files) in
        [("--trust", &how.trust), ("--chain", &how.chain), ("--revocation", &how.revocation)]
    {
        for file in files {
            command.arg(option).arg(file);
        }
    }
    if let Some(at) = &how.at {
        command.args(["--at", at]);
    }
    if let Some(password) = &how.password {
        let file = folder.join("password");
        fs::write(&file, password)?;
        command.arg("--password-file").arg(file);
    }
    let output =
        command.arg("-").stdin(fs::File::open(&list)?).output().context("could not start undersign")?;
    let code = output.status.code();
    if !matches!(code, Some(0 | 1 | 3 | 4)) {
        bail!("undersign verify ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    in_order(&names, &output.stdout)
}

/// The answers in the order of the files, whatever order they came in.
fn in_order(names: &[String], stdout: &[u8]) -> Result<Vec<Value>> {
    let mut answers = std::collections::BTreeMap::new();
    for line in String::from_utf8_lossy(stdout).lines() {
        let answer: Value = serde_json::from_str(line).with_context(|| format!("not JSON: {line}"))?;
        answers.insert(crate::fields::text(&answer, "file").to_owned(), answer);
    }
    let answer = |name: &String| answers.get(name).cloned().with_context(|| format!("no answer for {name}"));
    names.iter().map(answer).collect()
}

/// A file of ours for the peers.
#[derive(Clone, Debug)]
pub struct Signed {
    /// What was done.
    pub case: String,
    /// The signed PDF.
    pub file: PathBuf,
    /// The anchor that its signers chain to.
    pub anchor: PathBuf,
    /// What opens it.
    pub password: Option<String>,
}

impl Signed {
    /// The job that judges this file.
    pub fn job(&self, pki: &Pki) -> Job {
        Job {
            case: self.case.clone(),
            file: self.file.clone(),
            trust: vec![self.anchor.clone()],
            crls: pki.crls(),
            password: self.password.clone(),
        }
    }
}
