//! The files that people know, below `target/`: for each view a folder that never changes, for what an
//! operation shows a folder that says which view each environment shows, and one link that is switched.

use crate::adopt;
use crate::disk::Held;
use crate::error::{Doing, Result};
use crate::files::{flush_folders, fresh, make_folder, make_folders, point, remove_all};
use crate::format::{Operation, Shown, View};
use crate::layout::{back, object};
use crate::store::{Store, named};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// The environment whose files stand directly below `target/`.
const PRODUCTION: &str = "prod";

/// The folder in which those of all others stand.
const OTHERS: &str = "environments";

/// Texts by their hashes.
pub(crate) type Texts = BTreeMap<String, Arc<Vec<u8>>>;

/// Links by their paths in a folder, each with where it leads.
type Links = Vec<(PathBuf, PathBuf)>;

/// A view's folder that is being written. It is gone with this unless it was given its name.
pub struct Ahead<'s> {
    store: &'s Store,
    folder: PathBuf,
    /// Its folders, none of them flushed.
    folders: BTreeSet<PathBuf>,
    /// What is in it.
    shown: BTreeMap<String, Shown>,
    /// What the view refers to and nobody kept yet.
    pub(crate) texts: Texts,
}

impl<'s> Ahead<'s> {
    pub(crate) fn new(store: &'s Store) -> Ahead<'s> {
        let folder = fresh(&store.at.folder("tmp"));
        let (folders, shown, texts) = (BTreeSet::new(), BTreeMap::new(), Texts::new());
        Ahead { store, folder, folders, shown, texts }
    }

    /// Takes a text that the view refers to, and gives its hash. It is kept when the view is written.
    pub fn text(&mut self, text: String) -> String {
        let hash = named(text.as_bytes());
        self.texts.insert(hash.clone(), Arc::new(text.into_bytes()));
        hash
    }

    /// Puts in what is missing, and takes out what is not to be shown. Some of it stands in the folder of a view that is
    /// known, in the same way.
    pub(crate) fn fill(
        &mut self,
        shown: &BTreeMap<String, Shown>,
        known: Option<(&str, &View)>,
    ) -> Result<()> {
        let mut said = shown.iter();
        // Both are in the order of paths.
        if !self.shown.iter().all(|there| said.any(|one| one == there)) {
            remove_all(&*self.store.disk, &self.folder)?;
            self.folders.clear();
            self.shown.clear();
        }
        self.folder_for(&self.folder.clone())?;
        let generation = known.map(|(id, _)| self.store.at.generation(id));
        let mut known = known.iter().flat_map(|(_, view)| &view.shown).peekable();
        let there = std::mem::take(&mut self.shown);
        let mut there = there.iter().peekable();
        for one in shown {
            let (path, shown) = one;
            let is_there = there.next_if_eq(&one).is_some();
            while known.next_if(|(other, _)| *other < path).is_some() {}
            let is_known = known.next_if_eq(&one).is_some();
            if !is_there {
                self.put(path, shown, generation.as_deref().filter(|_| is_known))?;
            }
            self.shown.insert(path.clone(), shown.clone());
        }
        Ok(())
    }

    /// Makes one of its folders with those above it.
    fn folder_for(&mut self, folder: &Path) -> Result<()> {
        if self.folders.contains(folder) {
            return Ok(());
        }
        if let (false, Some(above)) = (folder == self.folder, folder.parent()) {
            self.folder_for(above)?;
        }
        make_folder(&*self.store.disk, folder)?;
        self.folders.insert(folder.to_owned());
        Ok(())
    }

    /// Puts one in, which may stand in a known folder.
    fn put(&mut self, path: &str, shown: &Shown, known: Option<&Path>) -> Result<()> {
        let Some(path) = inside(path) else { return Ok(()) };
        let at = self.folder.join(&path);
        if let Some(folder) = at.parent() {
            self.folder_for(folder)?;
        }
        let disk = &*self.store.disk;
        match shown {
            Shown::Object(key) => {
                // generations, the view's own folder, and the folders of the path.
                let target = back(path.components().count() + 1).join(object(key));
                let known = known.map(|known| known.join(&path));
                // Somebody may have put something else in its place there.
                let is_same = |link: &PathBuf| disk.target(link).is_ok_and(|to| to == target);
                let linked = match known.filter(is_same) {
                    Some(link) => disk.link_again(&link, &at),
                    None => disk.link(&target, &at),
                };
                linked.doing("making a link", &at)
            }
            Shown::Text(hash) => {
                let text = match self.texts.get(hash) {
                    Some(text) => text.clone(),
                    None => Arc::new(self.store.text(hash)?),
                };
                disk.write(&at, &text).doing("writing", &at)?;
                disk.flush(&at).doing("flushing", &at)?;
                disk.protect(&at).doing("protecting", &at)
            }
        }
    }
}

impl Drop for Ahead<'_> {
    fn drop(&mut self) {
        // Where it has its name, nothing is here any more.
        let _ = remove_all(&*self.store.disk, &self.folder);
    }
}

