//! A signed PDF made by hand, and updates to it.

#![allow(dead_code, reason = "each test program uses a part")]

use pdf::Document;
use types::Budget;
use undersign_inspection::{Judgement, LaterChanges, Permissions, allowed, judge, later_changes};

/// A file that grows by incremental updates with classic cross-reference tables.
#[derive(Clone)]
pub struct File {
    pub bytes: Vec<u8>,
    prev: usize,
    size: u32,
}

/// One page with text, a signed field `Sig1` (7, signature 9), a text field `name` (8, appearance 10), an empty signature
/// field `Sig2` (11), a stream that nothing uses (12), document information (13) and a highlight (14).
pub const SIGNED: &[(u32, &str)] = &[
    (1, "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>"),
    (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>"),
    (
        3,
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<</Font<</F1 6 0 R>>>>/Annots[7 0 R 8 0 R 11 0 R 14 0 R]>>",
    ),
    (4, "<</Fields[7 0 R 8 0 R 11 0 R]/SigFlags 3/DR<</Font<</F1 6 0 R>>>>>>"),
    (5, "<</Length 32>>stream\nBT /F1 12 Tf (You owe 100) Tj ET\nendstream"),
    (6, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"),
    (7, "<</Type/Annot/Subtype/Widget/FT/Sig/T(Sig1)/V 9 0 R/P 3 0 R/Rect[0 0 0 0]/F 132>>"),
    (8, "<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(Ada)/P 3 0 R/Rect[10 10 90 30]/F 4/AP<</N 10 0 R>>>>"),
    (
        9,
        "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 10 20 30]/Contents<00>>>",
    ),
    (
        10,
        "<</Type/XObject/Subtype/Form/BBox[0 0 80 20]/Resources<</Font<</F1 6 0 R>>>>/Length 9>>stream\n(Ada) Tj \nendstream",
    ),
    (11, "<</Type/Annot/Subtype/Widget/FT/Sig/T(Sig2)/P 3 0 R/Rect[100 100 200 150]/F 4>>"),
    (12, "<</Length 35>>stream\nBT /F1 12 Tf (You owe 100000) Tj ET\nendstream"),
    (13, "<</Producer(by hand)>>"),
    (14, "<</Type/Annot/Subtype/Highlight/Rect[1 1 2 2]/QuadPoints[1 2 2 2 1 1 2 1]>>"),
];

/// A signature dictionary for a later signature.
pub const NEW_SIGNATURE: &str =
    "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<01>>>";
/// A document timestamp dictionary.
pub const NEW_TIMESTAMP: &str =
    "<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161/ByteRange[0 1 2 3]/Contents<01>>>";

impl File {
    /// A file that is there already.
    pub fn of(bytes: Vec<u8>) -> File {
        File { bytes, prev: 0, size: 0 }
    }

    /// The signed document; `replaced` takes the place of objects of the same number.
    pub fn signed(replaced: &[(u32, &str)]) -> File {
        let file = File { bytes: b"%PDF-1.7\n".to_vec(), prev: 0, size: 0 };
        let mut objects: Vec<(u32, &str)> = SIGNED
            .iter()
            .filter(|(number, _)| replaced.iter().all(|(other, _)| other != number))
            .copied()
            .collect();
        objects.extend(replaced);
        objects.sort_unstable();
        file.update(&objects)
    }

    /// The file with one more revision of these objects.
    pub fn update(self, objects: &[(u32, &str)]) -> File {
        self.revise(objects, &[], "", "/Root 1 0 R/Info 13 0 R")
    }

    /// The file with one more revision: `entries` are written as they are for objects that it does not hold, `loose` stands
    /// between the objects and the cross-reference table.
    pub fn revise(
        mut self,
        objects: &[(u32, &str)],
        entries: &[(u32, String)],
        loose: &str,
        trailer: &str,
    ) -> File {
        let mut table: Vec<(u32, String)> = entries.to_vec();
        for (number, object) in objects {
            table.push((*number, format!("{:010} 00000 n", self.bytes.len())));
            self.bytes.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
        }
        self.bytes.extend(loose.bytes());
        table.sort();
        self.size = table.iter().map(|(number, _)| number + 1).chain([self.size]).max().unwrap_or(0);
        let at = self.bytes.len();
        let mut xref = String::from("xref\n");
        if self.prev == 0 {
            xref += "0 1\n0000000000 65535 f \n";
        }
        for (number, entry) in table {
            xref += &format!("{number} 1\n{entry} \n");
        }
        let prev = if self.prev == 0 { String::new() } else { format!("/Prev {}", self.prev) };
        xref += &format!("trailer\n<</Size {}{prev}{trailer}>>\nstartxref\n{at}\n%%EOF\n", self.size);
        self.bytes.extend(xref.bytes());
        self.prev = at;
        self
    }

    /// What came after revision `revision`.
    pub fn later(&self, revision: usize) -> LaterChanges {
        let mut budget = Budget::default();
        let document = Document::open(&self.bytes, None, &mut budget).expect("a readable file");
        later_changes(&document, revision, &mut budget)
    }

    /// The judgement on what came after the first revision.
    pub fn judged(&self, permissions: &Permissions) -> Judgement {
        judge(&self.later(0), permissions)
    }

    /// The judgement where only an approval signature was made.
    pub fn approved(&self) -> Judgement {
        self.judged(&allowed(None, &[]))
    }

    /// The judgement where a certification with this `P` is in force.
    pub fn certified(&self, permission: u8) -> Judgement {
        self.judged(&allowed(Some(permission), &[]))
    }
}

/// The reasons of a suspicious judgement, in one string.
pub fn reasons(judgement: &Judgement) -> String {
    match judgement {
        Judgement::Suspicious { reasons } => reasons.join("; "),
        other => panic!("not suspicious but {other:?}"),
    }
}
