//! Signing and verifying a 27 KB document through the library, one core.

use crate::material::{self, Party};
use crate::measure::{Clock, Contestant, Turns, here};
use crate::options::Options;
use crate::pyhanko::PyHanko;
use crate::row::{Goal, Reference, Row, Table, Unit};
use anyhow::Result;
use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey};
use std::path::Path;
use store::{Access, AtomicFile, Disk, Existing, FileSource};
use types::Limits;

/// Measures.
pub fn run(options: &Options, table: &mut Table) -> Result<()> {
    table.section("Library, 27 KB, P-256, one core (processor time unless said)");
    let memory = memory_folder()?;
    let disk = options.work_folder()?;
    let mut peer = PyHanko::start(memory.path())?;
    if peer.is_none() {
        table.note("pyHanko is not installed: its rows are absent (`cargo xtask peers`)");
    }
    sign_in_memory(options, table, memory.path(), &mut peer)?;
    sign_files(options, table, "files in memory", Clock::Processor, memory.path())?;
    sign_files(options, table, "files on disk, flushed, wall", Clock::Wall, disk.path())?;
    for (name, party) in [("own certificate", Party::alone()), ("chain of 3", Party::certified())] {
        verify_in_memory(options, table, name, &party, memory.path(), &mut peer)?;
        verify_files(options, table, name, &party, memory.path())?;
    }
    Ok(())
}

/// A folder whose files never reach a device, where there is one.
fn memory_folder() -> Result<tempfile::TempDir> {
    Ok(tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())?)
}

fn turns(options: &Options, clock: Clock) -> Turns {
    Turns { rounds: options.sized(300, 20), turn: 0.002, clock }
}

fn against_peer(options: &Options) -> Turns {
    Turns { rounds: options.sized(30, 3), turn: 0.03, clock: Clock::Processor }
}

/// What cannot be avoided, with aws-lc directly.
struct Floor {
    key: EcdsaKeyPair,
    random: SystemRandom,
    message: Vec<u8>,
    value: Vec<u8>,
}

impl Floor {
    fn new() -> Result<Floor> {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_ASN1_SIGNING)?;
        let message = vec![0x31; 150];
        let value = key.sign(&random, &message)?.as_ref().to_vec();
        Ok(Floor { key, random, message, value })
    }

    fn sign(&self, content: &[u8]) -> Result<()> {
        std::hint::black_box(digest::digest(&digest::SHA256, content));
        std::hint::black_box(self.key.sign(&self.random, &self.message)?);
        Ok(())
    }

    fn verify(&self, content: &[u8], checks: usize) -> Result<()> {
        std::hint::black_box(digest::digest(&digest::SHA256, content));
        for _ in 0..checks {
            let key =
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, self.key.public_key().as_ref());
            key.verify(&self.message, &self.value)?;
        }
        Ok(())
    }
}

fn to_floor(
    table: &Table,
    what: &str,
    times: &crate::measure::Times,
    ours: usize,
    floor: &'static str,
    at: usize,
) {
    table.row(&Row {
        what: what.to_owned(),
        value: 1.0 / times.median(ours),
        unit: Unit::PerSecond,
        reference: Some(Reference {
            what: floor,
            value: 1.0 / times.median(at),
            ratio: times.ratio(ours, at),
        }),
        goal: Some(Goal::RatioAtMost(3.0)),
    });
}

fn to_peer(
    table: &Table,
    what: &str,
    ours: Contestant<'_>,
    peer: Contestant<'_>,
    turns: Turns,
    goal: f64,
) -> Result<()> {
    let times = turns.take(&mut [ours, peer])?;
    table.row(&Row {
        what: what.to_owned(),
        value: 1.0 / times.median(0),
        unit: Unit::PerSecond,
        reference: Some(Reference {
            what: "pyHanko API",
            value: 1.0 / times.median(1),
            ratio: times.ratio(1, 0),
        }),
        goal: Some(Goal::RatioAtLeast(goal)),
    });
    Ok(())
}

fn sign_in_memory(options: &Options, table: &Table, folder: &Path, peer: &mut Option<PyHanko>) -> Result<()> {
    let (party, floor, document) = (Party::alone(), Floor::new()?, material::document_27_kb());
    let request = party.request("Signature1");
    let sign = || {
        let signed = undersign::sign(&document, None, &request, &party.person.signer, Limits::STANDARD)?;
        let mut file = Vec::with_capacity(document.len() + signed.tail.len());
        file.extend_from_slice(&document);
        file.extend_from_slice(&signed.tail);
        Ok::<_, anyhow::Error>((file, signed))
    };
    let sign_and_check = || {
        let (file, signed) = sign()?;
        undersign::self_check(&file, None, &signed, Limits::STANDARD)?;
        Ok(())
    };
    let (written, signed) = sign()?;
    let tail = signed.tail;
    let floor_once = || {
        floor.sign(&document)?;
        let mut file = Vec::with_capacity(document.len() + tail.len());
        file.extend_from_slice(&document);
        file.extend_from_slice(&tail);
        std::hint::black_box(&file);
        Ok(())
    };
    let floor_and_check = || {
        floor_once()?;
        floor.verify(&written, 1)
    };
    let mut contestants =
        [here(|| sign().map(|_| ())), here(sign_and_check), here(floor_once), here(floor_and_check)];
    let times = turns(options, Clock::Processor).take(&mut contestants)?;
    to_floor(table, "sign in memory", &times, 0, "SHA-256, one signature, one copy", 2);
    to_floor(table, "sign in memory, self-check", &times, 1, "SHA-256, one signature, one copy", 2);
    to_floor(table, "sign in memory, self-check", &times, 1, "the same, SHA-256 and check of it", 3);
    if let Some(peer) = peer {
        let file = folder.join("unsigned.pdf");
        std::fs::write(&file, &document)?;
        let ours = || here(|| sign().map(|_| ()));
        to_peer(table, "sign in memory", ours(), peer.signing(&file), against_peer(options), 100.0)?;
        let what = "sign in memory, self-check";
        to_peer(table, what, here(sign_and_check), peer.signing(&file), against_peer(options), 100.0)?;
    }
    Ok(())
}

