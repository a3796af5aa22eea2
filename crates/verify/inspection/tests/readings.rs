//! What readers read in more than one way: names and references that are written oddly, object 0, files that are linearised
//! for some, numbers that are codes, pages that are miscounted.

mod revisions;

use revisions::{File, SIGNED, reasons};
use undersign_inspection::Judgement;

const INFO: (u32, &str) = (13, "<</Producer(by another hand)>>");
const TRAILER: &str = "/Root 1 0 R/Info 13 0 R";
const EVIL: &str = "<</Length 35>>stream\nBT /F1 12 Tf (You owe 100000) Tj ET\nendstream";

fn is_permitted(judged: &Judgement) -> bool {
    matches!(judged, Judgement::Permitted { .. })
}

/// Whether it neither passes nor is called unchanged.
fn is_caught(judged: &Judgement) -> bool {
    !is_permitted(judged) && *judged != Judgement::None
}

/// The bytes of `file` with `from`, which stands there once at least, in place of its last occurrence replaced by `to`.
fn rewritten(mut file: File, from: &[u8], to: &[u8]) -> File {
    let at = file.bytes.windows(from.len()).rposition(|window| window == from).expect("what is replaced");
    file.bytes.splice(at..at + from.len(), to.iter().copied());
    file
}

#[test]
fn a_name_in_an_update_that_readers_read_otherwise_is_an_error() {
    let odd: [&[u8]; 6] =
        [b"/Root\xff3\xff0\xffR", b"/Root\x803\x800\x80R", b"/A\x013", b"/#5Zrev", b"/Encry#7Zt", b"/Info#4"];
    for name in odd {
        let placeholder = vec![b'Z'; name.len() - 1];
        let entry = format!("/{} 0", String::from_utf8_lossy(&placeholder));
        let trailer = File::signed(&[]).revise(&[INFO], &[], "", &format!("{TRAILER}{entry}"));
        assert!(is_permitted(&trailer.clone().approved()), "{entry}");
        let odd = [name, b" 0"].concat();
        assert!(is_caught(&rewritten(trailer, entry.as_bytes(), &odd).approved()), "{name:?} in a trailer");
        let note = format!(
            "<</Type/Annot/Subtype/Ink/F 4/Rect[300 300 390 320]/InkList[[300 300 390 320]]{entry}>>"
        );
        let page = SIGNED[2].1.replace("14 0 R]", "14 0 R 20 0 R]");
        let file = File::signed(&[]).update(&[(3, &page), (20, &note)]);
        assert!(is_permitted(&file.clone().approved()));
        assert!(is_caught(&rewritten(file, entry.as_bytes(), &odd).approved()), "{name:?} in an annotation");
    }
    // Escapes and other bytes are what names may have.
    let named = "/A#20B#c3#a9#80 0";
    let file = File::signed(&[]).revise(&[INFO], &[], "", &format!("{TRAILER}{named}"));
    assert!(is_permitted(&file.approved()));
}

#[test]
fn a_reference_that_only_some_readers_take_for_one_is_followed() {
    let signed = |reference: &str| {
        let page = SIGNED[2].1.replace("/Contents 5 0 R", &format!("/Contents[5 0 R {reference}]"));
        File::signed(&[(3, &page)])
    };
    for reference in [
        "40 -0 R",
        "40 +0 R",
        "+40 0 R",
        "40.0 0 R",
        "40. 0 R",
        "4294967336 0 R",
        "18446744073709551656 0 R",
        "40%x\n0 R foo",
        "40 0 %x\nR foo",
    ] {
        let judged = signed(reference).update(&[(40, EVIL)]).approved();
        assert!(is_caught(&judged), "{reference}: {judged:?}");
    }
}

#[test]
fn an_update_cannot_define_object_0() {
    let page = SIGNED[2].1.replace("/Contents 5 0 R", "/Contents 0 0 R");
    let file =
        File::signed(&[(3, &page)]).revise(&[INFO], &[(0, "0000000015 00000 n".to_owned())], "", TRAILER);
    let words = reasons(&file.approved());
    assert!(words.contains("object 0"), "{words}");
}

