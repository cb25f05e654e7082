//! The columns of kinds that have no SQL of their own, by the rules by which Seeknal names them.

use super::id::{Id, Tag};
use seeknal_model::Node;
use seeknal_syntax::Span;
use seeknal_syntax::yaml::{self, Value, construct};

/// A column that a kind makes, with what defines it.
pub(crate) struct Made {
    pub(crate) name: String,
    pub(crate) id: Id,
    pub(crate) span: Span,
}

/// The keys that say which columns there are, and not which rows.
pub(crate) const SAY_COLUMNS: [&str; 2] = ["features", "output_columns"];

/// The columns of a node, where its kind says them.
pub(crate) fn columns(node: &Node) -> Option<Vec<Made>> {
    match node.kind.name {
        "aggregation" => Some(aggregation(node)),
        "second_order_aggregation" => Some(second_order(node)),
        "model" => Some(listed(node, "output_columns")),
        "profile" => {
            let names = ["column_name", "metric", "value", "detail"];
            Some(
                names.into_iter().map(|name| made(node, name, "profile", node.name_span)).collect(),
            )
        }
        _ => None,
    }
}

fn made(node: &Node, name: &str, about: &str, span: Span) -> Made {
    let id = Tag::new("made by a kind").text(node.kind.name).text(name).text(about).end();
    Made { name: name.to_owned(), id, span }
}

/// The columns by which rows are put together.
fn keys(node: &Node) -> Vec<Made> {
    let mut found = Vec::new();
    for key in ["id_col", "application_date_col"] {
        if let (Some(name), Some(field)) = (node.text(key), node.field(key)) {
            found.push(made(node, name, key, field.span));
        }
    }
    found.extend(listed(node, "group_by"));
    found
}

fn listed(node: &Node, key: &str) -> Vec<Made> {
    let Some(field) = node.field(key) else { return Vec::new() };
    let names = texts(&construct(field));
    names.iter().map(|name| made(node, name, key, field.span)).collect()
}

/// `<feature>_<aggregate>`, with the window, the ratio or `if` behind it.
fn aggregation(node: &Node) -> Vec<Made> {
    let mut found = keys(node);
    let Some(field) = node.field("features") else { return found };
    let Value::List(features) = construct(field) else { return found };
    for feature in &features {
        let Some(Value::Text(name)) = get(feature, "name") else { continue };
        let column = text(get(feature, "column")).unwrap_or_else(|| name.clone());
        let mut add = |name: String, about: &str| {
            found.push(made(node, &name, &format!("{column} {about}"), field.span));
        };
        for aggregate in get(feature, "basic").map(texts).unwrap_or_default() {
            add(format!("{name}_{aggregate}"), "basic");
        }
        for rolling in items(get(feature, "rolling")) {
            for days in get(rolling, "window").map(texts).unwrap_or_default() {
                for aggregate in get(rolling, "aggs").map(texts).unwrap_or_default() {
                    add(format!("{name}_{aggregate}_{days}d"), "rolling");
                }
            }
        }
        for ratio in items(get(feature, "ratio")) {
            let aggregates = get(ratio, "aggs").map_or_else(|| vec!["sum".to_owned()], texts);
            for above in get(ratio, "numerator").map(texts).unwrap_or_default() {
                for below in get(ratio, "denominator").map(texts).unwrap_or_default() {
                    for aggregate in &aggregates {
                        add(format!("{name}_{aggregate}_ratio_{above}d_{below}d"), "ratio");
                    }
                }
            }
        }
        for since in items(get(feature, "since")) {
            let condition = text(get(since, "condition")).unwrap_or_default();
            for aggregate in get(since, "aggs").map_or_else(|| vec!["count".to_owned()], texts) {
                add(format!("{name}_{aggregate}_if"), &condition);
            }
        }
    }
    found
}

/// `<source>_<AGGREGATE>`, with the first and last day behind it.
fn second_order(node: &Node) -> Vec<Made> {
    let mut found = keys(node);
    for (key, entry) in node.field("features").map(yaml::merged).unwrap_or_default() {
        let Value::Text(name) = key else { continue };
        let spec = construct(&entry.value);
        let source = text(get(&spec, "source_feature")).unwrap_or(name);
        let mut add = |name: String, about: &str| {
            found.push(made(node, &name, about, entry.key.span));
        };
        let window = get(&spec, "window").map(texts).unwrap_or_default();
        for aggregate in get(&spec, "basic").map(texts).unwrap_or_default() {
            let aggregate = aggregate.to_uppercase();
            match window.as_slice() {
                [low, high] => add(format!("{source}_{aggregate}_{low}_{high}"), "window"),
                _ => add(format!("{source}_{aggregate}"), "basic"),
            }
        }
        for ratio in items(get(&spec, "ratio")) {
            let above = get(ratio, "numerator").map(texts).unwrap_or_default();
            let below = get(ratio, "denominator").map(texts).unwrap_or_default();
            let aggregates = get(ratio, "aggs").map_or_else(|| vec!["sum".to_owned()], texts);
            for aggregate in aggregates.iter().map(|one| one.to_uppercase()) {
                let days = format!("{}_{aggregate}{}", above.join("_"), below.join("_"));
                add(format!("{source}_{aggregate}{days}"), "ratio");
            }
        }
        for since in items(get(&spec, "since")) {
            let condition = text(get(since, "condition")).unwrap_or_default();
            for aggregate in get(since, "aggs").map_or_else(|| vec!["count".to_owned()], texts) {
                let aggregate = aggregate.to_uppercase();
                add(format!("SINCE_{aggregate}_{source}_GEO_D"), &condition);
            }
        }
    }
    found
}

fn get<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    let Value::Map(entries) = value else { return None };
    let is = |one: &Value| matches!(one, Value::Text(text) if text == key);
    entries.iter().find(|(one, _)| is(one)).map(|(_, value)| value)
}

/// The items of a list; a single value is a list of one.
fn items(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::List(items)) => items.iter().collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one],
    }
}

fn texts(value: &Value) -> Vec<String> {
    items(Some(value)).into_iter().filter_map(|one| text(Some(one))).collect()
}

fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Text(text) | Value::Int(text) => Some(text.clone()),
        _ => None,
    }
}
