//! A project from a folder on disk.

use crate::discover::marks_project;
use crate::surroundings::variables;
use seeknal_model::{FOLDERS, File, Project, Role, role};
use seeknal_syntax::limits::FILE_BYTES_MAX;
use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

/// How deep folders may nest. A project is a few deep; a loop of links is endless.
const DEPTH_MAX: usize = 32;

/// A project, and what of its folder could not be read.
#[derive(Debug)]
pub struct Loaded {
    /// The folder.
    pub root: PathBuf,
    /// What it holds.
    pub project: Project,
    /// One sentence for each file or folder that was passed over.
    pub unread: Vec<String>,
}

/// Reads every file of a project that declares something. What cannot be read is said and passed
/// over. `stop` is asked between files; a load that is stopped gives nothing.
pub fn load(root: &Path, stop: &(dyn Fn() -> bool + Sync)) -> Result<Option<Loaded>, String> {
    load_again(root, &Project::default(), stop)
}

/// The same for who knows the project as it was: files whose bytes are what they were are not taken apart again.
pub fn load_again(
    root: &Path,
    known: &Project,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Option<Loaded>, String> {
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
    let mut walk = Walk { root, walked: HashSet::new(), found: Vec::new(), unread: Vec::new() };
    walk.settings();
    for top in FOLDERS {
        let folder = root.join(top);
        if folder.is_dir() && !marks_project(&folder) {
            walk.folder(&folder, 0);
        }
    }
    walk.found.sort();
    let mut files: Vec<Arc<File>> = Vec::new();
    for read in read_all(root, known, &walk.found, stop) {
        match read {
            Some(Ok(file)) => files.push(file),
            Some(Err(sentence)) => walk.unread.push(sentence),
            None => return Ok(None),
        }
    }
    let paths: HashSet<Arc<str>> = files.iter().map(|file| file.path.clone()).collect();
    let gone = known.files().filter(|file| !paths.contains(&file.path));
    let gone: Vec<(Arc<str>, Option<File>)> = gone.map(|file| (file.path.clone(), None)).collect();
    let is_other =
        |file: &Arc<File>| !known.file(&file.path).is_some_and(|one| Arc::ptr_eq(one, file));
    let others: Vec<Arc<File>> = files.into_iter().filter(is_other).collect();
    let project = known.with_changes(gone).with_files(others);
    let project = project.with_variables(variables(root).names());
    Ok(Some(Loaded { root: root.to_owned(), project, unread: walk.unread }))
}

/// Fewer files than this are not worth a thread of their own.
const LANE_FILES_MIN: usize = 32;

/// Most files have fewer bytes than this.
const FILE_BYTES_USUAL: usize = 4 << 10;

/// Parsers call themselves for each level of nesting.
const STACK_BYTES: usize = 8 << 20;

/// Reads files in their order, on all processors; nothing in place of those that were not read when it was
/// stopped.
fn read_all(
    root: &Path,
    known: &Project,
    found: &[Found],
    stop: &(dyn Fn() -> bool + Sync),
) -> Vec<Option<Result<Arc<File>, String>>> {
    // A file in which something is wrong may have had other bytes than its text.
    let as_known = |path: &str, bytes: &[u8]| {
        let known = known.file(path).filter(|file| file.problems.is_empty());
        known.filter(|file| file.text.as_bytes() == bytes).cloned()
    };
    let one = |Found { path, is_plain }: &Found| {
        let read = || {
            let whole = root.join(path);
            let bytes = if *is_plain { read_plain(&whole)? } else { read(&whole)? };
            Ok(as_known(path, &bytes).unwrap_or_else(|| Arc::new(File::read(path, &bytes))))
        };
        (!stop()).then(read)
    };
    lanes_of(found, LANE_FILES_MIN, one)
}

/// Does something with each of many, in their order, on all processors and with a deep stack. Fewer than `least` are not
/// worth a thread of their own.
pub(crate) fn lanes_of<T: Sync, R: Send>(
    all: &[T],
    least: usize,
    one: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let lanes = thread::available_parallelism().map_or(1, usize::from);
    let size = all.len().div_ceil(lanes).max(least);
    thread::scope(|scope| {
        let lane = |some: &'_ [T]| some.iter().map(&one).collect::<Vec<_>>();
        let begun: Vec<_> = all
            .chunks(size)
            .map(|some| {
                let name = thread::Builder::new().stack_size(STACK_BYTES);
                (some, name.spawn_scoped(scope, move || lane(some)))
            })
            .collect();
        let ended =
            begun.into_iter().flat_map(|(some, begun)| match begun.map(|lane| lane.join()) {
                Ok(Ok(read)) => read,
                // Where there is no thread to be had, this one does it.
                Err(_) => lane(some),
                Ok(Err(panic)) => resume_unwind(panic),
            });
        ended.collect()
    })
}

/// The bytes of a file, or a sentence on why there are none.
pub fn read(path: &Path) -> Result<Vec<u8>, String> {
    // Opening a named pipe would wait for a writer.
    if !fs::metadata(path).map_err(|error| failed(path, &error))?.is_file() {
        return Err(format!("{}: it is no file", path.display()));
    }
    read_plain(path)
}

/// The same of what is known to be a file.
fn read_plain(path: &Path) -> Result<Vec<u8>, String> {
    let file = fs::File::open(path).map_err(|error| failed(path, &error))?;
    // As a rule one call reads all of it.
    let mut bytes = Vec::with_capacity(FILE_BYTES_USUAL);
    // One byte more than may be, so that what is too large is seen to be.
    let most = FILE_BYTES_MAX as u64 + 1;
    file.take(most).read_to_end(&mut bytes).map_err(|error| failed(path, &error))?;
    Ok(bytes)
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {}", path.display(), words(error))
}

/// A file of the project.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    /// Its path from the root.
    path: String,
    /// Whether the listing says that it is a file, and no link to anything.
    is_plain: bool,
}

struct Walk<'r> {
    root: &'r Path,
    walked: HashSet<PathBuf>,
    found: Vec<Found>,
    unread: Vec<String>,
}

impl Walk<'_> {
    /// The project file and the profiles, which stand in the root itself.
    fn settings(&mut self) {
        for entry in fs::read_dir(self.root).into_iter().flatten().flatten() {
            let path = entry.file_name().to_string_lossy().into_owned();
            if role(&path) == Role::Settings {
                self.found.push(Found { path, is_plain: false });
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
        for entry in entries.flatten() {
            let path = entry.path();
            let Ok(relative) = path.strip_prefix(self.root) else { continue };
            let name = relative.to_string_lossy().replace('\\', "/");
            let kind = entry.file_type().ok();
            let is_plain = kind.is_some_and(|kind| kind.is_file());
            if !is_plain && path.is_dir() {
                // A project inside a project is its own.
                if !marks_project(&path) {
                    self.folder(&path, depth + 1);
                }
            } else if role(&name) != Role::Other {
                self.found.push(Found { path: name, is_plain });
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
