//! The document that is attacked, with all that shadow attacks prepare before it is signed.

/// What the document holds when it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prepared {
    /// A page with text, a drawing, a font, a text field and an annotation that covers some text; hidden content besides.
    Plain,
    /// The page's content has a second part that is not there yet.
    Dangling,
    /// The page's content is in another file.
    External,
    /// The content is written twice under one number; the table lists the first.
    Twice,
}

/// What the hidden content draws.
pub const DRAWING: &str = "<</Length 47>>stream\nBT /F1 12 Tf 72 770 Td (You owe 900 euro) Tj ET\nendstream";

/// The document. Objects: 1 catalog, 2 pages, 3 page, 4 its content, 5 font, 6 hidden content, 7 drawing, 8 hidden page,
/// 9 form, 10 text field, 11 annotation over a clause, 13 and 14 appearances, 15 font that nothing uses.
pub fn prepared(prepared: Prepared) -> Vec<u8> {
    let content =
        "BT /F1 12 Tf 72 770 Td (You owe 100 euro) Tj 0 -270 Td (Clause that is hidden) Tj ET /X1 Do";
    let contents = if prepared == Prepared::Dangling { "[4 0 R 40 0 R]" } else { "4 0 R" };
    let stream =
        |entries: &str, data: &str| format!("<<{entries}/Length {}>>stream\n{data}\nendstream", data.len());
    let external = if prepared == Prepared::External { "/F(content.txt)/FFilter/FlateDecode" } else { "" };
    let form = "/Type/XObject/Subtype/Form/BBox[0 0 240 20]/Resources<</Font<</F1 5 0 R>>>>";
    let resources = "/Resources<</Font<</F1 5 0 R>>/XObject<</X1 7 0 R>>>>";
    let objects: Vec<(u32, String)> = vec![
        (1, "<</Type/Catalog/Pages 2 0 R/AcroForm 9 0 R>>".into()),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".into()),
        (
            3,
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {contents}{resources}/Annots[10 0 R 11 0 R]>>"
            ),
        ),
        (4, stream(external, content)),
        (5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".into()),
        (6, DRAWING.into()),
        (7, stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", "0 0 9 9 re S")),
        (8, format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 6 0 R{resources}>>")),
        (9, "<</Fields[10 0 R]/DA(/F1 12 Tf)/DR<</Font<</F1 5 0 R>>>>>>".into()),
        (
            10,
            "<</Type/Annot/Subtype/Widget/FT/Tx/T(amount)/V(100)/P 3 0 R/Rect[72 600 272 620]/F 4/AP<</N 13 0 R>>>>"
                .into(),
        ),
        (11, "<</Type/Annot/Subtype/Square/Rect[60 490 300 515]/F 4/P 3 0 R/AP<</N 14 0 R>>>>".into()),
        (13, stream(form, "/Tx BMC BT /F1 12 Tf 2 5 Td (100) Tj ET EMC")),
        (14, stream("/Type/XObject/Subtype/Form/BBox[0 0 240 25]", "1 g 0 0 240 25 re f")),
        (15, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>".into()),
    ];
    let mut file = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = String::from("xref\n0 1\n0000000000 65535 f \n");
    for (number, body) in &objects {
        table += &format!("{number} 1\n{:010} 00000 n \n", file.len());
        file.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    if prepared == Prepared::Twice {
        file.extend(format!("4 0 obj\n{DRAWING}\nendobj\n").bytes());
    }
    let at = file.len();
    file.extend(format!("{table}trailer\n<</Size 16/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n").bytes());
    file
}
