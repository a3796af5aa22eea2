//! What both PDF targets do with an opened document: read all there is, within a small budget.

use pdf::object::Object;
use pdf::{Document, EntryKind};
use types::{Budget, Limits, Resource, Source, SourceError};

/// The same bytes, not shown as a slice, so that windows are used.
struct Hidden<'b>(&'b [u8]);

impl Source for Hidden<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        self.0.read_at(offset, buffer)
    }
}

fn budget() -> Budget {
    Budget::new(Limits::STANDARD.with(Resource::Steps, 50_000).with(Resource::DecodedBytes, 1 << 20))
}

/// Reads `bytes` as a file in memory and as one on disk; both must come out alike.
pub fn both_ways(bytes: &Vec<u8>) {
    let (hidden, mut first, mut second) = (Hidden(bytes), budget(), budget());
    let memory = Document::open(bytes, Some(b"user"), &mut first);
    let disk = Document::open(&hidden, Some(b"user"), &mut second);
    match (&memory, &disk) {
        (Ok(memory), Ok(disk)) => {
            assert_eq!(memory.revisions(), disk.revisions());
            assert_eq!(memory.findings(), disk.findings());
            walk(memory, &mut first);
            walk(disk, &mut second);
        }
        (Err(memory), Err(disk)) => assert!(memory == disk || exhausted(memory) || exhausted(disk)),
        (Err(error), _) | (_, Err(error)) => assert!(exhausted(error), "{error}"),
    }
}

/// Windows read twice what lies across their ends, so only the budget may tell the two apart.
fn exhausted(error: &types::Malformed) -> bool {
    matches!(error.cause, types::Cause::Budget(_))
}

fn walk(document: &Document<'_>, budget: &mut Budget) {
    let _ = document.page_count(budget);
    let _ = document.page(1, budget);
    let _ = document.pages(budget);
    let _ = document.acroform(budget);
    let _ = document.signatures(budget);
    let _ = document.security_store(budget);
    for revision in 0..document.revisions().len().min(50) {
        let mut last = None;
        for (id, kind) in document.objects_of_revision(revision).take(2000) {
            assert!(last < Some(id.number), "object numbers ascend");
            last = Some(id.number);
            if kind == EntryKind::Free {
                continue;
            }
            let Ok(located) = document.get_at(revision, id, budget) else { continue };
            assert!(located.span.end <= document.len());
            let _ = document.latest().page_index(id, budget);
            let _ = document.latest().signature_dictionary(id, budget);
            if let Object::Stream(stream) = &located.object {
                let _ = document.stream_data(stream, budget);
            }
        }
    }
}
