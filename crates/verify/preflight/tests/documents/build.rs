//! Small PDF files built by hand.

use pdf::Document;
use types::{Budget, Severity};
use undersign_preflight::{LIMITS, PageFinding, preflight};

/// A file in the making: a catalog (1), a page tree (2), one page (3) with a content stream (4).
pub struct File {
    objects: Vec<Vec<u8>>,
    catalog: String,
    page: String,
    resources: String,
}

impl File {
    /// A page of 300 x 200 points that shows `content`, with Helvetica as F1.
    pub fn new(content: &str) -> File {
        let mut file = File {
            objects: vec![Vec::new(); 3],
            catalog: String::new(),
            page: String::new(),
            resources: String::new(),
        };
        file.stream("", content.as_bytes());
        file
    }

    /// More of the catalog.
    pub fn catalog(mut self, entries: &str) -> File {
        self.catalog.push_str(entries);
        self
    }

    /// More of the page.
    pub fn page(mut self, entries: &str) -> File {
        self.page.push_str(entries);
        self
    }

    /// More of the page's resources.
    pub fn resources(mut self, entries: &str) -> File {
        self.resources.push_str(entries);
        self
    }

    /// Adds an object; the first one is 5.
    pub fn object(mut self, text: &str) -> File {
        self.objects.push(text.as_bytes().to_vec());
        self
    }

    /// Adds a stream.
    pub fn with_stream(mut self, entries: &str, data: &[u8]) -> File {
        self.stream(entries, data);
        self
    }

    fn stream(&mut self, entries: &str, data: &[u8]) {
        let mut object = format!("<</Length {}{entries}>>\nstream\n", data.len()).into_bytes();
        object.extend_from_slice(data);
        object.extend_from_slice(b"\nendstream");
        self.objects.push(object);
    }

    /// The bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut objects = self.objects.clone();
        objects[0] = format!("<</Type/Catalog/Pages 2 0 R{}>>", self.catalog).into_bytes();
        objects[1] = b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 300 200]>>".to_vec();
        objects[2] = format!(
            "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1<</Type/Font/Subtype/Type1\
             /BaseFont/Helvetica/Encoding/WinAnsiEncoding>>>>{}>>{}>>",
            self.resources, self.page
        )
        .into_bytes();
        let mut bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
        let mut table = format!("xref\n0 {}\n0000000000 65535 f\r\n", objects.len() + 1);
        for (index, object) in objects.iter().enumerate() {
            table.push_str(&format!("{:010} 00000 n\r\n", bytes.len()));
            bytes.extend_from_slice(format!("{} 0 obj\n", index + 1).as_bytes());
            bytes.extend_from_slice(object);
            bytes.extend_from_slice(b"\nendobj\n");
        }
        let at = bytes.len();
        let size = objects.len() + 1;
        bytes.extend_from_slice(table.as_bytes());
        bytes.extend_from_slice(
            format!("trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n").as_bytes(),
        );
        bytes
    }

    /// What the preflight finds, without the standard font of every page.
    pub fn found(&self) -> Vec<PageFinding> {
        let mut found = look(&self.bytes());
        found.retain(|found| found.finding.code != "preflight.font.standard");
        found
    }

    /// The codes that are found, without `preflight.`.
    pub fn codes(&self) -> Vec<String> {
        let short = |found: PageFinding| found.finding.code.replacen("preflight.", "", 1);
        let mut codes: Vec<String> = self.found().into_iter().map(short).collect();
        codes.sort();
        codes.dedup();
        codes
    }

    /// How much the finding of this code weighs.
    pub fn severity(&self, code: &str) -> Option<Severity> {
        let code = format!("preflight.{code}");
        self.found().into_iter().find(|found| found.finding.code == code).map(|found| found.finding.severity)
    }
}

/// What the preflight finds in a file.
pub fn look(bytes: &[u8]) -> Vec<PageFinding> {
    let document = Document::open(&bytes, None, &mut Budget::default()).expect("it opens");
    preflight(&document, &mut Budget::new(LIMITS)).expect("it has pages")
}
