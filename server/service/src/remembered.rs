//! What was found out of a project, written down for the next process: its files as they were taken apart, the columns
//! and the meaning of its nodes. The next one goes on from there as an editor does after an edit.
//!
//! It is a cache in the user's folder: one file for each project, named by its folder, which may be deleted at any time.
//! A file holds its own hash, and by which program and engine it was written; anything else is not looked at. Only what
//! is whole is in it, so that what is wrong is found anew each time.

use crate::disk::lanes_of;
use crate::folders::by_age;
use crate::views::starred_hash;
use crate::{Loaded, Meaning, seeknal};
use seeknal_analysis::identity::Identities;
use seeknal_analysis::{Column, KeptNode, Schemas, SourceColumns, recalled};
use seeknal_model::names::sharing;
use seeknal_model::{File, NodeId, Project};
use seeknal_plan::said;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The form in which it is written, and all that has to do with what it says.
const UNDERSTANDING: &str = concat!("2 ", env!("SEEKNAL_UNDERSTANDING"));

/// More projects than this, and the one that was written first is forgotten.
const PROJECTS_MAX: usize = 64;

/// So much is kept of all projects together.
const BYTES_MAX: u64 = 256 << 20;

/// It is written again once such a part of all files are others.
const PART_OTHER: usize = 8;

/// Parts are as large as each other, so that several threads have as much to read.
const PART_BYTES: usize = 64 << 10;

/// Fewer files than this are not worth a thread of their own.
const FILES_IN_LANE: usize = 64;

const SUM_BYTES: usize = 32;

/// Where projects are remembered.
pub(crate) struct Memory {
    folder: PathBuf,
    engine: String,
    /// What is written of each project, as far as this process knows.
    written: Mutex<HashMap<PathBuf, Written>>,
}

/// What is written of a project.
#[derive(Clone, Default)]
struct Written {
    project: Project,
    sources: SourceColumns,
    /// The files that were left out, by the hashes of their texts. To try again with those gives nothing.
    left_out: HashMap<Arc<str>, blake3::Hash>,
}

impl Written {
    /// Whether much of a project would be written otherwise now. With other data all that reads it may be.
    fn differs(&self, now: &Project, sources: &SourceColumns) -> bool {
        if self.sources != *sources {
            return true;
        }
        let most = (now.files().count() / PART_OTHER).max(1);
        let is_left_out = |path: &Arc<str>| {
            let then = self.left_out.get(path);
            then.is_some() && then == now.file(path).map(hash_of).as_ref()
        };
        let others = self.project.differing(now).filter(|path| !is_left_out(path));
        others.take(most).count() >= most
    }
}

fn hash_of(file: &Arc<File>) -> blake3::Hash {
    blake3::hash(file.text.as_bytes())
}

/// What comes before the parts.
#[derive(Serialize, Deserialize)]
struct Head {
    understanding: String,
    engine: String,
    root: PathBuf,
    sources: Vec<(NodeId, Arc<[Column]>)>,
    /// Files that are not in the parts, with the hashes of their texts.
    left_out: Vec<(Arc<str>, [u8; SUM_BYTES])>,
    /// How many bytes each part has.
    parts: Vec<usize>,
}

/// A project as it was.
pub(crate) struct Remembered {
    pub(crate) project: Project,
    pub(crate) schemas: Schemas,
    pub(crate) identities: Identities,
    /// What Seeknal's manifest says of nodes.
    pub(crate) pieces: Vec<(NodeId, Arc<str>)>,
}

impl Memory {
    pub(crate) fn new(cache: &Path, engine: &str) -> Memory {
        let folder = cache.join("projects");
        Memory { folder, engine: engine.to_owned(), written: Mutex::default() }
    }

    fn file(&self, root: &Path) -> PathBuf {
        let name = blake3::hash(root.as_os_str().as_encoded_bytes()).to_hex();
        self.folder.join(name.get(..32).unwrap_or_default())
    }

    /// What is known of the project of a folder; nothing where that is nothing, or not sure.
    pub(crate) fn recall(&self, root: &Path) -> Option<Remembered> {
        let root = root.canonicalize().ok()?;
        let file = self.file(&root);
        let bytes = fs::read(file).ok()?;
        let (sum, rest) = bytes.split_at_checked(SUM_BYTES)?;
        if blake3::hash(rest).as_bytes() != sum {
            return None;
        }
        let (head, rest): (Head, _) = postcard::take_from_bytes(rest).ok()?;
        let Head { understanding, engine, root: of, sources, left_out, parts } = head;
        if understanding != UNDERSTANDING || engine != self.engine || of != root {
            return None;
        }
        let mut open = rest;
        let mut all = Vec::new();
        for bytes in parts {
            let (part, rest) = open.split_at_checked(bytes)?;
            all.push(part);
            open = rest;
        }
        let (mut files, mut nodes, mut pieces) = (Vec::new(), Vec::new(), Vec::new());
        for part in lanes_of(&all, 1, |part| sharing(|| read(part))) {
            let part = part?;
            files.extend(part.files);
            nodes.extend(part.nodes);
            pieces.extend(part.pieces);
        }
        let project = Project::default().with_files(files);
        let sources: SourceColumns = sources.into_iter().collect();
        let (schemas, identities) = recalled(&project, &sources, nodes);
        let left_out = left_out.into_iter().map(|(path, hash)| (path, hash.into())).collect();
        self.written().insert(root, Written { project: project.clone(), sources, left_out });
        Some(Remembered { project, schemas, identities, pieces })
    }

