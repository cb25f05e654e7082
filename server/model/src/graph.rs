//! How nodes read each other.
//!
//! An edit of one file mostly changes neither ids nor references, and then the graph after it is
//! the graph before it with other nodes in it. Where references change, the edges of that file's
//! nodes change and no other. Only where ids change is it made anew.

use crate::cycle::knots;
use crate::node::{Node, NodeId, Origin, Reference};
use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// The nodes of a project with an edge from each node to each that reads it.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Every declared node in the order of files, ones with a repeated id included.
    nodes: Vec<Arc<Node>>,
    ids: Arc<Ids>,
    edges: Arc<Edges>,
}

/// What depends on ids alone.
#[derive(Debug)]
struct Ids {
    /// Of several nodes of one id the first.
    places: HashMap<NodeId, usize>,
    repeats: Vec<Repeat>,
    sorted: OnceLock<Vec<usize>>,
}

/// A node whose id is there already, as it is or but for upper and lower case.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeat {
    pub(crate) node: usize,
    pub(crate) first: usize,
    pub(crate) same: bool,
}

/// What depends on references.
#[derive(Clone, Debug)]
struct Edges {
    /// Nodes by their place among the declared ones. One with a repeated id has no edges.
    graph: DiGraph<(), ()>,
    /// References to nodes that do not exist, by node and place among its references.
    unknown: Vec<(usize, usize)>,
    knots: OnceLock<Vec<Vec<usize>>>,
    order: OnceLock<Vec<NodeId>>,
}

/// One node reading another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The node that is read.
    pub from: NodeId,
    /// The node that reads it.
    pub to: NodeId,
}

impl Graph {
    pub(crate) fn of(nodes: Vec<Arc<Node>>) -> Graph {
        let ids = Ids::of(&nodes);
        let mut graph = DiGraph::with_capacity(nodes.len(), nodes.len() * 2);
        for _ in &nodes {
            graph.add_node(());
        }
        let mut edges =
            Edges { graph, unknown: Vec::new(), knots: OnceLock::new(), order: OnceLock::new() };
        for at in 0..nodes.len() {
            edges.add(at, &nodes, &ids);
        }
        Graph { nodes, ids: Arc::new(ids), edges: Arc::new(edges) }
    }

    /// The graph with other nodes at some places, if the ids are the same there.
    pub(crate) fn with_nodes(&self, changes: &[(Range<usize>, &[Arc<Node>])]) -> Option<Graph> {
        let same_ids = changes.iter().all(|(places, new)| {
            let old = self.nodes.get(places.clone()).unwrap_or_default();
            old.len() == new.len() && old.iter().zip(*new).all(|(old, new)| old.id == new.id)
        });
        if !same_ids {
            return None;
        }
        let mut graph = self.clone();
        let mut moved = Vec::new();
        for (places, new) in changes {
            for (at, new) in places.clone().zip(*new) {
                let old = std::mem::replace(graph.nodes.get_mut(at)?, new.clone());
                if !same_reads(&old, new) {
                    moved.push(at);
                }
            }
        }
        if !moved.is_empty() {
            let edges = Arc::make_mut(&mut graph.edges);
            edges.knots = OnceLock::new();
            edges.order = OnceLock::new();
            for at in moved {
                edges.remove(at);
                edges.add(at, &graph.nodes, &graph.ids);
            }
            edges.unknown.sort_unstable();
        }
        Some(graph)
    }

    pub(crate) fn node(&self, id: &NodeId) -> Option<&Arc<Node>> {
        self.nodes.get(*self.ids.places.get(id)?)
    }

    /// Every declared node in the order of files, ones with a repeated id included.
    pub(crate) fn declared(&self) -> &[Arc<Node>] {
        &self.nodes
    }

    pub(crate) fn repeats(&self) -> &[Repeat] {
        &self.ids.repeats
    }

    /// The references to nothing, with their nodes.
    pub(crate) fn unknown(&self) -> impl Iterator<Item = (&Arc<Node>, &Reference)> {
        self.edges.unknown.iter().filter_map(|(node, reference)| {
            let node = self.nodes.get(*node)?;
            Some((node, node.references.get(*reference)?))
        })
    }

    /// One shortest cycle of each knot of nodes that wait for each other.
    pub(crate) fn knots(&self) -> Vec<Vec<&Arc<Node>>> {
        let knots = self.edges.knots.get_or_init(|| knots(&self.edges.graph, &self.nodes));
        let nodes = |knot: &Vec<usize>| knot.iter().filter_map(|at| self.nodes.get(*at)).collect();
        knots.iter().map(nodes).collect()
    }

    /// The nodes in the order of their ids.
    pub fn nodes(&self) -> Vec<&Arc<Node>> {
        let id = |at: &usize| self.nodes.get(*at).map(|node| &node.id);
        let sorted = self.ids.sorted.get_or_init(|| {
            let mut all: Vec<usize> = self.ids.places.values().copied().collect();
            all.sort_by(|one, two| id(one).cmp(&id(two)));
            all
        });
        sorted.iter().filter_map(|at| self.nodes.get(*at)).collect()
    }

    /// Every edge, in order.
    pub fn edges(&self) -> Vec<Edge> {
        let graph = &self.edges.graph;
        let mut all: Vec<Edge> = graph
            .edge_indices()
            .filter_map(|edge| graph.edge_endpoints(edge))
            .filter_map(|(from, to)| Some(Edge { from: self.id(from)?, to: self.id(to)? }))
            .collect();
        all.sort();
        all
    }

