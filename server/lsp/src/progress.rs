//! How far a command is, told to a client that wants to know.

use crate::outbox::Outbox;
use crate::proto::ProgressToken;
use seeknal_service::Event;
use seeknal_service::told::Gauge;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Nobody reads faster.
const TELL_EVERY: Duration = Duration::from_millis(50);

/// The progress of one command.
pub(crate) struct Progress {
    token: Option<ProgressToken>,
    title: String,
    open: AtomicBool,
    gauge: Mutex<(Gauge, Option<Instant>)>,
    outbox: Outbox,
}

impl Progress {
    pub(crate) fn new(token: Option<ProgressToken>, title: String, outbox: Outbox) -> Progress {
        let (open, gauge) = (AtomicBool::new(false), Mutex::default());
        Progress { token, title, open, gauge, outbox }
    }

    /// The client knows the token now.
    pub(crate) fn begin(&self) {
        if self.token.is_some() && !self.open.swap(true, Ordering::SeqCst) {
            let title = &self.title;
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

    /// Says something without coming further.
    pub(crate) fn words(&self, message: &str) {
        if self.open.load(Ordering::SeqCst) {
            self.send(&json!({ "kind": "report", "message": message }));
        }
    }

    /// Takes in what happened, and tells it every now and then.
    pub(crate) fn take(&self, event: &Event<'_>) {
        let mut gauge = self.gauge.lock().unwrap_or_else(PoisonError::into_inner);
        let (gauge, told) = &mut *gauge;
        gauge.take(event);
        let Some(words) = gauge.words() else { return };
        if told.is_some_and(|told| told.elapsed() < TELL_EVERY) {
            return;
        }
        *told = Some(Instant::now());
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is a share of one"
        )]
        let percent = (gauge.share() * 100.0) as usize;
        self.report(&words, percent, 100);
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
