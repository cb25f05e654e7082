//! What is known of nodes as it is written down between two runs of the program.

use crate::binder::Column;
use crate::identity::{Id, Identities, Identity};
use crate::schemas::{Entry, Output, Schemas, SourceColumns};
use seeknal_model::{NodeId, Project, Same};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// What is known of a node in which nothing is wrong.
#[derive(Debug, Serialize, Deserialize)]
pub struct KeptNode {
    output: Output,
    /// Nothing where they are those of its output.
    computed: Option<Arc<[Column]>>,
    is_computed: bool,
    reads: Vec<NodeId>,
    fields: Option<Id>,
    identity: Arc<Identity>,
}

impl KeptNode {
    /// What is known of a node; nothing where something of it must be looked at anew.
    pub fn of(id: &NodeId, schemas: &Schemas, identities: &Identities) -> Option<KeptNode> {
        let entry = schemas.entries.get(id)?;
        let identity = identities.get(id)?.clone();
        // An engine that broke may say more the next time.
        let is_seen_through =
            entry.query.is_none() || entry.computed.is_some() && identity.opaque.is_none();
        if !(entry.faults.is_empty() && is_seen_through) {
            return None;
        }
        let is_other = |computed: &Arc<[Column]>| entry.output.columns() != Some(computed);
        Some(KeptNode {
            output: entry.output.clone(),
            computed: entry.computed.clone().filter(is_other),
            is_computed: entry.computed.is_some(),
            reads: entry.reads.iter().map(|(id, _)| id.clone()).collect(),
            fields: entry.fields.get().copied(),
            identity,
        })
    }
}

/// What was known of a project whose nodes were written down: the state that the next look follows from, as if this
/// process had found it out. How a query reads is left out: it is put together again where a node is looked at.
pub fn recalled(
    project: &Project,
    sources: &SourceColumns,
    nodes: Vec<(NodeId, KeptNode)>,
) -> (Schemas, Identities) {
    let outputs: HashMap<NodeId, Output> =
        nodes.iter().map(|(id, one)| (id.clone(), one.output.clone())).collect();
    let (mut schemas, mut identities) = (Schemas::default(), Identities::default());
    (schemas.project, schemas.sources, schemas.is_whole) = (project.clone(), sources.clone(), true);
    (identities.project, identities.is_whole) = (project.clone(), true);
    let (mut entries, mut meant) = (Vec::new(), Vec::new());
    for (id, kept) in nodes {
        let Some(node) = project.node(&id).cloned() else { continue };
        let own = kept.output.columns().filter(|_| kept.is_computed).cloned();
        let entry = Entry {
            node,
            query: None,
            reads: kept
                .reads
                .into_iter()
                .map(|id| (id.clone(), outputs.get(&id).cloned()))
                .collect(),
            output: kept.output,
            computed: kept.computed.or(own),
            faults: Vec::new(),
            fields: kept.fields.map_or_else(OnceLock::new, OnceLock::from),
        };
        entries.push((id.clone(), Same::from(Arc::new(entry))));
        meant.push((id, Same::from(kept.identity)));
    }
    schemas.entries.insert_all(entries);
    identities.entries.insert_all(meant);
    identities.schemas = schemas.clone();
    (schemas, identities)
}
