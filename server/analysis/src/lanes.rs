//! Nodes looked at upstream first, several at once.

use seeknal_model::{Graph, Node, NodeSet};
use std::panic::resume_unwind;
use std::sync::Arc;

/// Some nodes and all that read them, by how many steps they are away from the first of them. Nodes of one level
/// do not read each other.
pub(crate) fn levels<'g>(graph: &'g Graph, touched: &NodeSet<'g>) -> Vec<Vec<&'g Arc<Node>>> {
    let reach = graph.reach(touched.iter().copied());
    let mut levels: Vec<Vec<&Arc<Node>>> = Vec::new();
    let mut depths: Vec<usize> = Vec::with_capacity(reach.len());
    for (place, id) in reach.ids().iter().enumerate() {
        let behind = |input: &usize| depths.get(*input).map(|depth| depth + 1);
        let depth = reach.inputs(place).iter().filter_map(behind).max().unwrap_or_default();
        depths.push(depth);
        if levels.len() <= depth {
            levels.resize_with(depth + 1, Vec::new);
        }
        if let Some(level) = levels.get_mut(depth) {
            level.extend(graph.node(id));
        }
    }
    levels
}

/// Looks at some things on so many threads, of which each gets at least `least`; gives what was found. A thread ends
/// with the first of its things of which nothing is found.
pub(crate) fn in_lanes<I: Copy + Sync, T: Send>(
    things: &[I],
    (lanes, least): (usize, usize),
    look: impl Fn(I) -> Option<T> + Sync,
) -> Vec<T> {
    let look = &look;
    let lane = |things: &[I]| things.iter().map_while(|one| look(*one)).collect::<Vec<T>>();
    let size = things.len().div_ceil(lanes.max(1)).max(least);
    if things.len() <= size {
        return lane(things);
    }
    let (own, others) = things.split_at(size);
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
