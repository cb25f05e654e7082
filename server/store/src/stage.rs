//! Writing objects and texts. Nobody refers to them yet, so it needs no lock but for the moment in which an
//! object gets its name.

use crate::error::{Doing, Error, Result};
use crate::files::{fresh, make_folder, make_folders, write_whole};
use crate::format::{Part, Shown, View};
use crate::layout::{FOLDERS, VERSION, is_name};
use crate::packs::FEW;
use crate::shown::Ahead;
use crate::store::{Store, named};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long giving an object its name may wait for others who do the same.
const NAMING: Duration = Duration::from_secs(30);

/// Where outputs are written before anybody refers to them.
pub struct Stage<'s> {
    store: &'s Store,
    /// Threads of this process wait for each other here, and not by asking for the lock again and again.
    naming: Mutex<()>,
}

impl Store {
    /// A place to write to; the state's folder is made where there is none.
    pub fn stage(&self) -> Result<Stage<'_>> {
        self.prepare()?;
        Ok(Stage { store: self, naming: Mutex::default() })
    }

    /// Makes its folders where they are not there, and safe. What this process knows to be safe is not asked again.
    pub(crate) fn prepare(&self) -> Result<()> {
        self.must_be_writable()?;
        if self.is_prepared.load(Ordering::SeqCst) {
            return Ok(());
        }
        make_folders(&*self.disk, &self.at.0)?;
        // They are flushed below, all at once.
        for name in FOLDERS {
            self.must_have(&self.at.folder(name))?;
        }
        // What an older program wrote is what this one would write, but for what it did not know.
        if self.version()? != Some(VERSION) {
            let text =
                format!("{}\n", json!({ "format": "seeknal-lsp state", "version": VERSION }));
            write_whole(&*self.disk, (&self.at.folder("tmp"), &self.at.format()), text.as_bytes())?;
        }
        // Whoever made any of it, or moved anything to here, may have died before it was flushed: the new
        // names are safe before the old ones go.
        for name in ["aside", "adopted"] {
            let folder = self.at.folder(name);
            self.disk.flush_folder(&folder).doing("flushing a folder", &folder)?;
        }
        for folder in self.at.0.ancestors().take(3).filter(|folder| self.is_there(folder)) {
            self.disk.flush_folder(folder).doing("flushing a folder", folder)?;
        }
        self.is_prepared.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// Makes the folder of an object or a text. It is flushed with the name of what is in it: by the view that refers
    /// to that.
    fn room_for(&self, path: &Path) -> Result<()> {
        self.must_have(path.parent().unwrap_or(&self.at.0))
    }

    /// Writes a text of this hash into a file of its own, unless it is there.
    pub(crate) fn keep_text(&self, hash: &str, text: &[u8]) -> Result<()> {
        if self.has_text(hash) {
            return Ok(());
        }
        let path = self.at.text(hash);
        self.room_for(&path)?;
        write_whole(&*self.disk, (&self.at.folder("tmp"), &path), text)
    }

    /// Makes a folder where there is none. Nothing is flushed.
    fn must_have(&self, folder: &Path) -> Result<()> {
        match self.is_there(folder) {
            true => Ok(()),
            false => make_folder(&*self.disk, folder),
        }
    }
}

impl<'s> Stage<'s> {
    /// A path that a node's output can be written to.
    pub fn room(&self) -> PathBuf {
        fresh(&self.store.at.folder("tmp")).with_extension("parquet")
    }

    /// Makes an object of a file that was written to a room. One that is there under this key already
    /// stays, and the file goes.
    pub fn keep(
        &self,
        file: &Path,
        key: &str,
        (rows, interval): (u64, Option<String>),
    ) -> Result<Part> {
        if !is_name(key) {
            let why = format!("`{key}` is no build key");
            return Err(Error::Damaged { path: file.to_owned(), why });
        }
        let Store { disk, at, .. } = self.store;
        let path = at.object(key);
        self.store.room_for(&path)?;
        disk.flush(file).doing("flushing", file)?;
        disk.protect(file).doing("protecting", file)?;
        {
            let _own = self.naming.lock().unwrap_or_else(PoisonError::into_inner);
            let _held = self.store.lock(NAMING)?;
            match self.store.is_there(&path) {
                true => disk.remove(file).doing("removing", file)?,
                false => disk.rename(file, &path).doing("naming", &path)?,
            }
        }
        let about = disk.about(&path).doing("looking", &path)?;
        let hash = disk.hash(&path).doing("reading", &path)?.to_hex().to_string();
        let (bytes, changed, key) = (about.bytes, about.changed, key.to_owned());
        Ok(Part { key, hash, bytes, changed, rows, interval })
    }

    /// A view's folder that nobody began yet.
    pub fn begun(&self) -> Ahead<'s> {
        Ahead::new(self.store)
    }

    /// Begins the folder of a view that is to show these. It need not be whole. `known` is a view that is there already,
    /// with its id.
    pub fn ahead(
        &self,
        shown: &BTreeMap<String, Shown>,
        known: Option<(&str, &View)>,
    ) -> Result<Ahead<'s>> {
        let mut ahead = self.begun();
        ahead.fill(shown, known)?;
        Ok(ahead)
    }

    /// Keeps a text and gives its hash.
    pub fn text(&self, text: &[u8]) -> Result<String> {
        let hash = named(text);
        self.store.keep_text(&hash, text)?;
        Ok(hash)
    }

    /// Keeps many texts, each under its hash; `make` makes one that is not there.
    pub fn texts<'t, T>(
        &self,
        all: impl Iterator<Item = (&'t str, T)>,
        make: impl Fn(T) -> String,
    ) -> Result<()> {
        self.store.look_for_packs();
        let missing = all.filter(|(hash, _)| !self.store.has_text(hash));
        let missing: Vec<(String, String)> =
            missing.map(|(hash, what)| (hash.to_owned(), make(what))).collect();
        for (hash, text) in &missing {
            if named(text.as_bytes()) != *hash {
                let (path, why) = (self.store.at.text(hash), "it has another hash".to_owned());
                return Err(Error::Damaged { path, why });
            }
        }
        match missing.len() > FEW {
            true => self.store.pack(&missing),
            false => missing.iter().try_for_each(|(_, text)| self.text(text.as_bytes()).map(drop)),
        }
    }
}
