//! What a project is compared with: a revision of git, a manifest, or nothing.

use crate::data::Versions;
use crate::git::Git;
use crate::state::{PRODUCTION, State};
use crate::{manifest, seeknal};
use seeknal_analysis::Column;
use seeknal_model::{File, NodeId, Project};
use seeknal_store::View;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// What somebody wants a project compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Against {
    /// The first that exists: production, Seeknal's own manifest, where the branch left the remote's default one, the
    /// last commit, nothing.
    Auto,
    /// Production, or nothing where there is none yet.
    Production,
    /// A revision of git.
    Revision(String),
    /// An environment, or a manifest where there is no environment of that name.
    Named(String),
}

impl Against {
    /// What it is called, for people; a sentence with the cure where it cannot be had.
    pub fn name(&self, root: &Path, now: &Project) -> Result<String, String> {
        Ok(Baseline::find(self, root, now)?.name)
    }

    /// What a word on the command line means.
    pub fn read(word: &str) -> Against {
        match (word, word.strip_prefix("git:")) {
            ("auto", _) => Against::Auto,
            (_, Some(revision)) => Against::Revision(revision.to_owned()),
            (name, None) => Against::Named(name.to_owned()),
        }
    }
}

/// A project as it was.
#[derive(Debug)]
pub struct Baseline {
    /// What it is called, for people.
    pub name: String,
    /// What it was. Files that are the same now are the very same values.
    pub project: Project,
    /// The columns that sources had then, where somebody took them down.
    pub sources: Option<BTreeMap<NodeId, Vec<Column>>>,
    /// The data of its sources, where somebody took it down.
    pub(crate) data: Versions,
    /// How many milliseconds building its nodes took.
    pub(crate) took: BTreeMap<NodeId, u64>,
    /// What it does not tell of some nodes.
    pub unknown: BTreeMap<NodeId, String>,
    /// The view that it was read of, with its id, for those who need more of it.
    pub(crate) view: Option<(String, Arc<View>)>,
}

impl Baseline {
    /// One of which nothing is known but its files.
    pub(crate) fn new(name: String, project: Project) -> Baseline {
        let (data, took, unknown) = (Versions::new(), BTreeMap::new(), BTreeMap::new());
        Baseline { name, project, sources: None, data, took, unknown, view: None }
    }

    /// What `now`, the project of a folder, is to be compared with; a sentence with the cure where that
    /// cannot be had.
    pub fn find(against: &Against, root: &Path, now: &Project) -> Result<Baseline, String> {
        match against {
            Against::Revision(revision) => Git::of(root)?.baseline(revision, now),
            Against::Named(name) => match State::of(root, None).baseline(name, now)? {
                Some(baseline) => Ok(baseline),
                None => manifest::read(Path::new(name), now),
            },
            Against::Auto => automatic(root, now),
            Against::Production => {
                let found = State::of(root, None).baseline(PRODUCTION, now)?;
                Ok(found.unwrap_or_else(|| nothing(now)))
            }
        }
    }
}

fn automatic(root: &Path, now: &Project) -> Result<Baseline, String> {
    if let Some(production) = State::of(root, None).baseline(PRODUCTION, now)? {
        return Ok(production);
    }
    if root.join(seeknal::PLACE).is_file() {
        return manifest::read(&root.join(seeknal::PLACE), now)
            .map_err(|said| format!("{said}; `--against` names something else to compare with"));
    }
    let found = Git::of(root).ok().and_then(|git| {
        let fork = git.fork();
        fork.into_iter().chain(["HEAD".to_owned()]).find_map(|one| git.baseline(&one, now).ok())
    });
    Ok(found.unwrap_or_else(|| nothing(now)))
}

/// A project in which nothing was declared.
fn nothing(now: &Project) -> Baseline {
    Baseline::new("nothing".to_owned(), as_it_was(now, Vec::new()))
}

/// The project of some texts, made of the one there is now; nothing stands for the text of a file that is what it
/// was.
pub(crate) fn as_it_was(now: &Project, texts: Vec<(String, Option<Vec<u8>>)>) -> Project {
    let paths: BTreeSet<&str> = texts.iter().map(|(path, _)| path.as_str()).collect();
    let gone = now.files().filter(|file| !paths.contains(file.path.as_ref() as &str));
    let mut changes: Vec<(Arc<str>, Option<File>)> =
        gone.map(|file| (file.path.clone(), None)).collect();
    for (path, bytes) in &texts {
        if let Some(bytes) = bytes {
            let file = File::read(path, bytes);
            changes.push((file.path.clone(), Some(file)));
        }
    }
    now.with_changes(changes)
}
