//! The commands, as a click or a script gives them.

mod arguments;
mod desk;
mod environments;
mod looks;
mod page;
mod table;
mod work;

pub(crate) use desk::{Answer, Desk, End, stopped};
pub(crate) use table::{ALL, Command, find};

use crate::event::Run;
use crate::progress::Progress;
use crate::view::View;
use arguments::Arguments;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub(crate) const CHECK: &str = "seeknal.check";
pub(crate) const CANCEL: &str = "seeknal.cancel";
pub(crate) const STATUS: &str = "seeknal.serverStatus";

/// A command that is being carried out.
pub(crate) struct Job {
    pub(crate) command: &'static str,
    /// The request that asked for it, as its id is written.
    pub(crate) request: Option<String>,
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) progress: Arc<Progress>,
}

/// Carries a command out and gives what it is answered, and the project that may look different afterwards.
pub(crate) fn carried_out(
    command: &Command,
    desk: &Desk,
    run: &Run,
) -> (Result<Value, End>, Option<PathBuf>) {
    let arguments = match Arguments::of(command, &run.arguments) {
        Ok(arguments) => arguments,
        Err(end) => return (Err(end), None),
    };
    let answer = match command.act {
        Some(act) => act(desk, &arguments),
        None => Err(End::refused(format!("`{}` is not carried out like this", command.id))),
    };
    let changed = if command.changes { desk.looked_at_again(&arguments) } else { None };
    (answer, changed)
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
    let plan = view.verdict.plan.as_ref();
    let changes = plan.map(|plan| {
        let count = plan.summary();
        json!({
            "against": plan.about.against,
            "breaking": count.breaking,
            "non_breaking": count.non_breaking,
            "metadata": count.metadata,
            "added": count.added,
            "removed": count.removed,
            "build": count.build,
            "fails": count.fails,
        })
    });
    json!({
        "root": root,
        "ready": ready,
        "files": view.project().files().count(),
        "nodes": view.project().declared().count(),
        "open": view.names.open.len(),
        "changes": changes,
    })
}
