//! The identity of each node of a project, upstream first.

use super::meant::Identity;
use super::node::identity;
use crate::lanes::{in_lanes, levels};
use crate::schemas::{Asking, Schemas};
use seeknal_model::{ByNode, Node, NodeId, NodeMap, NodeSet, Project, Same};
use std::sync::Arc;

/// The identities of a project's nodes.
#[derive(Clone, Debug, Default)]
pub struct Identities {
    entries: ByNode<Same<Identity>>,
    is_whole: bool,
    /// What they are of.
    project: Project,
    schemas: Schemas,
    computed: usize,
    replayed: usize,
    /// Whether it is taken down how identities follow from others.
    takes_down: bool,
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

    /// Of how many of these only hashes had to be made anew.
    pub fn replayed(&self) -> usize {
        self.replayed
    }

    /// Nothing yet, of a project that will be edited and looked at again and again: what comes behind it takes down
    /// how identities follow from others.
    pub fn of_edits() -> Identities {
        Identities { takes_down: true, ..Identities::default() }
    }

    pub(super) fn takes_down(&self) -> bool {
        self.takes_down
    }

    /// The nodes that are not the very same in another state, or are in one alone, with what they mean there.
    pub(crate) fn differing<'i>(
        &'i self,
        now: &'i Identities,
    ) -> impl Iterator<Item = (&'i NodeId, Option<&'i Identity>, Option<&'i Identity>)> {
        let differing = self.entries.diff(&now.entries);
        differing.map(|(id, then, now)| (id, then.map(|one| &**one), now.map(|one| &**one)))
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
    let mut found = Identities {
        project: project.clone(),
        schemas: schemas.clone(),
        takes_down: before.takes_down,
        ..Identities::default()
    };
    let is_followed = before.is_whole && before.project.graph().is_sound() && graph.is_sound();
    let mut touched: NodeSet<'_> = match is_followed {
        true => touched(project, schemas, before),
        false => graph.nodes().map(|node| &node.id).collect(),
    };
    if is_followed {
        found.entries = before.entries.clone();
        let gone = before.project.graph().differing(graph).filter(|(.., now)| now.is_none());
        for (id, ..) in gone {
            found.entries.remove(id);
        }
    }
    // What these say or may read is not what it was; the others can only mean something else because their inputs do.
    let own = touched.clone();
    // What became of those that were looked at, since looking them up is most of what hashing them anew costs.
    let mut moved: NodeMap<'_, (Arc<Identity>, Arc<Identity>)> = NodeMap::default();
    for level in levels(graph, &touched) {
        let open: Vec<&Arc<Node>> =
            level.into_iter().filter(|node| touched.contains(&node.id)).collect();
        let identities = in_lanes(&open, (asking.lanes, LANE_NODES_MIN), |node| {
            let old = before.get(&node.id);
            let both = |id: &NodeId| match moved.get(id) {
                Some((then, now)) => Some((&**then, &**now)),
                None => before.get(id).map(|same| (&**same, &**same)),
            };
            let again = || old.filter(|_| !own.contains(&node.id))?.again(&both);
            let look = || match again() {
                Some(again) => (Arc::new(again), true),
                None => {
                    let identity = identity(project, node, (schemas, &found), asking);
                    (Arc::new(identity), false)
                }
            };
            (!(asking.stop)()).then(|| (&node.id, old, look()))
        });
        found.computed += identities.len();
        let is_whole = identities.len() == open.len();
        for (id, old, (identity, is_replayed)) in identities {
            found.replayed += usize::from(is_replayed);
            if old.is_none_or(|old| !old.looks_like(&identity)) {
                touched.extend(graph.readers_of(id));
            }
            // How it follows from its inputs was taken down anew with it, even where it came out the same.
            let is_kept = is_replayed || !before.takes_down;
            let identity = match old.filter(|old| is_kept && ***old == *identity) {
                Some(old) => old.clone(),
                None => identity,
            };
            if let Some(old) = old {
                moved.insert(id, (old.clone(), identity.clone()));
            }
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
fn touched<'a>(project: &'a Project, schemas: &'a Schemas, before: &'a Identities) -> NodeSet<'a> {
    let (then, now) = (before.project.graph(), project.graph());
    let mut touched: NodeSet<'a> = now.filled().collect();
    for (id, old, new) in then.differing(now) {
        if old.is_none() || new.is_none() {
            touched.extend(now.readers_of(id));
        }
        touched.insert(id);
    }
    touched.extend(before.schemas.differing(schemas));
    // A function may call whatever stands in the other Python files.
    if before.project.differing(project).any(|path| path.ends_with(".py")) {
        let functions = now.nodes().filter(|node| node.body.is_some());
        touched.extend(functions.map(|node| &node.id));
    }
    touched
}
