//! A file system in memory that fails when it is told to: it says no, writes half, or dies and loses what
//! was not flushed. Whoever writes through a [`Disk`] is tried with it, at every step.

use crate::disk::{About, Disk, Held, Kind};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// How it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The step is refused and does nothing; everything goes on afterwards.
    Refused,
    /// The disk is full: this step and every later one that needs room is refused.
    Full,
    /// A write does half of its work; then the process dies and nothing else is lost.
    Torn,
    /// The process dies before the step. What was done stays.
    Killed,
    /// The power goes before the step: what was not flushed is lost.
    PowerLost,
    /// The power goes before the step: names have reached the disk, bytes that were not flushed have not.
    BytesLost,
}

impl Fault {
    /// Each of them.
    pub const ALL: [Fault; 6] = [
        Fault::Refused,
        Fault::Full,
        Fault::Torn,
        Fault::Killed,
        Fault::PowerLost,
        Fault::BytesLost,
    ];
}

/// A file system in memory.
#[derive(Clone, Default)]
pub struct Faulty(Arc<Mutex<State>>);

type Number = usize;

#[derive(Clone, Default)]
struct State {
    files: Vec<Bytes>,
    folders: Vec<Names>,
    steps: usize,
    fault: Option<(usize, Fault)>,
    is_dead: bool,
    is_full: bool,
    clock: u64,
    locked: Arc<Mutex<BTreeSet<PathBuf>>>,
}

#[derive(Clone, Default)]
struct Bytes {
    now: Vec<u8>,
    flushed: Vec<u8>,
    changed: u64,
    is_protected: bool,
}

#[derive(Clone, Default)]
struct Names {
    now: BTreeMap<String, Entry>,
    flushed: BTreeMap<String, Entry>,
    changed: u64,
}

#[derive(Clone, PartialEq)]
enum Entry {
    File(Number),
    Folder(Number),
    Link(PathBuf),
}

fn no(kind: io::ErrorKind, path: &Path) -> io::Error {
    io::Error::new(kind, format!("{} ({kind})", path.display()))
}

impl Faulty {
    /// An empty one.
    pub fn new() -> Faulty {
        let state = State { folders: vec![Names::default()], ..State::default() };
        Faulty(Arc::new(Mutex::new(state)))
    }

    /// A copy that goes its own way.
    pub fn copy(&self) -> Faulty {
        let mut state = self.with(|state| state.clone());
        state.locked = Arc::default();
        Faulty(Arc::new(Mutex::new(state)))
    }

    /// How many steps were taken that change something.
    pub fn steps(&self) -> usize {
        self.with(|state| state.steps)
    }

    /// Fails at a step, counted from now.
    pub fn fail(&self, step: usize, fault: Fault) {
        self.with(|state| state.fault = Some((state.steps + step, fault)));
    }

    /// Takes the power away, now.
    pub fn lose_power(&self) {
        self.with(|state| state.lose(true));
        self.restart();
    }

    /// Starts the machine again: nothing fails any more, and nobody holds a lock.
    pub fn restart(&self) {
        self.with(|state| {
            (state.fault, state.is_dead, state.is_full) = (None, false, false);
            state.locked = Arc::default();
        });
    }

    /// Whether the process that used it is dead.
    pub fn is_dead(&self) -> bool {
        self.with(|state| state.is_dead)
    }

    /// Changes a file behind everybody's back.
    pub fn tamper(&self, path: &Path, bytes: &[u8]) {
        self.with(|state| {
            state.clock += 1;
            let clock = state.clock;
            if let Ok(Entry::File(number)) = state.find(path, true)
                && let Some(file) = state.files.get_mut(number)
            {
                (file.now, file.flushed) = (bytes.to_vec(), bytes.to_vec());
                file.changed = clock;
            }
        });
    }

    /// Every path with what stands there, to compare two states.
    pub fn all(&self) -> Vec<String> {
        self.with(|state| {
            let mut found = Vec::new();
            state.walk(0, "", &mut found);
            found
        })
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut State) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn look<T>(&self, look: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        self.with(|state| match state.is_dead {
            true => Err(io::Error::other("the process is dead")),
            false => look(state),
        })
    }

    /// A step that changes something. `half` does what a torn one leaves behind.
    fn step<T>(
        &self,
        needs_room: bool,
        half: impl FnOnce(&mut State),
        whole: impl FnOnce(&mut State) -> io::Result<T>,
    ) -> io::Result<T> {
        self.look(|state| {
            state.steps += 1;
            state.clock += 1;
            if state.is_full && needs_room {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let Some((_, fault)) = state.fault.filter(|(step, _)| *step == state.steps) else {
                return whole(state);
            };
            match fault {
                Fault::Refused => return Err(io::Error::other("refused")),
                Fault::Full => {
                    state.is_full = true;
                    return if needs_room {
                        Err(io::ErrorKind::StorageFull.into())
                    } else {
                        whole(state)
                    };
                }
                Fault::Torn => half(state),
                Fault::Killed => {}
                Fault::PowerLost => state.lose(true),
                Fault::BytesLost => state.lose(false),
            }
            state.is_dead = true;
            Err(io::Error::other("the process is dead"))
        })
    }
}

impl State {
    fn lose(&mut self, names: bool) {
        for file in &mut self.files {
            file.now.clone_from(&file.flushed);
        }
        for folder in self.folders.iter_mut().filter(|_| names) {
            folder.now.clone_from(&folder.flushed);
        }
    }

