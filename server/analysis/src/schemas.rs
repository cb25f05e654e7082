//! The columns of every node, upstream first, and what is wrong with the SQL that makes them.

use crate::binder::{Binder, Column};
use crate::bound::bound;
use crate::declares::differences;
use crate::query::query;
use crate::refused;
use seeknal_model::{Fault, Node, NodeId, Project, Surroundings};
use seeknal_syntax::{Problem, Severity};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What is known of the columns of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// These, as readers see them.
    Columns(Arc<[Column]>),
    /// Nothing, for this reason.
    Unknown(Arc<str>),
}

/// The columns of every node.
#[derive(Clone, Debug, Default)]
pub struct Schemas {
    entries: HashMap<NodeId, Arc<Entry>>,
    is_whole: bool,
}

/// What is known of a node, and of what it follows.
#[derive(Debug)]
struct Entry {
    node: Arc<Node>,
    reads: Vec<(NodeId, Option<Output>)>,
    output: Output,
    faults: Vec<Fault>,
}

/// Whom to ask, and what.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// What expressions in braces stand for.
    pub around: &'a Surroundings<'a>,
    /// What is known of data from outside.
    pub sources: &'a (dyn Fn(&Node) -> Option<Arc<[Column]>> + Sync),
    /// Who knows what queries mean.
    pub binder: &'a dyn Binder,
    /// Asked between nodes; the rest is left when it says so.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// How many nodes may be asked for at once.
    pub lanes: usize,
}

impl Schemas {
    /// What is known of a node.
    pub fn output(&self, id: &NodeId) -> Option<&Output> {
        self.entries.get(id).map(|entry| &entry.output)
    }

    /// The columns of a node, if they are known.
    pub fn columns(&self, id: &NodeId) -> Option<&Arc<[Column]>> {
        match self.output(id)? {
            Output::Columns(columns) => Some(columns),
            Output::Unknown(_) => None,
        }
    }

    /// The first thing for which a node's SQL would fail.
    pub fn problem(&self, id: &NodeId) -> Option<&Problem> {
        let faults = self.entries.get(id)?.faults.iter().map(|fault| &fault.problem);
        faults.into_iter().find(|problem| problem.code.severity == Severity::Error)
    }

    /// What is wrong with the SQL of nodes, in the order of files and places.
    pub fn faults(&self) -> Vec<Fault> {
        let mut all: Vec<Fault> =
            self.entries.values().flat_map(|entry| entry.faults.iter().cloned()).collect();
        all.sort_by(|one, two| (&one.path, one.problem.span).cmp(&(&two.path, two.problem.span)));
        all
    }

    /// Whether every node was looked at.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }
}

/// Asks for the columns of every node, upstream first. A node that is the same as in `before`, and
/// reads the same, is not asked for again.
pub fn schemas(project: &Project, asking: Asking<'_>, before: &Schemas) -> Schemas {
    if let Some(found) = followed(project, asking, before) {
        return found;
    }
    let mut found = Schemas::default();
    for level in levels(project) {
        let mut open = Vec::new();
        for node in level {
            match before.entries.get(&node.id).filter(|old| is_same(old, node, &found)) {
                Some(old) => {
                    found.entries.insert(node.id.clone(), old.clone());
                }
                None => open.push(node),
            }
        }
        let size = open.len().div_ceil(asking.lanes.max(1)).max(LANE_NODES_MIN);
        // Nodes of one level do not read each other.
        let entries = std::thread::scope(|scope| {
            let (found, mut lanes) = (&found, Vec::new());
            for chunk in open.chunks(size) {
                lanes.push(scope.spawn(move || lane(project, chunk, asking, found)));
            }
            lanes.into_iter().filter_map(|lane| lane.join().ok()).collect::<Vec<_>>()
        });
        let answered: usize = entries.iter().map(Vec::len).sum();
        found.entries.extend(entries.into_iter().flatten());
        if answered < open.len() {
            return found;
        }
    }
    found.is_whole = true;
    found
}

/// More nodes than this are asked for on several threads, a level at a time.
const FEW: usize = 16;

