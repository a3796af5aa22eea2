//! Runs another program on a question: no shell, a cleared environment, no network where the system lets us take it away,
//! and an end after a while.

use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Most that is read of an answer, bytes.
const MOST_OF_AN_ANSWER: u64 = 16 << 20;
/// How often is looked whether the program has ended.
const PAUSE: Duration = Duration::from_millis(10);

/// Keeps other programs within bounds.
pub struct Keeper {
    limit: Duration,
    /// What is put before a program so that it has no network; nothing if the system does not allow it.
    isolation: &'static [&'static str],
}

/// Programs started through it have a network namespace of their own with nothing in it (Linux).
const UNSHARE: &[&str] = &["unshare", "--map-root-user", "--net", "--"];

impl Keeper {
    /// Looks how far programs can be isolated here.
    pub fn new(limit: Duration) -> Keeper {
        let mut keeper = Keeper { limit, isolation: UNSHARE };
        let works = keeper.command("true").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !works.is_ok_and(|status| status.success()) {
            keeper.isolation = &[];
        }
        keeper
    }

    /// One that runs nothing.
    pub fn idle() -> Keeper {
        Keeper { limit: Duration::ZERO, isolation: &[] }
    }

    /// A program with a cleared environment, not yet started.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = match self.isolation {
            [first, rest @ ..] => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
            [] => Command::new(program),
        };
        command
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        // Whatever asks for pages does it in vain, also where the network cannot be taken away.
        for variable in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"] {
            command.env(variable, "http://127.0.0.1:9");
        }
        command
    }

    /// Hands `question` to the program and gives what it prints.
    pub fn run(&self, mut command: Command, question: String) -> Result<Vec<u8>, String> {
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = started.map_err(|error| format!("it cannot be started: {error}"))?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        if let Some(mut input) = input {
            thread::spawn(move || input.write_all(question.as_bytes()));
        }
        let (send, receive) = mpsc::channel();
        if let Some(output) = output {
            thread::spawn(move || {
                let mut answer = Vec::new();
                let read = output.take(MOST_OF_AN_ANSWER).read_to_end(&mut answer);
                let _ = send.send(read.map(|_| answer));
            });
        }
        let deadline = Instant::now() + self.limit;
        let answer = receive.recv_timeout(self.limit);
        let ended = wait(&mut child, deadline);
        match (answer, ended) {
            (Ok(Ok(answer)), Some(status)) if answer.is_empty() && !status.success() => {
                Err(format!("it ended with {status} and said nothing"))
            }
            (Ok(Ok(answer)), Some(_)) => Ok(answer),
            (Ok(Err(error)), Some(_)) => Err(format!("its answer cannot be read: {error}")),
            _ => Err(format!("it took longer than {} seconds", self.limit.as_secs())),
        }
    }
}

/// Waits until the program ends; ends it when its time is over. Says how it ended by itself, if it did.
fn wait(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => thread::sleep(PAUSE),
            _ => {
                // It may have ended in between; then there is nothing to end.
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}
