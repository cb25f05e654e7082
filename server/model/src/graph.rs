//! How nodes read each other.

use crate::node::{Node, NodeId, Reference};
use crate::project::Project;
use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// The nodes of a project with an edge from each node to each that reads it.
#[derive(Debug)]
pub struct Graph {
    graph: DiGraph<Arc<Node>, ()>,
    places: HashMap<NodeId, NodeIndex>,
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
    pub(crate) fn of(project: &Project) -> Graph {
        let mut graph = DiGraph::new();
        let mut places: HashMap<NodeId, NodeIndex> = HashMap::new();
        for node in project.declared() {
            places.entry(node.id.clone()).or_insert_with(|| graph.add_node(node.clone()));
        }
        let readers: Vec<NodeIndex> = graph.node_indices().collect();
        for reader in readers {
            let read: BTreeSet<NodeIndex> = graph
                .node_weight(reader)
                .iter()
                .flat_map(|node| &node.references)
                .filter_map(|reference| places.get(&reference.id).copied())
                .collect();
            for upstream in read {
                graph.add_edge(upstream, reader, ());
            }
        }
        Graph { graph, places }
    }

    pub(crate) fn node(&self, id: &NodeId) -> Option<&Arc<Node>> {
        self.graph.node_weight(*self.places.get(id)?)
    }

    /// The nodes in the order of their ids.
    pub fn nodes(&self) -> Vec<&Arc<Node>> {
        let mut all: Vec<&Arc<Node>> = self.graph.node_weights().collect();
        all.sort_by(|one, two| one.id.cmp(&two.id));
        all
    }

    /// Every edge, in order.
    pub fn edges(&self) -> Vec<Edge> {
        let id = |place| self.graph.node_weight(place).map(|node| node.id.clone());
        let mut all: Vec<Edge> = self
            .graph
            .edge_indices()
            .filter_map(|edge| self.graph.edge_endpoints(edge))
            .filter_map(|(from, to)| Some(Edge { from: id(from)?, to: id(to)? }))
            .collect();
        all.sort();
        all
    }

    /// The nodes that a node reads itself.
    pub fn reads(&self, id: &NodeId) -> Vec<NodeId> {
        self.neighbours(id, Direction::Incoming)
    }

    /// The nodes that read a node themselves.
    pub fn readers(&self, id: &NodeId) -> Vec<NodeId> {
        self.neighbours(id, Direction::Outgoing)
    }

    fn neighbours(&self, id: &NodeId, direction: Direction) -> Vec<NodeId> {
        let Some(place) = self.places.get(id) else { return Vec::new() };
        let mut found: Vec<NodeId> = self
            .graph
            .neighbors_directed(*place, direction)
            .filter_map(|place| self.graph.node_weight(place))
            .map(|node| node.id.clone())
            .collect();
        found.sort();
        found
    }

    /// Every node that reads a node, directly or through others.
    pub fn downstream(&self, id: &NodeId) -> BTreeSet<NodeId> {
        let mut found = BTreeSet::new();
        let mut waiting = self.readers(id);
        while let Some(next) = waiting.pop() {
            if found.insert(next.clone()) {
                waiting.extend(self.readers(&next));
            }
        }
        found
    }

    /// The nodes so that each stands after those it reads, the smallest id first where there is a
    /// choice. Nodes of a cycle, and those behind one, are left out.
    pub fn order(&self) -> Vec<NodeId> {
        let mut waits: HashMap<NodeIndex, usize> = HashMap::new();
        let mut ready: BTreeSet<(NodeId, NodeIndex)> = BTreeSet::new();
        for place in self.graph.node_indices() {
            let count = self.graph.neighbors_directed(place, Direction::Incoming).count();
            waits.insert(place, count);
            if let (0, Some(node)) = (count, self.graph.node_weight(place)) {
                ready.insert((node.id.clone(), place));
            }
        }
        let mut order = Vec::new();
        while let Some((id, place)) = ready.pop_first() {
            order.push(id);
            for reader in self.graph.neighbors_directed(place, Direction::Outgoing) {
                let left = waits.entry(reader).or_default();
                *left = left.saturating_sub(1);
                if let (0, Some(node)) = (*left, self.graph.node_weight(reader)) {
                    ready.insert((node.id.clone(), reader));
                }
            }
        }
        order
    }

    pub(crate) fn inner(&self) -> &DiGraph<Arc<Node>, ()> {
        &self.graph
    }

    /// The places at which one node reads another.
    pub fn sites<'g>(&self, from: &NodeId, to: &'g Node) -> Vec<&'g Reference> {
        to.references.iter().filter(|reference| reference.id == *from).collect()
    }
}
