//! Doing what was decided, as much at once as there are lanes, each node as soon as all that it reads is there.

use super::decide::{Decided, Task};
use super::one::{Ended, Made, Outputs, kept, made};
use super::view::keep_ahead;
use super::{Crew, Event};
use seeknal_model::{NodeId, Project};
use seeknal_plan::engine::{Lane, Limits};
use seeknal_store::{self as store, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How often a lane that waits asks whether it is to end.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// How many outputs are made safe at once: each waits for the disk, which takes many in one go.
const KEEPERS: usize = 8;

/// What came of the work.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    /// What the view says of each node that is done.
    pub(crate) made: BTreeMap<NodeId, store::Node>,
    /// Nodes that failed, with the reason.
    pub(crate) failed: Vec<(NodeId, String)>,
    /// Nodes that were not begun, each with one that failed before it.
    pub(crate) skipped: Vec<(NodeId, NodeId)>,
    /// Why it was ended before it was done.
    pub(crate) stopped: Option<String>,
}

/// Does all tasks. What fails stops what reads it, and nothing else.
pub(crate) fn carry_out(
    crew: &Crew<'_>,
    store: &Store,
    (decided, project): (&Decided, &Project),
) -> Result<Carried, String> {
    let stage = store.stage().map_err(|error| error.to_string())?;
    for part in &decided.lost {
        // What is there under this key is not what was written, so it must not be found again.
        store.set_aside(part, Duration::from_secs(10)).map_err(|error| error.to_string())?;
    }
    if !decided.lost.is_empty() {
        for node in decided.tasks.iter().map(|task| &task.node.id) {
            if let Some(why) = decided.moved.get(node) {
                (crew.tell)(Event::Again { node, why });
            }
        }
    }
    (crew.tell)(Event::Begun { tasks: decided.tasks.len(), kept: decided.kept.len() });
    let lanes = crew.lanes.clamp(1, decided.tasks.len().max(1));
    let board = Board {
        tasks: &decided.tasks,
        store,
        inner: Mutex::new(Inner::of(&decided.tasks)),
        bell: Condvar::new(),
    };
    let limits = limits(crew, store, &decided.tasks, lanes);
    let outputs: &Outputs = &decided.keys;
    let (hand_over, handed) = channel();
    let handed = Mutex::new(handed);
    thread::scope(|scope| {
        // The view will refer to every text: by then all are safe on disk.
        if !decided.tasks.is_empty() {
            scope.spawn(|| keep_ahead(&stage, project));
        }
        for number in 0..lanes {
            let (board, stage, hand_over) = (&board, &stage, hand_over.clone());
            let limits = Limits { spill: spill(&limits.spill, number), ..limits.clone() };
            scope.spawn(move || {
                let mut lane: Option<Box<dyn Lane>> = None;
                while let Some(place) = board.next(crew) {
                    let begun = Instant::now();
                    let with = (crew, store, stage);
                    match worked(board, with, (&mut lane, &limits), (place, outputs)) {
                        Ok(made) => drop(hand_over.send((place, made, begun))),
                        Err(ended) => board.ended(crew, (place, begun), Err(ended)),
                    }
                }
            });
        }
        drop(hand_over);
        // One after the other is told one after the other.
        let keepers = if lanes == 1 { 1 } else { KEEPERS.min(decided.tasks.len()) };
        for _ in 0..keepers {
            scope.spawn(|| {
                let next = || handed.lock().unwrap_or_else(PoisonError::into_inner).recv();
                while let Ok((place, made, begun)) = next() {
                    if let Some(task) = board.tasks.get(place) {
                        board.ended(crew, (place, begun), kept((&stage, task), made));
                    }
                }
            });
        }
    });
    for number in 0..lanes {
        let _ = std::fs::remove_dir_all(spill(&limits.spill, number));
    }
    let inner = board.inner.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(inner.carried)
}

/// The folder of one lane for what does not fit into memory.
fn spill(base: &Path, number: usize) -> PathBuf {
    base.with_extension(number.to_string())
}

/// Works on one task; a lane is started when it is needed first.
fn worked(
    board: &Board<'_>,
    around: (&Crew<'_>, &Store, &store::Stage<'_>),
    (lane, limits): (&mut Option<Box<dyn Lane>>, &Limits),
    (place, outputs): (usize, &Outputs),
) -> Result<Made, Ended> {
    let Some(task) = board.tasks.get(place) else { return Err(Ended::Stopped) };
    let crew = around.0;
    (crew.tell)(Event::Started { node: &task.node.id, doing: task.doing() });
    let lane = match lane {
        Some(lane) => lane,
        None => lane.insert(crew.engine.lane(limits).map_err(Ended::Failed)?),
    };
    made(around, lane.as_mut(), task, outputs).map_err(|ended| match ended {
        Ended::Failed(why) => Ended::Failed(without(&task.secrets, why)),
        Ended::Stopped => Ended::Stopped,
    })
}

/// A message without values of variables, which DuckDB shows where they stand in a query.
pub(crate) fn without(secrets: &[String], why: String) -> String {
    secrets.iter().fold(why, |why, secret| why.replace(secret.as_str(), "***"))
}

