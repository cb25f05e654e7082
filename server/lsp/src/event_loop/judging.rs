//! What is wrong, found by a thread and told when it is still so.

use super::{Awaited, EventLoop};
use crate::convert::Telling;
use crate::event::{Bound, Event, Judged, Weighed};
use crate::proto::{Diagnostic, MessageType};
use crate::root::{BoundFaults, Verdict};
use crate::view::{Names, View};
use seeknal_service::{Live, Snapshot};
use serde_json::Value;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
        let revision = judged.snapshot.revision();
        if revision == root.overlaid.revision() {
            root.named = Some((revision, judged.diagnostics));
            self.publish(path, &judged.snapshot);
            self.bind(path);
        }
        if again {
            self.judge(path);
        }
    }

    /// Shows what was found by names, and what the engine said that still holds.
    fn publish(&mut self, path: &Path, snapshot: &Snapshot) {
        let (encoding, related) = (self.client.encoding, self.client.related);
        let Some(root) = self.roots.get_mut(path) else { return };
        let Some((_, named)) = &root.named else { return };
        let mut all = named.clone();
        let names = Names { root: root.uri.clone(), open: root.open.clone() };
        let telling = Telling { names: &names, encoding, related };
        let bound = root.bound.clone();
        for fault in bound.holding(snapshot.project()) {
            if let Some(diagnostic) = telling.diagnostic(snapshot.project(), fault) {
                all.entry(fault.path.clone()).or_default().push(diagnostic);
            }
        }
        let verdict = root.verdict.clone();
        for notice in verdict.holding(snapshot.project()) {
            if let Some(diagnostic) = telling.notice(snapshot.project(), notice) {
                all.entry(notice.path.clone()).or_default().push(diagnostic);
            }
        }
        root.publish(all, &self.outbox);
    }

    /// Lets the engine read the queries, after what names alone tell has been shown.
    fn bind(&mut self, path: &Path) {
        let Some(analyst) = self.analyst() else { return };
        let encoding = self.client.encoding;
        let Some(root) = self.roots.get_mut(path) else { return };
        if root.binding.busy {
            root.binding.again = true;
            root.binding.stop.store(true, Ordering::SeqCst);
            return;
        }
        root.binding.busy = true;
        root.binding.stop = Arc::new(AtomicBool::new(false));
        let stop = root.binding.stop.clone();
        let view = root.view("".into(), encoding);
        let (events, root) = (self.events.clone(), path.to_owned());
        self.engine.run(move || {
            let stopped = || stop.load(Ordering::SeqCst);
            let binding =
                AssertUnwindSafe(|| analyst.schemas_typed(&root, view.project(), &stopped));
            let schemas = catch_unwind(binding).ok().filter(|_| !stopped());
            let bound = |schemas: Arc<_>| Bound { snapshot: view.snapshot.clone(), schemas };
            let bound = schemas.clone().map(bound);
            events.send(Event::Bound { root: root.clone(), bound });
            // What the edits do is shown behind what is wrong, and never before it.
            let weighing = AssertUnwindSafe(|| {
                let live = analyst.live(&root, view.project(), &schemas?, &stopped)?;
                Some(Weighed { snapshot: view.snapshot.clone(), live })
            });
            let weighed = catch_unwind(weighing).ok().flatten();
            events.send(Event::Weighed { root, weighed });
        });
    }

    pub(super) fn weighed(&mut self, path: &Path, weighed: Option<Weighed>) {
        let Some(root) = self.roots.get_mut(path) else { return };
        root.binding.busy = false;
        let again = std::mem::take(&mut root.binding.again);
        if let Some(Weighed { snapshot, live: Live { plan, identities } }) = weighed {
            let project = snapshot.project();
            let notices =
                plan.as_ref().map(|plan| seeknal_ide::notices(&plan.changes, &plan.steps, project));
            let notices = notices.into_iter().flatten().filter_map(|notice| {
                let file = project.file(&notice.path)?.clone();
                Some((notice, file))
            });
            let is_other = root.verdict.plan != plan;
            let known = Some((snapshot.clone(), identities));
            let verdict = Verdict { notices: notices.collect(), plan, known };
            let before = std::mem::replace(&mut root.verdict, Arc::new(verdict));
            // To let go of what thousands of nodes meant takes milliseconds.
            self.disk.run(move || drop(before));
            let revision = snapshot.revision();
            let is_named = root.named.as_ref().is_some_and(|(named, _)| *named == revision);
            if is_named && revision == root.overlaid.revision() {
                self.publish(path, &snapshot);
            }
            if is_other && self.client.refreshes_lenses {
                self.request("workspace/codeLens/refresh", Value::Null, Awaited::Nothing);
            }
        }
        match again {
            true => self.bind(path),
            false => self.look_around(path),
        }
    }

    /// Looks at what lies outside of the texts, where that is long ago, behind what was shown of them.
    fn look_around(&mut self, path: &Path) {
        let Some(analyst) = self.analyst().filter(|analyst| analyst.is_due(path)) else { return };
        let Some(root) = self.roots.get_mut(path).filter(|root| !root.looking) else { return };
        root.looking = true;
        let snapshot = root.overlaid.snapshot();
        let (events, root) = (self.events.clone(), path.to_owned());
        self.disk.run(move || {
            let looking = AssertUnwindSafe(|| analyst.look_around(&root, snapshot.project()));
            let moved = catch_unwind(looking).unwrap_or_default();
            events.send(Event::LookedAround { root, moved });
        });
    }

    pub(super) fn looked_around(&mut self, path: &Path, moved: bool) {
        if let Some(root) = self.roots.get_mut(path) {
            root.looking = false;
        }
        if moved {
            self.bind(path);
        }
    }

    pub(super) fn bound(&mut self, path: &Path, bound: Option<Bound>) {
        let trouble = self.analyst().and_then(|analyst| analyst.trouble());
        if let Some(trouble) = trouble.as_ref().filter(|_| !self.troubled) {
            self.tell("window/showMessage", MessageType::ERROR, trouble);
        }
        self.troubled = trouble.is_some();
        let Some(root) = self.roots.get_mut(path) else { return };
        if let Some(Bound { snapshot, schemas }) = bound {
            let project = snapshot.project();
            let faults = schemas.faults().into_iter().filter_map(|fault| {
                let file = project.file(&fault.path)?.clone();
                Some((fault, file))
            });
            root.bound = Arc::new(BoundFaults { faults: faults.collect(), schemas });
            let revision = snapshot.revision();
            let is_named = root.named.as_ref().is_some_and(|(named, _)| *named == revision);
            if is_named && revision == root.overlaid.revision() {
                self.publish(path, &snapshot);
            }
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
