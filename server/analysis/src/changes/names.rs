//! Which node of the old project a node of the new one is.

use super::Side;
use seeknal_model::{Node, NodeId};
use seeknal_syntax::yaml::construct;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Nodes of two projects, matched.
pub(crate) struct Names {
    /// New ids of nodes that had another.
    renamed: HashMap<NodeId, NodeId>,
    old_renamed: HashMap<NodeId, NodeId>,
    pub(crate) added: BTreeSet<NodeId>,
    pub(crate) removed: BTreeSet<NodeId>,
    /// Nodes that say something else than before, by their new ids.
    pub(crate) modified: BTreeSet<NodeId>,
    /// Nodes that are not the very same as before.
    others: HashSet<NodeId>,
}

impl Names {
    pub(crate) fn of(old: Side<'_>, new: Side<'_>) -> Names {
        let (mut added, mut removed) = (BTreeSet::new(), BTreeSet::new());
        let mut suspects: Vec<&Arc<Node>> = Vec::new();
        let graph = new.project.graph();
        for (id, then, now) in old.project.graph().differing(graph) {
            match (then, now) {
                (None, _) => added.insert(id.clone()),
                (_, None) => removed.insert(id.clone()),
                _ => false,
            };
            suspects.extend(now);
        }
        // What expressions in braces stand for changes by itself.
        suspects.extend(graph.filled().filter_map(|id| graph.node(id)));
        let renamed = renamed(old, new, &added, &removed);
        for (now, then) in &renamed {
            added.remove(now);
            removed.remove(then);
        }
        let old_renamed = renamed.iter().map(|(now, then)| (then.clone(), now.clone())).collect();
        let others = suspects.iter().map(|node| node.id.clone()).collect();
        let modified = BTreeSet::new();
        let mut names = Names { renamed, old_renamed, added, removed, modified, others };
        for node in suspects {
            let id = &node.id;
            let then = match names.renamed_from(id) {
                Some(then) => old.project.node(then),
                None => old.project.node(id),
            };
            let Some(then) = then else { continue };
            let filled = |side: Side<'_>, id: &NodeId| side.identities.get(id).map(|one| one.said);
            let is_filled_otherwise =
                !node.parameters.is_empty() && filled(old, &then.id) != filled(new, id);
            if !says_the_same(then, node) || is_filled_otherwise {
                names.modified.insert(id.clone());
            }
        }
        names
    }

    /// The old id of a node; nothing where it is new.
    pub(crate) fn then<'n>(&'n self, id: &'n NodeId) -> Option<&'n NodeId> {
        match self.renamed.get(id) {
            None if self.added.contains(id) => None,
            then => Some(then.unwrap_or(id)),
        }
    }

    /// Whether a node is the very same as before.
    pub(crate) fn is_same(&self, id: &NodeId) -> bool {
        !self.others.contains(id)
    }

    /// The new id of a node; nothing where it is gone.
    pub(crate) fn now<'n>(&'n self, id: &'n NodeId) -> Option<&'n NodeId> {
        match self.old_renamed.get(id) {
            None if self.removed.contains(id) => None,
            now => Some(now.unwrap_or(id)),
        }
    }

    /// Whether there was a node of a name and is none any more.
    pub(crate) fn is_gone(&self, id: &NodeId) -> bool {
        self.removed.contains(id) || self.old_renamed.contains_key(id)
    }

    /// Every node that is new, has another name, or says something else.
    pub(crate) fn changed(&self) -> impl Iterator<Item = &NodeId> {
        self.added.iter().chain(self.renamed.keys()).chain(&self.modified)
    }

    /// Whether a node is new, has another name, or says something else.
    pub(crate) fn is_changed(&self, id: &NodeId) -> bool {
        self.modified.contains(id) || self.added.contains(id) || self.renamed.contains_key(id)
    }

    /// The old id of a node that has another now.
    pub(crate) fn renamed_from(&self, id: &NodeId) -> Option<&NodeId> {
        self.renamed.get(id)
    }
}

/// Whether two nodes say the same; comments, layout and the order of keys say nothing.
fn says_the_same(one: &Arc<Node>, two: &Arc<Node>) -> bool {
    let bodies =
        || one.body.as_ref().map(|body| body.hash) == two.body.as_ref().map(|body| body.hash);
    Arc::ptr_eq(one, two) || (construct(&one.root) == construct(&two.root) && bodies())
}

/// New nodes that mean what one removed node meant, and no other new one does.
fn renamed(
    old: Side<'_>,
    new: Side<'_>,
    added: &BTreeSet<NodeId>,
    removed: &BTreeSet<NodeId>,
) -> HashMap<NodeId, NodeId> {
    let mut found = HashMap::new();
    let output = |side: Side<'_>, id: &NodeId| {
        side.identities.get(id).map(|identity| (identity.output(), identity.columns.is_some()))
    };
    for then in removed {
        let meant = output(old, then);
        let Some((_, true)) = meant else { continue };
        let mut same = added.iter().filter(|id| output(new, id) == meant);
        let others = removed.iter().filter(|id| output(old, id) == meant).count();
        if let (Some(now), None, 1) = (same.next(), same.next(), others) {
            found.insert(now.clone(), then.clone());
        }
    }
    found
}
