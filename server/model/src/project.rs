//! The files of a project together.

use crate::common::CommonValue;
use crate::environment::Environment;
use crate::faults;
use crate::file::File;
use crate::graph::{Graph, Moved};
use crate::node::{Node, NodeId};
use crate::same::Same;
use imbl::ordmap::DiffItem;
use imbl::{OrdMap, OrdSet};
use seeknal_syntax::{Problem, Span};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A project at one moment. A clone costs nothing; a change gives another project that shares
/// every file that is the same, and costs as much as what changed.
#[derive(Clone, Debug, Default)]
pub struct Project {
    files: OrdMap<Arc<str>, Same<File>>,
    /// The files in which something is wrong.
    faulty: OrdSet<Arc<str>>,
    /// The files with values that nodes name.
    common: OrdSet<Arc<str>>,
    graph: Arc<Graph>,
    variables: Arc<BTreeSet<String>>,
}

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
        let files = files.into_iter().map(|file| (file.path.clone(), Some(file)));
        Project::default().with_changes(files)
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
        self.of(changes.into_iter().map(|(path, file)| (path, file.map(Arc::new))))
    }

    /// The project with these files, as somebody else read them.
    #[must_use]
    pub fn with_files(&self, read: impl IntoIterator<Item = Arc<File>>) -> Project {
        self.of(read.into_iter().map(|file| (file.path.clone(), Some(file))))
    }

    fn of(&self, changes: impl Iterator<Item = (Arc<str>, Option<Arc<File>>)>) -> Project {
        let mut project = self.clone();
        let mut moved = Vec::new();
        for (path, now) in changes {
            let is_listed = |test: fn(&File) -> bool| now.as_ref().is_some_and(|file| test(file));
            list(&mut project.faulty, &path, is_listed(|file| !file.problems.is_empty()));
            list(&mut project.common, &path, is_listed(|file| !file.common.is_empty()));
            let before = match now.clone() {
                Some(now) => project.files.insert(path, now.into()),
                None => project.files.remove(&path),
            };
            moved.push((before, now));
        }
        let nodes: Vec<Moved<'_>> = moved
            .iter()
            .map(|(before, now)| Moved {
                old: before.as_ref().map(|file| file.nodes.as_slice()).unwrap_or_default(),
                new: now.as_ref().map(|file| file.nodes.as_slice()).unwrap_or_default(),
            })
            .collect();
        project.graph = Arc::new(self.graph.with_nodes(&nodes));
        project
    }

    pub(crate) fn has_variable(&self, name: &str) -> bool {
        self.variables.contains(name)
    }

    /// The files in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = &Arc<File>> {
        self.files.values().map(Same::arc)
    }

    /// The file of a path.
    pub fn file(&self, path: &str) -> Option<&Arc<File>> {
        self.files.get(path).map(Same::arc)
    }

    /// The values that nodes name.
    pub(crate) fn common(&self) -> impl Iterator<Item = &CommonValue> {
        let files = self.common.iter().filter_map(|path| self.files.get(path));
        files.flat_map(|file| &file.common)
    }

    /// The paths of the files that are not the very same in another state of the project.
    pub fn differing<'p>(&'p self, now: &'p Project) -> impl Iterator<Item = &'p Arc<str>> {
        self.files.diff(&now.files).map(|item| match item {
            DiffItem::Add(path, _) | DiffItem::Remove(path, _) => path,
            DiffItem::Update { new: (path, _), .. } => path,
        })
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
        &self.graph
    }

    /// What is wrong in each file and between files, in the order of files and places.
    pub fn faults(&self) -> Vec<Fault> {
        let mut found: Vec<Fault> = self
            .faulty
            .iter()
            .filter_map(|path| self.files.get(path))
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

/// Puts a path on a list, or takes it off.
fn list(all: &mut OrdSet<Arc<str>>, path: &Arc<str>, is_on: bool) {
    if is_on {
        all.insert(path.clone());
    } else if all.contains(path) {
        all.remove(path);
    }
}
