//! Any bytes as the objects of a PDF file whose cross-reference table is right: objects are kept apart by 0xFF, the
//! first one is the trailer's further entries.
#![no_main]

mod pdf_walk;

fn build(data: &[u8]) -> Vec<u8> {
    let mut bodies = data.split(|&byte| byte == 0xFF);
    let trailer = bodies.next().unwrap_or_default();
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for body in bodies.take(40) {
        offsets.push(file.len());
        file.extend(format!("{} 0 obj\n", offsets.len()).bytes());
        file.extend(body);
        file.extend(b"\nendobj\n");
    }
    let xref = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", offsets.len() + 1).bytes());
    for offset in &offsets {
        file.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    file.extend(format!("trailer\n<</Size {}/Root 1 0 R ", offsets.len() + 1).bytes());
    file.extend(trailer);
    file.extend(format!(">>\nstartxref\n{xref}\n%%EOF\n").bytes());
    file
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| pdf_walk::both_ways(&build(data)));
