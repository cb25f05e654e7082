//! Looking at what an environment shows: questions in SQL, rules and audits on demand.

use super::site::{Site, Trouble, refused};
use crate::work::{Crew, Ended, Tried, ask, check_jobs, size};
use seeknal_analysis::Column;
use seeknal_analysis::checks::checks;
use seeknal_model::{NodeId, Project};
use seeknal_plan::engine::{Broken, Done, Input, Job, Lane};
use seeknal_store::View;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The answer to a question.
#[derive(Debug, Default)]
pub struct Answered {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows as text.
    pub rows: Vec<Vec<Option<String>>>,
    /// Whether there were more.
    pub is_cut: bool,
}

/// Answers a question over what an environment shows. It reads, and can do nothing else.
pub fn answer(
    site: &Site,
    (environment, query): (&str, &str),
    most: usize,
    crew: &Crew<'_>,
) -> Result<Answered, Trouble> {
    let view = site.shown(environment)?;
    let query = query.trim().trim_end_matches(';').to_owned();
    let mut inputs = tables(site, &view);
    // Making one costs a little, and there may be thousands.
    let text = query.to_lowercase();
    inputs.retain(|input| text.contains(&input.name.to_lowercase()));
    let size = size(inputs.iter().flat_map(|one| &one.files));
    let before = Vec::new();
    let asked = most.saturating_add(1);
    let job = Job::Rows { size, inputs, before, query, most: asked, is_typed: true };
    let done = lane(site, crew)?.run(&job, &mut |_| !(crew.stop)()).map_err(broken)?;
    Ok(Answered::of(done, most))
}

impl Answered {
    /// The first rows of what a job found, which was asked for one more.
    pub(crate) fn of(done: Done, most: usize) -> Answered {
        let mut rows = done.cells;
        let is_cut = rows.len() > most;
        rows.truncate(most);
        Answered { columns: done.columns, rows, is_cut }
    }
}

pub(crate) fn broken(broken: Broken) -> Trouble {
    match broken {
        Broken::Failed(why) | Broken::Lost(why) => Trouble::Refused(vec![why]),
        Broken::Stopped => Trouble::Stopped,
    }
}

/// Every output under its names: `kind.name`, `kind_name`, and its bare name where only one has it.
fn tables(site: &Site, view: &View) -> Vec<Input> {
    let outputs = || view.nodes.iter().filter(|(_, node)| !node.parts.is_empty());
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for (id, _) in outputs() {
        let name = id.split_once('.').map_or(id.as_str(), |(_, name)| name);
        *names.entry(name.to_lowercase()).or_default() += 1;
    }
    let mut all = Vec::new();
    for (id, node) in outputs() {
        let Some((kind, name)) = id.split_once('.') else { continue };
        let files: Vec<PathBuf> =
            node.parts.iter().map(|part| site.store.object(&part.key)).collect();
        let mut add = |schema: Option<&str>, name: String| {
            let schema = schema.map(str::to_owned);
            all.push(Input { schema, name, files: files.clone() });
        };
        add(Some(kind), name.to_owned());
        add(None, format!("{kind}_{name}"));
        if names.get(&name.to_lowercase()) == Some(&1) {
            add(None, name.to_owned());
        }
    }
    all
}

fn lane(site: &Site, crew: &Crew<'_>) -> Result<Box<dyn Lane>, Trouble> {
    crew.engine.lane(&site.limits(crew)).map_err(Trouble::Unreadable)
}

/// What came of the checks of one node.
#[derive(Debug)]
pub struct Trial {
    /// The node.
    pub node: NodeId,
    /// What was tried, or why nothing could be.
    pub tried: Result<Vec<Tried>, String>,
}

/// Tries rules and audits over what an environment shows: all that it shows, or those of one node of a project.
pub fn test(
    site: &Site,
    environment: &str,
    only: Option<(&Project, &NodeId)>,
    crew: &Crew<'_>,
) -> Result<Vec<Trial>, Trouble> {
    let view = site.shown(environment)?;
    let project = match only {
        Some((project, _)) => project.clone(),
        None => site.project_of(&view)?,
    };
    let mut lane = lane(site, crew)?;
    let files = |id: &NodeId| -> Vec<PathBuf> {
        let parts = view.nodes.get(id.as_str()).map(|node| node.parts.as_slice());
        parts.unwrap_or_default().iter().map(|part| site.store.object(&part.key)).collect()
    };
    let mut trials = Vec::new();
    let is_meant = |id: &&NodeId| only.is_none_or(|(_, only)| only == *id);
    for id in project.graph().order().iter().filter(is_meant) {
        let Some(node) = project.node(id) else { continue };
        let tried = match checks(node) {
            Ok(all) if all.is_empty() => continue,
            Ok(all) => {
                let jobs = check_jobs(node, &all, &files);
                match ask(crew, lane.as_mut(), (node, &all), (&jobs, None)) {
                    Ok(tried) => Ok(tried),
                    Err(Ended::Failed(why)) => Err(why),
                    Err(Ended::Stopped) => break,
                }
            }
            Err(why) => Err(why),
        };
        trials.push(Trial { node: id.clone(), tried });
    }
    match only {
        Some((_, id)) if trials.is_empty() && !(crew.stop)() => {
            refused(format!("`{id}` asserts nothing; only rules and nodes with audits do"))
        }
        _ => Ok(trials),
    }
}
