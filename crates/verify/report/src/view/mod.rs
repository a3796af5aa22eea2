//! The report as words: everything that text, HTML and PDF show, in one language and safe to show anywhere.

mod acceptance;
mod bracket;
mod signature;
mod token;

pub use bracket::duration;

use crate::{Catalogue, Detail, Report, Summary, printable};
use evidence::Container;
use std::collections::BTreeSet;
use types::{Finding, Severity};
use validation::{Answer, Asked, Indication, PathUsed, State, StatusUsed, Text, Weight};

/// The code of the finding that names a trust pack which took part: shown although it is no warning, because what follows
/// rests on it.
pub const TRUST_PACK: &str = "trust-pack";

/// A report in words. No text in it has control, bidirectional or invisible characters.
#[derive(Clone, Debug)]
pub struct View {
    /// Tag of the language (BCP 47).
    pub language: &'static str,
    /// What kind of document this is.
    pub title: String,
    /// The file as the person named it.
    pub file: String,
    /// How many signatures there are.
    pub headline: String,
    /// All signatures together.
    pub tone: Tone,
    /// File, digest, time and policy.
    pub facts: Vec<Fact>,
    /// Every signature.
    pub signatures: Vec<Block>,
    /// Every timestamp.
    pub timestamps: Vec<Block>,
    /// What is noteworthy about the file.
    pub notes: Vec<Note>,
    /// What described verifiers would say.
    pub acceptance: Vec<AcceptanceView>,
    /// Headings and other fixed words.
    pub words: Words,
    /// What the report does not say.
    pub closing: Vec<String>,
}

/// Headings and other fixed words.
#[derive(Clone, Debug)]
pub struct Words {
    /// Over the signatures.
    pub signatures: String,
    /// Over the timestamps.
    pub timestamps: String,
    /// Over the acceptance.
    pub acceptance: String,
    /// Over the findings.
    pub findings: String,
    /// Over what is known per dimension.
    pub dimensions: String,
    /// Over the certification path.
    pub path: String,
    /// Over the closing remarks.
    pub closing: String,
    /// Heads of the columns of dimensions: what, state, why.
    pub dimension_heads: [String; 3],
    /// Heads of the columns of a path: certificate, validity, status.
    pub path_heads: [String; 3],
    /// Heads of the columns of questions: answer, question and detail, clause.
    pub check_heads: [String; 3],
    /// Before the page number.
    pub page: String,
}

/// What stands for good, open and bad; the words say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Not proven.
    Open,
    /// Contradicted.
    Bad,
    /// Neither.
    Plain,
}

/// A word with its tone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// How it is meant.
    pub tone: Tone,
    /// The word.
    pub word: String,
}

/// A label and a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// The value.
    pub value: String,
}

/// One signature or one timestamp.
#[derive(Clone, Debug)]
pub struct Block {
    /// What it is, e.g. `signature in field "Seller"`.
    pub heading: String,
    /// Indication and sub-indication in the words of the standard.
    pub indication: Mark,
    /// The sub-indication, empty if passed.
    pub sub_indication: String,
    /// The baseline level, empty if none.
    pub level: String,
    /// What it amounts to, one plain sentence.
    pub amounts: String,
    /// Kind, field and coverage in one sentence; time and imprint for a timestamp.
    pub place: String,
    /// Who signed.
    pub signer: String,
    /// By whom that is certified, empty if by itself.
    pub issuer: String,
    /// What the signer claims.
    pub claims: Vec<Fact>,
    /// Between which times it was made.
    pub bracket: String,
    /// Further facts.
    pub facts: Vec<Fact>,
    /// What is known per dimension; empty for timestamps.
    pub dimensions: Vec<Row>,
    /// From the signer up.
    pub path: Vec<PathRow>,
    /// Questions and answers, grouped.
    pub groups: Vec<Group>,
    /// What is noteworthy.
    pub notes: Vec<Note>,
}

/// One dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// What is known.
    pub state: Mark,
    /// Why.
    pub reason: String,
    /// What to do, empty if nothing.
    pub hint: String,
}

/// One certificate of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathRow {
    /// Whose it is, or who is trusted.
    pub subject: String,
    /// Serial number and validity; empty for an anchor known by name only.
    pub validity: String,
    /// What is known of its status.
    pub status: Mark,
}

/// Questions about one matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The matter.
    pub heading: String,
    /// The questions in their order.
    pub checks: Vec<CheckRow>,
}

/// One question with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRow {
    /// Yes, no, or how little a no weighs.
    pub answer: Mark,
    /// The question.
    pub question: String,
    /// The answer in words.
    pub detail: String,
    /// The clause that asks.
    pub clause: &'static str,
}

/// Something noteworthy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// How bad it is.
    pub severity: Mark,
    /// What it is; details are in English.
    pub message: String,
    /// Where, empty if nowhere in particular.
    pub place: String,
    /// Its stable identifier.
    pub code: String,
    /// What to do, empty if nothing.
    pub hint: String,
}

