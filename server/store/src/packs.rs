//! Many texts in one file: to make each safe in a file of its own takes most of the time that a first run waits for
//! the disk. A pack never changes, and goes when nobody refers to any text in it.

use crate::error::{Error, Result};
use crate::files::write_whole;
use crate::layout::is_name;
use crate::store::{Store, named};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So few texts get a file each: what is edited now and then goes one by one.
pub(crate) const FEW: usize = 16;

/// The first line of a pack.
const BEGINNING: &[u8] = b"seeknal-lsp texts 1\n";

/// A file of texts, read whole.
struct Pack {
    bytes: Vec<u8>,
    /// Where the text of each hash stands.
    places: HashMap<String, Range<usize>>,
}

impl Pack {
    /// Behind the first line stand a hash and a length in one line, then the text and a line break, again and again.
    /// What is not as it was written is none.
    fn read(bytes: Vec<u8>) -> Option<Pack> {
        let mut places = HashMap::new();
        let mut at = BEGINNING.len();
        bytes.strip_prefix(BEGINNING)?;
        while at < bytes.len() {
            let line = bytes.get(at..)?.split(|byte| *byte == b'\n').next()?;
            let (hash, length) = std::str::from_utf8(line).ok()?.split_once(' ')?;
            let start = at + line.len() + 1;
            let end = start.checked_add(length.parse().ok()?)?;
            (*bytes.get(end)? == b'\n').then_some(())?;
            places.insert(hash.to_owned(), start..end);
            at = end + 1;
        }
        Some(Pack { bytes, places })
    }

    fn written(texts: &[(String, String)]) -> Vec<u8> {
        let mut bytes = BEGINNING.to_vec();
        for (hash, text) in texts {
            bytes.extend(format!("{hash} {}\n", text.len()).into_bytes());
            bytes.extend(text.as_bytes());
            bytes.push(b'\n');
        }
        bytes
    }
}

/// Packs that were read, by their names.
#[derive(Default)]
pub(crate) struct Packs(Mutex<HashMap<String, Option<Pack>>>);

impl Packs {
    fn known(&self) -> MutexGuard<'_, HashMap<String, Option<Pack>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Looks for packs that were not read yet.
    pub(crate) fn look_for_packs(&self) {
        let folder = self.at.folder("packs");
        let names = self.disk.list(&folder).unwrap_or_default();
        let mut known = self.packs.known();
        known.retain(|name, _| names.contains(name));
        for name in names {
            known.entry(name).or_insert_with_key(|name| {
                let bytes = self.disk.read(&folder.join(name)).ok()?;
                Pack::read(bytes)
            });
        }
    }

    /// Whether a pack has a text, as far as packs were looked for.
    pub(crate) fn is_packed(&self, hash: &str) -> bool {
        let known = self.packs.known();
        known.values().flatten().any(|pack| pack.places.contains_key(hash))
    }

    /// A text in a pack, as far as packs were looked for.
    pub(crate) fn packed(&self, hash: &str) -> Option<Vec<u8>> {
        let known = self.packs.known();
        let text = |pack: &Pack| Some(pack.bytes.get(pack.places.get(hash)?.clone())?.to_vec());
        known.values().flatten().find_map(text)
    }

    /// Whether a pack has any of these texts. One that cannot be read may have.
    pub(crate) fn may_have_any(&self, name: &str, texts: &BTreeSet<String>) -> bool {
        let known = self.packs.known();
        let pack = known.get(name).and_then(Option::as_ref);
        pack.is_none_or(|pack| pack.places.keys().any(|hash| texts.contains(hash)))
    }

    /// Writes texts, with their hashes, into a pack of their own. Its name is flushed by the view that refers to them.
    pub(crate) fn pack(&self, texts: &[(String, String)]) -> Result<()> {
        let bytes = Pack::written(texts);
        let name = named(&bytes);
        let path = self.at.folder("packs").join(&name);
        // Where these texts are missing, one of that name is damaged.
        write_whole(&*self.disk, (&self.at.folder("tmp"), &path), &bytes)?;
        self.packs.known().insert(name, Pack::read(bytes));
        Ok(())
    }

    /// The folders whose flushing makes the name of a text safe, as far as packs were looked for; nothing where it is
    /// not there.
    pub(crate) fn folders_of_text(&self, hash: &str) -> Result<Vec<PathBuf>> {
        if self.is_packed(hash) {
            return Ok(vec![self.at.folder("packs")]);
        }
        let path = self.at.text(hash);
        match path.parent() {
            Some(folder) if is_name(hash) && self.is_there(&path) => {
                Ok(vec![self.at.folder("definitions"), folder.to_owned()])
            }
            _ => Err(Error::Missing { path }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Vec<(String, String)> {
        let texts = ["", "one\ntwo\n", "é {}", "abc 12\n"];
        texts.map(|text| (named(text.as_bytes()), text.to_owned())).to_vec()
    }

    #[test]
    fn what_is_written_is_read() {
        let pack = Pack::read(Pack::written(&texts())).unwrap();
        assert_eq!(pack.places.len(), 4);
        for (hash, text) in texts() {
            let place = pack.places.get(&hash).unwrap().clone();
            assert_eq!(pack.bytes.get(place).unwrap(), text.as_bytes());
        }
    }

    /// A beginning of a pack is none, and neither is one that goes on with something else.
    #[test]
    fn what_is_broken_is_no_pack() {
        let whole = Pack::written(&texts());
        let mut whole_ones = 0;
        for end in 0..whole.len() {
            let begun = whole.get(..end).unwrap().to_vec();
            // As long as no text is cut, it is the pack of fewer.
            let fewer = (0..4).any(|many| Pack::written(texts().get(..many).unwrap()) == begun);
            assert_eq!(Pack::read(begun).is_some(), fewer, "{end}");
            whole_ones += usize::from(fewer);
        }
        assert_eq!(whole_ones, 4);
        for more in ["x", "x 1", "x 1\n", "x 1\ny", "x 99\nyyy\n", "x 18446744073709551615\ny\n"] {
            let longer = [whole.as_slice(), more.as_bytes()].concat();
            assert!(Pack::read(longer).is_none(), "{more}");
        }
    }
}
