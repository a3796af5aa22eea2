//! The comparison as text.

use super::table::{Change, Changes, Table};
use report::printable;
use std::fmt::Write;

/// Objects shown of one revision; the rest is counted.
const MOST_OBJECTS: usize = 200;

/// What `undersign diff` prints.
pub fn text(table: &Table) -> String {
    let mut text = format!(
        "{}: revision {} against revision {} of {}\n",
        printable(&table.file),
        table.from,
        table.to,
        table.revisions.len()
    );
    revisions(&mut text, table);
    for changes in &table.changes {
        revision(&mut text, changes);
    }
    if !table.texts.is_empty() {
        text.push_str("\nTexts\n");
        for page in &table.texts {
            line(&mut text, &format!("  page {} before: {}", page.page, quoted(&page.before)));
            line(&mut text, &format!("  page {} after:  {}", page.page, quoted(&page.after)));
        }
    }
    if !table.pages.is_empty() {
        text.push_str("\nPictures\n");
        for page in &table.pages {
            line(&mut text, &format!("  page {}: {}", page.page, page.words()));
        }
    }
    if !table.judgements.is_empty() {
        text.push_str("\nWhat that means for signatures\n");
        for judged in &table.judgements {
            line(&mut text, &format!("  {:?}: {}", judged.field, judged.judgement));
            for reason in &judged.reasons {
                line(&mut text, &format!("    {reason}"));
            }
        }
    }
    if !table.findings.is_empty() {
        text.push_str("\nNoteworthy\n");
        for finding in &table.findings {
            line(&mut text, &format!("  {}: {} [{}]", finding.severity, finding.message, finding.code));
        }
    }
    if !table.attacks.is_empty() {
        line(&mut text, &format!("\nPatterns of attacks: {}", table.attacks.join(", ")));
    }
    text
}

fn line(text: &mut String, content: &str) {
    // Line breaks are ours; everything else may come from the file.
    let (breaks, content) = content.strip_prefix('\n').map_or(("", content), |rest| ("\n", rest));
    writeln!(text, "{breaks}{}", printable(content)).expect("writing to a string cannot fail");
}

fn quoted(passage: &str) -> String {
    if passage.is_empty() { "nothing there".into() } else { format!("“{passage}”") }
}

fn revisions(text: &mut String, table: &Table) {
    text.push_str("\nRevisions\n");
    for revision in &table.revisions {
        line(text, &format!("  {}  {} bytes, up to byte {}", revision.number, revision.size, revision.end));
        for signed in &revision.signed {
            let name =
                signed.claimed_name.as_ref().map(|name| format!(", names {name:?}")).unwrap_or_default();
            let time =
                signed.claimed_time.as_ref().map(|time| format!(", claims {time}")).unwrap_or_default();
            line(text, &format!("     signed in field {:?}{name}{time}", signed.field));
        }
    }
}

fn revision(text: &mut String, changes: &Changes) {
    line(text, &format!("\nRevision {}: {}", changes.revision, changes.level));
    for field in &changes.fields {
        line(text, &format!("  field {:?} {}", field.name, field.action));
    }
    for change in changes.objects.iter().take(MOST_OBJECTS) {
        line(text, &format!("  {}", words(change)));
    }
    if let Some(more) = changes.objects.len().checked_sub(MOST_OBJECTS).filter(|more| *more > 0) {
        line(text, &format!("  and {more} more; --json lists them all"));
    }
}

fn words(change: &Change) -> String {
    let page = change.page.map(|page| format!(", page {page}")).unwrap_or_default();
    let role = if change.role.is_empty() { String::new() } else { format!(" ({})", change.role) };
    let attack = change.attack.map(|attack| format!(" ({attack})")).unwrap_or_default();
    let rule = change.rule.unwrap_or("NO RULE CLEARS IT");
    format!("object {}{role}{page} {}: {}{attack} [{rule}]", change.object, change.kind, change.what)
}
