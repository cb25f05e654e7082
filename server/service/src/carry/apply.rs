//! Applying a plan to its environment.

use super::plan;
use super::site::{Site, Trouble, built, must_be_a_name, must_be_whole, refused};
use crate::runs::{let_go, meanwhile};
use crate::state::PRODUCTION;
use crate::work::{
    Beside, Carried, Crew, Decided, Elsewhere, Question, Refresh, Results, carry_out, decide,
    token, whole_view,
};
use crate::{Analyst, Loaded, Planned, today, variables, views};
use seeknal_analysis::changes::Action;
use seeknal_model::{NodeId, Surroundings};
use seeknal_store::{Draft, Environment, Failure, Node, Outcome, View};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// How a plan is applied.
#[derive(Clone, Copy, Debug, Default)]
pub struct ApplyOptions<'a> {
    /// The plan that is meant, where somebody says it.
    pub plan: Option<&'a str>,
    /// Say what would be done, and do nothing.
    pub is_dry: bool,
    /// Apply what the project says now, whatever was planned.
    pub is_forced: bool,
    /// Read data that moved on since production was built.
    pub is_refreshed: bool,
}

/// What came of applying.
#[derive(Debug, Default)]
pub struct Applied {
    /// The plan that was applied.
    pub plan: String,
    /// Nodes that were built or checked, in order; with a dry run those that would be.
    pub done: Vec<(NodeId, &'static str)>,
    /// How many outputs were kept.
    pub kept: usize,
    /// Nodes that failed, with the reason.
    pub failed: Vec<(NodeId, String)>,
    /// Nodes that were not begun, each with one that failed before it.
    pub skipped: Vec<(NodeId, NodeId)>,
    /// Why it was ended before it was done.
    pub stopped: Option<String>,
    /// Nodes that are made again though nobody edited them.
    pub moved: BTreeMap<NodeId, String>,
    /// Whether anything is shown now that was not before.
    pub is_changed: bool,
}

impl Applied {
    /// Whether everything was done that was meant to be.
    pub fn is_whole(&self) -> bool {
        self.failed.is_empty() && self.stopped.is_none()
    }
}

/// Applies the plan of an environment.
pub fn apply(
    site: &Site,
    load: impl FnOnce(&Analyst) -> Result<Loaded, Trouble>,
    name: &str,
    options: ApplyOptions<'_>,
    crew: &Crew<'_>,
) -> Result<Applied, Trouble> {
    must_be_a_name(name)?;
    if name == PRODUCTION {
        return refused(
            "`prod` is not applied to; `run` brings it up to date, `promote` takes an environment there",
        );
    }
    let environment = site.environment(name)?;
    if environment.plan.is_none() {
        return refused(format!("no plan was made for `{name}`; `plan {name}` makes one"));
    }
    let loaded = load(crew.analyst)?;
    // Until here all processors read the project; now some of them have time to start somebody.
    let _warm = (!options.is_dry).then(|| crew.warm());
    must_be_whole(&loaded, crew.analyst)?;
    let planned = plan::of(loaded, name, crew)?;
    if !options.is_forced {
        must_be_fresh(site, name, &environment, (&planned, options.plan))?;
    }
    let environments = site.environments()?;
    let production = environments.get(PRODUCTION).cloned().unwrap_or_default();
    let base = site.view_beside(&production, &planned.baseline)?;
    let refresh = if options.is_refreshed { Refresh::Moved } else { Refresh::Nothing };
    let known = production.view.as_deref().zip(base.as_deref());
    let mut work =
        Work::of(site, &planned, (name, &environment), (base.as_deref(), refresh), crew)?;
    if options.is_dry {
        return Ok(work.told(&planned, None));
    }
    let begun = Instant::now();
    let what = (&work.decided, &planned.loaded.project);
    let carry = || carry_out(crew, &site.store, what, known);
    let (carried, text) = meanwhile(|| plan::text(site, &planned), carry);
    let (carried, mut beside) = carried.map_err(Trouble::Unreadable)?;
    let lane = beside.lane.take();
    let told = work.told(&planned, Some(&carried));
    let standing = Standing { name, environment: &environment, base: production.view.as_deref() };
    let done = (&mut work, carried, beside);
    commit(site, (&planned, text?), done, (&standing, known, begun), crew)?;
    let_go((planned, work, lane));
    Ok(told)
}

/// What is to be done for a plan.
pub(crate) struct Work {
    pub(crate) decided: Decided,
    /// Nodes that were built before something failed.
    pub(crate) built: BTreeMap<String, Arc<Node>>,
}

impl Work {
    /// Decides what is to be done; a refusal where something of it cannot be done.
    pub(crate) fn of(
        site: &Site,
        planned: &Planned,
        (name, environment): (&str, &Environment),
        (base, refresh): (Option<&View>, Refresh),
        crew: &Crew<'_>,
    ) -> Result<Work, Trouble> {
        let fails = planned.plan.steps.iter().filter(|step| step.action == Action::Fails);
        let say = |step: &seeknal_analysis::changes::Step| {
            let why = step.reasons.first().map(|one| one.message.as_str()).unwrap_or_default();
            format!("`{}` {why}", step.node)
        };
        let wrong: Vec<String> = fails.map(say).collect();
        if !wrong.is_empty() {
            return Err(Trouble::Refused(wrong));
        }
        let project = &planned.loaded.project;
        let variables = variables(&site.root);
        let engine = crew.engine.name();
        let token = token(&planned.plan.id, environment.view.as_deref());
        let overrides = run_values(site, &token);
        let around = Surroundings { overrides: &overrides, variables: &variables, today: today() };
        let data = site.data(crew.analyst, project);
        let built = built(site, environment);
        let environments = site.environments()?;
        let production = environments.get(PRODUCTION).and_then(|one| one.view.as_ref());
        let (mut own, mut others) = (Vec::new(), Vec::new());
        for (other, one) in &environments {
            let Some(id) = &one.view else { continue };
            // What is the base is looked at as that.
            let is_base = other == PRODUCTION || other != name && production == Some(id);
            if base.is_some() && is_base {
                continue;
            }
            if other == name { &mut own } else { &mut others }.push(id.as_str());
        }
        let elsewhere = Elsewhere::new((&site.store, &built), (own, others));
        let decided = decide(&Question {
            project,
            meaning: &planned.meaning,
            plan: &planned.plan,
            base,
            elsewhere: &elsewhere,
            refresh,
            token: &token,
            engine: &engine,
            store: &site.store,
            around: &around,
            data: &|id| data.get(id).cloned(),
        });
        if let Some(error) = elsewhere.failed() {
            return Err(error.into());
        }
        if !decided.refused.is_empty() {
            let say = |(id, why): &(NodeId, String)| {
                let path = project.node(id).map(|node| node.path.to_string()).unwrap_or_default();
                format!("`{id}` ({path}) cannot be done: {why}")
            };
            return Err(Trouble::Refused(decided.refused.iter().map(say).collect()));
        }
        Ok(Work { decided, built })
    }

