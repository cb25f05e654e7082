//! Build keys: what an output was made from. Outputs are shared by equal keys, whoever made them.

use crate::parts::Parts;
use seeknal_analysis::Query;
use seeknal_analysis::checks::Check;
use seeknal_analysis::identity::{Class, Identity};
use seeknal_model::{Meaning, Node, NodeId, Project, Surroundings, is_decided_by_run};
use seeknal_syntax::yaml::construct;

/// Keys of different schemes are never equal.
const SCHEME: &str = "seeknal build 1";

/// The beginning of a key for something.
fn parts(what: &str) -> Parts {
    let mut parts = Parts::default();
    parts.add(SCHEME);
    parts.add(what);
    parts
}

/// A key of what was put together.
fn key(parts: Parts) -> String {
    parts.end().to_hex().to_string()
}

/// The key of a source's output: how it is read, and which data it holds.
pub(crate) fn source_key(engine: &str, query: &str, identity: &Identity, hash: &str) -> String {
    let mut parts = parts("source");
    [engine, query, &identity.output().to_string(), hash].iter().for_each(|part| parts.add(part));
    key(parts)
}

/// What an output that a query makes of others is made from; of inputs their keys are given, in the order in
/// which the query may read them.
pub(crate) fn made_of(engine: &str, query: &Query, inputs: &[Vec<String>]) -> String {
    let mut parts = parts("query");
    parts.add(engine);
    for made in &query.before {
        parts.add(&made.name);
        parts.add(if made.is_view { "view" } else { "table" });
        parts.add(&made.text.text);
    }
    parts.add("query");
    parts.add(&query.text.text);
    for ((schema, name, _), keys) in query.reads.iter().zip(inputs) {
        parts.add(schema.as_deref().unwrap_or_default());
        parts.add(name);
        parts.add(keys.len().to_string());
        keys.iter().for_each(|key| parts.add(key));
    }
    key(parts)
}

/// The key of an output of which each build may be another: it is shared with nobody but whoever goes on with
/// the same work.
pub(crate) fn unstable_key(made_of: &str, node: &Node, token: &str) -> String {
    let mut parts = parts("unstable");
    [made_of, node.id.as_str(), token].iter().for_each(|part| parts.add(part));
    key(parts)
}

/// Whether two builds may give different rows.
pub(crate) fn is_unstable(identity: &Identity) -> bool {
    let columns = || identity.columns.iter().flatten();
    identity.opaque.is_some()
        || identity.rows_class == Class::Unstable
        || columns().any(|column| column.class == Class::Unstable)
}

/// What was asserted of which outputs.
pub(crate) fn checks_key(checks: &[Check], outputs: &[Vec<String>]) -> String {
    let mut parts = parts("checks");
    for Check { name, is_blocking, query, tolerated, .. } in checks {
        parts.add(name);
        parts.add(query);
        parts.add(format!("{is_blocking} {tolerated:?}"));
    }
    outputs.iter().flatten().for_each(|key| parts.add(key));
    key(parts)
}

/// What an exposure writes, and where to.
pub(crate) fn export_key(node: &Node, outputs: &[String]) -> String {
    let mut parts = parts("export");
    for key in ["type", "url", "params"] {
        parts.add(key);
        parts.add(format!("{:?}", node.field(key).map(construct)));
    }
    outputs.iter().for_each(|key| parts.add(key));
    key(parts)
}

/// The hash of what the expressions stand for that each run decides; nothing where a node has none.
pub(crate) fn values(project: &Project, node: &Node, around: &Surroundings<'_>) -> Option<String> {
    let scoped = node.parameters.iter().filter(|(name, _)| is_decided_by_run(name));
    let mut parts = parts("values");
    let mut is_any = false;
    for (name, _) in scoped {
        is_any = true;
        parts.add(name);
        // It may be a secret, and only its hash is kept.
        match project.meaning(name, around) {
            Meaning::Value(value) | Meaning::Variable(value) => parts.add(&value),
            other => parts.add(format!("{other:?}")),
        }
    }
    is_any.then(|| key(parts))
}

/// A word for work that is gone on with: the same as long as neither the plan nor what it stands on changes.
pub(crate) fn token(plan: &str, base: Option<&str>) -> String {
    let mut parts = parts("token");
    parts.add(plan);
    parts.add(base.unwrap_or_default());
    key(parts)
}

/// A node's id as the name of a file: a dot is no part of a kind.
pub(crate) fn file_name(id: &NodeId) -> String {
    id.as_str().replacen('.', "_", 1)
}
