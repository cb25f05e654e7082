//! An order in which those who work at once end.

use std::sync::{Condvar, Mutex, PoisonError};

/// Lets those who work at once end one after the other.
#[derive(Default)]
pub(super) struct Order {
    next: Mutex<usize>,
    bell: Condvar,
}

impl Order {
    /// Waits until all before a number had their turn.
    pub(super) fn turn(&self, number: usize) -> Turn<'_> {
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.bell.wait_while(next, |next| *next != number);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        Turn(self)
    }
}

/// It ends with this.
pub(super) struct Turn<'o>(&'o Order);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.next.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.bell.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::thread;
    use std::time::Duration;

    #[test]
    fn whoever_comes_later_ends_later() {
        let (order, ended) = (Order::default(), Mutex::new(Vec::new()));
        let end = |number: u32| {
            thread::sleep(Duration::from_millis(1) * (8 - number));
            let broke = catch_unwind(AssertUnwindSafe(|| {
                let _turn = order.turn(number as usize);
                ended.lock().unwrap().push(number);
                // One that breaks gives its turn away as well.
                assert!(number != 3, "on purpose");
            }));
            assert_eq!(broke.is_err(), number == 3);
        };
        let end = &end;
        thread::scope(|scope| (0..8).for_each(|number| drop(scope.spawn(move || end(number)))));
        assert_eq!(*ended.lock().unwrap(), (0..8).collect::<Vec<u32>>());
    }
}
