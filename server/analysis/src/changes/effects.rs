//! The category of each changed node, with what it breaks elsewhere.

use super::names::Names;
use super::steps::{Reached, Steps};
use super::{Action, Category, Change, ColumnChanges, Reason, Side, What, compare, reasons};
use crate::identity::{Identity, fields, keeps_history};
use seeknal_model::table::Class as FieldClass;
use seeknal_model::{Node, NodeId, NodeSet};
use seeknal_syntax::yaml::{self, Value, construct};
use std::collections::BTreeSet;

/// Keys that decide what a row stands for.
const GRAIN: [&str; 5] =
    ["entity", "id_col", "feature_date_col", "application_date_col", "group_by"];

/// Every changed node, in the order of the new project, those that are gone last.
pub(crate) fn changes(
    old: Side<'_>,
    new: Side<'_>,
    names: &Names,
    steps: &Steps<'_>,
) -> Vec<Change> {
    let mut found = Vec::new();
    let broken = broken(old, new, names, steps);
    let reached = steps.all().map(|(reached, _)| &reached.node.id);
    let mut changed: Vec<&NodeId> = reached.filter(|id| names.is_changed(id)).collect();
    // A node that goes in circles is reached by nothing, and changed all the same.
    changed.extend(names.changed().filter(|id| steps.action(id).is_none()));
    for id in changed {
        let Some(node) = new.project.node(id) else { continue };
        let Some(mut change) = change(old, new, names, node) else { continue };
        let downstream = match broken.is_empty() {
            true => NodeSet::default(),
            false => new.project.graph().behind([id]),
        };
        for (reader, reason) in &broken {
            let reads = downstream.contains(reader);
            if reads && change.what != What::Added {
                change.category = Category::Breaking;
                let message = format!("`{reader}`: {}", reason.message);
                change.reasons.push(Reason { message, ..reason.clone() });
            }
        }
        if let Some(wanted) = overruled(node)
            && wanted > change.category
        {
            change.category = wanted;
            let message = format!("its author calls it {}", wanted.word());
            change.reasons.push(reasons::at_name(node, "overruled", message));
        }
        found.push(change);
    }
    for id in &names.removed {
        let Some(node) = old.project.node(id) else { continue };
        let message = "it is not declared any more".to_owned();
        let reason = Reason {
            code: "removed",
            message,
            place: None,
            related: reasons::was_at(node, node.name_span),
        };
        let mut reasons = vec![reason];
        let downstream = old.project.graph().behind([id]);
        for (reader, reason) in &broken {
            if downstream.contains(reader) {
                let message = format!("`{reader}`: {}", reason.message);
                reasons.push(Reason { message, ..reason.clone() });
            }
        }
        found.push(Change {
            node: id.clone(),
            what: What::Removed,
            category: Category::Breaking,
            is_destructive: keeps_history(node),
            columns: ColumnChanges::default(),
            rows_changed: true,
            is_provisional: false,
            reasons,
        });
    }
    found
}

fn change(old: Side<'_>, new: Side<'_>, names: &Names, node: &Node) -> Option<Change> {
    let id = &node.id;
    let base = |what, category, reasons| Change {
        node: id.clone(),
        what,
        category,
        is_destructive: false,
        columns: ColumnChanges::default(),
        rows_changed: false,
        is_provisional: false,
        reasons,
    };
    let Some(then_id) = names.then(id) else {
        let reason = reasons::at_name(node, "added", "it is new".to_owned());
        return Some(base(What::Added, Category::NonBreaking, vec![reason]));
    };
    let (now, then) = (new.identities.get(id)?, old.identities.get(then_id)?);
    if names.renamed_from(id).is_some() {
        let message = format!("it was called `{then_id}`");
        let reason = reasons::at_name(node, "renamed", message);
        return Some(base(What::Renamed(then_id.clone()), Category::Breaking, vec![reason]));
    }
    if !names.modified.contains(id) {
        return None;
    }
    if let Some(problem) = new.schemas.problem(id) {
        // What it will mean nobody knows; what it broke so far is said of its readers.
        let reasons = vec![reasons::would_fail(node, problem)];
        let change = base(What::Modified, Category::NonBreaking, reasons);
        return Some(Change { is_provisional: true, ..change });
    }
    let before = old.project.node(then_id)?;
    let columns = compare::columns(then, now);
    let mut reasons = reasons::own((node, now), (before, then));
    let mut category = own_category((node, before), (now, then), &columns);
    let is_open = node.kind.has_rows && (now.columns.is_none() || then.columns.is_none());
    if is_open && category > Category::Metadata {
        category = Category::Breaking;
        let message = "which columns it gives cannot be told".to_owned();
        reasons.push(reasons::at_name(node, "columns-unknown", message));
    }
    let is_destructive = category > Category::Metadata && keeps_history(before);
    if is_destructive {
        category = Category::Breaking;
        let message = "what it wrote before cannot be made again from here".to_owned();
        reasons.push(reasons::at_name(node, "history", message));
    }
    if category == Category::NonBreaking && reasons.is_empty() {
        let message = "is written elsewhere or otherwise besides".to_owned();
        reasons.push(reasons::at_name(node, "target", message));
    }
    if category == Category::Metadata && reasons.is_empty() {
        let message = "nothing that it computes is different".to_owned();
        reasons.push(reasons::at_name(node, "metadata", message));
    }
    let rows_changed = now.rows != then.rows;
    Some(Change {
        columns,
        rows_changed,
        is_destructive,
        ..base(What::Modified, category, reasons)
    })
}

