//! `plan`: what the edits of a project do, beside what it was.

use crate::check::{open_home, say_unread, unreadable};
use crate::engine::analyst;
use crate::exit::Exit;
use crate::options::{PlanArguments, PlanFormat, WorkArguments};
use crate::render;
use crate::work::{load, site, with_crew};
use seeknal_service::carry::{self, PlanOptions};
use seeknal_service::told::plan::{markdown, text};
use seeknal_service::{Against, Analyst, Loaded, Planned, manifest};
use std::path::Path;
use std::sync::Arc;

/// Whoever knows what queries mean; how to end where that cannot be had.
fn knowing() -> Result<Arc<Analyst>, Exit> {
    analyst()
        .ok_or_else(|| unreadable("this program cannot find itself, and so cannot start DuckDB"))
}

/// A project beside what it is compared with; how to end where that cannot be had.
pub(crate) fn planned(project: &Path, against: &str) -> Result<Planned, Exit> {
    planned_by(project, (against, None), &*knowing()?)
}

/// Plans an environment against production, and keeps the plan.
fn kept(name: &str, asked: &PlanArguments) -> Result<Planned, Exit> {
    let work = WorkArguments::quiet(&asked.project);
    let site = site(&asked.project, &format!("plan {name}"))?;
    let ttl_seconds = asked.ttl.map(|hours| hours.saturating_mul(3_600));
    let options = PlanOptions { ttl_seconds, profile: asked.profile.as_deref() };
    with_crew(&work, |crew| {
        let loaded = load(&asked.project, crew.analyst)?;
        carry::plan(&site, loaded, name, options, crew)
    })
}

fn planned_by(
    project: &Path,
    (against, environment): (&str, Option<&str>),
    analyst: &Analyst,
) -> Result<Planned, Exit> {
    let loaded = open_home(project, Some(analyst)).map_err(|sentence| unreadable(&sentence))?;
    say_unread(&loaded);
    Planned::of(loaded, (&Against::read(against), environment), analyst, &|| false)
        .map_err(|sentence| unreadable(&sentence))
}

pub(crate) fn run(environment: Option<&str>, asked: &PlanArguments) -> Exit {
    match planned_and_told(environment, asked) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn planned_and_told(environment: Option<&str>, asked: &PlanArguments) -> Result<Exit, Exit> {
    let analyst = knowing()?;
    // What is compared with something else than production is looked at, and not kept.
    let is_kept = environment.is_some() && asked.against == "auto";
    let planned = match environment {
        Some(name) if is_kept => kept(name, asked)?,
        other => planned_by(&asked.project, (&asked.against, other), &analyst)?,
    };
    let is_partly_read = !planned.loaded.unread.is_empty();
    if let Some(path) = &asked.write_manifest
        && let Err(sentence) = write_manifest(&planned, &analyst, path)
    {
        render::err(&format!("error: {sentence}\n"));
        return Err(Exit::Refused);
    }
    render::out(&match asked.format {
        PlanFormat::Text => text(&planned),
        PlanFormat::Markdown => markdown(&planned),
        PlanFormat::Json => format!("{:#}\n", planned.json()),
    });
    if let (PlanFormat::Text, Some(name)) = (asked.format, environment) {
        let short = planned.plan.id.get(..12).unwrap_or(&planned.plan.id);
        render::out(&match is_kept {
            true => format!("\nPlan {short} saved; `apply {name}` carries it out.\n"),
            false => {
                "\nThis plan is not kept: only one against production can be applied.\n".to_owned()
            }
        });
    }
    let exit = match (is_partly_read, asked.exit_code && !planned.plan.is_empty()) {
        (true, _) => Exit::Found,
        (false, true) => Exit::Changes,
        (false, false) => Exit::Done,
    };
    // The program ends here: to take a large project apart would only take time.
    std::mem::forget(planned);
    Ok(exit)
}

/// Writes a manifest beside its place and moves it there, so that nobody reads half of one.
fn write_manifest(planned: &Planned, analyst: &Analyst, path: &Path) -> Result<(), String> {
    let Loaded { root, project, .. } = &planned.loaded;
    let data = analyst.versions(root, project);
    let text = manifest(project, &planned.meaning.schemas, &data)?;
    let said = |error: std::io::Error| format!("{}: {error}", path.display());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let fresh = path.with_file_name(format!(".{name}.{}", std::process::id()));
    std::fs::write(&fresh, text).map_err(said)?;
    std::fs::rename(&fresh, path).map_err(|error| {
        let _ = std::fs::remove_file(&fresh);
        said(error)
    })
}
