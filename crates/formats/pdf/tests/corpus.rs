//! Reads every PDF of the shared corpus: bounded time, no panic, and all that must open do, but for listed exceptions.

use std::collections::BTreeSet;
use std::io::Write;
use std::time::{Duration, Instant};
use types::{Budget, Cause, Malformed, Source, SourceError};
use undersign_pdf::object::Object;
use undersign_pdf::{Document, EntryKind};

/// Files that need not open, or must not: path in the corpus, then the reason.
const EXCEPTIONS: &str = include_str!("corpus-exceptions.txt");
/// No file may take longer, in an unoptimised build on a busy machine.
const LONGEST: Duration = Duration::from_secs(5);

/// The same file as if it were on disk: read in windows, never shown whole.
struct Hidden<'b>(&'b [u8]);

impl Source for Hidden<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        self.0.read_at(offset, buffer)
    }
}

/// Reads the file as if from disk; revisions, findings and signatures must come out as from memory.
#[allow(clippy::ptr_arg, reason = "a slice is no source by itself")]
fn read_both_ways(bytes: &Vec<u8>) -> Result<(), Malformed> {
    let (hidden, budget) = (Hidden(bytes), &mut Budget::default());
    match (Document::open(bytes, None, budget), Document::open(&hidden, None, budget)) {
        (Ok(memory), Ok(disk)) => {
            assert_eq!((memory.revisions(), memory.findings()), (disk.revisions(), disk.findings()));
            assert_eq!(memory.signatures(budget), disk.signatures(budget));
        }
        (memory, disk) => assert_eq!(memory.err(), disk.err()),
    }
    read_whole(bytes)
}

/// Reads everything a verifier would, and more: every object of every revision, and every stream that can be decoded.
fn read_whole(source: &dyn Source) -> Result<(), Malformed> {
    let budget = &mut Budget::default();
    let document = Document::open(source, None, budget)?;
    document.page_count(budget)?;
    document.acroform(budget)?;
    let signatures = document.signatures(budget)?;
    document.security_store(budget)?;
    for value in signatures.fields.iter().filter_map(|field| field.value.as_ref()) {
        if let Some(span) = value.contents_span {
            let mut token = vec![0; span.len() as usize];
            source.read_at(span.start, &mut token)?;
            assert!(
                matches!(token.as_slice(), [b'<', .., b'>'] | [b'(', .., b')']),
                "Contents is not at its span"
            );
        }
    }
    for revision in 0..document.revisions().len() {
        for (id, kind) in document.objects_of_revision(revision) {
            if kind == EntryKind::Free {
                continue;
            }
            let Ok(located) = document.get_at(revision, id, budget) else { continue };
            if let Object::Stream(stream) = located.object {
                let _ = document.stream_data(&stream, budget);
            }
        }
    }
    Ok(())
}

/// Says it on standard error even if the test harness captures output.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[test]
fn every_file_of_the_corpus_is_read_or_refused_as_expected() {
    let Some(root) = corpus::folder() else { return };
    let (mut faults, mut opened, mut refused) = (Vec::new(), 0, 0);
    let mut unused: BTreeSet<_> = corpus::exceptions(EXCEPTIONS, ": ").into_keys().collect();
    let mut cases = corpus::rows(&root);
    cases.retain(|case| matches!(case.kind.as_str(), "pdf" | "pdfa"));
    assert!(cases.len() > 700, "expected.csv lists only {} PDFs", cases.len());
    for case in &cases {
        let bytes = std::fs::read(root.join(&case.file)).unwrap();
        let start = Instant::now();
        let read = std::panic::catch_unwind(|| read_both_ways(&bytes));
        let took = start.elapsed();
        if took > LONGEST {
            faults.push(format!("{}: took {took:?}", case.file));
        }
        let excepted = unused.remove(case.file.as_str());
        let must_open = matches!(case.class.as_str(), "OK" | "CHANGED" | "FLAGGED" | "PASS");
        match read {
            Err(_) => faults.push(format!("{} [{}]: panicked", case.file, case.class)),
            Ok(Ok(())) => {
                opened += 1;
                if excepted {
                    faults.push(format!("{} [{}]: opened, although an exception", case.file, case.class));
                }
            }
            Ok(Err(error)) => {
                refused += 1;
                if must_open && !excepted && error.cause != Cause::Password {
                    faults.push(format!("{} [{}]: {error}", case.file, case.class));
                }
            }
        }
    }
    faults.extend(unused.into_iter().map(|path| format!("{path}: an exception for no file")));
    say(&format!("{opened} of {} PDFs of the corpus opened, {refused} refused", cases.len()));
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
