//! What is wrong in projects, as programs read it: from the command line and from the server.

use crate::{Analyst, Loaded};
use seeknal_model::Fault;
use seeknal_plan::range;
use serde_json::{Value, json};

/// A project with everything that is wrong in it.
#[derive(Debug)]
pub struct Checked {
    /// The project.
    pub loaded: Loaded,
    /// What is wrong in it.
    pub faults: Vec<Fault>,
}

impl Checked {
    /// A project with what is wrong in it by its names and, where there is somebody to ask, by its SQL.
    /// `stop` is asked on the way.
    pub fn of(
        mut loaded: Loaded,
        analyst: Option<&Analyst>,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Checked {
        let mut faults = loaded.project.faults();
        if let Some(analyst) = analyst {
            faults.extend(analyst.schemas(&loaded.root, &loaded.project, stop).faults());
            loaded.unread.extend(analyst.trouble());
            faults.sort_by_key(|fault| (fault.path.clone(), fault.problem.span));
        }
        Checked { loaded, faults }
    }
}

/// Every fault as JSON. Lines and columns count from 1, columns in characters.
pub fn json(all: &[Checked]) -> Value {
    let problems: Vec<Value> = all
        .iter()
        .flat_map(|one| one.faults.iter().filter_map(|fault| fault_json(&one.loaded, fault)))
        .collect();
    let unread: Vec<&String> = all.iter().flat_map(|one| &one.loaded.unread).collect();
    json!({
        "files": all.iter().map(|one| one.loaded.project.files().count()).sum::<usize>(),
        "nodes": all.iter().map(|one| one.loaded.project.declared().count()).sum::<usize>(),
        "unread": unread,
        "problems": problems,
    })
}

fn fault_json(loaded: &Loaded, fault: &Fault) -> Option<Value> {
    let problem = &fault.problem;
    let file = loaded.project.file(&fault.path)?;
    let shown = |path: &str| loaded.root.join(path).display().to_string();
    let mut related: Vec<Value> = problem
        .related
        .iter()
        .map(|one| json!({ "message": one.message, "file": shown(&fault.path), "range": range(file, one.span) }))
        .collect();
    for (path, span, message) in &fault.elsewhere {
        let other = loaded.project.file(path)?;
        related
            .push(json!({ "message": message, "file": shown(path), "range": range(other, *span) }));
    }
    let fix = problem.fix.as_ref().map(|fix| {
        let edits: Vec<Value> = fix
            .edits
            .iter()
            .map(|edit| json!({ "range": range(file, edit.span), "text": edit.text }))
            .collect();
        json!({ "title": fix.title, "edits": edits })
    });
    Some(json!({
        "code": problem.code.name,
        "severity": problem.code.severity.word(),
        "message": problem.message,
        "file": shown(&fault.path),
        "range": range(file, problem.span),
        "related": related,
        "fix": fix,
    }))
}
