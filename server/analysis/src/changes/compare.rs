//! A node beside what it was.

use crate::identity::{ColumnIdentity, Id, Identity};

/// What became of a node's columns, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnChanges {
    /// Not there before.
    pub added: Vec<String>,
    /// Not there any more.
    pub removed: Vec<String>,
    /// The same values under another name: before and now.
    pub renamed: Vec<(String, String)>,
    /// The same name in other letters: before and now.
    pub respelled: Vec<(String, String)>,
    /// Of another type: the name, the type before, the type now.
    pub retyped: Vec<(String, String, String)>,
    /// Other values under the same name.
    pub redefined: Vec<String>,
    /// The old values stand under another name, and the name has others.
    pub displaced: Vec<String>,
    /// Whether the columns that were there stand in another order.
    pub is_reordered: bool,
}

impl ColumnChanges {
    /// Whether a reader that names what it reads finds what it counts on.
    pub fn breaks(&self) -> bool {
        !(self.removed.is_empty()
            && self.renamed.is_empty()
            && self.displaced.is_empty()
            && self.retyped.iter().all(|(_, then, now)| is_widening(then, now)))
    }

    /// Whether nothing happened to any column.
    pub fn is_empty(&self) -> bool {
        *self == ColumnChanges::default()
    }
}

/// Whether the columns have the same names and types, in one order. Their values may be others.
pub(crate) fn is_shaped_alike(then: &Identity, now: &Identity) -> bool {
    let (Some(before), Some(after)) = (&then.columns, &now.columns) else { return false };
    let mut pairs = before.iter().zip(after);
    before.len() == after.len() && pairs.all(|(then, now)| now.is_called_like(then))
}

/// What became of the columns of a node.
pub(crate) fn columns(then: &Identity, now: &Identity) -> ColumnChanges {
    let (Some(before), Some(after)) = (&then.columns, &now.columns) else {
        return ColumnChanges::default();
    };
    let is = |one: &ColumnIdentity, two: &ColumnIdentity| one.name.eq_ignore_ascii_case(&two.name);
    let mut found = ColumnChanges::default();
    let pairs = || before.iter().zip(after);
    // As a rule the names are what they were, and all there is to see are types and values.
    if before.len() == after.len() && pairs().all(|(then, now)| then.name == now.name) {
        for (then, now) in pairs() {
            if then.kind != now.kind {
                let kinds = (then.name.to_string(), then.kind.to_string(), now.kind.to_string());
                found.retyped.push(kinds);
            } else if then.id != now.id {
                found.redefined.push(then.name.to_string());
            }
        }
        return found;
    }
    let fresh: Vec<&ColumnIdentity> =
        after.iter().filter(|now| !before.iter().any(|then| is(then, now))).collect();
    let mut taken: Vec<Id> = Vec::new();
    for column in before {
        let Some(same) = after.iter().find(|now| is(column, now)) else {
            // The same values under a name that was not there.
            let other = fresh.iter().find(|now| now.id == column.id && !taken.contains(&now.id));
            match other {
                Some(other) => {
                    taken.push(other.id);
                    found.renamed.push((column.name.to_string(), other.name.to_string()));
                }
                None => found.removed.push(column.name.to_string()),
            }
            continue;
        };
        if same.name != column.name {
            found.respelled.push((column.name.to_string(), same.name.to_string()));
        }
        if same.kind != column.kind {
            let kinds = (column.name.to_string(), column.kind.to_string(), same.kind.to_string());
            found.retyped.push(kinds);
        } else if same.id != column.id {
            let moved = fresh.iter().any(|now| now.id == column.id);
            let list = if moved { &mut found.displaced } else { &mut found.redefined };
            list.push(column.name.to_string());
        }
    }
    let renamed = |name: &String| found.renamed.iter().any(|(_, now)| now == name);
    let names = fresh.iter().map(|column| column.name.to_string());
    found.added = names.filter(|name| !renamed(name)).collect();
    let order = |of: &[ColumnIdentity], other: &[ColumnIdentity]| -> Vec<String> {
        let shared = of.iter().filter(|column| other.iter().any(|one| is(one, column)));
        shared.map(|column| column.name.to_lowercase()).collect()
    };
    found.is_reordered = order(before, after) != order(after, before);
    found
}

/// Whether a type holds every value of another, so that nobody who reads it loses any.
fn is_widening(then: &str, now: &str) -> bool {
    const WHOLE: [&str; 4] = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT"];
    let rank = |kind: &str| WHOLE.iter().position(|one| *one == kind);
    matches!((rank(then), rank(now)), (Some(then), Some(now)) if then < now)
}
