//! Speed and memory as ratios, all measured in one run: `cargo xtask bench` (see docs/performance.md).
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints its findings")]

mod archive;
mod batch;
mod child;
mod command_line;
mod curves;
mod dss;
mod hostile;
mod huge;
mod library;
mod machine;
mod material;
mod maturing;
mod measure;
mod options;
mod pyhanko;
mod rates;
mod row;
mod service;

use anyhow::Result;
use options::Options;
use row::Table;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [first, rest @ ..] = words.as_slice()
        && first == child::WORD
    {
        return child::measure_here(rest);
    }
    // `cargo test --benches` builds this with the tests and starts it without the flag: nothing is measured there.
    if !words.iter().any(|word| word == "--bench") {
        return ExitCode::SUCCESS;
    }
    let outcome = Options::read(&words).and_then(|options| run(&options));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("error: {fault:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let mut table = Table::new(options.form);
    table.note(&machine::describe());
    type Section = (&'static str, fn(&Options, &mut Table) -> Result<()>);
    let sections: [Section; 8] = [
        ("library", library::run),
        ("archive", archive::run),
        ("command-line", command_line::run),
        ("huge", huge::run),
        ("curves", curves::run),
        ("hostile", hostile::run),
        ("batch", batch::run),
        ("maturing", maturing::run),
    ];
    for (name, section) in sections {
        if options.wants(name) {
            section(options, &mut table)?;
        }
    }
    table.note(&machine::describe());
    Ok(())
}
