//! Lineage as something to read: text, JSON, and drawings for other programs to show.

mod graphs;
mod layout;
mod svg;
mod text;

pub use graphs::{dot, dot_quoted, mermaid, mermaid_text};
pub use svg::svg;
pub use text::text;

use seeknal_analysis::lineage::{Lineage, Point};
use seeknal_model::{NodeId, kinds};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The JSON Schema of what [`json`] gives.
pub const SCHEMA: &str = include_str!("../../schemas/lineage.json");

/// A point as people write it.
fn shown(point: &Point, is_by_node: bool) -> String {
    match &point.column {
        Some(column) => format!("{}.{column}", point.node),
        None if is_by_node || !has_rows(&point.node) => point.node.to_string(),
        None => format!("rows of {}", point.node),
    }
}

/// Whether a node yields rows, by its kind.
fn has_rows(node: &NodeId) -> bool {
    let kind = node.as_str().split_once('.').and_then(|(kind, _)| kinds::find(kind));
    kind.is_none_or(|kind| kind.has_rows)
}

/// Whether whole nodes are what it is about.
fn is_by_node(lineage: &Lineage) -> bool {
    lineage.start.column.is_none()
}

/// All points, in order.
fn points(lineage: &Lineage) -> BTreeSet<&Point> {
    let ends = lineage.links.iter().flat_map(|link| [&link.from, &link.to]);
    ends.chain([&lineage.start]).collect()
}

/// The lineage for programs.
pub fn json(lineage: &Lineage) -> Value {
    let point = |point: &Point| json!({ "node": point.node.as_str(), "column": point.column });
    let links: Vec<Value> = lineage
        .links
        .iter()
        .map(|one| json!({ "from": point(&one.from), "to": point(&one.to), "via": one.via }))
        .collect();
    let opaque: serde_json::Map<String, Value> = lineage
        .opaque
        .iter()
        .map(|(id, reason)| (id.to_string(), reason.as_str().into()))
        .collect();
    json!({ "start": point(&lineage.start), "links": links, "opaque": opaque })
}
