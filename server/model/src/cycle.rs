//! Nodes that wait for each other.

use crate::graph::Graph;
use crate::node::Node;
use petgraph::algo::tarjan_scc;
use petgraph::graph::NodeIndex;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// One shortest cycle of each knot of nodes that wait for each other, beginning at the smallest
/// id. Each node is read by the next, the last by the first.
pub(crate) fn cycles(graph: &Graph) -> Vec<Vec<Arc<Node>>> {
    let inner = graph.inner();
    let mut found: Vec<Vec<Arc<Node>>> = tarjan_scc(inner)
        .into_iter()
        .filter(|knot| {
            knot.len() > 1 || knot.first().is_some_and(|one| inner.find_edge(*one, *one).is_some())
        })
        .filter_map(|knot| {
            let id = |place: &NodeIndex| inner.node_weight(*place).map(|node| node.id.clone());
            let start = *knot.iter().min_by_key(|place| id(place))?;
            let knot: HashSet<NodeIndex> = knot.into_iter().collect();
            let path = around(graph, start, &knot)?;
            Some(path.iter().filter_map(|place| inner.node_weight(*place).cloned()).collect())
        })
        .collect();
    found.sort_by_key(|cycle: &Vec<Arc<Node>>| cycle.first().map(|node| node.id.clone()));
    found
}

/// The shortest way from a node through its knot back to it.
fn around(graph: &Graph, start: NodeIndex, knot: &HashSet<NodeIndex>) -> Option<Vec<NodeIndex>> {
    let mut from: HashMap<NodeIndex, NodeIndex> = HashMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(place) = waiting.pop_front() {
        for next in graph.inner().neighbors(place).filter(|next| knot.contains(next)) {
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
