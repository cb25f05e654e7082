//! Which files of a folder hold nodes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Folders below `seeknal/` whose files are no nodes.
const OTHER_FOLDERS: [&str; 4] = ["common", "sql_pairs", "templates", "tests"];
/// How deep folders may nest. A project is a few deep; a loop of links is endless.
const DEPTH_MAX: usize = 32;

/// The node files of a project in the order of their paths, and the folders that could not be read.
pub(crate) struct Found {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) unread: Vec<(PathBuf, io::Error)>,
}

/// Every `seeknal/**/*.yml` and `.yaml` but those in folders that hold something else.
pub(crate) fn find(root: &Path) -> Found {
    let mut found = Found { files: Vec::new(), unread: Vec::new() };
    let top = root.join("seeknal");
    if top.is_dir() {
        walk(&top, 0, &mut found);
    }
    found.files.sort();
    found
}

fn walk(folder: &Path, depth: usize, found: &mut Found) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return found.unread.push((folder.to_owned(), error)),
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            let other = depth == 0 && OTHER_FOLDERS.contains(&name.as_str());
            if !other && depth < DEPTH_MAX {
                walk(&path, depth + 1, found);
            }
        } else if name.ends_with(".yml") || name.ends_with(".yaml") {
            found.files.push(path);
        }
    }
}
