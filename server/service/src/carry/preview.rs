//! The first rows that a node would have as it is written now, before anything is saved or applied.
//!
//! Inputs are what an environment shows where that still means the same; what was edited on the way is made
//! in a folder of the user's and is gone afterwards. The project and its state are only read.

use super::apply::run_values;
use super::rooms::Rooms;
use super::rows::{Answered, broken};
use super::site::{Site, Trouble, refused};
use crate::state::PRODUCTION;
use crate::work::{Crew, Event, given, query_of, secrets, size, without};
use crate::{Loaded, Meaning, today, variables};
use seeknal_analysis::{Query, data_file};
use seeknal_model::{Node, NodeId, Project, Surroundings};
use seeknal_plan::engine::{Broken, Done, Job, Lane, Limits};
use seeknal_store::View;
use seeknal_syntax::sql::ctes;
use seeknal_syntax::{MappedText, Span, slice};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

/// What is to be shown of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Its rows.
    Whole,
    /// Those of a name that its query makes by `WITH`.
    Cte(String),
    /// Those of a query that stands at these bytes of its file.
    Selected(Span),
}

/// The first rows of something, and over what.
#[derive(Debug)]
pub struct Previewed {
    /// The rows.
    pub answered: Answered,
    /// Nodes that were made for it, because no environment shows them as they are written now.
    pub made: Vec<NodeId>,
}

/// Shows the first rows of a node. The project may hold texts that are not saved.
pub fn preview(
    site: &Site,
    loaded: &Loaded,
    (id, part): (&NodeId, &Part),
    (environment, most): (Option<&str>, usize),
    crew: &Crew<'_>,
) -> Result<Previewed, Trouble> {
    let project = &loaded.project;
    let Some(node) = project.node(id) else {
        return refused(format!("there is no node `{id}`; `seeknal-lsp list` names them all"));
    };
    if !node.kind.has_rows {
        return refused(format!("`{id}` has no rows to show"));
    }
    let meaning = crew.analyst.meaning(&site.root, project, crew.stop);
    if (crew.stop)() {
        return Err(Trouble::Stopped);
    }
    let (variables, overrides) = (variables(&site.root), run_values(site, "preview"));
    let around = Surroundings { overrides: &overrides, variables: &variables, today: today() };
    let shelf = Shelf {
        site,
        project,
        meaning: &meaning,
        around: &around,
        views: views(site, environment)?,
        data: crew.analyst.data_files(&site.root, project),
        crew,
    };
    shelf.shown(node, part, most)
}

/// What environments show: first of the one that is named, then of production.
fn views(site: &Site, environment: Option<&str>) -> Result<Vec<View>, Trouble> {
    let all = site.environments()?;
    let named = environment.filter(|name| *name != PRODUCTION);
    let mut views = Vec::new();
    for name in named.into_iter().chain([PRODUCTION]) {
        if let Some(one) = all.get(name) {
            views.extend(site.view_of(one)?);
        }
    }
    Ok(views)
}

/// Everything that rows are taken from.
struct Shelf<'a> {
    site: &'a Site,
    project: &'a Project,
    meaning: &'a Meaning,
    around: &'a Surroundings<'a>,
    views: Vec<View>,
    /// The data files of sources.
    data: BTreeMap<NodeId, PathBuf>,
    crew: &'a Crew<'a>,
}

type Outputs = BTreeMap<NodeId, Vec<PathBuf>>;