/// Whether what was written is verified before it gets its name. The command line always does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Check {
    Yes,
    No,
}

/// From file to file: both sides read the original and write the result beside its name, flush it, and rename it; ours
/// also verifies what it wrote before the name is given.
fn sign_files(options: &Options, table: &Table, what: &str, clock: Clock, folder: &Path) -> Result<()> {
    let (party, floor, disk) = (Party::alone(), Floor::new()?, Disk::real());
    let request = party.request("Signature1");
    let (original, ours, theirs) = (folder.join("a.pdf"), folder.join("b.pdf"), folder.join("c.pdf"));
    std::fs::write(&original, material::document_27_kb())?;
    let tail_len =
        party.signed(material::document_27_kb(), "Signature1")?.len() - material::document_27_kb().len();
    let tail = vec![b'0'; tail_len];
    let once = |check| {
        let source = FileSource::open(&original)?;
        let signed = undersign::sign(&source, None, &request, &party.person.signer, Limits::STANDARD)?;
        let mut file = AtomicFile::create(&disk, &ours, Existing::Replace, Access::Mode(source.mode()))?;
        file.copy_prefix(&source, signed.base_len, |_| ())?;
        file.append(&signed.tail)?;
        if check == Check::Yes {
            undersign::self_check(&file, None, &signed, Limits::STANDARD)?;
        }
        Ok(file.commit()?)
    };
    let sign = |check| {
        let once = &once;
        move || once(check)
    };
    let floor_once = || {
        let content = std::fs::read(&original)?;
        floor.sign(&content)?;
        let mut file = AtomicFile::create(&disk, &theirs, Existing::Replace, Access::Mode(0o644))?;
        file.append(&content)?;
        file.append(&tail)?;
        Ok(file.commit()?)
    };
    let floor_and_check = || {
        floor_once()?;
        floor.verify(&std::fs::read(&theirs)?, 1)
    };
    let turns = match clock {
        Clock::Processor => turns(options, clock),
        Clock::Wall => Turns { rounds: options.sized(60, 5), turn: 0.02, clock },
    };
    let times = turns.take(&mut [
        here(sign(Check::Yes)),
        here(sign(Check::No)),
        here(floor_once),
        here(floor_and_check),
    ])?;
    to_floor(table, &format!("sign {what}"), &times, 1, "read, SHA-256, signature, write", 2);
    let what = format!("sign {what}, self-check");
    to_floor(table, &what, &times, 0, "read, SHA-256, signature, write", 2);
    to_floor(table, &what, &times, 0, "the same, read, SHA-256, check", 3);
    Ok(())
}

fn verify_in_memory(
    options: &Options,
    table: &Table,
    name: &str,
    party: &Party,
    folder: &Path,
    peer: &mut Option<PyHanko>,
) -> Result<()> {
    let (floor, file) = (Floor::new()?, party.signed(material::document_27_kb(), "Signature1")?);
    let checks = 1 + party.person.intermediates.len() + usize::from(!party.person.intermediates.is_empty());
    let (cold, warm) = (party.trust(0), party.trust(100));
    let verify = |trust| material::verify(&file, trust).map(|_| ());
    let mut contestants = [
        here(|| verify(&cold)),
        here(|| verify(&warm)),
        here(|| floor.verify(&file, checks)),
        here(|| floor.verify(&file, 1)),
    ];
    let times = turns(options, Clock::Processor).take(&mut contestants)?;
    let what = format!("verify in memory, {name}");
    to_floor(table, &what, &times, 0, "SHA-256, all signature checks", 2);
    if checks > 1 {
        let what = format!("{what}, known");
        to_floor(table, &what, &times, 1, "SHA-256, one signature check", 3);
    }
    if let Some(peer) = peer {
        let (place, root) = (folder.join("signed.pdf"), folder.join("root.pem"));
        std::fs::write(&place, &file)?;
        party.write_root(&root)?;
        let peer = peer.verifying(&place, &root);
        to_peer(table, &what, here(|| verify(&cold)), peer, against_peer(options), 30.0)?;
    }
    Ok(())
}

fn verify_files(options: &Options, table: &Table, name: &str, party: &Party, folder: &Path) -> Result<()> {
    let (floor, trust, place) = (Floor::new()?, party.trust(0), folder.join("signed-file.pdf"));
    std::fs::write(&place, party.signed(material::document_27_kb(), "Signature1")?)?;
    let checks = 1 + party.person.intermediates.len() + usize::from(!party.person.intermediates.is_empty());
    let verify = || {
        let source = FileSource::open(&place)?;
        material::verify(&source, &trust)?;
        Ok(source.unchanged()?)
    };
    let floor_once = || floor.verify(&std::fs::read(&place)?, checks);
    let times = turns(options, Clock::Processor).take(&mut [here(verify), here(floor_once)])?;
    let what = format!("verify file in memory, {name}");
    to_floor(table, &what, &times, 0, "read, SHA-256, all signature checks", 1);
    Ok(())
}
