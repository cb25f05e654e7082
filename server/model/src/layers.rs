//! Nodes one behind the other.

use crate::node::{Node, NodeMap};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// Nodes in the order of their ids so that each stands after those it reads, each with how many others stand before it
/// on the longest way. Nodes of a cycle, and those behind one, are left out.
pub(crate) fn layers<'g>(nodes: &[&'g Arc<Node>]) -> Vec<(&'g Arc<Node>, usize)> {
    let places: NodeMap<'_, usize> =
        nodes.iter().enumerate().map(|(at, node)| (&node.id, at)).collect();
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut waits: Vec<usize> = Vec::with_capacity(nodes.len());
    let mut ready: BinaryHeap<Reverse<usize>> = BinaryHeap::new();
    for (at, node) in nodes.iter().enumerate() {
        let read = node.references.iter();
        let mut read: Vec<usize> = read.filter_map(|one| places.get(&one.id).copied()).collect();
        read.sort_unstable();
        read.dedup();
        for upstream in &read {
            readers[*upstream].push(at);
        }
        if read.is_empty() {
            ready.push(Reverse(at));
        }
        waits.push(read.len());
    }
    let mut depths = vec![0; nodes.len()];
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(Reverse(at)) = ready.pop() {
        order.push((nodes[at], depths[at]));
        for reader in &readers[at] {
            depths[*reader] = depths[*reader].max(depths[at] + 1);
            waits[*reader] -= 1;
            if waits[*reader] == 0 {
                ready.push(Reverse(*reader));
            }
        }
    }
    order
}
