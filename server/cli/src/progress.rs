//! What happens while work is done: a line that moves on a terminal, plain lines elsewhere, or one JSON object
//! a line for programs.

use crate::options::Format;
use crate::render;
use seeknal_service::Event;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{IsTerminal, stderr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many characters the bar has.
const BAR: usize = 24;

/// How many characters of a node's name are shown beside it.
const NAME: usize = 32;

/// Shorter than this is not worth saying.
const LONG: Duration = Duration::from_secs(1);

/// Shows what happens.
pub(crate) struct Progress {
    way: Way,
    state: Mutex<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Bar,
    Lines,
    Json,
    Quiet,
}

#[derive(Default)]
struct State {
    tasks: usize,
    done: usize,
    /// Nodes that are worked on, with how far they are.
    running: BTreeMap<String, f64>,
    /// The farthest that was shown: a bar never goes back.
    shown: f64,
    is_drawn: bool,
}

impl Progress {
    pub(crate) fn new(format: Format, is_quiet: bool) -> Progress {
        let way = match format {
            Format::Json => Way::Json,
            Format::Text if is_quiet => Way::Quiet,
            Format::Text if stderr().is_terminal() => Way::Bar,
            Format::Text => Way::Lines,
        };
        Progress { way, state: Mutex::default() }
    }

    /// Shows something that happened.
    pub(crate) fn tell(&self, event: &Event<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.take(event);
        match self.way {
            Way::Json => render::out(&format!("{}\n", object(event))),
            Way::Quiet => {
                if let Some(line) = line(event).filter(|_| is_bad(event)) {
                    render::err(&line);
                }
            }
            Way::Lines => {
                if let Some(line) = line(event) {
                    render::out(&line);
                }
            }
            Way::Bar => {
                state.wipe();
                if let Some(line) = line(event) {
                    render::out(&line);
                }
                state.draw();
            }
        }
    }

    /// Leaves the terminal as it was.
    pub(crate) fn end(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).wipe();
    }
}

impl State {
    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Begun { tasks, .. } => self.tasks = *tasks,
            Event::Started { node, .. } => {
                self.running.insert(node.to_string(), 0.0);
            }
            Event::Progress { node, percent } => {
                let known = self.running.entry(node.to_string()).or_default();
                *known = known.max(*percent);
            }
            Event::Finished { node, .. } | Event::Failed { node, .. } => {
                self.running.remove(node.as_str());
                self.done += 1;
            }
            Event::Skipped { .. } => self.done += 1,
            Event::Again { .. } | Event::Checked { .. } | Event::Exported { .. } => {}
        }
    }

    fn wipe(&mut self) {
        if std::mem::take(&mut self.is_drawn) {
            render::err("\r\x1b[2K");
        }
    }

    /// Takes the bar as far as the work is.
    #[allow(clippy::cast_precision_loss, reason = "it is a picture")]
    fn advance(&mut self) {
        let begun: f64 = self.running.values().sum::<f64>() / 100.0;
        let now = (self.done as f64 + begun) / self.tasks.max(1) as f64;
        self.shown = self.shown.max(now).min(1.0);
    }

    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is a picture"
    )]
    fn draw(&mut self) {
        self.advance();
        let (Some((node, percent)), true) = (self.running.first_key_value(), self.tasks > 0) else {
            return;
        };
        // A line that is broken cannot be wiped as one.
        let node: String = node.chars().take(NAME).collect();
        let full = (self.shown * BAR as f64) as usize;
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(BAR.saturating_sub(full)));
        let more = self.running.len().saturating_sub(1);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let State { done, tasks, .. } = self;
        render::err(&format!("{bar} {done}/{tasks}  {node} {percent:.0}%{more}"));
        self.is_drawn = true;
    }
}

fn is_bad(event: &Event<'_>) -> bool {
    match event {
        Event::Failed { .. } | Event::Skipped { .. } | Event::Again { .. } => true,
        Event::Checked { result, .. } => !result.passed,
        _ => false,
    }
}

/// The line for an event that is worth one.
fn line(event: &Event<'_>) -> Option<String> {
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

fn object(event: &Event<'_>) -> Value {
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

#[cfg(test)]
mod tests {
    use super::*;
    use seeknal_model::NodeId;
    use seeknal_service::Tried;

    /// Every event stands on its page with all of its keys.
    #[test]
    fn the_page_names_every_event_with_its_keys() {
        let node = &NodeId::new("transform.a");
        let result = &Tried {
            name: "n".to_owned(),
            is_blocking: true,
            passed: false,
            failing: 1,
            of: Some(2),
            message: None,
        };
        let page = include_str!("../EVENTS.md");
        for event in [
            Event::Begun { tasks: 1, kept: 1 },
            Event::Started { node, doing: "build" },
            Event::Progress { node, percent: 1.0 },
            Event::Again { node, why: "w" },
            Event::Checked { node, result },
            Event::Finished { node, doing: "build", rows: None, took: 1 },
            Event::Failed { node, why: "w" },
            Event::Skipped { node, because: node },
            Event::Exported { node, file: "f", rows: 1 },
        ] {
            let said = object(&event);
            let word = format!("| `{}` |", said["event"].as_str().unwrap());
            let line = page.lines().find(|line| line.starts_with(&word)).unwrap();
            for key in said.as_object().unwrap().keys().filter(|key| *key != "event") {
                assert!(line.contains(&format!("`{key}`")), "{word} {key}");
            }
        }
    }

    /// A bar that has come so far does not go back, whatever DuckDB says.
    #[test]
    fn a_bar_never_goes_back() {
        let (one, two) = (&NodeId::new("transform.a"), &NodeId::new("transform.b"));
        let mut state = State::default();
        let mut shown = 0.0;
        for event in [
            Event::Begun { tasks: 2, kept: 0 },
            Event::Started { node: one, doing: "build" },
            Event::Progress { node: one, percent: 80.0 },
            Event::Progress { node: one, percent: 10.0 },
            Event::Failed { node: one, why: "w" },
            Event::Started { node: two, doing: "build" },
            Event::Progress { node: two, percent: 50.0 },
        ] {
            state.take(&event);
            state.advance();
            assert!(state.shown >= shown, "{event:?}");
            shown = state.shown;
        }
        assert!((0.74..0.76).contains(&shown), "{shown}");
    }
}
