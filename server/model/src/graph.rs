//! How nodes read each other.
//!
//! It follows edits: what one costs depends on the nodes that it touches and on those that read them, never on
//! how many there are. Edges are kept by name, whether or not a node of that name is there, so that a node that
//! comes or goes while its name is typed moves none of the others.

use crate::by_node::ByNode;
use crate::cycle::knots;
use crate::node::{Node, NodeId, Origin, Reference};
use crate::reach::{FEW, Shape};
use crate::same::Same;
use imbl::{OrdMap, OrdSet};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// The nodes of a project with an edge from each node to each that reads it. A clone costs nothing.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Of several nodes of one id the first in the order of files.
    nodes: ByNode<Same<Node>>,
    /// The others of that id.
    others: OrdMap<NodeId, Arc<[Arc<Node>]>>,
    /// The ids by what they are in small letters.
    folded: OrdMap<Arc<str>, OrdSet<NodeId>>,
    /// What several ids are in small letters.
    alike: OrdSet<Arc<str>>,
    /// Who reads what, by the name that is read, of nodes that count.
    readers: ByNode<OrdSet<NodeId>>,
    /// Names that must be there, and are not.
    missing: OrdSet<NodeId>,
    sources: OrdMap<NodeId, Same<Node>>,
    filled: OrdSet<NodeId>,
    knots: Arc<[Vec<NodeId>]>,
    pub(crate) shape: Arc<Shape>,
}

/// A node whose id is there already, as it is or but for upper and lower case.
pub(crate) struct Repeat<'g> {
    pub(crate) node: &'g Arc<Node>,
    pub(crate) first: &'g Arc<Node>,
    pub(crate) same: bool,
}

/// One node reading another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The node that is read.
    pub from: NodeId,
    /// The node that reads it.
    pub to: NodeId,
}

/// The nodes of a file that were there, and those that are there now.
pub(crate) struct Moved<'f> {
    pub(crate) old: &'f [Arc<Node>],
    pub(crate) new: &'f [Arc<Node>],
}

