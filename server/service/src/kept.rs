//! Answers that outlive the process, in the user's cache folder.
//!
//! Each process writes a file of its own and reads those of all others, so that many may share the
//! folder. A record is a key, a length, the first bytes of its hash, and its text; whatever is torn or
//! foreign ends the reading of its file and costs only the answers behind it. The folder may be deleted
//! at any time.

use seeknal_analysis::{Answer, Ask, Binder, Column, FileReader, Parsed};
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// How much the folder may hold.
const BYTES_MAX: u64 = 256 << 20;

/// More files than this are made into one.
const FILES_MAX: usize = 16;

/// The longest answer that is kept.
const ANSWER_BYTES_MAX: u32 = 4 << 20;

const KEY_BYTES: usize = 32;
const SUM_BYTES: usize = 8;
const HEAD_BYTES: usize = KEY_BYTES + 4 + SUM_BYTES;
const ENDING: &str = "answers";

/// A binder whose answers are kept in a folder.
pub struct Kept<B> {
    binder: B,
    folder: PathBuf,
    store: Mutex<Option<Store>>,
}

/// What the files hold, and the file of this process.
struct Store {
    places: HashMap<[u8; KEY_BYTES], Place>,
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

#[derive(Clone, Copy)]
struct Place {
    file: usize,
    at: u64,
    bytes: u32,
}

impl<B> Kept<B> {
    /// A binder over a folder, which is made when there is something to keep. `engine` says whose
    /// answers they are: those of another are not looked at.
    pub fn new(binder: B, cache: &Path, engine: &str) -> Kept<B> {
        let engine = blake3::hash(engine.as_bytes()).to_hex();
        let folder = cache.join(format!("answers-1-{}", engine.get(..16).unwrap_or_default()));
        Kept { binder, folder, store: Mutex::default() }
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Store) -> T) -> T {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        use_it(store.get_or_insert_with(|| Store::open(&self.folder)))
    }
}

impl<B: Binder> Binder for Kept<B> {
    /// Trees are made again faster than they are read.
    fn parse(&self, sql: &str) -> Parsed {
        self.binder.parse(sql)
    }

    fn bind(&self, ask: &Ask) -> Answer {
        let key = *ask.hash().as_bytes();
        let kept = self.with(|store| store.get(&key));
        if let Some(answer) = kept.and_then(|text| serde_json::from_slice(&text).ok()) {
            return answer;
        }
        let answer = self.binder.bind(ask);
        // What could not be told now may be told later.
        if !matches!(answer, Answer::Unknown(_))
            && let Ok(text) = serde_json::to_vec(&answer)
        {
            self.with(|store| store.put(key, &text));
        }
        answer
    }
}

impl<B: FileReader> FileReader for Kept<B> {
    /// Files change, so nothing of them is kept here.
    fn columns(&self, files: &[(PathBuf, String)]) -> Vec<Option<Vec<Column>>> {
        self.binder.columns(files)
    }
}

impl Store {
    fn open(folder: &Path) -> Store {
        let mut store = Store::empty(folder);
        let mut found = listed(folder);
        drop_oldest(&mut found);
        for (path, _, _) in &found {
            if let Ok(file) = File::open(path) {
                store.read(file);
            }
        }
        if found.len() > FILES_MAX {
            store.gather(&found);
        }
        store
    }

