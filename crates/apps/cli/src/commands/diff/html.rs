//! The comparison as one HTML page that needs nothing else: no script, no remote resource, pictures within.

use super::pictures::PagePictures;
use super::table::{Changes, Table};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use report::printable;
use std::fmt::Write;

const STYLE: &str = "\
:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:80rem;margin:auto;padding:1rem}\
table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:bold;padding:.5rem 0}\
th,td{border:1px solid #888;padding:.3rem .5rem;text-align:left;vertical-align:top}\
.uncleared{border-left:.4rem solid #c00}.pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr));gap:1rem}\
img{max-width:100%;height:auto;border:1px solid #888;background:#fff}figure{margin:0}\
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem}a:focus,summary:focus{outline:.2rem solid}\
q{font-family:monospace}";

/// The page.
pub fn html(table: &Table) -> String {
    let title = format!("{}: revision {} against {}", escape(&table.file), table.from, table.to);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head>\n\
         <body><a class=\"skip\" href=\"#main\">Skip to the changes</a>\n<header><h1>{title}</h1>\
         <p>This shows what changed. Pictures show what one reader shows; they decide nothing. \
         For a verdict use <code>undersign verify</code>.</p></header>\n"
    );
    page.push_str(
        "<nav aria-label=\"Contents\"><ul><li><a href=\"#revisions\">Revisions</a></li>\
         <li><a href=\"#judgements\">What it means for signatures</a></li>\
         <li><a href=\"#texts\">Texts</a></li><li><a href=\"#pages\">Pages</a></li>\
         <li><a href=\"#objects\">Objects</a></li></ul></nav>\n<main id=\"main\">\n",
    );
    revisions(&mut page, table);
    judgements(&mut page, table);
    texts(&mut page, table);
    pages(&mut page, table);
    page.push_str("<section id=\"objects\"><h2>Objects</h2>\n");
    if table.changes.is_empty() {
        page.push_str("<p>No revision follows.</p>\n");
    }
    for changes in &table.changes {
        objects(&mut page, changes);
    }
    page.push_str("</section>\n</main></body></html>\n");
    page
}

fn put(page: &mut String, text: &str) {
    writeln!(page, "{text}").expect("writing to a string cannot fail");
}

/// Text of the file made safe for HTML and for the eye.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn revisions(page: &mut String, table: &Table) {
    put(
        page,
        "<section id=\"revisions\"><h2>Revisions</h2><table><caption>Revisions of the file, oldest first</caption>\
         <thead><tr><th scope=\"col\">Revision</th><th scope=\"col\">Bytes</th><th scope=\"col\">Signed in field, by whom and \
         when as the file claims</th></tr></thead><tbody>",
    );
    for revision in &table.revisions {
        let signed: Vec<String> = revision
            .signed
            .iter()
            .map(|signed| {
                let claims = [&signed.claimed_name, &signed.claimed_time];
                let parts = std::iter::once(&signed.field).chain(claims.into_iter().flatten());
                parts.map(|part| escape(part)).collect::<Vec<_>>().join(", ")
            })
            .collect();
        let signed = if signed.is_empty() { "not signed".into() } else { signed.join("<br>") };
        let (number, size) = (revision.number, revision.size);
        put(page, &format!("<tr><th scope=\"row\">{number}</th><td>{size}</td><td>{signed}</td></tr>"));
    }
    put(page, "</tbody></table></section>");
}

fn judgements(page: &mut String, table: &Table) {
    put(page, "<section id=\"judgements\"><h2>What it means for signatures</h2>");
    if table.judgements.is_empty() {
        put(page, "<p>Nothing was signed before these changes.</p>");
    }
    for judged in &table.judgements {
        put(page, &format!("<h3>{}: {}</h3><ul>", escape(&judged.field), judged.judgement));
        for reason in &judged.reasons {
            put(page, &format!("<li>{}</li>", escape(reason)));
        }
        put(page, "</ul>");
    }
    if !table.findings.is_empty() {
        put(page, "<h3>Noteworthy</h3><ul>");
        for finding in &table.findings {
            let (message, code) = (escape(&finding.message), escape(&finding.code));
            put(page, &format!("<li>{}: {message} <code>{code}</code></li>", finding.severity));
        }
        put(page, "</ul>");
    }
    if !table.attacks.is_empty() {
        put(page, &format!("<p>Patterns of attacks: {}</p>", table.attacks.join(", ")));
    }
    put(page, "</section>");
}

fn texts(page: &mut String, table: &Table) {
    put(page, "<section id=\"texts\"><h2>Texts</h2>");
    if table.texts.is_empty() {
        put(page, "<p>The pages say the same as before.</p>");
    } else {
        put(
            page,
            "<table><caption>Pages that say something else</caption><thead><tr><th scope=\"col\">Page</th>\
             <th scope=\"col\">Before</th><th scope=\"col\">After</th></tr></thead><tbody>",
        );
        for text in &table.texts {
            let passage = |text: &str| match text {
                "" => "nothing there".to_owned(),
                text => format!("<q>{}</q>", escape(text)),
            };
            let (before, after) = (passage(&text.before), passage(&text.after));
            let row =
                format!("<tr><th scope=\"row\">{}</th><td>{before}</td><td>{after}</td></tr>", text.page);
            put(page, &row);
        }
        put(page, "</tbody></table>");
    }
    put(page, "</section>");
}

