//! Doing what was decided, as much at once as there are lanes, each node as soon as all that it reads is there.

use super::board::Board;
use super::decide::{Decided, Task};
use super::one::{Ended, Made, Outputs, Prepared, kept, made};
use super::order::Order;
use super::view::{keep_texts, shown_ahead};
use super::{Crew, Event};
use crate::runs::let_go;
use seeknal_model::{Node, NodeId, Project};
use seeknal_plan::engine::{Lane, Limits};
use seeknal_store::{self as store, Ahead, Stage, Store, View};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

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

/// What a lane made and is not safe yet.
struct Handed {
    /// How much the lane had made before.
    number: usize,
    /// Its place among all tasks.
    place: usize,
    made: Made,
    begun: Instant,
}

/// What was made ready beside the work, for whoever shows what came of it.
pub(crate) struct Beside<'s> {
    /// A lane that did some of it: for a moment of work more it takes less time than a new one.
    pub(crate) lane: Option<Box<dyn Lane>>,
    /// The folder of the view.
    pub(crate) folder: Option<Ahead<'s>>,
    /// Whether all texts of the project are kept.
    pub(crate) are_texts_kept: bool,
}

/// Does all tasks. What fails stops what reads it, and nothing else. `known` is a view that is shown, with its id.
pub(crate) fn carry_out<'s>(
    crew: &Crew<'_>,
    store: &'s Store,
    (decided, project): (&Decided, &Project),
    known: Option<(&str, &View)>,
) -> Result<(Carried, Beside<'s>), String> {
    let stage = store.stage().map_err(|error| error.to_string())?;
    set_lost_aside(crew, store, decided)?;
    (crew.tell)(Event::Begun { tasks: decided.tasks.len(), kept: decided.kept.len() });
    let lanes = crew.lanes.clamp(1, decided.tasks.len().max(1));
    let board = Board::new(&decided.tasks, store, lanes);
    if decided.is_surprising {
        board.surprise();
    }
    let limits = limits(crew, store, &decided.tasks, lanes);
    let outputs: &Outputs = &decided.keys;
    let (hand_over, handed) = channel();
    let handed = Mutex::new(handed);
    let left: Mutex<Option<Box<dyn Lane>>> = Mutex::new(None);
    let order = Order::default();
    let (is_work, mut are_texts_kept, mut folder) = (!decided.tasks.is_empty(), false, None);
    thread::scope(|scope| {
        // The view will refer to every text: by then all are safe on disk. And whoever publishes writes what is not
        // there yet of its folder, and says why that cannot be.
        if is_work {
            scope.spawn(|| are_texts_kept = keep_texts(&stage, project).is_ok());
            scope.spawn(|| folder = stage.ahead(&shown_ahead(decided), known).ok());
            scope.spawn(|| crew.analyst.pieces.foresee(kept_nodes(decided, project)));
        }
        for number in 0..lanes {
            let (board, stage, left, hand_over) = (&board, &stage, &left, hand_over.clone());
            let limits = Limits { spill: spill(&limits.spill, number), ..limits.clone() };
            scope.spawn(move || {
                let (mut lane, mut ahead): (Option<Box<dyn Lane>>, Option<Prepared<'_>>) =
                    (None, None);
                let mut handed_over = 0;
                let prepared = |place| prepared((board, crew), place, (store, stage, outputs));
                loop {
                    let next = || board.next(crew).map(prepared);
                    let task = match ahead.take().map(Some).or_else(next) {
                        Some(Some(task)) => task,
                        // It could not be prepared, which has ended it; others wait.
                        Some(None) => continue,
                        None => break,
                    };
                    let begun = Instant::now();
                    ahead = board.next_ahead(crew).and_then(prepared);
                    let work = || worked((board, crew), (&mut lane, &limits), (&task, &ahead));
                    match unbroken(work) {
                        Ok(made) => {
                            let (number, place) = (handed_over, task.place);
                            drop(hand_over.send(Handed { number, place, made, begun }));
                            handed_over += 1;
                        }
                        Err(ended) => board.ended(crew, (task.place, begun), Err(ended)),
                    }
                }
                // One that spilled does not find its folder again.
                if let Some(lane) = lane.filter(|_| !limits.spill.exists()) {
                    let_go(left.lock().unwrap_or_else(PoisonError::into_inner).replace(lane));
                }
            });
        }
        drop(hand_over);
        for _ in 0..KEEPERS.min(decided.tasks.len()) {
            scope.spawn(|| keep((&board, crew), &stage, (&handed, &order)));
        }
    });
    for number in 0..lanes {
        let _ = std::fs::remove_dir_all(spill(&limits.spill, number));
    }
    let lane = left.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok((board.into_carried(), Beside { lane, folder, are_texts_kept }))
}

/// Makes safe what lanes hand over, for as long as there are any.
fn keep(
    (board, crew): (&Board<'_>, &Crew<'_>),
    stage: &Stage<'_>,
    (handed, order): (&Mutex<Receiver<Handed>>, &Order),
) {
    let next = || handed.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(Handed { number, place, made, begun }) = next() {
        let task = board.tasks.get(place);
        let kept = task.map(|task| unbroken(|| kept((stage, task), made)));
        // What one lane did one after the other is told one after the other.
        let _turn = (board.lanes == 1).then(|| order.turn(number));
        kept.into_iter().for_each(|kept| board.ended(crew, (place, begun), kept));
    }
}

/// The nodes whose outputs are kept, with their columns.
fn kept_nodes<'d>(
    decided: &'d Decided,
    project: &'d Project,
) -> impl Iterator<Item = (&'d Arc<Node>, &'d [(String, String)])> {
    let kept = decided.kept.iter().filter(|(_, kept)| !kept.parts.is_empty());
    kept.filter_map(|(id, kept)| Some((project.node(id)?, kept.columns.as_slice())))
}

