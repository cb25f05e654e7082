//! Bytes in, bytes out, around tower-lsp's service.
//!
//! tower-lsp's own loop lets four slow handlers stop everything, cancellation included, and lets a
//! client that does not read stop us from reading. Here a thread reads frames, this loop calls the
//! service for each and polls the answer once on the spot, so that what a handler does before it
//! waits happens in the order of arrival; what is not done then goes on by itself. Answers go into
//! the outbox, which never waits.

use crate::event::{Event, Events};
use crate::frames::{self, Frame};
use crate::outbox::Outbox;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::HashSet;
use std::future::Future;
use std::io::{BufReader, Read};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;
use tower_lsp::jsonrpc::{Request, Response};
use tower_lsp::{ExitedError, LanguageServer, LspService};
use tower_service::Service;

/// More messages than this waiting to be taken, and nothing more is read for a moment.
const WAITING_MAX: usize = 512;

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// After `shutdown`, as it should.
    ShutDown,
    /// By `exit` without `shutdown`, or because the client is gone.
    CutOff,
}

/// What the reading thread hands over.
enum Incoming {
    Frame(Frame),
    /// The process that started us is gone.
    Orphaned,
}

/// Lets whoever watches the parent process end the session.
#[derive(Clone)]
pub(crate) struct Stop(UnboundedSender<Incoming>);

impl Stop {
    pub(crate) fn orphaned(&self) {
        let _ = self.0.send(Incoming::Orphaned);
    }
}

/// The ends of the wire.
pub(crate) struct Wire {
    incoming: UnboundedReceiver<Incoming>,
    /// How many messages were read and not taken.
    queued: Arc<AtomicUsize>,
    pub(crate) stop: Stop,
}

/// Starts the thread that reads.
pub(crate) fn listen(from: impl Read + Send + 'static, events: Events) -> Wire {
    let (tell, incoming) = unbounded_channel();
    let stop = Stop(tell.clone());
    let queued = Arc::new(AtomicUsize::new(0));
    let count = queued.clone();
    let run = move || {
        let mut from = BufReader::new(from);
        loop {
            let frame = frames::read(&mut from);
            let is_end = frame == Frame::End;
            count.fetch_add(1, Ordering::SeqCst);
            if tell.send(Incoming::Frame(frame)).is_err() || is_end {
                return;
            }
            // A client that types faster than the loop takes edits waits in its own pipe. The loop
            // never waits for the client, so this ends.
            while count.load(Ordering::SeqCst) + events.waiting() > WAITING_MAX {
                thread::sleep(Duration::from_millis(1));
            }
        }
    };
    let _ = thread::Builder::new().name("reader".to_owned()).spawn(run);
    Wire { incoming, queued, stop }
}

type Answer = Pin<Box<dyn Future<Output = Result<Option<Response>, ExitedError>> + Send>>;

/// Serves until the client ends the session.
pub(crate) fn serve<S: LanguageServer>(
    mut service: LspService<S>,
    mut wire: Wire,
    outbox: &Outbox,
    events: &Events,
) -> End {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else {
        return End::CutOff;
    };
    let tasks = LocalSet::new();
    tasks.block_on(&runtime, async {
        let mut shut_down = false;
        let commands = Commands::default();
        while let Some(incoming) = wire.incoming.recv().await {
            let Incoming::Frame(frame) = incoming else { break };
            wire.queued.fetch_sub(1, Ordering::SeqCst);
            let message = match message(frame) {
                Ok(Some(message)) => message,
                Ok(None) => break,
                Err(complaint) => {
                    outbox.send(complaint);
                    continue;
                }
            };
            match message {
                Message::Answer(value) => events.send(Event::Answered(value)),
                Message::Call(request) => {
                    let method = request.method().to_owned();
                    if method == "exit" {
                        break;
                    }
                    shut_down |= method == "shutdown";
                    if let Some(id) = commands.cancelled(&request) {
                        events.send(Event::CancelRequest(id));
                        continue;
                    }
                    let command = commands.begun(&request);
                    if let Some(id) = &command {
                        events.send(Event::Calling(id.clone()));
                    }
                    let answer = service.call(request);
                    let commands = commands.clone();
                    start(answer, outbox.clone(), move || {
                        command.iter().for_each(|id| commands.ended(id));
                    });
                }
            }
        }
        if shut_down { End::ShutDown } else { End::CutOff }
    })
}

/// The commands that are not answered yet, by the ids of their requests. tower-lsp answers a request that is
/// cancelled with an error at once; a command ends with what it had by then.
#[derive(Clone, Default)]
struct Commands(Rc<RefCell<HashSet<String>>>);

impl Commands {
    /// The id of a request, if it brings a command.
    fn begun(&self, request: &Request) -> Option<String> {
        let id = request.id().filter(|_| request.method() == "workspace/executeCommand")?;
        let id = serde_json::to_string(id).ok()?;
        self.0.borrow_mut().insert(id.clone());
        Some(id)
    }

    /// The id of the command that a message cancels, if it does.
    fn cancelled(&self, request: &Request) -> Option<String> {
        let params = request.params().filter(|_| request.method() == "$/cancelRequest")?;
        let id = params.get("id")?.to_string();
        self.0.borrow().contains(&id).then_some(id)
    }

    fn ended(&self, id: &str) {
        self.0.borrow_mut().remove(id);
    }
}

/// Polls an answer once; what is not ready then becomes a task of its own.
fn start(mut answer: Answer, outbox: Outbox, ended: impl FnOnce() + 'static) {
    let mut context = Context::from_waker(Waker::noop());
    match answer.as_mut().poll(&mut context) {
        Poll::Ready(answer) => {
            send(answer, &outbox);
            ended();
        }
        Poll::Pending => {
            // The task polls again at once, which leaves its own waker where ours was.
            tokio::task::spawn_local(async move {
                send(answer.await, &outbox);
                ended();
            });
        }
    }
}

fn send(answer: Result<Option<Response>, ExitedError>, outbox: &Outbox) {
    if let Ok(Some(response)) = answer
        && let Ok(value) = serde_json::to_value(response)
    {
        outbox.send(value);
    }
}

enum Message {
    Call(Request),
    Answer(Value),
}

/// The message of a frame, nothing at the end, or what to answer to something that is none.
fn message(frame: Frame) -> Result<Option<Message>, Value> {
    let bytes = match frame {
        Frame::Message(bytes) => bytes,
        Frame::TooLarge(length) => {
            let limit = frames::BYTES_MAX;
            let sentence =
                format!("a message of {length} bytes was passed over; {limit} are taken");
            return Err(complaint(-32600, &sentence));
        }
        Frame::NoHeader => {
            return Err(complaint(-32700, "this is no message; begin with `Content-Length: `"));
        }
        Frame::End => return Ok(None),
    };
    let value: Value = serde_json::from_slice(&bytes)
        .map_err(|error| complaint(-32700, &format!("this is not JSON: {error}")))?;
    if value.get("method").is_none() && value.get("id").is_some() {
        return Ok(Some(Message::Answer(value)));
    }
    let request = serde_json::from_value(value)
        .map_err(|error| complaint(-32600, &format!("this is no request: {error}")))?;
    Ok(Some(Message::Call(request)))
}

fn complaint(code: i64, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code, "message": message } })
}
