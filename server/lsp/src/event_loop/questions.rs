//! Questions, answered by threads from a project as it is now.

use super::EventLoop;
use crate::event::{Ask, AskAll};
use crate::proto::Uri;
use crate::uris;
use crate::view::View;
use std::path::Path;
use std::sync::Arc;

impl EventLoop {
    pub(super) fn ask(&mut self, uri: &Uri, ask: Ask) {
        let place = match self.open.get_mut(uri.as_str()) {
            Some(open) if open.looked_up => return open.asked.push(ask),
            Some(open) => open.place.clone(),
            None => uris::path(uri).and_then(|path| self.place(&path)),
        };
        match place {
            Some((root, relative)) => self.answer(&root, relative, ask),
            None if self.discovering > 0 => self.asked.push((uri.clone(), ask)),
            None => self.quick.run(move || ask(None)),
        }
    }

    pub(super) fn answer(&mut self, root: &Path, relative: Arc<str>, ask: Ask) {
        let encoding = self.client.encoding;
        match self.roots.get_mut(root) {
            Some(root) if !root.ready => root.asked.push((relative, ask)),
            Some(root) => {
                let view = root.view(relative, encoding);
                self.quick.run(move || ask(Some(view)));
            }
            None => self.quick.run(move || ask(None)),
        }
    }

    pub(super) fn ask_all(&mut self, ask: AskAll) {
        let encoding = self.client.encoding;
        if self.discovering > 0 || self.roots.values().any(|root| !root.ready) {
            return self.asked_all.push(ask);
        }
        let views: Vec<View> =
            self.roots.values_mut().map(|root| root.view("".into(), encoding)).collect();
        self.quick.run(move || ask(views));
    }

    /// Whether there are projects that nobody has read yet.
    pub(super) fn is_reading(&self) -> bool {
        self.discovering > 0
            || self.roots.values().any(|root| !root.ready)
            || self.open.values().any(|open| open.looked_up)
    }

    /// Asks again what may have waited for the projects to be read.
    pub(super) fn ask_again(&mut self) {
        std::mem::take(&mut self.asked).into_iter().for_each(|(uri, ask)| self.ask(&uri, ask));
        std::mem::take(&mut self.asked_all).into_iter().for_each(|ask| self.ask_all(ask));
    }
}
