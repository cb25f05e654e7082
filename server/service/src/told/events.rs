//! What happens while work is done, as lines and for programs.

use crate::Event;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;

/// Shorter than this is not worth saying.
const LONG: Duration = Duration::from_secs(1);

/// Whether something went wrong.
pub fn is_bad(event: &Event<'_>) -> bool {
    match event {
        Event::Failed { .. } | Event::Skipped { .. } | Event::Again { .. } => true,
        Event::Checked { result, .. } => !result.passed,
        _ => false,
    }
}

/// The line for an event that is worth one.
pub fn line(event: &Event<'_>) -> Option<String> {
    let mut line = String::from("  ");
    let _ = match event {
        Event::Begun { .. } | Event::Started { .. } | Event::Progress { .. } => return None,
        Event::Finished { node, doing, rows, took } => {
            let took = Duration::from_millis(*took);
            let took = match took < LONG {
                true => String::new(),
                false => format!(", {:.1} s", took.as_secs_f64()),
            };
            match rows {
                Some(1) => write!(line, "{doing:<7} {node}: 1 row{took}"),
                Some(rows) => write!(line, "{doing:<7} {node}: {rows} rows{took}"),
                None => write!(line, "{doing:<7} {node}{took}"),
            }
        }
        Event::Failed { node, why } => write!(line, "FAILED  {node}: {why}"),
        Event::Skipped { node, because } => {
            write!(line, "skipped {node}, because {because} failed")
        }
        Event::Again { node, why } => write!(line, "again   {node}: {why}"),
        Event::Checked { node, result } => match (result.passed, result.is_blocking) {
            (true, _) => write!(line, "ok      {node} {}", result.sentence()),
            (false, true) => write!(line, "ERROR   {node} {}", result.sentence()),
            (false, false) => write!(line, "warning {node} {}", result.sentence()),
        },
        Event::Exported { node, file, rows } => {
            write!(line, "wrote   {node}: {file}, {rows} rows")
        }
    };
    line.push('\n');
    Some(line)
}

/// An event for programs.
pub fn json(event: &Event<'_>) -> Value {
    match event {
        Event::Begun { tasks, kept } => json!({ "event": "begun", "tasks": tasks, "kept": kept }),
        Event::Started { node, doing } => {
            json!({ "event": "started", "node": node.as_str(), "doing": doing })
        }
        Event::Progress { node, percent } => {
            json!({ "event": "progress", "node": node.as_str(), "percent": percent })
        }
        Event::Again { node, why } => {
            json!({ "event": "again", "node": node.as_str(), "message": why })
        }
        Event::Checked { node, result } => json!({
            "event": "checked",
            "node": node.as_str(),
            "check": result.name,
            "passed": result.passed,
            "blocking": result.is_blocking,
            "failing": result.failing,
            "of": result.of,
            "message": result.sentence(),
        }),
        Event::Finished { node, doing, rows, took } => json!({
            "event": "finished",
            "node": node.as_str(),
            "did": doing,
            "rows": rows,
            "milliseconds": took,
        }),
        Event::Failed { node, why } => {
            json!({ "event": "failed", "node": node.as_str(), "message": why })
        }
        Event::Skipped { node, because } => {
            json!({ "event": "skipped", "node": node.as_str(), "because": because.as_str() })
        }
        Event::Exported { node, file, rows } => {
            json!({ "event": "exported", "node": node.as_str(), "file": file, "rows": rows })
        }
    }
}
