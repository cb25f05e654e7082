//! Faults as text for people and as JSON for programs.

use crate::render;
use seeknal_model::Fault;
use seeknal_service::{Checked, Loaded, report, secrets};
use seeknal_syntax::{Encoding, Severity, Span};
use std::fmt::Write as _;

/// Every fault under its line of text, then a summary.
pub(crate) fn text(all: &[Checked]) -> String {
    let mut text = String::new();
    for checked in all {
        let mut page = Page { loaded: &checked.loaded, colours: render::colours(), text };
        checked.faults.iter().for_each(|fault| page.fault(fault));
        text = page.text;
    }
    let _ = writeln!(text, "{}", summary(all));
    text
}

fn summary(all: &[Checked]) -> String {
    let count = |severity: Severity| {
        let faults = all.iter().flat_map(|checked| &checked.faults);
        faults.filter(|fault| fault.problem.code.severity == severity).count()
    };
    let files = plural(all.iter().map(|one| one.loaded.project.files().count()).sum(), "file");
    let nodes = plural(all.iter().map(|one| one.loaded.project.declared().count()).sum(), "node");
    let projects = match all.len() {
        1 => String::new(),
        several => format!(" in {several} projects"),
    };
    let parts: Vec<String> = [
        (count(Severity::Error), "error"),
        (count(Severity::Warning), "warning"),
        (count(Severity::Information), "note"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, noun)| plural(count, noun))
    .collect();
    match parts.is_empty() {
        true => format!("{files}, {nodes}{projects}: nothing to complain about"),
        false => format!("{files}, {nodes}{projects}: {}", parts.join(", ")),
    }
}

fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

struct Page<'l> {
    loaded: &'l Loaded,
    colours: bool,
    text: String,
}

impl Page<'_> {
    fn paint(&self, text: &str, colour: &str) -> String {
        match self.colours {
            true => format!("\u{1b}[{colour}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        }
    }

    fn fault(&mut self, fault: &Fault) {
        let problem = &fault.problem;
        let hue = match problem.code.severity {
            Severity::Error => "1;31",
            Severity::Warning => "1;33",
            Severity::Information | Severity::Hint => "1;36",
        };
        let head = format!("{}[{}]", problem.code.severity.word(), problem.code.name);
        let head = self.paint(&head, hue);
        let message = self.paint(&format!(": {}", printable(&problem.message)), "1");
        let _ = writeln!(self.text, "{head}{message}");
        self.excerpt(&fault.path, problem.span, None, hue);
        for related in &problem.related {
            self.excerpt(&fault.path, related.span, Some(&related.message), hue);
        }
        for (path, span, message) in &fault.elsewhere {
            self.excerpt(path, *span, Some(message), hue);
        }
        if let Some(fix) = &problem.fix {
            let _ = writeln!(self.text, "   = fix: {}", fix.title);
        }
        self.text.push('\n');
    }

    /// The line of a place with the place underlined; of a longer place its first line.
    fn excerpt(&mut self, path: &str, span: Span, label: Option<&str>, hue: &str) {
        let Some(file) = self.loaded.project.file(path) else { return };
        let start = file.lines.position(&file.text, span.start, Encoding::Utf32);
        let end = file.lines.position(&file.text, span.end, Encoding::Utf32);
        let line = file.lines.line_text(&file.text, start.line);
        let width = match end.line == start.line {
            true => end.column - start.column,
            false => line.chars().count().saturating_sub(start.column),
        };
        let number = (start.line + 1).to_string();
        let gutter = " ".repeat(number.len());
        let arrow = if label.is_some() { ":::" } else { "-->" };
        let shown = self.loaded.root.join(path);
        let lead: String =
            line.chars().take(start.column).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        let mark = if label.is_some() { "-" } else { "^" }.repeat(width.max(1));
        let mark = self.paint(&mark, hue);
        let label = label.map_or(String::new(), |label| format!(" {}", printable(label)));
        let _ = writeln!(
            self.text,
            "{gutter}{arrow} {}:{number}:{}",
            shown.display(),
            start.column + 1
        );
        let _ = writeln!(self.text, "{number} | {}", printable(&masked(line)));
        let _ = writeln!(self.text, "{gutter} | {lead}{mark}{label}");
    }
}

/// A line of a file with secrets starred out.
fn masked(line: &str) -> String {
    let hidden = secrets(line);
    let is_hidden = |at: &usize| hidden.iter().any(|secret| secret.contains(at));
    line.char_indices().map(|(at, c)| if is_hidden(&at) { '*' } else { c }).collect()
}

/// A text of a file without what would steer a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}

/// Every fault as JSON.
pub(crate) fn json(all: &[Checked]) -> String {
    format!("{:#}\n", report::json(all))
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn secrets_are_starred_and_names_of_variables_are_not() {
        for (line, shown) in [
            ("  password: hunter2", "  password: *******"),
            ("p: {password: hünter, port: 1}", "p: {password: ******, port: 1}"),
            ("\"db_password\" : \"open", "\"db_password\" : *****"),
            ("    password=\"x\", port=1", "    password=***, port=1"),
            ("  bearer_token: ${TOKEN}", "  bearer_token: ${TOKEN}"),
            ("  password: \"{{env:PW}}\"", "  password: \"{{env:PW}}\""),
            ("description: the password is secret", "description: the password is secret"),
        ] {
            assert_eq!(masked(line), shown);
        }
    }
}
