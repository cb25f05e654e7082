//! `history`, `verify` and `gc`: what was done to a project's state, and whether it is whole.

use crate::check::{home_of, unreadable};
use crate::exit::Exit;
use crate::options::Format;
use crate::render;
use seeknal_service::{State, when, who};
use seeknal_store::{Error, Operation, Store};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// How long a command waits for another one that writes.
const PATIENCE: Duration = Duration::from_secs(10);

/// The state of a project in which something was done; how to end where there is none.
fn opened(project: &Path) -> Result<(State, Store), Exit> {
    let root = home_of(project);
    if !root.is_dir() {
        let sentence = format!("{} is no folder; name the project's folder", root.display());
        return Err(unreadable(&sentence));
    }
    let state = State::of(&root, None);
    if !state.is_there() {
        render::out("Nothing was run here yet.\n");
        return Err(Exit::Done);
    }
    let store = state.open().map_err(|sentence| unreadable(&sentence))?;
    Ok((state, store))
}

fn refused(error: &Error) -> Exit {
    render::err(&format!("error: {error}\n"));
    if matches!(error, Error::Busy { .. }) { Exit::Locked } else { Exit::Refused }
}

/// What was done, the newest first.
pub(crate) fn history(project: &Path, most: usize, format: Format) -> Exit {
    let (_, store) = match opened(project) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let mut all: Vec<(String, Operation)> = Vec::new();
    for one in store.history().take(most) {
        match one {
            Ok(one) => all.push(one),
            Err(error) => return refused(&error),
        }
    }
    render::out(&match format {
        Format::Json => {
            let operation = |(id, one): &(String, Operation)| {
                let mut value = serde_json::to_value(one).unwrap_or_default();
                value["id"] = Value::from(id.as_str());
                value
            };
            let all: Vec<Value> = all.iter().map(operation).collect();
            format!("{:#}\n", json!({ "operations": all }))
        }
        Format::Text => history_text(&store, &all),
    });
    Exit::Done
}

fn history_text(store: &Store, all: &[(String, Operation)]) -> String {
    let mut page = String::new();
    for (_, operation) in all {
        let Operation { number, kind, time, actor, took, .. } = operation;
        let seconds = Duration::from_millis(*took).as_secs_f64();
        let fact = |key: &str| operation.facts.get(key).and_then(Value::as_str);
        let what = match (fact("from"), fact("environment")) {
            (Some(from), Some(to)) => format!("{kind} {from} to {to}"),
            (None, Some(environment)) => format!("{kind} {environment}"),
            _ => kind.clone(),
        };
        let _ = writeln!(page, "{number:>4}  {}  {what}  by {actor}, {seconds:.1} s", when(*time));
        for failure in &operation.failures {
            let _ = writeln!(page, "      {} failed: {}", failure.node, failure.message);
        }
        for (name, environment) in &operation.environments {
            let Some(view) = &environment.view else { continue };
            let short: String = view.chars().take(10).collect();
            let gone = if store.is_restorable(view) { "" } else { " (no longer restorable)" };
            let _ = writeln!(page, "      {name}: {short}{gone}");
        }
    }
    page
}

/// Whether everything is as it was written. What is not can be put aside, so that it is made again.
pub(crate) fn verify(project: &Path, mend: bool) -> Exit {
    let (_, store) = match opened(project) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let found = match store.verify() {
        Ok(found) => found,
        Err(error) => return refused(&error),
    };
    for one in &found {
        render::out(&format!("{}: {}\n", one.path.display(), one.what));
    }
    if mend && !found.is_empty() {
        return match store.mend(&who(project, "verify --mend"), PATIENCE) {
            Ok(aside) => {
                for path in aside {
                    render::out(&format!("Put aside: {}\n", path.display()));
                }
                Exit::Found
            }
            Err(error) => refused(&error),
        };
    }
    if found.is_empty() {
        render::out("Everything is as it was written.\n");
        return Exit::Done;
    }
    Exit::Found
}

/// Removes what nobody can come back to.
pub(crate) fn collect(project: &Path) -> Exit {
    let (state, store) = match opened(project) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let writer = match store.writer(who(project, "gc"), PATIENCE) {
        Ok(writer) => writer,
        Err(error) => return refused(&error),
    };
    match writer.collect(state.retention) {
        Ok(done) => {
            let mebibytes = done.bytes / 1024 / 1024;
            let (views, objects) = (done.views, done.objects);
            render::out(&format!(
                "Removed {views} states and {objects} outputs, {mebibytes} MiB in all.\n"
            ));
            Exit::Done
        }
        Err(error) => refused(&error),
    }
}
