//! What an edit does, as a value to read, keep and compare: changes with their categories, and steps in
//! an order in which they can be taken.
//!
//! It must not know: how a step is carried out, files, time.

mod json;
mod stamp;
mod summary;

pub use json::range;
pub use summary::Summary;

use seeknal_analysis::changes::{Change, Changes, Side, Step, changes};

/// What a plan is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The environment it is for; nothing for production.
    pub environment: Option<String>,
    /// What the project is compared with.
    pub against: String,
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
    let Changes { changes, steps } = changes(old, new);
    let mut plan = Plan { id: String::new(), about, changes, steps };
    plan.id = stamp::id(&plan, old.project, new.project);
    plan
}

impl Plan {
    /// Whether anything changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.steps.is_empty()
    }
}
