//! How far work is, from what happens.

use crate::Event;
use std::collections::BTreeMap;

/// How many characters of a node's name are shown.
const NAME: usize = 32;

/// How far work is. It never goes back, whatever an engine says.
#[derive(Debug, Default)]
pub struct Gauge {
    tasks: usize,
    done: usize,
    /// Nodes that are worked on, with how far they are.
    running: BTreeMap<String, f64>,
    /// The farthest that was said.
    share: f64,
}

impl Gauge {
    /// Takes in what happened.
    pub fn take(&mut self, event: &Event<'_>) {
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
        self.advance();
    }

    #[allow(clippy::cast_precision_loss, reason = "it is a picture")]
    fn advance(&mut self) {
        let begun: f64 = self.running.values().sum::<f64>() / 100.0;
        let now = (self.done as f64 + begun) / self.tasks.max(1) as f64;
        self.share = self.share.max(now).min(1.0);
    }

    /// Which part of the work is done, from 0 to 1.
    pub fn share(&self) -> f64 {
        self.share
    }

    /// How many of how many nodes are done, and what is worked on; nothing where nothing is.
    pub fn words(&self) -> Option<String> {
        let (node, percent) = self.running.first_key_value().filter(|_| self.tasks > 0)?;
        // A line that is broken cannot be wiped as one.
        let node: String = node.chars().take(NAME).collect();
        let more = self.running.len().saturating_sub(1);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let Gauge { done, tasks, .. } = self;
        Some(format!("{done}/{tasks}  {node} {percent:.0}%{more}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seeknal_model::NodeId;

    #[test]
    fn it_never_goes_back() {
        let (one, two) = (&NodeId::new("transform.a"), &NodeId::new("transform.b"));
        let mut gauge = Gauge::default();
        let mut share = 0.0;
        for event in [
            Event::Begun { tasks: 2, kept: 0 },
            Event::Started { node: one, doing: "build" },
            Event::Progress { node: one, percent: 80.0 },
            Event::Progress { node: one, percent: 10.0 },
            Event::Failed { node: one, why: "w" },
            Event::Started { node: two, doing: "build" },
            Event::Progress { node: two, percent: 50.0 },
        ] {
            gauge.take(&event);
            assert!(gauge.share() >= share, "{event:?}");
            share = gauge.share();
        }
        assert!((0.74..0.76).contains(&share), "{share}");
        assert_eq!(gauge.words().as_deref(), Some("1/2  transform.b 50%"));
    }
}
