//! Our authority on loopback, and a home whose identity it certified.

use anyhow::{Context as _, Result, bail, ensure};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// The folder with the authority and the home.
pub struct Place {
    program: PathBuf,
    folder: PathBuf,
    address: String,
}

/// The authority while it serves.
pub struct Server(Child);

/// How many requests the authority answered.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    /// For time-stamps.
    pub timestamps: u64,
    /// By OCSP.
    pub ocsp: u64,
    /// For CRLs and certificates.
    pub others: u64,
}

impl Answered {
    /// All of them.
    pub fn all(self) -> u64 {
        self.timestamps + self.ocsp + self.others
    }
}

impl Place {
    /// Makes everything in a folder.
    pub fn make(folder: &Path) -> Result<Place> {
        let this = std::env::current_exe()?;
        let release = this.parent().and_then(Path::parent).context("this program lies nowhere")?;
        let program = release.join("undersign");
        ensure!(program.is_file(), "{} is not built: cargo build --release", program.display());
        // Somebody else may take the port in between; the measurement then fails loudly.
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        let place = Place { program, folder: folder.to_owned(), address };
        std::fs::create_dir_all(folder)?;
        std::fs::write(place.file("pass.txt"), "a passphrase to measure with\n")?;
        let cheap = ["--kdf-memory", "8", "--kdf-passes", "1"];
        let base = place.url("");
        let init = ["authority", "init", "--name", "Example Authority", "--base-url", &base];
        std::fs::write(place.file("root.pem"), place.run(&[&init[..], &cheap].concat(), &[0])?.stdout)?;
        place.run(&["authority", "appoint", "ocsp"], &[0])?;
        place.run(&["authority", "appoint", "timestamp"], &[0])?;
        place.run(&[&["init", "--name", "Ada Example"][..], &cheap].concat(), &[0])?;
        std::fs::write(place.file("request.pem"), place.run(&["identity", "csr"], &[0])?.stdout)?;
        place.run(&["authority", "issue", "request.pem", "-o", "ada.pem"], &[0])?;
        place.run(&["identity", "import", "ada.pem"], &[0])?;
        // Only the authority is trusted: what it says about the identity is to count.
        for anchor in std::fs::read_dir(place.file("home/trust"))? {
            std::fs::remove_file(anchor?.path())?;
        }
        place.run(&["trust", "add", "root.pem"], &[0])?;
        Ok(place)
    }

    /// A file in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The address of a service.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Where the authority listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Our program in the folder, not yet started.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).args(["--home", "home"]).args(words).stdin(Stdio::null());
        if !words.iter().any(|word| ["sync", "pending", "verify", "trust"].contains(word)) {
            command.args(["--passphrase-file", "pass.txt"]);
        }
        command
    }

    /// Runs our program to its end.
    pub fn run(&self, words: &[&str], expected: &[i32]) -> Result<Output> {
        let output = self.command(words).output().context("undersign does not start")?;
        if !output.status.code().is_some_and(|code| expected.contains(&code)) {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("undersign {words:?}: {}: {}", output.status, said.trim());
        }
        Ok(output)
    }

    /// Starts to serve.
    pub fn serve(&self) -> Result<Server> {
        let mut command = self.command(&["serve", "authority", "--address", &self.address]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().context("the server says nothing")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let server = Server(child);
        ensure!(line.trim() == self.url(""), "the server says {line:?} instead of its address");
        Ok(server)
    }

    /// Files in a folder here, by name.
    pub fn files(&self, folder: &str, extension: &str) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(self.file(folder))? {
            let path = entry?.path();
            if path.extension().is_some_and(|one| one == extension) {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

impl Server {
    /// Stops, and says how many requests were answered.
    pub fn stop(mut self) -> Result<Answered> {
        Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status()?;
        let mut said = String::new();
        if let Some(stderr) = &mut self.0.stderr {
            stderr.read_to_string(&mut said)?;
        }
        self.0.wait()?;
        let line = said.lines().find_map(|line| line.split_once("answered ")).context("no totals")?.1;
        let mut numbers = line.split(|one: char| !one.is_ascii_digit()).filter_map(|word| word.parse().ok());
        let mut next = || numbers.next().context("no totals");
        Ok(Answered { timestamps: next()?, ocsp: next()?, others: next()? })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
