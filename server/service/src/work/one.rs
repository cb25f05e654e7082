//! Doing one task on one lane.

use super::board::Board;
use super::decide::{Make, Task, set};
use super::{Crew, Event, Tried};
use seeknal_analysis::Query;
use seeknal_analysis::checks::{Check, check_tables};
use seeknal_model::{Node, NodeId};
use seeknal_plan::engine::{Broken, Done, Input, Job, Lane, Size, Temporary};
use seeknal_store::{self as store, Stage, Store};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How often something that may pass is tried.
const TRIES: usize = 2;

/// From so many bytes on a query is worth all threads. With more than one, DuckDB gives rows in another order each
/// time, and sums of fractions with other last digits.
const LARGE_BYTES: u64 = 32 << 20;

/// Where outputs are, by the nodes that they are of.
pub(crate) type Outputs = HashMap<NodeId, Vec<String>>;

/// Why a task came to nothing.
pub(crate) enum Ended {
    Failed(String),
    Stopped,
}

/// What a lane made of a task, not safe on disk yet.
pub(crate) struct Made {
    /// What the view says of the node, but for its output.
    record: store::Node,
    /// The output, where there is one: its file, and what is known of it.
    output: Option<(PathBuf, Done)>,
}

impl Made {
    /// Whether an output has other columns than those who read it were told.
    pub(crate) fn is_surprising(&self, task: &Task) -> bool {
        match (&self.output, &task.told) {
            (Some((_, done)), Some(told)) => done.columns != **told,
            _ => false,
        }
    }
}

/// A task that can be begun.
pub(crate) struct Prepared<'t> {
    /// Its place among all tasks.
    pub(crate) place: usize,
    pub(crate) task: &'t Task,
    /// What a lane does for it: what makes its output, if anything, and its checks.
    pub(crate) jobs: Vec<Job>,
    /// Where its output is written.
    out: PathBuf,
}

impl<'t> Prepared<'t> {
    /// The task of a place. All that it reads is there.
    pub(crate) fn of(
        board: &Board<'t>,
        place: usize,
        (store, stage, outputs): (&Store, &Stage<'_>, &'t Outputs),
    ) -> Option<Prepared<'t>> {
        let (task, out) = (board.tasks.get(place)?, stage.room());
        let is_sure = !board.is_surprised();
        let make = task.make.as_ref().map(|(make, _)| job(make, store, outputs, (&out, is_sure)));
        let files = |id: &NodeId| match make.is_some() && *id == task.node.id {
            true => vec![out.clone()],
            false => files(store, outputs, id),
        };
        let checks = check_jobs(&task.node, &task.checks, &files);
        let jobs = make.into_iter().chain(checks).collect();
        Some(Prepared { place, task, jobs, out })
    }
}

/// Does a task on a lane, which may begin another job as soon as it is done with it.
pub(crate) fn made(
    crew: &Crew<'_>,
    lane: &mut dyn Lane,
    Prepared { task, jobs, out, .. }: &Prepared<'_>,
    ahead: Option<&Job>,
) -> Result<Made, Ended> {
    let begun = Instant::now();
    let mut record = store::Node::clone(&task.record);
    let done = || -> Result<Made, Ended> {
        // What was begun ahead is not gone on with.
        if (crew.stop)() {
            return Err(Ended::Stopped);
        }
        let (mut output, mut checks) = (None, jobs.as_slice());
        if let (Some((make, _)), Some((job, rest))) = (&task.make, jobs.split_first()) {
            checks = rest;
            foresee(lane, rest.first().or(ahead));
            let done = tried(crew, lane, (&task.node.id, job))?;
            unmoved(crew, make, &record)?;
            let took = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            set(&mut record.facts, "took", Value::from(took));
            output = Some((out.clone(), done));
        }
        let said = ask(crew, lane, (&task.node, &task.checks), (checks, ahead))?;
        if !task.checks.is_empty() {
            let checks: Vec<Value> = said.iter().map(Tried::json).collect();
            set(&mut record.facts, "checks", Value::from(checks));
        }
        match said.iter().find(|one| one.is_blocking && !one.passed) {
            Some(failed) => Err(Ended::Failed(failed.sentence())),
            None => Ok(Made { record, output }),
        }
    };
    let made = done();
    if made.is_err() {
        let _ = std::fs::remove_file(out);
    }
    made
}

