//! Input made to crash, hang or fill memory: refused, within the budget.

use crate::build::{File, Hidden, object, opened, refusal};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::io::Write;
use std::time::{Duration, Instant};
use types::{Budget, Cause, Limits, Resource};
use undersign_pdf::Document;
use undersign_pdf::object::{Object, ObjectId};

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn sections_that_refer_to_each_other_in_a_loop_are_refused() {
    let base = File::with_catalog("");
    let at = base.bytes.len();
    for entries in
        [format!("/Prev {at}"), format!("/XRefStm {at}"), "/Prev 99999999".into(), "/Prev 1 0 R".into()]
    {
        let file = File::with_catalog("").table(&entries).close();
        let error = refusal(&file.bytes);
        assert!(error.clause.starts_with("ISO 32000-2, 7.5"), "{entries}: {error}");
    }
    // The older section names the newer one, which names it.
    let two = |newer: usize| {
        let file = File::with_catalog("").table(&format!("/Prev {newer:010}")).close();
        file.object(3, "0").table("").close()
    };
    let newer = two(0).sections[1];
    assert!(refusal(&two(newer).bytes).reason.contains("loop"));
}

#[test]
fn more_entries_than_bytes_are_refused_before_memory_is_taken() {
    for section in [
        "xref\n0 2147483648\n0000000000 65535 f \ntrailer<</Root 1 0 R>>\n".to_owned(),
        "xref\n4294967295 4294967295\ntrailer<</Root 1 0 R>>\n".into(),
        "xref\n0 99999999999999999999\n".into(),
        "1 0 obj<</Type/XRef/W[1 1 1]/Size 2147483648/Length 3/Root 1 0 R>>stream\nabc\nendstream endobj\n".into(),
        "1 0 obj<</Type/XRef/W[0 0 0]/Size 9/Length 3/Root 1 0 R>>stream\nabc\nendstream endobj\n".into(),
        "1 0 obj<</Type/XRef/W[9 9 9]/Size 9/Length 3/Root 1 0 R>>stream\nabc\nendstream endobj\n".into(),
        "1 0 obj<</Type/XRef/W[1 1 1]/Index[4294967295 2]/Length 6/Root 1 0 R>>stream\nabcabc\nendstream endobj\n"
            .into(),
    ] {
        let file = format!("%PDF-1.7\n{section}startxref\n9\n%%EOF");
        let start = Instant::now();
        refusal(file.as_bytes());
        assert!(start.elapsed() < Duration::from_secs(1), "{section}");
    }
}

#[test]
fn deep_nesting_of_any_kind_is_refused() {
    for body in ["[".repeat(500_000), "<</A".repeat(500_000), "[<</A ".repeat(200_000)] {
        let file = File::with_catalog("").object(3, &body).finish();
        opened(&file, |document, budget| {
            assert_eq!(object(document.latest(), 3, budget), Err("nested too deeply".into()));
        });
    }
}

