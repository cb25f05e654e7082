//! Work on many things, several runs of them at once.

use std::panic::resume_unwind;
use std::thread;

/// Does something with runs of all items, as many runs as there are to be threads and none shorter than is worth one,
/// and gives what came of them in the order of the items.
pub(crate) fn in_runs<T: Sync, R: Send>(
    items: &[T],
    (threads, least): (usize, usize),
    work: impl Fn(&[T]) -> R + Sync,
) -> Vec<R> {
    let size = items.len().div_ceil(threads).max(least).max(1);
    if items.len() <= size {
        return vec![work(items)];
    }
    let work = &work;
    thread::scope(|scope| {
        let begin = |run| (run, scope.spawn(move || work(run)));
        let begun: Vec<_> = items.chunks(size).map(begin).collect();
        // What broke off breaks again here, where somebody hears of it.
        let ended = begun.into_iter().map(|(run, lane)| lane.join().unwrap_or_else(|_| work(run)));
        ended.collect()
    })
}

/// Does something, and something else meanwhile.
pub(crate) fn meanwhile<R, O: Send>(
    other: impl FnOnce() -> O + Send,
    work: impl FnOnce() -> R,
) -> (R, O) {
    thread::scope(|scope| {
        let other = scope.spawn(other);
        let done = work();
        (done, other.join().unwrap_or_else(|why| resume_unwind(why)))
    })
}

/// Lets go of something large, for which nobody waits.
pub(crate) fn let_go<T: Send + 'static>(what: T) {
    let begun = thread::Builder::new().name("let go".to_owned()).spawn(|| drop(what));
    // Where no thread was to be had, it is gone already.
    drop(begun);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_in_one_run_and_runs_stand_in_order() {
        let items: Vec<usize> = (0..100).collect();
        for (threads, least, runs) in [(1, 1, 1), (4, 1, 4), (4, 40, 3), (4, 100, 1), (200, 1, 100)]
        {
            let found = in_runs(&items, (threads, least), <[usize]>::to_vec);
            assert_eq!((found.len(), found.concat()), (runs, items.clone()), "{threads} {least}");
        }
        assert_eq!(in_runs(&[], (4, 1), <[usize]>::len), [0]);
    }
}
