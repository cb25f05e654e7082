//! `check`: reads every file of a project and prints what is wrong with it.

use crate::exit::Exit;
use crate::{Format, files, render};
use seeknal_syntax::{LineIndex, Problem, Severity, decode, yaml};
use std::fs;
use std::path::{Path, PathBuf};

/// A file with what is wrong in it.
pub(crate) struct Report {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) lines: LineIndex,
    pub(crate) problems: Vec<Problem>,
}

pub(crate) fn run(root: &Path, format: Format) -> Exit {
    if !root.is_dir() {
        let shown = root.display();
        render::err(&format!("error: there is no folder {shown}; name the project's folder\n"));
        return Exit::Usage;
    }
    let found = files::find(root);
    let mut reports = Vec::new();
    let mut unread = found.unread.len();
    for (path, error) in &found.unread {
        render::err(&format!("error: {}: {error}\n", path.display()));
    }
    for path in found.files {
        match fs::read(&path) {
            Ok(bytes) => reports.push(report(path, &bytes)),
            Err(error) => {
                unread += 1;
                render::err(&format!("error: {}: {error}\n", path.display()));
            }
        }
    }
    match format {
        Format::Text => render::text(&reports),
        Format::Json => render::json(&reports),
    }
    let errors = reports
        .iter()
        .flat_map(|report| &report.problems)
        .any(|problem| problem.code.severity == Severity::Error);
    if errors || unread > 0 { Exit::Found } else { Exit::Done }
}

fn report(path: PathBuf, bytes: &[u8]) -> Report {
    let decoded = decode(bytes);
    let mut problems = decoded.problems;
    problems.extend(yaml::parse(&decoded.text).problems);
    let lines = LineIndex::new(&decoded.text);
    Report { path, lines, problems, text: decoded.text }
}
