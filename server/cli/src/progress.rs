//! What happens while work is done: a line that moves on a terminal, plain lines elsewhere, or one JSON object
//! a line for programs.

use crate::options::Format;
use crate::render;
use seeknal_service::Event;
use seeknal_service::told::Gauge;
use seeknal_service::told::events::{is_bad, json, line};
use std::io::{IsTerminal, stderr};
use std::sync::{Mutex, PoisonError};

/// How many characters the bar has.
const BAR: usize = 24;

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
    gauge: Gauge,
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
        state.gauge.take(event);
        match self.way {
            Way::Json => render::out(&format!("{}\n", json(event))),
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
    fn wipe(&mut self) {
        if std::mem::take(&mut self.is_drawn) {
            render::err("\r\x1b[2K");
        }
    }

    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is a picture"
    )]
    fn draw(&mut self) {
        let Some(words) = self.gauge.words() else { return };
        let full = (self.gauge.share() * BAR as f64) as usize;
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(BAR.saturating_sub(full)));
        render::err(&format!("{bar} {words}"));
        self.is_drawn = true;
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
            let said = json(&event);
            let word = format!("| `{}` |", said["event"].as_str().unwrap());
            let line = page.lines().find(|line| line.starts_with(&word)).unwrap();
            for key in said.as_object().unwrap().keys().filter(|key| *key != "event") {
                assert!(line.contains(&format!("`{key}`")), "{word} {key}");
            }
        }
    }
}
