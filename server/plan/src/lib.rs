//! What an edit does, as a value to read, keep and compare: changes with their categories, and steps in
//! an order in which they can be taken.
//!
//! It must not know: how a step is carried out, files, time.

mod build;
mod data;
mod diff;
pub mod engine;
mod json;
pub mod schemas;
mod stamp;
mod summary;

pub use build::{build, glance};
pub use data::{Estimate, Moved, Version};
pub use diff::{ColumnDiff, Concealed, Hunk, NodeDiff, Said, class_word};
pub use json::range;
pub use stamp::said;
pub use summary::Summary;

use seeknal_analysis::changes::{Change, Step};
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
    /// Sources whose data is another than it was.
    pub data: Vec<Moved>,
    /// How long it may take, where anything was built before.
    pub estimate: Option<Estimate>,
}

impl Plan {
    /// Whether anything changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.steps.is_empty()
    }
}
