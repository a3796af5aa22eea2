//! What must hold before anything is planned: the request, the structure of the file, the kind of form.

use super::{SignatureRequest, SigningRefusal};
use crate::acroform::{AcroForm, Xfa};
use crate::document::Document;
use types::{Finding, Malformed, Severity, Span};

/// Most bytes that can be reserved for a CMS.
const MOST_CONTENTS: usize = 64 << 20;

/// Refuses a request that no document could meet.
pub(super) fn check_request(request: &SignatureRequest) -> Result<(), SigningRefusal> {
    if !(1..=MOST_CONTENTS).contains(&request.contents_len) {
        let reason = format!("{} bytes cannot be reserved for the signature", request.contents_len);
        return Err(SigningRefusal::new("pdf.sign.contents-length", reason, "reserve what the plan needs"));
    }
    if request.claimed_time.is_some_and(|claimed| !(-1439..=1439).contains(&claimed.offset_minutes)) {
        let reason = "the offset of the claimed time is a day or more";
        return Err(SigningRefusal::new("pdf.sign.claimed-time", reason, "give minutes east of UTC"));
    }
    Ok(())
}

/// Refuses a document whose structure is not what it claims: a signature would cover the doubt.
pub(crate) fn check_structure(
    document: &Document<'_>,
    findings: &mut Vec<Finding>,
) -> Result<(), SigningRefusal> {
    for finding in document.findings() {
        if finding.severity == Severity::Error {
            let hint = "have the document made anew; it is not repaired on the way to a signature";
            let refusal = SigningRefusal::new("pdf.sign.malformed", finding.message.clone(), hint);
            return Err(refusal.at(finding.span.map(|span| span.start)));
        }
    }
    findings.extend(document.findings().iter().cloned());
    check_rest(document, findings)
}

/// What follows the last `%%EOF`: white space is harmless, an unfinished update is not.
fn check_rest(document: &Document<'_>, findings: &mut Vec<Finding>) -> Result<(), SigningRefusal> {
    const LONGEST_REST: u64 = 64 * 1024;
    let end = document.revisions().last().map_or(0, |revision| revision.end).min(document.len());
    let rest = Span::new(end, document.len());
    let mut bytes = vec![0; rest.len().min(LONGEST_REST) as usize];
    document.source().read_at(end, &mut bytes).map_err(Malformed::from)?;
    let blank = |byte: &u8| matches!(byte, 0 | 9 | 10 | 12 | 13 | 32);
    if rest.len() <= LONGEST_REST && bytes.iter().all(blank) {
        return Ok(());
    }
    let has = |word: &[u8]| memchr::memmem::find(&bytes, word).is_some();
    if rest.len() > LONGEST_REST || has(b" obj") || has(b"xref") || has(b"trailer") {
        let reason = format!("{} bytes after the last %%EOF belong to no revision", rest.len());
        let hint =
            "the file seems to be cut off inside an update, or has foreign data at its end; get a whole copy";
        return Err(SigningRefusal::new("pdf.sign.data-after-end", reason, hint).at(end));
    }
    let message = format!("{} bytes after the last %%EOF have no meaning in the document", rest.len());
    findings.push(Finding::new("pdf.sign.data-after-end", Severity::Warning, message).at(rest));
    Ok(())
}

/// Refuses forms whose pages are not what is shown, and tells of what may change them.
pub(super) fn check_form(form: Option<&AcroForm>, findings: &mut Vec<Finding>) -> Result<(), SigningRefusal> {
    let Some(form) = form else {
        return Ok(());
    };
    match form.xfa {
        Xfa::Absent => {}
        Xfa::Static => findings.push(
            Finding::new(
                "pdf.sign.xfa-static",
                Severity::Warning,
                "the document has an XFA form beside its fields",
            )
            .hint("programs that run the XFA form may show other content"),
        ),
        Xfa::Dynamic => {
            let reason = "the document is a dynamic XFA form: its PDF pages are not what is shown";
            let hint = "print it to a plain PDF and sign that";
            return Err(SigningRefusal::new("pdf.sign.xfa-dynamic", reason, hint));
        }
    }
    if form.need_appearances {
        let message = "viewers are told to draw all form fields anew (NeedAppearances)";
        findings.push(
            Finding::new("pdf.sign.need-appearances", Severity::Warning, message)
                .hint("what they show may differ from what was signed"),
        );
    }
    Ok(())
}
