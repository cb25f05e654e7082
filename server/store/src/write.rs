//! Publishing: a view, then an operation that names it, then the one rename that makes it so.

use crate::disk::Held;
use crate::error::{Doing, Error, Result};
use crate::files::{all_of, flush_folders, write_whole};
use crate::format::{Effect, Environment, Failure, Operation, Outcome, View};
use crate::shown::Ahead;
use crate::store::{Store, named};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::thread;
use std::time::{Duration, Instant};

/// How often a lock is asked for while another holds it.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// Who writes, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The person, or whoever acts for one.
    pub actor: String,
    /// The command.
    pub command: String,
    /// What the clock says, in milliseconds since 1970.
    pub now: u64,
}

/// The one process that may publish.
pub struct Writer<'s> {
    store: &'s Store,
    who: Who,
    newest: Option<(String, Operation)>,
    held: Held,
}

/// What an operation is to be remembered as.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The word for it.
    pub kind: String,
    /// How many milliseconds it took so far.
    pub took: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// What failed.
    pub failures: Vec<Failure>,
    /// Every environment as it is to be.
    pub environments: BTreeMap<String, Environment>,
    /// What is pending outside, and what it did there.
    pub effects: Vec<Effect>,
    /// What else is to be remembered.
    pub facts: Value,
}

/// An operation that is written and changes nothing yet.
#[must_use = "nothing is changed before it is published"]
pub struct Unpublished<'s> {
    store: &'s Store,
    id: String,
    held: Held,
}

impl Store {
    /// Waits until nobody else writes, at most for so long.
    pub fn writer(&self, who: Who, patience: Duration) -> Result<Writer<'_>> {
        self.prepare()?;
        let held = self.lock(patience)?;
        // The format may have been made newer while this one waited.
        self.must_be_writable()?;
        let said =
            json!({ "process": std::process::id(), "command": who.command, "since": who.now });
        // It only tells others whom they wait for.
        let _ = self.disk.write(&self.at.holder(), said.to_string().as_bytes());
        let newest = self.newest()?;
        // What another did and could not flush is what this one builds on.
        self.disk.flush_folder(&self.at.0).doing("flushing a folder", &self.at.0)?;
        Ok(Writer { store: self, who, newest, held })
    }

    pub(crate) fn lock(&self, patience: Duration) -> Result<Held> {
        let path = self.at.lock();
        let begun = Instant::now();
        loop {
            if let Some(held) = self.disk.lock(&path).doing("locking", &path)? {
                return Ok(held);
            }
            if begun.elapsed() >= patience {
                return Err(Error::Busy { holder: self.holder() });
            }
            thread::sleep(ASK_AGAIN);
        }
    }

    /// Who holds the lock, as far as is known.
    fn holder(&self) -> String {
        let said = self.disk.read(&self.at.holder()).ok();
        let said: Value =
            said.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        let command = said["command"].as_str().unwrap_or("a command");
        match (said["process"].as_u64(), said["since"].as_u64()) {
            (Some(process), Some(since)) => {
                format!("process {process}, `{command}`, since {}", time_of_day(since))
            }
            _ => "it did not say who it is".to_owned(),
        }
    }
}