impl Graph {
    /// The graph with other nodes in some files.
    pub(crate) fn with_nodes(&self, changes: &[Moved<'_>]) -> Graph {
        let mut graph = self.clone();
        let mut moved = Vec::new();
        for (id, declared) in self.declared_now(changes) {
            let before = graph.place(&id, &declared);
            let now = declared.first();
            if before.as_ref().map(|one| reads(one)) != now.map(|one| reads(one)) {
                moved.push((id, before));
            }
        }
        if moved.is_empty() {
            return graph;
        }
        let mut asked = BTreeSet::new();
        for (id, before) in &moved {
            asked.insert(id.clone());
            asked.extend(before.iter().flat_map(|node| graph.unread(node)));
        }
        for (id, _) in &moved {
            if let Some(node) = graph.nodes.get(id).cloned() {
                asked.extend(graph.read(&node));
            }
        }
        for id in asked {
            match graph.is_missing(&id) {
                true => graph.missing.insert(id),
                false => graph.missing.remove(&id),
            };
        }
        graph.shape = Arc::default();
        // A new cycle leads through a node that moved.
        let is_sound = moved.len() <= FEW
            && self.knots.is_empty()
            && !moved.iter().any(|(id, _)| graph.reads_itself(id));
        if !is_sound {
            graph.knots = knots(&graph).into();
        }
        graph
    }

    /// Every node of the ids that changes are about, in the order of files.
    fn declared_now(&self, changes: &[Moved<'_>]) -> BTreeMap<NodeId, Vec<Arc<Node>>> {
        let mut all: BTreeMap<NodeId, Vec<Arc<Node>>> = BTreeMap::new();
        for Moved { old, new } in changes {
            for node in old.iter().chain(*new) {
                all.entry(node.id.clone()).or_insert_with(|| self.declared(&node.id));
            }
            for node in *old {
                let same = |one: &Arc<Node>| Arc::ptr_eq(one, node);
                all.entry(node.id.clone()).or_default().retain(|one| !same(one));
            }
            for node in *new {
                all.entry(node.id.clone()).or_default().push(node.clone());
            }
        }
        // Those of one file stay as they came.
        all.values_mut().for_each(|nodes| nodes.sort_by(|one, two| one.path.cmp(&two.path)));
        all
    }

    fn declared(&self, id: &NodeId) -> Vec<Arc<Node>> {
        let first = self.nodes.get(id).map(Same::arc).into_iter();
        first.chain(self.others.get(id).into_iter().flat_map(|all| all.iter())).cloned().collect()
    }

    /// Puts the nodes of an id in their place; gives the one that counted.
    fn place(&mut self, id: &NodeId, declared: &[Arc<Node>]) -> Option<Arc<Node>> {
        let others = declared.get(1..).unwrap_or_default();
        match others.is_empty() {
            true => self.others.remove(id),
            false => self.others.insert(id.clone(), others.into()),
        };
        let first = declared.first();
        let before = match first {
            Some(node) => self.nodes.insert(id.clone(), node.clone().into()),
            None => self.nodes.remove(id),
        };
        if first.is_some() != before.is_some() {
            self.fold(id, first.is_some());
        }
        match first.filter(|node| node.kind.name == "source") {
            Some(node) => self.sources.insert(id.clone(), node.clone().into()),
            None => self.sources.remove(id),
        };
        match first.is_some_and(|node| !node.parameters.is_empty()) {
            true => self.filled.insert(id.clone()),
            false => self.filled.remove(id),
        };
        before.map(|node| node.arc().clone())
    }

    fn fold(&mut self, id: &NodeId, is_here: bool) {
        let key: Arc<str> = id.as_str().to_ascii_lowercase().into();
        let mut all = self.folded.get(&key).cloned().unwrap_or_default();
        match is_here {
            true => all.insert(id.clone()),
            false => all.remove(id),
        };
        match all.len() > 1 {
            true => self.alike.insert(key.clone()),
            false => self.alike.remove(&key),
        };
        match all.is_empty() {
            true => self.folded.remove(&key),
            false => self.folded.insert(key, all),
        };
    }

    /// Takes away what a node reads, and gives it.
    fn unread(&mut self, node: &Node) -> Vec<NodeId> {
        let read: Vec<NodeId> = node.references.iter().map(|one| one.id.clone()).collect();
        for id in &read {
            let Some(readers) = self.readers.get_mut(id) else { continue };
            readers.remove(&node.id);
            if readers.is_empty() {
                self.readers.remove(id);
            }
        }
        read
    }

    /// Adds what a node reads, and gives it.
    fn read(&mut self, node: &Node) -> Vec<NodeId> {
        let read: Vec<NodeId> = node.references.iter().map(|one| one.id.clone()).collect();
        for id in &read {
            match self.readers.get_mut(id) {
                Some(readers) => drop(readers.insert(node.id.clone())),
                None => drop(self.readers.insert(id.clone(), OrdSet::unit(node.id.clone()))),
            }
        }
        read
    }

    /// Whether some node says that there must be one of this name, and there is none.
    fn is_missing(&self, id: &NodeId) -> bool {
        let must = |reader: &NodeId| {
            self.node(reader).is_some_and(|node| needs(node).any(|one| one.id == *id))
        };
        !self.nodes.contains(id)
            && self.readers.get(id).is_some_and(|readers| readers.iter().any(must))
    }

    fn reads_itself(&self, id: &NodeId) -> bool {
        let mut seen = HashSet::new();
        let mut waiting = vec![id];
        while let Some(next) = waiting.pop() {
            for reader in self.readers_of(next) {
                if reader == id {
                    return true;
                }
                if seen.insert(reader) {
                    waiting.push(reader);
                }
            }
        }
        false
    }

    /// The node of an id; of several the one whose path comes first.
    pub fn node(&self, id: &NodeId) -> Option<&Arc<Node>> {
        self.nodes.get(id).map(Same::arc)
    }

    /// How many ids there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The sources, in the order of their ids.
    pub fn sources(&self) -> &OrdMap<NodeId, Same<Node>> {
        &self.sources
    }

    /// The nodes in which expressions in braces are filled in, which mean something else by themselves.
    pub fn filled(&self) -> impl Iterator<Item = &NodeId> {
        self.filled.iter()
    }

    /// Nodes that do not count because another has their id.
    pub(crate) fn others(&self) -> impl Iterator<Item = &Arc<Node>> {
        self.others.values().flat_map(|all| all.iter())
    }

    pub(crate) fn repeats(&self) -> Vec<Repeat<'_>> {
        let same = self
            .others()
            .filter_map(|node| Some(Repeat { node, first: self.node(&node.id)?, same: true }));
        let mut found: Vec<Repeat<'_>> = same.collect();
        for ids in self.alike.iter().filter_map(|key| self.folded.get(key)) {
            let mut nodes: Vec<&Arc<Node>> = ids.iter().filter_map(|id| self.node(id)).collect();
            nodes.sort_by_key(|node| (&node.path, node.name_span));
            let Some((first, rest)) = nodes.split_first() else { continue };
            found.extend(rest.iter().map(|node| Repeat { node, first, same: false }));
        }
        found
    }

    /// The references to nothing, with their nodes; of several of a node to the same the first.
    pub(crate) fn unknown(&self) -> Vec<(&Arc<Node>, &Reference)> {
        let mut found = Vec::new();
        for id in &self.missing {
            let readers = self.readers.get(id).into_iter().flatten();
            for node in readers.filter_map(|reader| self.node(reader)) {
                found.extend(needs(node).find(|one| one.id == *id).map(|one| (node, one)));
            }
        }
        for node in self.others() {
            let mut told: Vec<&NodeId> = Vec::new();
            for one in needs(node).filter(|one| !self.nodes.contains(&one.id)) {
                if !told.contains(&&one.id) {
                    told.push(&one.id);
                    found.push((node, one));
                }
            }
        }
        found
    }

    /// One shortest cycle of each knot of nodes that wait for each other.
    pub(crate) fn knots(&self) -> impl Iterator<Item = Vec<&Arc<Node>>> {
        self.knots.iter().map(|knot| knot.iter().filter_map(|id| self.node(id)).collect())
    }

    /// Whether no nodes wait for each other.
    pub fn is_sound(&self) -> bool {
        self.knots.is_empty()
    }

    /// The nodes, in no order.
    pub fn nodes(&self) -> impl Iterator<Item = &Arc<Node>> {
        self.nodes.iter().map(|(_, node)| node.arc())
    }

    /// The ids of the nodes in the order of the alphabet.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &NodeId> {
        self.folded.values().flatten()
    }