    fn id(&self, place: NodeIndex) -> Option<NodeId> {
        self.nodes.get(place.index()).map(|node| node.id.clone())
    }

    /// The nodes that a node reads itself.
    pub fn reads(&self, id: &NodeId) -> Vec<NodeId> {
        self.neighbours(id, Direction::Incoming)
    }

    /// Whether both have the very same ids, because one was made from the other and none changed.
    pub fn has_same_ids(&self, other: &Graph) -> bool {
        Arc::ptr_eq(&self.ids, &other.ids)
    }

    /// The nodes that read a node themselves.
    pub fn readers(&self, id: &NodeId) -> Vec<NodeId> {
        self.neighbours(id, Direction::Outgoing)
    }

    fn neighbours(&self, id: &NodeId, direction: Direction) -> Vec<NodeId> {
        let Some(place) = self.ids.places.get(id) else { return Vec::new() };
        let places = self.edges.graph.neighbors_directed(NodeIndex::new(*place), direction);
        let mut found: Vec<NodeId> = places.filter_map(|place| self.id(place)).collect();
        found.sort();
        found
    }

    /// Every node that reads a node, directly or through others.
    pub fn downstream(&self, id: &NodeId) -> BTreeSet<NodeId> {
        let mut found = HashSet::new();
        let Some(place) = self.ids.places.get(id) else { return BTreeSet::new() };
        let mut waiting = vec![NodeIndex::new(*place)];
        while let Some(next) = waiting.pop() {
            for reader in self.edges.graph.neighbors_directed(next, Direction::Outgoing) {
                if found.insert(reader) {
                    waiting.push(reader);
                }
            }
        }
        found.into_iter().filter_map(|place| self.id(place)).collect()
    }

    /// The nodes so that each stands after those it reads, the smallest id first where there is a
    /// choice. Nodes of a cycle, and those behind one, are left out.
    pub fn order(&self) -> &[NodeId] {
        self.edges.order.get_or_init(|| self.sorted())
    }

    fn sorted(&self) -> Vec<NodeId> {
        let graph = &self.edges.graph;
        let mut waits: HashMap<NodeIndex, usize> = HashMap::new();
        let mut ready: BTreeSet<(NodeId, NodeIndex)> = BTreeSet::new();
        for (id, place) in &self.ids.places {
            let place = NodeIndex::new(*place);
            let count = graph.neighbors_directed(place, Direction::Incoming).count();
            waits.insert(place, count);
            if count == 0 {
                ready.insert((id.clone(), place));
            }
        }
        let mut order = Vec::new();
        while let Some((id, place)) = ready.pop_first() {
            order.push(id);
            for reader in graph.neighbors_directed(place, Direction::Outgoing) {
                let left = waits.entry(reader).or_default();
                *left = left.saturating_sub(1);
                if let (0, Some(id)) = (*left, self.id(reader)) {
                    ready.insert((id, reader));
                }
            }
        }
        order
    }

    /// The places at which one node reads another.
    pub fn sites<'g>(&self, from: &NodeId, to: &'g Node) -> Vec<&'g Reference> {
        to.references.iter().filter(|reference| reference.id == *from).collect()
    }
}

/// Whether two versions of a node read the same nodes at the same places among their references.
fn same_reads(old: &Node, new: &Node) -> bool {
    let reads = |node: &Node| -> Vec<(NodeId, bool)> {
        let of = |one: &Reference| (one.id.clone(), one.origin == Origin::SqlName);
        node.references.iter().map(of).collect()
    };
    reads(old) == reads(new)
}

impl Ids {
    fn of(nodes: &[Arc<Node>]) -> Ids {
        let mut places: HashMap<NodeId, usize> = HashMap::with_capacity(nodes.len());
        let mut folded: HashMap<String, Vec<usize>> = HashMap::with_capacity(nodes.len());
        let mut repeats = Vec::new();
        for (at, node) in nodes.iter().enumerate() {
            if let Some(first) = places.get(&node.id) {
                repeats.push(Repeat { node: at, first: *first, same: true });
                continue;
            }
            places.insert(node.id.clone(), at);
            let alike = folded.entry(node.id.as_str().to_ascii_lowercase()).or_default();
            if let Some(first) = alike.first() {
                repeats.push(Repeat { node: at, first: *first, same: false });
            }
            alike.push(at);
        }
        Ids { places, repeats, sorted: OnceLock::new() }
    }
}

impl Edges {
    /// Adds the edges to a node from those that it reads.
    fn add(&mut self, at: usize, nodes: &[Arc<Node>], ids: &Ids) {
        let Some(node) = nodes.get(at) else { return };
        let counts = ids.places.get(&node.id) == Some(&at);
        let mut read = BTreeSet::new();
        let mut told: Vec<&NodeId> = Vec::new();
        for (number, reference) in node.references.iter().enumerate() {
            match ids.places.get(&reference.id) {
                Some(upstream) if counts => {
                    read.insert(*upstream);
                }
                Some(_) => {}
                // A name in SQL may be a table of any kind.
                None if reference.origin == Origin::SqlName => {}
                None if told.contains(&&reference.id) => {}
                None => {
                    told.push(&reference.id);
                    self.unknown.push((at, number));
                }
            }
        }
        for upstream in read {
            self.graph.add_edge(NodeIndex::new(upstream), NodeIndex::new(at), ());
        }
    }

    fn remove(&mut self, at: usize) {
        self.unknown.retain(|(node, _)| *node != at);
        let place = NodeIndex::new(at);
        while let Some(edge) = self.graph.first_edge(place, Direction::Incoming) {
            self.graph.remove_edge(edge);
        }
    }
}
