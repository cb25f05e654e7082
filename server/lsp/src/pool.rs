//! Threads that work off a queue. A panic costs the job, not the thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

type Job = Box<dyn FnOnce() + Send>;

/// A queue with its threads. They end when the pool is dropped and the queue is empty.
pub(crate) struct Pool {
    jobs: Sender<Job>,
}

impl Pool {
    pub(crate) fn new(name: &str, threads: usize) -> Pool {
        let (jobs, queue) = channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..threads.max(1) {
            let queue = queue.clone();
            let run = move || {
                while let Some(job) = next(&queue) {
                    // The hook has printed where it was; who waits for an answer sees none coming.
                    let _ = catch_unwind(AssertUnwindSafe(job));
                }
            };
            let _ = thread::Builder::new().name(name.to_owned()).stack_size(STACK_BYTES).spawn(run);
        }
        Pool { jobs }
    }

    pub(crate) fn run(&self, job: impl FnOnce() + Send + 'static) {
        let _ = self.jobs.send(Box::new(job));
    }
}

/// Parsers call themselves for each level of nesting.
pub(crate) const STACK_BYTES: usize = 8 << 20;

fn next(queue: &Mutex<Receiver<Job>>) -> Option<Job> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_costs_one_job() {
        let pool = Pool::new("test", 1);
        let (tell, told) = channel();
        let lost = tell.clone();
        pool.run(move || {
            let _never_answers = lost;
            panic!("on purpose");
        });
        pool.run(move || tell.send(7).unwrap());
        assert_eq!(told.recv(), Ok(7));
        assert!(told.recv().is_err(), "the panicking job gave up its end");
    }
}
