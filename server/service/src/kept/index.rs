//! Where a large file of answers holds what, so that it need not be read through each time.
//!
//! An index is only a help: what it leads to is looked at with its own sum, and without it the file is read.

use super::store::{KEY_BYTES, Place, SUM_BYTES, sum_of};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

const MARK: &[u8; 8] = b"answers2";

type Key = [u8; KEY_BYTES];

/// Where the index of a file lies.
pub(super) fn place(answers: &Path) -> PathBuf {
    answers.with_extension("index")
}

/// What an index says, as it was read: records in the order of their keys. To look for some answers must not cost what
/// all of them would.
pub(super) struct Index {
    bytes: Vec<u8>,
    /// How much of the file it tells.
    pub(super) told: u64,
}

/// A key, and where its answer stands.
const RECORD_BYTES: usize = KEY_BYTES + 8 + 4 + SUM_BYTES;

/// What comes before the records.
const HEAD_BYTES: usize = 8 + SUM_BYTES + 8;

impl Index {
    /// The index of a file; nothing where it has none that fits.
    pub(super) fn read(answers: &Path, file: &File) -> Option<Index> {
        let bytes = fs::read(place(answers)).ok()?;
        let (mark, rest) = bytes.split_first_chunk::<8>()?;
        let (sum, said) = rest.split_first_chunk::<SUM_BYTES>()?;
        if mark != MARK || sum_of(said) != *sum {
            return None;
        }
        let told = u64::from_le_bytes(*said.first_chunk::<8>()?);
        (told <= file.metadata().ok()?.len()).then_some(Index { bytes, told })
    }

    fn records(&self) -> &[[u8; RECORD_BYTES]] {
        self.bytes.get(HEAD_BYTES..).unwrap_or_default().as_chunks().0
    }

    /// Where the answer to a key stands.
    pub(super) fn get(&self, key: &Key) -> Option<Place> {
        let records = self.records();
        let at = records.binary_search_by(|one| one.as_slice().get(..KEY_BYTES).cmp(&Some(key)));
        said(records.get(at.ok()?)?).map(|(_, place)| place)
    }

    /// Every key with its place.
    pub(super) fn all(&self) -> impl Iterator<Item = (Key, Place)> {
        self.records().iter().filter_map(said)
    }
}

fn said(record: &[u8; RECORD_BYTES]) -> Option<(Key, Place)> {
    let (key, rest) = record.split_first_chunk::<KEY_BYTES>()?;
    let (at, rest) = rest.split_first_chunk::<8>()?;
    let (bytes, rest) = rest.split_first_chunk::<4>()?;
    let sum = rest.first_chunk::<SUM_BYTES>()?;
    Some((*key, Place::new(u64::from_le_bytes(*at), u32::from_le_bytes(*bytes), *sum)))
}

/// Writes what the first bytes of a file hold. Whoever cannot write it reads the file the next time too.
pub(super) fn write(answers: &Path, told_bytes: u64, places: BTreeMap<Key, Place>) {
    let mut told = told_bytes.to_le_bytes().to_vec();
    for (key, Place { at, bytes, sum, .. }) in places {
        told.extend_from_slice(&key);
        told.extend_from_slice(&at.to_le_bytes());
        told.extend_from_slice(&bytes.to_le_bytes());
        told.extend_from_slice(&sum);
    }
    let text = [MARK.as_slice(), &sum_of(&told), &told].concat();
    let fresh = answers.with_extension(format!("index-{}", std::process::id()));
    if fs::write(&fresh, text).is_err() || fs::rename(&fresh, place(answers)).is_err() {
        let _ = fs::remove_file(fresh);
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::Store;
    use super::*;
    use std::io::Write;

    /// What is read with an index is what is read without it, also behind the end of it and where it is torn.
    #[test]
    fn an_index_tells_what_the_file_holds_and_a_torn_one_costs_nothing() {
        let folder = std::env::temp_dir().join(format!("seeknal-index-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let key = |number: u32| -> Key { *blake3::hash(&number.to_le_bytes()).as_bytes() };
        let text = |number: u32| format!("{number} ").repeat(1_000).into_bytes();
        let holds = |most: u32| {
            let mut store = Store::open(&folder);
            (0..500).all(|number| store.get(&key(number)) == (number < most).then(|| text(number)))
        };
        let mut first = Store::open(&folder);
        (0..400).for_each(|number| first.put(key(number), &text(number)));
        assert!(holds(400));
        let names = || fs::read_dir(&folder).unwrap().map(|one| one.unwrap().path());
        let index = names().find(|path| path.extension().unwrap() == "index").unwrap();
        (400..410).for_each(|number| first.put(key(number), &text(number)));
        assert!(holds(410), "what was written behind it is read");
        let whole = fs::read(&index).unwrap();
        for cut in [0, 7, 16, 24, 100, whole.len() - 1] {
            fs::write(&index, &whole[..cut]).unwrap();
            assert!(holds(410), "{cut}");
        }
        for at in [0, 9, 20, 30, 60, 70, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(&index, &changed).unwrap();
            assert!(holds(410), "{at}");
        }
        fs::File::create(&index).unwrap().write_all(&whole).unwrap();
        let answers = index.with_extension("answers");
        fs::File::options().write(true).open(&answers).unwrap().set_len(5_000).unwrap();
        assert!(holds(2), "an index of more than there is tells nothing");
        fs::remove_dir_all(&folder).unwrap();
    }
}
