//! Promoting: what one environment shows, another shows from one moment to the next.

use super::beside::{Beside, Data, Facts, Shown, text_of};
use super::effects::{self, Places};
use super::plan::{TTL_SECONDS, moved};
use super::site::{Site, Trouble, must_be_a_name, refused};
use crate::Analyst;
use crate::runs::meanwhile;
use crate::state::PRODUCTION;
use seeknal_store::{Draft, Effect, Environment, NodeOutline, Outcome, Words};
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
    let (text, text_before) = (text_of(site, &source)?, text_of(site, &target)?);
    let Some(text) = text else {
        return refused(format!("`{from}` has not been applied; `apply {from}`"));
    };
    let views = Beside::of(text_before.as_ref(), &text)?;
    if let Some(part) = views.lost(site) {
        let key = site.store.object(&part.key);
        return refused(format!(
            "an output of `{from}` is not what was written ({}); `apply {from} --force` makes it anew",
            key.display()
        ));
    }
    if to == PRODUCTION {
        must_stand_on(site, from, (&source, &target))?;
        effects::must_be_possible(&site.root, &places(&views.after))?;
    }
    let mut preview = previewed(&views);
    preview.plan =
        source.facts.get("applied").and_then(Value::as_str).unwrap_or_default().to_owned();
    if to == PRODUCTION {
        preview.exports = views.exports();
    }
    preview.older = older(site, analyst, &views);
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
) -> Result<(), Trouble> {
    // Who promotes again what production shows already changes nothing.
    if source.base == production.view || source.view == production.view {
        return Ok(());
    }
    let files = |view: &Option<String>| -> Result<BTreeMap<String, String>, Trouble> {
        Ok(view.as_ref().map(|id| site.store.files(id)).transpose()?.unwrap_or_default())
    };
    let (now, then) = meanwhile(|| files(&source.base), || files(&production.view));
    let (now, then) = (now?, then?);
    let moved = moved(&then, &now);
    if moved.is_empty() && source.base.is_some() == production.view.is_some() {
        return Ok(());
    }
    refused(format!(
        "base moved: production's {} changed since `{from}` was planned; bring that into the project, then `plan {from}` and `apply {from}`",
        moved.join(", ")
    ))
}

fn places<'v>(view: &'v Shown<'_>) -> Places<'v> {
    let facts = || view.nodes.iter().filter_map(|(id, node)| Some((id, node.facts.as_ref()?)));
    let data = |(_, facts): (_, &'v Facts<'_>)| Some(&*facts.data.as_ref()?.file.as_ref()?.0);
    let file =
        |(id, facts): (&'v Words<'_>, &'v Facts<'_>)| Some((&*id.0, &*facts.file.as_ref()?.0));
    Places {
        data: facts().filter_map(data).collect(),
        files: facts().filter_map(file).collect(),
        shown: view.shown.keys().map(|path| &*path.0).collect(),
    }
}

fn previewed(views: &Beside<'_>) -> Preview {
    let mut preview = Preview::default();
    for (id, node) in &views.after.nodes {
        match views.before(id) {
            None => preview.nodes.push((id.0.clone().into_owned(), "new")),
            Some(then) if then.identity != node.identity || then.parts != node.parts => {
                preview.nodes.push((id.0.clone().into_owned(), "changed"));
            }
            Some(_) => preview.same += 1,
        }
    }
    preview.nodes.extend(views.gone().map(|id| (id.0.clone().into_owned(), "removed")));
    preview
}

/// Sources of which the view holds other data than there is now; where the file is gone, than production has.
fn older(site: &Site, analyst: &Analyst, views: &Beside<'_>) -> Vec<String> {
    let hash = |data: &Data<'_>| data.hash.as_ref().map(|hash| hash.0.clone().into_owned());
    let is_older = |(id, node): &(&Words<'_>, &NodeOutline<'_, Facts<'_>>)| {
        let Some(here) = node.facts.as_ref().and_then(|facts| facts.data.as_ref()) else {
            return false;
        };
        let before = || hash(views.before(id)?.facts.as_ref()?.data.as_ref()?);
        let file = here.file.as_ref().map(|file| &*file.0).unwrap_or_default();
        let newest = analyst.hash(&site.root.join(file)).or_else(before);
        newest.is_some_and(|newest| Some(newest) != hash(here))
    };
    let older = views.after.nodes.iter().filter(is_older);
    older.map(|(id, _)| id.0.clone().into_owned()).collect()
}
