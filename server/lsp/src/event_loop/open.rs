//! The files that editors have open.

use super::{EventLoop, Open};
use crate::documents::{Document, Held};
use crate::event::{Event, Home};
use crate::proto::{TextDocumentContentChangeEvent, Uri};
use crate::uris;
use seeknal_model::{Role, role};
use seeknal_service::home;
use std::path::PathBuf;
use std::sync::Arc;

impl EventLoop {
    pub(super) fn opened(&mut self, uri: Uri, version: i32, text: &str) {
        let document = Document::new(version, text);
        let place = uris::path(&uri).and_then(|path| self.place(&path));
        let open = Open { uri: uri.clone(), document, place, looked_up: false, asked: Vec::new() };
        if open.place.is_none() {
            self.look_up(&uri);
        }
        let looked_up = open.place.is_none() && uris::path(&uri).is_some();
        self.open.insert(uri.as_str().to_owned(), Open { looked_up, ..open });
        self.lay_over(&uri);
    }

    pub(super) fn look_up(&self, uri: &Uri) {
        let Some(path) = uris::path(uri) else { return };
        let (events, uri) = (self.events.clone(), uri.clone());
        self.disk.run(move || {
            let home = home(&path).and_then(|root| {
                let real = root.canonicalize().ok()?;
                Some(Home { root, real })
            });
            events.send(Event::Located { uri, home });
        });
    }

    pub(super) fn located(&mut self, uri: &Uri, home: Option<Home>) {
        let Some(path) = uris::path(uri) else { return };
        if let Some(Home { root, real }) = home
            && let Some(relative) = uris::relative(&path, &root)
            && role(&relative) != Role::Other
        {
            // The project may be here under another spelling.
            let known = self.roots.iter().find(|(_, known)| known.real == real);
            let root = known.map_or(root, |(known, _)| known.clone());
            self.root(&root);
            self.read_disk(&root);
            if let Some(open) = self.open.get_mut(uri.as_str()) {
                open.place = Some((root, relative.into()));
            }
        }
        let Some(open) = self.open.get_mut(uri.as_str()) else { return };
        open.looked_up = false;
        let asked = std::mem::take(&mut open.asked);
        self.lay_over(uri);
        asked.into_iter().for_each(|ask| self.ask(uri, ask));
    }

    /// Puts the text of an open file over what lies on disk.
    pub(super) fn lay_over(&mut self, uri: &Uri) {
        let Some(open) = self.open.get(uri.as_str()) else { return };
        let Some((path, relative)) = open.place.clone() else { return };
        let Some(root) = self.roots.get_mut(&path) else { return };
        root.open.insert(relative.clone(), (open.uri.clone(), open.document.version));
        root.overlaid.set_text(&relative, Arc::new(Held(open.document.rope.clone())));
        self.judge(&path);
    }

    pub(super) fn changed(
        &mut self,
        uri: &Uri,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
    ) {
        let encoding = self.client.encoding;
        let Some(open) = self.open.get_mut(uri.as_str()) else { return };
        open.document.apply(version, changes, encoding);
        self.lay_over(uri);
    }

    pub(super) fn closed(&mut self, uri: &Uri) {
        let Some(open) = self.open.remove(uri.as_str()) else { return };
        open.asked.into_iter().for_each(|ask| ask(None));
        let Some((path, relative)) = open.place else { return };
        if let Some(root) = self.roots.get_mut(&path) {
            root.open.remove(&relative);
            root.disk.files.insert(relative);
        }
        self.read_disk(&path);
        self.drop_unused();
    }

    /// Gives open files to the projects that have come or gone.
    pub(super) fn place_again(&mut self) {
        let uris: Vec<Uri> = self.open.values().map(|open| open.uri.clone()).collect();
        for uri in uris {
            let Some(place) = uris::path(&uri).and_then(|path| self.place(&path)) else { continue };
            let Some(open) = self.open.get_mut(uri.as_str()) else { continue };
            let old = open.place.replace(place.clone());
            if old.as_ref() == Some(&place) {
                continue;
            }
            if let Some((root, relative)) = old
                && let Some(root) = self.roots.get_mut(&root)
            {
                root.open.remove(&relative);
                root.disk.files.insert(relative);
            }
            self.lay_over(&uri);
        }
        let roots: Vec<PathBuf> = self.roots.keys().cloned().collect();
        roots.iter().for_each(|root| self.read_disk(root));
        self.drop_unused();
    }
}
