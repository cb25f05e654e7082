//! What is wrong with a text, where, and how to mend it, in words an editor or a terminal can show.

use crate::Span;
use std::fmt;

/// The stable kebab-case name of a kind of problem, with what every problem of it shares.
#[derive(Clone, Copy)]
pub struct Code {
    /// The name, as shown to users and used in page names.
    pub name: &'static str,
    /// How much it matters.
    pub severity: Severity,
}

impl PartialEq for Code {
    fn eq(&self, other: &Code) -> bool {
        self.name == other.name
    }
}

impl Eq for Code {}

impl fmt::Debug for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name)
    }
}

/// How much a problem matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Severity {
    /// Something is lost or cannot work.
    Error,
    /// It works, but hardly as meant.
    Warning,
    /// Worth knowing.
    Information,
    /// A suggestion.
    Hint,
}

impl Severity {
    /// The word shown before a message.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information => "info",
            Severity::Hint => "hint",
        }
    }
}

/// One thing that is wrong at one place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Which kind of problem.
    pub code: Code,
    /// Where.
    pub span: Span,
    /// One sentence on what is wrong and what cures it.
    pub message: String,
    /// Other places that belong to it.
    pub related: Vec<Related>,
    /// An edit that certainly cures it.
    pub fix: Option<Fix>,
}

impl Problem {
    /// A problem without related places and without a fix.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Problem {
        Problem { code, span, message: message.into(), related: Vec::new(), fix: None }
    }

    /// The same problem with one related place more.
    #[must_use]
    pub fn with_related(mut self, span: Span, message: impl Into<String>) -> Problem {
        self.related.push(Related { span, message: message.into() });
        self
    }

    /// The same problem with a fix of one edit.
    #[must_use]
    pub fn with_fix(mut self, title: impl Into<String>, edit: Edit) -> Problem {
        self.fix = Some(Fix { title: title.into(), edits: vec![edit] });
        self
    }
}

/// Another place that belongs to a problem.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Related {
    /// Where.
    pub span: Span,
    /// What is to be seen there.
    pub message: String,
}

/// Edits that together cure a problem.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What the edits do, as a menu shows it.
    pub title: String,
    /// The edits, none overlapping another.
    pub edits: Vec<Edit>,
}

/// The replacement of a range by a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}
