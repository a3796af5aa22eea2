//! Updates that one reader takes for harmless and another reads otherwise: searched anew, seen although said to be unseen,
//! drawn although said to be something else.

mod revisions;

use pdf::signatures::{FieldLock, LockedFields};
use revisions::{File, NEW_TIMESTAMP, SIGNED, reasons};
use undersign_inspection::{Judgement, allowed};

const INFO: (u32, &str) = (13, "<</Producer(by another hand)>>");
const TRAILER: &str = "/Root 1 0 R/Info 13 0 R";
const EVIL: &str = "<</Length 35>>stream\nBT /F1 12 Tf (You owe 100000) Tj ET\nendstream";

/// An update of the document information, its tail written with `from` replaced by `to`.
fn written(from: &str, to: &str) -> Judgement {
    let signed = File::signed(&[]);
    let mut file = signed.clone().update(&[INFO]);
    let tail = String::from_utf8(file.bytes.split_off(signed.bytes.len())).expect("text");
    assert!(tail.contains(from), "{from:?} is not in {tail:?}");
    file.bytes.extend(tail.replace(from, to).bytes());
    file.approved()
}

#[test]
fn an_update_that_is_not_written_as_the_standard_says_is_undecided() {
    assert!(matches!(written("xref\n", "xref\n"), Judgement::Permitted { .. }));
    for (from, to) in [
        ("xref\n13", "xref %c\n13"),
        ("xref\n13", "xref\n99999999 0\n13"),
        ("13 1\n", "13   1\n"),
        ("13 1\n", "+13 1\n"),
        ("13 1\n", "13\n1\n"),
        (" n \n", " n\n"),
        ("/Size 15", "/Size 14"),
        ("/Size 15", "/Size 999999999"),
        ("/Size 15", ""),
        ("/Size 15", "/Size 15/XRefStm 0"),
        ("startxref\n", "startxref %c\n"),
        ("startxref\n", "startxref      \n"),
        ("startxref\n", "startxref\n+"),
    ] {
        let judged = written(from, to);
        let is_undecided =
            matches!(&judged, Judgement::Overlaid { what } if what[0].contains("search the file"));
        assert!(is_undecided, "{from:?} as {to:?}: {judged:?}");
    }
}

#[test]
fn what_writers_differ_in_is_no_deviation() {
    for (from, to) in [
        ("xref\n", "xref\r\n"),
        (" n \n", " n\r\n"),
        ("\nstartxref", "\n%Writer 1.0\nstartxref"),
        ("%%EOF\n", "%%EOF"),
        ("trailer\n", "trailer "),
    ] {
        let judged = written(from, to);
        assert!(matches!(judged, Judgement::Permitted { .. }), "{from:?} as {to:?}: {judged:?}");
    }
}

#[test]
fn an_object_inside_of_another_one_is_found() {
    let hidden = format!("endobj\n5 0 obj\n{EVIL}\nendobj\n");
    for (number, object) in [
        (13, format!("<</Producer(x\n{hidden})>>")),
        (20, format!("<</Length {}>>stream\nendstream\n{hidden}\nendstream", hidden.len() + 11)),
        (20, "<</Length 30>>stream\nx\n5 0 obj\n<</Length 1>>stream\nendstream".to_owned()),
        (20, "<</Length 16>>stream\n5%c\n0%d\nobj <<>>\nendstream".to_owned()),
        (20, "<</Length 12>>stream\n5 0\u{b}obj <<>>\nendstream".to_owned()),
        (20, "<</Length 11>>stream\n5 0obj <<>>\nendstream".to_owned()),
        (20, format!("<</Length 1220>>stream\n5{}0{}obj <<>>\nendstream", " ".repeat(10), " ".repeat(1200))),
    ] {
        let words = reasons(&File::signed(&[]).update(&[(number, &object)]).approved());
        assert!(words.contains("does not list"), "{object}: {words}");
    }
}