impl Store {
    /// Writes the folder of a view, whole or not at all. Some of it may have been written ahead.
    pub(crate) fn write_generation(
        &self,
        id: &str,
        view: &View,
        ahead: Option<Ahead<'_>>,
    ) -> Result<()> {
        let path = self.at.generation(id);
        if !self.is_there(&path) {
            let mut ahead = ahead.unwrap_or_else(|| Ahead::new(self));
            ahead.fill(&view.shown, None)?;
            flush_folders(&*self.disk, &ahead.folders)?;
            self.disk.rename(&ahead.folder, &path).doing("naming", &path)?;
        }
        let folder = self.at.folder("generations");
        self.disk.flush_folder(&folder).doing("flushing a folder", &folder)
    }

    fn name(&self, from: &Path, to: &Path) -> Result<()> {
        self.disk.rename(from, to).doing("naming", to)
    }

    /// Finishes what follows a commit, unless it is finished or somebody else is at it.
    pub(crate) fn finish_if_free(&self) -> Result<()> {
        if self.must_be_writable().is_err() || self.is_finished()? {
            return Ok(());
        }
        match self.disk.lock(&self.at.lock()).doing("locking", &self.at.lock())? {
            Some(held) => self.finish(&held, false),
            None => Ok(()),
        }
    }

    fn is_finished(&self) -> Result<bool> {
        let Some((_, operation)) = self.newest()? else { return Ok(true) };
        let mut views = operation.environments.values().filter_map(|one| one.view.as_ref());
        if !views.all(|view| self.is_there(&self.at.generation(view))) {
            return Ok(false);
        }
        let name = name_of(&operation);
        let is_current = self.disk.target(&self.at.current()).is_ok_and(|now| now == shown(&name));
        let links = self.links_of(&operation);
        let is_whole = links.is_ok_and(|links| self.holds(&self.at.shown(&name), &links));
        let names = self.disk.list(&self.at.shown(&name));
        let (true, true, Ok(names)) = (is_current, is_whole, names) else { return Ok(false) };
        let Some(target) = &self.target else { return Ok(true) };
        let current = self.current_from(target);
        let is_linked = |name: &String| {
            let at = target.join(name);
            // What somebody put in place of a link since then is not ours to move, before the next commit.
            adopt::is_foreign(self, &at)
                || self.disk.target(&at).is_ok_and(|now| now == current.join(name))
        };
        Ok(names.iter().all(is_linked))
    }

    /// Makes the links say what the newest operation says. What stands in their place is moved aside if that operation
    /// was published just now, or nobody followed it yet.
    pub(crate) fn finish(&self, _: &Held, is_new: bool) -> Result<()> {
        let Some((_, operation)) = self.newest()? else { return Ok(()) };
        for view in operation.environments.values().filter_map(|one| one.view.as_ref()) {
            if !self.is_there(&self.at.generation(view)) {
                self.write_generation(view, &self.view(view)?, None)?;
            }
        }
        let name = self.write_shown(&operation)?;
        let tmp = self.at.folder("tmp");
        let names =
            self.disk.list(&self.at.shown(&name)).doing("listing", &self.at.shown(&name))?;
        let is_switched = self.disk.target(&self.at.current()).is_ok_and(|now| now == shown(&name));
        if let Some(target) = self.target.as_ref().filter(|_| is_new || !is_switched) {
            adopt::foreign(self, (target, &names), &operation)?;
        }
        if !is_switched {
            point(&*self.disk, &tmp, (&shown(&name), &self.at.current()))?;
            self.disk.flush_folder(&self.at.0).doing("flushing a folder", &self.at.0)?;
        }
        let Some(target) = &self.target else { return Ok(()) };
        make_folders(&*self.disk, target)?;
        let current = self.current_from(target);
        for name in &names {
            if !adopt::is_foreign(self, &target.join(name)) {
                point(&*self.disk, &tmp, (&current.join(name), &target.join(name)))?;
            }
        }
        // What the view does not show any more.
        for name in self.disk.list(target).doing("listing", target)? {
            let is_ours =
                self.disk.target(&target.join(&name)).is_ok_and(|to| to == current.join(&name));
            if is_ours && !names.contains(&name) {
                self.disk.remove(&target.join(&name)).doing("removing", target)?;
            }
        }
        self.disk.flush_folder(target).doing("flushing a folder", target)
    }

