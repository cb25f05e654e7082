//! `run`: production brought up to date with the project and with its data.

use super::apply::{Applied, Standing, Work, draft_of};
use super::effects::{self, Places};
use super::exports::{Export, Writing};
use super::site::{Site, Trouble, must_be_whole};
use crate::runs::{let_go, meanwhile};
use crate::state::PRODUCTION;
use crate::work::{Beside, Carried, Crew, Refresh, carry_out, whole_view};
use crate::{Against, Analyst, Loaded, Planned};
use seeknal_analysis::changes::{Category, Change};
use seeknal_store::{Ahead, Draft, Environment, View};
use serde_json::{Value, json};
use std::time::Instant;

/// How production is brought up to date.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunOptions {
    /// Make everything again.
    pub is_full: bool,
    /// Say what would be done, and do nothing.
    pub is_dry: bool,
    /// Go on though something breaks or data would be lost.
    pub is_confirmed: bool,
}

/// Builds what is not up to date and shows it in production; nothing is shown where anything failed.
pub fn run(
    site: &Site,
    load: impl FnOnce(&Analyst) -> Result<Loaded, Trouble>,
    options: RunOptions,
    crew: &Crew<'_>,
) -> Result<(Applied, Vec<Export>), Trouble> {
    let environments = site.environments()?;
    let environment = environments.get(PRODUCTION).cloned().unwrap_or_default();
    // As a rule nothing is to be done where there is production, and then nobody is started for it.
    let is_first = environment.view.is_none() && !options.is_dry;
    let _first = is_first.then(|| crew.warm());
    let loaded = load(crew.analyst)?;
    must_be_whole(&loaded, crew.analyst)?;
    let planned = Planned::of(loaded, (&Against::Production, None), crew.analyst, crew.stop)
        .map_err(Trouble::Unreadable)?;
    let is_edited = !planned.plan.steps.is_empty() && !options.is_dry;
    let _edited = is_edited.then(|| crew.warm());
    // What was found until then is not what the project says.
    if (crew.stop)() {
        return Err(Trouble::Stopped);
    }
    if environment.view.is_some() && !options.is_confirmed && !options.is_dry {
        must_be_harmless(&planned.plan.changes)?;
    }
    let base = site.view_beside(&environment, &planned.baseline)?;
    let refresh = if options.is_full { Refresh::All } else { Refresh::Moved };
    let known = environment.view.as_deref().zip(base.as_deref());
    let mut work =
        Work::of(site, &planned, (PRODUCTION, &environment), (base.as_deref(), refresh), crew)?;
    if options.is_dry {
        return Ok((work.told(&planned, None), Vec::new()));
    }
    let begun = Instant::now();
    let what = (&work.decided, &planned.loaded.project);
    let (carried, mut beside) =
        carry_out(crew, &site.store, what, known).map_err(Trouble::Unreadable)?;
    let mut files = Writing::new(site, crew, beside.lane.take());
    let mut told = work.told(&planned, Some(&carried));
    let mut done = Done { planned: &planned, work: &mut work, carried, begun };
    let whole = match told.is_whole() {
        true => Some(done.view(site, beside, crew)?),
        false => None,
    };
    let (view, folder) = whole.unzip();
    let write = || view.iter().for_each(|view| files.write_ahead(base.as_deref(), view));
    let shown = (view.as_ref(), folder);
    let (id, ()) = meanwhile(write, || {
        publish(site, &done, (&environment, base.as_deref()), shown, &mut told)
    });
    let exported = match id?.as_deref().zip(view.as_ref()) {
        Some(known) => files.go_on(Some(known))?,
        None => Vec::new(),
    };
    let_go((planned, work, view));
    Ok((told, exported))
}

/// Work that was done.
struct Done<'a> {
    planned: &'a Planned,
    work: &'a mut Work,
    carried: Carried,
    begun: Instant,
}

impl Done<'_> {
    /// The view that shows it, with its folder.
    fn view<'s>(
        &mut self,
        site: &'s Site,
        beside: Beside<'s>,
        crew: &Crew<'_>,
    ) -> Result<(View, Ahead<'s>), Trouble> {
        let results = self.work.results(&mut self.carried, beside);
        let Planned { loaded, meaning, .. } = self.planned;
        let stage = site.store.stage()?;
        let whole = whole_view(loaded, meaning, (&stage, crew), results);
        let (view, folder) = whole.map_err(Trouble::Unreadable)?;
        effects::must_be_possible(&site.root, &Places::of(&view))?;
        Ok((view, folder))
    }
}

/// Shows what was done if all of it was, and gives the id of what is shown now; else remembers how far it came. Nothing
/// is done where there is nothing to say.
fn publish(
    site: &Site,
    done: &Done<'_>,
    (environment, base): (&Environment, Option<&View>),
    (whole, folder): (Option<&View>, Option<Ahead<'_>>),
    told: &mut Applied,
) -> Result<Option<String>, Trouble> {
    let known = environment.view.as_deref().zip(base);
    let progress = match whole {
        Some(_) => String::new(),
        None => done.work.progress(site, &done.carried)?,
    };
    let mut shown = None;
    let writer = site.writer()?;
    let mut all = writer.environments();
    Standing { name: PRODUCTION, environment, base: None }.must_hold(&all)?;
    let mut due = writer.pending();
    let now = site.now();
    let production = all
        .entry(PRODUCTION.to_owned())
        .or_insert_with(|| Environment { created: now, ..Environment::default() });
    let mut facts = production.facts.as_object().cloned().unwrap_or_default();
    production.used = now;
    match whole {
        Some(view) => {
            let id = writer.view(view, known, folder)?;
            told.is_changed = production.view.as_ref() != Some(&id);
            due = effects::due(due, &site.root, (base, view));
            production.view = Some(id.clone());
            shown = Some(id);
            facts.remove("built");
            facts.remove("outcome");
        }
        None => {
            let word = if done.carried.stopped.is_some() { "stopped" } else { "failed" };
            facts.insert("outcome".to_owned(), Value::from(word));
            facts.insert("built".to_owned(), Value::from(progress));
        }
    }
    production.facts = Value::Object(facts);
    if whole.is_some() && !told.is_changed && told.done.is_empty() && due.is_empty() {
        return Ok(None);
    }
    let draft = Draft {
        kind: "run".to_owned(),
        environments: all,
        effects: due,
        facts: json!({ "environment": PRODUCTION, "plan": done.planned.plan.id }),
        ..draft_of(&done.carried, done.begun)
    };
    writer.operation(draft)?.publish()?;
    Ok(shown)
}

/// Production takes edits that break something only from who says so.
fn must_be_harmless(changes: &[Change]) -> Result<(), Trouble> {
    let breaks = |one: &&Change| one.category == Category::Breaking || one.is_destructive;
    let mut said: Vec<String> = changes
        .iter()
        .filter(breaks)
        .map(|one| {
            let why: Vec<&str> = one.reasons.iter().map(|reason| reason.message.as_str()).collect();
            let why = why.join("; ");
            let lost = if one.is_destructive { ", destructive" } else { "" };
            format!("{} is {}{lost}: {why}", one.node, one.category.word())
        })
        .collect();
    if said.is_empty() {
        return Ok(());
    }
    said.push(
        "`plan dev`, `apply dev` and `promote dev` try it beside production first; `run --yes` does it at once"
            .to_owned(),
    );
    Err(Trouble::Unconfirmed(said))
}
