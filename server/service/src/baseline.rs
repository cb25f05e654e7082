//! What a project is compared with: a revision of git, a manifest, or nothing.

use crate::git::Git;
use crate::{manifest, seeknal};
use seeknal_analysis::Column;
use seeknal_model::{File, NodeId, Project};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What somebody wants a project compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Against {
    /// The first that exists: Seeknal's own manifest, where the branch left the remote's default one, the
    /// last commit, nothing.
    Auto,
    /// A revision of git.
    Revision(String),
    /// A manifest.
    File(PathBuf),
}

impl Against {
    /// What a word on the command line means.
    pub fn read(word: &str) -> Against {
        match (word, word.strip_prefix("git:")) {
            ("auto", _) => Against::Auto,
            (_, Some(revision)) => Against::Revision(revision.to_owned()),
            (path, None) => Against::File(path.into()),
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
    /// What it does not tell of some nodes.
    pub unknown: BTreeMap<NodeId, String>,
}

impl Baseline {
    /// What `now`, the project of a folder, is to be compared with; a sentence with the cure where that
    /// cannot be had.
    pub fn find(against: &Against, root: &Path, now: &Project) -> Result<Baseline, String> {
        match against {
            Against::Revision(revision) => Git::of(root)?.baseline(revision, now),
            Against::File(path) => manifest::read(path, now),
            Against::Auto => automatic(root, now),
        }
    }
}

fn automatic(root: &Path, now: &Project) -> Result<Baseline, String> {
    if root.join(seeknal::PLACE).is_file() {
        return manifest::read(&root.join(seeknal::PLACE), now)
            .map_err(|said| format!("{said}; `--against` names something else to compare with"));
    }
    let found = Git::of(root).ok().and_then(|git| {
        let fork = git.fork();
        fork.into_iter().chain(["HEAD".to_owned()]).find_map(|one| git.baseline(&one, now).ok())
    });
    Ok(found.unwrap_or_else(|| Baseline {
        name: "nothing".to_owned(),
        project: as_it_was(now, Vec::new(), &|_, _| false),
        sources: None,
        unknown: BTreeMap::new(),
    }))
}

/// The project of some texts, made of the one there is now. `is_same` says whether a file is what it was.
pub(crate) fn as_it_was(
    now: &Project,
    texts: Vec<(String, Vec<u8>)>,
    is_same: &dyn Fn(&File, &[u8]) -> bool,
) -> Project {
    let paths: BTreeSet<&str> = texts.iter().map(|(path, _)| path.as_str()).collect();
    let gone = now.files().filter(|file| !paths.contains(file.path.as_ref() as &str));
    let mut changes: Vec<(Arc<str>, Option<File>)> =
        gone.map(|file| (file.path.clone(), None)).collect();
    for (path, bytes) in &texts {
        if now.file(path).is_none_or(|file| !is_same(file, bytes)) {
            let file = File::read(path, bytes);
            changes.push((file.path.clone(), Some(file)));
        }
    }
    now.with_changes(changes)
}
