//! The files of answers: who writes them, who reads them, and what becomes of old ones.

use super::index::{self, Index};
use crate::folders::by_age;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How much the folder may hold.
const BYTES_MAX: u64 = 256 << 20;

/// More files than this are made into one.
pub(super) const FILES_MAX: usize = 16;

/// The longest answer that is kept.
const ANSWER_BYTES_MAX: u32 = 4 << 20;

pub(super) const KEY_BYTES: usize = 32;
pub(super) const SUM_BYTES: usize = 8;
const HEAD_BYTES: usize = KEY_BYTES + 4 + SUM_BYTES;
const ENDING: &str = "answers";

/// A file of which more was read than this gets an index.
const INDEXED_BYTES: u64 = 1 << 20;

/// A file is read in pieces of so many bytes: most records are far smaller.
const READ_BYTES: usize = 256 << 10;

/// What the files hold, and the file of this process.
pub(super) struct Store {
    places: HashMap<[u8; KEY_BYTES], Place>,
    /// What is not among these, by the number of its file.
    indexes: Vec<(usize, Index)>,
    files: Vec<File>,
    folder: PathBuf,
    own: Own,
}

/// The file of this process.
enum Own {
    /// There was nothing to keep yet.
    NotYet,
    /// Its place in `files`, and where its next record goes.
    At(usize, u64),
    /// It cannot be written.
    Never,
}

/// Where an answer stands.
#[derive(Clone, Copy)]
pub(super) struct Place {
    file: usize,
    pub(super) at: u64,
    pub(super) bytes: u32,
    pub(super) sum: [u8; SUM_BYTES],
}

impl Place {
    /// One in a file that has no number yet.
    pub(super) fn new(at: u64, bytes: u32, sum: [u8; SUM_BYTES]) -> Place {
        Place { file: 0, at, bytes, sum }
    }

    fn of(self, file: usize) -> Place {
        Place { file, ..self }
    }
}

impl Store {
    pub(super) fn open(folder: &Path) -> Store {
        let mut store = Store::empty(folder);
        let mut found = listed(folder);
        drop_oldest(&mut found);
        for (path, _, _) in &found {
            if let Ok(file) = File::open(path) {
                let index = Index::read(path, &file);
                let number = store.files.len();
                let from = index.as_ref().map_or(0, |index| index.told);
                let (read, all) = store.read(file, from);
                if read > INDEXED_BYTES {
                    let known = index.iter().flat_map(Index::all);
                    let own = store.places.iter().filter(|(_, one)| one.file == number);
                    let own = own.map(|(key, place)| (*key, *place));
                    index::write(path, all, known.chain(own).collect());
                }
                store.indexes.extend(index.map(|index| (number, index)));
            }
        }
        if found.len() > FILES_MAX {
            store.gather(&found);
        }
        store
    }

    pub(super) fn empty(folder: &Path) -> Store {
        let folder = folder.to_owned();
        Store {
            places: HashMap::new(),
            indexes: Vec::new(),
            files: Vec::new(),
            folder,
            own: Own::NotYet,
        }
    }

    /// The file that this process writes.
    fn start(&mut self) -> Option<(usize, u64)> {
        fs::create_dir_all(&self.folder).ok()?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?.as_nanos();
        let path = self.folder.join(format!("{now}-{}.{ENDING}", std::process::id()));
        let file = OpenOptions::new().read(true).append(true).create_new(true).open(path).ok()?;
        self.files.push(file);
        Some((self.files.len() - 1, 0))
    }

    /// Takes in where a file holds what, up to the first record that is not whole. What it holds is looked at when
    /// somebody asks for it: a process asks for little of what all others kept. It begins at a place, and gives how
    /// much was read and where that ended.
    pub(super) fn read(&mut self, mut file: File, from: u64) -> (u64, u64) {
        let number = self.files.len();
        let whole = file.metadata().map_or(0, |about| about.len());
        let (mut at, mut head) = (from, [0; HEAD_BYTES]);
        let is_there = file.seek(SeekFrom::Start(from)).is_ok();
        let mut reader = BufReader::with_capacity(READ_BYTES, &file);
        while is_there && reader.read_exact(&mut head).is_ok() {
            let Some((key, bytes, sum)) = read_head(&head) else { break };
            let start = at + HEAD_BYTES as u64;
            let end = start + u64::from(bytes);
            if end > whole || reader.seek_relative(i64::from(bytes)).is_err() {
                break;
            }
            self.places.insert(key, Place { file: number, at: start, bytes, sum });
            at = end;
        }
        self.files.push(file);
        (at - from, at)
    }

