//! `history`, `verify` and `gc`: what was done to a project's state, and whether it is whole.

use crate::check::{home_of, unreadable};
use crate::exit::Exit;
use crate::options::Format;
use crate::render;
use seeknal_service::told::environments as told;
use seeknal_service::{State, who};
use seeknal_store::{Error, Operation, Store};
use serde_json::{Value, json};
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
            let all: Vec<Value> = all.iter().map(told::operation_json).collect();
            format!("{:#}\n", json!({ "operations": all }))
        }
        Format::Text => told::history(&store, &all),
    });
    Exit::Done
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
