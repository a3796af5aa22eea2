//! From what a person names (files, folders, patterns, a list on standard input) to the files of a batch.

use crate::disk::Disk;
use crate::error::{Action, Fault, StoreError, at};
use crate::temporary::is_remains;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io::BufRead;
use std::path::{Component, Path, PathBuf};

/// One file of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// How to reach it.
    pub path: PathBuf,
    /// Its path below the folder that was named, or its bare file name; where it goes below an output folder.
    pub relative: PathBuf,
}

/// The files found, in a stable order, and what could not be read. A problem never hides the other files.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// Each file once: arguments in their order, the content of a folder or pattern sorted by name.
    pub files: Vec<Input>,
    /// What was named and is not there, or cannot be listed.
    pub problems: Vec<StoreError>,
}

/// Which files of a folder count. Files named one by one always do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Those with one of these extensions, in any case, without the dot.
    Extensions(&'static [&'static str]),
    /// All.
    Every,
}

/// Folders nested deeper than this are taken for a circle.
const MAX_DEPTH: usize = 128;

/// Expands `arguments`. `-` stands for the list in `list`: one path a line, or separated by NUL bytes if there is one.
/// Folders are walked with their subfolders, links included, each real folder once. An argument with `*`, `?` or `[`
/// that names no file is a pattern.
pub fn expand(arguments: &[PathBuf], list: &mut dyn BufRead, wanted: Wanted) -> Inputs {
    let mut walk = Walk { wanted, found: Inputs::default(), seen: BTreeSet::new() };
    for argument in arguments {
        if argument.as_os_str() != "-" {
            walk.argument(argument);
            continue;
        }
        match read_list(list) {
            Ok(paths) => paths.iter().for_each(|path| walk.argument(path)),
            Err(error) => walk.problem(at(Action::Read, Path::new("the list on standard input"))(error)),
        }
    }
    walk.found
}

struct Walk {
    wanted: Wanted,
    found: Inputs,
    seen: BTreeSet<PathBuf>,
}

impl Walk {
    fn problem(&mut self, error: StoreError) {
        self.found.problems.push(error);
    }

    fn argument(&mut self, path: &Path) {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.folder(path, Path::new(""), 0),
            Ok(_) => self.file(path, PathBuf::from(path.file_name().unwrap_or(path.as_os_str()))),
            Err(error) => match path.to_str().filter(|text| text.contains(['*', '?', '['])) {
                Some(pattern) => self.pattern(pattern),
                None => self.problem(at(Action::Read, path)(error)),
            },
        }
    }

    fn pattern(&mut self, pattern: &str) {
        let matches = match glob::glob(pattern) {
            Ok(matches) => matches,
            Err(error) => {
                let fault = Fault::Content(format!("the pattern is wrong: {}", error.msg));
                return self.problem(StoreError::new(Action::Read, pattern, fault));
            }
        };
        let mut any = false;
        for found in matches {
            any = true;
            match found {
                Ok(path) => self.argument(&path),
                Err(error) => self.problem(at(Action::List, error.path())(error.error().kind().into())),
            }
        }
        if !any {
            self.problem(StoreError::new(Action::Read, pattern, Fault::NoMatch));
        }
    }

    fn folder(&mut self, path: &Path, relative: &Path, depth: usize) {
        if depth > MAX_DEPTH {
            return self.problem(StoreError::new(Action::List, path, Fault::Loop));
        }
        // A link back to a folder already walked adds nothing, and must not be followed for ever.
        if !fs::canonicalize(path).is_ok_and(|real| self.seen.insert(real)) {
            return;
        }
        let mut entries = match fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
            Ok(entries) => entries,
            Err(error) => return self.problem(at(Action::List, path)(error)),
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let (path, relative) = (entry.path(), relative.join(entry.file_name()));
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() => self.folder(&path, &relative, depth + 1),
                Ok(metadata) if metadata.is_file() && self.wants(&path) => self.file(&path, relative),
                Err(error) if self.wants(&path) => self.problem(at(Action::Read, &path)(error)),
                _ => {}
            }
        }
    }

    fn wants(&self, path: &Path) -> bool {
        // What a killed process left behind is nobody's document.
        !is_remains(path)
            && match self.wanted {
                Wanted::Every => true,
                Wanted::Extensions(extensions) => {
                    let found = path.extension().and_then(OsStr::to_str).unwrap_or_default();
                    extensions.iter().any(|wanted| found.eq_ignore_ascii_case(wanted))
                }
            }
    }

    fn file(&mut self, path: &Path, relative: PathBuf) {
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if self.seen.insert(real) {
            self.found.files.push(Input { path: path.to_owned(), relative });
        }
    }
}

fn read_list(list: &mut dyn BufRead) -> std::io::Result<Vec<PathBuf>> {
    let mut bytes = Vec::new();
    list.read_to_end(&mut bytes)?;
    let separator = if bytes.contains(&0) { 0 } else { b'\n' };
    let line = |line: &[u8]| {
        let line = if separator == b'\n' { line.strip_suffix(b"\r").unwrap_or(line) } else { line };
        (!line.is_empty()).then(|| path_of(line))
    };
    Ok(bytes.split(|byte| *byte == separator).filter_map(line).collect())
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// Where each input goes below `folder`, in the order of `inputs`. Two inputs with one output (also if the names
/// differ in case only, since some file systems do not tell them apart), or an output that is one of the inputs, are
/// errors that name both.
pub fn plan_outputs(inputs: &[Input], folder: &Path) -> Result<Vec<PathBuf>, Vec<StoreError>> {
    let mut taken: BTreeMap<String, &Path> = BTreeMap::new();
    let sources: BTreeSet<PathBuf> =
        inputs.iter().filter_map(|input| fs::canonicalize(&input.path).ok()).collect();
    let (mut outputs, mut errors) = (Vec::with_capacity(inputs.len()), Vec::new());
    for input in inputs {
        let inside = input.relative.components().all(|part| matches!(part, Component::Normal(_)));
        let output = folder.join(&input.relative);
        if !inside || fs::canonicalize(&output).is_ok_and(|real| sources.contains(&real)) {
            errors.push(StoreError::new(Action::Write, &output, Fault::Exists));
        }
        if let Some(first) = taken.insert(output.to_string_lossy().to_lowercase(), &input.path) {
            let fault = Fault::Collision(first.to_owned(), input.path.clone());
            errors.push(StoreError::new(Action::Write, &output, fault));
        }
        outputs.push(output);
    }
    if errors.is_empty() { Ok(outputs) } else { Err(errors) }
}

/// Creates the folders in which `outputs` will lie.
pub fn create_folders(outputs: &[PathBuf]) -> Result<(), StoreError> {
    let folders: BTreeSet<&Path> = outputs.iter().filter_map(|output| output.parent()).collect();
    for folder in folders.into_iter().filter(|folder| !folder.as_os_str().is_empty()) {
        Disk::real().create_folder(folder).map_err(at(Action::Write, folder))?;
    }
    Ok(())
}
