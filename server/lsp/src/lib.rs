//! LSP in and out: bytes become events, one loop owns what is open, threads work out answers.
//!
//! `transport` reads and writes, `backend` forwards, `event_loop` decides, `answers` and `commands`
//! work. Nothing here waits for the client, and nothing on the way of an edit touches the disk. It
//! must not know: DuckDB, the format of state.
#![allow(clippy::disallowed_methods, reason = "threads, clocks and links of paths")]

mod answers;
mod backend;
mod commands;
mod convert;
mod documents;
mod event;
mod event_loop;
mod facts;
mod frames;
mod outbox;
mod parent;
mod pool;
mod progress;
mod proto;
mod root;
mod transport;
mod turns;
mod uris;
mod view;

use backend::Backend;
use event::{Event, queue};
use event_loop::EventLoop;
use outbox::Outbox;
use seeknal_service::Hands;
use std::io::{Read, Write};
use std::thread;
use std::time::Duration;
use tower_lsp::LspService;

pub use transport::End;

/// How long the last messages may take to be read by a client that is leaving.
const FLUSH_MAX: Duration = Duration::from_secs(2);

/// Serves one client until it ends the session. Without anybody to carry queries out, only what
/// names tell is shown.
pub fn serve(
    from: impl Read + Send + 'static,
    to: impl Write + Send + 'static,
    hands: Option<Hands>,
) -> End {
    let (events, inbox) = queue();
    let drained = events.clone();
    let outbox = Outbox::start(to, move || drained.send(Event::Drained));
    let wire = transport::listen(from, events.clone());
    let state = EventLoop::new(events.clone(), outbox.clone(), wire.stop.clone(), hands);
    let turns = state.turns();
    let owner = thread::Builder::new().name("events".to_owned()).spawn(move || state.run(&inbox));
    let backend = events.clone();
    let (service, _client) = LspService::build(|_| Backend::new(backend))
        .custom_method("window/workDoneProgress/cancel", Backend::cancel_progress)
        .finish();
    let end = transport::serve(service, wire, &outbox, &events);
    events.send(Event::Stop);
    if let Ok(owner) = owner {
        let _ = owner.join();
    }
    // What is worked on is told to stop, and notes how far it came.
    turns.rest(FLUSH_MAX);
    outbox.flush(FLUSH_MAX);
    end
}
