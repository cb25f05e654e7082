//! The half of the job workers that everybody else sees: an [`Engine`] whose lanes can be ended at any time.

use crate::engine::engine;
use crate::message;
use crate::words::{job_json, limits_json, read_done};
use crate::workers::{Program, Worker};
use seeknal_plan::engine::{Broken, Done, Engine, Job, Lane, Limits};
use serde_json::{Value, json};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How often whoever watches is asked whether to go on.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// Job workers of a program.
pub struct Jobs {
    program: Program,
    warm: Arc<Mutex<Warm>>,
}

/// A worker that was started before anybody said what it may see.
#[derive(Default)]
struct Warm {
    worker: Option<Worker>,
    /// How often somebody said how long it stays.
    said: usize,
}

impl Jobs {
    /// Workers that are this program.
    pub fn new(program: Program) -> Jobs {
        Jobs { program, warm: Arc::default() }
    }

    fn warmed(&self) -> MutexGuard<'_, Warm> {
        locked(&self.warm)
    }
}

fn locked(warm: &Mutex<Warm>) -> MutexGuard<'_, Warm> {
    warm.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine for Jobs {
    fn lane(&self, limits: &Limits) -> Result<Box<dyn Lane>, String> {
        let (program, limits) = (self.program.clone(), limits.clone());
        let warm = self.warmed().worker.take();
        let mut lane = Row { program, limits, worker: None, foreseen: None, begun: None };
        let warm = warm.and_then(|worker| worker.begun(&lane.begin()));
        lane.worker = Some(warm.map_or_else(|| lane.taken(), Ok)?);
        Ok(Box::new(lane))
    }

    fn warm(&self) {
        let mut warm = self.warmed();
        if warm.worker.is_none() {
            warm.worker = Worker::warm(&self.program);
        }
    }

    fn warm_for(&self, long: Duration) {
        self.warm();
        let said = {
            let mut warm = self.warmed();
            warm.said += 1;
            warm.said
        };
        let warm = Arc::downgrade(&self.warm);
        let end = move || {
            thread::sleep(long);
            let Some(warm) = warm.upgrade() else { return };
            let mut warm = locked(&warm);
            // Somebody may have wanted it for longer since.
            let ended = if warm.said == said { warm.worker.take() } else { None };
            drop(warm);
            drop(ended);
        };
        // Where no thread is to be had, it stays until the next command is done.
        let _ = thread::Builder::new().name("warm".to_owned()).spawn(end);
    }

    fn cool(&self) {
        let ended = self.warmed().worker.take();
        drop(ended);
    }

    fn name(&self) -> String {
        engine()
    }
}

/// One worker after the other: a new one where the last was lost or ended.
struct Row {
    program: Program,
    limits: Limits,
    worker: Option<Worker>,
    /// The job after the one that is run next.
    foreseen: Option<Job>,
    /// The job that the worker was told already.
    begun: Option<Job>,
}

impl Row {
    /// The worker, which is nobody's until it is put back: one that was left in the middle is not asked again.
    fn taken(&mut self) -> Result<Worker, String> {
        let worker = self.worker.take();
        let worker = worker.or_else(|| Worker::start(&self.program, &self.begin()));
        worker.ok_or_else(|| "DuckDB's worker does not start".to_owned())
    }

    /// The first words to a worker.
    fn begin(&self) -> Value {
        json!({ "job": limits_json(&self.limits) })
    }
}

impl Lane for Row {
    fn run(
        &mut self,
        job: &Job,
        watch: &mut dyn FnMut(Option<f64>) -> bool,
    ) -> Result<Done, Broken> {
        let (begun, next) = (self.begun.take(), self.foreseen.take());
        let is_begun = begun.as_ref() == Some(job);
        if begun.is_some() && !is_begun {
            // It works on something that nobody asks for after all.
            self.worker = None;
        }
        let mut worker = self.taken().map_err(Broken::Lost)?;
        for job in [Some(job).filter(|_| !is_begun), next.as_ref()].into_iter().flatten() {
            message::write(&mut worker.to, &job_json(job)).map_err(|_| lost())?;
        }
        let answer = answered(&worker, watch);
        // Otherwise its process ends with it.
        if matches!(answer, Ok(_) | Err(Broken::Failed(_))) {
            (self.worker, self.begun) = (Some(worker), next);
        }
        answer
    }

    fn foresee(&mut self, job: &Job) {
        self.foreseen = Some(job.clone());
    }
}

fn lost() -> Broken {
    Broken::Lost("the process of DuckDB ended by itself".to_owned())
}

fn answered(worker: &Worker, watch: &mut dyn FnMut(Option<f64>) -> bool) -> Result<Done, Broken> {
    let mut most: Option<f64> = None;
    loop {
        let said: Value = match worker.from.recv_timeout(ASK_EVERY) {
            Ok(said) => said,
            Err(RecvTimeoutError::Timeout) => json!({}),
            Err(RecvTimeoutError::Disconnected) => return Err(lost()),
        };
        if let Some(done) = read_done(&said) {
            return Ok(done);
        }
        if let Some(why) = said["failed"].as_str() {
            return Err(Broken::Failed(why.to_owned()));
        }
        // What DuckDB says goes back where one query follows another.
        if let Some(percent) = said["percent"].as_f64() {
            most = Some(most.unwrap_or(0.0).max(percent));
        }
        if !watch(most) {
            return Err(Broken::Stopped);
        }
    }
}
