//! Every reason for which the server wakes up.

use crate::commands::{Answer, End};
use crate::facts::Client;
use crate::proto::{
    MessageType, ProgressToken, TextDocumentContentChangeEvent, Uri, WorkspaceFolder,
};
use crate::view::View;
use seeknal_analysis::Schemas;
use seeknal_service::{Live, Loaded, Snapshot};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

/// Something that happened.
pub(crate) enum Event {
    /// The client said what it can, and which folders it has open.
    Started(Box<Client>, Vec<WorkspaceFolder>),
    /// The client is ready to be asked things.
    Ready,
    Opened {
        uri: Uri,
        version: i32,
        text: String,
    },
    Changed {
        uri: Uri,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
    },
    Closed(Uri),
    /// Something was written, made or removed at these places by whoever.
    Touched(Vec<Uri>),
    Folders {
        added: Vec<WorkspaceFolder>,
        removed: Vec<WorkspaceFolder>,
    },
    /// A question about a file.
    Ask(Uri, Ask),
    /// A question about everything.
    AskAll(AskAll),
    /// The request of this id is the command that comes next.
    Calling(String),
    /// A command.
    Run(Run),
    /// The client does not want the answer to the request of this id any more.
    CancelRequest(String),
    /// A command asks the user something.
    Question {
        job: u64,
        kind: MessageType,
        message: String,
        actions: Vec<String>,
        tell: Sender<Answer>,
    },
    /// A command has something that the editor is to open.
    Show(Uri),
    /// The user pressed cancel on a progress.
    CancelProgress(ProgressToken),
    /// The client answered a request of ours.
    Answered(Value),
    /// Projects were looked for in a folder.
    Discovered {
        folder: PathBuf,
        roots: Vec<PathBuf>,
    },
    /// The project of an open file was looked for.
    Located {
        uri: Uri,
        home: Option<Home>,
    },
    /// A project was read from disk.
    Loaded {
        root: PathBuf,
        real: PathBuf,
        loaded: Result<Option<Loaded>, String>,
    },
    /// Some files of a project were read from disk.
    Read {
        root: PathBuf,
        files: Vec<(Arc<str>, Option<Vec<u8>>)>,
    },
    /// What is wrong in a project was found.
    Judged {
        root: PathBuf,
        judged: Judged,
    },
    /// An engine has read the queries of a project.
    Bound {
        root: PathBuf,
        bound: Option<Bound>,
    },
    /// What the edits of a project do was found.
    Weighed {
        root: PathBuf,
        weighed: Option<Weighed>,
    },
    /// Somebody looked at what lies outside of a project's texts, and said whether it is as it was.
    LookedAround {
        root: PathBuf,
        moved: bool,
    },
    /// A command ended, after which a project may look different.
    Finished(u64, Option<PathBuf>),
    /// The client has read everything that was written.
    Drained,
    /// The session is over.
    Stop,
}

/// The project of a file, as it is spelled by the file's path and as it really is.
pub(crate) struct Home {
    pub(crate) root: PathBuf,
    pub(crate) real: PathBuf,
}

/// What is wrong in the files of a snapshot.
pub(crate) struct Judged {
    pub(crate) snapshot: Snapshot,
    pub(crate) diagnostics: BTreeMap<Arc<str>, Vec<crate::proto::Diagnostic>>,
}

/// What an engine says of the queries of a snapshot.
pub(crate) struct Bound {
    pub(crate) snapshot: Snapshot,
    pub(crate) schemas: Arc<Schemas>,
}

/// What the edits of a snapshot do, beside what the project was.
pub(crate) struct Weighed {
    pub(crate) snapshot: Snapshot,
    pub(crate) live: Live,
}

/// Work that answers a question from a view of the file's project, or from none.
pub(crate) type Ask = Box<dyn FnOnce(Option<View>) + Send>;

/// Work that answers a question from views of all projects.
pub(crate) type AskAll = Box<dyn FnOnce(Vec<View>) + Send>;

/// A command that is to be carried out.
pub(crate) struct Run {
    pub(crate) command: String,
    pub(crate) arguments: Vec<Value>,
    pub(crate) token: Option<ProgressToken>,
    pub(crate) reply: oneshot::Sender<Result<Value, End>>,
}

/// Where events are sent.
#[derive(Clone)]
pub(crate) struct Events {
    sender: Sender<Event>,
    waiting: Arc<AtomicUsize>,
}

/// Where they come out.
pub(crate) struct Inbox {
    receiver: Receiver<Event>,
    waiting: Arc<AtomicUsize>,
}

/// A queue of events. It has no limit: nobody who sends may ever wait for the loop.
pub(crate) fn queue() -> (Events, Inbox) {
    let (sender, receiver) = channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    (Events { sender, waiting: waiting.clone() }, Inbox { receiver, waiting })
}

impl Events {
    pub(crate) fn send(&self, event: Event) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        // When the loop has ended, nothing matters any more.
        let _ = self.sender.send(event);
    }

    /// How many events the loop has not taken yet.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }
}

impl Inbox {
    /// The next event.
    pub(crate) fn next(&self) -> Option<Event> {
        let event = self.receiver.recv().ok()?;
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        Some(event)
    }
}
