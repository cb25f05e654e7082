//! What an edit does: the category of each changed node, and what must be built again, with reasons.
//!
//! Two questions, never mixed. The category speaks of the contract: what readers may count on. The steps
//! speak of the data: which outputs are still right.

mod compare;
mod effects;
mod names;
mod reasons;
mod steps;

use crate::identity::Identities;
use crate::schemas::Schemas;
use seeknal_model::{NodeId, Project};
use seeknal_syntax::Span;
use std::sync::Arc;

pub use compare::ColumnChanges;

/// A project with what is known of it.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The project.
    pub project: &'a Project,
    /// The columns of its nodes.
    pub schemas: &'a Schemas,
    /// What its nodes mean.
    pub identities: &'a Identities,
}

/// How far an edit reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// Nothing that is computed changes.
    Metadata,
    /// Data changes, and what readers count on holds.
    NonBreaking,
    /// What readers count on does not hold any more.
    Breaking,
}

impl Category {
    /// The word that Seeknal's users know.
    pub fn word(self) -> &'static str {
        match self {
            Category::Metadata => "METADATA",
            Category::NonBreaking => "NON_BREAKING",
            Category::Breaking => "BREAKING",
        }
    }
}

/// What became of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// It says something else.
    Modified,
    /// It is the node that had this id.
    Renamed(NodeId),
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The path of the file in the project.
    pub path: Arc<str>,
    /// Where in it.
    pub span: Span,
    /// Whether the text is the old one.
    pub is_old: bool,
}

/// Why something is as it is, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// A word for programs.
    pub code: &'static str,
    /// The sentence.
    pub message: String,
    /// Where, in the new text, if there is a place.
    pub place: Option<Place>,
    /// Where it stood in the old text, or what it is about elsewhere.
    pub related: Option<Place>,
}

/// What changed at a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The node; its old id where it was removed.
    pub node: NodeId,
    /// What became of it.
    pub what: What,
    /// How far it reaches.
    pub category: Category,
    /// Whether data would be lost.
    pub is_destructive: bool,
    /// Its columns.
    pub columns: ColumnChanges,
    /// Whether other rows exist, or may.
    pub rows_changed: bool,
    /// Whether its text cannot be read as it stands, so that nothing of this is sure.
    pub is_provisional: bool,
    /// Why the category is what it is.
    pub reasons: Vec<Reason>,
}

/// What is done with a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Its output is made again.
    Build,
    /// Its output is still right.
    Reuse,
    /// It is asserted again.
    Check,
    /// It is written out again.
    Export,
    /// Its output goes.
    Drop,
    /// It cannot be built: its query would fail.
    Fails,
    /// It keeps what it has for as long as something that it reads fails.
    Waits,
}

impl Action {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Action::Build => "build",
            Action::Reuse => "reuse",
            Action::Check => "check",
            Action::Export => "export",
            Action::Drop => "drop",
            Action::Fails => "fails",
            Action::Waits => "waits",
        }
    }
}

/// What is done with a node, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The node.
    pub node: NodeId,
    /// What is done.
    pub action: Action,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// What an edit does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Each changed node.
    pub changes: Vec<Change>,
    /// Each changed node and everything that reads it, upstream first.
    pub steps: Vec<Step>,
}

/// What differs between two states of a project, found out on so many threads.
pub fn changes(old: Side<'_>, new: Side<'_>, lanes: usize) -> Changes {
    let names = names::Names::of(old, new);
    let steps = steps::Steps::of(old, new, &names, lanes);
    let changes = effects::changes(old, new, &names, &steps);
    Changes { changes, steps: steps.into_steps() }
}
