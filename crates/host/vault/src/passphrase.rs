//! Passphrases and where they come from: terminal, file descriptor or file, never the argument list.

use crate::VaultError;
use secrecy::{ExposeSecret, SecretSlice};
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A passphrase: its bytes as given (UTF-8 where it was typed), 1 to 1024 of them. Wiped when dropped, never shown.
pub struct Passphrase(SecretSlice<u8>);

/// Longest passphrase in bytes.
const MAX_LEN: usize = 1024;

impl Passphrase {
    /// Takes the bytes; one trailing line end (LF or CR LF) is not part of the passphrase.
    pub fn new(bytes: &[u8]) -> Result<Passphrase, VaultError> {
        let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let line = if line.len() < bytes.len() { line.strip_suffix(b"\r").unwrap_or(line) } else { line };
        match line.len() {
            0 => Err(VaultError::EmptyPassphrase),
            1..=MAX_LEN => Ok(Passphrase(line.to_vec().into())),
            _ => Err(VaultError::LongPassphrase { max: MAX_LEN }),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// Whether both are the same, in time that depends on the lengths only.
    fn matches(&self, other: &Passphrase) -> bool {
        let (one, two) = (self.bytes(), other.bytes());
        one.len() == two.len() && one.iter().zip(two).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// Where to get a passphrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PassphraseSource {
    /// The terminal, typed without echo.
    Terminal,
    /// An inherited file descriptor (3, say), read to its end.
    Descriptor(u32),
    /// A file, FIFO or process substitution, read to its end.
    File(PathBuf),
}

/// Whether a typed passphrase is typed once (to open) or twice (to set it).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Once.
    Once,
    /// Twice, and both must agree.
    Twice,
}

impl PassphraseSource {
    /// Gets the passphrase. `prompt` is shown on the terminal only, e.g. `Passphrase of the vault: `.
    pub fn read(&self, prompt: &str, typed: Typed) -> Result<Passphrase, VaultError> {
        match self {
            PassphraseSource::Terminal => from_terminal(prompt, typed),
            PassphraseSource::Descriptor(number) => from_descriptor(*number),
            PassphraseSource::File(path) => from_file(path),
        }
    }
}

fn from_terminal(prompt: &str, typed: Typed) -> Result<Passphrase, VaultError> {
    let no_terminal = |_: io::Error| VaultError::NoTerminal;
    let ask = |prompt: &str| {
        let line = Zeroizing::new(rpassword::prompt_password(prompt).map_err(no_terminal)?);
        Passphrase::new(line.as_bytes())
    };
    let first = ask(prompt)?;
    if typed == Typed::Twice && !first.matches(&ask("Once more, to be sure: ")?) {
        return Err(VaultError::PassphrasesDiffer);
    }
    Ok(first)
}

#[cfg(unix)]
fn from_descriptor(number: u32) -> Result<Passphrase, VaultError> {
    // The system's own names for inherited descriptors spare the unsafe conversion of a number.
    match number {
        0 if io::stdin().is_terminal() => Err(VaultError::DescriptorIsTerminal),
        0 => read_limited(&mut io::stdin().lock(), Path::new("standard input")),
        _ => from_file(Path::new(&format!("/dev/fd/{number}"))),
    }
}

#[cfg(not(unix))]
fn from_descriptor(number: u32) -> Result<Passphrase, VaultError> {
    match number {
        0 if io::stdin().is_terminal() => Err(VaultError::DescriptorIsTerminal),
        0 => read_limited(&mut io::stdin().lock(), Path::new("standard input")),
        _ => Err(VaultError::NoTerminal),
    }
}

fn from_file(path: &Path) -> Result<Passphrase, VaultError> {
    let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
    read_limited(&mut file, path)
}

/// Reads to the end, but no more than the longest passphrase with its line end.
fn read_limited(from: &mut dyn Read, path: &Path) -> Result<Passphrase, VaultError> {
    let mut buffer = Zeroizing::new([0; MAX_LEN + 3]);
    let mut len = 0;
    while let Some(free) = buffer.get_mut(len..).filter(|free| !free.is_empty()) {
        match from.read(free) {
            Ok(0) => break,
            Ok(read) => len += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(path, &error)),
        }
    }
    Passphrase::new(buffer.get(..len).unwrap_or_default())
}

fn unreadable(path: &Path, error: &io::Error) -> VaultError {
    VaultError::Store(store::StoreError::new(store::Action::Read, path, store::Fault::from_io(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_is_no_part_of_it() {
        for given in ["s ecret", "s ecret\n", "s ecret\r\n"] {
            assert_eq!(Passphrase::new(given.as_bytes()).unwrap().bytes(), b"s ecret");
        }
        assert_eq!(Passphrase::new(b"a\n\n").unwrap().bytes(), b"a\n");
        assert_eq!(Passphrase::new(b"a\r").unwrap().bytes(), b"a\r");
    }

    #[test]
    fn empty_and_endless_ones_are_refused() {
        for empty in ["", "\n", "\r\n"] {
            assert!(matches!(Passphrase::new(empty.as_bytes()), Err(VaultError::EmptyPassphrase)));
        }
        assert!(Passphrase::new(&[b'x'; 1024]).is_ok());
        assert!(matches!(Passphrase::new(&[b'x'; 1025]), Err(VaultError::LongPassphrase { .. })));
        #[cfg(unix)]
        {
            let endless = PassphraseSource::File("/dev/zero".into()).read("", Typed::Once);
            assert!(matches!(endless, Err(VaultError::LongPassphrase { .. })));
        }
    }

    #[test]
    fn it_comes_from_a_file_and_is_never_shown() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "correct horse\n").unwrap();
        let passphrase = PassphraseSource::File(file.path().to_owned()).read("", Typed::Once).unwrap();
        assert_eq!(passphrase.bytes(), b"correct horse");
        assert_eq!(format!("{passphrase:?}"), "Passphrase(…)");
        let missing = PassphraseSource::File("/nowhere/at/all".into()).read("", Typed::Once);
        assert!(missing.unwrap_err().to_string().contains("/nowhere/at/all"));
    }

    #[cfg(unix)]
    #[test]
    fn it_comes_from_an_inherited_descriptor() {
        use std::os::fd::AsRawFd;
        let (reader, mut writer) = std::io::pipe().unwrap();
        std::io::Write::write_all(&mut writer, b"piped\n").unwrap();
        drop(writer);
        let number = u32::try_from(reader.as_raw_fd()).unwrap();
        let passphrase = PassphraseSource::Descriptor(number).read("", Typed::Once).unwrap();
        assert_eq!(passphrase.bytes(), b"piped");
    }

    #[test]
    fn two_typings_must_agree() {
        let of = |text: &str| Passphrase::new(text.as_bytes()).unwrap();
        assert!(of("abc").matches(&of("abc")));
        assert!(!of("abc").matches(&of("abd")) && !of("abc").matches(&of("abcd")));
    }
}
