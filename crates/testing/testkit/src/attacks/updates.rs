//! Forgeries that come after the signed bytes: updates, and bytes that only some readers take for one.

use super::prepared::{DRAWING, Prepared};
use super::{Declared, SignedAs, approval, find, object, startxref, update, updated};

const ISA: Option<&str> = Some("incremental saving attack");
const APPENDED: Option<&str> = Some("data appended after the end");
const HIDE: Option<&str> = Some("shadow attack: hide");
const REPLACE: Option<&str> = Some("shadow attack: replace");
const HIDE_AND_REPLACE: Option<&str> = Some("shadow attack: hide and replace");
const SHADOWING: Option<&str> = Some("object shadowing");
const TWO_READINGS: Option<&str> = Some("two readings of one file");
const EVIL: Option<&str> = Some("evil annotation attack");
const SNEAKY: Option<&str> = Some("sneaky signature attack");

fn edited(file: &[u8], number: u32, from: &str, to: &str) -> String {
    let body = object(file, number);
    let edited = body.replacen(from, to, 1).to_owned();
    let spaced = from.replace("/Annots[", "/Annots [");
    let edited = if edited == body { body.replacen(&spaced, to, 1) } else { edited };
    assert_ne!(edited, body, "{from} is in {body}");
    edited
}

fn with(file: &[u8], number: u32, from: &str, to: &str, more: &[(u32, &str)]) -> Vec<u8> {
    let body = edited(file, number, from, to);
    let mut objects = vec![(number, body.as_str())];
    objects.extend(more);
    update(file, &objects)
}

/// Incremental saving, with and without what makes it a revision.
pub(super) const SAVING: &[Declared] = &[
    approval("incremental saving: no table, no trailer", APPENDED, |file| {
        [file, b"4 0 obj\n", DRAWING.as_bytes(), b"\nendobj\n"].concat()
    }),
    approval("incremental saving: its own trailer, no table", APPENDED, |file| {
        let trailer = "\nendobj\ntrailer\n<</Size 40/Root 1 0 R>>\n";
        [file, b"4 0 obj\n", DRAWING.as_bytes(), trailer.as_bytes()].concat()
    }),
    approval("incremental saving: a trailer and a second end", None, |file| {
        let trailer = "\nendobj\ntrailer\n<</Size 40/Root 1 0 R>>\n%%EOF\n";
        [file, b"4 0 obj\n", DRAWING.as_bytes(), trailer.as_bytes()].concat()
    }),
    approval("incremental saving: a table that startxref does not name", None, |file| {
        let forged = update(file, &[(4, DRAWING)]);
        let end = forged.windows(9).rposition(|window| window == b"startxref").expect("an end");
        [&forged[..end], format!("startxref\n{}\n%%EOF\n", startxref(file)).as_bytes()].concat()
    }),
    approval("incremental saving: another content", ISA, |file| {
        with(file, 3, "/Contents 4 0 R", "/Contents 50 0 R", &[(50, DRAWING)])
    }),
    approval("incremental saving: another catalog", ISA, |file| {
        let catalog = edited(file, 1, "2 0 R", "51 0 R");
        let objects = [
            (50, catalog.as_str()),
            (51, "<</Type/Pages/Kids[52 0 R]/Count 1>>"),
            (52, "<</Type/Page/Parent 51 0 R/MediaBox[0 0 9 9]/Contents 53 0 R>>"),
            (53, DRAWING),
        ];
        updated(file, &objects, &[], &format!("/Root 50 0 R/Prev {}", startxref(file)))
    }),
    approval("incremental saving: a second page", ISA, |file| {
        let pages = "<</Type/Pages/Kids[3 0 R 50 0 R]/Count 2>>";
        let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 51 0 R>>";
        update(file, &[(2, pages), (50, page), (51, DRAWING)])
    }),
    approval(
        "incremental saving: the signature copied into the update",
        Some("signature wrapping attack"),
        |file| {
            let (field, number) = signed_field(file);
            let copy = object(file, number);
            with(file, field, &format!("{number} 0 R"), "60 0 R", &[(60, &copy), (4, DRAWING)])
        },
    ),
    approval("incremental saving: the signed revision left out", None, |file| {
        let original = find(file, b"%%EOF");
        let prev = startxref(&file[..original]);
        updated(file, &[(4, DRAWING)], &[], &format!("/Root 1 0 R/Prev {prev}"))
    }),
    approval("appended: 500 zero bytes", APPENDED, |file| [file, &[0; 500]].concat()),
    approval("appended: a trailer", APPENDED, |file| [file, b"trailer\n<</Size 40/Root 50 0 R>>\n"].concat()),
];

