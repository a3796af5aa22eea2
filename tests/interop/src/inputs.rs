//! Input PDFs of every style, written here octet by octet or made by qpdf.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// What opens the encrypted inputs.
pub const PASSWORD: &str = "open sesame";

/// How the cross-reference section is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Xref {
    /// A table (ISO 32000-2, 7.5.4).
    Classic,
    /// A stream (7.5.8).
    Stream,
    /// A table that points to a stream (7.5.8.4).
    Hybrid,
}

/// A document to write.
#[derive(Clone, Debug)]
pub struct Document {
    version: &'static str,
    xref: Xref,
    pages: usize,
    rotate: u16,
    form: Form,
    archive_part: Option<u8>,
}

/// What the form holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    None,
    /// A text field and two empty signature fields, one visible and one not.
    Fields,
}

impl Document {
    const fn new(version: &'static str, xref: Xref) -> Self {
        Self { version, xref, pages: 1, rotate: 0, form: Form::None, archive_part: None }
    }

    /// The file's octets.
    pub fn write(&self) -> Vec<u8> {
        let mut objects = self.pages();
        let mut catalog = "<< /Type /Catalog /Pages 2 0 R /Lang (en)".to_owned();
        if self.form == Form::Fields {
            let first = objects.len() + 2;
            catalog.push_str(&format!(
                " /AcroForm << /Fields [{first} 0 R {} 0 R {} 0 R] /DA (/F1 10 Tf 0 g) >>",
                first + 1,
                first + 2
            ));
            objects.extend(form_fields());
        }
        if let Some(part) = self.archive_part {
            catalog.push_str(&format!(" /Metadata {} 0 R", objects.len() + 2));
            objects.push(metadata(part));
        }
        catalog.push_str(" >>");
        objects.insert(0, catalog);
        self.assemble(&objects)
    }

    /// Object 2, the page tree, object 3, the font, then a page and its contents for every page.
    fn pages(&self) -> Vec<String> {
        let kids: Vec<String> = (0..self.pages).map(|page| format!("{} 0 R", 4 + 2 * page)).collect();
        let mut objects = vec![
            format!("<< /Type /Pages /Count {} /Kids [{}] >>", self.pages, kids.join(" ")),
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
        ];
        for page in 0..self.pages {
            let annotations = if self.form == Form::Fields && page == 0 {
                let first = 4 + 2 * self.pages;
                format!(" /Annots [{first} 0 R {} 0 R {} 0 R]", first + 1, first + 2)
            } else {
                String::new()
            };
            let rotate = if self.rotate == 0 { String::new() } else { format!(" /Rotate {}", self.rotate) };
            objects.push(format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]{rotate} /Resources << {} >> /Contents {} 0 R{annotations} >>",
                if self.archive_part.is_some() { "" } else { "/Font << /F1 3 0 R >>" },
                5 + 2 * page
            ));
            objects.push(stream("", &self.contents(page)));
        }
        objects
    }

    /// A contract's text; a PDF/A page stays blank, because it would need an embedded font.
    fn contents(&self, page: usize) -> String {
        if self.archive_part.is_some() {
            return "q Q".to_owned();
        }
        format!(
            "BT /F1 18 Tf 72 760 Td (Contract, page {}) Tj 0 -40 Td /F1 11 Tf (The parties agree.) Tj 0 -500 Td (Signature:) Tj ET",
            page + 1
        )
    }

    fn assemble(&self, objects: &[String]) -> Vec<u8> {
        let mut file = format!("%PDF-{}\n%\u{e2}\u{e3}\u{cf}\u{d3}\n", self.version).into_bytes();
        let mut offsets = Vec::new();
        for (number, object) in objects.iter().enumerate() {
            offsets.push(file.len());
            file.extend(format!("{} 0 obj\n{object}\nendobj\n", number + 1).as_bytes());
        }
        let trailer =
            "/Root 1 0 R /ID [<31415926535897932384626433832795> <31415926535897932384626433832795>]";
        match self.xref {
            Xref::Classic => classic(&mut file, &offsets, trailer),
            Xref::Stream => stream_section(&mut file, &mut offsets, trailer),
            Xref::Hybrid => hybrid(&mut file, &offsets, trailer),
        }
        file
    }
}

