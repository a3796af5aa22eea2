//! Verifying files with validation data and timestamps (PAdES B-LTA) that pyHanko made, against pyHanko and EU DSS.

use crate::curves::{Step, grown};
use crate::dss::Dss;
use crate::material;
use crate::measure::{Clock, Contestant, Turns, here, median, processor_time};
use crate::options::Options;
use crate::pyhanko::PyHanko;
use crate::row::{Goal, Reference, Row, Table, Unit};
use anyhow::{Context as _, Result};
use path::VerifiedLinks;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use types::Time;
use undersign::pkix::{TrustAnchor, read_certificates};
use undersign::{Budget, Trust};

/// Measures.
pub fn run(options: &Options, table: &mut Table) -> Result<()> {
    table.section("Library, 27 KB with a B-LTA signature, one core (processor time)");
    let folder = tempfile::tempdir()?;
    let Some(mut peer) = PyHanko::start(folder.path())? else {
        table.note("pyHanko is not installed: nothing to measure (`cargo xtask peers`)");
        return Ok(());
    };
    let unsigned = folder.path().join("unsigned.pdf");
    std::fs::write(&unsigned, material::document_27_kb())?;
    let made = |name: &str| folder.path().join(name);
    let (file, root) = (made("archive.pdf"), made("archive-root.pem"));
    peer.archive(&unsigned, &file, folder.path(), 1, &[])?;
    rates(options, table, &file, &root, &mut peer)?;
    let sizes = options.sized([1, 10, 50, 100, 200].as_slice(), &[1, 5]);
    let most = sizes.last().copied().unwrap_or(1);
    let large = made("large.pdf");
    peer.archive(&unsigned, &large, folder.path(), most, sizes)?;
    let files: Vec<(usize, PathBuf)> =
        sizes.iter().map(|size| (*size, made(&format!("timestamped-{size}.pdf")))).collect();
    table.section("Growth with signatures that each have a timestamp (processor time)");
    growth(options, table, &files, &root)
}

fn trust(root: &Path, links: usize) -> Result<Trust> {
    let roots = read_certificates(&std::fs::read(root)?, &mut Budget::default())?;
    let anchors = roots.into_iter().map(TrustAnchor::from_certificate).collect();
    Ok(Trust { anchors, links: Arc::new(VerifiedLinks::with_capacity(links)), ..Trust::default() })
}

fn now() -> Result<Time> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock stands before 1970")?;
    Ok(Time::from_unix(i64::try_from(seconds.as_secs())?))
}

fn rates(options: &Options, table: &Table, file: &Path, root: &Path, peer: &mut PyHanko) -> Result<()> {
    let (bytes, at, cold, warm) = (std::fs::read(file)?, now()?, trust(root, 0)?, trust(root, 100)?);
    let ours = |trust: &Trust| material::judge(&bytes, trust, at).map(|_| ());
    let turns = Turns { rounds: options.sized(30, 3), turn: 0.05, clock: Clock::Processor };
    let versus = |what: &str, peer: Contestant<'_>, title: &'static str, goal: f64| {
        let times = turns.take(&mut [here(|| ours(&cold)), here(|| ours(&warm)), peer])?;
        for (index, links) in [(0, "chains unknown"), (1, "chains seen before")] {
            table.row(&Row {
                what: format!("{what}, {links}"),
                value: 1.0 / times.median(index),
                unit: Unit::PerSecond,
                reference: Some(Reference {
                    what: title,
                    value: 1.0 / times.median(2),
                    ratio: times.ratio(2, index),
                }),
                goal: Some(Goal::RatioAtLeast(goal)),
            });
        }
        Ok::<_, anyhow::Error>(())
    };
    versus("verify B-LTA", peer.verifying_archive(file, root), "pyHanko API", 30.0)?;
    match Dss::start()? {
        Some(mut dss) => versus("verify B-LTA", dss.judging(file, root)?, "EU DSS, warm", 5.0),
        None => {
            table.note("EU DSS is not installed: its row is absent (`cargo xtask peers`)");
            Ok(())
        }
    }
}

fn growth(options: &Options, table: &Table, files: &[(usize, PathBuf)], root: &Path) -> Result<()> {
    let (trust, at) = (trust(root, 100)?, now()?);
    let mut steps = Vec::new();
    for (size, file) in files {
        let bytes = std::fs::read(file)?;
        let mut times = Vec::new();
        for _ in 0..options.sized(5, 1) {
            let start = processor_time();
            undersign::verify(
                &undersign::Input::new(&bytes),
                &trust,
                material::policy(),
                at,
                material::LIMITS,
            )?;
            times.push((processor_time() - start) * 1e3);
        }
        steps.push(Step { size: *size, value: median(times) });
    }
    grown(table, "verify, timestamped signatures", &steps, Unit::Milliseconds);
    Ok(())
}
