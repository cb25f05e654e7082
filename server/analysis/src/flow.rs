//! Nodes looked at on several threads, each once everything is known that it reads.

use seeknal_model::Reach;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

/// Fewer nodes than this are not worth a thread of their own.
const NODES_MIN: usize = 32;

/// A lane takes so many places at most, and such a part of those that are ready.
const TAKEN_MAX: usize = 8;
const SHARES: usize = 4;

/// What was found at each place; nothing where nobody looked.
pub(crate) type Found<T> = [OnceLock<T>];

/// Looks at what is reached on so many threads, at each node once something was found at all that it reads. Once nothing
/// is found, the rest is left.
pub(crate) fn upstream_first<T: Send + Sync>(
    reach: &Reach,
    lanes: usize,
    look: impl Fn(usize, &Found<T>) -> Option<T> + Sync,
) -> Vec<OnceLock<T>> {
    let flow = Flow::of(reach);
    let lane = || flow.lane(&look);
    thread::scope(|scope| {
        let others = if reach.len() < NODES_MIN { 0 } else { lanes.saturating_sub(1) };
        for _ in 0..others {
            scope.spawn(lane);
        }
        lane();
    });
    flow.found
}

struct Flow<'r, T> {
    reach: &'r Reach,
    found: Vec<OnceLock<T>>,
    ready: Mutex<Ready>,
    /// That something is ready, or that nothing will be any more.
    moved: Condvar,
}

struct Ready {
    places: Vec<usize>,
    /// For how many others each place waits.
    waits: Vec<usize>,
    /// How many were not looked at yet; none once the rest is left.
    open: usize,
    /// How many lanes have nothing to do.
    idle: usize,
}

impl<'r, T: Send + Sync> Flow<'r, T> {
    fn of(reach: &'r Reach) -> Flow<'r, T> {
        let waits: Vec<usize> = (0..reach.len()).map(|place| reach.inputs(place).len()).collect();
        let places = (0..reach.len()).filter(|place| waits.get(*place) == Some(&0)).collect();
        Flow {
            reach,
            found: (0..reach.len()).map(|_| OnceLock::new()).collect(),
            ready: Mutex::new(Ready { places, waits, open: reach.len(), idle: 0 }),
            moved: Condvar::new(),
        }
    }

    fn ready(&self) -> MutexGuard<'_, Ready> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at one place after the other for as long as there are any.
    fn lane(&self, look: &(impl Fn(usize, &Found<T>) -> Option<T> + Sync)) {
        let _leaves_rest = LeavesRest(self);
        let mut places = Vec::with_capacity(TAKEN_MAX);
        loop {
            self.turn(&mut places);
            if places.is_empty() {
                return;
            }
            for place in &places {
                let Some(found) = look(*place, &self.found) else { return };
                let slot = self.found.get(*place);
                let is_first = slot.is_some_and(|slot| slot.set(found).is_ok());
                debug_assert!(is_first, "a place is looked at once");
            }
        }
    }

    /// Gives back places that were looked at, and takes others; none where there are no more.
    fn turn(&self, places: &mut Vec<usize>) {
        let mut ready = self.ready();
        ready.open = ready.open.saturating_sub(places.len());
        for place in places.drain(..) {
            for reader in self.reach.readers(place) {
                let Ready { places, waits, .. } = &mut *ready;
                let Some(waits) = waits.get_mut(*reader) else { continue };
                *waits -= 1;
                places.extend((*waits == 0).then_some(*reader));
            }
        }
        if ready.idle > 0 && (ready.open == 0 || ready.places.len() > 1) {
            self.moved.notify_all();
        }
        while ready.open > 0 && ready.places.is_empty() {
            ready.idle += 1;
            ready = self.moved.wait(ready).unwrap_or_else(PoisonError::into_inner);
            ready.idle -= 1;
        }
        if ready.open > 0 {
            // Some at a time, so that lanes seldom meet, and never so many that others have nothing to do.
            let count = (ready.places.len() / SHARES).clamp(1, TAKEN_MAX);
            let rest = ready.places.len().saturating_sub(count);
            places.extend(ready.places.drain(rest..));
        }
    }
}

/// Who ends before everything was looked at, be it by a panic, leaves the rest for the others too.
struct LeavesRest<'f, 'r, T: Send + Sync>(&'f Flow<'r, T>);

impl<T: Send + Sync> Drop for LeavesRest<'_, '_, T> {
    fn drop(&mut self) {
        self.0.ready().open = 0;
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seeknal_model::{File, Project};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A chain that widens: each of many reads the one before it and one of three.
    fn project() -> Project {
        let node = |number: usize| {
            let inputs = match number {
                0..3 => String::new(),
                _ => format!("- transform.n{}\n- transform.n{}\n", number / 2, number % 3),
            };
            let text = format!("kind: transform\nname: n{number}\ninputs:\n{inputs}transform: x\n");
            File::read(&format!("seeknal/n{number}.yml"), text.as_bytes())
        };
        Project::new((0..200).map(node))
    }

    #[test]
    fn each_is_looked_at_once_and_behind_what_it_reads() {
        let project = project();
        let order = project.graph().order();
        let reach = project.graph().reach(order);
        assert_eq!(reach.len(), 200);
        for lanes in [1, 2, 7] {
            let looks = AtomicUsize::new(0);
            let found = upstream_first(&reach, lanes, |place, found| {
                looks.fetch_add(1, Ordering::SeqCst);
                let depth = |input: &usize| found[*input].get().copied();
                let inputs: Option<Vec<usize>> = reach.inputs(place).iter().map(depth).collect();
                Some(inputs.expect("all that it reads is known").into_iter().max().unwrap_or(0) + 1)
            });
            assert_eq!(looks.into_inner(), 200);
            assert!(found.iter().all(|one| one.get().is_some()));
        }
    }

    /// One that stops, and one that panics, let the others go.
    #[test]
    fn nobody_waits_for_one_that_ended() {
        let project = project();
        let reach = project.graph().reach(project.graph().order());
        for lanes in [1, 3] {
            let found = upstream_first(&reach, lanes, |place, _| (place < 50).then_some(()));
            assert!(found.iter().any(|one| one.get().is_none()));
            let panicked = std::panic::catch_unwind(|| {
                upstream_first(&reach, lanes, |place, _| {
                    assert!(place < 50, "so far and no further");
                    Some(())
                })
            });
            assert!(panicked.is_err());
        }
    }
}
