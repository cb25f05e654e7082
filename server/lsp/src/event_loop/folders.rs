//! Which projects there are, and which one a path belongs to.

use super::EventLoop;
use crate::event::Event;
use crate::proto::WorkspaceFolder;
use crate::root::Root;
use crate::uris;
use seeknal_model::{Role, role};
use seeknal_service::projects;
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl EventLoop {
    pub(super) fn add_folder(&mut self, folder: &WorkspaceFolder) {
        let Some(path) = uris::path(&folder.uri) else { return };
        let uri = folder.uri.as_str().trim_end_matches('/').to_owned();
        if !self.folders.iter().any(|(known, _)| *known == path) {
            self.folders.push((path.clone(), uri));
        }
        self.discover(path);
    }

    pub(super) fn discover(&mut self, folder: PathBuf) {
        self.discovering += 1;
        let events = self.events.clone();
        self.disk.run(move || {
            let roots = projects(&folder);
            events.send(Event::Discovered { folder, roots });
        });
    }

    pub(super) fn discovered(&mut self, folder: &Path, roots: Vec<PathBuf>) {
        if !self.folders.iter().any(|(known, _)| known == folder) {
            return;
        }
        // What was found before and is not any more has lost this folder.
        for (path, root) in &mut self.roots {
            if !roots.contains(path) {
                root.folders.remove(folder);
            }
        }
        for path in roots {
            self.root(&path).folders.insert(folder.to_owned());
            self.read_disk(&path);
        }
        self.drop_unused();
        self.place_again();
    }

    /// The project of a folder, which is there afterwards.
    pub(super) fn root(&mut self, path: &Path) -> &mut Root {
        let uri = self.spelled(path);
        self.roots.entry(path.to_owned()).or_insert_with(|| Root::new(uri, path.to_owned()))
    }

    /// A folder as the client would spell it.
    pub(super) fn spelled(&self, path: &Path) -> String {
        let known = self.folders.iter().filter(|(folder, _)| path.starts_with(folder));
        let nearest = known.max_by_key(|(folder, _)| folder.as_os_str().len());
        let below = nearest.and_then(|(folder, uri)| match uris::relative(path, folder)? {
            rest if rest.is_empty() => Some(uri.clone()),
            rest => Some(uris::below(uri, &rest)?.as_str().to_owned()),
        });
        let own = || uris::uri(path).map(|uri| uri.as_str().to_owned());
        below.or_else(own).unwrap_or_default()
    }

    pub(super) fn remove_folder(&mut self, folder: &WorkspaceFolder) {
        let Some(path) = uris::path(&folder.uri) else { return };
        self.folders.retain(|(known, _)| *known != path);
        for root in self.roots.values_mut() {
            root.folders.remove(&path);
        }
        self.drop_unused();
    }

    pub(super) fn drop_unused(&mut self) {
        let outbox = &self.outbox;
        let analyst = self.analyst();
        self.roots.retain(|path, root| {
            let used = !root.folders.is_empty() || !root.open.is_empty();
            if !used {
                if let Some(analyst) = &analyst {
                    analyst.forget(path);
                }
                root.clear(outbox);
                root.asked.drain(..).for_each(|(_, ask)| ask(None));
            }
            used
        });
    }

    /// The project that a path belongs to, and its path there.
    pub(super) fn place(&self, path: &Path) -> Option<(PathBuf, Arc<str>)> {
        let inside = self.roots.keys().filter(|root| path.starts_with(root));
        let root = inside.max_by_key(|root| root.as_os_str().len())?;
        let relative = uris::relative(path, root)?;
        (role(&relative) != Role::Other).then(|| (root.clone(), relative.into()))
    }
}
