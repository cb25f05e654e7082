//! The columns of every node, upstream first, and what is wrong with the SQL that makes them.

use crate::binder::{Binder, Column};
use crate::bound::{Bound, bound};
use crate::declares::differences;
use crate::identity::Id;
use crate::lanes::{in_lanes, levels};
use crate::query::{Query, query};
use crate::refused;
use imbl::ordmap::DiffItem;
use imbl::{OrdMap, OrdSet};
use seeknal_model::{ByNode, Fault, Node, NodeId, NodeSet, Project, Same, Surroundings};
use seeknal_syntax::{Problem, Severity};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};

/// What is known of the columns of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Output {
    /// These, as readers see them.
    Columns(Arc<[Column]>),
    /// Nothing, for this reason.
    Unknown(Arc<str>),
}

impl Output {
    /// The columns, if they are known.
    pub(crate) fn columns(&self) -> Option<&Arc<[Column]>> {
        match self {
            Output::Columns(columns) => Some(columns),
            Output::Unknown(_) => None,
        }
    }
}

/// The columns of data from outside, by the source that brings them in.
pub type SourceColumns = OrdMap<NodeId, Arc<[Column]>>;

/// What somebody knows of the columns of each source.
pub fn source_columns(
    project: &Project,
    known: impl Fn(&Node) -> Option<Arc<[Column]>>,
) -> SourceColumns {
    let sources = project.graph().sources().iter();
    sources.filter_map(|(id, node)| Some((id.clone(), known(node)?))).collect()
}

/// The columns of every node.
#[derive(Clone, Debug, Default)]
pub struct Schemas {
    pub(crate) entries: ByNode<Same<Entry>>,
    /// The nodes of which something is wrong.
    faulty: OrdSet<NodeId>,
    pub(crate) is_whole: bool,
    /// What was asked about, and with which columns of sources.
    pub(crate) project: Project,
    pub(crate) sources: SourceColumns,
}

/// What is known of a node, and of what it follows.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) node: Arc<Node>,
    /// What it asks, where it has SQL.
    pub(crate) query: Option<Result<Arc<Query>, String>>,
    pub(crate) reads: Vec<(NodeId, Option<Output>)>,
    pub(crate) output: Output,
    /// Its columns with the types that they are computed with.
    pub(crate) computed: Option<Arc<[Column]>>,
    pub(crate) faults: Vec<Fault>,
    /// What it says beside its query, once somebody has asked.
    pub(crate) fields: OnceLock<Id>,
}

/// Whom to ask, and what.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// What expressions in braces stand for.
    pub around: &'a Surroundings<'a>,
    /// What is known of data from outside.
    pub sources: &'a SourceColumns,
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
        self.output(id)?.columns()
    }

    /// The columns of a node with the types that they are computed with, if they are known.
    pub fn computed(&self, id: &NodeId) -> Option<&Arc<[Column]>> {
        let entry = self.entries.get(id)?;
        entry.computed.as_ref().or_else(|| self.columns(id).filter(|_| entry.query.is_none()))
    }

    /// The first thing for which a node's SQL would fail.
    pub fn problem(&self, id: &NodeId) -> Option<&Problem> {
        if !self.faulty.contains(id) {
            return None;
        }
        let faults = self.entries.get(id)?.faults.iter().map(|fault| &fault.problem);
        faults.into_iter().find(|problem| problem.code.severity == Severity::Error)
    }

    /// What is wrong with the SQL of nodes, in the order of files and places.
    pub fn faults(&self) -> Vec<Fault> {
        let entries = self.faulty.iter().filter_map(|id| self.entries.get(id));
        let mut all: Vec<Fault> = entries.flat_map(|entry| entry.faults.iter().cloned()).collect();
        all.sort_by(|one, two| (&one.path, one.problem.span).cmp(&(&two.path, two.problem.span)));
        all
    }

    /// What is known of a node that is the very same as when its columns were asked for.
    pub(crate) fn known(&self, node: &Arc<Node>) -> Option<&Entry> {
        let entry = self.entries.get(&node.id)?;
        Arc::ptr_eq(&entry.node, node).then_some(entry)
    }

    /// The nodes that have other columns elsewhere, or are not there.
    pub(crate) fn differing<'s>(&'s self, now: &'s Schemas) -> impl Iterator<Item = &'s NodeId> {
        self.entries.diff(&now.entries).filter_map(|(id, then, now)| match (then, now) {
            (Some(then), Some(now)) => (then.output != now.output).then_some(id),
            _ => Some(id),
        })
    }

    fn insert(&mut self, id: NodeId, entry: Same<Entry>) {
        match entry.faults.is_empty() {
            true => self.faulty.remove(&id),
            false => self.faulty.insert(id.clone()),
        };
        self.entries.insert(id, entry);
    }

    /// Whether every node was looked at.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }
}