/// What each lane may take: its share of memory, and only the files that are needed.
fn limits(crew: &Crew<'_>, store: &Store, tasks: &[Task], lanes: usize) -> Limits {
    let files = tasks.iter().filter_map(|task| match &task.make {
        Some((super::decide::Make::Read { path, .. }, _)) => Some(path.clone()),
        _ => None,
    });
    let files: BTreeSet<PathBuf> = files.collect();
    Limits {
        threads: crew.threads,
        memory: crew.memory.map(|bytes| bytes / lanes as u64),
        spill: store.spill(),
        files: files.into_iter().collect(),
        folders: store.folders_of_outputs(),
    }
}

/// What is open, what is ready, and what came of it.
struct Board<'t> {
    tasks: &'t [Task],
    store: &'t Store,
    inner: Mutex<Inner>,
    bell: Condvar,
}

struct Inner {
    /// Of each task how many before it are not done.
    open: Vec<usize>,
    /// Of each task those behind it.
    readers: Vec<Vec<usize>>,
    /// Tasks that can be begun, in order.
    ready: BTreeSet<usize>,
    running: usize,
    carried: Carried,
}

impl Inner {
    fn of(tasks: &[Task]) -> Inner {
        let open = tasks.iter().map(|task| task.after.len()).collect();
        let mut readers = vec![Vec::new(); tasks.len()];
        for (place, task) in tasks.iter().enumerate() {
            for before in &task.after {
                readers
                    .get_mut(*before)
                    .into_iter()
                    .for_each(|all: &mut Vec<usize>| all.push(place));
            }
        }
        let is_free = |place: &usize| tasks.get(*place).is_some_and(|task| task.after.is_empty());
        let ready = (0..tasks.len()).filter(is_free).collect();
        Inner { ready, open, readers, running: 0, carried: Carried::default() }
    }

    /// What waited for nothing but a task can be begun.
    fn free(&mut self, place: usize) {
        for next in self.readers.get(place).cloned().unwrap_or_default() {
            let Some(open) = self.open.get_mut(next) else { continue };
            *open -= 1;
            if *open == 0 {
                self.ready.insert(next);
            }
        }
    }
}

impl Board<'_> {
    /// The next task that can be begun; nothing when all is done or it is to end.
    fn next(&self, crew: &Crew<'_>) -> Option<usize> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if inner.carried.stopped.is_none() {
                let why = match (crew.stop)() {
                    true => Some("it was stopped".to_owned()),
                    false if inner.ready.is_empty() => None,
                    false => (crew.breaker)().or_else(|| self.told_to_stop()),
                };
                if why.is_some() {
                    inner.carried.stopped = why;
                    self.bell.notify_all();
                }
            }
            if inner.carried.stopped.is_some() || (inner.ready.is_empty() && inner.running == 0) {
                return None;
            }
            if let Some(place) = inner.ready.pop_first() {
                inner.running += 1;
                return Some(place);
            }
            let waited = self.bell.wait_timeout(inner, ASK_EVERY);
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn told_to_stop(&self) -> Option<String> {
        let by = self.store.stopped()?;
        Some(format!("{by} stopped all work (`start` lets it go on)"))
    }

    /// Takes down what came of a task, and frees or skips those behind it.
    fn ended(
        &self,
        crew: &Crew<'_>,
        (place, begun): (usize, Instant),
        ended: Result<store::Node, Ended>,
    ) {
        let Some(task) = self.tasks.get(place) else { return };
        let id = &task.node.id;
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.running -= 1;
        match ended {
            Ok(record) => {
                let took = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
                let rows =
                    task.make.as_ref().map(|_| record.parts.iter().map(|part| part.rows).sum());
                (crew.tell)(Event::Finished { node: id, doing: task.doing(), rows, took });
                inner.carried.made.insert(id.clone(), record);
                inner.free(place);
            }
            Err(Ended::Stopped) => {
                inner.carried.stopped.get_or_insert_with(|| "it was stopped".to_owned());
            }
            Err(Ended::Failed(why)) => {
                (crew.tell)(Event::Failed { node: id, why: &why });
                inner.carried.failed.push((id.clone(), why));
                self.skip(crew, &mut inner, place);
            }
        }
        self.bell.notify_all();
    }

    /// Nothing that reads what failed is begun. Tasks stand in order, so one pass finds all of them.
    fn skip(&self, crew: &Crew<'_>, inner: &mut Inner, place: usize) {
        let Some(failed) = self.tasks.get(place).map(|task| task.node.id.clone()) else { return };
        let mut gone = BTreeSet::from([place]);
        for (next, task) in self.tasks.iter().enumerate().skip(place + 1) {
            if task.after.is_disjoint(&gone) {
                continue;
            }
            gone.insert(next);
            let id = &task.node.id;
            if inner.carried.skipped.iter().all(|(known, _)| known != id) {
                (crew.tell)(Event::Skipped { node: id, because: &failed });
                inner.carried.skipped.push((id.clone(), failed.clone()));
            }
        }
    }
}
