//! A project with its state, and why a command came to nothing.

use crate::state::PRODUCTION;
use crate::work::{Crew, DataOf};
use crate::{Analyst, Baseline, Checked, Loaded, State, views, who};
use seeknal_model::{NodeId, Project};
use seeknal_plan::engine::Limits;
use seeknal_store::{self as store, Environment, Node, Store, View, Writer};
use seeknal_syntax::Severity;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Why a command came to nothing.
#[derive(Debug)]
pub enum Trouble {
    /// It was refused, and nothing was written: sentences with the cure.
    Refused(Vec<String>),
    /// It was refused as long as nobody confirms it: sentences that say what would happen.
    Unconfirmed(Vec<String>),
    /// It was stopped before anything was done.
    Stopped,
    /// The state could not be read or written.
    State(store::Error),
    /// The project cannot be read, or the engine does not start.
    Unreadable(String),
}

impl From<store::Error> for Trouble {
    fn from(error: store::Error) -> Trouble {
        match error {
            store::Error::Moved { .. } => Trouble::Refused(vec![error.to_string()]),
            error => Trouble::State(error),
        }
    }
}

pub(crate) fn refused<T>(sentence: impl Into<String>) -> Result<T, Trouble> {
    Err(Trouble::Refused(vec![sentence.into()]))
}

/// A project's folder with its state.
pub struct Site {
    /// The project's folder.
    pub root: PathBuf,
    /// Where its state lies.
    pub state: State,
    /// The state.
    pub store: Store,
    /// The command, for those who wait for it and for the history.
    pub command: String,
}

impl Site {
    /// The site of a project's folder. Its state need not be there yet.
    pub fn open(root: PathBuf, command: &str) -> Result<Site, Trouble> {
        let state = State::of(&root, None);
        let store = state.open().map_err(Trouble::Unreadable)?;
        Ok(Site { root, state, store, command: command.to_owned() })
    }

    pub(crate) fn writer(&self) -> Result<Writer<'_>, Trouble> {
        Ok(self.store.writer(who(&self.root, &self.command), super::PATIENCE)?)
    }

    /// What one lane may take and see that reads what was built.
    pub(crate) fn limits(&self, crew: &Crew<'_>) -> Limits {
        Limits {
            threads: crew.threads,
            memory: crew.memory,
            spill: self.store.fresh(),
            files: Vec::new(),
            folders: self.store.folders_of_outputs(),
        }
    }

    pub(crate) fn now(&self) -> u64 {
        who(&self.root, &self.command).now
    }

    /// Every environment as it is.
    pub(crate) fn environments(&self) -> Result<BTreeMap<String, Environment>, Trouble> {
        let newest = self.store.newest()?;
        Ok(newest.map(|(_, operation)| operation.environments).unwrap_or_default())
    }

    /// An environment that must be there.
    pub(crate) fn environment(&self, name: &str) -> Result<Environment, Trouble> {
        must_be_a_name(name)?;
        let all = self.environments()?;
        match all.get(name) {
            Some(environment) => Ok(environment.clone()),
            None if name == PRODUCTION => {
                refused("there is no production yet; `run` makes it, or `promote` an environment")
            }
            None => {
                let here: Vec<&str> = all.keys().map(String::as_str).collect();
                let here = match here.is_empty() {
                    true => String::new(),
                    false => format!(" (there are: {})", here.join(", ")),
                };
                refused(format!("there is no environment `{name}`{here}; `plan {name}` makes it"))
            }
        }
    }

    /// What an environment shows, if it shows anything.
    pub(crate) fn view_of(&self, environment: &Environment) -> Result<Option<View>, Trouble> {
        match &environment.view {
            Some(id) => Ok(Some(self.store.view(id)?)),
            None => Ok(None),
        }
    }

    /// The same where it may have been read already, to compare a project with it.
    pub(crate) fn view_beside(
        &self,
        environment: &Environment,
        baseline: &Baseline,
    ) -> Result<Option<Arc<View>>, Trouble> {
        match &baseline.view {
            Some((id, view)) if environment.view.as_ref() == Some(id) => Ok(Some(view.clone())),
            _ => Ok(self.view_of(environment)?.map(Arc::new)),
        }
    }

    /// What an environment shows; a refusal where that is nothing.
    pub(crate) fn shown(&self, name: &str) -> Result<View, Trouble> {
        let environment = self.environment(name)?;
        match self.view_of(&environment)? {
            Some(view) => Ok(view),
            None => refused(format!(
                "`{name}` was planned and never applied, so it shows nothing; `apply {name}`"
            )),
        }
    }

    /// The project that a view shows. Its secrets are starred.
    pub(crate) fn project_of(&self, view: &View) -> Result<Project, Trouble> {
        let text = |hash: &str| self.store.text(hash).map_err(|error| error.to_string());
        let nothing = Project::new([]);
        let baseline = views::baseline("view", view, &text, &nothing);
        Ok(baseline.map_err(Trouble::Unreadable)?.project)
    }

    /// The files of sources as they are now, each hashed where it was not before.
    pub(crate) fn data(&self, analyst: &Analyst, project: &Project) -> BTreeMap<NodeId, DataOf> {
        let files = analyst.versions_of(&self.root, project);
        files.map(|(id, path, version)| (id, DataOf { path, version })).collect()
    }
}

/// Nodes that were built before something failed. Where that is not there any more, they are built again.
pub(crate) fn built(site: &Site, environment: &Environment) -> BTreeMap<String, Arc<Node>> {
    let hash = environment.facts.get("built").and_then(serde_json::Value::as_str);
    let text = hash.and_then(|hash| site.store.text(hash).ok()).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// A word that is to name an environment becomes the name of a folder.
pub(crate) fn must_be_a_name(name: &str) -> Result<(), Trouble> {
    match crate::planned::is_environment(name) {
        true => Ok(()),
        false => refused(format!(
            "`{name}` cannot name an environment: it takes letters, digits, `_` and `-`"
        )),
    }
}

/// A project is carried out only when nothing is wrong with it: what cannot be read looks as if it were gone.
pub(crate) fn must_be_whole(loaded: &Loaded, analyst: &Analyst) -> Result<(), Trouble> {
    const SHOWN: usize = 5;
    let project = &loaded.project;
    let again = Loaded { root: loaded.root.clone(), project: project.clone(), unread: Vec::new() };
    let checked = Checked::of(again, Some(analyst), &|| false);
    let errors = checked.faults.iter().filter(|one| one.problem.code.severity == Severity::Error);
    let say = |fault: &seeknal_model::Fault| {
        let line = project.file(&fault.path).map(|file| {
            let encoding = seeknal_syntax::Encoding::Utf32;
            file.lines.position(&file.text, fault.problem.span.start, encoding).line + 1
        });
        format!("{}:{}: {}", fault.path, line.unwrap_or(1), fault.problem.message)
    };
    let unread = loaded.unread.iter().chain(&checked.loaded.unread).cloned();
    let all: Vec<String> = unread.chain(errors.map(say)).collect();
    if all.is_empty() {
        return Ok(());
    }
    let mut said: Vec<String> = all.iter().take(SHOWN).cloned().collect();
    let more = all.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" ({more} more)") } else { String::new() };
    said.push(format!("the project has errors{more}; `check` shows them all, mend them first"));
    Err(Trouble::Refused(said))
}