/// Asks for the columns of every node, upstream first. Looked at is only what differs from what was asked about
/// in `before`, and what reads that; a node that is the same, and reads the same, is not asked for again.
pub fn schemas<'a>(project: &'a Project, asking: Asking<'a>, before: &'a Schemas) -> Schemas {
    let graph = project.graph();
    let (mut found, mut touched) = match followed(project, asking, before) {
        Some(followed) => followed,
        None => (Schemas::default(), graph.nodes().map(|node| &node.id).collect()),
    };
    (found.project, found.sources) = (project.clone(), asking.sources.clone());
    found.is_whole = false;
    let mut look = |level: Vec<&Arc<Node>>, touched: &mut NodeSet<'a>| {
        let mut open = Vec::new();
        for node in level.into_iter().filter(|node| touched.contains(&node.id)) {
            match before.entries.get(&node.id).filter(|old| is_same(old, node, &found)) {
                Some(old) => found.insert(node.id.clone(), old.clone()),
                None => open.push(node),
            }
        }
        let entries = in_lanes(&open, (asking.lanes, LANE_NODES_MIN), |node| {
            let entry = || Arc::new(entry(project, node, asking, (&found, before)));
            (!(asking.stop)()).then(|| (node.id.clone(), entry()))
        });
        let is_whole = entries.len() == open.len();
        for (id, entry) in entries {
            if before.output(&id) != Some(&entry.output) {
                touched.extend(graph.readers_of(&id));
            }
            found.insert(id, Same::from(entry));
        }
        is_whole
    };
    // As a rule one node is edited, and keeps its columns: what is behind it is then not even sought.
    let mut is_whole = true;
    if touched.len() == 1
        && let Some(only) = touched.iter().find_map(|id| graph.node(id))
    {
        is_whole = look(vec![only], &mut touched);
        touched.remove(&only.id);
    }
    for level in levels(graph, &touched) {
        is_whole = is_whole && look(level, &mut touched);
    }
    found.is_whole = is_whole;
    found
}

/// What was found before without the nodes that are gone, and the nodes that may have other columns now: those
/// that are not the very same, those that read one that came or went, and those that change by themselves.
/// Nothing where nodes wait for each other: who waits for them is then not told by what differs.
fn followed<'a>(
    project: &'a Project,
    asking: Asking<'a>,
    before: &'a Schemas,
) -> Option<(Schemas, NodeSet<'a>)> {
    let (then, now) = (before.project.graph(), project.graph());
    if !(before.is_whole && then.is_sound() && now.is_sound()) {
        return None;
    }
    let mut found = before.clone();
    let mut touched: NodeSet<'a> = now.filled().collect();
    for (id, old, new) in then.differing(now) {
        if old.is_none() || new.is_none() {
            touched.extend(now.readers_of(id));
        }
        match new {
            Some(_) => {
                touched.insert(id);
            }
            None => {
                found.entries.remove(id);
                found.faulty.remove(id);
            }
        }
    }
    for item in before.sources.diff(asking.sources) {
        let (DiffItem::Add(id, _)
        | DiffItem::Remove(id, _)
        | DiffItem::Update { new: (id, _), .. }) = item;
        touched.insert(id);
    }
    Some((found, touched))
}

/// Fewer nodes than this are not worth a thread of their own.
const LANE_NODES_MIN: usize = 4;

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

fn entry(
    project: &Project,
    node: &Arc<Node>,
    asking: Asking<'_>,
    (found, before): (&Schemas, &Schemas),
) -> Entry {
    let mut entry = Entry {
        node: node.clone(),
        query: None,
        reads: Vec::new(),
        output: Output::Unknown("it has no SQL".into()),
        computed: None,
        faults: Vec::new(),
        fields: OnceLock::new(),
    };
    if node.kind.name == "source" {
        entry.output = match asking.sources.get(&node.id) {
            Some(columns) => Output::Columns(columns.clone()),
            None => Output::Unknown("nobody knows its columns yet".into()),
        };
        return entry;
    }
    // Without expressions in braces its text alone says what its query is.
    let known = before.known(node).filter(|_| node.parameters.is_empty());
    let known = known.and_then(|entry| entry.query.clone());
    entry.query =
        known.or_else(|| query(project, node, asking.around).map(|query| query.map(Arc::new)));
    match entry.query.clone() {
        Some(Ok(query)) => {
            let reads = query.reads.iter();
            entry.reads = reads.map(|(_, _, id)| (id.clone(), found.output(id).cloned())).collect();
            let Bound { output, computed, problem } =
                bound(project, node, &query, (asking.binder, found));
            entry.computed = computed;
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