    /// A journal knows a move as one thing: where the new name is safe, the old one is gone.
    fn flush_names(&mut self, number: Number) {
        let Some(folder) = self.folders.get_mut(number) else { return };
        folder.flushed.clone_from(&folder.now);
        let named: Vec<Entry> = folder.now.values().cloned().collect();
        for (other, folder) in self.folders.iter_mut().enumerate() {
            let Names { now, flushed, .. } = folder;
            if other != number {
                flushed
                    .retain(|name, entry| now.get(name) == Some(entry) || !named.contains(entry));
            }
        }
    }

    fn walk(&self, folder: Number, path: &str, found: &mut Vec<String>) {
        for (name, entry) in self.folders.get(folder).iter().flat_map(|folder| &folder.now) {
            let path = format!("{path}/{name}");
            match entry {
                Entry::Folder(number) => self.walk(*number, &path, found),
                Entry::Link(target) => found.push(format!("{path} -> {}", target.display())),
                Entry::File(number) => {
                    let bytes = self.files.get(*number).map(|file| blake3::hash(&file.now));
                    found.push(format!("{path} {bytes:?}"));
                }
            }
        }
    }

    /// The entry of a path; links on the way are followed, the last one if asked for.
    fn find(&self, path: &Path, follow: bool) -> io::Result<Entry> {
        let mut at: Vec<Number> = vec![0];
        let mut open: Vec<std::ffi::OsString> = parts(path);
        let mut hops = 0;
        while let Some(name) = open.pop() {
            if name == ".." {
                at.pop();
                continue;
            }
            let folder = at.last().copied().ok_or_else(|| no(io::ErrorKind::NotFound, path))?;
            let names = self.folders.get(folder).map(|folder| &folder.now);
            let entry = names.and_then(|names| names.get(name.to_string_lossy().as_ref()));
            match entry.ok_or_else(|| no(io::ErrorKind::NotFound, path))? {
                Entry::Link(target) if follow || !open.is_empty() => {
                    hops += 1;
                    if hops > 40 {
                        return Err(io::Error::other("links in a loop"));
                    }
                    if target.is_absolute() {
                        at.truncate(1);
                    }
                    open.extend(parts(target));
                }
                Entry::Folder(number) => at.push(*number),
                found if open.is_empty() => return Ok(found.clone()),
                _ => return Err(no(io::ErrorKind::NotADirectory, path)),
            }
        }
        at.last()
            .map(|number| Entry::Folder(*number))
            .ok_or_else(|| no(io::ErrorKind::NotFound, path))
    }

    /// The folder that a path lies in, and its name there.
    fn place(&mut self, path: &Path) -> io::Result<(&mut BTreeMap<String, Entry>, String)> {
        let missing = || no(io::ErrorKind::NotFound, path);
        let parent = path.parent().ok_or_else(missing)?;
        let name = path.file_name().ok_or_else(missing)?.to_string_lossy().into_owned();
        let Entry::Folder(number) = self.find(parent, true)? else { return Err(missing()) };
        let clock = self.clock;
        let folder = self.folders.get_mut(number).ok_or_else(missing)?;
        folder.changed = clock;
        Ok((&mut folder.now, name))
    }

    fn write(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let clock = self.clock;
        if let Ok(Entry::File(number)) = self.find(path, true) {
            let file = self.files.get_mut(number).filter(|file| !file.is_protected);
            let file = file.ok_or_else(|| no(io::ErrorKind::PermissionDenied, path))?;
            (file.now, file.changed) = (bytes.to_vec(), clock);
            return Ok(());
        }
        let number = self.files.len();
        let (names, name) = self.place(path)?;
        names.insert(name, Entry::File(number));
        self.files.push(Bytes { now: bytes.to_vec(), changed: clock, ..Bytes::default() });
        Ok(())
    }

    fn file(&self, path: &Path) -> io::Result<&Bytes> {
        match self.find(path, true)? {
            Entry::File(number) => {
                self.files.get(number).ok_or_else(|| no(io::ErrorKind::NotFound, path))
            }
            _ => Err(no(io::ErrorKind::IsADirectory, path)),
        }
    }
}

/// The names in a path, the last one first.
fn parts(path: &Path) -> Vec<std::ffi::OsString> {
    let name = |part: Component<'_>| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    };
    path.components().rev().filter_map(name).collect()
}

/// A lock in memory.
struct Lock {
    path: PathBuf,
    locked: Arc<Mutex<BTreeSet<PathBuf>>>,
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.locked.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.path);
    }
}

