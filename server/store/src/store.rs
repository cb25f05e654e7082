//! The state as its readers see it. They take no lock, and nothing that they read changes.

use crate::disk::Disk;
use crate::error::{Doing, Error, Result};
use crate::files::write_whole;
use crate::format::{Environment, Operation, View};
use crate::layout::{Layout, VERSION, is_name};
use crate::packs::Packs;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// The state of a project.
pub struct Store {
    pub(crate) disk: Box<dyn Disk>,
    pub(crate) at: Layout,
    /// The folder in which links to what is shown stand, `target/`, if there are to be any.
    pub(crate) target: Option<PathBuf>,
    /// The format of what is there, where it is a newer one.
    newer: Option<u64>,
    /// Whether its folders are known to be there and safe.
    pub(crate) is_prepared: AtomicBool,
    /// Packs of texts that were read.
    pub(crate) packs: Packs,
}

impl Store {
    /// The state in a folder, which need not be there yet. What a crash left undone behind the commit
    /// point is finished, if that can be.
    pub fn open(disk: impl Disk + 'static, folder: &Path, target: Option<&Path>) -> Result<Store> {
        let at = Layout(folder.to_owned());
        let target = target.map(Path::to_owned);
        let (disk, packs, is_prepared) = (Box::new(disk), Packs::default(), AtomicBool::default());
        let mut store = Store { disk, at, target, newer: None, is_prepared, packs };
        store.newer = store.version()?.filter(|version| *version > VERSION);
        // A reader without rights, or beside a writer, has to do without.
        let _ = store.finish_if_free();
        Ok(store)
    }

    /// The format of what is there; nothing where there is nothing.
    pub(crate) fn version(&self) -> Result<Option<u64>> {
        let path = self.at.format();
        let Some(bytes) = self.read_if_there(&path)? else { return Ok(None) };
        let value: Value = parsed(&path, &bytes)?;
        match value.get("version").and_then(Value::as_u64) {
            Some(version) => Ok(Some(version)),
            None => Err(Error::Damaged { path, why: "it names no version".to_owned() }),
        }
    }

    pub(crate) fn must_be_writable(&self) -> Result<()> {
        // Another process may have been updated since this one looked.
        match self.version()?.filter(|version| *version > VERSION).or(self.newer) {
            Some(version) => Err(Error::Newer { version }),
            None => Ok(()),
        }
    }

    /// The id of the newest operation; nothing where there is none yet.
    pub fn head(&self) -> Result<Option<String>> {
        let path = self.at.head();
        let Some(bytes) = self.read_if_there(&path)? else { return Ok(None) };
        let id = String::from_utf8_lossy(&bytes).trim().to_owned();
        match is_name(&id) {
            true => Ok(Some(id)),
            false => Err(Error::Damaged { path, why: "it names no operation".to_owned() }),
        }
    }

    /// The newest operation.
    pub fn newest(&self) -> Result<Option<(String, Operation)>> {
        let Some(id) = self.head()? else { return Ok(None) };
        let operation = self.operation(&id)?;
        Ok(Some((id, operation)))
    }

    /// An operation by its id.
    pub fn operation(&self, id: &str) -> Result<Operation> {
        self.parsed(&self.at.operation(id))
    }

    /// An environment as it is now.
    pub fn environment(&self, name: &str) -> Result<Option<Environment>> {
        let newest = self.newest()?;
        Ok(newest.and_then(|(_, mut operation)| operation.environments.remove(name)))
    }

    /// A view by its id.
    pub fn view(&self, id: &str) -> Result<View> {
        self.parsed(&self.at.view(id))
    }

    /// The files of the project that a view names, with the hashes of their texts. Most of a view is something else.
    pub fn files(&self, view: &str) -> Result<BTreeMap<String, String>> {
        #[derive(Deserialize)]
        struct Files {
            #[serde(default)]
            files: BTreeMap<String, String>,
        }
        Ok(self.parsed::<Files>(&self.at.view(view))?.files)
    }

    /// A text by its hash.
    pub fn text(&self, hash: &str) -> Result<Vec<u8>> {
        let path = self.at.text(hash);
        if let Some(text) = self.read_if_there(&path)? {
            return Ok(text);
        }
        let packed = self.packed(hash).or_else(|| {
            self.look_for_packs();
            self.packed(hash)
        });
        packed.ok_or(Error::Missing { path })
    }

    /// Whether a text is there, as far as packs were looked for.
    pub(crate) fn has_text(&self, hash: &str) -> bool {
        self.is_packed(hash) || self.is_there(&self.at.text(hash))
    }

    /// Where the object of a build key lies.
    pub fn object(&self, key: &str) -> PathBuf {
        self.at.object(key)
    }

    /// The folders in which outputs are written and read.
    pub fn folders_of_outputs(&self) -> Vec<PathBuf> {
        vec![self.at.folder("objects"), self.at.folder("tmp")]
    }

    /// Who said that nothing new is to be begun, if anybody did.
    pub fn stopped(&self) -> Option<String> {
        let said = self.disk.read(&self.at.stop()).ok()?;
        Some(String::from_utf8_lossy(&said).trim().to_owned())
    }

    /// Says that nothing new is to be begun, or that it may be again.
    pub fn set_stopped(&self, by: Option<&str>) -> Result<()> {
        self.prepare()?;
        let path = self.at.stop();
        match by {
            Some(by) => write_whole(&*self.disk, (&self.at.folder("tmp"), &path), by.as_bytes()),
            None if self.is_there(&path) => self.disk.remove(&path).doing("removing", &path),
            None => Ok(()),
        }
    }

    /// A path of this process's own, where nothing is yet.
    pub fn fresh(&self) -> PathBuf {
        crate::files::fresh(&self.at.folder("tmp"))
    }

    /// Where the files lie that people know, as a view shows them: of one state, whatever happens.
    pub fn generation(&self, view: &str) -> PathBuf {
        self.at.generation(view)
    }

    /// Operations from the newest on, as far back as they are asked for.
    pub fn history(&self) -> impl Iterator<Item = Result<(String, Operation)>> + '_ {
        let mut next = self.head();
        std::iter::from_fn(move || {
            let id = match std::mem::replace(&mut next, Ok(None)) {
                Ok(id) => id?,
                Err(error) => return Some(Err(error)),
            };
            Some(self.operation(&id).map(|operation| {
                next = Ok(operation.parent.clone());
                (id, operation)
            }))
        })
    }

    /// Whether a view can still be shown: whether everything it refers to is there as it was.
    pub fn is_restorable(&self, view: &str) -> bool {
        self.view(view).is_ok_and(|view| self.changed_parts(&view).is_empty())
    }

    pub(crate) fn read(&self, path: &Path) -> Result<Vec<u8>> {
        self.disk.read(path).doing("reading", path)
    }

    pub(crate) fn read_if_there(&self, path: &Path) -> Result<Option<Vec<u8>>> {
        match self.disk.read(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            read => read.doing("reading", path).map(Some),
        }
    }

    /// Whether an output of a key is there.
    pub fn has_object(&self, key: &str) -> bool {
        self.is_there(&self.at.object(key))
    }

    pub(crate) fn is_there(&self, path: &Path) -> bool {
        self.disk.about(path).is_ok()
    }

    fn parsed<T: DeserializeOwned>(&self, path: &Path) -> Result<T> {
        parsed(path, &self.read(path)?)
    }
}

fn parsed<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| Error::Damaged {
        path: path.to_owned(),
        why: format!("it does not hold what it must ({error})"),
    })
}

/// The name of something by its bytes.
pub(crate) fn named(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}
