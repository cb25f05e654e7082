//! The identity of each node of a project, upstream first.

use super::meant::Identity;
use super::node::identity;
use crate::flow::{Found, upstream_first};
use crate::schemas::{Asking, Schemas};
use seeknal_model::{ByNode, Node, NodeId, NodeSet, Project, Reach, Same};
use std::sync::Arc;

/// The identities of a project's nodes.
#[derive(Clone, Debug, Default)]
pub struct Identities {
    pub(crate) entries: ByNode<Same<Identity>>,
    pub(crate) is_whole: bool,
    /// What they are of.
    pub(crate) project: Project,
    pub(crate) schemas: Schemas,
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

    /// The nodes that are not the very same in another state, or are in one alone, with what they mean there.
    pub(crate) fn differing<'i>(
        &'i self,
        now: &'i Identities,
    ) -> impl Iterator<Item = (&'i NodeId, Option<&'i Identity>, Option<&'i Identity>)> {
        let differing = self.entries.diff(&now.entries);
        differing.map(|(id, then, now)| (id, then.map(|one| &**one), now.map(|one| &**one)))
    }
}

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
    let own: NodeSet<'_> = match is_followed {
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
    let reach = graph.reach(own.iter().copied());
    let walk = Walk { reach: &reach, own, before, stays: &found.entries };
    let looks = upstream_first(&reach, asking.lanes, |place, looks| {
        let node = reach.ids().get(place).and_then(|id| graph.node(id))?;
        let anew = |upstream: &Upstream<'_>| identity(project, node, (schemas, upstream), asking);
        (!(asking.stop)()).then(|| walk.look((place, node), looks, anew))
    });
    found.is_whole = looks.iter().all(|look| look.get().is_some());
    let mut others = Vec::with_capacity(looks.len());
    for (id, look) in reach.ids().iter().zip(looks) {
        let Some(look) = look.into_inner().flatten() else { continue };
        found.computed += 1;
        found.replayed += usize::from(look.is_replayed);
        // To put in what is there already would make copies.
        let is_there = |then: Arc<Identity>| is_followed && Arc::ptr_eq(&then, &look.now);
        if !look.then.is_some_and(is_there) {
            others.push((id.clone(), look.now.into()));
        }
    }
    found.entries.insert_all(others);
    found
}

/// What was found of a node that was looked at.
struct Look {
    /// What it meant before, where it was there.
    then: Option<Arc<Identity>>,
    now: Arc<Identity>,
    /// Whether its readers find something else in it.
    is_other: bool,
    is_replayed: bool,
}

/// Nodes that are looked at where they must be, one behind the other.
struct Walk<'w> {
    reach: &'w Reach,
    /// What these say or may read is not what it was; the others can only mean something else because their inputs do.
    own: NodeSet<'w>,
    before: &'w Identities,
    /// What is known of nodes at which nobody looks.
    stays: &'w ByNode<Same<Identity>>,
}

impl Walk<'_> {
    /// Looks at a node; nothing where it means what it meant.
    fn look(
        &self,
        (place, node): (usize, &Arc<Node>),
        looks: &Found<Option<Look>>,
        anew: impl FnOnce(&Upstream<'_>) -> Identity,
    ) -> Option<Look> {
        let is_own = self.own.contains(&node.id);
        let at = |place: usize| looks.get(place)?.get()?.as_ref();
        let mut inputs = self.reach.inputs(place).iter();
        if !is_own && !inputs.any(|input| at(*input).is_some_and(|look| look.is_other)) {
            return None;
        }
        let of = |id: &NodeId| self.reach.place(id).and_then(at);
        let stays = |id: &NodeId| self.stays.get(id).map(Same::arc);
        let both = |id: &NodeId| match of(id) {
            Some(look) => Some((&**look.then.as_ref()?, &*look.now)),
            None => stays(id).map(|same| (&**same, &**same)),
        };
        let then = self.before.get(&node.id);
        let (now, is_replayed) = match then.filter(|_| !is_own).and_then(|then| then.again(&both)) {
            Some(again) => (again, true),
            None => {
                let known = |id: &NodeId| of(id).map(|look| &look.now).or_else(|| stays(id));
                let takes_down = self.before.takes_down;
                (anew(&Upstream { node, known: &known, takes_down }), false)
            }
        };
        let is_other = then.is_none_or(|then| !then.looks_like(&now));
        // How it follows from its inputs was taken down anew with it, even where it came out the same.
        let is_kept = is_replayed || !self.before.takes_down;
        let same = then.filter(|then| is_kept && ***then == now).cloned();
        let now = same.unwrap_or_else(|| Arc::new(now));
        Some(Look { then: then.cloned(), now, is_other, is_replayed })
    }
}

/// What is known of the nodes that a node reads.
pub(super) struct Upstream<'u> {
    node: &'u Node,
    known: &'u dyn Fn(&NodeId) -> Option<&'u Arc<Identity>>,
    /// Whether it is taken down how the node follows from them.
    pub(super) takes_down: bool,
}

impl<'u> Upstream<'u> {
    /// What one of them means. Others may be looked at right now: nobody may count on what they mean.
    pub(super) fn get(&self, id: &NodeId) -> Option<&'u Arc<Identity>> {
        let is_read = self.node.references.iter().any(|one| one.id == *id);
        is_read.then(|| (self.known)(id))?
    }
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