fn own_category(
    (node, before): (&Node, &Node),
    (now, then): (&Identity, &Identity),
    columns: &ColumnChanges,
) -> Category {
    let grain = |node: &Node| -> Vec<Value> {
        GRAIN.iter().map(|key| node.field(key).map_or(Value::Null, construct)).collect()
    };
    if columns.breaks() || grain(node) != grain(before) {
        return Category::Breaking;
    }
    let of = |classes: &[FieldClass]| fields(node, classes, &[]) == fields(before, classes, &[]);
    // What is asserted of a node is no part of what it yields.
    let checks_only = node.kind.name == "rule";
    if now.output() == then.output() || checks_only {
        return match of(&[FieldClass::Target]) {
            true => Category::Metadata,
            false => Category::NonBreaking,
        };
    }
    Category::NonBreaking
}

/// Readers whose text did not change, and which fail now, mean something else, or break their own
/// readers.
fn broken(old: Side<'_>, new: Side<'_>, names: &Names, steps: &Steps<'_>) -> Vec<(NodeId, Reason)> {
    let mut found = Vec::new();
    for (Reached { node, now, then }, action) in steps.all() {
        let id = &node.id;
        let Some((before, then)) = then.filter(|_| !names.modified.contains(id)) else { continue };
        if action == Action::Fails {
            if old.schemas.problem(&before.id).is_none() {
                let problem = new.schemas.problem(id);
                let gone = node.references.iter().find(|one| names.removed.contains(&one.id));
                found.extend(match (problem, gone) {
                    (Some(problem), _) => Some((id.clone(), reasons::would_fail(node, problem))),
                    (None, Some(gone)) => Some((id.clone(), reasons::gone(node, &gone.id))),
                    (None, None) => None,
                });
            }
            continue;
        }
        found.extend(reasons::rebound(node, now, then).into_iter().map(|one| (id.clone(), one)));
        if !compare::is_shaped_alike(then, now) && compare::columns(then, now).breaks() {
            let own = reasons::own((node, now), (before, then));
            let breaking =
                ["column-removed", "column-renamed", "column-retyped", "column-displaced"];
            let first = own.into_iter().find(|reason| breaking.contains(&reason.code));
            found.extend(first.map(|reason| (id.clone(), reason)));
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|(id, reason)| seen.insert((id.clone(), reason.message.clone())));
    found
}

/// What the author says of a change; it counts only upward.
fn overruled(node: &Node) -> Option<Category> {
    let change = node.field("change").map(yaml::merged)?;
    let is_type = |key: &Value| *key == Value::Text("type".to_owned());
    let (_, entry) = change.into_iter().find(|(key, _)| is_type(key))?;
    match construct(&entry.value) {
        Value::Text(text) => match text.to_lowercase().as_str() {
            "breaking" => Some(Category::Breaking),
            "non_breaking" => Some(Category::NonBreaking),
            "metadata" => Some(Category::Metadata),
            _ => None,
        },
        _ => None,
    }
}
