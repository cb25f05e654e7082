//! A project from a folder on disk.

use seeknal_model::{File, Project, Role, role};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How deep folders may nest. A project is a few deep; a loop of links is endless.
const DEPTH_MAX: usize = 32;

/// A project, and what of its folder could not be read.
pub(crate) struct Loaded {
    pub(crate) root: PathBuf,
    pub(crate) project: Project,
    /// One sentence for each file or folder that was passed over.
    pub(crate) unread: Vec<String>,
}

/// Reads every file of a project that declares nodes. What cannot be read is said and passed over.
pub(crate) fn load(root: &Path) -> Result<Loaded, String> {
    match fs::metadata(root) {
        Ok(found) if found.is_dir() => {}
        Ok(_) => return Err(format!("{} is no folder; name the project's folder", root.display())),
        Err(error) => {
            return Err(format!(
                "{}: {}; name the project's folder",
                root.display(),
                words(&error)
            ));
        }
    }
    let mut walk = Walk { root, walked: HashSet::new(), files: Vec::new(), unread: Vec::new() };
    walk.settings();
    let top = root.join("seeknal");
    if top.is_dir() {
        walk.folder(&top, 0);
    }
    walk.files.sort();
    let mut files = Vec::new();
    for path in &walk.files {
        match fs::read(root.join(path)) {
            Ok(bytes) => files.push(File::read(path, &bytes)),
            Err(error) => {
                let shown = root.join(path);
                walk.unread.push(format!("{}: {}", shown.display(), words(&error)));
            }
        }
    }
    Ok(Loaded { root: root.to_owned(), project: Project::new(files), unread: walk.unread })
}

struct Walk<'r> {
    root: &'r Path,
    walked: HashSet<PathBuf>,
    files: Vec<String>,
    unread: Vec<String>,
}

impl Walk<'_> {
    /// The project file and the profiles, which stand in the root itself.
    fn settings(&mut self) {
        for entry in fs::read_dir(self.root).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if role(&name) == Role::Settings {
                self.files.push(name);
            }
        }
    }

    fn folder(&mut self, folder: &Path, depth: usize) {
        if depth > DEPTH_MAX {
            let shown = folder.display();
            self.unread
                .push(format!("{shown}: folders nest over {DEPTH_MAX} deep; is a link in a loop?"));
            return;
        }
        // A link may lead to a folder that was walked already, or to one above.
        if folder.canonicalize().is_ok_and(|real| !self.walked.insert(real)) {
            return;
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                return self.unread.push(format!("{}: {}", folder.display(), words(&error)));
            }
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            let Ok(relative) = path.strip_prefix(self.root) else { continue };
            let name = relative.to_string_lossy().replace('\\', "/");
            if path.is_dir() {
                self.folder(&path, depth + 1);
            } else if role(&name) != Role::Other {
                self.files.push(name);
            }
        }
    }
}

/// An error of the system in words, without its number.
fn words(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        std::io::ErrorKind::PermissionDenied => "reading it is not permitted".to_owned(),
        _ => error.to_string(),
    }
}