/// A time in milliseconds since 1970 as hours, minutes and seconds, which is what a person who waits wants.
fn time_of_day(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000 % 86_400;
    format!("{:02}:{:02}:{:02} UTC", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

impl<'s> Writer<'s> {
    /// The newest operation, which stays the newest for as long as this one writes.
    pub fn newest(&self) -> Option<&Operation> {
        self.newest.as_ref().map(|(_, operation)| operation)
    }

    pub(crate) fn store(&self) -> &'s Store {
        self.store
    }

    /// Makes the links say what the newest operation says.
    pub(crate) fn finish(&self) -> Result<()> {
        self.store.finish(&self.held, false)
    }

    pub(crate) fn now(&self) -> u64 {
        self.who.now
    }

    /// Every environment as it is.
    pub fn environments(&self) -> BTreeMap<String, Environment> {
        self.newest().map(|operation| operation.environments.clone()).unwrap_or_default()
    }

    /// What is still to be done outside.
    pub fn pending(&self) -> Vec<Effect> {
        let all = self.newest().into_iter().flat_map(|operation| &operation.effects);
        let open = all.filter(|effect| effect.progress != crate::format::Progress::Done);
        open.cloned().collect()
    }

    /// Writes a view and gives its id. Everything that it refers to must be there. `known` is one that is there
    /// already, with its id, where somebody has read it; `ahead` is what was written of its folder before.
    pub fn view(
        &self,
        view: &View,
        known: Option<(&str, &View)>,
        ahead: Option<Ahead<'_>>,
    ) -> Result<String> {
        self.store.write_view(self.who.now, view, known, ahead)
    }

    /// Makes the texts of plans safe that nobody referred to before.
    fn keep_plans(&self, environments: &BTreeMap<String, Environment>) -> Result<()> {
        let known = self.newest().into_iter().flat_map(|newest| newest.environments.values());
        let known: HashSet<&String> = known.filter_map(|one| one.plan.as_ref()).collect();
        let mut folders = BTreeSet::new();
        let plans = environments.values().filter_map(|one| one.plan.as_ref());
        for plan in plans.filter(|plan| !known.contains(plan)) {
            folders.extend(self.store.folders_of_text(plan)?);
        }
        flush_folders(&*self.store.disk, &folders)
    }

    /// Writes an operation that follows the newest one.
    pub fn operation(self, draft: Draft) -> Result<Unpublished<'s>> {
        let Store { disk, at, .. } = self.store;
        for environment in draft.environments.values() {
            for view in environment.view.iter().chain(&environment.base) {
                if !self.store.is_there(&at.view(view)) {
                    return Err(Error::Missing { path: at.view(view) });
                }
            }
        }
        self.keep_plans(&draft.environments)?;
        let parent = self.newest.as_ref();
        let operation = Operation {
            number: parent.map_or(0, |(_, parent)| parent.number + 1),
            parent: parent.map(|(id, _)| id.clone()),
            kind: draft.kind,
            // A clock that was put back must not make an operation older than what it follows.
            time: parent.map_or(self.who.now, |(_, parent)| parent.time.max(self.who.now)),
            actor: self.who.actor,
            took: draft.took,
            outcome: draft.outcome,
            failures: draft.failures,
            environments: draft.environments,
            effects: draft.effects,
            facts: draft.facts,
        };
        let bytes = serde_json::to_vec_pretty(&operation).unwrap_or_default();
        let id: String = named(&bytes).chars().take(32).collect();
        let write = || {
            write_whole(&**disk, (&at.folder("tmp"), &at.operation(&id)), &bytes)?;
            let folder = at.folder("ops");
            disk.flush_folder(&folder).doing("flushing a folder", &folder)
        };
        let show = || {
            // Where it cannot be, it is tried again once it is to be seen.
            let _ = self.store.write_shown(&operation);
            Ok(())
        };
        all_of(&**disk, vec![Box::new(write), Box::new(show)])?;
        Ok(Unpublished { store: self.store, id, held: self.held })
    }
}

impl Unpublished<'_> {
    /// Makes it so, and gives its id. From here on everybody sees what it says.
    pub fn publish(self) -> Result<String> {
        let Store { disk, at, .. } = self.store;
        let text = format!("{}\n", self.id);
        write_whole(&**disk, (&at.folder("tmp"), &at.head()), text.as_bytes())?;
        disk.flush_folder(&at.0).doing("flushing a folder", &at.0)?;
        // The links follow; where they cannot, whoever opens the state next takes care of them.
        let _ = self.store.finish(&self.held, true);
        Ok(self.id)
    }
}