    pub(crate) fn told(&self, planned: &Planned, carried: Option<&Carried>) -> Applied {
        let done = |task: &crate::work::Task| {
            let is_done = carried.is_none_or(|one| one.made.contains_key(&task.node.id));
            is_done.then(|| (task.node.id.clone(), task.doing()))
        };
        let mut told = Applied {
            plan: planned.plan.id.clone(),
            done: self.decided.tasks.iter().filter_map(done).collect(),
            kept: self.decided.kept.len(),
            moved: self.decided.moved.clone(),
            ..Applied::default()
        };
        if let Some(carried) = carried {
            told.failed.clone_from(&carried.failed);
            told.skipped.clone_from(&carried.skipped);
            told.stopped.clone_from(&carried.stopped);
            told.is_changed = told.is_whole();
        }
        told
    }

    /// What the view says, once all is done: what is known of each node goes there.
    pub(crate) fn results<'s>(&mut self, carried: &mut Carried, beside: Beside<'s>) -> Results<'s> {
        let mut nodes = std::mem::take(&mut self.decided.kept);
        let made = std::mem::take(&mut carried.made);
        nodes.extend(made.into_iter().map(|(id, node)| (id, Arc::new(node))));
        let Beside { folder, are_texts_kept, .. } = beside;
        Results { nodes, folder, are_texts_kept }
    }

    /// Keeps what is there to go on with, and gives the hash of its text.
    pub(crate) fn progress(&self, site: &Site, carried: &Carried) -> Result<String, Trouble> {
        let mut all = self.built.clone();
        for (id, node) in &carried.made {
            all.insert(id.to_string(), Arc::new(node.clone()));
        }
        let text = serde_json::to_vec(&all).unwrap_or_default();
        Ok(site.store.stage()?.text(&text)?)
    }
}