impl Shelf<'_> {
    fn shown(&self, node: &Node, part: &Part, most: usize) -> Result<Previewed, Trouble> {
        let own = self.kept(&node.id).filter(|_| *part == Part::Whole);
        let is_read = node.kind.name == "source";
        let query = match (&own, is_read) {
            (None, false) => Some(self.query(node, part)?),
            _ => None,
        };
        let (mut outputs, order) = self.needed(node, query.as_ref(), own);
        let rooms = Rooms::new();
        let mut files: Vec<PathBuf> =
            order.iter().filter_map(|id| self.data.get(id).cloned()).collect();
        files.sort();
        files.dedup();
        let mut limits = Limits { files, ..self.site.limits(self.crew) };
        limits.folders.push(rooms.folder()?);
        let mut lane = self.crew.engine.lane(&limits).map_err(Trouble::Unreadable)?;
        (self.crew.tell)(Event::Begun { tasks: order.len() + 1, kept: outputs.len() });
        for id in &order {
            let room = rooms.room();
            self.make(lane.as_mut(), id, &outputs, room.clone())?;
            outputs.insert(id.clone(), vec![room]);
        }
        let query = query.unwrap_or_else(|| everything(node));
        let (inputs, before) = self.given(&query, &outputs);
        let size = size(inputs.iter().flat_map(|one| &one.files));
        let (query, asked) = (query.text.text.clone(), most.saturating_add(1));
        let job = Job::Rows { size, inputs, before, query, most: asked, is_typed: true };
        let done = self.done(lane.as_mut(), node, &job)?;
        Ok(Previewed { answered: Answered::of(done, most), made: order })
    }

    /// What there is of all that is needed, and what is to be made of it, in order.
    fn needed(
        &self,
        node: &Node,
        query: Option<&Query>,
        own: Option<Vec<PathBuf>>,
    ) -> (Outputs, Vec<NodeId>) {
        let mut outputs = Outputs::new();
        let mut open: Vec<NodeId> = match (query, own) {
            (Some(query), _) => query.reads.iter().map(|(_, _, id)| id.clone()).collect(),
            (None, Some(files)) => {
                outputs.insert(node.id.clone(), files);
                Vec::new()
            }
            (None, None) => vec![node.id.clone()],
        };
        let mut needed: BTreeSet<NodeId> = BTreeSet::new();
        while let Some(id) = open.pop() {
            if outputs.contains_key(&id) || needed.contains(&id) || self.project.node(&id).is_none()
            {
                continue;
            }
            match self.kept(&id) {
                Some(files) => drop(outputs.insert(id, files)),
                None => {
                    open.extend(self.project.graph().reads(&id));
                    needed.insert(id);
                }
            }
        }
        let order = self.project.graph().order();
        (outputs, order.iter().filter(|id| needed.contains(*id)).cloned().collect())
    }

    /// The output of a node as some environment shows it, if it still means the same.
    fn kept(&self, id: &NodeId) -> Option<Vec<PathBuf>> {
        let now = self.meaning.identities.get(id)?.output().to_string();
        self.views.iter().find_map(|view| {
            let node = view.nodes.get(id.as_str())?;
            let store = &self.site.store;
            let is_whole =
                !node.parts.is_empty() && node.parts.iter().all(|part| store.is_same(part));
            let files = || node.parts.iter().map(|part| store.object(&part.key)).collect();
            (node.identity == now && is_whole).then(files)
        })
    }

    fn make(
        &self,
        lane: &mut dyn Lane,
        id: &NodeId,
        outputs: &Outputs,
        out: PathBuf,
    ) -> Result<(), Trouble> {
        let Some(node) = self.project.node(id) else { return Ok(()) };
        let begun = Instant::now();
        (self.crew.tell)(Event::Started { node: id, doing: "build" });
        let job = match data_file(node).filter(|_| node.kind.name == "source") {
            Some(file) => {
                let Some(path) = self.data.get(id) else {
                    return refused(format!(
                        "{} of `{id}` is not there, or lies outside of the project",
                        file.path
                    ));
                };
                let query = file.query(&path.to_string_lossy());
                Job::Read { size: size([path]), query, yields: None, out }
            }
            None => {
                let query = self.query(node, &Part::Whole)?;
                let (inputs, before) = self.given(&query, outputs);
                let size = size(inputs.iter().flat_map(|one| &one.files));
                let query = query.text.text.clone();
                Job::Build { size, inputs, before, query, yields: None, is_sure: false, out }
            }
        };
        let done = self.done(lane, node, &job)?;
        let took = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        (self.crew.tell)(Event::Finished { node: id, doing: "build", rows: Some(done.rows), took });
        Ok(())
    }

    fn given(
        &self,
        query: &Query,
        outputs: &Outputs,
    ) -> (Vec<seeknal_plan::engine::Input>, Vec<seeknal_plan::engine::Temporary>) {
        let files = |id: &NodeId| outputs.get(id).cloned().unwrap_or_default();
        given(query, &|id| outputs.contains_key(id), &files)
    }

    fn done(&self, lane: &mut dyn Lane, node: &Node, job: &Job) -> Result<Done, Trouble> {
        let mut watch = |percent: Option<f64>| {
            if let Some(percent) = percent {
                (self.crew.tell)(Event::Progress { node: &node.id, percent });
            }
            !(self.crew.stop)()
        };
        lane.run(job, &mut watch).map_err(|ended| match ended {
            Broken::Failed(why) => {
                let secrets = secrets(self.project, node, self.around);
                broken(Broken::Failed(format!("`{}`: {}", node.id, without(&secrets, why))))
            }
            ended => broken(ended),
        })
    }

    /// The query of a node, or of a part of it.
    fn query(&self, node: &Node, part: &Part) -> Result<Query, Trouble> {
        let id = &node.id;
        let whole = query_of((self.project, self.meaning), node, self.around)
            .map_err(|why| Trouble::Refused(vec![format!("`{id}` cannot be shown: {why}")]))?;
        let text = match part {
            Part::Whole => return Ok(whole),
            Part::Cte(name) => {
                let all = ctes(&whole.text.text);
                let is_meant = |cte: &&seeknal_syntax::sql::Cte| {
                    cte.name.eq_ignore_ascii_case(name) && cte.list.start == 0
                };
                let Some(cte) = all.iter().find(is_meant) else {
                    return refused(format!("`{id}` makes no `{name}` in the WITH of its query"));
                };
                let mut text = MappedText::default();
                text.push_part(&whole.text, cte.list);
                let quoted = cte.name.replace('"', "\"\"");
                text.push_replaced(&format!(" SELECT * FROM \"{quoted}\""), node.name_span);
                text
            }
            Part::Selected(span) => {
                let map = &whole.text.map;
                let part = Span::new(map.to_text_near(span.start), map.to_text_near(span.end));
                let solid = slice(&whole.text.text, part).trim().trim_end_matches(';');
                if solid.is_empty() {
                    return refused("what is selected is no query of this node");
                }
                // A part of a query may read the names that are made before it.
                let all = ctes(&whole.text.text);
                let is_before = |cte: &&seeknal_syntax::sql::Cte| {
                    cte.list.start == 0 && cte.body.end < part.start
                };
                let made = all.iter().rev().find(is_before);
                let made =
                    made.map_or("", |cte| slice(&whole.text.text, Span::new(0, cte.body.end + 1)));
                let mut text = MappedText::default();
                text.push_replaced(&format!("{made} {solid}"), *span);
                text
            }
        };
        Ok(Query { text, ..whole })
    }
}

/// All rows of a node that has its output.
fn everything(node: &Node) -> Query {
    let mut text = MappedText::default();
    text.push_replaced("SELECT * FROM input_0", node.name_span);
    Query { before: Vec::new(), text, reads: vec![(None, "input_0".to_owned(), node.id.clone())] }
}