/// What one verifier would say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptanceView {
    /// The verifier.
    pub verifier: String,
    /// What it would say.
    pub answer: Mark,
    /// Why, each with how that is known.
    pub reasons: Vec<(String, String)>,
}

impl View {
    /// Puts a report into words; without what explains it, if it is to be plain.
    pub fn new(report: &Report<'_>, detail: Detail) -> View {
        let say = Say { catalogue: report.catalogue, detail };
        let (evidence, verdict) = (report.evidence, report.verdict);
        let signatures = evidence.signatures.iter().zip(&verdict.signatures);
        let tokens = evidence.tokens.iter().zip(&verdict.tokens);
        let count = evidence.signatures.len();
        let (tone, headline) = match report.summary() {
            Summary::Unsigned => (Tone::Bad, say.word("headline-unsigned")),
            summary => {
                let headline = Text::new("headline-signatures").with("count", count);
                (summary_tone(summary), say.text(&headline))
            }
        };
        View {
            language: report.catalogue.language().tag(),
            title: say.word("report-title"),
            file: printable(report.file).into_owned(),
            headline,
            tone,
            facts: document_facts(report, say),
            signatures: signatures.map(|(signature, verdict)| say.signature(signature, verdict)).collect(),
            timestamps: match detail {
                Detail::Plain => Vec::new(),
                Detail::Explained => {
                    tokens.map(|(token, verdict)| say.token(token, verdict, evidence)).collect()
                }
            },
            notes: say.notes(&evidence.findings),
            acceptance: match detail {
                Detail::Plain => Vec::new(),
                Detail::Explained => say.acceptance(&validation::acceptance::acceptance(evidence, verdict)),
            },
            words: Words::new(say),
            closing: ["closing-words", "closing-clock", "closing-law"].map(|key| say.word(key)).into(),
        }
    }
}

impl Words {
    fn new(say: Say<'_>) -> Words {
        Words {
            signatures: say.word("heading-signatures"),
            timestamps: say.word("heading-timestamps"),
            acceptance: say.word("heading-acceptance"),
            findings: say.word("heading-findings"),
            dimensions: say.word("heading-dimensions"),
            path: say.word("heading-path"),
            closing: say.word("heading-closing"),
            dimension_heads: ["head-dimension", "head-state", "head-reason"].map(|key| say.word(key)),
            path_heads: ["head-certificate", "head-validity", "head-status"].map(|key| say.word(key)),
            check_heads: ["head-answer", "head-question", "head-clause"].map(|key| say.word(key)),
            page: say.word("page"),
        }
    }
}

fn summary_tone(summary: Summary) -> Tone {
    match summary {
        Summary::AllPassed => Tone::Good,
        Summary::SomeIndeterminate => Tone::Open,
        Summary::SomeFailed | Summary::Unsigned => Tone::Bad,
    }
}

fn document_facts(report: &Report<'_>, say: Say<'_>) -> Vec<Fact> {
    let document = &report.evidence.document;
    let kind = match &document.container {
        Container::Pdf { revision_ends } => {
            say.text(&Text::new("container-pdf").with("revisions", revision_ends.len()))
        }
        Container::Cms => say.word("container-cms"),
        Container::Xml => say.word("container-xml"),
        Container::Asic { kind, members } => {
            say.text(&Text::new("container-asic").with("kind", kind).with("members", members.len()))
        }
    };
    let (policy, version) = &report.verdict.policy;
    let policy = say.text(&Text::new("policy-named").with("policy", policy).with("version", version));
    vec![
        say.fact("label-file", report.file),
        say.fact("label-kind", &kind),
        say.fact("label-digest", &document.digest.to_string()),
        say.fact("label-length", &say.text(&Text::new("bytes").with("count", document.len))),
        say.fact("label-validation-time", &report.verdict.at.to_string()),
        say.fact("label-policy", &policy),
    ]
}

/// Puts things into words that are safe to show.
#[derive(Clone, Copy)]
struct Say<'a> {
    catalogue: &'a Catalogue,
    detail: Detail,
}