impl Disk for Faulty {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.look(|state| Ok(state.file(path)?.now.clone()))
    }

    fn about(&self, path: &Path) -> io::Result<About> {
        self.look(|state| {
            Ok(match state.find(path, false)? {
                Entry::Folder(number) => {
                    let changed = state.folders.get(number).map_or(0, |folder| folder.changed);
                    About { kind: Kind::Folder, bytes: 0, changed }
                }
                Entry::Link(_) => About { kind: Kind::Link, bytes: 0, changed: 0 },
                Entry::File(_) => {
                    let file = state.file(path)?;
                    let bytes = file.now.len() as u64;
                    About { kind: Kind::File, bytes, changed: file.changed }
                }
            })
        })
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.look(|state| match state.find(path, true)? {
            Entry::Folder(number) => {
                let folder = state.folders.get(number);
                Ok(folder.iter().flat_map(|folder| folder.now.keys()).cloned().collect())
            }
            _ => Err(no(io::ErrorKind::NotADirectory, path)),
        })
    }

    fn target(&self, path: &Path) -> io::Result<PathBuf> {
        self.look(|state| match state.find(path, false)? {
            Entry::Link(target) => Ok(target),
            _ => Err(no(io::ErrorKind::InvalidInput, path)),
        })
    }

    fn hash(&self, path: &Path) -> io::Result<blake3::Hash> {
        self.look(|state| Ok(blake3::hash(&state.file(path)?.now)))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let half = |state: &mut State| {
            let _ = state.write(path, bytes.get(..bytes.len() / 2).unwrap_or_default());
        };
        self.step(true, half, |state| state.write(path, bytes))
    }

    fn flush(&self, path: &Path) -> io::Result<()> {
        self.step(
            false,
            |_| {},
            |state| {
                let Entry::File(number) = state.find(path, true)? else {
                    return Err(no(io::ErrorKind::IsADirectory, path));
                };
                if let Some(file) = state.files.get_mut(number) {
                    file.flushed.clone_from(&file.now);
                }
                Ok(())
            },
        )
    }

    fn flush_folder(&self, path: &Path) -> io::Result<()> {
        self.step(
            false,
            |_| {},
            |state| {
                let Entry::Folder(number) = state.find(path, true)? else {
                    return Err(no(io::ErrorKind::NotADirectory, path));
                };
                state.flush_names(number);
                Ok(())
            },
        )
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(
            false,
            |_| {},
            |state| {
                let moved = state.find(from, false)?;
                if let (Entry::Folder(_), Ok(Entry::Folder(number))) =
                    (&moved, state.find(to, false))
                    && state.folders.get(number).is_some_and(|folder| !folder.now.is_empty())
                {
                    return Err(no(io::ErrorKind::DirectoryNotEmpty, to));
                }
                let (names, name) = state.place(to)?;
                names.insert(name, moved);
                let (names, name) = state.place(from)?;
                names.remove(&name);
                Ok(())
            },
        )
    }

    fn link(&self, target: &Path, at: &Path) -> io::Result<()> {
        self.step(
            true,
            |_| {},
            |state| {
                let (names, name) = state.place(at)?;
                if names.contains_key(&name) {
                    return Err(no(io::ErrorKind::AlreadyExists, at));
                }
                names.insert(name, Entry::Link(target.to_owned()));
                Ok(())
            },
        )
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.step(
            true,
            |_| {},
            |state| {
                let number = state.folders.len();
                let (names, name) = state.place(path)?;
                if names.contains_key(&name) {
                    return Err(no(io::ErrorKind::AlreadyExists, path));
                }
                names.insert(name, Entry::Folder(number));
                state.folders.push(Names::default());
                Ok(())
            },
        )
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step(
            false,
            |_| {},
            |state| {
                if let Entry::Folder(number) = state.find(path, false)?
                    && state.folders.get(number).is_some_and(|folder| !folder.now.is_empty())
                {
                    return Err(no(io::ErrorKind::DirectoryNotEmpty, path));
                }
                let (names, name) = state.place(path)?;
                names.remove(&name);
                Ok(())
            },
        )
    }

    fn protect(&self, path: &Path) -> io::Result<()> {
        self.step(
            false,
            |_| {},
            |state| {
                if let Entry::File(number) = state.find(path, true)?
                    && let Some(file) = state.files.get_mut(number)
                {
                    file.is_protected = true;
                }
                Ok(())
            },
        )
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Held>> {
        self.look(|state| {
            let mut locked = state.locked.lock().unwrap_or_else(PoisonError::into_inner);
            if !locked.insert(path.to_owned()) {
                return Ok(None);
            }
            let lock = Lock { path: path.to_owned(), locked: state.locked.clone() };
            Ok(Some(Box::new(lock) as Held))
        })
    }
}
