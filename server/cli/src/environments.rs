//! `env list`, `env delete`, `env cleanup`, `env pin`, `status`, `versions`.

use crate::confirm::confirmed;
use crate::exit::Exit;
use crate::options::Format;
use crate::render;
use crate::work::{site, troubled};
use seeknal_model::NodeId;
use seeknal_service::carry::{self, About, Site, Version};
use seeknal_service::when;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

fn ended(exit: Result<Exit, Exit>) -> Exit {
    exit.unwrap_or_else(|exit| exit)
}

pub(crate) fn list(project: &Path, format: Format) -> Exit {
    let listed = || {
        let all = carry::list(&site(project, "env list")?).map_err(troubled)?;
        match format {
            Format::Json => {
                let all: Vec<Value> = all.iter().map(json).collect();
                render::out(&format!("{:#}\n", json!({ "environments": all })));
            }
            Format::Text if all.is_empty() => render::out("No environments found.\n"),
            Format::Text => render::out(&table(&all)),
        }
        Ok(Exit::Done)
    };
    ended(listed())
}

fn table(all: &[About]) -> String {
    let mut text = String::new();
    for one in all {
        let mut notes = Vec::new();
        if let Some(from) = &one.promoted_from {
            notes.push(format!("from {from}"));
        }
        if one.is_behind {
            notes.push("production moved on".to_owned());
        }
        if one.is_pinned {
            notes.push("pinned".to_owned());
        }
        if one.is_expired {
            notes.push("EXPIRED".to_owned());
        }
        let notes = match notes.is_empty() {
            true => String::new(),
            false => format!("  ({})", notes.join(", ")),
        };
        let _ = writeln!(text, "{:<20}{:<30}used {}{notes}", one.name, one.stage, when(one.used));
    }
    text
}

fn json(one: &About) -> Value {
    json!({
        "name": one.name,
        "stage": one.stage,
        "created": one.created,
        "used": one.used,
        "expired": one.is_expired,
        "pinned": one.is_pinned,
        "view": one.view,
        "plan": one.plan,
        "promoted_from": one.promoted_from,
        "behind": one.is_behind,
        "outputs": one.outputs.0,
        "bytes": one.outputs.1,
    })
}

pub(crate) fn delete(project: &Path, name: &str, is_said: bool) -> Exit {
    let deleted = || {
        let site = site(project, &format!("env delete {name}"))?;
        // What cannot be done is said before anybody is asked.
        let all = carry::list(&site).map_err(troubled)?;
        let is_there = name != "prod" && all.iter().any(|one| one.name == name);
        if is_there && !confirmed(&format!("Delete environment '{name}'?"), is_said)? {
            return Ok(Exit::Refused);
        }
        carry::delete(&site, name).map_err(troubled)?;
        render::out(&format!("Environment '{name}' deleted.\n"));
        Ok(Exit::Done)
    };
    ended(deleted())
}

pub(crate) fn cleanup(project: &Path, is_dry: bool) -> Exit {
    let cleaned = || {
        let removed = carry::cleanup(&site(project, "env cleanup")?, is_dry).map_err(troubled)?;
        let word = if is_dry { "Would remove" } else { "Removed" };
        render::out(&match removed.is_empty() {
            true => "No environment is expired.\n".to_owned(),
            false => format!("{word} {}\n", removed.join(", ")),
        });
        Ok(Exit::Done)
    };
    ended(cleaned())
}

pub(crate) fn pin(project: &Path, name: &str, is_pinned: bool) -> Exit {
    let pinned = || {
        carry::pin(&site(project, &format!("env pin {name}"))?, name, is_pinned)
            .map_err(troubled)?;
        render::out(&match is_pinned {
            true => format!("Environment '{name}' stays until it is deleted.\n"),
            false => format!("Environment '{name}' may go when it is not used.\n"),
        });
        Ok(Exit::Done)
    };
    ended(pinned())
}

pub(crate) fn stop(project: &Path, is_stopped: bool) -> Exit {
    let said = || {
        let command = if is_stopped { "stop" } else { "start" };
        carry::set_stopped(&site(project, command)?, is_stopped).map_err(troubled)?;
        render::out(match is_stopped {
            true => "Nothing new begins here until `start`.\n",
            false => "Work may go on.\n",
        });
        Ok(Exit::Done)
    };
    ended(said())
}

pub(crate) fn status(project: &Path, format: Format) -> Exit {
    let said = || {
        let site = site(project, "status")?;
        if !site.state.is_there() {
            render::out("Nothing was run here yet.\n");
            return Ok(Exit::Done);
        }
        let all = carry::list(&site).map_err(troubled)?;
        let pending = carry::status(&site).map_err(troubled)?;
        match format {
            Format::Json => {
                let pending: Vec<Value> = pending
                    .iter()
                    .map(|(node, message)| json!({ "node": node, "message": message }))
                    .collect();
                let all: Vec<Value> = all.iter().map(json).collect();
                render::out(&format!("{:#}\n", json!({ "environments": all, "pending": pending })));
            }
            Format::Text => render::out(&status_text(&site, &all, &pending)),
        }
        Ok(if pending.is_empty() { Exit::Done } else { Exit::Found })
    };
    ended(said())
}

fn status_text(site: &Site, all: &[About], pending: &[(String, Option<String>)]) -> String {
    let mut text = table(all);
    if let Some(by) = site.store.stopped() {
        let _ = writeln!(text, "stopped by {by}; `start` lets work go on");
    }
    if let Ok(Some((_, newest))) = site.store.newest() {
        let _ = writeln!(
            text,
            "last: v{} {} by {}, {}",
            newest.number,
            newest.kind,
            newest.actor,
            when(newest.time)
        );
    }
    for (node, message) in pending {
        let why = message.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        let _ = writeln!(text, "pending: {node}{why}; `promote --resume` does it");
    }
    text
}

pub(crate) fn versions(project: &Path, (env, node): (&str, &str), format: Format) -> Exit {
    let said = || {
        let site = site(project, "versions")?;
        let all = carry::versions(&site, env, &NodeId::new(node)).map_err(troubled)?;
        match format {
            Format::Json => {
                let all: Vec<Value> = all.iter().map(version_json).collect();
                render::out(&format!("{:#}\n", json!({ "node": node, "versions": all })));
            }
            Format::Text => {
                for one in &all {
                    let gone = if one.is_restorable { "" } else { " (no longer restorable)" };
                    render::out(&format!(
                        "v{:<5}{}  {:<9}{} rows, {} columns, {}{gone}\n",
                        one.number,
                        when(one.time),
                        one.kind,
                        one.rows,
                        one.columns.len(),
                        one.identity
                    ));
                }
            }
        }
        Ok(Exit::Done)
    };
    ended(said())
}

fn version_json(one: &Version) -> Value {
    json!({
        "number": one.number,
        "time": one.time,
        "kind": one.kind,
        "identity": one.identity,
        "rows": one.rows,
        "columns": one.columns,
        "restorable": one.is_restorable,
    })
}
