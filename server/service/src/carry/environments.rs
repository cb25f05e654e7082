//! Environments as things to be listed, kept and removed; what is shown where, and since when.

use super::plan::TTL_SECONDS;
use super::site::{Site, Trouble, refused};
use crate::state::PRODUCTION;
use seeknal_model::NodeId;
use seeknal_store::{Draft, Environment, Progress, View};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What there is to say of an environment.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// Its name.
    pub name: String,
    /// How far it is, in words.
    pub stage: &'static str,
    /// When it was made, in milliseconds since 1970.
    pub created: u64,
    /// When it was used last.
    pub used: u64,
    /// Whether it may go.
    pub is_expired: bool,
    /// Whether it stays whatever happens.
    pub is_pinned: bool,
    /// The view that it shows.
    pub view: Option<String>,
    /// The plan that was made for it last.
    pub plan: Option<String>,
    /// The environment that it took its view from.
    pub promoted_from: Option<String>,
    /// Whether production is another than it was planned on.
    pub is_behind: bool,
    /// How many outputs it shows, and how many bytes they are.
    pub outputs: (usize, u64),
}

/// Every environment.
pub fn list(site: &Site) -> Result<Vec<About>, Trouble> {
    let all = site.environments()?;
    let production = all.get(PRODUCTION).and_then(|one| one.view.clone());
    let now = site.now();
    let mut found = Vec::new();
    for (name, one) in &all {
        let view = site.view_of(one)?;
        let parts =
            || view.iter().flat_map(|view| view.nodes.values()).flat_map(|node| &node.parts);
        let text = |key: &str| one.facts.get(key).and_then(Value::as_str).map(str::to_owned);
        let planned = one.facts.get("planned").and_then(|planned| planned.get("id"));
        found.push(About {
            name: name.clone(),
            stage: stage(name, one),
            created: one.created,
            used: one.used,
            is_expired: is_expired(name, one, now),
            is_pinned: one.is_pinned,
            view: one.view.clone(),
            plan: planned.and_then(Value::as_str).map(str::to_owned),
            promoted_from: text("promoted_from"),
            is_behind: name != PRODUCTION && one.base != production && one.view != production,
            outputs: (parts().count(), parts().map(|part| part.bytes).sum()),
        });
    }
    Ok(found)
}

fn stage(name: &str, one: &Environment) -> &'static str {
    let fact = |key: &str| one.facts.get(key).and_then(Value::as_str);
    let planned = one.facts.get("planned").and_then(|planned| planned.get("id"));
    match (fact("outcome"), one.view.is_some()) {
        (Some("failed"), _) if name == PRODUCTION => "production, last run failed",
        (Some("stopped"), _) if name == PRODUCTION => "production, last run stopped",
        (Some("failed"), _) => "applied with failures",
        (Some("stopped"), _) => "stopped",
        (_, false) => "planned",
        _ if name == PRODUCTION => "production",
        _ if fact("applied").is_some() && fact("applied") == planned.and_then(Value::as_str) => {
            "applied"
        }
        _ => "planned anew",
    }
}

fn is_expired(name: &str, one: &Environment, now: u64) -> bool {
    let ttl = one.ttl_seconds.unwrap_or(TTL_SECONDS).saturating_mul(1_000);
    name != PRODUCTION && !one.is_pinned && now > one.used.saturating_add(ttl)
}

/// What was removed, or would be.
pub type Removed = Vec<String>;

/// Removes an environment. Its outputs go when nobody can come back to them.
pub fn delete(site: &Site, name: &str) -> Result<(), Trouble> {
    if name == PRODUCTION {
        return refused("`prod` cannot be deleted");
    }
    site.environment(name)?;
    changed(site, ("delete", name), &|all| {
        all.remove(name);
    })
}

