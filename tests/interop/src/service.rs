//! An authority of ours that serves on loopback, and a home whose identity it certified.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Context, Result, bail};

use crate::places;

/// The authority's folder, its server, and the home.
pub struct Service {
    folder: PathBuf,
    address: String,
    server: Child,
}

impl Service {
    /// Makes everything in a folder and starts to serve.
    pub fn start(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("pass.txt"), "a passphrase that guards nothing\n")?;
        // Somebody else may take the port in between; the test then fails loudly.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        let base = format!("http://{address}");
        let cheap = ["--kdf-memory", "8", "--kdf-passes", "1"];
        let init = ["authority", "init", "--name", "Example Authority", "--base-url", &base];
        fs::write(folder.join("root.pem"), run(folder, &[&init[..], &cheap].concat(), true)?.stdout)?;
        run(folder, &["authority", "appoint", "ocsp"], true)?;
        run(folder, &["authority", "appoint", "timestamp"], true)?;
        run(folder, &[&["init", "--name", "Ada Example"][..], &cheap].concat(), true)?;
        fs::write(folder.join("request.pem"), run(folder, &["identity", "csr"], true)?.stdout)?;
        run(folder, &["authority", "issue", "request.pem", "-o", "ada.pem"], true)?;
        run(folder, &["identity", "import", "ada.pem"], true)?;
        // Only the authority is trusted: what it says about the identity is to count.
        for anchor in fs::read_dir(folder.join("home/trust"))? {
            fs::remove_file(anchor?.path())?;
        }
        run(folder, &["trust", "add", "root.pem"], false)?;
        let mut server = command(folder, &["serve", "authority", "--address", &address], true)?
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("the server does not start")?;
        let stdout = server.stdout.take().context("the server says nothing")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        if line.trim() != base {
            bail!("the server says {line:?} instead of its address");
        }
        Ok(Self { folder: folder.to_path_buf(), address: base, server })
    }

    /// An address of a service.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// A file in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Runs our program in the folder, with its home and passphrase.
    pub fn run(&self, words: &[&str]) -> Result<Output> {
        run(&self.folder, words, true)
    }

    /// The same without a passphrase.
    pub fn run_plain(&self, words: &[&str]) -> Result<Output> {
        run(&self.folder, words, false)
    }

    /// Runs another program in the folder; what it printed.
    pub fn other(&self, program: &str, words: &[&str]) -> Result<(bool, String)> {
        let output = Command::new(program).args(words).current_dir(&self.folder).output()?;
        let text = [output.stdout, output.stderr].concat();
        Ok((output.status.success(), String::from_utf8_lossy(&text).into_owned()))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn command(folder: &Path, words: &[&str], passphrase: bool) -> Result<Command> {
    let mut command = Command::new(places::binary()?);
    command.current_dir(folder).args(["--home", "home"]).args(words).stdin(Stdio::null());
    if passphrase {
        command.args(["--passphrase-file", "pass.txt"]);
    }
    Ok(command)
}

fn run(folder: &Path, words: &[&str], passphrase: bool) -> Result<Output> {
    let output = command(folder, words, passphrase)?.output().context("could not start undersign")?;
    if !output.status.success() {
        bail!("undersign {words:?}: {}{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(output)
}
