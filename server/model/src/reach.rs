//! What lies behind some nodes, one behind the other.

use crate::graph::Graph;
use crate::node::{Node, NodeId, NodeMap, NodeSet};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Some nodes and all that read them, each behind those of them that it reads, the smallest id first where there is a
/// choice. Nodes of a cycle, and those behind one, are left out. Each has a place, so that who goes through them looks
/// no name up.
#[derive(Debug, Default)]
pub struct Reach {
    /// From where it was sought, where that is kept.
    roots: Vec<NodeId>,
    ids: Vec<NodeId>,
    places: HashMap<NodeId, usize, foldhash::fast::FixedState>,
    inputs: Vec<Box<[usize]>>,
    readers: Vec<Box<[usize]>>,
}

impl Reach {
    /// The same of nodes that are given in the order of their ids.
    fn of(roots: Vec<NodeId>, nodes: &[&Arc<Node>]) -> Reach {
        let Edges { inputs, readers } = edges(nodes);
        let order = order(&inputs, &readers);
        // Where each stands now; what is left out stands nowhere.
        let mut now = vec![None; nodes.len()];
        for (place, before) in order.iter().enumerate() {
            now[*before] = Some(place);
        }
        let placed = |all: &[Vec<usize>]| -> Vec<Box<[usize]>> {
            let one = |before: &usize| all[*before].iter().filter_map(|one| now[*one]).collect();
            order.iter().map(one).collect()
        };
        let ids: Vec<NodeId> = order.iter().map(|before| nodes[*before].id.clone()).collect();
        Reach {
            roots,
            places: ids.iter().cloned().zip(0..).collect(),
            inputs: placed(&inputs),
            readers: placed(&readers),
            ids,
        }
    }

    /// The nodes.
    pub fn ids(&self) -> &[NodeId] {
        &self.ids
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Where a node stands; nothing where it is none of them.
    pub fn place(&self, id: &NodeId) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// Where those of them stand that the node of a place reads.
    pub fn inputs(&self, place: usize) -> &[usize] {
        self.inputs.get(place).map(|all| &**all).unwrap_or_default()
    }

    /// Where those stand that read the node of a place.
    pub fn readers(&self, place: usize) -> &[usize] {
        self.readers.get(place).map(|all| &**all).unwrap_or_default()
    }
}

/// What was found out of how nodes read each other, for as long as they do.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    all: OnceLock<Arc<Reach>>,
    /// What was sought last: somebody types at one place for a while.
    last: Mutex<Vec<Arc<Reach>>>,
}

/// So many of them are kept: what is looked for behind an edit, and what is behind it in fact.
const LAST: usize = 2;

/// With more nodes than this moved at once, all of them are looked through for cycles, and what is behind them is not
/// kept.
pub(crate) const FEW: usize = 16;

impl Graph {
    /// Every node that reads a node, directly or through others.
    pub fn downstream(&self, id: &NodeId) -> BTreeSet<NodeId> {
        self.behind([id]).into_iter().cloned().collect()
    }

    /// Every node that reads some nodes, directly or through others, also of nodes that are not there.
    pub fn behind<'g>(&'g self, ids: impl IntoIterator<Item = &'g NodeId>) -> NodeSet<'g> {
        let mut found = NodeSet::default();
        let mut waiting: Vec<&NodeId> = ids.into_iter().collect();
        while let Some(next) = waiting.pop() {
            for reader in self.readers_of(next) {
                if found.insert(reader) {
                    waiting.push(reader);
                }
            }
        }
        found
    }

    /// The nodes so that each stands after those it reads, the smallest id first where there is a
    /// choice. Nodes of a cycle, and those behind one, are left out.
    pub fn order(&self) -> &[NodeId] {
        self.whole().ids()
    }

    fn whole(&self) -> &Arc<Reach> {
        self.shape.all.get_or_init(|| Arc::new(Reach::of(Vec::new(), &self.by_id())))
    }

