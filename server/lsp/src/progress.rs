//! How far a command is, told to a client that wants to know.

use crate::outbox::Outbox;
use crate::proto::ProgressToken;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};

/// The progress of one command.
pub(crate) struct Progress {
    token: Option<ProgressToken>,
    title: &'static str,
    open: AtomicBool,
    outbox: Outbox,
}

impl Progress {
    pub(crate) fn new(
        token: Option<ProgressToken>,
        title: &'static str,
        outbox: Outbox,
    ) -> Progress {
        Progress { token, title, open: AtomicBool::new(false), outbox }
    }

    /// The client knows the token now.
    pub(crate) fn begin(&self) {
        if self.token.is_some() && !self.open.swap(true, Ordering::SeqCst) {
            let title = self.title;
            self.send(
                &json!({ "kind": "begin", "title": title, "cancellable": true, "percentage": 0 }),
            );
        }
    }

    pub(crate) fn report(&self, message: &str, done: usize, of: usize) {
        if self.open.load(Ordering::SeqCst) {
            let percentage = (done * 100).checked_div(of).unwrap_or(100);
            self.send(&json!({ "kind": "report", "message": message, "percentage": percentage }));
        }
    }

    pub(crate) fn end(&self, message: &str) {
        if self.open.swap(false, Ordering::SeqCst) {
            self.send(&json!({ "kind": "end", "message": message }));
        }
    }

    fn send(&self, value: &Value) {
        let params = json!({ "token": self.token, "value": value });
        let method = "$/progress";
        self.outbox.send(json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    pub(crate) fn token(&self) -> Option<&ProgressToken> {
        self.token.as_ref()
    }
}