    fn place(&self, key: &[u8; KEY_BYTES]) -> Option<Place> {
        let indexed = || {
            let mut found =
                self.indexes.iter().filter_map(|(file, one)| Some(one.get(key)?.of(*file)));
            found.next_back()
        };
        self.places.get(key).copied().or_else(indexed)
    }

    pub(super) fn get(&mut self, key: &[u8; KEY_BYTES]) -> Option<Vec<u8>> {
        let place = self.place(key)?;
        let mut file = self.files.get(place.file)?;
        let mut text = vec![0; place.bytes as usize];
        file.seek(SeekFrom::Start(place.at)).ok()?;
        file.read_exact(&mut text).ok()?;
        (sum_of(&text) == place.sum).then_some(text)
    }

    /// Keeps an answer, or gives up keeping any: what was written before a failure may be torn.
    pub(super) fn put(&mut self, key: [u8; KEY_BYTES], text: &[u8]) {
        let (number, at) = match self.own {
            Own::At(number, at) => (number, at),
            Own::NotYet => match self.start() {
                Some(own) => own,
                None => {
                    self.own = Own::Never;
                    return;
                }
            },
            Own::Never => return,
        };
        let Ok(bytes) = u32::try_from(text.len()) else { return };
        if bytes > ANSWER_BYTES_MAX || at > BYTES_MAX {
            return;
        }
        let sum = sum_of(text);
        let mut record = Vec::with_capacity(HEAD_BYTES + text.len());
        record.extend_from_slice(&key);
        record.extend_from_slice(&bytes.to_le_bytes());
        record.extend_from_slice(&sum);
        record.extend_from_slice(text);
        let written = self.files.get(number).map(|mut file| file.write_all(&record));
        if !matches!(written, Some(Ok(()))) {
            self.own = Own::Never;
            return;
        }
        let at = at + HEAD_BYTES as u64;
        self.places.insert(key, Place { file: number, at, bytes, sum });
        self.own = Own::At(number, at + u64::from(bytes));
    }

    /// Copies what other files hold into the own one and removes those. Another process that does the
    /// same at once only writes a copy more.
    fn gather(&mut self, others: &[(PathBuf, SystemTime, u64)]) {
        let indexed = self.indexes.iter().flat_map(|(_, index)| index.all());
        let keys: HashSet<[u8; KEY_BYTES]> =
            self.places.keys().copied().chain(indexed.map(|(key, _)| key)).collect();
        for key in keys {
            if let Some(text) = self.get(&key) {
                self.put(key, &text);
            }
        }
        if matches!(self.own, Own::At(..)) {
            others.iter().for_each(|(path, _, _)| remove(path));
        }
    }
}

/// The files of answers in a folder with their times and sizes, the oldest first.
pub(super) fn listed(folder: &Path) -> Vec<(PathBuf, SystemTime, u64)> {
    let mut found = by_age(folder);
    found.retain(|(path, ..)| path.extension().is_some_and(|ending| ending == ENDING));
    found
}

/// Removes a file with its index.
fn remove(path: &Path) {
    let _ = fs::remove_file(path);
    let _ = fs::remove_file(index::place(path));
}

/// Removes the oldest files until the rest fit.
fn drop_oldest(found: &mut Vec<(PathBuf, SystemTime, u64)>) {
    let mut bytes: u64 = found.iter().map(|(_, _, bytes)| bytes).sum();
    while bytes > BYTES_MAX && !found.is_empty() {
        let (path, _, size) = found.remove(0);
        remove(&path);
        bytes -= size;
    }
}

fn read_head(head: &[u8; HEAD_BYTES]) -> Option<([u8; KEY_BYTES], u32, [u8; SUM_BYTES])> {
    let (key, rest) = head.split_first_chunk::<KEY_BYTES>()?;
    let (bytes, rest) = rest.split_first_chunk::<4>()?;
    let bytes = u32::from_le_bytes(*bytes);
    let sum = rest.first_chunk::<SUM_BYTES>()?;
    (bytes <= ANSWER_BYTES_MAX).then_some((*key, bytes, *sum))
}

pub(super) fn sum_of(text: &[u8]) -> [u8; SUM_BYTES] {
    let mut sum = [0; SUM_BYTES];
    for (to, from) in sum.iter_mut().zip(blake3::hash(text).as_bytes()) {
        *to = *from;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_files_go_when_there_is_too_much() {
        let time = |seconds| SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        let file = |name: &str, seconds, bytes| (PathBuf::from(name), time(seconds), bytes);
        let mut found = vec![file("a", 1, BYTES_MAX), file("b", 2, 1), file("c", 3, BYTES_MAX - 1)];
        drop_oldest(&mut found);
        let left: Vec<_> = found.iter().map(|(path, _, _)| path.to_str().unwrap()).collect();
        assert_eq!(left, ["b", "c"]);
    }
}
