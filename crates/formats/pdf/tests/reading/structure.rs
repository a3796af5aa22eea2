//! Cross-reference sections of every style, revisions, and objects by number.

use crate::build::{File, codes, object, opened, refusal};
use types::Span;
use undersign_pdf::object::{Object, ObjectId};
use undersign_pdf::{EntryKind, XrefStyle};

fn id(number: u32) -> ObjectId {
    ObjectId { number, generation: 0 }
}

#[test]
fn a_plain_file_has_one_revision_that_ends_with_it() {
    let file = File::with_catalog("").object(3, "(three)").finish();
    opened(&file, |document, budget| {
        assert!(codes(document).is_empty(), "{:?}", document.findings());
        assert_eq!(
            (document.version(), document.size(), document.xref_style()),
            ((1, 7), 4, XrefStyle::Classic)
        );
        assert_eq!(document.revisions().len(), 1);
        assert_eq!(document.revisions()[0].end, file.len() as u64);
        assert_eq!(document.startxref(), document.revisions()[0].xref_at);
        let located = document.get(id(3), budget).unwrap();
        let text = &file[located.span.start as usize..located.span.end as usize];
        assert_eq!((text, located.object), (b"3 0 obj\n(three)\nendobj".as_slice(), Object::string("three")));
    });
}

#[test]
fn an_update_adds_a_revision_and_leaves_the_old_one_to_be_seen() {
    let first = File::with_catalog("").object(3, "(old)").object(4, "(kept)").table("").close();
    let end = first.bytes.len() as u64;
    let file = first.object(3, "(new)").object(5, "(added)").free(4).table("").close().bytes;
    opened(&file, |document, budget| {
        let ends: Vec<u64> = document.revisions().iter().map(|revision| revision.end).collect();
        assert_eq!(ends, [end, file.len() as u64]);
        assert!(codes(document).is_empty());
        let old = document.as_of(0);
        assert_eq!(object(document.latest(), 3, budget), Ok(Object::string("new")));
        assert_eq!(object(old, 3, budget), Ok(Object::string("old")));
        assert_eq!(object(document.latest(), 4, budget), Ok(Object::Null));
        assert_eq!(object(old, 4, budget), Ok(Object::string("kept")));
        assert_eq!(object(old, 5, budget), Ok(Object::Null));
        assert_eq!(document.get(id(1), budget).unwrap().from, 0);
        assert_eq!(document.get(id(3), budget).unwrap().from, 1);
        let defined: Vec<u32> = document.objects_of_revision(1).map(|(id, _)| id.number).collect();
        assert_eq!(defined, [0, 3, 4, 5]);
    });
}

#[test]
fn a_thousand_revisions_are_all_seen() {
    let mut file = File::with_catalog("").object(3, "0").table("").close();
    for revision in 1..1000 {
        file = file.object(3, &revision.to_string()).table("").close();
    }
    opened(&file.bytes, |document, budget| {
        assert_eq!(document.revisions().len(), 1000);
        for revision in [0, 1, 500, 999] {
            let at = object(document.as_of(revision), 3, budget);
            assert_eq!(at, Ok(Object::Integer(revision as i64)));
        }
    });
}

#[test]
fn object_streams_and_cross_reference_streams_are_read() {
    let file = File::new()
        .object_stream(
            9,
            &[(1, "<</Type/Catalog/Pages 2 0 R>>"), (2, "<</Type/Pages/Kids[]/Count 0>>"), (3, "[4 0 R]")],
        )
        .object(4, "(plain)")
        .xref_stream(10, "")
        .close();
    opened(&file.bytes, |document, budget| {
        assert!(codes(document).is_empty(), "{:?}", document.findings());
        assert_eq!(document.xref_style(), XrefStyle::Stream);
        let three = document.get(id(3), budget).unwrap();
        let container = document.get(id(9), budget).unwrap();
        assert!(three.compressed);
        assert_eq!(
            (three.object, three.span),
            (Object::Array(vec![Object::Reference(id(4))]), container.span)
        );
        let kinds: Vec<_> = document.objects_of_revision(0).filter(|(id, _)| id.number == 3).collect();
        assert_eq!(kinds, [(id(3), EntryKind::Compressed { container: 9, index: 2 })]);
    });
}

#[test]
fn a_hybrid_file_shows_what_its_stream_hides_from_old_readers() {
    let file = File::new().object_stream(9, &[(3, "(hidden)")]).xref_stream(10, "");
    let stream_at = file.sections[0];
    let file = File { sections: Vec::new(), ..file }
        .object(1, "<</Type/Catalog/Pages 2 0 R>>")
        .object(2, "<</Type/Pages/Kids[]/Count 0>>")
        .free(3)
        .table(&format!("/XRefStm {stream_at}"))
        .close();
    opened(&file.bytes, |document, budget| {
        assert_eq!(document.xref_style(), XrefStyle::Hybrid);
        assert_eq!(document.revisions().len(), 1);
        assert_eq!(object(document.latest(), 3, budget), Ok(Object::string("hidden")));
    });
}

