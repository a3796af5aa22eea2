//! A folder with the contract, a passphrase and a home, and the program run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder, removed when dropped.
pub struct Bench {
    folder: tempfile::TempDir,
}

/// How a run ended.
pub struct Output {
    /// The exit code; −1 if killed.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Bench {
    /// With `contract.pdf` and `pass.txt` in it.
    pub fn new() -> Bench {
        let bench = Bench { folder: tempfile::tempdir().expect("there is a place for temporary files") };
        bench.write("contract.pdf", include_bytes!("../../assets/contract.pdf"));
        bench.write("pass.txt", b"correct horse battery staple\n");
        bench
    }

    /// The path of a file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.path(name), content).expect("files can be written");
    }

    /// Reads a file.
    #[allow(dead_code, reason = "each test program uses some of these")]
    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("the file is there")
    }

    /// The program with these arguments, not yet started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_undersign"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().expect("the program starts");
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Makes a vault that costs little to open.
    pub fn init(&self) {
        let output = self.run(&[
            "init",
            "--name",
            "Ada Example",
            "--passphrase-file",
            "pass.txt",
            "--kdf-memory",
            "1",
            "--kdf-passes",
            "1",
        ]);
        assert_eq!(output.code, 0, "{}", output.stderr);
    }

    /// Signs a document; it must succeed.
    #[allow(dead_code, reason = "each test program uses some of these")]
    pub fn sign(&self, input: &str, output: &str, more: &[&str]) {
        let fixed = ["sign", input, "-o", output, "--accept", "--passphrase-file", "pass.txt"];
        let result = self.run(&[&fixed[..], more].concat());
        assert_eq!(result.code, 0, "{}", result.stderr);
    }

    /// Names of all files in the folder, sorted.
    #[allow(dead_code, reason = "each test program uses some of these")]
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("the folder is there");
        let name = |path: PathBuf| Path::new(path.file_name()?).to_str().map(str::to_owned);
        let mut names: Vec<String> = entries.filter_map(|entry| name(entry.ok()?.path())).collect();
        names.sort();
        names
    }
}
