//! The report as one HTML file: nothing is loaded, nothing runs, and it prints.

use crate::markup::{Empty, Markup};
use crate::view::{AcceptanceView, Block, Fact, Group, Mark, Note, PathRow, Row, Tone, View};
use crate::{Catalogue, Detail, Report};
use validation::Text;

const STYLE: &str = include_str!("report.css");

/// A complete HTML document.
pub fn html(report: &Report<'_>) -> String {
    let view = View::new(report, Detail::Explained);
    let page = Page { view: &view, catalogue: report.catalogue };
    let mut out = Markup::starting("<!doctype html>\n");
    out.element("html", &[("lang", view.language)], |out| {
        page.head(out);
        out.newline();
        out.element("body", &[], |out| page.body(out));
    });
    out.newline();
    out.finish()
}

struct Page<'a> {
    view: &'a View,
    catalogue: &'a Catalogue,
}

impl Page<'_> {
    fn head(&self, out: &mut Markup) {
        out.element("head", &[], |out| {
            out.empty("meta", &[("charset", "utf-8")], Empty::Html);
            // Even a fault of this program could load nothing and run nothing.
            let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
            out.empty("meta", &[("http-equiv", "Content-Security-Policy"), ("content", policy)], Empty::Html);
            let viewport = [("name", "viewport"), ("content", "width=device-width, initial-scale=1")];
            out.empty("meta", &viewport, Empty::Html);
            out.empty("meta", &[("name", "color-scheme"), ("content", "light dark")], Empty::Html);
            out.leaf("title", &[], &format!("{}: {}", self.view.title, self.view.file));
            out.element("style", &[], |out| out.raw(STYLE));
        });
    }

    fn body(&self, out: &mut Markup) {
        let view = self.view;
        out.element("header", &[], |out| {
            out.leaf("h1", &[], &view.title);
            out.element("p", &[("class", "file")], |out| {
                out.leaf("bdi", &[], &view.file);
                out.text(": ");
                mark(out, &Mark { tone: view.tone, word: view.headline.clone() });
            });
            facts(out, &view.facts);
        });
        out.element("main", &[], |out| {
            if !view.signatures.is_empty() {
                section(out, "signatures", &view.words.signatures, |out| {
                    view.signatures.iter().for_each(|block| self.block(out, block));
                });
            }
            if !view.timestamps.is_empty() {
                section(out, "timestamps", &view.words.timestamps, |out| {
                    view.timestamps.iter().for_each(|block| self.block(out, block));
                });
            }
            if !view.notes.is_empty() {
                section(out, "findings", &view.words.findings, |out| notes(out, &view.notes));
            }
            if !view.acceptance.is_empty() {
                section(out, "acceptance", &view.words.acceptance, |out| acceptance(out, &view.acceptance));
            }
        });
        out.element("footer", &[], |out| {
            out.leaf("h2", &[], &view.words.closing);
            view.closing.iter().for_each(|sentence| out.leaf("p", &[], sentence));
        });
    }

    fn block(&self, out: &mut Markup, block: &Block) {
        out.element("article", &[("class", class(block.indication.tone))], |out| {
            out.leaf("h3", &[], &block.heading);
            out.leaf("p", &[("class", "amounts")], &block.amounts);
            out.element("p", &[("class", "verdict")], |out| {
                mark(out, &block.indication);
                if !block.sub_indication.is_empty() {
                    out.text(" / ");
                    out.leaf("span", &[], &block.sub_indication);
                }
                if !block.level.is_empty() {
                    let level = Text::new("level-is").with("level", &block.level);
                    out.text(" · ");
                    out.leaf("span", &[], &self.catalogue.say(&level));
                }
            });
            facts(out, &self.block_facts(block));
            self.dimensions(out, &block.dimensions);
            notes(out, &block.notes);
            self.path(out, &block.path);
            block.groups.iter().for_each(|group| self.group(out, group));
        });
    }

    fn block_facts(&self, block: &Block) -> Vec<Fact> {
        let fact = |key, value: &String| Fact { label: self.catalogue.word(key), value: value.clone() };
        let mut facts = Vec::new();
        if block.place != block.heading {
            facts.push(fact("label-covered", &block.place));
        }
        facts.push(fact("label-signer", &block.signer));
        facts.push(fact("label-issuer", &block.issuer));
        facts.push(fact("label-bracket", &block.bracket));
        facts.extend(block.claims.iter().chain(&block.facts).cloned());
        facts.retain(|fact| !fact.value.is_empty());
        facts
    }

    fn dimensions(&self, out: &mut Markup, rows: &[Row]) {
        if rows.is_empty() {
            return;
        }
        let words = &self.view.words;
        table(out, "dimensions", (&words.dimensions, &words.dimension_heads), |out| {
            for row in rows {
                out.element("tr", &[], |out| {
                    out.leaf("th", &[("scope", "row")], &row.name);
                    out.element("td", &[], |out| mark(out, &row.state));
                    out.element("td", &[], |out| {
                        out.text(&row.reason);
                        if !row.hint.is_empty() {
                            out.leaf("p", &[("class", "hint")], &format!("→ {}", row.hint));
                        }
                    });
                });
            }
        });
    }

    fn path(&self, out: &mut Markup, path: &[PathRow]) {
        if path.is_empty() {
            return;
        }
        let words = &self.view.words;
        table(out, "path", (&words.path, &words.path_heads), |out| {
            for row in path {
                out.element("tr", &[], |out| {
                    out.element("th", &[("scope", "row")], |out| out.leaf("bdi", &[], &row.subject));
                    out.leaf("td", &[], &row.validity);
                    out.element("td", &[], |out| mark(out, &row.status));
                });
            }
        });
    }

    fn group(&self, out: &mut Markup, group: &Group) {
        out.element("details", &[], |out| {
            out.leaf("summary", &[], &group.heading);
            table(out, "checks", (&group.heading, &self.view.words.check_heads), |out| {
                for check in &group.checks {
                    out.element("tr", &[], |out| {
                        out.element("td", &[], |out| mark(out, &check.answer));
                        out.element("th", &[("scope", "row")], |out| {
                            out.text(&check.question);
                            out.leaf("p", &[("class", "detail")], &check.detail);
                        });
                        out.leaf("td", &[("class", "clause"), ("lang", "en")], check.clause);
                    });
                }
            });
        });
    }
}