#[test]
fn an_integer_that_is_a_code_or_an_index_is_no_real_number() {
    let font = |differences: &str| {
        format!("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Differences[{differences}]>>>>")
    };
    let (before, after) = (font("49 /nine"), font("49.0 /nine"));
    let file = File::signed(&[(6, &before)]);
    assert!(is_permitted(&file.clone().update(&[(6, &before)]).approved()));
    assert!(is_caught(&file.update(&[(6, &after)]).approved()));
    let page = SIGNED[2].1.replace("[0 0 595 842]", "[0 0 595.0 842]");
    assert!(is_permitted(&File::signed(&[]).update(&[(3, &page)]).approved()));
}

#[test]
fn what_is_added_to_a_file_that_was_written_oddly_may_be_led_to() {
    let unused = (40, "<</Length 1>>stream\nx\nendstream");
    assert!(is_permitted(&File::signed(&[]).update(&[INFO, unused]).approved()));
    let odd = rewritten(File::signed(&[]), b" n \n", b" n\n\n");
    assert!(is_permitted(&odd.clone().update(&[INFO]).approved()));
    assert!(is_caught(&odd.update(&[INFO, unused]).approved()));
}

/// A file that begins with a linearisation dictionary, was signed, and updated.
fn linearised(dictionary: &str) -> Judgement {
    let mut file = File::of(b"%PDF-1.7\n".to_vec());
    let mut objects: Vec<(u32, &str)> = vec![(50, dictionary)];
    objects.extend(SIGNED.iter().copied());
    file = file.update(&objects).update(&[INFO]);
    file.approved()
}

#[test]
fn a_linearisation_dictionary_that_readers_understand_otherwise_makes_updates_undecided() {
    assert!(is_permitted(&linearised("<</Linearized 1/L 9999999>>")));
    let end = {
        let mut objects: Vec<(u32, &str)> = vec![(50, "<</Linearized 1/L 00000>>")];
        objects.extend(SIGNED.iter().copied());
        File::of(b"%PDF-1.7\n".to_vec()).update(&objects).bytes.len()
    };
    let signed = format!("<</Linearized 1/L {end:05}>>");
    for dictionary in [
        signed.as_str(),
        "<</Linearized 1/L 9999999/L 5000>>",
        "<</Linearized 1/L 5000.0>>",
        "<</Linearized 1/L 13 0 R>>",
        "<</Linearized 1>>",
        "<</Linearized 1/L null>>",
        "<</Line#61rized 1/#4C 5000.5>>",
    ] {
        assert!(is_caught(&linearised(dictionary)), "{dictionary}");
    }
}

#[test]
fn a_wrong_count_of_pages_does_not_hide_what_is_under_a_field() {
    let field = SIGNED[7].1.replace("/P 3 0 R", "/P 30 0 R").replace("[10 10 90 30]", "[5 5 90 30]");
    let second = SIGNED[2].1.replace("/Parent 2 0 R", "/Parent 32 0 R");
    let pages = |count: u32| {
        [
            (2, format!("<</Type/Pages/Kids[31 0 R 32 0 R]/Count {}>>", count + 1)),
            (3, "<</Type/Page/Parent 31 0 R/MediaBox[0 0 595 842]/Annots[7 0 R 11 0 R 14 0 R]>>".to_owned()),
            (8, field.clone()),
            (30, second.replace("7 0 R 8 0 R 11 0 R 14 0 R", "8 0 R")),
            (31, format!("<</Type/Pages/Parent 2 0 R/Kids[3 0 R]/Count {count}>>")),
            (32, "<</Type/Pages/Parent 2 0 R/Kids[30 0 R]/Count 1>>".to_owned()),
        ]
    };
    for count in [1, 2] {
        let pages = pages(count);
        let signed: Vec<(u32, &str)> = pages.iter().map(|(number, text)| (*number, text.as_str())).collect();
        let filled = field.replace("(Ada)", "(Eve)");
        let judged = File::signed(&signed).update(&[(8, &filled)]).certified(2);
        assert!(matches!(judged, Judgement::Overlaid { .. }), "{count}: {judged:?}");
    }
}
