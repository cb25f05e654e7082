//! The data of sources: which it was when something was written down, and whether it is another now.

use crate::Analyst;
use seeknal_analysis::data_file;
use seeknal_model::{NodeId, Project};
use seeknal_plan::{Moved, Version};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The data of sources, as it was.
pub(crate) type Versions = BTreeMap<NodeId, (String, Version)>;

impl Analyst {
    /// The data files of sources as they are now, each read whole where that was not done before.
    pub fn versions(&self, root: &Path, project: &Project) -> Value {
        let all = self.versions_of(root, project);
        Value::Object(all.map(|(id, _, version)| (id.to_string(), version)).collect())
    }

    /// The same for each source that has such a file, with where it is.
    pub(crate) fn versions_of(
        &self,
        root: &Path,
        project: &Project,
    ) -> impl Iterator<Item = (NodeId, PathBuf, Value)> {
        let home = resolved(root);
        self.data_files(root, project).into_iter().filter_map(move |(id, path)| {
            let Version { bytes, hash } = self.version(&path)?;
            let file = named(&home, &path);
            Some((id, path, json!({ "file": file, "bytes": bytes, "hash": hash })))
        })
    }

    fn version(&self, path: &Path) -> Option<Version> {
        let bytes = std::fs::metadata(path).ok()?.len();
        Some(Version { bytes, hash: self.hash(path)? })
    }

    /// The sources whose data is not what it was.
    pub(crate) fn moved(&self, root: &Path, project: &Project, was: &Versions) -> Vec<Moved> {
        // Most baselines tell nothing of data, and then nobody asks the disk.
        if was.is_empty() {
            return Vec::new();
        }
        let (home, here) = (resolved(root), self.data_files(root, project));
        let look = |(id, (file, was)): (&NodeId, &(String, Version))| {
            let now = match here.get(id) {
                Some(path) if named(&home, path) == *file => self.beside(path, was),
                // It is declared otherwise, which is an edit.
                Some(_) => return None,
                None => {
                    let path = home.join(data_file(project.node(id)?)?.path);
                    // What is there and may not be looked into is nobody's business.
                    if named(&home, &path) != *file || path.exists() {
                        return None;
                    }
                    None
                }
            };
            let (source, file, was) = (id.clone(), file.clone(), was.clone());
            (now.as_ref() != Some(&was)).then_some(Moved { source, file, was, now })
        };
        was.iter().filter_map(look).collect()
    }

    /// A file beside what it was. One of another size is not read.
    fn beside(&self, path: &Path, was: &Version) -> Option<Version> {
        let bytes = std::fs::metadata(path).ok()?.len();
        let hash = if bytes == was.bytes { self.hash(path)? } else { String::new() };
        Some(Version { bytes, hash })
    }
}

fn resolved(root: &Path) -> PathBuf {
    root.canonicalize().unwrap_or_else(|_| root.to_owned())
}

/// What a file is called: from the project's folder where it lies there.
fn named(home: &Path, path: &Path) -> String {
    path.strip_prefix(home).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// What was written down of the data of one.
pub(crate) fn one(value: &Value) -> Option<(String, Version)> {
    let text = |key: &str| Some(value.get(key)?.as_str()?.to_owned());
    let bytes = value.get("bytes")?.as_u64()?;
    Some((text("file")?, Version { bytes, hash: text("hash")? }))
}