/// Makes what a lane made safe, and gives what the view says of its node. It waits for the disk, and nobody
/// needs a lane for that.
pub(crate) fn kept(
    (stage, task): (&Stage<'_>, &Task),
    Made { mut record, output }: Made,
) -> Result<store::Node, Ended> {
    if let (Some((out, done)), Some((_, key))) = (output, &task.make) {
        let part = stage.keep(&out, key, (done.rows, None)).map_err(|error| {
            let _ = std::fs::remove_file(&out);
            Ended::Failed(error.to_string())
        })?;
        record.parts = vec![part];
        record.columns = done.columns.into_iter().map(|one| (one.name, one.kind)).collect();
    }
    Ok(record)
}

fn job(make: &Make, store: &Store, outputs: &Outputs, (out, is_sure): (&Path, bool)) -> Job {
    let out = out.to_owned();
    match make {
        Make::Read { query, path, yields } => {
            let (query, yields) = (query.clone(), yields.clone());
            Job::Read { size: size([path]), query, yields, out }
        }
        Make::Build { query, yields } => {
            let is_there = |id: &NodeId| outputs.contains_key(id);
            let (inputs, before) = given(query, &is_there, &|id| files(store, outputs, id));
            let size = size(inputs.iter().flat_map(|input| &input.files));
            let (query, yields) = (query.text.text.clone(), yields.clone());
            Job::Build { size, inputs, before, query, yields, is_sure, out }
        }
    }
}

/// The tables that a query reads, and what is made before it.
pub(crate) fn given(
    query: &Query,
    is_there: &dyn Fn(&NodeId) -> bool,
    files: &dyn Fn(&NodeId) -> Vec<PathBuf>,
) -> (Vec<Input>, Vec<Temporary>) {
    let input = |(schema, name, id): &(Option<String>, String, NodeId)| Input {
        schema: schema.clone(),
        name: name.clone(),
        files: files(id),
    };
    let before = query.before.iter().map(|made| Temporary {
        name: made.name.clone(),
        query: made.text.text.clone(),
        is_view: made.is_view,
    });
    let texts = query.before.iter().map(|made| &made.text.text).chain([&query.text.text]);
    let texts: String = texts.map(|text| text.to_lowercase()).collect();
    let inputs = query.reads.iter().filter(|(_, name, id)| is_there(id) && is_in(&texts, name));
    (inputs.map(input).collect(), before.collect())
}

/// Whether a text in small letters may name a table. A node may be read by several names, and making a table of each
/// costs what a small query does.
fn is_in(text: &str, name: &str) -> bool {
    text.contains(&name.to_lowercase())
}

/// How much there is to read in some files. It must not depend on how much else is done at the same time.
pub(crate) fn size<'p>(files: impl IntoIterator<Item = &'p PathBuf>) -> Size {
    let bytes = |path: &PathBuf| std::fs::metadata(path).map_or(0, |about| about.len());
    match files.into_iter().map(bytes).sum::<u64>() {
        0..LARGE_BYTES => Size::Small,
        _ => Size::Large,
    }
}

fn files(store: &Store, outputs: &Outputs, id: &NodeId) -> Vec<PathBuf> {
    outputs.get(id).into_iter().flatten().map(|key| store.object(key)).collect()
}

/// Does a job, once more where what went wrong may pass.
fn tried(crew: &Crew<'_>, lane: &mut dyn Lane, (id, job): (&NodeId, &Job)) -> Result<Done, Ended> {
    let mut watch = |percent: Option<f64>| {
        if let Some(percent) = percent {
            (crew.tell)(Event::Progress { node: id, percent });
        }
        !(crew.stop)()
    };
    let mut tries = 0;
    loop {
        tries += 1;
        match lane.run(job, &mut watch) {
            Ok(done) => return Ok(done),
            Err(Broken::Stopped) => return Err(Ended::Stopped),
            Err(Broken::Failed(why)) => return Err(Ended::Failed(why)),
            Err(Broken::Lost(_)) if (crew.stop)() => return Err(Ended::Stopped),
            Err(Broken::Lost(why)) if tries == TRIES => return Err(Ended::Failed(why)),
            Err(Broken::Lost(why)) => (crew.tell)(Event::Again { node: id, why: &why }),
        }
    }
}

