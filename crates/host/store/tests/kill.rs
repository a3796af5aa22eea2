//! A process killed at every step of writing a file: the original is untouched, and the final name is absent (or
//! holds the old content) or complete. The process is this very program, started again with arguments.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test: it stops when it cannot go on, and reports"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use types::Source;
use undersign_store::*;

const ORIGINAL: usize = 9_000_000;
const TAIL: &[u8] = b"appended";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [_, "journal", folder, step, how] => journal_victim(Path::new(folder), step, how),
        [_, "victim", folder, unfinished, existing, step, how] => {
            victim(Path::new(folder), unfinished, existing, step, how)
        }
        _ => {
            for existing in ["refuse", "replace"] {
                for how in ["die", "halfway"] {
                    kill_at_every_step("named", existing, how);
                    kill_at_every_step("unnamed", existing, how);
                }
            }
            for how in ["die", "halfway"] {
                kill_a_journal_at_every_step(how);
            }
            full_disk();
            println!("test kill ... ok");
            ExitCode::SUCCESS
        }
    }
}

fn original() -> Vec<u8> {
    (0..ORIGINAL).map(|i| (i % 253) as u8).collect()
}

/// What signing does to the disk: copy, append, patch, commit.
fn write(disk: &Disk, folder: &Path, existing: Existing) -> Result<(), StoreError> {
    let source = FileSource::open(&folder.join("in"))?;
    let mut file = AtomicFile::create(disk, &folder.join("out"), existing, Access::Mode(0o644))?;
    file.copy_prefix(&source, source.len(), |_| ())?;
    file.append(TAIL)?;
    file.patch(source.len(), b"A")?;
    file.commit()
}

fn victim(folder: &Path, unfinished: &str, existing: &str, step: &str, how: &str) -> ExitCode {
    let outcome = if how == "die" { Outcome::Die } else { Outcome::DieHalfway };
    let plan = Arc::new(FaultPlan::at(step.parse().unwrap(), outcome));
    let existing = if existing == "refuse" { Existing::Refuse } else { Existing::Replace };
    let unfinished = if unfinished == "named" { Unfinished::Named } else { Unfinished::Unnamed };
    match write(&Disk::with_faults(plan).with_unfinished(unfinished), folder, existing) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn kill_at_every_step(unfinished: &str, existing: &str, how: &str) {
    let complete = [&original()[..], b"A", &TAIL[1..]].concat();
    let (mut kills, mut absent, mut remains) = (0, 0, 0);
    for step in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let (input, output) = (folder.path().join("in"), folder.path().join("out"));
        fs::write(&input, original()).unwrap();
        if existing == "replace" {
            fs::write(&output, b"old").unwrap();
        }
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["victim", folder.path().to_str().unwrap(), unfinished, existing, &step.to_string(), how])
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(fs::read(&input).unwrap() == original(), "step {step}: the original changed");
        match fs::read(&output) {
            Err(_) => absent += 1,
            Ok(content) if existing == "replace" && content == b"old" => absent += 1,
            Ok(content) => assert!(content == complete, "step {step}: half a file under the final name"),
        }
        remains += remains_in(folder.path());
        // Whoever writes there next removes them.
        write_atomically(&Disk::real(), &folder.path().join("next"), Existing::Refuse, Access::Private, b"")
            .unwrap();
        assert_eq!(remains_in(folder.path()), 0, "step {step}: remains stay");
        if status.success() {
            break;
        }
        assert_eq!(status.code(), None, "step {step}: it was to be killed, not to fail");
        kills += 1;
    }
    // Create, mode, three stretches, tail, patch, two flushes, rename; the name is there after the rename.
    assert!(kills >= 9 && absent >= 8, "{kills} kills, {absent} without a result");
    println!(
        "killed at each of {kills} steps ({unfinished}, {existing}, {how}): {remains} times a remainder"
    );
    if cfg!(target_os = "linux") && unfinished == "unnamed" {
        // To replace a file it must have a name for the moment between two steps.
        assert_eq!(remains, u32::from(existing == "replace"), "a file without a name leaves nothing");
    } else {
        assert!(remains >= 6);
    }
}

/// Appends three lines to a journal that ends with half a line, and says after each that it is there.
fn journal_victim(folder: &Path, step: &str, how: &str) -> ExitCode {
    let outcome = if how == "die" { Outcome::Die } else { Outcome::DieHalfway };
    let plan = Arc::new(FaultPlan::at(step.parse().unwrap(), outcome));
    let disk = Disk::with_faults(plan);
    let (mut journal, _) = Journal::open(&disk, &folder.join("journal"), 1 << 20).unwrap();
    for line in ["one\n", "two\n", "three\n"] {
        journal.append(line).unwrap();
        fs::write(folder.join("said"), line).unwrap();
    }
    ExitCode::SUCCESS
}

fn kill_a_journal_at_every_step(how: &str) {
    for step in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        fs::write(&path, b"begin\nhal").unwrap();
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["journal", folder.path().to_str().unwrap(), &step.to_string(), how])
            .stderr(Stdio::null())
            .status()
            .unwrap();
        let said = fs::read_to_string(folder.path().join("said")).unwrap_or_default();
        let read = JournalReader::open(&path, 1 << 20).unwrap().news().unwrap();
        let (_, text) = Journal::open(&Disk::real(), &path, 1 << 20).unwrap();
        assert_eq!(read, text, "step {step}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "step {step}: half a line stays");
        let all = "begin\none\ntwo\nthree\n";
        assert!(all.starts_with(&text) && text.contains(&said), "step {step}: {text:?} after {said:?}");
        if status.success() {
            assert_eq!(text, all);
            println!("killed a journal at each of {step} steps ({how})");
            break;
        }
    }
}

/// How many unfinished files lie in `folder`, where nothing else may lie.
fn remains_in(folder: &Path) -> u32 {
    let mut remains = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let unfinished = name.starts_with(".undersign-") && name.ends_with(".tmp");
        assert!(unfinished || ["in", "out", "next"].contains(&name.as_str()), "{name}");
        remains += u32::from(unfinished);
    }
    remains
}

/// A file system of 1 MB, where one can be mounted.
fn full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
        .arg(folder.path())
        .stderr(Stdio::null())
        .status();
    if !mount.is_ok_and(|status| status.success()) {
        println!("SKIPPED: a full disk (mounting a small tmpfs needs root)");
        return;
    }
    let result = std::panic::catch_unwind(|| {
        let target = folder.path().join("out");
        fs::write(&target, b"old").unwrap();
        let outcome =
            write_atomically(&Disk::real(), &target, Existing::Replace, Access::Private, &vec![7; 2 << 20]);
        let error = outcome.unwrap_err();
        assert_eq!(error.fault, Fault::Full);
        assert!(error.to_string().ends_with("out: the disk is full"), "{error}");
        assert_eq!(fs::read(&target).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "remains on the full disk");
    });
    let unmounted = Command::new("umount").arg(folder.path()).status();
    assert!(unmounted.is_ok_and(|status| status.success()));
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
    println!("a full disk leaves the old file");
}
