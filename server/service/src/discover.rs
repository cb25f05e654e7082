//! Where projects are.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The file that makes a folder a project.
const PROJECT_FILE: &str = "seeknal_project.yml";

/// The folder that makes one of a folder that has no such file.
const NODES_FOLDER: &str = "seeknal";

/// How deep below a folder projects are looked for.
const DEPTH_MAX: usize = 6;

/// How many folders are looked into. A home folder opened by mistake must not take minutes.
const FOLDERS_MAX: usize = 20_000;

/// Folders that hold what tools made or fetched, never a project of one's own.
const PASSED_OVER: [&str; 6] =
    ["node_modules", "target", "venv", "__pycache__", "site-packages", "dist"];

/// Whether a folder has the file that marks a project.
pub fn marks_project(folder: &Path) -> bool {
    folder.join(PROJECT_FILE).is_file()
}

/// The project that a path lies in: the nearest folder above it, or itself, that is one. Spelled as
/// the path is, as far as that goes.
pub fn home(path: &Path) -> Option<PathBuf> {
    let spelled = path.ancestors().filter(|one| !one.as_os_str().is_empty());
    let whole = path.canonicalize().ok()?;
    let found = spelled.into_iter().find(|folder| is_home(folder, path)).map(Path::to_owned);
    found.or_else(|| whole.ancestors().find(|folder| is_home(folder, &whole)).map(Path::to_owned))
}

/// Whether a folder is the project of a path below it. Without the project file only what lies in
/// the folder of nodes counts: somebody may keep a checkout called `seeknal` in their home folder.
fn is_home(folder: &Path, path: &Path) -> bool {
    let nodes = folder.join(NODES_FOLDER);
    marks_project(folder) || (folder == path || path.starts_with(&nodes)) && is_project(folder)
}

fn is_project(folder: &Path) -> bool {
    // `seeknal/seeknal` is a folder of nodes like any other.
    let inside_nodes = folder.file_name().is_some_and(|name| name == NODES_FOLDER);
    marks_project(folder) || folder.join(NODES_FOLDER).is_dir() && !inside_nodes
}

/// Every project that a folder has to do with: the one it lies in, and those below it. A folder
/// that is none and holds none counts as an empty one.
pub fn projects(folder: &Path) -> Vec<PathBuf> {
    let mut found = BTreeSet::new();
    found.extend(home(folder));
    let mut seen = HashSet::new();
    below(folder, 0, &mut seen, &mut found);
    // A folder given by another spelling than the one its project was found by is not two.
    let mut real = HashSet::new();
    let mut roots: Vec<PathBuf> = found
        .into_iter()
        .filter(|root| real.insert(root.canonicalize().unwrap_or_else(|_| root.clone())))
        .collect();
    if roots.is_empty() {
        roots.push(folder.to_owned());
    }
    roots
}

fn below(folder: &Path, depth: usize, seen: &mut HashSet<PathBuf>, found: &mut BTreeSet<PathBuf>) {
    if depth > DEPTH_MAX || seen.len() > FOLDERS_MAX {
        return;
    }
    if folder.canonicalize().is_ok_and(|real| !seen.insert(real)) {
        return;
    }
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') || PASSED_OVER.contains(&&*name) {
            continue;
        }
        let path = entry.path();
        // Only what the listing says is a folder: links are followed inside projects, not to them.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if is_project(&path) {
                found.insert(path.clone());
            }
            below(&path, depth + 1, seen, found);
        }
    }
}
