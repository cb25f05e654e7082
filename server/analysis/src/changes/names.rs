//! Which node of the old project a node of the new one is.

use super::Side;
use seeknal_model::{Node, NodeId};
use seeknal_syntax::yaml::construct;
use std::collections::{BTreeSet, HashMap};
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
}

impl Names {
    pub(crate) fn of(old: Side<'_>, new: Side<'_>) -> Names {
        let same_ids = old.project.graph().has_same_ids(new.project.graph());
        let missing = |of: Side<'_>, from: Side<'_>| -> BTreeSet<NodeId> {
            let ids = of.project.declared().filter(|_| !same_ids).map(|node| &node.id);
            ids.filter(|id| from.project.node(id).is_none()).cloned().collect()
        };
        let (mut added, mut removed) = (missing(new, old), missing(old, new));
        let renamed = renamed(old, new, &added, &removed);
        for (now, then) in &renamed {
            added.remove(now);
            removed.remove(then);
        }
        let old_renamed = renamed.iter().map(|(now, then)| (then.clone(), now.clone())).collect();
        let mut names = Names { renamed, old_renamed, added, removed, modified: BTreeSet::new() };
        for node in suspects(old, new) {
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
    pub(crate) fn then(&self, id: &NodeId) -> Option<NodeId> {
        match self.renamed.get(id) {
            Some(then) => Some(then.clone()),
            None if self.added.contains(id) => None,
            None => Some(id.clone()),
        }
    }

    /// The new id of a node; nothing where it is gone.
    pub(crate) fn now(&self, id: &NodeId) -> Option<NodeId> {
        match self.old_renamed.get(id) {
            Some(now) => Some(now.clone()),
            None if self.removed.contains(id) => None,
            None => Some(id.clone()),
        }
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

/// The nodes that may say something else: those of files that are not the very same, and those with
/// expressions in braces.
fn suspects<'p>(old: Side<'p>, new: Side<'p>) -> Vec<&'p Arc<Node>> {
    let pairs = || old.project.files().zip(new.project.files());
    let aligned = old.project.files().count() == new.project.files().count()
        && pairs().all(|(one, two)| Arc::ptr_eq(one, two) || one.path == two.path);
    if !aligned {
        return new.project.declared().collect();
    }
    let mut found = Vec::new();
    for (one, two) in pairs() {
        let is_same = Arc::ptr_eq(one, two);
        found.extend(two.nodes.iter().filter(|node| !is_same || !node.parameters.is_empty()));
    }
    found
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
