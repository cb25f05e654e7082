//! Printing: the only place that writes to the terminal.

use crate::check::Report;
use seeknal_syntax::{Encoding, Problem, Severity, Span};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};

/// Prints an answer. A reader that went away, as in `| head`, is no fault.
pub(crate) fn out(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// Prints what is wrong with the call or with a file.
pub(crate) fn err(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Prints every problem under its line of text, then a summary.
pub(crate) fn text(reports: &[Report]) {
    let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let mut page = String::new();
    for report in reports {
        for problem in &report.problems {
            problem_text(report, problem, colours, &mut page);
        }
    }
    let _ = writeln!(page, "{}", summary(reports));
    out(&page);
}

fn summary(reports: &[Report]) -> String {
    let count = |severity: Severity| {
        let all = reports.iter().flat_map(|report| &report.problems);
        all.filter(|problem| problem.code.severity == severity).count()
    };
    let files = plural(reports.len(), "file");
    let parts: Vec<String> = [
        plural(count(Severity::Error), "error"),
        plural(count(Severity::Warning), "warning"),
        plural(count(Severity::Information), "note"),
    ]
    .into_iter()
    .filter(|part| !part.starts_with("0 "))
    .collect();
    match parts.is_empty() {
        true => format!("{files} checked, nothing to complain about"),
        false => format!("{files} checked: {}", parts.join(", ")),
    }
}

fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn problem_text(report: &Report, problem: &Problem, colours: bool, page: &mut String) {
    let (bold, plain) = if colours { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
    let hue = match problem.code.severity {
        _ if !colours => "",
        Severity::Error => "\u{1b}[1;31m",
        Severity::Warning => "\u{1b}[1;33m",
        Severity::Information | Severity::Hint => "\u{1b}[1;36m",
    };
    let (word, code, message) = (problem.code.severity.word(), problem.code.name, &problem.message);
    let _ = writeln!(page, "{hue}{word}[{code}]{plain}{bold}: {message}{plain}");
    excerpt(report, problem.span, "", hue, page);
    for related in &problem.related {
        excerpt(report, related.span, &related.message, hue, page);
    }
    if let Some(fix) = &problem.fix {
        let _ = writeln!(page, "   = fix: {}", fix.title);
    }
    page.push('\n');
}

/// The line of a place with the place underlined; of a longer place its first line.
fn excerpt(report: &Report, span: Span, label: &str, hue: &str, page: &mut String) {
    let start = report.lines.position(&report.text, span.start, Encoding::Utf32);
    let end = report.lines.position(&report.text, span.end, Encoding::Utf32);
    let line = report.lines.line_text(&report.text, start.line);
    let width = match end.line == start.line {
        true => end.column - start.column,
        false => line.chars().count().saturating_sub(start.column),
    };
    let number = (start.line + 1).to_string();
    let gutter = " ".repeat(number.len());
    let arrow = if label.is_empty() { "-->" } else { ":::" };
    let shown = report.path.display();
    let _ = writeln!(page, "{gutter}{arrow} {shown}:{number}:{}", start.column + 1);
    let lead: String =
        line.chars().take(start.column).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    let mark = if label.is_empty() { "^" } else { "-" }.repeat(width.max(1));
    let plain = if hue.is_empty() { "" } else { "\u{1b}[0m" };
    let _ = writeln!(page, "{number} | {line}");
    let _ = writeln!(page, "{gutter} | {lead}{hue}{mark}{plain} {label}");
    while page.ends_with(" \n") {
        page.truncate(page.len() - 2);
        page.push('\n');
    }
}

/// Prints every problem as JSON. Lines and columns count from 1, columns in characters.
pub(crate) fn json(reports: &[Report]) {
    let problems: Vec<Value> = reports
        .iter()
        .flat_map(|report| report.problems.iter().map(move |problem| problem_json(report, problem)))
        .collect();
    let page = json!({ "files": reports.len(), "problems": problems });
    out(&format!("{page:#}\n"));
}

fn problem_json(report: &Report, problem: &Problem) -> Value {
    let related: Vec<Value> = problem
        .related
        .iter()
        .map(|one| json!({ "message": one.message, "range": range(report, one.span) }))
        .collect();
    let fix = problem.fix.as_ref().map(|fix| {
        let edits: Vec<Value> = fix
            .edits
            .iter()
            .map(|edit| json!({ "range": range(report, edit.span), "text": edit.text }))
            .collect();
        json!({ "title": fix.title, "edits": edits })
    });
    json!({
        "code": problem.code.name,
        "severity": problem.code.severity.word(),
        "message": problem.message,
        "file": report.path.display().to_string(),
        "range": range(report, problem.span),
        "related": related,
        "fix": fix,
    })
}

fn range(report: &Report, span: Span) -> Value {
    let place = |offset| {
        let position = report.lines.position(&report.text, offset, Encoding::Utf32);
        json!({ "line": position.line + 1, "column": position.column + 1 })
    };
    json!({ "start": place(span.start), "end": place(span.end), "bytes": [span.start, span.end] })
}
