//! Which tasks can be begun, and what came of those that ended.

use super::decide::Task;
use super::execute::Carried;
use super::one::Ended;
use super::{Crew, Event};
use seeknal_store::{self as store, Store};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a lane that waits asks whether it is to end.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// What is open, what is ready, and what came of it.
pub(super) struct Board<'t> {
    pub(super) tasks: &'t [Task],
    store: &'t Store,
    pub(super) lanes: usize,
    /// An output has other columns than those who bound what reads it were told.
    surprised: AtomicBool,
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

impl<'t> Board<'t> {
    pub(super) fn new(tasks: &'t [Task], store: &'t Store, lanes: usize) -> Board<'t> {
        let (inner, bell) = (Mutex::new(Inner::of(tasks)), Condvar::new());
        Board { tasks, store, lanes, surprised: AtomicBool::new(false), inner, bell }
    }

    pub(super) fn into_carried(self) -> Carried {
        self.inner.into_inner().unwrap_or_else(PoisonError::into_inner).carried
    }

    /// Remembers that an output has other columns than was said before.
    pub(super) fn surprise(&self) {
        self.surprised.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_surprised(&self) -> bool {
        self.surprised.load(Ordering::SeqCst)
    }

    /// The task after the one that the only lane is at. Where there are several, it would wait behind a long query
    /// while another lane has nothing to do.
    pub(super) fn next_ahead(&self, crew: &Crew<'_>) -> Option<usize> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let is_open = self.lanes == 1 && inner.carried.stopped.is_none();
        // Whoever asks for the next one hears why there is none.
        if !is_open || (crew.stop)() || (crew.breaker)().or_else(|| self.told_to_stop()).is_some() {
            return None;
        }
        let next = inner.ready.pop_first();
        inner.running += usize::from(next.is_some());
        next
    }

    /// The next task that can be begun; nothing when all is done or it is to end.
    pub(super) fn next(&self, crew: &Crew<'_>) -> Option<usize> {
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
    pub(super) fn ended(
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
