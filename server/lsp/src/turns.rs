//! How many commands are worked on at once. One that waits for the user does not count.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often one that waits asks whether it is still wanted.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// So many turns, and whoever wants one waits for it.
#[derive(Clone)]
pub(crate) struct Turns(Arc<Inner>);

struct Inner {
    all: usize,
    free: Mutex<usize>,
    bell: Condvar,
}

impl Turns {
    pub(crate) fn new(all: usize) -> Turns {
        Turns(Arc::new(Inner { all, free: Mutex::new(all), bell: Condvar::new() }))
    }

    /// Takes a turn; nothing where it is not wanted any more.
    pub(crate) fn take(&self, stop: &dyn Fn() -> bool) -> Option<Turn> {
        let mut free = self.0.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            if stop() {
                return None;
            }
            let waited = self.0.bell.wait_timeout(free, ASK_EVERY);
            free = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *free -= 1;
        Some(Turn(self.clone()))
    }

    /// Waits until nobody has a turn, or as long as it may take.
    pub(crate) fn rest(&self, limit: Duration) {
        let begun = Instant::now();
        let mut free = self.0.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free < self.0.all {
            let Some(left) = limit.checked_sub(begun.elapsed()) else { return };
            let waited = self.0.bell.wait_timeout(free, left.max(Duration::from_millis(1)));
            free = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// A turn. It is free again when this is dropped.
pub(crate) struct Turn(Turns);

impl Drop for Turn {
    fn drop(&mut self) {
        *self.0.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.0.bell.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_so_many_turns_and_no_more() {
        let turns = Turns::new(1);
        let turn = turns.take(&|| false).unwrap();
        assert!(turns.take(&|| true).is_none());
        drop(turn);
        let turn = turns.take(&|| true);
        assert!(turn.is_some());
        let other = turns.clone();
        let waiting = std::thread::spawn(move || other.rest(Duration::from_secs(60)));
        drop(turn);
        waiting.join().unwrap();
    }
}
