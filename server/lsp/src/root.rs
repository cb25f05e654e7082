//! A project in the workspace.

use crate::event::Ask;
use crate::outbox::Outbox;
use crate::proto::{Diagnostic, Uri};
use crate::view::{Names, View};
use seeknal_analysis::Schemas;
use seeknal_analysis::identity::Identities;
use seeknal_ide::Notice;
use seeknal_model::{Fault, File, Project};
use seeknal_plan::Plan;
use seeknal_service::{Overlaid, Snapshot};
use seeknal_syntax::Encoding;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A project with what is going on in it.
pub(crate) struct Root {
    /// The folder as the client spells it.
    pub(crate) uri: String,
    /// The folder with every link resolved; the same as its path until it was looked up.
    pub(crate) real: PathBuf,
    /// The workspace folders that brought it here. With none left, and no file open, it goes.
    pub(crate) folders: BTreeSet<PathBuf>,
    pub(crate) overlaid: Overlaid,
    /// Open files, with how the client spells them and their versions.
    pub(crate) open: HashMap<Arc<str>, (Uri, i32)>,
    /// Questions that came before the project was read.
    pub(crate) asked: Vec<(Arc<str>, Ask)>,
    /// Whether it was read once.
    pub(crate) ready: bool,
    pub(crate) disk: Disk,
    pub(crate) judging: Judging,
    pub(crate) binding: Binding,
    /// Whether somebody looks at what lies outside of the texts.
    pub(crate) looking: bool,
    /// What the engine said last.
    pub(crate) bound: Arc<BoundFaults>,
    /// What the edits do, as it was found last.
    pub(crate) verdict: Arc<Verdict>,
    /// What was found without the engine, at which revision.
    pub(crate) named: Option<(u64, Diagnostics)>,
    published: BTreeMap<Arc<str>, Published>,
}

/// One reading of the disk at a time, so that an older one never comes after a newer one.
#[derive(Default)]
pub(crate) struct Disk {
    pub(crate) busy: bool,
    pub(crate) whole: bool,
    pub(crate) files: BTreeSet<Arc<str>>,
}

/// One judging at a time, and at most one more after it.
#[derive(Default)]
pub(crate) struct Judging {
    pub(crate) busy: bool,
    pub(crate) again: bool,
}

/// One binding at a time, which is stopped when what it binds has changed.
#[derive(Default)]
pub(crate) struct Binding {
    pub(crate) busy: bool,
    pub(crate) again: bool,
    pub(crate) stop: Arc<AtomicBool>,
}

/// What an engine said of queries, each fault with the file it was found in: it holds as long as the
/// file is the same.
#[derive(Debug, Default)]
pub(crate) struct BoundFaults {
    pub(crate) faults: Vec<(Fault, Arc<File>)>,
    pub(crate) schemas: Arc<Schemas>,
}

/// What the edits of a project do, each notice with the file it is in: it holds as long as the file is the
/// same.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) notices: Vec<(Notice, Arc<File>)>,
    pub(crate) plan: Option<Plan>,
    /// What the nodes of a snapshot mean.
    pub(crate) known: Option<(Snapshot, Arc<Identities>)>,
}

impl Verdict {
    /// The notices that still hold in a project.
    pub(crate) fn holding(&self, project: &Project) -> impl Iterator<Item = &Notice> {
        let holds = |(notice, file): &&(Notice, Arc<File>)| {
            project.file(&notice.path).is_some_and(|now| Arc::ptr_eq(now, file))
        };
        self.notices.iter().filter(holds).map(|(notice, _)| notice)
    }
}

impl BoundFaults {
    /// The faults that still hold in a project.
    pub(crate) fn holding(&self, project: &Project) -> impl Iterator<Item = &Fault> {
        let holds = |(fault, file): &&(Fault, Arc<File>)| {
            project.file(&fault.path).is_some_and(|now| Arc::ptr_eq(now, file))
        };
        self.faults.iter().filter(holds).map(|(fault, _)| fault)
    }
}

/// What is shown in each file.
pub(crate) type Diagnostics = BTreeMap<Arc<str>, Vec<Diagnostic>>;

struct Published {
    uri: Uri,
    version: Option<i32>,
    diagnostics: Vec<Diagnostic>,
}

impl Root {
    pub(crate) fn new(uri: String, real: PathBuf) -> Root {
        Root {
            uri,
            real,
            folders: BTreeSet::new(),
            overlaid: Overlaid::new(Project::default()),
            open: HashMap::new(),
            asked: Vec::new(),
            ready: false,
            disk: Disk { whole: true, ..Disk::default() },
            judging: Judging::default(),
            binding: Binding::default(),
            looking: false,
            bound: Arc::default(),
            verdict: Arc::default(),
            named: None,
            published: BTreeMap::new(),
        }
    }

    pub(crate) fn view(&mut self, path: Arc<str>, encoding: Encoding) -> View {
        let names = Arc::new(Names { root: self.uri.clone(), open: self.open.clone() });
        let bound = self.bound.clone();
        let verdict = self.verdict.clone();
        let (snapshot, root) = (self.overlaid.snapshot(), self.real.clone());
        View { snapshot, names, bound, verdict, path, root, encoding }
    }

    /// Tells the client what changed since it was told last, and what is gone.
    pub(crate) fn publish(&mut self, mut found: Diagnostics, outbox: &Outbox) {
        let names = Names { root: self.uri.clone(), open: self.open.clone() };
        for (path, published) in std::mem::take(&mut self.published) {
            let now = names.uri(&path);
            if now.as_ref() != Some(&published.uri) {
                // The client spells the file differently now that it is open or closed.
                send(outbox, &published.uri, None, &[]);
            } else if found.contains_key(&path) {
                self.published.insert(path, published);
            } else {
                let version = names.open.get(&path).map(|(_, version)| *version);
                send(outbox, &published.uri, version, &[]);
            }
        }
        while let Some((path, diagnostics)) = found.pop_first() {
            let Some(uri) = names.uri(&path) else { continue };
            let version = names.open.get(&path).map(|(_, version)| *version);
            let known = self.published.get(&path);
            let same = |one: &Published| one.version == version && one.diagnostics == diagnostics;
            if !known.is_some_and(same) {
                send(outbox, &uri, version, &diagnostics);
                self.published.insert(path, Published { uri, version, diagnostics });
            }
        }
    }

    /// Takes back everything the client was told.
    pub(crate) fn clear(&mut self, outbox: &Outbox) {
        for (_, published) in std::mem::take(&mut self.published) {
            send(outbox, &published.uri, None, &[]);
        }
    }
}

fn send(outbox: &Outbox, uri: &Uri, version: Option<i32>, diagnostics: &[Diagnostic]) {
    let mut params = json!({ "uri": uri, "diagnostics": diagnostics });
    if let (Some(version), Some(params)) = (version, params.as_object_mut()) {
        params.insert("version".to_owned(), version.into());
    }
    let method = "textDocument/publishDiagnostics";
    outbox.send(json!({ "jsonrpc": "2.0", "method": method, "params": params }));
}