/// Whether a file is still the one that the record names: it may have been written to while it was read.
fn unmoved(crew: &Crew<'_>, make: &Make, record: &store::Node) -> Result<(), Ended> {
    let Make::Read { path, .. } = make else { return Ok(()) };
    let then = record.facts.get("data").and_then(|data| data.get("hash")).and_then(Value::as_str);
    match crew.analyst.hash(path).as_deref() == then {
        true => Ok(()),
        false => {
            let file = path.display();
            Err(Ended::Failed(format!("{file} was changed while it was read; do it again")))
        }
    }
}

fn foresee(lane: &mut dyn Lane, next: Option<&Job>) {
    if let Some(next) = next {
        lane.foresee(next);
    }
}

/// Makes checks of a node, one after the other: the jobs that are said, before another that follows.
pub(crate) fn ask(
    crew: &Crew<'_>,
    lane: &mut dyn Lane,
    (node, checks): (&Node, &[Check]),
    (jobs, ahead): (&[Job], Option<&Job>),
) -> Result<Vec<Tried>, Ended> {
    let mut all = Vec::new();
    for (place, (check, job)) in checks.iter().zip(jobs).enumerate() {
        foresee(lane, jobs.get(place + 1).or(ahead));
        let done = tried(crew, lane, (&node.id, job)).map_err(|ended| match ended {
            Ended::Failed(why) => Ended::Failed(format!("{}: {why}", check.name)),
            Ended::Stopped => Ended::Stopped,
        })?;
        let result = counted(check, &done);
        (crew.tell)(Event::Checked { node: &node.id, result: &result });
        all.push(result);
    }
    Ok(all)
}

/// What is asked for checks of a node. `files` says where the rows of nodes are.
pub(crate) fn check_jobs(
    node: &Node,
    checks: &[Check],
    files: &dyn Fn(&NodeId) -> Vec<PathBuf>,
) -> Vec<Job> {
    if checks.is_empty() {
        return Vec::new();
    }
    let inputs = check_inputs(node, files);
    checks.iter().map(|check| check_job(check, &inputs)).collect()
}

/// The tables that checks of a node read, as far as there are any.
fn check_inputs(node: &Node, files: &dyn Fn(&NodeId) -> Vec<PathBuf>) -> Vec<Input> {
    let tables = check_tables(node).into_iter();
    let all = tables.map(|(schema, name, id)| Input { schema, name, files: files(&id) });
    all.filter(|input| !input.files.is_empty()).collect()
}

fn check_job(check: &Check, inputs: &[Input]) -> Job {
    let query = check.query.clone();
    let text = query.to_lowercase();
    let inputs = inputs.iter().filter(|input| is_in(&text, &input.name)).cloned().collect();
    Job::Rows { size: Size::Small, inputs, before: Vec::new(), query, most: 1, is_typed: false }
}

fn counted(check: &Check, done: &Done) -> Tried {
    let cells = done.cells.first().into_iter().flatten();
    let mut counts = cells.map(|cell| cell.as_deref().and_then(|text| text.parse::<u64>().ok()));
    let (failing, of) = (counts.next().flatten().unwrap_or(0), counts.next().flatten());
    #[allow(clippy::cast_precision_loss, reason = "a fraction of rows is no exact matter")]
    let is_tolerated = |of: u64| of > 0 && failing as f64 / of as f64 <= check.tolerated;
    let passed = failing == 0 || of.is_some_and(is_tolerated);
    let Check { name, is_blocking, message, .. } = check;
    let (name, message) = (name.clone(), message.clone());
    Tried { name, is_blocking: *is_blocking, passed, failing, of, message }
}