    fn empty(folder: &Path) -> Store {
        let folder = folder.to_owned();
        Store { places: HashMap::new(), files: Vec::new(), folder, own: Own::NotYet }
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

    /// Takes in what a file holds, up to the first record that is not whole.
    fn read(&mut self, file: File) {
        let number = self.files.len();
        let mut reader = BufReader::new(&file);
        let (mut at, mut head) = (0, [0; HEAD_BYTES]);
        while reader.read_exact(&mut head).is_ok() {
            let Some((key, bytes, sum)) = read_head(&head) else { break };
            let mut text = vec![0; bytes as usize];
            if reader.read_exact(&mut text).is_err() || sum_of(&text) != sum {
                break;
            }
            at += HEAD_BYTES as u64;
            self.places.insert(key, Place { file: number, at, bytes });
            at += u64::from(bytes);
        }
        self.files.push(file);
    }

    fn get(&mut self, key: &[u8; KEY_BYTES]) -> Option<Vec<u8>> {
        let place = *self.places.get(key)?;
        let mut file = self.files.get(place.file)?;
        let mut text = vec![0; place.bytes as usize];
        file.seek(SeekFrom::Start(place.at)).ok()?;
        file.read_exact(&mut text).ok()?;
        Some(text)
    }

    /// Keeps an answer, or gives up keeping any: what was written before a failure may be torn.
    fn put(&mut self, key: [u8; KEY_BYTES], text: &[u8]) {
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
        let mut record = Vec::with_capacity(HEAD_BYTES + text.len());
        record.extend_from_slice(&key);
        record.extend_from_slice(&bytes.to_le_bytes());
        record.extend_from_slice(&sum_of(text));
        record.extend_from_slice(text);
        let written = self.files.get(number).map(|mut file| file.write_all(&record));
        if !matches!(written, Some(Ok(()))) {
            self.own = Own::Never;
            return;
        }
        let at = at + HEAD_BYTES as u64;
        self.places.insert(key, Place { file: number, at, bytes });
        self.own = Own::At(number, at + u64::from(bytes));
    }

    /// Copies what other files hold into the own one and removes those. Another process that does the
    /// same at once only writes a copy more.
    fn gather(&mut self, others: &[(PathBuf, SystemTime, u64)]) {
        let keys: Vec<[u8; KEY_BYTES]> = self.places.keys().copied().collect();
        for key in keys {
            if let Some(text) = self.get(&key) {
                self.put(key, &text);
            }
        }
        if matches!(self.own, Own::At(..)) {
            for (path, _, _) in others {
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// The files of a folder with their times and sizes, the oldest first.
fn listed(folder: &Path) -> Vec<(PathBuf, SystemTime, u64)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(PathBuf, SystemTime, u64)> = entries
        .filter_map(|entry| {
            let path = entry.path();
            let about = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            (path.extension()? == ENDING).then_some((path, about.modified().ok()?, about.len()))
        })
        .collect();
    found.sort_by(|one, two| (one.1, &one.0).cmp(&(two.1, &two.0)));
    found
}

/// Removes the oldest files until the rest fit.
fn drop_oldest(found: &mut Vec<(PathBuf, SystemTime, u64)>) {
    let mut bytes: u64 = found.iter().map(|(_, _, bytes)| bytes).sum();
    while bytes > BYTES_MAX && !found.is_empty() {
        let (path, _, size) = found.remove(0);
        let _ = fs::remove_file(path);
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

fn sum_of(text: &[u8]) -> [u8; SUM_BYTES] {
    let mut sum = [0; SUM_BYTES];
    for (to, from) in sum.iter_mut().zip(blake3::hash(text).as_bytes()) {
        *to = *from;
    }
    sum
}

/// The folder in which this program keeps what it can make again: `SEEKNAL_CACHE_DIR`, else the place
/// that the system has for it. Nothing where nobody says.
pub fn cache_folder() -> Option<PathBuf> {
    let variable =
        |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(own) = variable("SEEKNAL_CACHE_DIR") {
        return Some(own);
    }
    let base = match std::env::consts::OS {
        "windows" => variable("LOCALAPPDATA"),
        "macos" => variable("HOME").map(|home| home.join("Library/Caches")),
        _ => variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache"))),
    };
    base.map(|base| base.join("seeknal-lsp"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[derive(Default)]
    struct Counting(AtomicUsize);

    impl Binder for Counting {
        fn parse(&self, _: &str) -> Parsed {
            Parsed::Unknown(String::new())
        }

        fn bind(&self, ask: &Ask) -> Answer {
            self.0.fetch_add(1, Ordering::SeqCst);
            match ask.sql.as_str() {
                "?" => Answer::Unknown("why".to_owned()),
                name => {
                    Answer::Columns(vec![Column { name: name.to_owned(), kind: "DATE".to_owned() }])
                }
            }
        }
    }

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("seeknal-kept-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    fn ask(sql: &str) -> Ask {
        Ask { sql: sql.to_owned(), tables: Some(Vec::new()) }
    }

    fn asked(kept: &Kept<Counting>) -> usize {
        kept.binder.0.load(Ordering::SeqCst)
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let inner = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
        listed(&inner).into_iter().map(|(path, _, _)| path).collect()
    }

    #[test]
    fn an_answer_is_kept_for_the_next_process_and_one_of_another_engine_is_not_used() {
        let folder = folder("next");
        let first = Kept::new(Counting::default(), &folder, "a");
        for sql in ["x", "x", "?", "?"] {
            first.bind(&ask(sql));
        }
        assert_eq!(asked(&first), 3);
        let second = Kept::new(Counting::default(), &folder, "a");
        assert_eq!(second.bind(&ask("x")), first.bind(&ask("x")));
        assert_eq!(asked(&second), 0);
        let other = Kept::new(Counting::default(), &folder, "b");
        other.bind(&ask("x"));
        assert_eq!(asked(&other), 1);
        fs::remove_dir_all(&folder).unwrap();
        // Deleted under its feet, it still answers.
        assert_eq!(
            second.bind(&ask("y")),
            Kept::new(Counting::default(), &folder, "a").bind(&ask("y"))
        );
        let _ = fs::remove_dir_all(&folder);
    }

    #[test]
    fn a_torn_or_changed_record_costs_only_what_stands_behind_it() {
        let folder = folder("torn");
        let first = Kept::new(Counting::default(), &folder, "a");
        for sql in ["x", "y", "z"] {
            first.bind(&ask(sql));
        }
        let file = files(&folder).remove(0);
        let whole = fs::read(&file).unwrap();
        for cut in 0..whole.len() {
            fs::write(&file, &whole[..cut]).unwrap();
            let again = Kept::new(Counting::default(), &folder, "a");
            for sql in ["x", "y", "z"] {
                assert_eq!(again.bind(&ask(sql)), Counting::default().bind(&ask(sql)));
            }
            assert_eq!(asked(&again), 3 - cut * 3 / whole.len(), "{cut}");
            for other in files(&folder).into_iter().filter(|other| *other != file) {
                fs::remove_file(other).unwrap();
            }
        }
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(&file, &changed).unwrap();
            let mut store = Store::empty(&folder);
            store.read(File::open(&file).unwrap());
            for sql in ["x", "y", "z"] {
                let text = store.get(ask(sql).hash().as_bytes());
                let answer: Option<Answer> =
                    text.map(|text| serde_json::from_slice(&text).unwrap());
                assert!(answer.is_none_or(|answer| answer == Counting::default().bind(&ask(sql))));
            }
        }
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn many_files_become_one_and_lose_nothing() {
        let folder = folder("many");
        for number in 0..=FILES_MAX {
            Kept::new(Counting::default(), &folder, "a").bind(&ask(&number.to_string()));
        }
        let last = Kept::new(Counting::default(), &folder, "a");
        for number in 0..=FILES_MAX {
            last.bind(&ask(&number.to_string()));
        }
        assert_eq!(asked(&last), 0);
        assert_eq!(files(&folder).len(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }

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
