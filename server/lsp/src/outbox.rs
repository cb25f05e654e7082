//! What is to be written, in order, by a thread of its own: a client that stops reading stops that
//! thread and nothing else.

use crate::frames;
use serde_json::Value;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Takes messages and never waits.
#[derive(Clone)]
pub(crate) struct Outbox {
    messages: Sender<Value>,
    waiting: Arc<AtomicUsize>,
}

impl Outbox {
    /// Starts the thread that writes. `drained` is called whenever nothing waits any more.
    pub(crate) fn start(
        mut to: impl Write + Send + 'static,
        drained: impl Fn() + Send + 'static,
    ) -> Outbox {
        let (messages, queue) = channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let count = waiting.clone();
        let run = move || write_all(&mut to, &queue, &count, &drained);
        // Without threads there is no server; the sender then finds no receiver.
        let _ = thread::Builder::new().name("writer".to_owned()).spawn(run);
        Outbox { messages, waiting }
    }

    pub(crate) fn send(&self, message: Value) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        if self.messages.send(message).is_err() {
            self.waiting.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// How many messages the client has not taken yet.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    /// Waits until everything is written, or as long as it may take.
    pub(crate) fn flush(&self, limit: Duration) {
        let begun = Instant::now();
        while self.waiting() > 0 && begun.elapsed() < limit {
            thread::sleep(Duration::from_millis(2));
        }
    }
}

fn write_all(
    to: &mut impl Write,
    queue: &Receiver<Value>,
    waiting: &AtomicUsize,
    drained: &dyn Fn(),
) {
    let mut broken = false;
    while let Ok(message) = queue.recv() {
        if !broken {
            let written = frames::write(to, message.to_string().as_bytes());
            // Nobody reads any more. The reader will see the end of input and end the server.
            broken = written.and_then(|()| to.flush()).is_err();
        }
        if waiting.fetch_sub(1, Ordering::SeqCst) == 1 {
            drained();
        }
    }
}
