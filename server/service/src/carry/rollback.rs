//! Rolling back: an environment shows again what it showed before.

use super::beside::{Beside, text_of};
use super::effects;
use super::site::{Site, Trouble, refused};
use crate::state::PRODUCTION;
use seeknal_store::{Draft, Environment, Operation};
use serde_json::json;

/// What rolling back does.
#[derive(Debug)]
pub struct Back {
    /// The number of the operation after which it was shown so.
    pub number: u64,
    /// When that was, in milliseconds since 1970.
    pub time: u64,
    /// Exposures that are written again.
    pub exports: Vec<String>,
    /// What was done outside and is not undone by it.
    pub stays: Vec<String>,
    view: String,
    from: Environment,
    name: String,
}

impl Back {
    /// Looks for what an environment showed before, or after the operation that is named.
    pub fn find(site: &Site, name: &str, to: Option<&str>) -> Result<Back, Trouble> {
        let from = site.environment(name)?;
        let mut shown: Vec<(String, u64, u64, String)> = Vec::new();
        for one in site.store.history() {
            let (id, Operation { number, time, environments, .. }) = one?;
            if let Some(view) = environments.get(name).and_then(|one| one.view.clone()) {
                shown.push((id, number, time, view));
            }
        }
        let mut older = shown.into_iter().skip_while(|(id, number, _, view)| match to {
            None => Some(view) == from.view.as_ref(),
            Some(to) => !names(to, (id, *number, view)),
        });
        let mut found = older.next().map(|(_, number, time, view)| (number, time, view));
        // Of several operations after which it was shown the first one is named.
        for (_, number, time, view) in older {
            match &mut found {
                Some(first) if first.2 == view && to.is_none() => *first = (number, time, view),
                _ => break,
            }
        }
        let Some((number, time, view)) = found else {
            return refused(match to {
                Some(to) => {
                    format!("`{name}` showed nothing after `{to}`; `history` lists what it showed")
                }
                None => format!("`{name}` showed nothing before what it shows now"),
            });
        };
        if Some(&view) == from.view.as_ref() {
            return refused(format!("`{name}` shows that already"));
        }
        let (then, now) = (site.store.view_text(&view)?, text_of(site, &from)?);
        let views = Beside::of(now.as_ref(), &then)?;
        if views.lost(site).is_some() {
            return refused(format!(
                "what `{name}` showed after v{number} was removed by `gc`; check out the project as it was and `run`"
            ));
        }
        let exports = if name == PRODUCTION { views.exports() } else { Vec::new() };
        let gone = views.gone().filter(|id| id.0.starts_with("exposure."));
        let stays = gone.map(|id| id.0.clone().into_owned()).collect();
        Ok(Back { number, time, exports, stays, view, from, name: name.to_owned() })
    }
}

/// Whether a word names an operation or what was shown after it.
fn names(word: &str, (id, number, view): (&str, u64, &str)) -> bool {
    const SHORTEST: usize = 6;
    let is_number = word.strip_prefix('v').unwrap_or(word).parse() == Ok(number);
    is_number || (word.len() >= SHORTEST && (id.starts_with(word) || view.starts_with(word)))
}

/// Shows it again, if the environment still shows what it showed when this was looked at.
pub fn rollback(site: &Site, back: &Back) -> Result<(), Trouble> {
    let writer = site.writer()?;
    let mut all = writer.environments();
    let here = all.get(&back.name).cloned().unwrap_or_default();
    if here.view != back.from.view {
        return Err(seeknal_store::Error::Moved { what: format!("`{}`", back.name) }.into());
    }
    let mut effects = writer.pending();
    if back.name == PRODUCTION {
        effects::add_all(&mut effects, &back.exports);
    }
    if let Some(environment) = all.get_mut(&back.name) {
        environment.view = Some(back.view.clone());
        environment.used = site.now();
        // What was applied is not what is shown any more.
        if let Some(facts) = environment.facts.as_object_mut() {
            for key in ["applied", "outcome", "promoted_from"] {
                facts.remove(key);
            }
        }
    }
    let draft = Draft {
        kind: "rollback".to_owned(),
        environments: all,
        effects,
        facts: json!({ "environment": back.name, "to": back.number }),
        ..Draft::default()
    };
    writer.operation(draft)?.publish()?;
    Ok(())
}
