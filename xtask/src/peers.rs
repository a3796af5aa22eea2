//! Installs and sets up the peers that judge our files and whose files we judge: EU DSS, pyHanko, poppler's
//! `pdfsig`, OpenSSL, qpdf, veraPDF and Go's `sumdb`. Idempotent: what is there and unchanged is left alone.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::command::{first_line, program, root, run, succeeds};

/// A program that must be on the path, how to ask its version, and the Debian packages that bring it.
struct Tool {
    name: &'static str,
    version: &'static [&'static str],
    packages: &'static [&'static str],
}

const TOOLS: &[Tool] = &[
    Tool { name: "qpdf", version: &["--version"], packages: &["qpdf"] },
    Tool { name: "pdfsig", version: &["-v"], packages: &["poppler-utils"] },
    Tool { name: "certutil", version: &["--version"], packages: &["libnss3-tools"] },
    Tool { name: "xmllint", version: &["--version"], packages: &["libxml2-utils"] },
    Tool { name: "unzip", version: &["-v"], packages: &["unzip"] },
    Tool { name: "unshare", version: &["--version"], packages: &["util-linux"] },
    Tool { name: "ip", version: &["-V"], packages: &["iproute2"] },
    Tool { name: "openssl", version: &["version"], packages: &["openssl"] },
    Tool { name: "javac", version: &["-version"], packages: &["default-jdk-headless"] },
    Tool { name: "mvn", version: &["-v", "-Dstyle.color=never"], packages: &["maven"] },
    Tool { name: "python3", version: &["--version"], packages: &["python3", "python3-venv"] },
    Tool { name: "go", version: &["version"], packages: &["golang-go"] },
];

/// Where the peers live, from the root of the repository.
const PLACE: &str = "target/peers";

/// Installs what is missing and says what is there.
pub fn set_up() -> Result<()> {
    install_packages()?;
    fs::create_dir_all(root().join(PLACE)).context("could not make target/peers")?;
    set_up_pyhanko()?;
    JAVA_PEERS.iter().try_for_each(JavaPeer::set_up)?;
    set_up_go_tlog()?;
    report();
    Ok(())
}

/// Says what is there; fails when something is missing.
pub fn check() -> Result<()> {
    report();
    let missing = missing();
    if !missing.is_empty() {
        bail!("missing: {}; run `cargo xtask peers`", missing.join(", "));
    }
    Ok(())
}

fn missing() -> Vec<&'static str> {
    let mut missing: Vec<&str> = TOOLS.iter().filter(|tool| !is_there(tool)).map(|tool| tool.name).collect();
    if !pyhanko_program().is_file() {
        missing.push("pyHanko");
    }
    if !go_tlog_program().is_file() {
        missing.push("go-tlog");
    }
    missing.extend(JAVA_PEERS.iter().filter(|peer| !peer.program().is_file()).map(|peer| peer.title));
    missing
}

fn is_there(tool: &Tool) -> bool {
    // Debian's python3 comes without what `python3 -m venv` needs.
    let is_whole = tool.name != "python3" || succeeds("python3", &["-c", "import ensurepip, venv"]);
    is_whole && first_line(tool.name, tool.version).is_some()
}

fn report() {
    for tool in TOOLS {
        let version = first_line(tool.name, tool.version).unwrap_or_else(|| "missing".to_owned());
        eprintln!("  {:<9} {version}", tool.name);
    }
    eprintln!("  {:<9} {}", "pyHanko", pyhanko_version().unwrap_or_else(|| "missing".to_owned()));
    eprintln!("  {:<9} {}", "go-tlog", go_tlog_version().unwrap_or_else(|| "missing".to_owned()));
    for peer in &JAVA_PEERS {
        eprintln!("  {:<9} {}", peer.title, peer.version().unwrap_or_else(|| "missing".to_owned()));
    }
}

fn install_packages() -> Result<()> {
    let mut packages: Vec<&str> = Vec::new();
    for tool in TOOLS.iter().filter(|tool| !is_there(tool)) {
        packages.extend(tool.packages);
    }
    if packages.is_empty() {
        return Ok(());
    }
    run(apt().arg("update"))?;
    run(apt().args(["install", "-y", "--no-install-recommends"]).args(&packages))
}

