//! Making a plan of two states of a project.

use crate::{About, Plan, stamp};
use seeknal_analysis::changes::{Category, Change, Changes, ColumnChanges, Reason, Side, changes};

/// The plan for getting from one state of a project to another. It depends on nothing else.
pub fn build(old: Side<'_>, new: Side<'_>, about: About, lanes: usize) -> Plan {
    let mut plan = glance(old, new, about, lanes);
    plan.id = stamp::id(&plan, old.project, new.project);
    plan
}

/// The same for somebody who only looks, such as an editor at each letter: it has no id, for which every node
/// would have to be read.
pub fn glance(old: Side<'_>, new: Side<'_>, about: About, lanes: usize) -> Plan {
    let Changes { mut changes, steps } = changes(old, new, lanes);
    for change in &mut changes {
        if let Some(reason) = about.unknown.get(&change.node) {
            not_comparable(change, reason);
        }
    }
    Plan { id: String::new(), about, changes, steps, data: Vec::new(), estimate: None }
}

/// Where it cannot be told what a node was, it is neither the same nor broken.
fn not_comparable(change: &mut Change, reason: &str) {
    change.category = Category::NonBreaking;
    change.columns = ColumnChanges::default();
    let place = change.reasons.iter().find_map(|reason| reason.place.clone());
    let message = format!("cannot be compared: {reason}");
    change.reasons = vec![Reason { code: "not-comparable", message, place, related: None }];
}