/// The same where there are the same nodes as before and few of them say something else, which is what
/// typing does: each node costs two looks. Nothing where that is not so, or where it was stopped.
fn followed(project: &Project, asking: Asking<'_>, before: &Schemas) -> Option<Schemas> {
    let order = project.graph().order();
    if !before.is_whole || order.len() != before.entries.len() {
        return None;
    }
    let mut found = before.clone();
    let mut touched: HashSet<NodeId> = HashSet::new();
    let mut asked = 0;
    for id in order {
        let (old, node) = (before.entries.get(id)?, project.node(id)?);
        let is_source = node.kind.name == "source";
        let is_kept = Arc::ptr_eq(&old.node, node)
            && !is_source
            && node.parameters.is_empty()
            && (touched.is_empty() || !touched.contains(id));
        if is_kept {
            continue;
        }
        asked += usize::from(!is_source);
        if asked > FEW || (asking.stop)() {
            return None;
        }
        let entry = entry(project, node, asking, &found);
        if entry.output != old.output {
            touched.extend(project.graph().readers(id));
        }
        found.entries.insert(id.clone(), Arc::new(entry));
    }
    Some(found)
}

/// Fewer nodes than this are not worth a thread of their own.
const LANE_NODES_MIN: usize = 4;

fn lane(
    project: &Project,
    nodes: &[&Arc<Node>],
    asking: Asking<'_>,
    found: &Schemas,
) -> Vec<(NodeId, Arc<Entry>)> {
    let mut entries = Vec::new();
    for node in nodes {
        if (asking.stop)() {
            break;
        }
        entries.push((node.id.clone(), Arc::new(entry(project, node, asking, found))));
    }
    entries
}

/// The nodes by how many steps they are away from those that read nothing.
fn levels(project: &Project) -> Vec<Vec<&Arc<Node>>> {
    let mut depths: HashMap<&NodeId, usize> = HashMap::new();
    let mut levels: Vec<Vec<&Arc<Node>>> = Vec::new();
    for node in project.graph().order().iter().filter_map(|id| project.node(id)) {
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

/// Whether what was found holds for a node. What expressions stand for changes by itself, and so do
/// files.
fn is_same(old: &Entry, node: &Arc<Node>, found: &Schemas) -> bool {
    let reads_same = |(id, output): &(NodeId, Option<Output>)| match (found.output(id), output) {
        (Some(Output::Columns(now)), Some(Output::Columns(then))) => {
            Arc::ptr_eq(now, then) || now == then
        }
        (now, then) => now == then.as_ref(),
    };
    Arc::ptr_eq(&old.node, node)
        && node.kind.name != "source"
        && node.parameters.is_empty()
        && old.reads.iter().all(reads_same)
}

fn entry(project: &Project, node: &Arc<Node>, asking: Asking<'_>, found: &Schemas) -> Entry {
    let mut entry = Entry {
        node: node.clone(),
        reads: Vec::new(),
        output: Output::Unknown("it has no SQL".into()),
        faults: Vec::new(),
    };
    if node.kind.name == "source" {
        entry.output = match (asking.sources)(node) {
            Some(columns) => Output::Columns(columns),
            None => Output::Unknown("nobody knows its columns yet".into()),
        };
        return entry;
    }
    match query(project, node, asking.around) {
        Some(Ok(query)) => {
            let reads = query.reads.iter();
            entry.reads = reads.map(|(_, _, id)| (id.clone(), found.output(id).cloned())).collect();
            let (output, problem) = bound(project, node, &query, (asking.binder, found));
            let problems = match (&output, problem) {
                (Output::Columns(columns), _) => differences(node, columns, asking.binder),
                (Output::Unknown(_), Some(problem)) => vec![problem],
                (Output::Unknown(_), None) => {
                    let statement = refused::statement(node);
                    let refused =
                        statement.or_else(|| refused::function(project, &query, asking.binder));
                    refused.into_iter().collect()
                }
            };
            entry.faults = problems.into_iter().map(|problem| fault(node, problem)).collect();
            entry.output = output;
        }
        Some(Err(reason)) => {
            entry.faults.extend(refused::statement(node).map(|problem| fault(node, problem)));
            entry.output = Output::Unknown(reason.into());
        }
        None => {}
    }
    entry
}

fn fault(node: &Node, problem: Problem) -> Fault {
    Fault { path: node.path.clone(), problem, elsewhere: Vec::new() }
}