#[test]
fn a_bomb_in_a_stream_or_object_stream_is_stopped() {
    let bomb = deflated(&vec![b' '; 64 << 20]);
    let file = File::with_catalog("")
        .stream(8, "/Type/ObjStm/N 1/First 4/Filter/FlateDecode", &bomb)
        .stream(7, "/Filter/FlateDecode", &bomb)
        .inside(5, 8, 0)
        .xref_stream(10, "")
        .close();
    let start = Instant::now();
    for number in [5, 7] {
        let mut budget = Budget::new(Limits::STANDARD.with(Resource::DecodedBytes, 1 << 20));
        let document = Document::open(&file.bytes, None, &mut budget).unwrap();
        let id = ObjectId { number, generation: 0 };
        let error = match document.get(id, &mut budget).map(|located| located.object) {
            Ok(Object::Stream(stream)) => document.stream_data(&stream, &mut budget).unwrap_err(),
            other => other.unwrap_err(),
        };
        assert!(matches!(error.cause, Cause::Budget(_)), "{error}");
    }
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[test]
fn object_streams_cannot_lead_to_themselves_or_lie_about_their_size() {
    for (entries, data) in [
        ("/Type/ObjStm/N 99999999/First 4", "1 0 "),
        ("/Type/ObjStm/N 1/First 99999", "1 0 "),
        ("/Type/ObjStm/N -1/First -1", "1 0 "),
        ("/Type/ObjStm/N 1/First 4", "7 0 (wrong number)"),
        ("/Type/ObjStm/N 1/First 4", "x y "),
        ("/Type/ObjStm/N 3 0 R/First 4", "3 0 1"),
    ] {
        let base = File::with_catalog("").object_stream(9, &[(3, "(inside)")]).xref_stream(10, "").close();
        let update = base.stream(9, entries, data.as_bytes()).inside(3, 9, 0).xref_stream(10, "").close();
        opened(&update.bytes, |document, budget| {
            assert!(object(document.latest(), 3, budget).is_err(), "{entries} {data}");
            assert_eq!(object(document.as_of(0), 3, budget), Ok(Object::string("inside")));
        });
    }
}

#[test]
fn an_object_stream_replaced_behind_the_back_of_what_it_holds_is_refused() {
    let base = File::with_catalog("").object_stream(9, &[(3, "(inside)")]).xref_stream(10, "").close();
    let update = base.stream(9, "/Type/ObjStm/N 1/First 4", b"3 0 (other)").xref_stream(10, "").close();
    opened(&update.bytes, |document, budget| {
        let reason = object(document.latest(), 3, budget).unwrap_err();
        assert_eq!(reason, "object stream 9 was replaced after the entries of what it holds");
    });
}

#[test]
fn lengths_and_references_that_loop_are_refused() {
    let file = File::with_catalog("")
        .object(3, "<</Length 3 0 R>>stream\nabc\nendstream")
        .object(4, "<</Length 5 0 R>>stream\nabc\nendstream")
        .object(5, "<</Length 4 0 R>>stream\nabc\nendstream")
        .object(6, "7 0 R")
        .object(7, "6 0 R")
        .finish();
    opened(&file, |document, budget| {
        for number in [3, 4, 5] {
            assert_eq!(
                object(document.latest(), number, budget),
                Err("Length of a stream is a stream".into())
            );
        }
        let reference = Object::Reference(ObjectId { number: 6, generation: 0 });
        assert!(document.resolve(&reference, budget).unwrap_err().reason.contains("references only"));
    });
}

#[test]
fn a_long_chain_of_revisions_ends_with_the_budget() {
    let mut file = File::with_catalog("").table("").close();
    for _ in 0..50 {
        file = file.object(3, "0").table("").close();
    }
    let mut budget = Budget::new(Limits::STANDARD.with(Resource::Revisions, 20));
    let error = Document::open(&file.bytes, None, &mut budget).err().unwrap();
    assert!(matches!(error.cause, Cause::Budget(_)));
}

#[test]
fn a_wide_and_deep_field_tree_ends_with_the_budget_or_the_depth() {
    let mut file = File::with_catalog("/AcroForm<</Fields[3 0 R]>>");
    for number in 3..400 {
        file = file.object(number, &format!("<</T(x)/Kids[{} 0 R]>>", number + 1));
    }
    opened(&file.finish(), |document, budget| {
        assert!(document.acroform(budget).unwrap_err().reason.contains("too deeply"));
    });
}

#[test]
fn many_equal_keys_take_linear_time() {
    let body = format!("<<{}>>", "/A 1".repeat(300_000));
    let file = File::with_catalog("").object(3, &body).finish();
    let start = Instant::now();
    opened(&file, |document, budget| {
        let Ok(Object::Dictionary(dictionary)) = object(document.latest(), 3, budget) else {
            panic!("a dictionary")
        };
        assert_eq!(dictionary.0.len(), 1);
    });
    assert!(start.elapsed() < Duration::from_secs(10));
}

/// A small file that has something of everything.
fn sample() -> Vec<u8> {
    File::with_catalog("/AcroForm<</Fields[4 0 R]>>/DSS<</Certs[6 0 R]>>")
        .object_stream(9, &[(3, "[1 2 3]"), (7, "(seven)")])
        .object(4, "<</FT/Sig/T(A)/V 5 0 R/Subtype/Widget/Rect[0 0 1 1]>>")
        .object(5, "<</Type/Sig/Contents<3003020107>/ByteRange[0 1 2 3]/M(D:2026)>>")
        .stream(6, "/Filter/FlateDecode", &deflated(b"some data"))
        .xref_stream(10, "")
        .close()
        .object(4, "<</FT/Sig/T(B)/V 5 0 R>>")
        .xref_stream(11, "")
        .close()
        .bytes
}

fn read_all(bytes: &[u8]) {
    let mut budget = Budget::new(Limits::STANDARD.with(Resource::Steps, 100_000));
    let source = Hidden(bytes);
    let Ok(document) = Document::open(&source, None, &mut budget) else { return };
    let _ = document.pages(&mut budget);
    let _ = document.signatures(&mut budget);
    let _ = document.security_store(&mut budget);
    for number in 0..12 {
        if let Ok(Object::Stream(stream)) = object(document.latest(), number, &mut budget) {
            let _ = document.stream_data(&stream, &mut budget);
        }
    }
}

#[test]
fn no_cut_and_no_flipped_bit_makes_it_panic() {
    let sample = sample();
    let mut budget = Budget::default();
    let document = Document::open(&sample, None, &mut budget).unwrap();
    assert_eq!(document.signatures(&mut budget).unwrap().fields[0].name, "B");
    for length in 0..sample.len() {
        read_all(&sample[..length]);
    }
    for at in 0..sample.len() {
        for bit in 0..8 {
            let mut flipped = sample.clone();
            flipped[at] ^= 1 << bit;
            read_all(&flipped);
        }
    }
}
