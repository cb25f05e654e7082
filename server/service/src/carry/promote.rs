//! Promoting: what one environment shows, another shows from one moment to the next.

use super::effects;
use super::plan::{TTL_SECONDS, moved};
use super::site::{Site, Trouble, must_be_a_name, refused};
use crate::Analyst;
use crate::state::PRODUCTION;
use seeknal_store::{Draft, Effect, Environment, Outcome, View};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What promoting would do.
#[derive(Debug, Default)]
pub struct Preview {
    /// Nodes that are shown otherwise afterwards, each with a word: `changed`, `new`, `removed`.
    pub nodes: Vec<(String, &'static str)>,
    /// Outputs that are the very ones of before.
    pub same: usize,
    /// Exposures that are written afterwards.
    pub exports: Vec<String>,
    /// Sources whose data production has newer, or which moved on since: `--refresh` builds on it.
    pub older: Vec<String>,
    /// The plan that was applied.
    pub plan: String,
    from: Environment,
    to: Environment,
}

impl Preview {
    /// How much of what, in a line.
    pub fn words(&self) -> String {
        let count = |word: &str| self.nodes.iter().filter(|(_, is)| *is == word).count();
        let parts = [
            (count("changed"), "changed"),
            (count("new"), "new"),
            (count("removed"), "removed"),
            (self.same, "as they are"),
            (self.exports.len(), "to write out"),
        ];
        let said = parts.iter().filter(|(count, _)| *count > 0);
        let said: Vec<String> = said.map(|(count, word)| format!("{count} {word}")).collect();
        format!("{}.", said.join(", "))
    }
}

/// Looks whether an environment can be promoted, and what that would do.
pub fn promotion(
    site: &Site,
    (from, to): (&str, &str),
    analyst: &Analyst,
) -> Result<Preview, Trouble> {
    must_be_a_name(from)?;
    must_be_a_name(to)?;
    if from == to {
        return refused(format!("`{from}` cannot be promoted to itself"));
    }
    if from == PRODUCTION {
        return refused("`prod` is where environments are promoted to; name the environment first");
    }
    let all = site.environments()?;
    let source = site.environment(from)?;
    let target = all.get(to).cloned().unwrap_or_default();
    must_be_applied(from, &source)?;
    // Views of thousands of nodes take their time, and do not wait for each other.
    let (view, before) = std::thread::scope(|scope| {
        let before = scope.spawn(|| site.view_of(&target));
        let broken = || Err(Trouble::Unreadable("reading a view broke off".to_owned()));
        (site.view_of(&source), before.join().unwrap_or_else(|_| broken()))
    });
    let before = before?;
    let Some(view) = view? else {
        return refused(format!("`{from}` has not been applied; `apply {from}`"));
    };
    let lost = site.store.changed_parts(&view);
    if let Some(part) = lost.first() {
        let key = site.store.object(&part.key);
        return refused(format!(
            "an output of `{from}` is not what was written ({}); `apply {from} --force` makes it anew",
            key.display()
        ));
    }
    if to == PRODUCTION {
        must_stand_on(site, from, (&source, &target), before.as_ref())?;
        effects::must_be_possible(&site.root, &view)?;
    }
    let mut preview = previewed(before.as_ref(), &view);
    preview.plan =
        source.facts.get("applied").and_then(Value::as_str).unwrap_or_default().to_owned();
    if to == PRODUCTION {
        let due = effects::due(Vec::new(), before.as_ref(), &view);
        preview.exports = due.into_iter().map(|effect| effect.node).collect();
    }
    preview.older = older(site, analyst, (before.as_ref(), &view));
    (preview.from, preview.to) = (source, target);
    Ok(preview)
}

/// Shows in one environment what another shows, if everything is still as it was looked at.
pub fn promote(site: &Site, (from, to): (&str, &str), preview: &Preview) -> Result<(), Trouble> {
    let writer = site.writer()?;
    let mut all = writer.environments();
    let moved = |name: &str| seeknal_store::Error::Moved { what: format!("`{name}`") };
    if all.get(from) != Some(&preview.from) {
        return Err(moved(from).into());
    }
    if all.get(to).cloned().unwrap_or_default().view != preview.to.view {
        return Err(moved(to).into());
    }
    let Some(id) = preview.from.view.clone() else { return Err(moved(from).into()) };
    let now = site.now();
    let mut effects: Vec<Effect> = writer.pending();
    if to == PRODUCTION {
        effects::add_all(&mut effects, &preview.exports);
    }
    let target = all.entry(to.to_owned()).or_insert_with(|| Environment {
        created: now,
        ttl_seconds: (to != PRODUCTION).then_some(TTL_SECONDS),
        ..Environment::default()
    });
    target.view = Some(id);
    target.used = now;
    if to == PRODUCTION {
        target.facts = json!({ "promoted_from": from });
    } else {
        // It stands on what the first stood on, so that it can be promoted in turn.
        target.base.clone_from(&preview.from.base);
        target.plan.clone_from(&preview.from.plan);
        let mut facts = preview.from.facts.as_object().cloned().unwrap_or_default();
        facts.remove("built");
        facts.insert("promoted_from".to_owned(), Value::from(from));
        target.facts = Value::Object(facts);
    }
    let draft = Draft {
        kind: "promote".to_owned(),
        outcome: Outcome::Done,
        environments: all,
        effects,
        facts: json!({ "environment": to, "from": from, "plan": preview.plan }),
        ..Draft::default()
    };
    writer.operation(draft)?.publish()?;
    Ok(())
}

/// Whether all of the newest plan of an environment was applied to it.
fn must_be_applied(name: &str, environment: &Environment) -> Result<(), Trouble> {
    let fact = |key: &str| environment.facts.get(key);
    let planned = fact("planned").and_then(|one| one.get("id")).and_then(Value::as_str);
    let applied = fact("applied").and_then(Value::as_str);
    match fact("outcome").and_then(Value::as_str) {
        Some("failed") => refused(format!(
            "`{name}` was applied with failures; mend them and `apply {name}`, which goes on where it ended"
        )),
        Some("stopped") => {
            refused(format!("applying `{name}` was stopped; `apply {name}` goes on where it ended"))
        }
        _ if applied.is_none() => refused(format!("`{name}` has not been applied; `apply {name}`")),
        _ if applied != planned => refused(format!(
            "`{name}` was planned anew and has not been applied since; `apply {name}`"
        )),
        _ => Ok(()),
    }
}

/// Whether no definition in production changed since the plan.
fn must_stand_on(
    site: &Site,
    from: &str,
    (source, production): (&Environment, &Environment),
    shown: Option<&View>,
) -> Result<(), Trouble> {
    // Who promotes again what production shows already changes nothing.
    if source.base == production.view || source.view == production.view {
        return Ok(());
    }
    let then = match &source.base {
        Some(id) => site.store.view(id)?.files,
        None => BTreeMap::new(),
    };
    let now = shown.map(|view| view.files.clone()).unwrap_or_default();
    let moved = moved(&then, &now);
    if moved.is_empty() && source.base.is_some() == production.view.is_some() {
        return Ok(());
    }
    refused(format!(
        "base moved: production's {} changed since `{from}` was planned; bring that into the project, then `plan {from}` and `apply {from}`",
        moved.join(", ")
    ))
}

fn previewed(before: Option<&View>, view: &View) -> Preview {
    let mut preview = Preview::default();
    let nothing = BTreeMap::new();
    let old = before.map_or(&nothing, |before| &before.nodes);
    for (id, node) in &view.nodes {
        match old.get(id) {
            None => preview.nodes.push((id.clone(), "new")),
            Some(then) if then.identity != node.identity || then.parts != node.parts => {
                preview.nodes.push((id.clone(), "changed"));
            }
            Some(_) => preview.same += 1,
        }
    }
    let gone = old.keys().filter(|id| !view.nodes.contains_key(*id));
    preview.nodes.extend(gone.map(|id| (id.clone(), "removed")));
    preview
}

/// Sources of which the view holds other data than there is now; where the file is gone, than production has.
fn older(site: &Site, analyst: &Analyst, (before, view): (Option<&View>, &View)) -> Vec<String> {
    let data = |view: &View, id: &str| view.nodes.get(id)?.facts.get("data").cloned();
    let hash = |data: &Value| data["hash"].as_str().map(str::to_owned);
    let is_older = |id: &&String| {
        let Some(here) = data(view, id) else { return false };
        let file = site.root.join(here["file"].as_str().unwrap_or_default());
        let newest = analyst.hash(&file).or_else(|| hash(&data(before?, id)?));
        newest.is_some_and(|newest| Some(newest) != hash(&here))
    };
    view.nodes.keys().filter(is_older).cloned().collect()
}