/// The first-page section comes first in the file and refers forward to the main one.
fn linearised() -> File {
    let parts = |main: usize| {
        let mut file = File::new().object(3, "<</Linearized 1>>").object(1, "<</Type/Catalog/Pages 2 0 R>>");
        let first = file.bytes.len();
        file = file.table(&format!("/Prev {main:010}")).raw("startxref\n0\n%%EOF\n");
        let file = File { sections: Vec::new(), ..file }.object(2, "<</Type/Pages/Kids[]/Count 0>>");
        let main = file.bytes.len();
        let file = file.table("").raw(format!("startxref\n{first}\n%%EOF\n"));
        (File { sections: vec![first], ..file }, main)
    };
    let (_, main) = parts(0);
    parts(main).0
}

#[test]
fn the_two_sections_of_a_linearised_file_are_one_revision() {
    let file = linearised();
    let end = file.bytes.len() as u64;
    opened(&file.bytes, |document, _| {
        assert!(codes(document).is_empty(), "{:?}", document.findings());
        assert_eq!((document.revisions().len(), document.revisions()[0].end), (1, end));
        assert_eq!(document.objects_of_revision(0).count(), 4);
    });
    let updated = file.object(5, "(five)").table("").close();
    opened(&updated.bytes, |document, _| {
        let ends: Vec<u64> = document.revisions().iter().map(|revision| revision.end).collect();
        assert_eq!(ends, [end, updated.bytes.len() as u64]);
        assert!(codes(document).is_empty(), "{:?}", document.findings());
    });
}

#[test]
fn the_later_of_header_and_catalog_version_counts() {
    for (entries, version) in [("/Version/2.0", (2, 0)), ("/Version/1.4", (1, 7)), ("", (1, 7))] {
        opened(&File::with_catalog(entries).finish(), |document, _| assert_eq!(document.version(), version));
    }
}

#[test]
fn an_object_that_is_not_where_it_should_be_is_malformed() {
    let file = File::with_catalog("").object(3, "(three)").entry(4, 15).entry(5, 1 << 20).finish();
    opened(&file, |document, budget| {
        let reason = object(document.latest(), 4, budget).unwrap_err();
        assert_eq!(reason, "object 1 0 where the cross-reference section says 4 0");
        assert_eq!(object(document.latest(), 5, budget), Err("past the end of the file".into()));
        let other = ObjectId { number: 3, generation: 1 };
        assert!(document.get(other, budget).unwrap_err().reason.contains("has generation 0"));
        assert_eq!(object(document.latest(), 77, budget), Ok(Object::Null));
    });
}

#[test]
fn a_stream_must_be_as_long_as_it_says() {
    let body = |length: &str| format!("<</Length {length}>>stream\nabc\nendstream");
    let file = File::with_catalog("")
        .object(3, &body("3"))
        .object(4, &body("2"))
        .object(5, &body("6 0 R"))
        .object(6, "3")
        .object(7, &body("99999"))
        .object(8, &body("-1"))
        .finish();
    opened(&file, |document, budget| {
        for (number, right) in [(3, true), (4, false), (5, true), (7, false), (8, false)] {
            let read = object(document.latest(), number, budget);
            let Ok(Object::Stream(stream)) = read else {
                assert!(!right, "{read:?}");
                continue;
            };
            assert_eq!(document.stream_data(&stream, budget), Ok(b"abc".to_vec()));
        }
    });
}

#[test]
fn a_file_without_a_usable_end_is_refused_at_its_byte() {
    let good = File::with_catalog("").finish();
    let text = String::from_utf8_lossy(&good).into_owned();
    for (bytes, at) in [
        (good[..good.len() - 20].to_vec(), None),
        (good[4..].to_vec(), Some(0)),
        (Vec::new(), Some(0)),
        (text.replace("xref\n0 1", "xrfe\n0 1").into_bytes(), None),
        (text.replace("/Root 1 0 R", "/Rook 1 0 R").into_bytes(), None),
    ] {
        let error = refusal(&bytes);
        assert!(at.is_none() || error.at == at, "{error}");
    }
    assert!(refusal(&File::with_catalog("").object(1, "(no catalog)").bytes).reason.contains("startxref"));
}

#[test]
fn spans_of_findings_lie_in_the_file() {
    let file = File::with_catalog("").object(3, "<</A 1/A 2>>").finish();
    opened(&file, |document, budget| {
        let located = document.get(id(3), budget).unwrap();
        let spans: Vec<Option<Span>> = located.findings.iter().map(|finding| finding.span).collect();
        assert_eq!(spans.len(), 1);
        assert!(located.span.contains(spans[0].unwrap()));
    });
}

#[test]
fn an_object_appended_after_the_revision_that_names_its_place_is_malformed() {
    let first = File::with_catalog("/A 3 0 R").entry(3, 0);
    let offset = first.table("").close().bytes.len();
    let first = File::with_catalog("/A 3 0 R").entry(3, offset).table("").close();
    assert_eq!(first.bytes.len(), offset);
    let file = first.raw("3 0 obj\n(slipped in)\nendobj\n").object(4, "(four)").table("").close();
    opened(&file.bytes, |document, budget| {
        let reason = object(document.latest(), 3, budget).unwrap_err();
        assert_eq!(reason, "object 3 0 lies beyond the end of the revision that defines it");
    });
}
