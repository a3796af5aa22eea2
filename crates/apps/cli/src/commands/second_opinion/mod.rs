//! Second opinions: another verifier that is installed judges the same file, with the same anchors and at the same time
//! where it can. Its answer is shown beside ours and never changes it.

mod answer;
mod child;
mod dss;
mod pdfsig;
mod place;
mod pyhanko;

use super::telling::Additions;
use crate::error::Failure;
use answer::{Answer, compare};
use child::Keeper;
use clap::{Args, ValueEnum};
use pkix::TrustAnchor;
use std::path::{Path, PathBuf};
use std::time::Duration;
use types::Time;
use undersign::evidence::Evidence;
use undersign::validation::Verdict;

/// Whom to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum PeerName {
    /// pyHanko, a Python library
    Pyhanko,
    /// EU DSS, a Java library
    Dss,
    /// pdfsig of poppler; judges as of now only
    Pdfsig,
}

/// Options about second opinions.
#[derive(Clone, Debug, Args)]
pub struct OpinionOptions {
    /// Also ask another verifier that is installed; may be given several times (docs/guide/second-opinion.md)
    #[arg(long, value_name = "PEER")]
    second_opinion: Vec<PeerName>,
    /// How long another verifier may take for a file
    #[arg(long, value_name = "SECONDS", default_value_t = 120, hide_short_help = true)]
    second_opinion_seconds: u64,
}

/// The verifiers to ask, all of them there.
pub struct Opinions {
    peers: Vec<Peer>,
    keeper: Keeper,
}

enum Peer {
    PyHanko(PathBuf),
    Dss(dss::Dss),
    Pdfsig(pdfsig::Pdfsig),
}

/// What is asked.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// About which file.
    pub file: &'a Path,
    /// Who is trusted.
    pub anchors: &'a [TrustAnchor],
    /// As of when; now if nothing is said.
    pub at: Option<Time>,
    /// The password of the document.
    pub password: Option<&'a [u8]>,
}

/// A question with files that another process can read.
struct Prepared<'a> {
    file: PathBuf,
    anchors: Vec<PathBuf>,
    at: Option<Time>,
    password: Option<&'a str>,
    /// A folder of its own, removed in the end.
    folder: &'a Path,
}

impl OpinionOptions {
    /// Looks for the verifiers.
    pub fn peers(&self) -> Result<Opinions, Failure> {
        let mut names = self.second_opinion.clone();
        names.sort_unstable();
        names.dedup();
        let peers = names.into_iter().map(PeerName::find).collect::<Result<Vec<_>, _>>()?;
        let keeper = match peers.is_empty() {
            true => Keeper::idle(),
            false => Keeper::new(Duration::from_secs(self.second_opinion_seconds)),
        };
        Ok(Opinions { peers, keeper })
    }
}

impl PeerName {
    fn as_str(self) -> &'static str {
        match self {
            PeerName::Pyhanko => "pyhanko",
            PeerName::Dss => "dss",
            PeerName::Pdfsig => "pdfsig",
        }
    }

    fn find(self) -> Result<Peer, Failure> {
        let (found, hint) = match self {
            PeerName::Pyhanko => (
                pyhanko::find().map(Peer::PyHanko),
                "install it with: pip install pyhanko, or name a Python that has it in UNDERSIGN_PYHANKO",
            ),
            PeerName::Dss => (
                dss::Dss::find().map(Peer::Dss),
                "install Java and build the DSS peer with: cargo xtask peers; name its folder or class path in \
                 UNDERSIGN_DSS",
            ),
            PeerName::Pdfsig => (
                pdfsig::Pdfsig::find().map(Peer::Pdfsig),
                "install pdfsig and certutil, in Debian: apt install poppler-utils libnss3-tools",
            ),
        };
        found.ok_or_else(|| Failure::usage(format!("{} is not installed", self.as_str()), hint))
    }
}

impl Peer {
    fn name(&self) -> PeerName {
        match self {
            Peer::PyHanko(_) => PeerName::Pyhanko,
            Peer::Dss(_) => PeerName::Dss,
            Peer::Pdfsig(_) => PeerName::Pdfsig,
        }
    }

    fn ask(&self, question: &Prepared<'_>, keeper: &Keeper) -> Result<Answer, String> {
        match self {
            Peer::PyHanko(python) => pyhanko::ask(python, question, keeper),
            Peer::Dss(dss) => dss.ask(question, keeper),
            Peer::Pdfsig(pdfsig) => pdfsig.ask(question, keeper),
        }
    }
}

impl Opinions {
    /// Asks all of them about a file; whatever they say or fail to say is an addition to our report.
    pub fn ask(
        &self,
        question: &Question<'_>,
        evidence: &Evidence,
        verdict: &Verdict,
    ) -> Result<Additions, Failure> {
        let mut additions = Additions::default();
        if self.peers.is_empty() {
            return Ok(additions);
        }
        let folder = tempfile::Builder::new().prefix("undersign-").tempdir().map_err(|error| {
            Failure::objection(
                "second-opinion.folder",
                format!("no folder for temporary files can be made: {error}"),
                "check the space in the folder for temporary files",
            )
        })?;
        let mut members = Vec::new();
        for peer in &self.peers {
            let answer =
                prepare(question, folder.path()).and_then(|prepared| peer.ask(&prepared, &self.keeper));
            let compared = compare(peer.name().as_str(), &answer, evidence, verdict);
            if compared.differences > 0 {
                let (count, file) = (compared.differences, question.file.display());
                let name = peer.name().as_str();
                additions.notes.push(format!("note: {name} differs on {count} signatures of {file}"));
            }
            additions.lines.extend(compared.lines);
            members.push(compared.member);
        }
        additions.members.push(("secondOpinions", members.into()));
        Ok(additions)
    }
}

fn prepare<'a>(question: &Question<'a>, folder: &'a Path) -> Result<Prepared<'a>, String> {
    let failed = |error: std::io::Error| format!("the question cannot be written: {error}");
    let mut anchors = Vec::new();
    for (index, anchor) in question.anchors.iter().enumerate() {
        let Some(certificate) = anchor.certificate() else { continue };
        let path = folder.join(format!("anchor-{index}.pem"));
        std::fs::write(&path, certificate.to_pem()).map_err(failed)?;
        anchors.push(path);
    }
    let password = question.password.map(std::str::from_utf8).transpose();
    Ok(Prepared {
        // Absolute, so that no name is taken for an option.
        file: std::fs::canonicalize(question.file).map_err(failed)?,
        anchors,
        at: question.at,
        password: password.map_err(|_| "the password is not UTF-8".to_owned())?,
        folder,
    })
}
