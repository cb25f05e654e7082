//! Answers that outlive the process, in the user's cache folder.
//!
//! Each process writes a file of its own and reads those of all others, so that many may share the
//! folder. A record is a key, a length, the first bytes of its hash, and its text; whatever is torn or
//! foreign ends the reading of its file and costs only the answers behind it. A large file has an index
//! beside it. The folder may be deleted at any time.

mod index;
mod store;

use crate::parts::Parts;
use seeknal_analysis::{Answer, Ask, Binder, Column, FileReader, Parsed, Shown};
use seeknal_syntax::sql::serialized;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use store::{KEY_BYTES, Store};

/// File systems tell times apart only so far.
const TIMES_ARE_COARSE: Duration = Duration::from_secs(3);

/// A binder whose answers are kept in a folder.
pub struct Kept<B> {
    binder: B,
    folder: PathBuf,
    store: Mutex<Option<Store>>,
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

impl<B> Kept<B> {
    /// What is kept under a key, if anything is.
    fn known<T: DeserializeOwned>(&self, key: &[u8; KEY_BYTES]) -> Option<T> {
        let text = self.with(|store| store.get(key))?;
        serde_json::from_slice(&text).ok()
    }

    fn keep<T: Serialize>(&self, key: [u8; KEY_BYTES], answer: &T) {
        if let Ok(text) = serde_json::to_vec(answer) {
            self.with(|store| store.put(key, &text));
        }
    }
}

impl<B: Binder> Binder for Kept<B> {
    fn shown(&self, sql: &str) -> Shown {
        let key = key("shown", &[sql.as_bytes()]);
        self.known(&key).unwrap_or_else(|| {
            let shown = self.binder.shown(sql);
            // What could not be told now may be told later.
            if !matches!(shown, Shown::Unknown(_)) {
                self.keep(key, &shown);
            }
            shown
        })
    }

    /// The tree is kept as it is: to make it of the engine's JSON takes ten times as long as to read it.
    fn parse(&self, sql: &str) -> Parsed {
        let key = key("tree", &[serialized::STATE.as_bytes(), sql.as_bytes()]);
        let known = self.with(|store| store.get(&key));
        if let Some(tree) = known.and_then(|bytes| postcard::from_bytes(&bytes).ok()) {
            return Parsed::Tree(Arc::new(tree));
        }
        let shown = self.shown(sql);
        let is_kept = matches!(&shown, Shown::Json(json) if serialized::is_shallow(json));
        let parsed = shown.read(sql);
        if let (Parsed::Tree(tree), true) = (&parsed, is_kept)
            && let Ok(bytes) = postcard::to_allocvec(&**tree)
        {
            self.with(|store| store.put(key, &bytes));
        }
        parsed
    }

    fn bind(&self, ask: &Ask) -> Answer {
        let key = *ask.hash().as_bytes();
        self.known(&key).unwrap_or_else(|| {
            let answer = self.binder.bind(ask);
            if !matches!(answer, Answer::Unknown(_)) {
                self.keep(key, &answer);
            }
            answer
        })
    }

    fn trouble(&self) -> Option<String> {
        self.binder.trouble()
    }
}

impl<B: FileReader> FileReader for Kept<B> {
    /// What stands in a file is kept for as long as the file is the same by its size, its times and its
    /// place on the disk.
    fn columns(&self, files: &[(PathBuf, String)]) -> Vec<Option<Vec<Column>>> {
        let keys: Vec<Option<[u8; KEY_BYTES]>> =
            files.iter().map(|(path, query)| file_key(path, query)).collect();
        let mut found: Vec<Option<Vec<Column>>> =
            keys.iter().map(|key| self.known(key.as_ref()?)).collect();
        let open: Vec<usize> =
            (0..files.len()).filter(|at| matches!(found.get(*at), Some(None))).collect();
        let asked: Vec<(PathBuf, String)> =
            open.iter().filter_map(|at| files.get(*at)).cloned().collect();
        if asked.is_empty() {
            return found;
        }
        for (at, columns) in open.into_iter().zip(self.binder.columns(&asked)) {
            // One that was changed while it was looked into has another key now.
            let same = |key: &[u8; KEY_BYTES]| {
                files.get(at).and_then(|(path, query)| file_key(path, query)) == Some(*key)
            };
            if let (Some(Some(key)), Some(columns)) = (keys.get(at), &columns)
                && same(key)
            {
                self.keep(*key, columns);
            }
            if let Some(place) = found.get_mut(at) {
                *place = columns;
            }
        }
        found
    }

