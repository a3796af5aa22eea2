//! Installs and sets up the peers that judge our files and whose files we judge: EU DSS, pyHanko, poppler's
//! `pdfsig`, OpenSSL and qpdf. Idempotent: what is there and unchanged is left alone.

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
    Tool { name: "openssl", version: &["version"], packages: &["openssl"] },
    Tool { name: "javac", version: &["-version"], packages: &["default-jdk-headless"] },
    Tool { name: "mvn", version: &["-v", "-Dstyle.color=never"], packages: &["maven"] },
    Tool { name: "python3", version: &["--version"], packages: &["python3", "python3-venv"] },
];

/// Where the peers live, from the root of the repository.
const PLACE: &str = "target/peers";

/// Installs what is missing and says what is there.
pub fn set_up() -> Result<()> {
    install_packages()?;
    fs::create_dir_all(root().join(PLACE)).context("could not make target/peers")?;
    set_up_pyhanko()?;
    set_up_dss()?;
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
    if !dss_program().is_file() {
        missing.push("EU DSS");
    }
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
    eprintln!("  {:<9} {}", "EU DSS", dss_version().unwrap_or_else(|| "missing".to_owned()));
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

fn dss_program() -> PathBuf {
    root().join(PLACE).join("dss/dss-peer.jar")
}

fn dss_version() -> Option<String> {
    let libraries = fs::read_dir(root().join(PLACE).join("dss/lib")).ok()?;
    let names = libraries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let name = names.into_iter().find(|name| name.starts_with("dss-pades-") && !name.contains("pdfbox"))?;
    Some(name.trim_start_matches("dss-pades-").trim_end_matches(".jar").to_owned())
}

fn set_up_dss() -> Result<()> {
    let project = root().join("tests/interop/dss");
    let mut wanted = contents(&project.join("pom.xml"))?;
    let sources = fs::read_dir(project.join("src/main/java")).context("no sources of the DSS peer")?;
    let mut sources: Vec<PathBuf> = sources.flatten().map(|entry| entry.path()).collect();
    sources.sort();
    for source in &sources {
        wanted.push_str(&contents(source)?);
    }
    let stamp = root().join(PLACE).join("dss.stamp");
    if is_fresh(&stamp, &wanted) && dss_program().is_file() {
        return Ok(());
    }
    let place = root().join(PLACE).join("dss");
    // A jar of an earlier version left in the folder would be found first.
    if place.exists() {
        fs::remove_dir_all(&place).context("could not clear target/peers/dss")?;
    }
    run(program("mvn")
        .args([
            "--quiet",
            "--batch-mode",
            "-Dstyle.color=never",
            "--file",
            "tests/interop/dss/pom.xml",
            "package",
        ])
        .arg(format!("-Dpeers.dir={}", place.display())))?;
    fs::write(&stamp, wanted).context("could not write dss.stamp")
}

fn contents(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))
}

fn is_fresh(stamp: &Path, wanted: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|found| found == wanted)
}
