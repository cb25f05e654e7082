//! The half of the job workers that everybody else sees: an [`Engine`] whose lanes can be ended at any time.

use crate::job::{job_json, limits_json, read_done};
use crate::message;
use crate::session::engine;
use crate::workers::{Program, Worker};
use seeknal_plan::engine::{Broken, Done, Engine, Job, Lane, Limits};
use serde_json::{Value, json};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

/// How often whoever watches is asked whether to go on.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// Job workers of a program.
pub struct Jobs {
    program: Program,
}

impl Jobs {
    /// Workers that are this program.
    pub fn new(program: Program) -> Jobs {
        Jobs { program }
    }
}

impl Engine for Jobs {
    fn lane(&self, limits: &Limits) -> Result<Box<dyn Lane>, String> {
        let (program, limits) = (self.program.clone(), limits.clone());
        let mut lane = Row { program, limits, worker: None };
        lane.start()?;
        Ok(Box::new(lane))
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
}

impl Row {
    fn start(&mut self) -> Result<&mut Worker, String> {
        let begin = json!({ "job": limits_json(&self.limits) });
        let started = match self.worker.take() {
            Some(worker) => Some(worker),
            None => Worker::start(&self.program, &begin),
        };
        let worker = started.ok_or("DuckDB's worker does not start")?;
        Ok(self.worker.insert(worker))
    }
}

impl Lane for Row {
    fn run(
        &mut self,
        job: &Job,
        watch: &mut dyn FnMut(Option<f64>) -> bool,
    ) -> Result<Done, Broken> {
        let worker = self.start().map_err(Broken::Lost)?;
        let answer = asked(worker, job, watch);
        if !matches!(answer, Ok(_) | Err(Broken::Failed(_))) {
            // Its process ends with it.
            self.worker = None;
        }
        answer
    }
}

fn asked(
    worker: &mut Worker,
    job: &Job,
    watch: &mut dyn FnMut(Option<f64>) -> bool,
) -> Result<Done, Broken> {
    let lost = || Broken::Lost("the process of DuckDB ended by itself".to_owned());
    message::write(&mut worker.to, &job_json(job)).map_err(|_| lost())?;
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
