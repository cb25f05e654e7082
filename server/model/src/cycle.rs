//! Nodes that wait for each other.

use crate::graph::Graph;
use crate::node::NodeId;
use petgraph::Direction;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::{HashMap, HashSet, VecDeque};

/// One shortest cycle of each knot of nodes that wait for each other, beginning at the smallest
/// id. Each node is read by the next, the last by the first.
pub(crate) fn knots(nodes: &Graph) -> Vec<Vec<NodeId>> {
    let ids: Vec<&NodeId> = nodes.by_id().into_iter().map(|node| &node.id).collect();
    let places: HashMap<&NodeId, usize> =
        ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(ids.len(), ids.len() * 2);
    ids.iter().for_each(|_| {
        graph.add_node(());
    });
    for (at, id) in ids.iter().enumerate() {
        for reader in nodes.readers_of(id).filter_map(|reader| places.get(reader)) {
            graph.add_edge(NodeIndex::new(at), NodeIndex::new(*reader), ());
        }
    }
    if is_sound(&graph) {
        return Vec::new();
    }
    // Of the ways to find knots the one that does not call itself for each node of a chain. Places are in
    // the order of ids.
    let mut found: Vec<Vec<NodeIndex>> = kosaraju_scc(&graph)
        .into_iter()
        .filter(|knot| {
            knot.len() > 1 || knot.first().is_some_and(|one| graph.contains_edge(*one, *one))
        })
        .filter_map(|knot| {
            let start = *knot.iter().min()?;
            around(&graph, start, &knot.into_iter().collect())
        })
        .collect();
    found.sort();
    let name = |place: NodeIndex| ids.get(place.index()).map(|id| (*id).clone());
    found.into_iter().map(|knot| knot.into_iter().filter_map(name).collect()).collect()
}

/// Whether nodes can be taken away one by one, each after those it reads. Nearly every graph is so.
fn is_sound(graph: &DiGraph<(), ()>) -> bool {
    let count = |place| graph.neighbors_directed(place, Direction::Incoming).count();
    let mut waits: Vec<usize> = graph.node_indices().map(count).collect();
    let mut ready: Vec<NodeIndex> =
        graph.node_indices().filter(|place| waits.get(place.index()) == Some(&0)).collect();
    let mut left = graph.node_count();
    while let Some(place) = ready.pop() {
        left -= 1;
        for reader in graph.neighbors_directed(place, Direction::Outgoing) {
            if let Some(waits) = waits.get_mut(reader.index()) {
                *waits -= 1;
                if *waits == 0 {
                    ready.push(reader);
                }
            }
        }
    }
    left == 0
}

/// The shortest way from a node through its knot back to it.
fn around(
    graph: &DiGraph<(), ()>,
    start: NodeIndex,
    knot: &HashSet<NodeIndex>,
) -> Option<Vec<NodeIndex>> {
    let mut from: HashMap<NodeIndex, NodeIndex> = HashMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(place) = waiting.pop_front() {
        // In order, so that of two cycles as short it is always the same, however edges came.
        let mut readers: Vec<NodeIndex> =
            graph.neighbors(place).filter(|next| knot.contains(next)).collect();
        readers.sort();
        for next in readers {
            if next == start {
                let mut path = vec![place];
                while let Some(before) = from.get(path.last()?).copied() {
                    path.push(before);
                }
                path.reverse();
                return Some(path);
            }
            if let std::collections::hash_map::Entry::Vacant(free) = from.entry(next) {
                free.insert(place);
                waiting.push_back(next);
            }
        }
    }
    None
}