    fn hash(&self, file: &Path) -> Option<String> {
        let key = file_key(file, "hash");
        if let Some(known) = key.as_ref().and_then(|key| self.known(key)) {
            return Some(known);
        }
        let hash = self.binder.hash(file)?;
        if let Some(key) = key.filter(|key| file_key(file, "hash").as_ref() == Some(key)) {
            self.keep(key, &hash);
        }
        Some(hash)
    }
}

/// The key of a question of some parts.
fn key(kind: &str, parts: &[&[u8]]) -> [u8; KEY_BYTES] {
    let mut all = Parts::default();
    all.add(kind);
    parts.iter().for_each(|part| all.add(part));
    *all.end().as_bytes()
}

/// The key of what stands in a file; nothing for one that changed so lately that its times may not tell
/// the next change from this one.
fn file_key(path: &Path, query: &str) -> Option<[u8; KEY_BYTES]> {
    let about = fs::metadata(path).ok()?;
    let changed = about.modified().ok()?;
    if changed.elapsed().is_ok_and(|since| since < TIMES_ARE_COARSE) {
        return None;
    }
    let changed = changed.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_nanos().to_le_bytes();
    let path = path.as_os_str().as_encoded_bytes();
    let parts = [path, query.as_bytes(), &about.len().to_le_bytes(), &changed, &place(&about)];
    Some(key("file", &parts))
}

/// What else tells one state of a file from another: its number and when anything of it changed.
#[cfg(unix)]
fn place(about: &fs::Metadata) -> Vec<u8> {
    use std::os::unix::fs::MetadataExt;
    let parts =
        [about.dev(), about.ino(), about.ctime().unsigned_abs(), about.ctime_nsec().unsigned_abs()];
    parts.iter().flat_map(|part| part.to_le_bytes()).collect()
}

#[cfg(not(unix))]
fn place(_: &fs::Metadata) -> Vec<u8> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::store::{FILES_MAX, listed};
    use super::*;
    use std::fs::{File, OpenOptions};
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[derive(Default)]
    struct Counting(AtomicUsize);

    impl Binder for Counting {
        fn shown(&self, sql: &str) -> Shown {
            self.0.fetch_add(1, Ordering::SeqCst);
            match sql {
                "?" => Shown::Unknown("why".to_owned()),
                sql => Shown::Json(sql.to_owned()),
            }
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

    impl FileReader for Counting {
        fn columns(&self, files: &[(PathBuf, String)]) -> Vec<Option<Vec<Column>>> {
            let column = |(path, query): &(PathBuf, String)| {
                self.0.fetch_add(1, Ordering::SeqCst);
                let name = fs::read_to_string(path).ok()?;
                Some(vec![Column { name, kind: query.clone() }])
            };
            files.iter().map(column).collect()
        }

        fn hash(&self, file: &Path) -> Option<String> {
            self.0.fetch_add(1, Ordering::SeqCst);
            fs::read_to_string(file).ok()
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
    fn how_a_query_is_shown_is_kept() {
        let folder = folder("shown");
        let first = Kept::new(Counting::default(), &folder, "a");
        for sql in ["x", "x", "?", "?"] {
            first.shown(sql);
        }
        assert_eq!(asked(&first), 3);
        let second = Kept::new(Counting::default(), &folder, "a");
        assert_eq!(second.shown("x"), Shown::Json("x".to_owned()));
        // What a query yields is another question than how it is shown.
        assert_eq!(asked(&second), 0);
        second.bind(&ask("x"));
        assert_eq!(asked(&second), 1);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_stands_in_a_file_is_kept_until_the_file_changes() {
        let folder = folder("files");
        let data = folder.join("data");
        fs::create_dir_all(&data).unwrap();
        let write = |name: &str, text: &str, seconds: u64| {
            fs::write(data.join(name), text).unwrap();
            let file = OpenOptions::new().write(true).open(data.join(name)).unwrap();
            let time = SystemTime::now() - Duration::from_secs(seconds);
            file.set_times(fs::FileTimes::new().set_modified(time)).unwrap();
        };
        write("old", "a", 100);
        write("fresh", "b", 0);
        let files =
            |kind: &str| ["old", "fresh", "none"].map(|name| (data.join(name), kind.to_owned()));
        let name = |name: &str, kind: &str| {
            Some(vec![Column { name: name.to_owned(), kind: kind.to_owned() }])
        };
        let first = Kept::new(Counting::default(), &folder.join("kept"), "a");
        assert_eq!(first.columns(&files("DATE")), [name("a", "DATE"), name("b", "DATE"), None]);
        let second = Kept::new(Counting::default(), &folder.join("kept"), "a");
        assert_eq!(second.columns(&files("DATE")), [name("a", "DATE"), name("b", "DATE"), None]);
        assert_eq!(asked(&second), 2, "one that was written a moment ago may change again unseen");
        assert_eq!(second.columns(&files("TEXT"))[0], name("a", "TEXT"), "read in another way");
        let counted = asked(&second);
        for _ in 0..3 {
            assert_eq!(second.hash(&data.join("old")).as_deref(), Some("a"));
        }
        assert_eq!(asked(&second), counted + 1);
        write("old", "c", 99);
        assert_eq!(second.hash(&data.join("old")).as_deref(), Some("c"));
        assert_eq!(second.columns(&files("DATE"))[0], name("c", "DATE"));
        fs::remove_dir_all(&folder).unwrap();
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
            store.read(File::open(&file).unwrap(), 0);
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
}
