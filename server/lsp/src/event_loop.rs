//! The one owner of state: it takes one event after the other and never waits for anything else.
//! Work goes to threads, which get values and send events back.

use crate::commands::{self, Job, Work};
use crate::convert::Telling;
use crate::documents::{Document, Held};
use crate::event::{Ask, AskAll, Event, Events, Home, Judged, Run};
use crate::facts::{self, Client};
use crate::outbox::Outbox;
use crate::parent;
use crate::pool::Pool;
use crate::progress::Progress;
use crate::proto::*;
use crate::root::Root;
use crate::transport::Stop;
use crate::uris;
use crate::view::View;
use seeknal_model::{Role, role};
use seeknal_service::{home, load, projects, read};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use tokio::sync::oneshot;

/// More messages than this waiting for the client, and nothing is judged until it has read them.
const BACKLOG_MAX: usize = 256;

/// More changed files than this at once, and the project is read as a whole.
const FILES_MAX: usize = 200;

/// How many long commands are worked on at once; the rest waits its turn.
const LONG_THREADS: usize = 2;

/// An open file.
struct Open {
    uri: Uri,
    document: Document,
    /// Where it belongs; nothing while that is looked up, and for a file of no project.
    place: Option<(PathBuf, Arc<str>)>,
    /// Whether its project is being looked up.
    looked_up: bool,
    asked: Vec<Ask>,
}

/// What an answer of the client is about.
enum Awaited {
    Nothing,
    Progress(u64),
}

pub(crate) struct EventLoop {
    client: Client,
    events: Events,
    outbox: Outbox,
    stop: Stop,
    /// Questions and judging, which take milliseconds.
    quick: Pool,
    /// Reading files, in order.
    disk: Pool,
    /// Commands, which take as long as they take.
    long: Pool,
    open: HashMap<String, Open>,
    folders: Vec<(PathBuf, String)>,
    roots: BTreeMap<PathBuf, Root>,
    jobs: BTreeMap<u64, Job>,
    awaited: HashMap<String, Awaited>,
    next: u64,
    postponed: bool,
    discovering: usize,
    /// Questions about files that came before the folders were looked through.
    asked: Vec<(Uri, Ask)>,
    /// Questions about everything that came before everything was read.
    asked_all: Vec<AskAll>,
}

impl EventLoop {
    pub(crate) fn new(events: Events, outbox: Outbox, stop: Stop) -> EventLoop {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        EventLoop {
            client: Client::default(),
            events,
            outbox,
            stop,
            quick: Pool::new("quick", cores.max(2)),
            disk: Pool::new("disk", 1),
            long: Pool::new("long", LONG_THREADS),
            open: HashMap::new(),
            folders: Vec::new(),
            roots: BTreeMap::new(),
            jobs: BTreeMap::new(),
            awaited: HashMap::new(),
            next: 0,
            postponed: false,
            discovering: 0,
            asked: Vec::new(),
            asked_all: Vec::new(),
        }
    }

    /// Takes events until the session is over. A panic costs the event.
    pub(crate) fn run(mut self, events: &Receiver<Event>) {
        while let Ok(event) = events.recv() {
            if matches!(event, Event::Stop) {
                return;
            }
            let _ = catch_unwind(AssertUnwindSafe(|| self.handle(event)));
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Started(client, folders) => {
                self.client = *client;
                if let Some(parent) = self.client.parent {
                    parent::watch(parent, self.stop.clone());
                }
                folders.into_iter().for_each(|folder| self.add_folder(&folder));
            }
            Event::Ready => self.ready(),
            Event::Opened { uri, version, text } => self.opened(uri, version, &text),
            Event::Changed { uri, version, changes } => self.changed(&uri, version, changes),
            Event::Closed(uri) => self.closed(&uri),
            Event::Touched(uris) => self.touched(&uris),
            Event::Folders { added, removed } => {
                added.iter().for_each(|folder| self.add_folder(folder));
                removed.iter().for_each(|folder| self.remove_folder(folder));
            }
            Event::Ask(uri, ask) => self.ask(&uri, ask),
            Event::AskAll(ask) => self.ask_all(ask),
            Event::Run(run) => self.command(run),
            Event::CancelProgress(token) => {
                self.cancel(|job| job.progress.token() == Some(&token));
            }
            Event::Answered(answer) => self.answered(&answer),
            Event::Discovered { folder, roots } => {
                self.discovering -= 1;
                self.discovered(&folder, roots);
                self.ask_again();
            }
            Event::Located { uri, home } => self.located(&uri, home),
            Event::Loaded { root, real, loaded } => {
                self.loaded(&root, real, loaded);
                self.ask_again();
            }
            Event::Read { root, files } => self.read(&root, files),
            Event::Judged { root, judged } => self.judged(&root, judged),
            Event::Finished(job) => {
                self.jobs.remove(&job);
            }
            Event::Drained => {
                if std::mem::take(&mut self.postponed) {
                    self.judge_all();
                }
            }
            Event::Stop => {}
        }
    }

