//! A process killed at every step of using a vault: the vault is the old one or the new one, and a try that was begun
//! stays counted. The process is this very program, started again with arguments.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test: it stops when it cannot go on, and reports"
)]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use store::{Disk, FaultPlan, Outcome};
use types::Time;
use undersign_vault::*;

const NOW: Time = Time::from_unix(1_800_000_000);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [_, "victim", folder, what, step, how] => victim(Path::new(folder), what, step, how),
        _ => {
            for how in ["die", "halfway"] {
                creating(how);
                adding(how);
                wrong_tries(how);
            }
            brute_force_by_killing();
            println!("test kill ... ok");
            ExitCode::SUCCESS
        }
    }
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.as_bytes()).unwrap()
}

fn create(disk: &Disk, folder: &Path, kdf: Kdf) -> Result<UnlockedVault, VaultError> {
    Vault::create(disk, &folder.join("v"), &passphrase("right"), kdf, &mut SystemEntropy)
}

fn unlock(disk: &Disk, folder: &Path, text: &str) -> Result<UnlockedVault, VaultError> {
    Vault::open(disk, &folder.join("v"))?.unlock(&passphrase(text), NOW)
}

fn add(disk: &Disk, folder: &Path) -> Result<(), VaultError> {
    let mut vault = unlock(disk, folder, "right")?;
    vault.create_personal(&Personal::new("Ada Example"), NOW, &mut SystemEntropy).map(drop)
}

fn victim(folder: &Path, what: &str, step: &str, how: &str) -> ExitCode {
    let outcome = if how == "die" { Outcome::Die } else { Outcome::DieHalfway };
    let disk = Disk::with_faults(Arc::new(FaultPlan::at(step.parse().unwrap(), outcome)));
    let done = match what {
        "create" => create(&disk, folder, Kdf::LEAST).map(drop),
        "add" => add(&disk, folder),
        _ => unlock(&disk, folder, "wrong").map(drop),
    };
    if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn start(folder: &Path, what: &str, step: u32, how: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["victim", folder.to_str().unwrap(), what, &step.to_string(), how])
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Runs `what` in a fresh folder, killed at step 0, 1, … until it survives; `check` looks at what each left behind.
fn at_every_step(what: &str, how: &str, prepare: impl Fn(&Path), mut check: impl FnMut(u32, &Path)) -> u32 {
    for step in 0.. {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path());
        let status = start(folder.path(), what, step, how).wait().unwrap();
        check(step, folder.path());
        let remains = remains_in(folder.path());
        // Without a name nothing is left, but for the moment in which a complete vault replaces the old one.
        let most = u32::from(what == "add");
        assert!(!cfg!(target_os = "linux") || remains <= most, "step {step}: {remains} remain");
        if status.code().is_some() {
            println!("{what}: killed at each of {step} steps ({how})");
            return step;
        }
    }
    0
}

/// How many unfinished files lie in `folder`.
fn remains_in(folder: &Path) -> u32 {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().starts_with(".undersign-")).count() as u32
}

fn creating(how: &str) {
    let kills = at_every_step(
        "create",
        how,
        |_| (),
        |step, folder| {
            if folder.join("v").exists() {
                assert!(unlock(&Disk::real(), folder, "right").is_ok(), "step {step}: half a vault");
            }
        },
    );
    assert!(kills >= 5);
}

fn adding(how: &str) {
    let prepare = |folder: &Path| drop(create(&Disk::real(), folder, Kdf::LEAST).unwrap());
    let (mut without, mut with) = (0, 0);
    at_every_step("add", how, prepare, |step, folder| {
        let vault =
            unlock(&Disk::real(), folder, "right").unwrap_or_else(|error| panic!("step {step}: {error}"));
        // Unlocking wrote in the folder, and so tidied it.
        assert_eq!(remains_in(folder), 0, "step {step}");
        match vault.identities().len() {
            0 => without += 1,
            _ => with += 1,
        }
    });
    // Recording the try, clearing it, and all but the last step of writing leave the old vault.
    assert!(without >= 9 && with >= 1, "{without} without, {with} with");
}

fn recorded(folder: &Path) -> u32 {
    let record = fs::read_to_string(folder.join("v.attempts")).unwrap_or_default();
    record.lines().find_map(|line| line.strip_prefix("wrong ")).map_or(0, |count| count.parse().unwrap())
}

fn wrong_tries(how: &str) {
    let prepare = |folder: &Path| drop(create(&Disk::real(), folder, Kdf::LEAST).unwrap());
    let mut counts = Vec::new();
    at_every_step("wrong", how, prepare, |_, folder| counts.push(recorded(folder)));
    // Until the record has its name nothing was tried; from then on the try counts, killed or not.
    assert_eq!(counts, [0, 0, 0, 0, 1, 1]);
}

/// Kills the process while it tries: in the middle of deriving the key, when the record has been written.
fn brute_force_by_killing() {
    let folder = tempfile::tempdir().unwrap();
    let slow = Kdf::new(64 * 1024, 64, 1).unwrap();
    create(&Disk::real(), folder.path(), slow).unwrap();
    for count in 1..=4 {
        let mut child = start(folder.path(), "wrong", u32::MAX, "die");
        while recorded(folder.path()) < count {
            assert!(child.try_wait().unwrap().is_none(), "it ended before it could be killed");
            thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().code(), None);
    }
    let locked = unlock(&Disk::real(), folder.path(), "right").unwrap_err();
    assert!(matches!(locked, VaultError::Locked { wait_seconds: 30, .. }), "{locked}");
    println!("four tries killed half-way are four tries");
}
