//! Where a large file of answers holds what, so that it need not be read through each time.
//!
//! An index is only a help: what it leads to is looked at with its own sum, and without it the file is read.

use super::store::{KEY_BYTES, Place, SUM_BYTES, sum_of};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

const MARK: &[u8; 8] = b"answers1";

type Key = [u8; KEY_BYTES];

/// Where the index of a file lies.
pub(super) fn place(answers: &Path) -> PathBuf {
    answers.with_extension("index")
}

/// How much of a file its index tells, and what; nothing where it has none that fits.
pub(super) fn read(answers: &Path, file: &File) -> Option<(u64, Vec<(Key, Place)>)> {
    let bytes = fs::read(place(answers)).ok()?;
    let (mark, rest) = bytes.split_first_chunk::<8>()?;
    let (sum, told) = rest.split_first_chunk::<SUM_BYTES>()?;
    if mark != MARK || sum_of(told) != *sum {
        return None;
    }
    let (told_bytes, mut rest) = told.split_first_chunk::<8>()?;
    let told_bytes = u64::from_le_bytes(*told_bytes);
    if told_bytes > file.metadata().ok()?.len() {
        return None;
    }
    let mut found = Vec::new();
    while let Some((key, behind)) = rest.split_first_chunk::<KEY_BYTES>() {
        let (at, behind) = behind.split_first_chunk::<8>()?;
        let (bytes, behind) = behind.split_first_chunk::<4>()?;
        let (sum, behind) = behind.split_first_chunk::<SUM_BYTES>()?;
        let place = Place::new(u64::from_le_bytes(*at), u32::from_le_bytes(*bytes), *sum);
        found.push((*key, place));
        rest = behind;
    }
    Some((told_bytes, found))
}

/// Writes what the first bytes of a file hold. Whoever cannot write it reads the file the next time too.
pub(super) fn write<'p>(
    answers: &Path,
    told_bytes: u64,
    places: impl Iterator<Item = (&'p Key, &'p Place)>,
) {
    let mut told = told_bytes.to_le_bytes().to_vec();
    for (key, Place { at, bytes, sum, .. }) in places {
        told.extend_from_slice(key);
        told.extend_from_slice(&at.to_le_bytes());
        told.extend_from_slice(&bytes.to_le_bytes());
        told.extend_from_slice(sum);
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
