//! What a plan says beside the edits: data that is another now, and how long building may take.

use crate::Plan;
use seeknal_analysis::changes::Action;
use seeknal_model::NodeId;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Which data a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// How many bytes.
    pub bytes: u64,
    /// Their hash; empty where the size told enough.
    pub hash: String,
}

/// A source whose data is another than it was. That is no edit, and has no category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The source.
    pub source: NodeId,
    /// Its file.
    pub file: String,
    /// What it held.
    pub was: Version,
    /// What it holds; nothing where it is gone.
    pub now: Option<Version>,
}

/// How long building may take, by what it took before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// In milliseconds, one node after the other.
    pub milliseconds: u64,
    /// Of how many nodes that is known.
    pub known: usize,
    /// Of how many it is not.
    pub unknown: usize,
}

impl Plan {
    /// The same with how long it may take, by what each node took before.
    #[must_use]
    pub fn estimated(mut self, took: &BTreeMap<NodeId, u64>) -> Plan {
        let mut estimate = Estimate::default();
        for step in self.steps.iter().filter(|step| step.action == Action::Build) {
            match took.get(&step.node) {
                Some(milliseconds) => {
                    estimate.milliseconds += milliseconds;
                    estimate.known += 1;
                }
                None => estimate.unknown += 1,
            }
        }
        self.estimate = (estimate.known > 0).then_some(estimate);
        self
    }
}

impl Moved {
    pub(crate) fn json(&self) -> Value {
        let now = self.now.as_ref().map(|now| json!({ "bytes": now.bytes }));
        json!({
            "source": self.source.as_str(),
            "file": self.file,
            "was": { "bytes": self.was.bytes },
            "now": now,
        })
    }
}

impl Estimate {
    pub(crate) fn json(&self) -> Value {
        json!({ "milliseconds": self.milliseconds, "known": self.known, "unknown": self.unknown })
    }
}
