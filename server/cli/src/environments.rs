//! `env list`, `env delete`, `env cleanup`, `env pin`, `status`, `versions`.

use crate::confirm::confirmed;
use crate::exit::Exit;
use crate::options::Format;
use crate::render;
use crate::work::{site, troubled};
use seeknal_model::NodeId;
use seeknal_service::carry;
use seeknal_service::told::environments as told;
use seeknal_service::when;
use serde_json::{Value, json};
use std::path::Path;

fn ended(exit: Result<Exit, Exit>) -> Exit {
    exit.unwrap_or_else(|exit| exit)
}

pub(crate) fn list(project: &Path, format: Format) -> Exit {
    let listed = || {
        let all = carry::list(&site(project, "env list")?).map_err(troubled)?;
        match format {
            Format::Json => {
                let all: Vec<Value> = all.iter().map(told::json).collect();
                render::out(&format!("{:#}\n", json!({ "environments": all })));
            }
            Format::Text if all.is_empty() => render::out("No environments found.\n"),
            Format::Text => render::out(&told::table(&all)),
        }
        Ok(Exit::Done)
    };
    ended(listed())
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
                render::out(&format!("{:#}\n", told::status_json(&all, &pending)));
            }
            Format::Text => render::out(&told::status(&site, &all, &pending)),
        }
        Ok(if pending.is_empty() { Exit::Done } else { Exit::Found })
    };
    ended(said())
}

pub(crate) fn versions(project: &Path, (env, node): (&str, &str), format: Format) -> Exit {
    let said = || {
        let site = site(project, "versions")?;
        let all = carry::versions(&site, env, &NodeId::new(node)).map_err(troubled)?;
        match format {
            Format::Json => {
                let all: Vec<Value> = all.iter().map(told::version_json).collect();
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
