//! Environments, what was done to them and what nodes were in them, in words and for programs.

use crate::carry::{About, Site, Version};
use crate::when;
use seeknal_store::{Operation, Store};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;

/// Environments, a line each.
pub fn table(all: &[About]) -> String {
    let mut text = String::new();
    for one in all {
        let mut notes = Vec::new();
        if let Some(from) = &one.promoted_from {
            notes.push(format!("from {from}"));
        }
        if one.is_behind {
            notes.push("production moved on".to_owned());
        }
        if one.is_pinned {
            notes.push("pinned".to_owned());
        }
        if one.is_expired {
            notes.push("EXPIRED".to_owned());
        }
        let notes = match notes.is_empty() {
            true => String::new(),
            false => format!("  ({})", notes.join(", ")),
        };
        let _ = writeln!(text, "{:<20}{:<30}used {}{notes}", one.name, one.stage, when(one.used));
    }
    text
}

/// An environment for programs.
pub fn json(one: &About) -> Value {
    json!({
        "name": one.name,
        "stage": one.stage,
        "created": one.created,
        "used": one.used,
        "expired": one.is_expired,
        "pinned": one.is_pinned,
        "view": one.view,
        "plan": one.plan,
        "promoted_from": one.promoted_from,
        "behind": one.is_behind,
        "outputs": one.outputs.0,
        "bytes": one.outputs.1,
    })
}

/// Environments, and what else there is to know.
pub fn status(site: &Site, all: &[About], pending: &[(String, Option<String>)]) -> String {
    let mut text = table(all);
    if let Some(by) = site.store.stopped() {
        let _ = writeln!(text, "stopped by {by}; `start` lets work go on");
    }
    if let Ok(Some((_, newest))) = site.store.newest() {
        let _ = writeln!(
            text,
            "last: v{} {} by {}, {}",
            newest.number,
            newest.kind,
            newest.actor,
            when(newest.time)
        );
    }
    for (node, message) in pending {
        let why = message.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        let _ = writeln!(text, "pending: {node}{why}; `promote --resume` does it");
    }
    text
}

/// The same for programs.
pub fn status_json(all: &[About], pending: &[(String, Option<String>)]) -> Value {
    let all: Vec<Value> = all.iter().map(json).collect();
    let pending: Vec<Value> =
        pending.iter().map(|(node, message)| json!({ "node": node, "message": message })).collect();
    json!({ "environments": all, "pending": pending })
}

/// A version of a node for programs.
pub fn version_json(one: &Version) -> Value {
    json!({
        "number": one.number,
        "time": one.time,
        "kind": one.kind,
        "identity": one.identity,
        "rows": one.rows,
        "columns": one.columns,
        "restorable": one.is_restorable,
    })
}

/// What was done, the newest first.
pub fn history(store: &Store, all: &[(String, Operation)]) -> String {
    let mut page = String::new();
    for (_, operation) in all {
        let Operation { number, kind, time, actor, took, .. } = operation;
        let seconds = Duration::from_millis(*took).as_secs_f64();
        let fact = |key: &str| operation.facts.get(key).and_then(Value::as_str);
        let what = match (fact("from"), fact("environment")) {
            (Some(from), Some(to)) => format!("{kind} {from} to {to}"),
            (None, Some(environment)) => format!("{kind} {environment}"),
            _ => kind.clone(),
        };
        let _ = writeln!(page, "{number:>4}  {}  {what}  by {actor}, {seconds:.1} s", when(*time));
        for failure in &operation.failures {
            let _ = writeln!(page, "      {} failed: {}", failure.node, failure.message);
        }
        for (name, environment) in &operation.environments {
            let Some(view) = &environment.view else { continue };
            let short: String = view.chars().take(10).collect();
            let gone = if store.is_restorable(view) { "" } else { " (no longer restorable)" };
            let _ = writeln!(page, "      {name}: {short}{gone}");
        }
    }
    page
}

/// An operation for programs.
pub fn operation_json((id, operation): &(String, Operation)) -> Value {
    let mut value = serde_json::to_value(operation).unwrap_or_default();
    value["id"] = Value::from(id.as_str());
    value
}