/// Puts aside what is not what was written: it must not be found again under its key.
fn set_lost_aside(crew: &Crew<'_>, store: &Store, decided: &Decided) -> Result<(), String> {
    for part in &decided.lost {
        store.set_aside(part, Duration::from_secs(10)).map_err(|error| error.to_string())?;
    }
    if !decided.lost.is_empty() {
        for node in decided.tasks.iter().map(|task| &task.node.id) {
            if let Some(why) = decided.moved.get(node) {
                (crew.tell)(Event::Again { node, why });
            }
        }
    }
    Ok(())
}

/// The folder of one lane for what does not fit into memory.
fn spill(base: &Path, number: usize) -> PathBuf {
    base.with_extension(number.to_string())
}

/// Does something that fails where it panics: otherwise the other lanes would wait for it without end.
fn unbroken<T>(work: impl FnOnce() -> Result<T, Ended>) -> Result<T, Ended> {
    let why = || "this program broke on it; what it printed says where".to_owned();
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Ended::Failed(why())))
}

/// A task that can be begun; nothing where that breaks, which ends it.
fn prepared<'t>(
    (board, crew): (&Board<'t>, &Crew<'_>),
    place: usize,
    of: (&Store, &Stage<'_>, &'t Outputs),
) -> Option<Prepared<'t>> {
    unbroken(|| Ok(Prepared::of(board, place, of))).unwrap_or_else(|ended| {
        board.ended(crew, (place, Instant::now()), Err(ended));
        None
    })
}

/// Works on one task; a lane is started when it is needed first, and told what comes after it.
fn worked(
    (board, crew): (&Board<'_>, &Crew<'_>),
    (lane, limits): (&mut Option<Box<dyn Lane>>, &Limits),
    (prepared, ahead): (&Prepared<'_>, &Option<Prepared<'_>>),
) -> Result<Made, Ended> {
    let task = prepared.task;
    (crew.tell)(Event::Started { node: &task.node.id, doing: task.doing() });
    let lane = match lane {
        Some(lane) => lane,
        None => lane.insert(crew.engine.lane(limits).map_err(Ended::Failed)?),
    };
    let next = ahead.as_ref().and_then(|ahead| ahead.jobs.first());
    let made = made(crew, lane.as_mut(), prepared, next).map_err(|ended| match ended {
        Ended::Failed(why) => Ended::Failed(without(&task.secrets, why)),
        Ended::Stopped => Ended::Stopped,
    })?;
    if made.is_surprising(task) {
        board.surprise();
    }
    Ok(made)
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
        spill: store.fresh(),
        files: files.into_iter().collect(),
        folders: store.folders_of_outputs(),
    }
}