/// `apt-get`, through `sudo` for everybody but root.
fn apt() -> std::process::Command {
    let is_root = first_line("id", &["-u"]).is_some_and(|id| id == "0");
    let mut command = if is_root { program("apt-get") } else { program("sudo") };
    if !is_root {
        command.arg("apt-get");
    }
    command.arg("-q").env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn pyhanko_program() -> PathBuf {
    root().join(PLACE).join("venv/bin/python")
}

fn pyhanko_version() -> Option<String> {
    let python = pyhanko_program();
    first_line(
        &python.to_string_lossy(),
        &["-c", "import importlib.metadata as m; print(m.version('pyHanko'))"],
    )
}

fn set_up_pyhanko() -> Result<()> {
    let requirements = "tests/interop/pyhanko/requirements.txt";
    let wanted = format!(
        "{}\n{}",
        first_line("python3", &["--version"]).unwrap_or_default(),
        contents(&root().join(requirements))?
    );
    let stamp = root().join(PLACE).join("venv.stamp");
    if is_fresh(&stamp, &wanted) && pyhanko_program().is_file() {
        return Ok(());
    }
    let venv = root().join(PLACE).join("venv");
    run(program("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    let pip = venv.join("bin/pip");
    run(program(&pip.to_string_lossy()).args(["install", "--quiet", "--requirement", requirements]))?;
    fs::write(&stamp, wanted).context("could not write venv.stamp")
}

/// The folder of the program over `golang.org/x/mod/sumdb`.
const GO_TLOG: &str = "tests/interop/go-tlog";

fn go_tlog_program() -> PathBuf {
    root().join(PLACE).join("go-tlog/go-tlog")
}

/// The module that it is built over, as it says itself.
fn go_tlog_version() -> Option<String> {
    let output = program("go").args(["version", "-m"]).arg(go_tlog_program()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find(|line| line.contains("golang.org/x/mod"))?;
    line.split_whitespace().nth(2).map(|version| format!("golang.org/x/mod {version}"))
}

fn set_up_go_tlog() -> Result<()> {
    let mut wanted = first_line("go", &["version"]).unwrap_or_default();
    for file in ["go.mod", "go.sum", "main.go"] {
        wanted.push_str(&contents(&root().join(GO_TLOG).join(file))?);
    }
    let stamp = root().join(PLACE).join("go-tlog.stamp");
    if is_fresh(&stamp, &wanted) && go_tlog_program().is_file() {
        return Ok(());
    }
    let mut build = program("go");
    build.current_dir(root().join(GO_TLOG)).args(["build", "-trimpath", "-buildvcs=false", "-o"]);
    run(build.arg(go_tlog_program()).arg("."))?;
    fs::write(&stamp, wanted).context("could not write go-tlog.stamp")
}

/// A peer that is a small Maven project of ours over released artifacts.
struct JavaPeer {
    title: &'static str,
    /// Its folder, below `tests/interop` and below [`PLACE`].
    folder: &'static str,
    /// The artifact whose version is its version.
    artifact: &'static str,
}

const JAVA_PEERS: [JavaPeer; 2] = [
    JavaPeer { title: "EU DSS", folder: "dss", artifact: "dss-pades" },
    JavaPeer { title: "veraPDF", folder: "verapdf", artifact: "validation-model" },
];

impl JavaPeer {
    fn place(&self) -> PathBuf {
        root().join(PLACE).join(self.folder)
    }

    fn program(&self) -> PathBuf {
        self.place().join(format!("{}-peer.jar", self.folder))
    }

    fn version(&self) -> Option<String> {
        let libraries = fs::read_dir(self.place().join("lib")).ok()?;
        let names = libraries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let version = |name: String| {
            let rest = name.strip_prefix(self.artifact)?.strip_prefix('-')?.strip_suffix(".jar")?.to_owned();
            rest.starts_with(|first: char| first.is_ascii_digit()).then_some(rest)
        };
        names.into_iter().find_map(version)
    }

    fn set_up(&self) -> Result<()> {
        let project = root().join("tests/interop").join(self.folder);
        let mut wanted = contents(&project.join("pom.xml"))?;
        let sources = fs::read_dir(project.join("src/main/java"))
            .with_context(|| format!("no sources of the peer {}", self.title))?;
        let mut sources: Vec<PathBuf> = sources.flatten().map(|entry| entry.path()).collect();
        sources.sort();
        for source in &sources {
            wanted.push_str(&contents(source)?);
        }
        let stamp = root().join(PLACE).join(format!("{}.stamp", self.folder));
        if is_fresh(&stamp, &wanted) && self.program().is_file() {
            return Ok(());
        }
        let place = self.place();
        // A jar of an earlier version left in the folder would be found first.
        if place.exists() {
            fs::remove_dir_all(&place).with_context(|| format!("could not clear {}", place.display()))?;
        }
        run(program("mvn")
            .args(["--quiet", "--batch-mode", "-Dstyle.color=never", "--file"])
            .arg(project.join("pom.xml"))
            .arg("package")
            .arg(format!("-Dpeers.dir={}", place.display())))?;
        fs::write(&stamp, wanted).with_context(|| format!("could not write {}", stamp.display()))
    }
}

fn contents(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))
}

fn is_fresh(stamp: &Path, wanted: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|found| found == wanted)
}