    /// Some nodes and all that read them, also of nodes that are not there.
    pub fn reach<'g>(&'g self, ids: impl IntoIterator<Item = &'g NodeId>) -> Arc<Reach> {
        let roots: NodeSet<'g> = ids.into_iter().collect();
        if roots.is_empty() {
            return Arc::default();
        }
        // Whoever looks at a project for the first time asks for all of it, and more than once.
        if roots.len() >= self.len() && self.nodes().all(|node| roots.contains(&node.id)) {
            return self.whole().clone();
        }
        let last = || self.shape.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |one: &&Arc<Reach>| {
            one.roots.len() == roots.len() && one.roots.iter().all(|id| roots.contains(id))
        };
        if let Some(known) = last().iter().find(is_it) {
            return known.clone();
        }
        let mut reached = self.behind(roots.iter().copied());
        reached.extend(&roots);
        let mut nodes: Vec<&Arc<Node>> = reached.iter().filter_map(|id| self.node(id)).collect();
        nodes.sort_unstable_by(|one, two| one.id.cmp(&two.id));
        if !self.is_sound() {
            nodes.retain(|node| self.whole().place(&node.id).is_some());
        }
        let is_few = roots.len() <= FEW;
        let reach = Arc::new(Reach::of(roots.into_iter().cloned().collect(), &nodes));
        if is_few {
            let mut last = last();
            last.insert(0, reach.clone());
            last.truncate(LAST);
        }
        reach
    }
}

/// Which of some nodes read which, by their numbers.
struct Edges {
    inputs: Vec<Vec<usize>>,
    readers: Vec<Vec<usize>>,
}

fn edges(nodes: &[&Arc<Node>]) -> Edges {
    let numbers: NodeMap<'_, usize> = nodes.iter().map(|node| &node.id).zip(0..).collect();
    let inputs = |node: &&Arc<Node>| -> Vec<usize> {
        let read = node.references.iter();
        let mut read: Vec<usize> = read.filter_map(|one| numbers.get(&one.id).copied()).collect();
        read.sort_unstable();
        read.dedup();
        read
    };
    let inputs: Vec<Vec<usize>> = nodes.iter().map(inputs).collect();
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (reader, read) in inputs.iter().enumerate() {
        for upstream in read {
            readers[*upstream].push(reader);
        }
    }
    Edges { inputs, readers }
}

/// Numbers so that each stands after its inputs, the smallest first where there is a choice.
fn order(inputs: &[Vec<usize>], readers: &[Vec<usize>]) -> Vec<usize> {
    let mut waits: Vec<usize> = inputs.iter().map(Vec::len).collect();
    let free = waits.iter().enumerate().filter(|(_, waits)| **waits == 0);
    let mut ready: BinaryHeap<Reverse<usize>> = free.map(|(number, _)| Reverse(number)).collect();
    let mut order = Vec::with_capacity(inputs.len());
    while let Some(Reverse(number)) = ready.pop() {
        order.push(number);
        for reader in &readers[number] {
            waits[*reader] -= 1;
            if waits[*reader] == 0 {
                ready.push(Reverse(*reader));
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{File, Project};

    fn node(name: &str, reads: &[&str], sql: &str) -> File {
        let inputs: String = reads.iter().map(|id| format!("- ref: transform.{id}\n")).collect();
        let text = format!("kind: transform\nname: {name}\ninputs:\n{inputs}transform: {sql}\n");
        File::read(&format!("seeknal/{name}.yml"), text.as_bytes())
    }

    fn reached(project: &Project, id: &NodeId) -> Arc<Reach> {
        project.graph().reach([id])
    }

    /// What is kept is what would be found, and is found again only when who reads whom has changed.
    #[test]
    fn what_was_sought_last_is_kept_until_somebody_reads_something_else() {
        let project = Project::new([
            node("a", &[], "SELECT 1 AS x"),
            node("b", &["a"], "SELECT 1 AS x"),
            node("d", &["a", "c"], "SELECT 1 AS x"),
            node("c", &["b"], "SELECT 1 AS x"),
            node("alone", &[], "SELECT 1 AS x"),
        ]);
        let a = NodeId::new("transform.a");
        let reach = reached(&project, &a);
        let names: Vec<&str> = reach.ids().iter().map(NodeId::as_str).collect();
        assert_eq!(names, ["transform.a", "transform.b", "transform.c", "transform.d"]);
        assert_eq!((reach.inputs(3), reach.readers(0)), (&[0, 2][..], &[1, 3][..]));
        assert_eq!(reach.place(&NodeId::new("transform.alone")), None);
        let typed = project.with_file(node("a", &[], "SELECT 2 AS x"));
        assert!(Arc::ptr_eq(&reach, &reached(&typed, &a)), "nobody reads anything else");
        let other = typed.with_file(node("alone", &["a"], "SELECT 1 AS x"));
        assert_eq!(reached(&other, &a).len(), 5);
        assert_eq!(reached(&typed, &a).len(), 4, "the older state is what it was");
    }
}