#[test]
fn an_object_stream_that_holds_more_than_is_listed_is_found() {
    let update = |header: &str, entry: &str| {
        let second = if header.len() > 4 { "  <</Producer(y)>>" } else { "" };
        let body = format!("{header} <</Producer(x)>>{second}");
        let stream = format!(
            "<</Type/ObjStm/N {}/First {}/Length {}>>stream\n{body}\nendstream",
            header.split(' ').count() / 2,
            header.len() + 1,
            body.len()
        );
        let signed = File::signed(&[]);
        let start = signed.bytes.len();
        let mut bytes = signed.bytes.clone();
        bytes.extend(format!("20 0 obj\n{stream}\nendobj\n").bytes());
        let at = bytes.len();
        let prev = String::from_utf8_lossy(&signed.bytes).rfind("\nxref\n").expect("a table") + 1;
        let rows = format!("{entry} 01 {start:08x} 00 01 {at:08x} 00");
        let rows: String = rows.split(' ').collect();
        let dictionary = "/Type/XRef/W[1 4 1]/Index[13 1 20 2]/Size 22/Filter/ASCIIHexDecode";
        bytes.extend(
            format!(
                "21 0 obj\n<<{dictionary}/Prev {prev}{TRAILER}/Length {}>>stream\n{rows}>\nendstream\nendobj\nstartxref\n{at}\n%%EOF\n",
                rows.len() + 1
            )
            .bytes(),
        );
        match File::of(bytes).approved() {
            Judgement::Permitted { .. } => String::new(),
            judged => reasons(&judged),
        }
    };
    let first = "02 00000014 00";
    assert_eq!(update("13 0", first), "");
    // The second begins inside of the first.
    assert!(update("13 0 14 4", first).contains("otherwise than the update lists them"));
    assert!(update("13 0 13 18", first).contains("otherwise than the update lists them"));
    assert!(update("13 0 5 18", first).contains("otherwise than the update lists them"));
}

#[test]
fn what_a_page_draws_is_drawn_whatever_else_it_says_to_be() {
    let page = SIGNED[2].1;
    let drawing =
        |resources: &str| page.replace("/Resources<<", &format!("/Resources<</XObject {resources}"));
    let form = "/Subtype/Form/BBox[0 0 9 9]/Length 1>>stream\nn\nendstream";
    // The catalog is a list of drawings, and its metadata one of them.
    let catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R/Metadata 20 0 R>>";
    let metadata = format!("<</Type/Metadata/Subtype/XML{form}");
    let file = File::signed(&[(1, catalog), (3, &drawing("1 0 R")), (20, &metadata)]);
    let words = reasons(&file.update(&[(20, &metadata.replace("\nn\n", "\nf\n"))]).certified(1));
    assert!(words.contains("page 1"), "{words}");
    // The list of drawings is a text annotation, too.
    let note = "<</Type/Annot/Subtype/Text/Rect[1 1 2 2]/D 20 0 R>>";
    let with_note = drawing("21 0 R").replace("14 0 R]", "14 0 R 21 0 R]");
    let file = File::signed(&[(3, &with_note), (20, &format!("<<{form}")), (21, note)]);
    let words = reasons(&file.update(&[(21, &note.replace("20 0 R", "12 0 R"))]).approved());
    assert!(words.contains("object 21 0"), "{words}");
}

#[test]
fn a_field_is_unseen_only_if_it_says_so_itself() {
    let stamped = |widget: &str| {
        let kind = if widget.contains("/Subtype") { "" } else { "/Subtype/Widget" };
        let field = format!("<</Type/Annot{kind}/FT/Sig/T(DTS)/V 30 0 R/P 3 0 R{widget}>>");
        let update = [
            (3, SIGNED[2].1.replace("14 0 R]", "14 0 R 31 0 R]")),
            (4, SIGNED[3].1.replace("11 0 R]", "11 0 R 31 0 R]")),
            (30, NEW_TIMESTAMP.to_owned()),
            (31, field),
            (32, "99".to_owned()),
        ];
        let update: Vec<(u32, &str)> = update.iter().map(|(number, text)| (*number, text.as_str())).collect();
        File::signed(&[]).update(&update).certified(1)
    };
    for unseen in ["/Rect[0 0 0 0]/F 132", "/Rect[1 1 9 9]/F 2", "/Rect[1 1 9 9]/F 32", ""] {
        assert!(matches!(stamped(unseen), Judgement::Permitted { .. }), "{unseen}: {:?}", stamped(unseen));
    }
    for seen in [
        "/Rect[1 1 9 32 0 R]/F 132",
        "/Rect 32 0 R/F 132",
        "/Rect[1 1 9 9]/F 36",
        "/Rect[1 1 9 9]/F 32 0 R",
        "/Rect[1 1 9 9 9]/F 132",
    ] {
        assert!(reasons(&stamped(seen)).contains("visible signature field"), "{seen}");
    }
    assert!(reasons(&stamped("/Subtype/FreeText/Rect[0 0 0 0]")).contains("another kind of annotation"));
}

