//! What lies on disk, read by a thread, one reading of a project after the other.

use super::EventLoop;
use crate::event::Event;
use crate::proto::{MessageType, Uri};
use crate::uris;
use seeknal_service::{load, read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// More changed files than this at once, and the project is read as a whole.
const FILES_MAX: usize = 200;

impl EventLoop {
    pub(super) fn touched(&mut self, uris: &[Uri]) {
        let paths: Vec<PathBuf> = uris.iter().filter_map(uris::path).collect();
        let projects_moved = paths.iter().any(|path| {
            let is_marker = path.file_name().is_some_and(|name| name == "seeknal_project.yml");
            // A folder that comes or goes may hold projects.
            is_marker || path.extension().is_none()
        });
        for path in paths {
            let Some(nearest) = self.roots.keys().filter(|root| path.starts_with(root)).max()
            else {
                continue;
            };
            let nearest = nearest.clone();
            if path.ends_with("state/head") {
                if let Some(analyst) = self.analyst() {
                    analyst.look_again(&nearest);
                }
                self.judge(&nearest);
                continue;
            }
            let place = self.place(&path);
            let Some(root) = self.roots.get_mut(&nearest) else { continue };
            match place {
                Some((_, relative)) => {
                    root.disk.files.insert(relative);
                }
                None => root.disk.whole = true,
            }
            root.disk.whole |= root.disk.files.len() > FILES_MAX;
        }
        if projects_moved {
            let folders: Vec<PathBuf> = self.folders.iter().map(|(path, _)| path.clone()).collect();
            folders.into_iter().for_each(|folder| self.discover(folder));
        }
        let roots: Vec<PathBuf> = self.roots.keys().cloned().collect();
        roots.iter().for_each(|root| self.read_disk(root));
    }

    /// Starts what is to be read, unless something is being read already.
    pub(super) fn read_disk(&mut self, path: &Path) {
        let Some(root) = self.roots.get_mut(path) else { return };
        if root.disk.busy || !root.disk.whole && root.disk.files.is_empty() {
            return;
        }
        root.disk.busy = true;
        let files = std::mem::take(&mut root.disk.files);
        let (events, folder) = (self.events.clone(), path.to_owned());
        if std::mem::take(&mut root.disk.whole) {
            self.disk.run(move || {
                let loaded = load(&folder, &|| false);
                let real = folder.canonicalize().unwrap_or_else(|_| folder.clone());
                events.send(Event::Loaded { root: folder, real, loaded });
            });
            return;
        }
        self.disk.run(move || {
            let files = files.into_iter().map(|path| {
                let bytes = read(&folder.join(&*path)).ok();
                (path, bytes)
            });
            let files = files.collect();
            events.send(Event::Read { root: folder, files });
        });
    }

    pub(super) fn loaded(
        &mut self,
        path: &Path,
        real: PathBuf,
        loaded: Result<Option<seeknal_service::Loaded>, String>,
    ) {
        let Some(root) = self.roots.get_mut(path) else { return };
        root.real = real;
        root.disk.busy = false;
        root.ready = true;
        let (project, unread) = match loaded {
            Ok(Some(loaded)) => (loaded.project, loaded.unread),
            Ok(None) => return,
            // The folder is gone, and everything in it with it.
            Err(sentence) => (seeknal_model::Project::default(), vec![sentence]),
        };
        root.overlaid.reset(project);
        let asked = std::mem::take(&mut root.asked);
        for sentence in unread {
            self.log(MessageType::WARNING, &sentence);
        }
        let open = self
            .open
            .values()
            .filter(|open| open.place.as_ref().is_some_and(|(root, _)| root == path));
        let open: Vec<Uri> = open.map(|open| open.uri.clone()).collect();
        open.iter().for_each(|uri| self.lay_over(uri));
        for (relative, ask) in asked {
            self.answer(path, relative, ask);
        }
        self.judge(path);
        self.read_disk(path);
    }

    pub(super) fn read(&mut self, path: &Path, files: Vec<(Arc<str>, Option<Vec<u8>>)>) {
        let Some(root) = self.roots.get_mut(path) else { return };
        root.disk.busy = false;
        for (relative, bytes) in files {
            // Unsaved text wins over disk.
            if root.open.contains_key(&relative) {
                continue;
            }
            match bytes {
                Some(bytes) => root.overlaid.set_bytes(&relative, bytes.into()),
                None => root.overlaid.remove(&relative),
            }
        }
        self.judge(path);
        self.read_disk(path);
    }
}
