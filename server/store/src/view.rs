//! Writing a view with everything that shows it.

use crate::collect::NANOSECONDS;
use crate::error::{Doing, Error, Result};
use crate::files::{Work, all_of, flush_folders, write_whole};
use crate::format::{Shown, View};
use crate::layout::{Layout, is_name, prefix};
use crate::shown::{Ahead, Texts};
use crate::store::{Store, named};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;

/// What a view refers to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Named<'v> {
    Object(&'v str),
    Text(&'v str),
}

impl<'v> Named<'v> {
    fn name(self) -> &'v str {
        match self {
            Named::Object(name) | Named::Text(name) => name,
        }
    }

    fn path(self, at: &Layout) -> PathBuf {
        match self {
            Named::Object(key) => at.object(key),
            Named::Text(hash) => at.text(hash),
        }
    }
}

fn named_in(view: &View) -> impl Iterator<Item = Named<'_>> {
    let parts = view.nodes.values().flat_map(|node| &node.parts);
    let definitions = view.nodes.values().map(|node| &node.definition);
    let shown = view.shown.values().map(|shown| match shown {
        Shown::Object(key) => Named::Object(key),
        Shown::Text(hash) => Named::Text(hash),
    });
    let objects = parts.map(|part| Named::Object(&part.key));
    objects.chain(definitions.chain(view.files.values()).map(|hash| Named::Text(hash))).chain(shown)
}

impl Store {
    /// Writes a view and gives its id; `now` is what the clock says, in milliseconds since 1970.
    pub(crate) fn write_view(
        &self,
        now: u64,
        view: &View,
        known: Option<(&str, &View)>,
        ahead: Option<Ahead<'_>>,
    ) -> Result<String> {
        let Store { disk, at, .. } = self;
        let bytes = serde_json::to_vec(view).unwrap_or_default();
        let id: String = named(&bytes).chars().take(32).collect();
        let new = ahead.as_ref().map(|ahead| ahead.texts.clone()).unwrap_or_default();
        let write = || {
            let path = at.view(&id);
            if !self.is_there(&path) {
                write_whole(&**disk, (&at.folder("tmp"), &path), &bytes)?;
            }
            let folder = at.folder("views");
            disk.flush_folder(&folder).doing("flushing a folder", &folder)
        };
        let works: Vec<Work<'_>> = vec![
            Box::new(|| self.keep_names((view, now), known, &new)),
            Box::new(|| self.keep_texts(&new)),
            Box::new(write),
            Box::new(|| self.write_generation(&id, view, ahead)),
        ];
        all_of(&**disk, works)?;
        Ok(id)
    }

    /// Flushes the names that a view refers to, but for those of texts that are kept beside this. They may have been
    /// given by somebody who died before flushing them.
    fn keep_names(
        &self,
        (view, now): (&View, u64),
        known: Option<(&str, &View)>,
        new: &Texts,
    ) -> Result<()> {
        let Store { disk, at, .. } = self;
        let before: HashSet<Named<'_>> =
            known.iter().flat_map(|(_, known)| named_in(known)).collect();
        let mut untouched = known.map(|(id, _)| self.untouched_since(id, now));
        self.look_for_packs();
        let mut folders = BTreeSet::from([at.folder("objects"), at.folder("definitions")]);
        for one in named_in(view) {
            // It was there when that was written, and its name was flushed then.
            let is_safe = before.contains(&one)
                && untouched.as_mut().is_some_and(|is_untouched| is_untouched(one));
            if is_safe || matches!(one, Named::Text(hash) if new.contains_key(hash)) {
                continue;
            }
            if let Named::Text(hash) = one {
                folders.extend(self.folders_of_text(hash)?);
                continue;
            }
            let path = one.path(at);
            if !is_name(one.name()) || !self.is_there(&path) {
                return Err(Error::Missing { path });
            }
            folders.extend(path.parent().map(PathBuf::from));
        }
        flush_folders(&**disk, &folders)
    }

    /// Keeps texts, and makes them safe.
    fn keep_texts(&self, texts: &Texts) -> Result<()> {
        let mut folders = BTreeSet::new();
        for (hash, text) in texts {
            self.keep_text(hash, text)?;
            folders.extend(self.folders_of_text(hash)?);
        }
        flush_folders(&*self.disk, &folders)
    }

    /// Tells of names in a view that was written before whether any name was given or taken in their folders since.
    fn untouched_since(&self, id: &str, now: u64) -> impl FnMut(Named<'_>) -> bool {
        let Store { disk, at, .. } = self;
        // After a clock was put back nobody can tell what came later.
        let written = disk.about(&at.view(id)).map(|about| about.changed).ok();
        let now = now.saturating_mul(NANOSECONDS);
        let written = written.filter(|written| *written < now);
        let mut known: HashMap<(bool, String), bool> = HashMap::new();
        move |one| {
            let Some(written) = written else { return false };
            let is_object = matches!(one, Named::Object(_));
            let place = (is_object, prefix(one.name()).to_owned());
            *known.entry(place).or_insert_with(|| {
                let path = one.path(at);
                let folder = path.parent().unwrap_or(&at.0);
                disk.about(folder).is_ok_and(|about| about.changed < written)
            })
        }
    }
}