impl Say<'_> {
    fn text(self, text: &Text) -> String {
        printable(&self.catalogue.say(text)).into_owned()
    }

    fn word(self, key: &'static str) -> String {
        self.text(&Text::new(key))
    }

    fn fact(self, label: &'static str, value: &str) -> Fact {
        Fact { label: self.word(label), value: printable(value).into_owned() }
    }

    fn indication(self, indication: Indication) -> Mark {
        let tone = match indication {
            Indication::TotalPassed => Tone::Good,
            Indication::Indeterminate => Tone::Open,
            Indication::TotalFailed => Tone::Bad,
        };
        Mark { tone, word: indication.as_str().to_owned() }
    }

    fn state(self, state: State) -> Mark {
        let (tone, key) = match state {
            State::Proven => (Tone::Good, "state-proven"),
            State::Claimed => (Tone::Open, "state-claimed"),
            State::Unknown => (Tone::Open, "state-unknown"),
            State::Broken => (Tone::Bad, "state-broken"),
        };
        Mark { tone, word: self.word(key) }
    }

    /// Findings that a person should see: warnings, errors, and which trust packs took part.
    fn notes(self, findings: &[Finding]) -> Vec<Note> {
        let is_shown = |finding: &&Finding| finding.severity > Severity::Info || finding.code == TRUST_PACK;
        let shown = findings.iter().filter(is_shown);
        let note = |finding: &Finding| Note {
            severity: match finding.severity {
                Severity::Error => Mark { tone: Tone::Bad, word: self.word("severity-error") },
                Severity::Info => Mark { tone: Tone::Open, word: self.word("severity-info") },
                _ => Mark { tone: Tone::Open, word: self.word("severity-warning") },
            },
            message: printable(&finding.message).into_owned(),
            place: finding.span.map(|span| span.to_string()).unwrap_or_default(),
            code: printable(&finding.code).into_owned(),
            hint: printable(&finding.hint).into_owned(),
        };
        shown.map(note).collect()
    }

    /// The path and the anchor.
    fn path(self, path: Option<&PathUsed>) -> Vec<PathRow> {
        let Some(path) = path.filter(|_| self.detail == Detail::Explained) else { return Vec::new() };
        let rows = path.certificates.iter().enumerate().map(|(index, certificate)| {
            let status = path.statuses.get(index);
            let validity = Text::new("certificate-validity")
                .with("from", certificate.not_before())
                .with("to", certificate.not_after())
                .with("serial", certificate.serial_hex());
            PathRow {
                subject: printable(&certificate.subject().to_string()).into_owned(),
                validity: self.text(&validity),
                status: self.status(status.unwrap_or(&StatusUsed::Unknown), path.direct),
            }
        });
        let anchor = (!path.direct).then(|| PathRow {
            subject: printable(&path.anchor).into_owned(),
            validity: String::new(),
            status: Mark { tone: Tone::Good, word: self.word("status-anchor") },
        });
        rows.chain(anchor).collect()
    }

    fn status(self, status: &StatusUsed, direct: bool) -> Mark {
        let (tone, text) = match status {
            StatusUsed::Exempt if direct => (Tone::Good, Text::new("status-direct")),
            StatusUsed::Exempt => (Tone::Good, Text::new("status-exempt")),
            StatusUsed::Good { issued_at, .. } => {
                (Tone::Good, Text::new("status-good").with("time", issued_at))
            }
            StatusUsed::Revoked { at, reason, .. } => {
                (Tone::Bad, Text::new("status-revoked").with("time", at).with("reason", reason))
            }
            StatusUsed::Unknown => (Tone::Open, Text::new("status-unknown")),
        };
        Mark { tone, word: self.text(&text) }
    }

    /// Questions about the signature, the path and time, in this order; none is left out.
    fn groups(self, checks: &[Asked]) -> Vec<Group> {
        const HEADINGS: [&str; 3] = ["group-signature", "group-path", "group-time"];
        let checks = if self.detail == Detail::Explained { checks } else { &[] };
        let used: BTreeSet<usize> = checks.iter().map(|asked| matter(asked.question)).collect();
        let group = |index: usize| Group {
            heading: HEADINGS.get(index).map(|key| self.word(key)).unwrap_or_default(),
            checks: checks
                .iter()
                .filter(|asked| matter(asked.question) == index)
                .map(|asked| self.check(asked))
                .collect(),
        };
        used.into_iter().map(group).collect()
    }

    fn check(self, asked: &Asked) -> CheckRow {
        let (tone, key) = match (asked.answer, asked.weight) {
            (Answer::Yes, _) => (Tone::Good, "answer-yes"),
            (Answer::No, Weight::Fail) => (Tone::Bad, "answer-no"),
            (Answer::No, Weight::Warn) => (Tone::Open, "answer-warn"),
            (Answer::No, _) => (Tone::Open, "answer-inform"),
        };
        CheckRow {
            answer: Mark { tone, word: self.word(key) },
            question: self.text(&Text::question(asked.question)),
            detail: self.text(&asked.detail),
            clause: asked.clause,
        }
    }
}

/// What a question is about: 0 the signature, 1 the certification path, 2 time.
fn matter(question: &str) -> usize {
    match question {
        "certificate-path"
        | "certificate-algorithms"
        | "revocation-known"
        | "not-revoked"
        | "revocation-fresh"
        | "pinned-certificate"
        | "qualified-certificate" => 1,
        "proof-of-existence" | "claimed-time" | "beacon-named" | "revocation-delay" => 2,
        question if question.starts_with("timestamp-") => 2,
        _ => 0,
    }
}