fn form_fields() -> Vec<String> {
    let widget = |name: &str, kind: &str, rectangle: &str| {
        format!(
            "<< /Type /Annot /Subtype /Widget /F 4 /FT /{kind} /T ({name}) /Rect [{rectangle}] /P 4 0 R >>"
        )
    };
    vec![
        widget("Remark", "Tx", "72 600 300 620"),
        widget("Seller", "Sig", "72 100 272 160"),
        widget("Buyer", "Sig", "0 0 0 0"),
    ]
}

fn metadata(part: u8) -> String {
    let packet = format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">\
         <pdfaid:part>{part}</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>\
         </rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>"
    );
    stream(" /Type /Metadata /Subtype /XML", &packet)
}

fn stream(entries: &str, data: &str) -> String {
    format!("<< /Length {}{entries} >>\nstream\n{data}\nendstream", data.len())
}

fn classic(file: &mut Vec<u8>, offsets: &[usize], trailer: &str) {
    let start = file.len();
    table(file, offsets);
    let size = offsets.len() + 1;
    file.extend(format!("trailer\n<< /Size {size} {trailer} >>\nstartxref\n{start}\n%%EOF\n").as_bytes());
}

fn table(file: &mut Vec<u8>, offsets: &[usize]) {
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", offsets.len() + 1).as_bytes());
    for offset in offsets {
        file.extend(format!("{offset:010} 00000 n \n").as_bytes());
    }
}

fn stream_section(file: &mut Vec<u8>, offsets: &mut Vec<usize>, trailer: &str) {
    let start = file.len();
    offsets.push(start);
    let mut rows = vec![0, 0, 0, 0, 0, 255, 255];
    for offset in offsets.iter() {
        rows.extend(row(1, *offset, 0));
    }
    let size = offsets.len() + 1;
    let entries = format!("/Size {size} /W [1 4 2] {trailer}");
    xref_stream(file, offsets.len(), &entries, &rows);
    file.extend(format!("startxref\n{start}\n%%EOF\n").as_bytes());
}

/// A type, a number of four octets, a number of two.
fn row(kind: u8, first: usize, second: u16) -> Vec<u8> {
    let first = u32::try_from(first).unwrap_or(u32::MAX).to_be_bytes();
    [&[kind][..], &first, &second.to_be_bytes()].concat()
}

fn xref_stream(file: &mut Vec<u8>, number: usize, entries: &str, rows: &[u8]) {
    let head = format!("{number} 0 obj\n<< /Type /XRef {entries} /Length {} >>\nstream\n", rows.len());
    file.extend(head.as_bytes());
    file.extend(rows);
    file.extend(b"\nendstream\nendobj\n");
}

/// A table for older readers and a stream with one more object that only newer readers see.
fn hybrid(file: &mut Vec<u8>, offsets: &[usize], trailer: &str) {
    let visible = offsets.len();
    let hidden_number = visible + 1;
    let container_at = file.len();
    let body = format!("{hidden_number} 0 << /Hidden (only for readers of streams) >>");
    let first = format!("{hidden_number} 0 ").len();
    let container = stream(&format!(" /Type /ObjStm /N 1 /First {first}"), &body);
    file.extend(format!("{} 0 obj\n{container}\nendobj\n", visible + 2).as_bytes());
    let stream_at = file.len();
    let mut rows = row(2, visible + 2, 0);
    rows.extend(row(1, container_at, 0));
    rows.extend(row(1, stream_at, 0));
    let size = visible + 4;
    let entries = format!("/Size {size} /W [1 4 2] /Index [{hidden_number} 3] {trailer}");
    xref_stream(file, visible + 3, &entries, &rows);
    let start = file.len();
    table(file, offsets);
    let end =
        format!("trailer\n<< /Size {size} /XRefStm {stream_at} {trailer} >>\nstartxref\n{start}\n%%EOF\n");
    file.extend(end.as_bytes());
}

/// An input and what opens it.
#[derive(Clone, Debug)]
pub struct Input {
    /// The style, which is also the file's name.
    pub name: String,
    /// The PDF.
    pub file: PathBuf,
    /// What opens it.
    pub password: Option<&'static str>,
    /// Whether it holds the two empty signature fields `Seller` and `Buyer`.
    pub has_fields: bool,
}

/// Every style, written into `folder`. PDF/A files of the corpus join when it is there.
pub fn all(folder: &Path) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for (name, document) in documents() {
        let file = folder.join(format!("{name}.pdf"));
        fs::write(&file, document.write()).with_context(|| format!("could not write {}", file.display()))?;
        let has_fields = document.form == Form::Fields;
        inputs.push(Input { name: name.to_owned(), file, password: None, has_fields });
    }
    if has_qpdf() {
        inputs.extend(by_qpdf(folder)?);
    }
    inputs.extend(archive_files(6)?);
    Ok(inputs)
}