fn section(out: &mut Markup, id: &str, heading: &str, content: impl FnOnce(&mut Markup)) {
    let label = format!("{id}-heading");
    out.newline();
    out.element("section", &[("id", id), ("aria-labelledby", &label)], |out| {
        out.leaf("h2", &[("id", &label)], heading);
        content(out);
    });
}

fn table(out: &mut Markup, kind: &str, (caption, heads): (&str, &[String]), rows: impl FnOnce(&mut Markup)) {
    out.newline();
    out.element("table", &[("class", kind)], |out| {
        out.leaf("caption", &[], caption);
        out.element("thead", &[], |out| {
            out.element("tr", &[], |out| {
                heads.iter().for_each(|head| out.leaf("th", &[("scope", "col")], head));
            });
        });
        out.element("tbody", &[], rows);
    });
}

fn facts(out: &mut Markup, facts: &[Fact]) {
    out.element("dl", &[], |out| {
        for fact in facts {
            out.element("div", &[], |out| {
                out.leaf("dt", &[], &fact.label);
                out.element("dd", &[], |out| out.leaf("bdi", &[], &fact.value));
            });
        }
    });
}

fn notes(out: &mut Markup, notes: &[Note]) {
    if notes.is_empty() {
        return;
    }
    out.element("ul", &[("class", "notes")], |out| {
        for note in notes {
            out.element("li", &[], |out| {
                mark(out, &note.severity);
                out.text(": ");
                out.leaf("span", &[("lang", "en")], &note.message);
                out.text(" ");
                out.leaf("code", &[], &note.code);
                if !note.place.is_empty() {
                    out.text(&format!(" ({})", note.place));
                }
                if !note.hint.is_empty() {
                    out.leaf("p", &[("class", "hint"), ("lang", "en")], &format!("→ {}", note.hint));
                }
            });
        }
    });
}

fn acceptance(out: &mut Markup, all: &[AcceptanceView]) {
    for one in all {
        out.element("article", &[("class", class(one.answer.tone))], |out| {
            out.element("h3", &[], |out| {
                out.text(&one.verifier);
                out.text(": ");
                mark(out, &one.answer);
            });
            if one.reasons.is_empty() {
                return;
            }
            out.element("ul", &[], |out| {
                for (reason, known) in &one.reasons {
                    out.element("li", &[], |out| {
                        out.text(reason);
                        out.leaf("p", &[("class", "detail")], known);
                    });
                }
            });
        });
    }
}

fn mark(out: &mut Markup, mark: &Mark) {
    out.leaf("strong", &[("class", class(mark.tone))], &mark.word);
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Open => "open",
        Tone::Bad => "bad",
        Tone::Plain => "plain",
    }
}
