//! The files of a project together.

use crate::environment::Environment;
use crate::faults;
use crate::file::File;
use crate::graph::Graph;
use crate::node::{Node, NodeId};
use seeknal_syntax::{Problem, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// A project at one moment. A clone costs nothing; a change gives another project that shares
/// every file that is the same.
#[derive(Clone, Debug, Default)]
pub struct Project {
    files: Arc<BTreeMap<Arc<str>, Arc<File>>>,
    graph: Arc<OnceLock<Graph>>,
    /// The graph before the last change, and the files that changed since.
    before: Option<Arc<Before>>,
    variables: Arc<BTreeSet<String>>,
}

#[derive(Debug)]
struct Before {
    graph: Graph,
    changed: Vec<Arc<str>>,
}

/// More changed files than this at once, and a new graph is made as quickly.
const CHANGED_MAX: usize = 16;

/// A problem with the file it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The path of the file.
    pub path: Arc<str>,
    /// What is wrong.
    pub problem: Problem,
    /// Places in other files that belong to it.
    pub elsewhere: Vec<(Arc<str>, Span, String)>,
}

impl Project {
    /// The project of these files.
    pub fn new(files: impl IntoIterator<Item = File>) -> Project {
        let files = files.into_iter().map(|file| (file.path.clone(), Arc::new(file))).collect();
        Project { files: Arc::new(files), ..Project::default() }
    }

    /// The project where these environment variables are set. Their values are nobody's business.
    #[must_use]
    pub fn with_variables(mut self, names: impl IntoIterator<Item = String>) -> Project {
        self.variables = Arc::new(names.into_iter().collect());
        self
    }

    /// The project with one file added or changed.
    #[must_use]
    pub fn with_file(&self, file: File) -> Project {
        self.with_changes([(file.path.clone(), Some(file))])
    }

    /// The project without one file.
    #[must_use]
    pub fn without_file(&self, path: &str) -> Project {
        self.with_changes([(path.into(), None)])
    }

    /// The project with these changes to its files at once: one read anew, or none where it is gone.
    #[must_use]
    pub fn with_changes(
        &self,
        changes: impl IntoIterator<Item = (Arc<str>, Option<File>)>,
    ) -> Project {
        let mut files = BTreeMap::clone(&self.files);
        let mut changed = Vec::new();
        for (path, file) in changes {
            changed.push(path.clone());
            match file {
                Some(file) => files.insert(path, Arc::new(file)),
                None => files.remove(&path),
            };
        }
        self.of(files, changed)
    }

    /// The project with these files, as somebody else read them.
    #[must_use]
    pub fn with_files(&self, read: impl IntoIterator<Item = Arc<File>>) -> Project {
        let mut files = BTreeMap::clone(&self.files);
        let mut changed = Vec::new();
        for file in read {
            changed.push(file.path.clone());
            files.insert(file.path.clone(), file);
        }
        self.of(files, changed)
    }

    fn of(&self, files: BTreeMap<Arc<str>, Arc<File>>, mut changed: Vec<Arc<str>>) -> Project {
        let variables = self.variables.clone();
        // Where nobody asked for the graph in between, what changed adds up.
        let before = match (self.graph.get(), &self.before) {
            (Some(graph), _) => Some(graph.clone()),
            (None, Some(before)) => {
                changed.extend(before.changed.iter().cloned());
                Some(before.graph.clone())
            }
            (None, None) => None,
        };
        changed.sort();
        changed.dedup();
        let before = before.filter(|_| changed.len() <= CHANGED_MAX);
        let before = before.map(|graph| Arc::new(Before { graph, changed }));
        Project { files: Arc::new(files), graph: Arc::default(), before, variables }
    }

    pub(crate) fn has_variable(&self, name: &str) -> bool {
        self.variables.contains(name)
    }

    /// The files in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = &Arc<File>> {
        self.files.values()
    }

    /// The file of a path.
    pub fn file(&self, path: &str) -> Option<&Arc<File>> {
        self.files.get(path)
    }

    /// Every declared environment in the order of files.
    pub fn environments(&self) -> impl Iterator<Item = &Arc<Environment>> {
        self.files().flat_map(|file| &file.environments)
    }

    /// Every declared node in the order of files, ones with a repeated id included.
    pub fn declared(&self) -> impl Iterator<Item = &Arc<Node>> {
        self.files().flat_map(|file| &file.nodes)
    }

    /// The node of an id; of several the one whose path comes first.
    pub fn node(&self, id: &NodeId) -> Option<&Arc<Node>> {
        self.graph().node(id)
    }

    /// How nodes read each other.
    pub fn graph(&self) -> &Graph {
        self.graph.get_or_init(|| {
            let updated = self.before.as_ref().and_then(|before| self.updated(before));
            updated.unwrap_or_else(|| Graph::of(self.declared().cloned().collect()))
        })
    }

    /// The graph before, with the nodes of the files that changed in it.
    fn updated(&self, before: &Before) -> Option<Graph> {
        let mut first = 0;
        let mut changes = Vec::new();
        let mut changed = before.changed.iter().peekable();
        for (path, file) in self.files.iter() {
            if changed.next_if(|one| *one < path).is_some() {
                // A file that is gone has taken its nodes along.
                return None;
            }
            let places = first..first + file.nodes.len();
            first = places.end;
            if changed.next_if_eq(&path).is_some() {
                changes.push((places, file.nodes.as_slice()));
            }
        }
        let all = changed.next().is_none() && first == before.graph.declared().len();
        all.then(|| before.graph.with_nodes(&changes)).flatten()
    }

    /// What is wrong in each file and between files, in the order of files and places.
    pub fn faults(&self) -> Vec<Fault> {
        let mut found: Vec<Fault> = self
            .files()
            .flat_map(|file| {
                file.problems.iter().map(|problem| Fault {
                    path: file.path.clone(),
                    problem: problem.clone(),
                    elsewhere: Vec::new(),
                })
            })
            .collect();
        found.extend(faults::between_files(self));
        found.sort_by(|one, two| {
            let key = |fault: &Fault| (fault.path.clone(), fault.problem.span);
            key(one).cmp(&key(two))
        });
        found
    }
}