/// The values that a run gives to expressions by itself.
pub(crate) fn run_values(site: &Site, token: &str) -> BTreeMap<String, String> {
    let now = crate::when(site.now()).replace(' ', "T");
    let run = token.get(..32).unwrap_or(token).to_owned();
    let root = site.root.canonicalize().unwrap_or_else(|_| site.root.clone());
    let project = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let values = [
        ("run_id", run),
        ("run_date", now),
        ("project_id", project),
        ("workspace_path", root.to_string_lossy().into_owned()),
    ];
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Whether what was planned is what would be done now.
fn must_be_fresh(
    site: &Site,
    name: &str,
    environment: &Environment,
    (planned, wanted): (&Planned, Option<&str>),
) -> Result<(), Trouble> {
    let said = environment.facts.get("planned").cloned().unwrap_or_default();
    let id = said["id"].as_str().unwrap_or_default();
    if let Some(wanted) = wanted.filter(|wanted| !id.starts_with(*wanted) || wanted.is_empty()) {
        let id = id.get(..12).unwrap_or(id);
        return refused(format!(
            "the plan of `{name}` is {id}, not {wanted}; `plan {name}` shows what it says now"
        ));
    }
    if id == planned.plan.id {
        return Ok(());
    }
    let text = environment.plan.as_ref().map(|hash| site.store.text(hash)).transpose()?;
    let text: Value = serde_json::from_slice(&text.unwrap_or_default()).unwrap_or_default();
    let then: BTreeMap<String, String> =
        serde_json::from_value(text["files"].clone()).unwrap_or_default();
    let now = views::files(&planned.loaded.project);
    let moved: Vec<String> = plan::moved(&then, &now)
        .into_iter()
        .map(|path| match (then.get(path), now.get(path)) {
            (None, _) => format!("{path} is new"),
            (_, None) => format!("{path} is gone"),
            _ => format!("{path} was changed"),
        })
        .collect();
    let production = site.environments()?.get(PRODUCTION).and_then(|one| one.view.clone());
    let why = match (moved.is_empty(), production == environment.base) {
        (false, _) => moved.join(", "),
        (true, false) => "production was changed".to_owned(),
        (true, true) => "what surrounds the project was changed".to_owned(),
    };
    refused(format!(
        "Plan is stale: {why} since `{name}` was planned; `plan {name}` again, or `--force` applies what the project says now"
    ))
}

/// What a commit stands on.
pub(crate) struct Standing<'a> {
    /// The environment.
    pub(crate) name: &'a str,
    /// As it was when the work began.
    pub(crate) environment: &'a Environment,
    /// What production showed then.
    pub(crate) base: Option<&'a str>,
}

impl Standing<'_> {
    /// Whether the environment is still what it was. What production shows meanwhile is no matter here:
    /// promoting asks for it.
    pub(crate) fn must_hold(&self, now: &BTreeMap<String, Environment>) -> Result<(), Trouble> {
        let here = now.get(self.name).cloned().unwrap_or_default();
        if here.view == self.environment.view && here.plan == self.environment.plan {
            return Ok(());
        }
        Err(seeknal_store::Error::Moved { what: format!("`{}`", self.name) }.into())
    }
}

/// Publishes what was done: the new view if all of it was, else how far it came.
fn commit(
    site: &Site,
    (planned, text): (&Planned, String),
    (work, mut carried, beside): (&mut Work, Carried, Beside<'_>),
    (standing, known, begun): (&Standing<'_>, Option<(&str, &View)>, Instant),
    crew: &Crew<'_>,
) -> Result<(), Trouble> {
    let is_whole = carried.failed.is_empty() && carried.stopped.is_none();
    // Texts are kept before anybody has to wait for the lock.
    let stage = site.store.stage()?;
    let (view, text) = match is_whole {
        true => {
            let results = work.results(&mut carried, beside);
            let Planned { loaded, meaning, .. } = planned;
            let view = whole_view(loaded, meaning, (&stage, crew), results);
            (Some(view.map_err(Trouble::Unreadable)?), text)
        }
        false => (None, work.progress(site, &carried)?),
    };
    let writer = site.writer()?;
    let mut environments = writer.environments();
    standing.must_hold(&environments)?;
    let environment = environments.entry(standing.name.to_owned()).or_default();
    let mut facts = environment.facts.as_object().cloned().unwrap_or_default();
    environment.used = site.now();
    facts.insert("outcome".to_owned(), Value::from(outcome(&carried).1));
    match view {
        Some((view, ahead)) => {
            environment.view = Some(writer.view(&view, known, Some(ahead))?);
            environment.base = standing.base.map(str::to_owned);
            facts.remove("built");
            facts.insert("applied".to_owned(), Value::from(planned.plan.id.as_str()));
            // What was forced is what is planned from now on.
            facts.insert("planned".to_owned(), json!({ "id": planned.plan.id }));
            environment.plan = Some(text);
        }
        None => {
            facts.insert("built".to_owned(), Value::from(text));
        }
    }
    environment.facts = Value::Object(facts);
    let draft = Draft {
        kind: "apply".to_owned(),
        effects: writer.pending(),
        facts: json!({ "environment": standing.name, "plan": planned.plan.id }),
        environments,
        ..draft_of(&carried, begun)
    };
    writer.operation(draft)?.publish()?;
    Ok(())
}

/// How work ended, and the word for it.
fn outcome(carried: &Carried) -> (Outcome, &'static str) {
    match (&carried.stopped, carried.failed.is_empty()) {
        (Some(_), _) => (Outcome::Stopped, "stopped"),
        (None, false) => (Outcome::Failed, "failed"),
        (None, true) => (Outcome::Done, "done"),
    }
}

/// What an operation remembers of work.
pub(crate) fn draft_of(carried: &Carried, begun: Instant) -> Draft {
    let failure =
        |(id, why): &(NodeId, String)| Failure { node: id.to_string(), message: why.clone() };
    Draft {
        took: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        outcome: outcome(carried).0,
        failures: carried.failed.iter().map(failure).collect(),
        ..Draft::default()
    }
}