#[test]
fn flags_and_areas_that_readers_cut_or_draw_all_the_same_are_seen() {
    let judged = |widget: &str, appearance: &str| {
        let field =
            format!("<</Type/Annot/Subtype/Widget/FT/Sig/T(DTS)/V 30 0 R/P 3 0 R/AP<</N 33 0 R>>{widget}>>");
        let stream = format!("<</Subtype/Form/Length {}>>stream\n{appearance}\nendstream", appearance.len());
        let update = [
            (3, SIGNED[2].1.replace("14 0 R]", "14 0 R 31 0 R]")),
            (4, SIGNED[3].1.replace("11 0 R]", "11 0 R 31 0 R]")),
            (30, NEW_TIMESTAMP.to_owned()),
            (31, field),
            (33, stream),
        ];
        let update: Vec<(u32, &str)> = update.iter().map(|(number, text)| (*number, text.as_str())).collect();
        File::signed(&[]).update(&update).certified(1)
    };
    for (widget, appearance) in [
        ("/Rect[1 1 9 9]/F 4294967298", ""),
        ("/Rect[1 1 9 9]/F -2", ""),
        ("/Rect[0 0 0 0]/F 4", "0 0 9 9 re f"),
        ("", "0 0 9 9 re f"),
        ("/Rect[576460752303423488 0 576460752303423551 9]", ""),
    ] {
        assert!(
            reasons(&judged(widget, appearance)).contains("visible signature field"),
            "{widget} {appearance}"
        );
    }
    assert!(matches!(judged("/Rect[0 0 0 0]/F 132", "% DSBlank\n"), Judgement::Permitted { .. }));
}

#[test]
fn what_nothing_led_to_in_another_generation_and_a_page_that_was_none_are_found() {
    let page = SIGNED[2].1.replace("/Contents 5 0 R", "/Contents[5 0 R 40 1 R]");
    let words = reasons(&File::signed(&[(3, &page)]).update(&[(40, EVIL)]).approved());
    assert!(words.contains("refers to 40 1"), "{words}");
    let page = SIGNED[2].1.replace("/Type/Page/", "/Type/Pages/");
    let words = reasons(&File::signed(&[(3, &page)]).update(&[(3, SIGNED[2].1)]).approved());
    assert!(words.contains("Type"), "{words}");
}

#[test]
fn a_file_that_becomes_linearised_by_an_update_is_undecided() {
    let signed = File::signed(&[]).bytes.len();
    let first = |length: usize| format!("<</Linearized 1/L {length:010}/Comment(x)>>");
    let file = |length: usize| {
        let mut file = File::of(Vec::new());
        file.bytes.extend(b"%PDF-1.7\n");
        let mut objects: Vec<(u32, &str)> = vec![];
        let linearised = first(length);
        objects.push((1, "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>"));
        objects.extend(SIGNED.iter().filter(|(number, _)| *number > 1).copied());
        objects.insert(0, (50, &linearised));
        file.update(&objects).update(&[INFO])
    };
    let end = file(signed).bytes.len();
    assert!(matches!(file(end * 3).approved(), Judgement::Permitted { .. }));
    assert!(matches!(file(end).approved(), Judgement::Overlaid { .. }), "{:?}", file(end).approved());
}

#[test]
fn parts_that_lead_back_to_themselves_end() {
    let field = SIGNED[7].1.replace("/N 10 0 R", "/N 20 0 R");
    let words = reasons(&File::signed(&[]).update(&[(8, &field), (20, "<</N 20 0 R>>")]).approved());
    assert!(words.contains("lead back to themselves"), "{words}");
}

#[test]
fn a_locked_field_is_known_by_its_name_in_any_encoding() {
    let lock = |name: &str| FieldLock { fields: LockedFields::Include(vec![name.into()]), permissions: None };
    for (name, written) in
        [("Betrag €", "(Betrag \\240)"), ("Betrag €", "<FEFF0042006500740072006100670020 20AC>")]
    {
        let field = SIGNED[7].1.replace("(name)", written);
        let file = File::signed(&[(8, &field)]).update(&[(8, &field.replace("(Ada)/P", "(Eve)/P"))]);
        let words = reasons(&file.judged(&allowed(None, &[lock(name)])));
        assert!(words.contains("the locked field Betrag €"), "{written}: {words}");
    }
}

#[test]
fn a_field_whose_parent_is_another_than_it_says_is_found() {
    let field = SIGNED[7].1.replace("/T(name)", "/T(name)/Parent 20 0 R");
    let file = File::signed(&[(8, &field), (20, "<</T(free)>>")]);
    let words = reasons(&file.update(&[(8, &field.replace("(Ada)/P", "(Eve)/P"))]).approved());
    assert!(words.contains("a parent that does not list it"), "{words}");
}
