//! What a plan was made from, as a hash.

use crate::Plan;
use seeknal_model::{Node, Project};
use seeknal_syntax::yaml::construct;

/// The id of a plan: its changes and steps, and every node's definition before and after.
pub(crate) fn id(plan: &Plan, old: &Project, new: &Project) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut say = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    say("seeknal plan 2");
    say(plan.about.environment.as_deref().unwrap_or_default());
    for change in &plan.changes {
        say(change.node.as_str());
        say(change.category.word());
        say(&format!("{:?} {:?}", change.what, change.columns));
    }
    for step in &plan.steps {
        say(step.node.as_str());
        say(step.action.word());
    }
    for project in [old, new] {
        say("project");
        for node in project.declared() {
            say(node.id.as_str());
            say(&said(node).to_hex());
        }
    }
    hasher.finalize().to_hex().chars().take(32).collect()
}

/// A hash of what a node says, without comments and layout.
pub fn said(node: &Node) -> blake3::Hash {
    node.said(definition)
}

fn definition(node: &Node) -> blake3::Hash {
    let body = node.body.as_ref().map(|body| body.hash);
    blake3::hash(format!("{:?} {body:?}", construct(&node.root)).as_bytes())
}