/// Shadow attacks: what shows later was in the signed revision, or what showed goes.
pub(super) const SHADOW: &[Declared] = &[
    approval("shadow hide: the annotation over a clause goes", HIDE, |file| {
        with(file, 3, " 11 0 R", "", &[])
    }),
    approval("shadow hide: the annotation over a clause is freed", HIDE, |file| {
        let entries = [(11, "0000000000 00001 f".to_owned())];
        updated(file, &[], &entries, &format!("/Root 1 0 R/Prev {}", startxref(file)))
    }),
    approval("shadow hide: what covers becomes empty", None, |file| {
        update(file, &[(14, "<</Type/XObject/Subtype/Form/BBox[0 0 240 25]/Length 1>>stream\nn\nendstream")])
    }),
    approval("shadow hide: content is freed", HIDE, |file| {
        let entries = [(7, "0000000000 00001 f".to_owned())];
        updated(file, &[], &entries, &format!("/Root 1 0 R/Prev {}", startxref(file)))
    }),
    approval("shadow replace: the content under its number", REPLACE, |file| update(file, &[(4, DRAWING)])),
    approval("shadow replace: a form field shows another value", REPLACE, |file| {
        let drawn = object(file, 13).replace("(100)", "(900)");
        update(file, &[(13, &drawn)])
    }),
    approval("shadow replace: the same value in another writing", REPLACE, |file| {
        let other =
            "<</Type/XObject/Subtype/Form/BBox[0 0 240 20]/Length 13>>stream\n0 0 9 9 re S \nendstream";
        with(file, 10, "(100)", "<FEFF003100300030>", &[(13, other)])
    }),
    approval("shadow hide: a field with flags that are no integer", HIDE, |file| {
        with(file, 10, "/F 4", "/F 2.0", &[])
    }),
    approval("shadow replace: the font", REPLACE, |file| {
        update(file, &[(5, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>")])
    }),
    approval("shadow replace: a drawing of the page", REPLACE, |file| {
        update(
            file,
            &[(
                7,
                "<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/Length 20>>stream\n1 g 0 0 595 842 re f\nendstream",
            )],
        )
    }),
    approval("shadow replace: the resources under an unchanged content", ISA_OR_SHADOW, |file| {
        with(file, 3, "/F1 5 0 R", "/F1 15 0 R", &[])
    }),
    approval("shadow hide and replace: hidden content", HIDE_AND_REPLACE, |file| {
        with(file, 3, "/Contents 4 0 R", "/Contents 6 0 R", &[])
    }),
    approval("shadow hide and replace: a hidden page", HIDE_AND_REPLACE, |file| {
        update(file, &[(2, "<</Type/Pages/Kids[8 0 R]/Count 1>>")])
    }),
    Declared {
        name: "shadow hide and replace: an entry that points into the signed bytes",
        found_as: HIDE_AND_REPLACE,
        document: Prepared::Twice,
        signed_as: SignedAs::Approval,
        forge: |file| {
            let second = file.windows(8).enumerate().filter(|(_, window)| *window == b"\n4 0 obj").nth(1);
            let (at, _) = second.expect("the content is written twice");
            let entries = [(4, format!("{:010} 00000 n", at + 1))];
            updated(file, &[], &entries, &format!("/Root 1 0 R/Prev {}", startxref(file)))
        },
    },
    Declared {
        name: "shadow: a reference to nothing is filled",
        found_as: REPLACE,
        document: Prepared::Dangling,
        signed_as: SignedAs::Approval,
        forge: |file| update(file, &[(40, DRAWING)]),
    },
    Declared {
        name: "content taken from another file",
        found_as: Some("content taken from another file"),
        document: Prepared::External,
        signed_as: SignedAs::Approval,
        // Nothing needs to be changed: the other file is.
        forge: |file| [file, b"\n"].concat(),
    },
    approval(
        "content taken from another file by an update",
        Some("content taken from another file"),
        |file| update(file, &[(4, "<</F(content.txt)/Length 0>>stream\n\nendstream")]),
    ),
];

const ISA_OR_SHADOW: Option<&str> = HIDE_AND_REPLACE;

/// Two signatures or fields where there is one, and files that two readers read differently.
pub(super) const OTHERS: &[Declared] = &[
    approval("several fields share one signature", Some("several fields share one signature"), |file| {
        let (_, number) = signed_field(file);
        let field = format!("<</FT/Sig/T(Spoof)/V {number} 0 R>>");
        with(file, 9, "10 0 R", "10 0 R 60 0 R", &[(60, &field)])
    }),
    approval("a second field of the same name", Some("duplicate field"), |file| {
        let (_, number) = signed_field(file);
        let field = format!("<</FT/Sig/T(Signature1)/V {number} 0 R>>");
        with(file, 9, "10 0 R", "10 0 R 60 0 R", &[(60, &field)])
    }),
    approval("the signature in the field exchanged", Some("signature exchanged"), |file| {
        let (field, number) = signed_field(file);
        let other = "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange[0 1 2 3]/Contents<01>>>";
        with(file, field, &format!("{number} 0 R"), "60 0 R", &[(60, other)])
    }),
    approval("object shadowing: an object that the table does not list", SHADOWING, |file| {
        let forged = [file, b"4 0 obj\n", DRAWING.as_bytes(), b"\nendobj\n"].concat();
        updated(&forged, &[(80, "<<>>")], &[], &format!("/Root 1 0 R/Prev {}", startxref(file)))
    }),
    approval("object shadowing: a number given to another kind", None, |file| {
        update(file, &[(5, "<</Type/Catalog/Pages 2 0 R>>")])
    }),
    approval("two readings: a key twice in the page", TWO_READINGS, |file| {
        with(file, 3, "/Contents 4 0 R", "/Contents 4 0 R/Contents 6 0 R", &[])
    }),
    approval("two readings: a hybrid whose hidden table lists other objects", None, |file| {
        updated(file, &[(80, "<<>>")], &[], &format!("/Root 1 0 R/Prev {}/XRefStm 9", startxref(file)))
    }),
    approval("two readings: an entry listed twice", None, |file| {
        let hidden = find(file, b"6 0 obj");
        let entries = [(4, format!("{hidden:010} 00000 n"))];
        updated(file, &[(4, DRAWING)], &entries, &format!("/Root 1 0 R/Prev {}", startxref(file)))
    }),
    approval("two readings: two roots in the trailer", TWO_READINGS, |file| {
        updated(file, &[(80, "<<>>")], &[], &format!("/Root 1 0 R/Root 80 0 R/Prev {}", startxref(file)))
    }),
    approval("a script on opening", Some("action added"), |file| {
        with(file, 1, "<<", "<</OpenAction<</S/JavaScript/JS(x)>>", &[])
    }),
];

const FIELD_OVER_PAGE: &str =
    "<</Type/Annot/Subtype/Widget/FT/Sig/T(Sneaky)/V 61 0 R/P 3 0 R/Rect[0 0 595 842]/F 4/AP<</N 14 0 R>>>>";
const ANOTHER_SIGNATURE: &str =
    "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<01>>>";

/// Attacks on certified documents, by the level of the certification, and the same after an approval signature.
pub(super) fn certification() -> Vec<Declared> {
    type Forge = fn(&[u8]) -> Vec<u8>;
    let annotations: [(&str, Forge); 11] = [
        ("evil annotation: free text", |file| annotated(file, "/FreeText/Contents(You owe 900)", "")),
        ("evil annotation: stamp", |file| annotated(file, "/Stamp", "/AP<</N 14 0 R>>")),
        ("evil annotation: redaction", |file| annotated(file, "/Redact", "/AP<</N 14 0 R>>")),
        ("evil annotation: a white area that says it is a highlight", |file| {
            annotated(file, "/Highlight", "/AP<</N 14 0 R>>")
        }),
        ("evil annotation: a thick line", |file| {
            annotated(file, "/Ink/InkList[[70 775 300 775]]/BS<</W 20>>", "")
        }),
        ("evil annotation: white strokes that erase a line", |file| {
            let strokes = "1 G 3 w 0 2 m 240 2 l 0 4 m 240 4 l 0 6 m 240 6 l 0 8 m 240 8 l 0 10 m 240 10 l S";
            drawn(file, "/Underline", LINE, strokes)
        }),
        ("evil annotation: grey that multiplies until it is black", |file| {
            drawn(file, "/Highlight", LINE, &format!("/G gs {}", "0.6 g 0 0 240 25 re f ".repeat(6)))
        }),
        ("evil annotation: a strike-out that readers draw as they like", |file| {
            annotated(file, "/StrikeOut/QuadPoints[60 785 300 785 60 760 300 760]", "")
        }),
        ("evil annotation: a part of one figure", |file| {
            drawn(file, "/Ink", "[122 768 124 780]", "1 g 0 0 240 25 re f")
        }),
        ("evil annotation: over the value of a field", |file| {
            drawn(file, "/Ink", "[72 600 272 620]", "1 g 0 0 240 25 re f")
        }),
        ("evil annotation: another order of drawing", |file| {
            with(file, 3, "10 0 R 11 0 R", "11 0 R 10 0 R", &[])
        }),
    ];
    let mut all = Vec::new();
    for (name, forge) in annotations {
        for signed_as in [SignedAs::Certification(3), SignedAs::Approval] {
            all.push(Declared { name, found_as: EVIL, document: Prepared::Plain, signed_as, forge });
        }
    }
    let sneaky: Forge = |file| {
        let form = edited(file, 9, "10 0 R", "10 0 R 60 0 R");
        with(
            file,
            3,
            "11 0 R",
            "11 0 R 60 0 R",
            &[(9, &form), (60, FIELD_OVER_PAGE), (61, ANOTHER_SIGNATURE)],
        )
    };
    for signed_as in [SignedAs::Certification(2), SignedAs::Certification(3), SignedAs::Approval] {
        let name = "sneaky signature: a field over the page";
        all.push(Declared { name, found_as: SNEAKY, document: Prepared::Plain, signed_as, forge: sneaky });
    }
    all
}

/// An annotation over the first line of text.
fn annotated(file: &[u8], kind: &str, more: &str) -> Vec<u8> {
    let annotation = format!("<</Type/Annot/Subtype{kind}/Rect[60 760 300 785]/F 4{more}>>");
    with(file, 3, "11 0 R", "11 0 R 60 0 R", &[(60, &annotation)])
}

/// The first line of text.
const LINE: &str = "[60 760 300 785]";

/// An annotation in a place with an appearance of that content, which can multiply.
fn drawn(file: &[u8], kind: &str, rect: &str, content: &str) -> Vec<u8> {
    let annotation = format!("<</Type/Annot/Subtype{kind}/Rect{rect}/F 4/AP<</N 61 0 R>>>>");
    let entries = "/Type/XObject/Subtype/Form/BBox[0 0 240 25]/Resources<</ExtGState<</G<</BM/Multiply>>>>>>";
    let appearance = format!("<<{entries}/Length {}>>stream\n{content}\nendstream", content.len());
    with(file, 3, "11 0 R", "11 0 R 60 0 R", &[(60, &annotation), (61, &appearance)])
}

/// The numbers of the signed field and of its signature dictionary.
fn signed_field(file: &[u8]) -> (u32, u32) {
    let numbers = 16..40;
    let text = String::from_utf8_lossy(file);
    let exists = |number: &u32| text.contains(&format!("\n{number} 0 obj\n"));
    let known: Vec<u32> = numbers.filter(exists).collect();
    let field = known.iter().find(|number| object(file, **number).contains("/FT")).expect("a field");
    let value = known.iter().find(|number| object(file, **number).contains("/ByteRange")).expect("a value");
    (*field, *value)
}