    /// Writes down what was found out of a project, where much of it is not written yet. It is a help for the next
    /// process: nobody is told where it cannot be.
    pub(crate) fn remember(&self, loaded: &Loaded, meaning: &Meaning, sources: &SourceColumns) {
        let Ok(root) = loaded.root.canonicalize() else { return };
        let project = &loaded.project;
        let before = self.written().get(&root).cloned().unwrap_or_default();
        let is_due = before.differs(project, sources);
        if is_due && self.write(&root, project, meaning, sources).is_some() {
            let (project, sources) = (project.clone(), sources.clone());
            self.written().insert(root, Written { project, sources, ..Written::default() });
        }
    }

    /// Forgets what is written of a project: nobody works with it any more.
    pub(crate) fn forget(&self, root: &Path) {
        if let Ok(root) = root.canonicalize() {
            self.written().remove(&root);
        }
    }

    fn write(
        &self,
        root: &Path,
        project: &Project,
        Meaning { schemas, identities }: &Meaning,
        sources: &SourceColumns,
    ) -> Option<()> {
        let files: Vec<&Arc<File>> = project.files().collect();
        let one = |file: &&Arc<File>| written(project, file, (schemas, identities));
        let (mut parts, mut left_out): (Vec<Vec<u8>>, Vec<_>) = Default::default();
        for (file, record) in files.iter().zip(lanes_of(&files, FILES_IN_LANE, one)) {
            let Some(record) = record else {
                left_out.push((file.path.clone(), *hash_of(file).as_bytes()));
                continue;
            };
            match parts.last_mut().filter(|part| part.len() < PART_BYTES) {
                Some(part) => part.extend_from_slice(&record),
                None => parts.push(record),
            }
        }
        let head = Head {
            understanding: UNDERSTANDING.to_owned(),
            engine: self.engine.clone(),
            root: root.to_owned(),
            sources: sources.iter().map(|(id, columns)| (id.clone(), columns.clone())).collect(),
            left_out,
            parts: parts.iter().map(Vec::len).collect(),
        };
        let mut bytes = vec![0; SUM_BYTES];
        bytes = postcard::to_extend(&head, bytes).ok()?;
        parts.iter().for_each(|part| bytes.extend_from_slice(part));
        let sum = blake3::hash(bytes.get(SUM_BYTES..)?);
        bytes.get_mut(..SUM_BYTES)?.copy_from_slice(sum.as_bytes());
        let file = self.file(root);
        self.make_folder().ok()?;
        self.forget_oldest(bytes.len() as u64);
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let fresh = file.with_extension(format!("{}-{number}", std::process::id()));
        let is_there = fs::write(&fresh, bytes).and_then(|()| fs::rename(&fresh, &file)).is_ok();
        if !is_there {
            let _ = fs::remove_file(&fresh);
        }
        is_there.then_some(())
    }

    fn written(&self) -> MutexGuard<'_, HashMap<PathBuf, Written>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the folder. What stands in it may come from a project that nobody else may read.
    fn make_folder(&self) -> std::io::Result<()> {
        let mut maker = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
        maker.recursive(true).create(&self.folder)
    }

    /// Makes room for one more of so many bytes, and takes away what a process left that was ended while it wrote.
    fn forget_oldest(&self, bytes: u64) {
        let found = by_age(&self.folder);
        let mut held = found.iter().fold(bytes, |all, (.., bytes)| all.saturating_add(*bytes));
        for (number, (path, _, bytes)) in found.iter().enumerate() {
            if found.len() - number < PROJECTS_MAX && held <= BYTES_MAX {
                break;
            }
            let _ = fs::remove_file(path);
            held -= bytes;
        }
    }
}

/// A file with what is known of its nodes; nothing where anything of it must be looked at anew.
fn written(
    project: &Project,
    file: &Arc<File>,
    (schemas, identities): (&Schemas, &Identities),
) -> Option<Vec<u8>> {
    let known = |node: &Arc<seeknal_model::Node>| {
        let counts = Arc::ptr_eq(project.node(&node.id)?, node);
        KeptNode::of(&node.id, schemas, identities).filter(|_| counts)
    };
    let known: Vec<KeptNode> = file.nodes.iter().map(known).collect::<Option<_>>()?;
    // What it is called where texts are kept is then known as well, and what plans know its nodes by.
    starred_hash(file);
    file.nodes.iter().map(|node| said(node)).for_each(drop);
    let columns = |id: &NodeId| schemas.columns(id).map(|columns| &**columns).unwrap_or_default();
    let pieces = file.nodes.iter().map(|node| seeknal::kept(node, columns(&node.id)));
    postcard::to_allocvec(&(&**file, known, pieces.collect::<Vec<_>>())).ok()
}

/// What stands in a part.
#[derive(Default)]
struct Part {
    files: Vec<Arc<File>>,
    nodes: Vec<(NodeId, KeptNode)>,
    pieces: Vec<(NodeId, Arc<str>)>,
}

fn read(mut bytes: &[u8]) -> Option<Part> {
    let mut part = Part::default();
    while !bytes.is_empty() {
        let ((file, known, pieces), rest): ((File, Vec<KeptNode>, Vec<&str>), _) =
            postcard::take_from_bytes(bytes).ok()?;
        let ids = || file.nodes.iter().map(|node| node.id.clone());
        part.nodes.extend(ids().zip(known));
        part.pieces.extend(ids().zip(pieces.into_iter().map(Arc::from)));
        part.files.push(Arc::new(file));
        bytes = rest;
    }
    Some(part)
}
