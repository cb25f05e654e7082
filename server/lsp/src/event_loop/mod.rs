//! The one owner of state: it takes one event after the other and never waits for anything else.
//! Work goes to threads, which get values and send events back.

mod disk;
mod folders;
mod jobs;
mod judging;
mod open;
mod questions;

use crate::commands::{Answer, Job};
use crate::documents::Document;
use crate::event::{Ask, AskAll, Event, Events, Inbox, Run};
use crate::facts::{self, Client};
use crate::outbox::Outbox;
use crate::parent;
use crate::pool::Pool;
use crate::proto::{MessageType, Uri};
use crate::root::Root;
use crate::transport::Stop;
use crate::turns::Turns;
use seeknal_service::{Analyst, Hands};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;

/// How many commands are worked on at once; the rest waits its turn.
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
    /// What the user says to a question of a job.
    Question(u64, Sender<Answer>),
}

pub(crate) struct EventLoop {
    client: Client,
    events: Events,
    outbox: Outbox,
    stop: Stop,
    /// What commands are carried out with, where it can be had.
    hands: Option<Hands>,
    /// Waiting for the engine.
    engine: Pool,
    /// Questions and judging, which take milliseconds.
    quick: Pool,
    /// Reading files, in order.
    disk: Pool,
    /// Commands, which take as long as they take: each has a thread of its own, and waits for its turn.
    turns: Turns,
    open: HashMap<String, Open>,
    folders: Vec<(PathBuf, String)>,
    roots: BTreeMap<PathBuf, Root>,
    jobs: BTreeMap<u64, Job>,
    /// The id of the request that brings the next command.
    calling: Option<String>,
    /// Commands that came before everything was read, with the ids of their requests.
    called: Vec<(Run, Option<String>)>,
    awaited: HashMap<String, Awaited>,
    next: u64,
    postponed: bool,
    /// The client was told why nobody looks at SQL.
    troubled: bool,
    discovering: usize,
    /// Questions about files that came before the folders were looked through.
    asked: Vec<(Uri, Ask)>,
    /// Questions about everything that came before everything was read.
    asked_all: Vec<AskAll>,
}

impl EventLoop {
    pub(crate) fn new(
        events: Events,
        outbox: Outbox,
        stop: Stop,
        hands: Option<Hands>,
    ) -> EventLoop {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        EventLoop {
            client: Client::default(),
            events,
            outbox,
            stop,
            hands,
            engine: Pool::new("engine", 1),
            quick: Pool::new("quick", cores.max(2)),
            disk: Pool::new("disk", 1),
            turns: Turns::new(LONG_THREADS),
            open: HashMap::new(),
            folders: Vec::new(),
            roots: BTreeMap::new(),
            jobs: BTreeMap::new(),
            calling: None,
            called: Vec::new(),
            awaited: HashMap::new(),
            next: 0,
            postponed: false,
            troubled: false,
            discovering: 0,
            asked: Vec::new(),
            asked_all: Vec::new(),
        }
    }

    /// The turns of commands, for whoever waits until all of them have ended.
    pub(crate) fn turns(&self) -> Turns {
        self.turns.clone()
    }

    fn analyst(&self) -> Option<Arc<Analyst>> {
        self.hands.as_ref().map(|hands| hands.analyst.clone())
    }

    /// Takes events until the session is over. A panic costs the event.
    pub(crate) fn run(mut self, events: &Inbox) {
        while let Some(event) = events.next() {
            if matches!(event, Event::Stop) {
                self.cancel(|_| true);
                return;
            }
            let _ = catch_unwind(AssertUnwindSafe(|| {
                self.handle(event);
                self.begin_called();
            }));
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
            Event::Calling(id) => self.calling = Some(id),
            Event::Run(run) => self.command(run),
            Event::CancelRequest(id) => self.cancel_request(&id),
            Event::Question { job, kind, message, actions, tell } => {
                self.question((job, tell), kind, (&message, &actions));
            }
            Event::Show(uri) => {
                let params = json!({ "uri": uri, "takeFocus": true });
                self.request("window/showDocument", params, Awaited::Nothing);
            }
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
            Event::Bound { root, bound } => self.bound(&root, bound),
            Event::Weighed { root, weighed } => self.weighed(&root, weighed),
            Event::LookedAround { root, moved } => self.looked_around(&root, moved),
            Event::Finished(job, changed) => {
                self.jobs.remove(&job);
                if let Some(root) = changed {
                    self.judge(&root);
                }
            }
            Event::Drained => {
                if std::mem::take(&mut self.postponed) {
                    self.judge_all();
                }
            }
            Event::Stop => {}
        }
    }

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
            Some(Awaited::Question(_, tell)) => {
                let title = answer.get("result").and_then(|one| one.get("title"));
                let title = title.and_then(Value::as_str).map(str::to_owned);
                let _ = tell.send(title.map_or(Answer::Nothing, Answer::Chosen));
            }
            _ => {}
        }
    }

    fn log(&self, kind: MessageType, message: &str) {
        self.tell("window/logMessage", kind, message);
    }

    fn tell(&self, method: &str, kind: MessageType, message: &str) {
        let params = json!({ "type": kind, "message": message });
        self.outbox.send(json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::queue;
    use crate::transport;
    use std::sync::mpsc::channel;
    use std::thread;

    #[test]
    fn a_panic_costs_one_question_or_one_event() {
        let (events, inbox) = queue();
        let outbox = Outbox::start(std::io::sink(), || {});
        let stop = transport::listen(std::io::empty(), events.clone()).stop.clone();
        let state = EventLoop::new(events.clone(), outbox, stop, None);
        let owner = thread::spawn(move || state.run(&inbox));
        let uri: Uri = "file:///seeknal/x.yml".parse().unwrap();
        let (lost, lost_answer) = channel::<()>();
        events.send(Event::Ask(
            uri.clone(),
            Box::new(move |_| {
                let _never_answers = lost;
                panic!("on purpose");
            }),
        ));
        assert!(lost_answer.recv().is_err());
        // A version of what the loop expects that it never sent itself.
        events.send(Event::Discovered { folder: "/none".into(), roots: Vec::new() });
        let (tell, told) = channel();
        events.send(Event::Ask(uri, Box::new(move |view| tell.send(view.is_none()).unwrap())));
        assert_eq!(told.recv(), Ok(true));
        events.send(Event::Stop);
        owner.join().unwrap();
    }
}
