//! The commands, as a click or a script gives them.

use crate::event::Run;
use crate::progress::Progress;
use crate::view::View;
use seeknal_service::{Analyst, Checked, load, report};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::oneshot;

pub(crate) const CHECK: &str = "seeknal.check";
pub(crate) const CANCEL: &str = "seeknal.cancel";
pub(crate) const STATUS: &str = "seeknal.serverStatus";

/// Every command there is.
pub(crate) const ALL: [&str; 3] = [CHECK, CANCEL, STATUS];

/// A command that is being carried out.
pub(crate) struct Job {
    pub(crate) command: String,
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) progress: Arc<Progress>,
}

/// What a long command works with.
pub(crate) struct Work {
    pub(crate) roots: Vec<(PathBuf, View)>,
    pub(crate) analyst: Option<Arc<Analyst>>,
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) progress: Arc<Progress>,
}

/// Reads every project anew, lays what is open in editors over it, and says what is wrong. When it
/// is stopped, its answer is what it had by then.
pub(crate) fn check(work: &Work, reply: oneshot::Sender<Result<Value, String>>) {
    let stop = || work.stop.load(Ordering::SeqCst) || reply.is_closed();
    let mut all = Vec::new();
    let mut unread = Vec::new();
    for (done, (root, view)) in work.roots.iter().enumerate() {
        work.progress.report(&root.display().to_string(), done, work.roots.len());
        match load(root, &stop) {
            Ok(Some(mut loaded)) => {
                let open = view.names.open.keys();
                let current = open.filter_map(|path| view.project().file(path));
                loaded.project = loaded.project.with_files(current.cloned());
                all.push(Checked::of(loaded, work.analyst.as_deref(), &stop));
            }
            Ok(None) => break,
            Err(sentence) => unread.push(sentence),
        }
        if stop() {
            break;
        }
    }
    let cancelled = stop();
    work.progress.end(if cancelled { "cancelled" } else { "done" });
    let mut answer = report::json(&all);
    if let Some(fields) = answer.as_object_mut() {
        fields.insert("projects".to_owned(), all.len().into());
        fields.insert("cancelled".to_owned(), cancelled.into());
        if let Some(list) = fields.get_mut("unread").and_then(Value::as_array_mut) {
            list.extend(unread.into_iter().map(Value::from));
        }
    }
    let _ = reply.send(Ok(answer));
}

/// The jobs that `seeknal.cancel` means: the one of a token, or all.
pub(crate) fn wanted(run: &Run) -> Option<Value> {
    run.arguments.first()?.get("token").cloned()
}

pub(crate) fn cancelled(count: usize) -> Value {
    json!({ "cancelled": count })
}

/// A project in the answer of `seeknal.serverStatus`.
pub(crate) fn project(root: &Path, ready: bool, view: &View) -> Value {
    json!({
        "root": root,
        "ready": ready,
        "files": view.project().files().count(),
        "nodes": view.project().declared().count(),
        "open": view.names.open.len(),
    })
}
