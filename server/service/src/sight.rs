//! Which data files may be looked into, and which they are now.

use crate::Choice;
use crate::surroundings::{profile, variables};
use seeknal_analysis::DataFile;
use std::collections::HashMap;
use std::fs;
use std::io::Result;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A data file as it was when somebody looked into it, with the query that read it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Seen {
    pub(crate) path: PathBuf,
    pub(crate) query: String,
    changed: Option<SystemTime>,
    bytes: u64,
}

/// The folders in which data may be looked into: the project's, and others that the user allows. What lies elsewhere is
/// nobody's business.
pub(crate) struct Sight {
    home: PathBuf,
    others: Vec<PathBuf>,
    /// Folders as they really are. Most data files lie in a few.
    real: HashMap<PathBuf, Option<PathBuf>>,
}

impl Sight {
    pub(crate) fn of(root: &Path) -> Sight {
        let mut sight = Sight::inside(root);
        sight.others = allowed(root, &sight.home);
        sight
    }

    /// Nothing outside of the project.
    pub(crate) fn inside(root: &Path) -> Sight {
        let home = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        Sight { home, others: Vec::new(), real: HashMap::new() }
    }

    /// A data file with every link resolved, as it is now.
    pub(crate) fn seen(&mut self, file: &DataFile) -> Option<Seen> {
        let (path, about) = self.real(&self.home.join(&file.path)).ok()?;
        let is_open = path.starts_with(&self.home)
            || self.others.iter().any(|folder| path.starts_with(folder));
        if !is_open || !about.is_file() {
            return None;
        }
        let query = file.query(path.to_str()?);
        Some(Seen { query, changed: about.modified().ok(), bytes: about.len(), path })
    }

    /// The same as resolving every link of a path, with one look where its folder is known.
    fn real(&mut self, path: &Path) -> Result<(PathBuf, fs::Metadata)> {
        if let (Some(folder), Some(name)) = (path.parent(), path.file_name()) {
            let known = self.real.get(folder).cloned();
            let known = known.unwrap_or_else(|| {
                let real = folder.canonicalize().ok();
                self.real.insert(folder.to_owned(), real.clone());
                real
            });
            if let Some(path) = known.map(|folder| folder.join(name)) {
                let about = fs::symlink_metadata(&path)?;
                if !about.is_symlink() {
                    return Ok((path, about));
                }
            }
        }
        let path = path.canonicalize()?;
        fs::metadata(&path).map(|about| (path, about))
    }
}

/// The folders outside of the project that the user's own profile allows. One that lies in the project
/// allows nothing: it came with the project.
fn allowed(root: &Path, home: &Path) -> Vec<PathBuf> {
    let Ok((profile, Some(file))) = profile(root, Choice::default(), &variables(root)) else {
        return Vec::new();
    };
    if file.canonicalize().is_ok_and(|file| file.starts_with(home)) {
        return Vec::new();
    }
    let folders = profile.data_folders();
    folders.iter().filter_map(|folder| Path::new(folder).canonicalize().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use seeknal_analysis::data_file;
    use seeknal_model::Project;
    use std::env::temp_dir;

    /// The file of a source.
    fn file(table: &str) -> DataFile {
        let text = format!("kind: source\nname: a\nsource: csv\ntable: '{table}'\n");
        let file = seeknal_model::File::read("seeknal/a.yml", text.as_bytes());
        data_file(Project::new([file]).declared().next().unwrap()).unwrap()
    }

    /// A folder outside of a project is open where the user's own profile says so, and only there.
    #[test]
    fn only_a_profile_of_the_user_opens_other_folders() {
        let base = temp_dir().join(format!("seeknal-folders-{}", std::process::id()));
        let (root, own, data) = (base.join("project"), base.join("own"), base.join("data"));
        for folder in [&root, &own, &data] {
            fs::create_dir_all(folder).unwrap();
        }
        fs::write(data.join("a.csv"), "x\n1\n").unwrap();
        fs::write(root.join("b.csv"), "x\n1\n").unwrap();
        let said = format!("data_folders: ['{}']\n", data.display());
        let path = data.join("a.csv").display().to_string();
        let is_seen = |table: &str| Sight::of(&root).seen(&file(table)).is_some();
        let variable = format!("SEEKNAL_BASE_CONFIG_PATH={}\n", own.display());
        fs::write(root.join(".env"), variable).unwrap();
        assert!(is_seen("b.csv") && !is_seen(&path), "nobody opened it");
        fs::write(own.join("profiles.yml"), &said).unwrap();
        assert!(is_seen(&path), "the user opened it");
        fs::write(root.join("profiles.yml"), &said).unwrap();
        assert!(is_seen("b.csv") && !is_seen(&path), "the project opened it");
        fs::remove_dir_all(&base).unwrap();
    }

    /// However a path is written, a file is what it is with every link resolved.
    #[cfg(unix)]
    #[test]
    fn a_file_is_seen_as_it_really_is() {
        use std::os::unix::fs::symlink;
        let base = temp_dir().join(format!("seeknal-sight-{}", std::process::id()));
        let (root, outside) = (base.join("project"), base.join("outside"));
        fs::create_dir_all(root.join("data")).unwrap();
        fs::create_dir_all(&outside).unwrap();
        fs::write(root.join("data/a.csv"), "x\n1\n").unwrap();
        fs::write(outside.join("b.csv"), "x\n1\n").unwrap();
        symlink(root.join("data/a.csv"), root.join("data/same.csv")).unwrap();
        symlink(root.join("data"), root.join("other")).unwrap();
        symlink(outside.join("b.csv"), root.join("data/out.csv")).unwrap();
        symlink(&outside, root.join("away")).unwrap();
        let mut sight = Sight::inside(&root);
        let mut seen = |path: &str| sight.seen(&file(path)).map(|seen| seen.path);
        let real = root.canonicalize().unwrap().join("data/a.csv");
        for same in ["data/a.csv", "data/same.csv", "other/a.csv", "data/../data/./a.csv"] {
            assert_eq!(seen(same), Some(real.clone()), "{same}");
        }
        for none in ["data/out.csv", "away/b.csv", "../outside/b.csv", "data", "data/..", "no.csv"]
        {
            assert_eq!(seen(none), None, "{none}");
        }
        fs::remove_dir_all(&base).unwrap();
    }
}
