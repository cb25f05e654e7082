//! What came of work on environments, in words and for programs.

use crate::carry::{Applied, Back, Export, Preview};
use crate::when;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// How many of each came of the work.
pub fn results(told: &Applied) -> String {
    let count = |word: &str| told.done.iter().filter(|(_, doing)| *doing == word).count();
    let mut parts = vec![format!("{} built", count("build"))];
    for (number, word) in [
        (count("check"), "checked"),
        (told.kept, "kept"),
        (told.failed.len(), "failed"),
        (told.skipped.len(), "skipped"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {word}"));
        }
    }
    format!("Results: {}\n", parts.join(", "))
}

/// What would be done.
pub fn dry(told: &Applied) -> String {
    let mut text = String::new();
    for (node, doing) in &told.done {
        let why = told.moved.get(node).map(|why| format!(": {why}")).unwrap_or_default();
        let _ = writeln!(text, "Would {doing} {node}{why}");
    }
    let _ = writeln!(text, "{} to do, {} kept; nothing was done.", told.done.len(), told.kept);
    text
}

/// What came of work, for programs.
pub fn json(told: &Applied, exports: &[Export]) -> Value {
    let pairs = |pairs: &[(seeknal_model::NodeId, String)]| -> Vec<Value> {
        pairs.iter().map(|(node, why)| json!({ "node": node.as_str(), "message": why })).collect()
    };
    let skipped = told.skipped.iter();
    let skipped: Vec<Value> = skipped
        .map(|(node, because)| json!({ "node": node.as_str(), "because": because.as_str() }))
        .collect();
    let done = told.done.iter();
    let done: Vec<Value> =
        done.map(|(node, doing)| json!({ "node": node.as_str(), "did": doing })).collect();
    json!({
        "event": "done",
        "plan": told.plan,
        "nodes": done,
        "kept": told.kept,
        "failed": pairs(&told.failed),
        "skipped": skipped,
        "stopped": told.stopped,
        "changed": told.is_changed,
        "exports": exports.iter().map(export_json).collect::<Vec<_>>(),
    })
}

/// A file for others, for programs.
pub fn export_json(export: &Export) -> Value {
    let (rows, message) = match &export.done {
        Ok(rows) => (Some(rows), None),
        Err(why) => (None, Some(why)),
    };
    json!({ "node": export.node.as_str(), "file": export.file, "rows": rows, "message": message })
}

/// Files for others that could not be written.
pub fn unwritten(exports: &[Export], text: &mut String) {
    for Export { node, file, done } in exports {
        if let Err(why) = done {
            let _ = writeln!(
                text,
                "{node} could not write {file}: {why}; `promote --resume` tries it again"
            );
        }
    }
}

/// What promoting would do.
pub fn previewed((from, to): (&str, &str), preview: &Preview) -> String {
    let to = if to == "prod" { "production".to_owned() } else { format!("environment '{to}'") };
    let mut text = format!("Promotion preview for '{from}' -> {to}:\n");
    for (node, word) in &preview.nodes {
        let _ = writeln!(text, "  {word:<8}{node}");
    }
    let _ = writeln!(text, "  {} nodes stay as they are", preview.same);
    for node in &preview.exports {
        let _ = writeln!(text, "  writes  {node}");
    }
    if !preview.older.is_empty() {
        let _ = writeln!(
            text,
            "  note: newer data is there for {}; `promote {from} --refresh` builds on it first",
            preview.older.join(", ")
        );
    }
    text
}

/// The same for programs.
pub fn preview_json(preview: &Preview, is_promoted: bool) -> Value {
    let node = |(node, word): &(String, &str)| json!({ "node": node, "change": word });
    json!({
        "event": if is_promoted { "promoted" } else { "preview" },
        "plan": preview.plan,
        "nodes": preview.nodes.iter().map(node).collect::<Vec<_>>(),
        "same": preview.same,
        "exports": preview.exports,
        "older_data": preview.older,
    })
}

/// How applying to an environment ended.
pub fn applied(name: &str, told: &Applied) -> String {
    let mut text = results(told);
    match (&told.stopped, told.failed.is_empty()) {
        (Some(why), _) => {
            let _ = writeln!(text, "Stopped: {why}. `apply {name}` goes on where it ended.");
        }
        (None, false) => {
            let failures = told.failed.len();
            let _ = writeln!(
                text,
                "Environment '{name}' applied with {failures} failure(s); it shows what it showed before. Mend them and `apply {name}` goes on where it ended."
            );
        }
        (None, true) => {
            let _ = writeln!(text, "Environment '{name}' applied successfully.");
        }
    }
    text
}

/// How a run ended.
pub fn ran(told: &Applied, exports: &[Export]) -> String {
    let mut text = results(told);
    if let Some(why) = &told.stopped {
        let _ = writeln!(
            text,
            "Stopped: {why}. Production shows what it showed before; `run` goes on."
        );
    } else if !told.failed.is_empty() {
        text.push_str("Production shows what it showed before. Mend what failed, and `run` goes on where it ended.\n");
    } else if told.is_changed {
        text.push_str("Production is up to date.\n");
    } else {
        text.push_str("Production was up to date.\n");
    }
    unwritten(exports, &mut text);
    text
}

/// How promoting ended.
pub fn promoted((from, to): (&str, &str), exports: &[Export]) -> String {
    let mut text = match to {
        "prod" => format!("Environment '{from}' promoted to production.\n"),
        to => format!("Environment '{from}' promoted to '{to}'.\n"),
    };
    unwritten(exports, &mut text);
    text
}

/// What rolling back would do.
pub fn back(name: &str, back: &Back) -> String {
    let mut text = format!("'{name}' goes back to v{} of {}\n", back.number, when(back.time));
    for node in &back.exports {
        let _ = writeln!(text, "  writes  {node}");
    }
    for node in &back.stays {
        let _ = writeln!(text, "  what {node} wrote stays where it is");
    }
    text
}

/// The same for programs, before or after it was done.
pub fn back_json(name: &str, back: &Back, is_preview: bool) -> Value {
    json!({
        "event": if is_preview { "preview" } else { "rolled_back" },
        "environment": name,
        "to": back.number,
        "exports": back.exports,
        "stays": back.stays,
    })
}

/// How rolling back ended.
pub fn rolled_back(name: &str, back: &Back, exports: &[Export]) -> String {
    let mut text = format!("'{name}' shows what it showed after v{}.\n", back.number);
    unwritten(exports, &mut text);
    text
}
