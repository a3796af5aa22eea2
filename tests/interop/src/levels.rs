//! Signed files of every level and format, made by pyHanko, EU DSS and OpenSSL on the [`Timeline`].

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::fields::text;
use crate::peer::answered;
use crate::pki::PASSPHRASE;
use crate::timeline::{self, Timeline, moved};

/// What a file is, which says who can judge it and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A signed PDF.
    Pades,
    /// CMS, enveloping or detached.
    Cades,
    /// An XML signature.
    Xades,
    /// An ASiC container.
    Asic,
    /// A time-stamp token, detached.
    Token,
}

/// A file to judge.
#[derive(Clone, Debug)]
pub struct Signed {
    /// `<maker>-<format>-<signer>-<level>`.
    pub case: String,
    /// What it is.
    pub format: Format,
    /// The signed file.
    pub file: PathBuf,
    /// What a detached signature is over.
    pub content: Option<PathBuf>,
}

/// A level, and what the makers are asked for: the level that is signed at once and the archive timestamps.
#[derive(Clone, Copy)]
struct Level {
    name: &'static str,
    at_once: &'static str,
    archives: usize,
}

const LEVELS: [Level; 5] = [
    Level { name: "b", at_once: "B", archives: 0 },
    Level { name: "t", at_once: "T", archives: 0 },
    Level { name: "lt", at_once: "LT", archives: 0 },
    Level { name: "lta", at_once: "LT", archives: 1 },
    Level { name: "renewed", at_once: "LT", archives: 2 },
];

/// Whose key signs, who stamps, whether the signer's status is told by OCSP.
#[derive(Clone, Copy)]
struct People {
    name: &'static str,
    signer: &'static str,
    tsa: &'static str,
    ocsp: bool,
}

const GOOD: People = People { name: "good", signer: "good", tsa: "tsa", ocsp: true };
const PEOPLE: [People; 5] = [
    GOOD,
    People { name: "crl", signer: "good", tsa: "tsa", ocsp: false },
    People { name: "early", signer: "early", tsa: "tsa", ocsp: true },
    People { name: "late", signer: "late", tsa: "tsa", ocsp: true },
    People { name: "tsalate", signer: "good", tsa: "tsa-late", ocsp: true },
];

/// Everything that is signed on one timeline.
pub struct Workshop<'a> {
    /// Who signs.
    pub timeline: &'a Timeline,
    /// Where files go.
    pub folder: &'a Path,
    /// What is signed as PDF.
    pub pdf: PathBuf,
    /// Which cases are wanted.
    pub wanted: fn(&str) -> bool,
}