    /// Writes the folder of what an operation shows, and gives its name: a link for each thing that production shows,
    /// and one for each other environment. Nobody sees it before it is linked to.
    pub(crate) fn write_shown(&self, operation: &Operation) -> Result<String> {
        let name = name_of(operation);
        let path = self.at.shown(&name);
        let links = self.links_of(operation)?;
        if self.is_there(&path) {
            if self.holds(&path, &links) {
                return Ok(name);
            }
            // Somebody took something out of it.
            remove_all(&*self.disk, &path)?;
        }
        let tmp = fresh(&self.at.folder("tmp"));
        let filled = self.fill_shown(&tmp, &links).and_then(|()| self.name(&tmp, &path));
        if filled.is_err() {
            let _ = remove_all(&*self.disk, &tmp);
        }
        filled?;
        let folder = self.at.folder("shown");
        self.disk.flush_folder(&folder).doing("flushing a folder", &folder)?;
        Ok(name)
    }

    fn fill_shown(&self, folder: &Path, links: &Links) -> Result<()> {
        let others = folder.join(OTHERS);
        make_folder(&*self.disk, folder)?;
        make_folder(&*self.disk, &others)?;
        for (at, to) in links {
            let at = folder.join(at);
            self.disk.link(to, &at).doing("making a link", &at)?;
        }
        flush_folders(&*self.disk, &BTreeSet::from([folder.to_owned(), others]))
    }

    /// The links in the folder of what an operation shows.
    fn links_of(&self, operation: &Operation) -> Result<Links> {
        let mut links = Links::new();
        for (name, environment) in &operation.environments {
            let Some(view) = &environment.view else { continue };
            let generation = Path::new("generations").join(view);
            if name != PRODUCTION {
                links.push((Path::new(OTHERS).join(name), back(3).join(generation)));
                continue;
            }
            let inside = self.at.generation(view);
            for entry in self.disk.list(&inside).doing("listing", &inside)? {
                let to = back(2).join(&generation).join(&entry);
                links.push((PathBuf::from(entry), to));
            }
        }
        Ok(links)
    }

    fn holds(&self, folder: &Path, links: &Links) -> bool {
        let leads = |at: &PathBuf| self.disk.target(&folder.join(at));
        links.iter().all(|(at, to)| leads(at).is_ok_and(|now| now == *to))
    }

    /// The way from a folder to the link that is switched.
    fn current_from(&self, target: &Path) -> PathBuf {
        let (mut here, mut there) =
            (target.components().peekable(), self.at.0.components().peekable());
        while here.peek().is_some() && here.peek() == there.peek() {
            here.next();
            there.next();
        }
        back(here.count()).join(there.collect::<PathBuf>()).join("current")
    }
}

fn shown(name: &str) -> PathBuf {
    Path::new("shown").join(name)
}

/// What the folder is called that shows what the environments of an operation show. Many operations show the same.
pub(crate) fn name_of(operation: &Operation) -> String {
    let views =
        operation.environments.iter().filter_map(|(name, one)| Some((name, one.view.as_ref()?)));
    let views: BTreeMap<&String, &String> = views.collect();
    named(&serde_json::to_vec(&views).unwrap_or_default()).chars().take(32).collect()
}

/// A path that stays inside of where it begins.
fn inside(path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    (is_plain && path.components().next().is_some()).then(|| path.to_owned())
}
