//! Small PDF files built by hand, in every cross-reference style.

/// How the cross-reference section is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Classic,
    Stream,
    Hybrid,
}

pub const STYLES: [Style; 3] = [Style::Classic, Style::Stream, Style::Hybrid];

/// A file in the making: objects by number from 1 on.
#[derive(Clone)]
pub struct File {
    pub version: &'static str,
    pub objects: Vec<Vec<u8>>,
    /// What the trailer has besides Size and Root.
    pub trailer: String,
}

impl File {
    /// A catalog (1), a page tree (2), pages (from 3 on) with one content stream each.
    pub fn with_pages(pages: usize) -> File {
        let mut file = File { version: "1.7", objects: Vec::new(), trailer: String::new() };
        file.object("<</Type/Catalog/Pages 2 0 R>>");
        let kids: Vec<String> = (0..pages).map(|page| format!("{} 0 R", 3 + 2 * page)).collect();
        file.object(&format!("<</Type/Pages/Kids[{}]/Count {pages}/MediaBox[0 0 300 200]>>", kids.join(" ")));
        for page in 0..pages {
            let content = format!("BT /F1 12 Tf 20 150 Td (Page {} of a contract) Tj ET", page + 1);
            file.object(&format!(
                "<</Type/Page/Parent 2 0 R/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>/Contents {} 0 R>>",
                4 + 2 * page
            ));
            file.stream("", content.as_bytes());
        }
        file
    }

    /// Adds an object; its number.
    pub fn object(&mut self, text: &str) -> usize {
        self.objects.push(text.as_bytes().to_vec());
        self.objects.len()
    }

    /// Adds a stream; its number.
    pub fn stream(&mut self, entries: &str, data: &[u8]) -> usize {
        let mut object = format!("<</Length {}{entries}>>\nstream\n", data.len()).into_bytes();
        object.extend_from_slice(data);
        object.extend_from_slice(b"\nendstream");
        self.objects.push(object);
        self.objects.len()
    }

    /// Replaces an object.
    pub fn set(&mut self, number: usize, text: &str) {
        self.objects[number - 1] = text.as_bytes().to_vec();
    }

    /// An object as text.
    pub fn get(&self, number: usize) -> String {
        String::from_utf8(self.objects[number - 1].clone()).unwrap()
    }

    /// Adds entries to a dictionary object.
    pub fn extend(&mut self, number: usize, entries: &str) {
        let text = self.get(number);
        let text = text.strip_prefix("<<").unwrap().to_owned();
        self.set(number, &format!("<<{entries}{text}"));
    }

    /// The bytes.
    pub fn bytes(&self, style: Style) -> Vec<u8> {
        let mut bytes = format!("%PDF-{}\n%\u{e2}\u{e3}\u{cf}\u{d3}\n", self.version).into_bytes();
        let mut offsets = Vec::new();
        for (index, object) in self.objects.iter().enumerate() {
            offsets.push(bytes.len());
            bytes.extend_from_slice(format!("{} 0 obj\n", index + 1).as_bytes());
            bytes.extend_from_slice(object);
            bytes.extend_from_slice(b"\nendobj\n");
        }
        let at = match style {
            Style::Classic => self.table(&mut bytes, &offsets, ""),
            Style::Stream => self.xref_stream(&mut bytes, &offsets),
            Style::Hybrid => {
                let stream = self.xref_stream(&mut bytes, &offsets);
                self.table(&mut bytes, &offsets, &format!("/XRefStm {stream}"))
            }
        };
        bytes.extend_from_slice(format!("startxref\n{at}\n%%EOF\n").as_bytes());
        bytes
    }

    fn table(&self, bytes: &mut Vec<u8>, offsets: &[usize], more: &str) -> usize {
        let at = bytes.len();
        let entries = offsets.len() + 1;
        // The cross-reference stream of a hybrid file has the next number.
        let size = if more.is_empty() { entries } else { entries + 1 };
        bytes.extend_from_slice(format!("xref\n0 {entries}\n0000000000 65535 f\r\n").as_bytes());
        for offset in offsets {
            bytes.extend_from_slice(format!("{offset:010} 00000 n\r\n").as_bytes());
        }
        let trailer = &self.trailer;
        bytes.extend_from_slice(format!("trailer\n<</Size {size}/Root 1 0 R{trailer}{more}>>\n").as_bytes());
        at
    }

    fn xref_stream(&self, bytes: &mut Vec<u8>, offsets: &[usize]) -> usize {
        let at = bytes.len();
        let number = offsets.len() + 1;
        let mut data = vec![0, 0, 0, 0, 0xFF];
        for offset in offsets.iter().chain([&at]) {
            data.push(1);
            data.extend_from_slice(&(*offset as u32).to_be_bytes()[1..]);
            data.push(0);
        }
        let entries = format!("/Type/XRef/W[1 3 1]/Size {}/Root 1 0 R{}", number + 1, self.trailer);
        let length = data.len();
        bytes
            .extend_from_slice(format!("{number} 0 obj\n<</Length {length}{entries}>>\nstream\n").as_bytes());
        bytes.extend_from_slice(&data);
        bytes.extend_from_slice(b"\nendstream\nendobj\n");
        at
    }
}
