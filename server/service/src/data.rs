//! The data of sources: which it was when something was written down, and whether it is another now.

use crate::Analyst;
use seeknal_analysis::data_file;
use seeknal_model::{NodeId, Project};
use seeknal_plan::{Moved, Version};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The data of sources, as it was.
pub(crate) type Versions = BTreeMap<NodeId, (String, Version)>;

impl Analyst {
    /// The data files of sources as they are now, each read whole where that was not done before.
    pub fn versions(&self, root: &Path, project: &Project) -> Value {
        let entry = |(id, path): (NodeId, PathBuf)| {
            let Version { bytes, hash } = self.version(&path)?;
            Some((
                id.to_string(),
                json!({ "file": named(root, &path), "bytes": bytes, "hash": hash }),
            ))
        };
        let all: Map<String, Value> =
            self.data_files(root, project).into_iter().filter_map(entry).collect();
        Value::Object(all)
    }

    fn version(&self, path: &Path) -> Option<Version> {
        let bytes = std::fs::metadata(path).ok()?.len();
        Some(Version { bytes, hash: self.hash(path)? })
    }

    /// The sources whose data is not what it was. A file of another size is not read.
    pub(crate) fn moved(&self, root: &Path, project: &Project, was: &Versions) -> Vec<Moved> {
        let here = self.data_files(root, project);
        let look = |(id, (file, was)): (&NodeId, &(String, Version))| {
            let declared = data_file(project.node(id)?)?.path;
            let path = here.get(id).cloned().unwrap_or_else(|| root.join(declared));
            // One that is declared otherwise is edited, which is another matter.
            if named(root, &path) != *file {
                return None;
            }
            let bytes = std::fs::metadata(&path).map(|about| about.len()).ok();
            let now = match bytes {
                Some(bytes) if bytes == was.bytes => {
                    self.hash(&path).map(|hash| Version { bytes, hash })
                }
                Some(bytes) => Some(Version { bytes, hash: String::new() }),
                None => None,
            };
            let (source, file, was) = (id.clone(), file.clone(), was.clone());
            (now.as_ref() != Some(&was)).then_some(Moved { source, file, was, now })
        };
        was.iter().filter_map(look).collect()
    }
}

/// What a file is called: from the project's root where it lies there.
fn named(root: &Path, path: &Path) -> String {
    let home = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let inner = path.strip_prefix(&home).or_else(|_| path.strip_prefix(root));
    inner.unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// What was written down of the data of one.
pub(crate) fn one(value: &Value) -> Option<(String, Version)> {
    let text = |key: &str| Some(value.get(key)?.as_str()?.to_owned());
    let bytes = value.get("bytes")?.as_u64()?;
    Some((text("file")?, Version { bytes, hash: text("hash")? }))
}
