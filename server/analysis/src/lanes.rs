//! Nodes looked at upstream first, several at once.

use seeknal_model::{Graph, Node, NodeId};
use std::collections::{HashMap, HashSet};
use std::panic::resume_unwind;
use std::sync::Arc;

/// Some nodes and all that read them, by how many steps they are away from the first of them. Nodes of one level
/// do not read each other.
pub(crate) fn levels<'g>(graph: &'g Graph, touched: &HashSet<NodeId>) -> Vec<Vec<&'g Arc<Node>>> {
    let here = touched.iter().filter_map(|id| graph.node(id)).map(|node| &node.id);
    let mut reached = graph.behind(here.clone());
    reached.extend(here);
    let mut depths: HashMap<&NodeId, usize> = HashMap::new();
    let mut levels: Vec<Vec<&Arc<Node>>> = Vec::new();
    for node in graph.sorted(&reached).iter().filter_map(|id| graph.node(id)) {
        let reads = node.references.iter().filter_map(|one| depths.get(&one.id));
        let depth = reads.max().map_or(0, |depth| depth + 1);
        depths.insert(&node.id, depth);
        if levels.len() <= depth {
            levels.resize_with(depth + 1, Vec::new);
        }
        if let Some(level) = levels.get_mut(depth) {
            level.push(node);
        }
    }
    levels
}

/// Looks at nodes on so many threads, of which each gets at least `least`; gives what was found. A thread ends with
/// the first of its nodes of which nothing is found.
pub(crate) fn in_lanes<'g, T: Send>(
    nodes: &[&'g Arc<Node>],
    (lanes, least): (usize, usize),
    look: impl Fn(&'g Arc<Node>) -> Option<T> + Sync,
) -> Vec<T> {
    let look = &look;
    let lane =
        |nodes: &[&'g Arc<Node>]| nodes.iter().map_while(|node| look(node)).collect::<Vec<T>>();
    let size = nodes.len().div_ceil(lanes.max(1)).max(least);
    if nodes.len() <= size {
        return lane(nodes);
    }
    let (own, others) = nodes.split_at(size);
    std::thread::scope(|scope| {
        let start = |chunk| scope.spawn(move || lane(chunk));
        let lanes: Vec<_> = others.chunks(size).map(start).collect();
        // A level may have few nodes, and to start a thread takes as long as to look at one: this one looks too.
        let mut found = lane(own);
        for lane in lanes {
            found.extend(lane.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        found
    })
}