fn has_qpdf() -> bool {
    Command::new("qpdf").arg("--version").output().is_ok()
}

fn documents() -> Vec<(&'static str, Document)> {
    let classic = |version| Document::new(version, Xref::Classic);
    let form = Document { form: Form::Fields, ..classic("1.7") };
    vec![
        ("classic-1.4", classic("1.4")),
        ("classic-1.7", classic("1.7")),
        ("classic-2.0", classic("2.0")),
        ("stream-1.5", Document::new("1.5", Xref::Stream)),
        ("stream-2.0", Document::new("2.0", Xref::Stream)),
        ("hybrid-1.5", Document::new("1.5", Xref::Hybrid)),
        ("pages-40", Document { pages: 40, ..classic("1.7") }),
        ("rotated-90", Document { rotate: 90, ..classic("1.7") }),
        ("rotated-270", Document { rotate: 270, ..classic("1.7") }),
        ("form", form.clone()),
        ("form-stream", Document { xref: Xref::Stream, ..form }),
        ("archive-1b", Document { archive_part: Some(1), ..classic("1.4") }),
        ("archive-2b", Document { archive_part: Some(2), ..classic("1.7") }),
        ("archive-3b", Document { archive_part: Some(3), ..classic("1.7") }),
    ]
}

fn by_qpdf(folder: &Path) -> Result<Vec<Input>> {
    let encrypt = |bits: &'static str, aes: &'static [&'static str]| {
        let mut words = vec!["--allow-weak-crypto", "--encrypt", PASSWORD, "owner", bits];
        words.extend(aes);
        words.push("--");
        words
    };
    let recipes: Vec<(&str, Vec<&str>)> = vec![
        ("linearised", vec!["--linearize"]),
        ("linearised-stream", vec!["--linearize", "--object-streams=generate"]),
        ("object-streams", vec!["--object-streams=generate"]),
        ("rc4-40", encrypt("40", &[])),
        ("rc4-128", encrypt("128", &["--use-aes=n"])),
        ("aes-128", encrypt("128", &["--use-aes=y"])),
        ("aes-256", encrypt("256", &[])),
        ("aes-256-streams", {
            let mut words = encrypt("256", &[]);
            words.push("--object-streams=generate");
            words
        }),
    ];
    let mut inputs = Vec::new();
    for (name, words) in recipes {
        let file = folder.join(format!("{name}.pdf"));
        let source = folder.join(if name.starts_with("linearised") { "pages-40.pdf" } else { "form.pdf" });
        let output = Command::new("qpdf")
            .args(&words)
            .arg(&source)
            .arg(&file)
            .output()
            .context("could not start qpdf")?;
        if !output.status.success() {
            bail!("qpdf {name}: {}", String::from_utf8_lossy(&output.stderr));
        }
        let password = words.contains(&PASSWORD).then_some(PASSWORD);
        let has_fields = !name.starts_with("linearised");
        inputs.push(Input { name: name.to_owned(), file, password, has_fields });
    }
    Ok(inputs)
}

/// Conforming PDF/A files: those written here, and every third of the corpus, which is some of each part.
pub fn archives(folder: &Path) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for (name, document) in documents().into_iter().filter(|(_, document)| document.archive_part.is_some()) {
        let file = folder.join(format!("{name}.pdf"));
        fs::write(&file, document.write()).with_context(|| format!("could not write {}", file.display()))?;
        inputs.push(Input { name: name.to_owned(), file, password: None, has_fields: false });
    }
    inputs.extend(archive_files(usize::MAX)?.into_iter().step_by(3));
    Ok(inputs)
}

/// At most `most` conforming PDF/A files of the corpus.
fn archive_files(most: usize) -> Result<Vec<Input>> {
    let Some(corpus) = corpus::find() else { return Ok(Vec::new()) };
    let mut inputs = Vec::new();
    for case in corpus::rows(&corpus) {
        if case.kind == "pdfa" && case.class == "PASS" && inputs.len() < most {
            let name = format!("verapdf-{}", case.file.split('/').nth(1).unwrap_or_default());
            inputs.push(Input { name, file: corpus.join(&case.file), password: None, has_fields: false });
        }
    }
    Ok(inputs)
}
