//! The identity of each node of a project, upstream first.

use super::node::{Identity, identity};
use crate::lanes::{in_lanes, levels};
use crate::schemas::{Asking, Schemas};
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use seeknal_model::{Node, NodeId, Project, Same};
use std::collections::HashSet;
use std::sync::Arc;

/// The identities of a project's nodes.
#[derive(Clone, Debug, Default)]
pub struct Identities {
    entries: OrdMap<NodeId, Same<Identity>>,
    is_whole: bool,
    /// What they are of.
    project: Project,
    schemas: Schemas,
    computed: usize,
}

impl Identities {
    /// What a node means.
    pub fn get(&self, id: &NodeId) -> Option<&Arc<Identity>> {
        self.entries.get(id).map(Same::arc)
    }

    /// Of how many nodes it is known.
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// How many nodes were looked at to get here; the others are as they were before.
    pub fn computed(&self) -> usize {
        self.computed
    }

    /// The nodes that are not the very same in another state, or are in one alone, with what they mean there.
    pub(crate) fn differing<'i>(
        &'i self,
        now: &'i Identities,
    ) -> impl Iterator<Item = (&'i NodeId, Option<&'i Identity>, Option<&'i Identity>)> {
        self.entries.diff(&now.entries).map(|item| match item {
            DiffItem::Add(id, now) => (id, None, Some(&**now)),
            DiffItem::Update { old: (_, then), new: (id, now) } => {
                (id, Some(&**then), Some(&**now))
            }
            DiffItem::Remove(id, then) => (id, Some(&**then), None),
        })
    }
}

/// Fewer nodes than this are not worth a thread of their own.
const LANE_NODES_MIN: usize = 16;

/// Finds out what every node means, upstream first. Looked at is only what differs from the project of `before`,
/// and what reads something that means something else. Where it was stopped, what comes out is not whole.
pub fn identities(
    project: &Project,
    schemas: &Schemas,
    asking: Asking<'_>,
    before: &Identities,
) -> Identities {
    let graph = project.graph();
    let mut found =
        Identities { project: project.clone(), schemas: schemas.clone(), ..Identities::default() };
    let is_followed = before.is_whole && before.project.graph().is_sound() && graph.is_sound();
    let mut touched: HashSet<NodeId> = match is_followed {
        true => touched(project, schemas, before),
        false => graph.nodes().map(|node| node.id.clone()).collect(),
    };
    if is_followed {
        found.entries = before.entries.clone();
        let gone = before.project.graph().differing(graph).filter(|(.., now)| now.is_none());
        for (id, ..) in gone {
            found.entries.remove(id);
        }
    }
    for level in levels(graph, &touched) {
        let open: Vec<&Arc<Node>> =
            level.into_iter().filter(|node| touched.contains(&node.id)).collect();
        let identities = in_lanes(&open, (asking.lanes, LANE_NODES_MIN), |node| {
            let identity = || identity(project, node, (schemas, &found), asking).sealed();
            (!(asking.stop)()).then(|| (&node.id, identity()))
        });
        found.computed += identities.len();
        let is_whole = identities.len() == open.len();
        for (id, identity) in identities {
            let old = before.get(id);
            if old.is_none_or(|old| !old.looks_like(&identity)) {
                touched.extend(graph.readers_of(id).cloned());
            }
            let identity = match old.filter(|old| ***old == identity) {
                Some(old) => old.clone(),
                None => Arc::new(identity),
            };
            found.entries.insert(id.clone(), identity.into());
        }
        if !is_whole {
            return found;
        }
    }
    found.is_whole = true;
    found
}

/// The nodes that may mean something else than before, whatever they read means.
fn touched(project: &Project, schemas: &Schemas, before: &Identities) -> HashSet<NodeId> {
    let (then, now) = (before.project.graph(), project.graph());
    let mut touched: HashSet<NodeId> = now.filled().cloned().collect();
    for (id, old, new) in then.differing(now) {
        if old.is_none() || new.is_none() {
            touched.extend(now.readers_of(id).cloned());
        }
        touched.insert(id.clone());
    }
    touched.extend(before.schemas.differing(schemas).cloned());
    // A function may call whatever stands in the other Python files.
    if before.project.differing(project).any(|path| path.ends_with(".py")) {
        let functions = now.nodes().filter(|node| node.body.is_some());
        touched.extend(functions.map(|node| node.id.clone()));
    }
    touched
}
