//! What is noteworthy about a document: faults are findings, not errors.

use crate::Span;
use std::borrow::Cow;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth attention before relying on the document.
    Warning,
    /// Contradicts what the document claims.
    Error,
}

impl Severity {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One noteworthy fact about a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable identifier, e.g. `pdf.xref.offset-mismatch`; never reused for something else.
    pub code: Cow<'static, str>,
    /// How much it weighs.
    pub severity: Severity,
    /// Where in the file, when it has a place.
    pub span: Option<Span>,
    /// What was found, one sentence without a full stop.
    pub message: String,
    /// What to do about it; empty when nothing can be done.
    pub hint: String,
}

impl Finding {
    /// A finding without place and hint.
    pub fn new(
        code: impl Into<Cow<'static, str>>,
        severity: Severity,
        message: impl Into<String>,
    ) -> Finding {
        Finding { code: code.into(), severity, span: None, message: message.into(), hint: String::new() }
    }

    /// The same finding at a place.
    pub fn at(self, span: Span) -> Finding {
        Finding { span: Some(span), ..self }
    }

    /// The same finding with advice.
    pub fn hint(self, hint: impl Into<String>) -> Finding {
        Finding { hint: hint.into(), ..self }
    }
}
