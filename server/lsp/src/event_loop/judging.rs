//! What is wrong, found by a thread and told when it is still so.

use super::EventLoop;
use crate::convert::Telling;
use crate::event::{Event, Judged};
use crate::proto::Diagnostic;
use crate::view::View;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// More messages than this waiting for the client, and nothing is judged until it has read them.
const BACKLOG_MAX: usize = 256;

impl EventLoop {
    pub(super) fn judge_all(&mut self) {
        let roots: Vec<PathBuf> = self.roots.keys().cloned().collect();
        roots.iter().for_each(|root| self.judge(root));
    }

    pub(super) fn judge(&mut self, path: &Path) {
        let (encoding, related) = (self.client.encoding, self.client.related);
        let Some(root) = self.roots.get_mut(path).filter(|root| root.ready) else { return };
        if root.judging.busy {
            root.judging.again = true;
            return;
        }
        if self.outbox.waiting() > BACKLOG_MAX {
            self.postponed = true;
            return;
        }
        root.judging.busy = true;
        let view = root.view("".into(), encoding);
        let (events, root) = (self.events.clone(), path.to_owned());
        self.quick.run(move || {
            let judging = AssertUnwindSafe(|| diagnostics(&view, related));
            // Without an answer this project would be judged never again.
            let diagnostics = catch_unwind(judging).unwrap_or_default();
            let judged = Judged { snapshot: view.snapshot, diagnostics };
            events.send(Event::Judged { root, judged });
        });
    }

    pub(super) fn judged(&mut self, path: &Path, judged: Judged) {
        let Some(root) = self.roots.get_mut(path) else { return };
        root.judging.busy = false;
        root.overlaid.settle(&judged.snapshot);
        let again = std::mem::take(&mut root.judging.again);
        // What is wrong with a text that is gone interests nobody.
        if judged.snapshot.revision() == root.overlaid.revision() {
            root.publish(judged, &self.outbox);
        }
        if again {
            self.judge(path);
        }
    }
}

fn diagnostics(view: &View, related: bool) -> BTreeMap<Arc<str>, Vec<Diagnostic>> {
    let telling = Telling { names: &view.names, encoding: view.encoding, related };
    let mut found: BTreeMap<Arc<str>, Vec<Diagnostic>> = BTreeMap::new();
    for fault in view.project().faults() {
        if let Some(diagnostic) = telling.diagnostic(view.project(), &fault) {
            found.entry(fault.path.clone()).or_default().push(diagnostic);
        }
    }
    found
}
