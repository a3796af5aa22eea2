//! Any bytes as the content of a page and as the objects that it uses: parts are kept apart by 0xFF, the first one is the
//! content, the others are objects from 5 on.
#![no_main]

use pdf::Document;
use types::{Budget, Limits, Resource};

fn build(data: &[u8]) -> Vec<u8> {
    let mut parts = data.split(|&byte| byte == 0xFF);
    let content = parts.next().unwrap_or_default();
    let mut objects: Vec<Vec<u8>> = vec![
        b"<</Type/Catalog/Pages 2 0 R/OpenAction 5 0 R/AA 6 0 R/AcroForm 7 0 R/OCProperties 8 0 R/Names 9 0 R\
          /Metadata 10 0 R>>"
            .to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 300 200]>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Annots[5 0 R 6 0 R 7 0 R 8 0 R]/Resources<</Font<</A 5 0 R\
          /B 6 0 R>>/XObject<</C 7 0 R/D 8 0 R>>/ExtGState<</E 9 0 R>>/Properties<</F 10 0 R>>\
          /ColorSpace<</G 9 0 R>>>>>>"
            .to_vec(),
        [format!("<</Length {}>>\nstream\n", content.len()).as_bytes(), content, b"\nendstream"].concat(),
    ];
    objects.extend(parts.take(40).map(<[u8]>::to_vec));
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.extend(format!("{} 0 obj\n", index + 1).bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let xref = file.len();
    file.extend(table.bytes());
    let size = objects.len() + 1;
    file.extend(format!("trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{xref}\n%%EOF\n").bytes());
    file
}

fn budget() -> Budget {
    Budget::new(Limits::STANDARD.with(Resource::Steps, 50_000).with(Resource::DecodedBytes, 1 << 20))
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let file = build(data);
    if let Ok(document) = Document::open(&file, None, &mut budget())
        && let Ok(found) = preflight::preflight(&document, &mut budget())
    {
        assert!(found.iter().all(|found| preflight::code(&found.finding.code).is_some()));
        preflight::summary(&found);
    }
});
