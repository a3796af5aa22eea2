//! Standard output for data, standard error for everything else, colour only where it is wanted.

use crate::error::Failure;
use report::{Palette, printable};
use std::io::{self, ErrorKind, IsTerminal, Write};

/// When colour is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColourChoice {
    /// On terminals, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How much is said on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbosity {
    /// Errors and warnings only.
    Quiet,
    /// What was done as well.
    Normal,
}

/// The two output streams and how to write on them.
#[derive(Clone, Copy, Debug)]
pub struct Streams {
    colour: ColourChoice,
    verbosity: Verbosity,
}

impl Streams {
    /// Streams as the person asked for.
    pub fn new(colour: ColourChoice, verbosity: Verbosity) -> Streams {
        Streams { colour, verbosity }
    }

    /// Whether progress may be shown.
    pub fn may_show_progress(&self) -> bool {
        self.verbosity == Verbosity::Normal && io::stderr().is_terminal()
    }

    /// How reports on standard output are coloured.
    pub fn palette(&self) -> Palette {
        self.palette_for(io::stdout().is_terminal())
    }

    /// How reports on standard error are coloured.
    pub fn error_palette(&self) -> Palette {
        self.palette_for(io::stderr().is_terminal())
    }

    fn palette_for(&self, terminal: bool) -> Palette {
        let unwanted = || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        match self.colour {
            ColourChoice::Always => Palette::Colour,
            ColourChoice::Auto if terminal && !unwanted() => Palette::Colour,
            ColourChoice::Auto | ColourChoice::Never => Palette::Plain,
        }
    }

    /// Writes data. A reader that has gone away (`undersign … | head`) is not an error.
    pub fn data(&self, text: &str) -> Result<(), Failure> {
        self.bytes(text.as_bytes())
    }

    /// Writes data that need not be text.
    pub fn bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Output(error.to_string())),
            _ => Ok(()),
        }
    }

    /// Says what was done; silent if the person asked for quiet.
    pub fn note(&self, text: &str) {
        if self.verbosity == Verbosity::Normal {
            self.say(text);
        }
    }

    /// Says what the person must see.
    pub fn say(&self, text: &str) {
        let line = format!("{text}\n");
        // With a broken standard error there is nobody left to tell.
        let _ = io::stderr().lock().write_all(line.as_bytes());
    }

    /// A warning with advice.
    pub fn warning(&self, text: &str, hint: &str) {
        let label = self.label("33;1", "warning");
        self.say(&with_hint(&format!("{label}: {}", printable(text)), hint));
    }

    /// An error with advice.
    pub fn failure(&self, failure: &Failure) {
        let label = self.label("31;1", "error");
        self.say(&with_hint(&format!("{label}: {}", printable(&failure.to_string())), &failure.hint()));
    }

    fn label(&self, code: &str, word: &str) -> String {
        match self.error_palette() {
            Palette::Plain => word.to_owned(),
            Palette::Colour => format!("\u{1b}[{code}m{word}\u{1b}[0m"),
        }
    }
}

fn with_hint(text: &str, hint: &str) -> String {
    if hint.is_empty() { text.to_owned() } else { format!("{text}\n  hint: {}", printable(hint)) }
}

/// `value` as one line of JSON.
pub fn json_line(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("lines hold only strings, numbers and lists") + "\n"
}