    // Folders and projects.

    fn add_folder(&mut self, folder: &WorkspaceFolder) {
        let Some(path) = uris::path(&folder.uri) else { return };
        let uri = folder.uri.as_str().trim_end_matches('/').to_owned();
        if !self.folders.iter().any(|(known, _)| *known == path) {
            self.folders.push((path.clone(), uri));
        }
        self.discover(path);
    }

    fn discover(&mut self, folder: PathBuf) {
        self.discovering += 1;
        let events = self.events.clone();
        self.disk.run(move || {
            let roots = projects(&folder);
            events.send(Event::Discovered { folder, roots });
        });
    }

    fn discovered(&mut self, folder: &Path, roots: Vec<PathBuf>) {
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
    fn root(&mut self, path: &Path) -> &mut Root {
        let uri = self.spelled(path);
        self.roots.entry(path.to_owned()).or_insert_with(|| Root::new(uri, path.to_owned()))
    }

    /// A folder as the client would spell it.
    fn spelled(&self, path: &Path) -> String {
        let known = self.folders.iter().filter(|(folder, _)| path.starts_with(folder));
        let nearest = known.max_by_key(|(folder, _)| folder.as_os_str().len());
        let below = nearest.and_then(|(folder, uri)| match uris::relative(path, folder)? {
            rest if rest.is_empty() => Some(uri.clone()),
            rest => Some(uris::below(uri, &rest)?.as_str().to_owned()),
        });
        let own = || uris::uri(path).map(|uri| uri.as_str().to_owned());
        below.or_else(own).unwrap_or_default()
    }

    fn remove_folder(&mut self, folder: &WorkspaceFolder) {
        let Some(path) = uris::path(&folder.uri) else { return };
        self.folders.retain(|(known, _)| *known != path);
        for root in self.roots.values_mut() {
            root.folders.remove(&path);
        }
        self.drop_unused();
    }

    fn drop_unused(&mut self) {
        let outbox = &self.outbox;
        self.roots.retain(|_, root| {
            let used = !root.folders.is_empty() || !root.open.is_empty();
            if !used {
                root.clear(outbox);
                root.asked.drain(..).for_each(|(_, ask)| ask(None));
            }
            used
        });
    }

    /// The project that a path belongs to, and its path there.
    fn place(&self, path: &Path) -> Option<(PathBuf, Arc<str>)> {
        let inside = self.roots.keys().filter(|root| path.starts_with(root));
        let root = inside.max_by_key(|root| root.as_os_str().len())?;
        let relative = uris::relative(path, root)?;
        (role(&relative) != Role::Other).then(|| (root.clone(), relative.into()))
    }

    // Open files.

    fn opened(&mut self, uri: Uri, version: i32, text: &str) {
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

    fn look_up(&self, uri: &Uri) {
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

    fn located(&mut self, uri: &Uri, home: Option<Home>) {
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
    fn lay_over(&mut self, uri: &Uri) {
        let Some(open) = self.open.get(uri.as_str()) else { return };
        let Some((path, relative)) = open.place.clone() else { return };
        let Some(root) = self.roots.get_mut(&path) else { return };
        root.open.insert(relative.clone(), (open.uri.clone(), open.document.version));
        root.overlaid.set_text(&relative, Arc::new(Held(open.document.rope.clone())));
        self.judge(&path);
    }

    fn changed(&mut self, uri: &Uri, version: i32, changes: Vec<TextDocumentContentChangeEvent>) {
        let encoding = self.client.encoding;
        let Some(open) = self.open.get_mut(uri.as_str()) else { return };
        open.document.apply(version, changes, encoding);
        self.lay_over(uri);
    }

    fn closed(&mut self, uri: &Uri) {
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
    fn place_again(&mut self) {
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

    // The disk.

    fn touched(&mut self, uris: &[Uri]) {
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
    fn read_disk(&mut self, path: &Path) {
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

    fn loaded(
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

    fn read(&mut self, path: &Path, files: Vec<(Arc<str>, Option<Vec<u8>>)>) {
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

    // Diagnostics.

    fn judge_all(&mut self) {
        let roots: Vec<PathBuf> = self.roots.keys().cloned().collect();
        roots.iter().for_each(|root| self.judge(root));
    }

    fn judge(&mut self, path: &Path) {
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

    fn judged(&mut self, path: &Path, judged: Judged) {
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

    // Questions.

    fn ask(&mut self, uri: &Uri, ask: Ask) {
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

    fn answer(&mut self, root: &Path, relative: Arc<str>, ask: Ask) {
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

    fn ask_all(&mut self, ask: AskAll) {
        let encoding = self.client.encoding;
        if self.discovering > 0 || self.roots.values().any(|root| !root.ready) {
            return self.asked_all.push(ask);
        }
        let views: Vec<View> =
            self.roots.values_mut().map(|root| root.view("".into(), encoding)).collect();
        self.quick.run(move || ask(views));
    }

    /// Asks again what may have waited for the projects to be read.
    fn ask_again(&mut self) {
        std::mem::take(&mut self.asked).into_iter().for_each(|(uri, ask)| self.ask(&uri, ask));
        std::mem::take(&mut self.asked_all).into_iter().for_each(|ask| self.ask_all(ask));
    }

    // Commands.

    fn command(&mut self, run: Run) {
        match run.command.as_str() {
            commands::CANCEL => {
                let wanted = commands::wanted(&run);
                let count = self.cancel(|job| match &wanted {
                    Some(wanted) => {
                        job.progress.token().is_some_and(|token| json!(token) == *wanted)
                    }
                    None => true,
                });
                let _ = run.reply.send(Ok(commands::cancelled(count)));
            }
            commands::STATUS => self.status(run.reply),
            _ => self.check(run),
        }
    }

    fn check(&mut self, run: Run) {
        let encoding = self.client.encoding;
        self.next += 1;
        let id = self.next;
        let own = || self.client.progress.then(|| NumberOrString::String(format!("seeknal-{id}")));
        let given = run.token.is_some();
        let token = run.token.clone().or_else(own);
        let progress = Arc::new(Progress::new(token.clone(), "Checking", self.outbox.clone()));
        match token {
            Some(_) if given => progress.begin(),
            Some(token) => {
                let params = json!({ "token": token });
                self.request("window/workDoneProgress/create", params, Awaited::Progress(id));
            }
            None => {}
        }
        let stop = Arc::new(AtomicBool::new(false));
        let job = Job { command: run.command, stop: stop.clone(), progress: progress.clone() };
        self.jobs.insert(id, job);
        let roots = self.roots.iter_mut();
        let roots =
            roots.map(|(path, root)| (path.clone(), root.view("".into(), encoding))).collect();
        let events = self.events.clone();
        self.long.run(move || {
            let work = Work { roots, stop, progress: progress.clone() };
            let done = AssertUnwindSafe(|| commands::check(&work, run.reply));
            let _ = catch_unwind(done);
            progress.end("stopped");
            events.send(Event::Finished(id));
        });
    }

    fn cancel(&mut self, is_meant: impl Fn(&Job) -> bool) -> usize {
        let meant: Vec<&Job> = self.jobs.values().filter(|job| is_meant(job)).collect();
        meant.iter().for_each(|job| job.stop.store(true, Ordering::SeqCst));
        meant.len()
    }

    /// Tells what there is. Counting reads projects, so a thread does it.
    fn status(&mut self, reply: oneshot::Sender<Result<Value, String>>) {
        let encoding = self.client.encoding;
        let busy = |root: &Root| root.disk.busy || root.judging.busy || !root.ready;
        let idle = self.discovering == 0
            && !self.postponed
            && self.jobs.is_empty()
            && !self.roots.values().any(busy)
            && !self.open.values().any(|open| open.looked_up);
        let jobs: Vec<Value> = self
            .jobs
            .values()
            .map(|job| json!({ "command": job.command, "token": job.progress.token() }))
            .collect();
        let mut status = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "commands": commands::ALL,
            "encoding": format!("{encoding:?}").to_lowercase(),
            "open": self.open.len(),
            "idle": idle,
            "jobs": jobs,
        });
        let roots = self.roots.iter_mut();
        let roots: Vec<(PathBuf, bool, View)> = roots
            .map(|(path, root)| (path.clone(), root.ready, root.view("".into(), encoding)))
            .collect();
        self.quick.run(move || {
            let projects =
                roots.iter().map(|(path, ready, view)| commands::project(path, *ready, view));
            status["projects"] = projects.collect();
            let _ = reply.send(Ok(status));
        });
    }

    // The client.

    fn ready(&mut self) {
        if self.client.watches {
            let params = json!({ "registrations": [facts::watched()] });
            self.request("client/registerCapability", params, Awaited::Nothing);
        }
    }

    fn request(&mut self, method: &str, params: Value, awaited: Awaited) {
        self.next += 1;
        let id = format!("seeknal-{}", self.next);
        self.outbox.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        self.awaited.insert(id, awaited);
    }

    fn answered(&mut self, answer: &Value) {
        let id = answer.get("id").and_then(Value::as_str).unwrap_or_default();
        let agreed = answer.get("error").is_none();
        match self.awaited.remove(id) {
            Some(Awaited::Progress(job)) if agreed => {
                if let Some(job) = self.jobs.get(&job) {
                    job.progress.begin();
                }
            }
            _ => {}
        }
    }

    fn log(&self, kind: MessageType, message: &str) {
        let params = json!({ "type": kind, "message": message });
        let method = "window/logMessage";
        self.outbox.send(json!({ "jsonrpc": "2.0", "method": method, "params": params }));
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
