//! A plan that is kept, so that it is that one and no other which is applied.

use super::site::{Site, Trouble, must_be_a_name, refused};
use crate::state::PRODUCTION;
use crate::work::Crew;
use crate::{Against, Loaded, Planned, views};
use seeknal_store::{Draft, Environment};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How a plan is kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlanOptions<'a> {
    /// After how many seconds without use the environment may go.
    pub ttl_seconds: Option<u64>,
    /// The file from which sources take their defaults.
    pub profile: Option<&'a str>,
}

/// How long an environment stays without being used, where nobody said it.
pub(crate) const TTL_SECONDS: u64 = 7 * 24 * 3_600;

/// Plans an environment against production, and keeps the plan.
pub fn plan(
    site: &Site,
    loaded: Loaded,
    name: &str,
    options: PlanOptions<'_>,
    crew: &Crew<'_>,
) -> Result<Planned, Trouble> {
    must_be_a_name(name)?;
    if name == PRODUCTION {
        return refused(
            "`prod` is what environments are planned against; `plan` shows what would change it",
        );
    }
    let planned = of(loaded, name, crew)?;
    let hash = text(site, &planned)?;
    let writer = site.writer()?;
    let mut environments = writer.environments();
    let now = site.now();
    let base = environments.get(PRODUCTION).and_then(|one| one.view.clone());
    let environment = environments.entry(name.to_owned()).or_insert_with(|| Environment {
        created: now,
        ttl_seconds: Some(TTL_SECONDS),
        ..Environment::default()
    });
    environment.base = base;
    environment.plan = Some(hash);
    environment.used = now;
    environment.ttl_seconds = options.ttl_seconds.or(environment.ttl_seconds);
    let mut facts = environment.facts.as_object().cloned().unwrap_or_default();
    let profile = options.profile.map(Value::from).or_else(|| facts.get("profile").cloned());
    facts.insert("planned".to_owned(), json!({ "id": planned.plan.id }));
    facts.insert("profile".to_owned(), profile.unwrap_or_default());
    environment.facts = Value::Object(facts);
    let effects = writer.pending();
    let facts = json!({ "environment": name, "plan": planned.plan.id });
    let draft = Draft { kind: "plan".to_owned(), environments, effects, facts, ..Draft::default() };
    writer.operation(draft)?.publish()?;
    Ok(planned)
}

/// Keeps a plan with the files that it was made of, and gives the hash of its text.
pub(crate) fn text(site: &Site, planned: &Planned) -> Result<String, Trouble> {
    let mut said = planned.json();
    said["files"] = serde_json::to_value(views::files(&planned.loaded.project)).unwrap_or_default();
    Ok(site.store.stage()?.text(format!("{said:#}\n").as_bytes())?)
}

/// The plan of an environment as everything is now.
pub(crate) fn of(loaded: Loaded, name: &str, crew: &Crew<'_>) -> Result<Planned, Trouble> {
    let against = (&Against::Production, Some(name));
    let planned = Planned::of(loaded, against, crew.analyst, crew.stop);
    // What was found until then is not what the project says.
    if (crew.stop)() {
        return Err(Trouble::Stopped);
    }
    planned.map_err(Trouble::Unreadable)
}

/// The paths of files that are not the same in two states, by the hashes of their texts.
pub(crate) fn moved<'f>(
    then: &'f BTreeMap<String, String>,
    now: &'f BTreeMap<String, String>,
) -> Vec<&'f str> {
    let paths: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let is_other = |path: &&String| then.get(*path) != now.get(*path);
    paths.into_iter().filter(is_other).map(String::as_str).collect()
}
