//! What an edit does, as a value to read, keep and compare: changes with their categories, and steps in
//! an order in which they can be taken.
//!
//! It must not know: how a step is carried out, files, time.

mod diff;
mod json;
pub mod schemas;
mod stamp;
mod summary;

pub use diff::{ColumnDiff, Concealed, Hunk, NodeDiff, Said, class_word};
pub use json::range;
pub use summary::Summary;

use seeknal_analysis::changes::{
    Category, Change, Changes, ColumnChanges, Reason, Side, Step, changes,
};
use seeknal_model::NodeId;
use std::collections::BTreeMap;

/// What a plan is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The environment it is for; nothing for production.
    pub environment: Option<String>,
    /// What the project is compared with.
    pub against: String,
    /// What that does not tell of some nodes.
    pub unknown: BTreeMap<NodeId, String>,
}

/// What becomes of a project's nodes, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The hash of all that follows and of what it was made from. Comments and layout, which change
    /// nothing, do not change it.
    pub id: String,
    /// What it is about.
    pub about: About,
    /// Each changed node.
    pub changes: Vec<Change>,
    /// Each changed node and everything that reads it, upstream first.
    pub steps: Vec<Step>,
}

/// The plan for getting from one state of a project to another. It depends on nothing else.
pub fn build(old: Side<'_>, new: Side<'_>, about: About) -> Plan {
    let Changes { mut changes, steps } = changes(old, new);
    for change in &mut changes {
        if let Some(reason) = about.unknown.get(&change.node) {
            not_comparable(change, reason);
        }
    }
    let mut plan = Plan { id: String::new(), about, changes, steps };
    plan.id = stamp::id(&plan, old.project, new.project);
    plan
}

/// Where it cannot be told what a node was, it is neither the same nor broken.
fn not_comparable(change: &mut Change, reason: &str) {
    change.category = Category::NonBreaking;
    change.columns = ColumnChanges::default();
    let place = change.reasons.iter().find_map(|reason| reason.place.clone());
    let message = format!("cannot be compared: {reason}");
    change.reasons = vec![Reason { code: "not-comparable", message, place, related: None }];
}

impl Plan {
    /// Whether anything changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.steps.is_empty()
    }
}