fn pages(page: &mut String, table: &Table) {
    put(page, "<section id=\"pages\"><h2>Pages</h2>");
    let (seen, same): (Vec<&PagePictures>, Vec<&PagePictures>) =
        table.pages.iter().partition(|page| page.files().next().is_some() || page.not_drawn.is_some());
    if !same.is_empty() {
        let numbers: Vec<String> = same.iter().map(|page| page.page.to_string()).collect();
        put(
            page,
            &format!(
                "<p>Pages that look the same and of which no change was found: {}.</p>",
                numbers.join(", ")
            ),
        );
    }
    for shown in seen {
        put(page, &format!("<h3>Page {}: {}</h3><div class=\"pictures\">", shown.page, shown.words()));
        for (kind, png) in shown.files() {
            let alternative = alternative(shown, kind, table);
            put(
                page,
                &format!(
                    "<figure><img alt=\"{alternative}\" src=\"data:image/png;base64,{}\"><figcaption>{kind}</figcaption></figure>",
                    STANDARD.encode(png)
                ),
            );
        }
        put(page, "</div>");
    }
    put(page, "</section>");
}

/// What the picture shows, for those who do not see it.
fn alternative(shown: &PagePictures, kind: &str, table: &Table) -> String {
    let text = table.texts.iter().find(|text| text.page == shown.page);
    let says = |passage: &str| if passage.is_empty() { String::new() } else { format!(", says: {passage}") };
    let more = match (kind, text) {
        ("before", Some(text)) => says(&text.before),
        ("after", Some(text)) => says(&text.after),
        ("difference", _) => format!(", {} marked in red", shown.words()),
        _ => String::new(),
    };
    escape(&format!("Page {} {kind}{more}", shown.page))
}

fn objects(page: &mut String, changes: &Changes) {
    put(
        page,
        &format!(
            "<details open><summary>Revision {}: {}, {} objects</summary><table><caption>Objects that revision {} \
             changed</caption><thead><tr><th scope=\"col\">Object</th><th scope=\"col\">Done</th><th scope=\"col\">Role</th>\
             <th scope=\"col\">Page</th><th scope=\"col\">What</th><th scope=\"col\">Cleared by</th></tr></thead><tbody>",
            changes.revision,
            changes.level,
            changes.objects.len(),
            changes.revision
        ),
    );
    for change in &changes.objects {
        let number = change.page.map(|page| page.to_string()).unwrap_or_default();
        let attack = change.attack.map(|attack| format!(" ({attack})")).unwrap_or_default();
        let (class, rule) = match change.rule {
            Some(rule) => ("", rule),
            None => (" class=\"uncleared\"", "no rule"),
        };
        let row = format!(
            "<tr{class}><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{number}</td><td>{}{attack}</td><td>{rule}</td></tr>",
            change.object,
            change.kind,
            escape(&change.role),
            escape(&change.what)
        );
        put(page, &row);
    }
    put(page, "</tbody></table></details>");
}

#[cfg(test)]
mod tests {
    use super::super::table::{Changes, Judged, Revision, Table, Text};
    use super::*;

    fn table() -> Table {
        let evil = "<script>\"x\"</script>&\u{202e}";
        Table {
            file: evil.into(),
            from: 1,
            to: 2,
            revisions: vec![Revision { number: 1, end: 9, size: 9, signed: Vec::new() }],
            judgements: vec![Judged {
                field: evil.into(),
                judgement: "suspicious",
                reasons: vec![evil.into()],
            }],
            changes: vec![Changes {
                revision: 2,
                level: "annotations",
                objects: Vec::new(),
                fields: Vec::new(),
            }],
            texts: vec![Text { page: 1, before: evil.into(), after: String::new() }],
            pages: vec![PagePictures {
                page: 1,
                differing_pixels: Some(3),
                not_drawn: None,
                change_found: false,
                before: Some(b"png".to_vec()),
                after: None,
                difference: Some(b"png".to_vec()),
            }],
            attacks: vec!["shadow attack: hide"],
            findings: Vec::new(),
        }
    }

    #[test]
    fn nothing_of_the_file_becomes_markup_and_nothing_is_fetched() {
        let page = html(&table());
        assert!(!page.contains("<script") && !page.contains('\u{202e}'), "{page}");
        assert!(!page.contains("http:") && !page.contains("https:") && !page.contains("//"), "{page}");
        assert!(page.contains("default-src 'none'"));
    }

    #[test]
    fn pictures_have_a_text_and_tables_have_headers() {
        let page = html(&table());
        assert_eq!(page.matches("<img ").count(), page.matches("<img alt=\"Page 1 ").count());
        assert_eq!(page.matches("<table>").count(), page.matches("<caption>").count());
        assert!(page.contains("lang=\"en\"") && page.contains("Skip to the changes"));
    }
}
