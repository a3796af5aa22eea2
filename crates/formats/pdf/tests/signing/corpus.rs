//! Every PDF of the shared corpus: signed consistently or refused with a reason.

use crate::ENTROPY;
use crate::checks::request;
use crate::visible::at;
use pdf::Document;
use pdf::signature::{FieldChoice, SignatureRequest, plan};
use types::Budget;

/// What came of one file: a refusal's code, or nothing wrong.
fn outcome(bytes: &[u8], request: &SignatureRequest) -> Result<&'static str, String> {
    let mut budget = Budget::default();
    let Ok(document) = Document::open(&bytes, None, &mut budget) else {
        return Ok("not opened");
    };
    let prepared = match plan(&document, request, ENTROPY, &mut budget) {
        Ok(prepared) => prepared,
        Err(refusal) if refusal.code == "pdf.sign.internal" => return Err(refusal.to_string()),
        Err(refusal) => return Ok(refusal.code),
    };
    let whole = [bytes, prepared.tail.as_slice()].concat();
    let mut budget = Budget::default();
    let signed =
        Document::open(&whole, None, &mut budget).map_err(|error| format!("not opened again: {error}"))?;
    let signatures = signed.signatures(&mut budget).map_err(|error| error.to_string())?;
    let field = signatures.fields.iter().find(|field| field.name == prepared.field_name);
    let value = field.and_then(|field| field.value.as_ref()).ok_or("the signature is not found")?;
    let [_, first, second, length] = prepared.byte_range;
    let exact = value.contents_span == Some(prepared.contents)
        && value.byte_range.as_ref().is_some_and(|range| range.parts == [(0, first), (second, length)])
        && second + length == whole.len() as u64;
    let revisions = (document.revisions().len(), signed.revisions().len());
    match exact && revisions.0 + 1 == revisions.1 {
        true => Ok("signed"),
        false => {
            Err(format!("inconsistent: {revisions:?} {:?} {:?}", prepared.contents, value.contents_span))
        }
    }
}

#[test]
fn every_file_of_the_corpus_is_signed_consistently_or_refused() {
    let Some(root) = corpus::folder() else { return };
    let files = corpus::files(&root, &["pdf"]);
    let mut counts = std::collections::BTreeMap::new();
    let mut wrong = Vec::new();
    for path in &files {
        let bytes = std::fs::read(path).unwrap();
        let new = FieldChoice::New { name: None };
        let visible =
            SignatureRequest { placement: at(5.0, 5.0, 60.0, 30.0), field: new.clone(), ..request() };
        for request in [SignatureRequest { field: new.clone(), ..request() }, visible] {
            match outcome(&bytes, &request) {
                Ok(code) => *counts.entry(code).or_insert(0) += 1,
                Err(reason) => wrong.push(format!("{}: {reason}", path.display())),
            }
        }
    }
    println!("{} files: {counts:?}", files.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}