/// Removes every environment that was not used for as long as it may stay.
pub fn cleanup(site: &Site, is_dry: bool) -> Result<Removed, Trouble> {
    let now = site.now();
    let all = site.environments()?;
    let old = all.iter().filter(|(name, one)| is_expired(name, one, now));
    let old: Removed = old.map(|(name, _)| name.clone()).collect();
    if !is_dry && !old.is_empty() {
        changed(site, ("cleanup", &old.join(", ")), &|all| {
            // One that was used meanwhile stays.
            all.retain(|name, one| !is_expired(name, one, now));
        })?;
    }
    Ok(old)
}

/// Lets an environment stay whatever happens, or not any more.
pub fn pin(site: &Site, name: &str, is_pinned: bool) -> Result<(), Trouble> {
    site.environment(name)?;
    changed(site, ("pin", name), &|all| {
        if let Some(one) = all.get_mut(name) {
            one.is_pinned = is_pinned;
        }
    })
}

fn changed(
    site: &Site,
    (kind, name): (&str, &str),
    change: &dyn Fn(&mut BTreeMap<String, Environment>),
) -> Result<(), Trouble> {
    let writer = site.writer()?;
    let mut environments = writer.environments();
    change(&mut environments);
    let draft = Draft {
        kind: kind.to_owned(),
        environments,
        effects: writer.pending(),
        facts: json!({ "environment": name }),
        ..Draft::default()
    };
    writer.operation(draft)?.publish()?;
    Ok(())
}

/// Says that no work is to be begun in this project, or that it may be again.
pub fn set_stopped(site: &Site, is_stopped: bool) -> Result<(), Trouble> {
    let who = crate::who(&site.root, &site.command);
    let by = format!("{} ({})", who.actor, crate::when(who.now));
    Ok(site.store.set_stopped(is_stopped.then_some(by.as_str()))?)
}

/// What is pending outside: of each effect its node, and what was said when it failed.
pub fn status(site: &Site) -> Result<Vec<(String, Option<String>)>, Trouble> {
    let Some((_, operation)) = site.store.newest()? else { return Ok(Vec::new()) };
    let open = operation.effects.into_iter().filter(|one| one.progress != Progress::Done);
    Ok(open.map(|one| (one.node, one.message)).collect())
}

/// A version of a node: after which operation it was shown first, when, and what there was of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// The operation's number.
    pub number: u64,
    /// When, in milliseconds since 1970.
    pub time: u64,
    /// The word for the operation.
    pub kind: String,
    /// What it meant, in short.
    pub identity: String,
    /// How many rows.
    pub rows: u64,
    /// Its columns.
    pub columns: Vec<String>,
    /// Whether it can still be shown.
    pub is_restorable: bool,
}

/// What an environment showed of a node, the newest first.
pub fn versions(site: &Site, environment: &str, id: &NodeId) -> Result<Vec<Version>, Trouble> {
    let mut views: BTreeMap<String, Option<View>> = BTreeMap::new();
    let mut found: Vec<(Version, Arc<seeknal_store::Node>)> = Vec::new();
    for one in site.store.history() {
        let (_, operation) = one?;
        let shown = operation.environments.get(environment).and_then(|one| one.view.clone());
        let Some(shown) = shown else { continue };
        let view = views.entry(shown.clone()).or_insert_with(|| site.store.view(&shown).ok());
        let Some(node) = view.as_ref().and_then(|view| view.nodes.get(id.as_str())) else {
            continue;
        };
        let (number, time, kind) = (operation.number, operation.time, operation.kind);
        let same = found
            .last_mut()
            .filter(|(_, last)| last.identity == node.identity && last.parts == node.parts);
        if let Some((version, _)) = same {
            (version.number, version.time, version.kind) = (number, time, kind);
            continue;
        }
        let version = Version {
            number,
            time,
            kind,
            identity: node.identity.chars().take(12).collect(),
            rows: node.parts.iter().map(|part| part.rows).sum(),
            columns: node.columns.iter().map(|(name, kind)| format!("{name} {kind}")).collect(),
            is_restorable: node.parts.iter().all(|part| site.store.is_same(part)),
        };
        found.push((version, node.clone()));
    }
    if found.is_empty() {
        return refused(format!("`{environment}` never showed `{id}`"));
    }
    Ok(found.into_iter().map(|(version, _)| version).collect())
}