impl Workshop<'_> {
    /// Files of all makers.
    pub fn sign_all(&self) -> Result<Vec<Signed>> {
        let (pyhanko, dss) = std::thread::scope(|scope| {
            let dss = scope.spawn(|| self.by_dss());
            (self.by_pyhanko(), dss.join())
        });
        let mut signed = pyhanko?;
        signed.extend(dss.map_err(|_| anyhow::anyhow!("the thread that drives DSS panicked"))??);
        signed.extend(self.by_openssl()?);
        signed.push(self.token_by_openssl()?);
        signed.retain(|one| (self.wanted)(&one.case));
        Ok(signed)
    }

    fn data(&self, name: &str) -> Result<PathBuf> {
        let file = self.folder.join(name);
        let text = if name.ends_with(".xml") {
            "<contract><party>buyer</party><party>seller</party></contract>\n".to_owned()
        } else {
            format!("The parties agree ({name}).\n")
        };
        fs::write(&file, text)?;
        Ok(file)
    }

    /// The members that all jobs share.
    fn job(&self, case: &str, people: People, level: Level, out: &Path) -> Value {
        let step = |label: &str, now: &str, ocsp: bool| {
            let responses = if ocsp {
                vec![self.timeline.file(&format!("{}@signed.ocsp", people.signer))]
            } else {
                vec![]
            };
            json!({
                "trust": [self.timeline.root()], "chain": [self.timeline.chain()],
                "crl": self.timeline.lists(label), "ocsp": responses, "now": moved(now),
            })
        };
        let archives = [
            json!({
                "tsa": self.timeline.unit("archive", timeline::ARCHIVED), "field": "Archive1",
                "step": step("signed", timeline::ARCHIVED, people.ocsp),
            }),
            json!({
                "tsa": self.timeline.unit("renewal", timeline::RENEWED), "field": "Archive2",
                "step": step("renewed", timeline::RENEWED, false), "renewal": true,
            }),
        ];
        json!({
            "id": case, "op": "sign-level", "level": level.at_once, "out": out, "at": moved(timeline::SIGNED),
            "p12": self.timeline.file(&format!("{}.p12", people.signer)), "p12Password": PASSPHRASE,
            "tsa": self.timeline.unit(people.tsa, timeline::STAMPED),
            "step": step("signed", timeline::COMPLETED, people.ocsp),
            "archives": archives.get(..level.archives),
        })
    }

    fn by_pyhanko(&self) -> Result<Vec<Signed>> {
        let (mut jobs, mut signed): (Vec<Value>, Vec<Signed>) = (Vec::new(), Vec::new());
        for people in PEOPLE {
            for level in LEVELS {
                // A signer known to be revoked gets no revocation data embedded.
                if people.signer == "early" && level.at_once == "LT" {
                    continue;
                }
                let case = format!("pyhanko-pades-{}-{}", people.name, level.name);
                let file = self.folder.join(format!("{case}.pdf"));
                let mut job = self.job(&case, people, level, &file);
                job["file"] = json!(self.pdf);
                jobs.push(job);
                signed.push(Signed { case, format: Format::Pades, file, content: None });
            }
        }
        for packaging in ["detached", "enveloping"] {
            for level in &LEVELS[..2] {
                let case = format!("pyhanko-cades-{packaging}-{}", level.name);
                let data = self.data(&case)?;
                let file = with_end(&data, if packaging == "detached" { "p7s" } else { "p7m" });
                let mut job = self.job(&case, GOOD, *level, &file);
                job["file"] = json!(data);
                job["format"] = json!("cades");
                job["packaging"] = json!(packaging);
                jobs.push(job);
                let content = (packaging == "detached").then_some(data);
                signed.push(Signed { case, format: Format::Cades, file, content });
            }
        }
        jobs.retain(|job| (self.wanted)(text(job, "id")));
        signed.retain(|one| (self.wanted)(&one.case));
        answered(&crate::pyhanko::run(&jobs)?)?;
        Ok(signed)
    }

    fn by_dss(&self) -> Result<Vec<Signed>> {
        let (mut jobs, mut signed): (Vec<Value>, Vec<Signed>) = (Vec::new(), Vec::new());
        for (format, packaging, end) in [
            ("pades", "", "pdf"),
            ("cades", "ENVELOPING", "p7m"),
            ("cades", "DETACHED", "p7s"),
            ("xades", "ENVELOPED", "xml"),
            ("xades", "ENVELOPING", "xml"),
            ("asic-s-cades", "", "asics"),
            ("asic-e-cades", "", "asice"),
            ("asic-s-xades", "", "asics"),
            ("asic-e-xades", "", "asice"),
        ] {
            let people = if format == "pades" { &PEOPLE[..] } else { &PEOPLE[..1] };
            for (people, level) in people.iter().flat_map(|people| LEVELS.map(|level| (*people, level))) {
                let kind = [format, &packaging.to_lowercase()].join("-");
                let case = format!("dss-{}-{}-{}", kind.trim_end_matches('-'), people.name, level.name);
                let (mut job, one) = self.dss_job(&case, people, level, (format, end))?;
                if !packaging.is_empty() {
                    job["packaging"] = json!(packaging);
                }
                jobs.push(job);
                signed.push(one);
            }
        }
        jobs.retain(|job| (self.wanted)(text(job, "id")));
        signed.retain(|one| (self.wanted)(&one.case));
        answered(&crate::dss::run(&jobs)?)?;
        Ok(signed)
    }

    fn dss_job(
        &self,
        case: &str,
        people: People,
        level: Level,
        (format, end): (&str, &str),
    ) -> Result<(Value, Signed)> {
        let data = match format {
            "pades" => self.pdf.clone(),
            "xades" => self.data(&format!("{case}-data.xml"))?,
            _ => self.data(case)?,
        };
        let mut files = vec![data.clone()];
        if format.starts_with("asic-e") {
            files.push(self.data("annex.txt")?);
        }
        let file =
            if format == "cades" { with_end(&data, end) } else { self.folder.join(format!("{case}.{end}")) };
        let mut job = self.job(case, people, level, &file);
        job["files"] = json!(files);
        job["format"] = json!(format);
        let kind = match format {
            "pades" => Format::Pades,
            "cades" => Format::Cades,
            "xades" => Format::Xades,
            _ => Format::Asic,
        };
        let content = (end == "p7s").then_some(data);
        Ok((job, Signed { case: case.to_owned(), format: kind, file, content }))
    }

    /// `openssl cms -sign -cades`, whose claimed time is that of the machine.
    fn by_openssl(&self) -> Result<Vec<Signed>> {
        let mut signed = Vec::new();
        for packaging in ["detached", "enveloping"] {
            let case = format!("openssl-cades-{packaging}-b");
            let data = self.data(&case)?;
            let file = with_end(&data, if packaging == "detached" { "p7s" } else { "p7m" });
            let mut command = Command::new("openssl");
            command
                .args(["cms", "-sign", "-binary", "-cades", "-outform", "DER", "-md", "sha256", "-signer"])
                .arg(self.timeline.file("good.pem"))
                .arg("-inkey")
                .arg(self.timeline.file("good.key"))
                .arg("-certfile")
                .arg(self.timeline.chain())
                .arg("-in")
                .arg(&data)
                .arg("-out")
                .arg(&file);
            if packaging == "enveloping" {
                command.arg("-nodetach");
            }
            run(&mut command)?;
            let content = (packaging == "detached").then_some(data);
            signed.push(Signed { case, format: Format::Cades, file, content });
        }
        Ok(signed)
    }

    /// A token of `openssl ts -reply`, whose time is that of the machine.
    fn token_by_openssl(&self) -> Result<Signed> {
        let case = "openssl-token".to_owned();
        let data = self.data(&case)?;
        let (query, file) = (self.folder.join("query.tsq"), with_end(&data, "tst"));
        let configuration = self.folder.join("ts.cnf");
        let words = "[tsa]\ndefault_tsa = unit\n[unit]\nserial = serial\ndefault_policy = 1.2.3.4.1\n\
             digests = sha256\nordering = no\ntsa_name = no\ness_cert_id_chain = no\ness_cert_id_alg = sha256\n\
             signer_digest = sha256\n";
        fs::write(&configuration, words)?;
        fs::write(self.folder.join("serial"), "01\n")?;
        run(Command::new("openssl")
            .args(["ts", "-query", "-sha256", "-cert", "-data"])
            .arg(&data)
            .arg("-out")
            .arg(&query))?;
        run(Command::new("openssl")
            .current_dir(self.folder)
            .args(["ts", "-reply", "-token_out", "-config"])
            .arg(&configuration)
            .arg("-queryfile")
            .arg(&query)
            .arg("-signer")
            .arg(self.timeline.file("clock.pem"))
            .arg("-inkey")
            .arg(self.timeline.file("clock.key"))
            .arg("-chain")
            .arg(self.timeline.chain())
            .arg("-out")
            .arg(&file))?;
        Ok(Signed { case, format: Format::Token, file, content: Some(data) })
    }
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().context("could not start openssl")?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// The name of the signed data with another end behind it.
fn with_end(data: &Path, end: &str) -> PathBuf {
    PathBuf::from(format!("{}.{end}", data.display()))
}
