//! Removing what nobody can come back to any more.

use crate::disk::{Disk, Kind};
use crate::error::{Doing, Result};
use crate::files::{make_folders, remove_all};
use crate::format::{Shown, View};
use crate::shown::name_of;
use crate::store::Store;
use crate::write::Writer;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub(crate) const NANOSECONDS: u64 = 1_000_000;

/// What stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// So many of the last views of each environment.
    pub operations: usize,
    /// Every view that was shown within so many milliseconds.
    pub period: u64,
    /// Everything for so many milliseconds after it lost its last use, for whoever is reading it.
    pub grace: u64,
}

impl Default for Retention {
    fn default() -> Retention {
        const HOUR: u64 = 3_600_000;
        Retention { operations: 10, period: 7 * 24 * HOUR, grace: 24 * HOUR }
    }
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// How many views.
    pub views: usize,
    /// How many objects.
    pub objects: usize,
    /// How many bytes, of objects and all else.
    pub bytes: u64,
}

/// What must stay.
#[derive(Default)]
struct Roots {
    views: BTreeSet<String>,
    shown: BTreeSet<String>,
    objects: BTreeSet<String>,
    texts: BTreeSet<String>,
}

impl Writer<'_> {
    /// Removes what no environment shows, has shown lately, or may come back to. Operations stay in the
    /// history.
    pub fn collect(&self, retention: Retention) -> Result<Collected> {
        let store = self.store();
        let roots = store.roots(retention, self.now())?;
        let mut sweep = Sweep {
            store,
            before: self.now().saturating_sub(retention.grace),
            done: Collected::default(),
        };
        let stem = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
        // Whoever refers goes before what is referred to.
        sweep.folder("shown", &|name| roots.shown.contains(name))?;
        sweep.folder("generations", &|name| roots.views.contains(name))?;
        sweep.done.views = sweep.folder("views", &|name| roots.views.contains(&stem(name)))?;
        for inner in sweep.inner("objects")? {
            let gone = sweep.folder(&inner, &|name| roots.objects.contains(&stem(name)))?;
            sweep.done.objects += gone;
        }
        for inner in sweep.inner("definitions")? {
            sweep.folder(&inner, &|name| roots.texts.contains(name))?;
        }
        store.look_for_packs();
        sweep.folder("packs", &|name| store.may_have_any(name, &roots.texts))?;
        sweep.folder("tmp", &|_| false)?;
        // What was set aside stays as long as an old view would.
        sweep.before = self.now().saturating_sub(retention.period);
        sweep.folder("aside", &|_| false)?;
        Ok(sweep.done)
    }
}

struct Sweep<'s> {
    store: &'s Store,
    /// What was changed later stays: somebody may be about to refer to it.
    before: u64,
    done: Collected,
}

impl Sweep<'_> {
    fn inner(&self, folder: &str) -> Result<Vec<String>> {
        let path = self.store.at.folder(folder);
        let names = self.store.disk.list(&path).doing("listing", &path)?;
        Ok(names.into_iter().map(|name| format!("{folder}/{name}")).collect())
    }

    /// Removes what is not to stay, and gives how many there were.
    fn folder(&mut self, folder: &str, stays: &dyn Fn(&str) -> bool) -> Result<usize> {
        let path = self.store.at.folder(folder);
        let disk = &*self.store.disk;
        make_folders(disk, &path)?;
        let mut gone = 0;
        for name in disk.list(&path).doing("listing", &path)? {
            let at = path.join(&name);
            let about = disk.about(&at).doing("looking", &at)?;
            let is_old = about.changed <= self.before.saturating_mul(NANOSECONDS);
            if stays(&name) || !is_old {
                continue;
            }
            self.done.bytes += size(disk, &at);
            remove_all(disk, &at)?;
            gone += 1;
        }
        if gone > 0 {
            disk.flush_folder(&path).doing("flushing a folder", &path)?;
        }
        Ok(gone)
    }
}

fn size(disk: &dyn Disk, path: &Path) -> u64 {
    match disk.about(path) {
        Ok(about) if about.kind == Kind::File => about.bytes,
        Ok(about) if about.kind == Kind::Folder => {
            let names = disk.list(path).unwrap_or_default();
            names.iter().map(|name| size(disk, &path.join(name))).sum()
        }
        _ => 0,
    }
}

impl Store {
    fn roots(&self, retention: Retention, now: u64) -> Result<Roots> {
        let mut roots = Roots::default();
        // Of each environment the view of the operation after, and how many others came since.
        let mut since: BTreeMap<String, (Option<String>, usize)> = BTreeMap::new();
        let mut replaced = u64::MAX;
        let newest = self.newest()?.map(|(_, operation)| operation.environments);
        let here: BTreeSet<String> = newest.unwrap_or_default().into_keys().collect();
        for (number, one) in self.history().enumerate() {
            let (_, operation) = one?;
            if number == 0 || replaced >= now.saturating_sub(retention.grace) {
                roots.shown.insert(name_of(&operation));
            }
            for (name, environment) in &operation.environments {
                let is_first = number == 0;
                let (last, count) = since.entry(name.clone()).or_default();
                if is_first || *last != environment.view {
                    *count += 1;
                    last.clone_from(&environment.view);
                }
                let is_recent =
                    replaced >= now.saturating_sub(retention.period.max(retention.grace));
                if is_first || (*count <= retention.operations && here.contains(name)) || is_recent
                {
                    roots.views.extend(environment.view.clone());
                }
                if is_first {
                    roots.views.extend(environment.base.clone());
                    roots.texts.extend(environment.plan.clone());
                }
            }
            replaced = operation.time;
        }
        for id in &roots.views {
            // One that was removed before, when less was to be kept, cannot be had back.
            if self.is_there(&self.at.view(id)) {
                let view = self.view(id)?;
                keep(&view, &mut roots.objects, &mut roots.texts);
            }
        }
        Ok(roots)
    }
}

fn keep(view: &View, objects: &mut BTreeSet<String>, texts: &mut BTreeSet<String>) {
    for node in view.nodes.values() {
        objects.extend(node.parts.iter().map(|part| part.key.clone()));
        texts.insert(node.definition.clone());
    }
    texts.extend(view.files.values().cloned());
    for shown in view.shown.values() {
        match shown {
            Shown::Object(key) => objects.insert(key.clone()),
            Shown::Text(hash) => texts.insert(hash.clone()),
        };
    }
}