    /// The nodes in the order of their ids.
    pub fn by_id(&self) -> Vec<&Arc<Node>> {
        let mut nodes: Vec<&Arc<Node>> = self.nodes().collect();
        nodes.sort_unstable_by(|one, two| one.id.cmp(&two.id));
        nodes
    }

    /// Every edge, in order.
    pub fn edges(&self) -> Vec<Edge> {
        let of = |from: &NodeId| {
            let readers = self.readers_of(from);
            readers.map(|to| Edge { from: from.clone(), to: to.clone() }).collect::<Vec<_>>()
        };
        self.by_id().into_iter().flat_map(|node| of(&node.id)).collect()
    }

    /// The nodes that a node reads itself.
    pub fn reads(&self, id: &NodeId) -> Vec<NodeId> {
        let read = self.node(id).into_iter().flat_map(|node| &node.references).map(|one| &one.id);
        let read: BTreeSet<&NodeId> = read.filter(|id| self.nodes.contains(id)).collect();
        read.into_iter().cloned().collect()
    }

    /// The nodes that read a node themselves.
    pub fn readers(&self, id: &NodeId) -> Vec<NodeId> {
        self.readers_of(id).cloned().collect()
    }

    /// The same, also of a node that is not there.
    pub fn readers_of(&self, id: &NodeId) -> impl Iterator<Item = &NodeId> {
        self.readers.get(id).into_iter().flatten()
    }

    /// The ids whose nodes are not the very same in another graph, with what they were and are.
    pub fn differing<'g>(
        &'g self,
        now: &'g Graph,
    ) -> impl Iterator<Item = (&'g NodeId, Option<&'g Arc<Node>>, Option<&'g Arc<Node>>)> {
        let differing = self.nodes.diff(&now.nodes);
        differing.map(|(id, then, now)| (id, then.map(Same::arc), now.map(Same::arc)))
    }

    /// The places at which one node reads another.
    pub fn sites<'g>(&self, from: &NodeId, to: &'g Node) -> Vec<&'g Reference> {
        to.references.iter().filter(|reference| reference.id == *from).collect()
    }
}

/// What a node reads and, of each, whether it must be there.
fn reads(node: &Node) -> Vec<(&NodeId, bool)> {
    node.references.iter().map(|one| (&one.id, one.origin != Origin::SqlName)).collect()
}

/// The references of a node to what must be there. A name in SQL may be a table of any kind.
fn needs(node: &Node) -> impl Iterator<Item = &Reference> {
    node.references.iter().filter(|one| one.origin != Origin::SqlName)
}
