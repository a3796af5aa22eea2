//! `cargo xtask <chore>`: one place for everything that is not building the product.

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <chore>

  peers [--check]        install and set up EU DSS, pyHanko, poppler, OpenSSL, qpdf; --check only says what is there
  tidy [--quick]         layer order, names, lengths, dead files, links; without --quick also the pure layers' bans by
                         Clippy and their WebAssembly build
  test                   everything that must hold: format, tidy, clippy, licences, peers, all tests
  deny                   licences, sources, duplicate and banned crates; advisories when their database is reachable
  bench [ARGS]           speed and memory against pyHanko, OpenSSL and the floor of the machine
  fuzz [--seconds N]     every fuzz target for N seconds (60 unless told)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["peers"] => xtask::peers::set_up(),
        ["peers", "--check"] => xtask::peers::check(),
        ["tidy"] => xtask::tidy::run(xtask::tidy::Depth::Full),
        ["tidy", "--quick"] => xtask::tidy::run(xtask::tidy::Depth::Quick),
        ["test"] => xtask::test::run(),
        ["deny"] => xtask::deny::run(),
        ["bench", rest @ ..] => xtask::bench::run(rest),
        ["fuzz"] => xtask::fuzz::run(60),
        ["fuzz", "--seconds", seconds] => match seconds.parse() {
            Ok(seconds) => xtask::fuzz::run(seconds),
            Err(_) => Err(anyhow::anyhow!("--seconds wants a whole number, got {seconds:?}")),
        },
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("error: {fault:#}");
            ExitCode::FAILURE
        }
    }
}
