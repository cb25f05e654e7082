//! Commands: carried out by threads of their own, any number of them waiting.

use super::{Awaited, EventLoop};
use crate::commands::{self, Job, Work};
use crate::event::{Event, Run};
use crate::progress::Progress;
use crate::proto::NumberOrString;
use crate::root::Root;
use crate::view::View;
use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::oneshot;

impl EventLoop {
    pub(super) fn command(&mut self, run: Run) {
        match run.command.as_str() {
            commands::CANCEL => {
                let wanted = commands::wanted(&run);
                let count = self.cancel(|job| match &wanted {
                    Some(wanted) => {
                        job.progress.token().is_some_and(|token| json!(token) == *wanted)
                    }
                    None => true,
                });
                let _ = run.reply.send(Ok(commands::cancelled(count)));
            }
            commands::STATUS => self.status(run.reply),
            _ => self.check(run),
        }
    }

    pub(super) fn check(&mut self, run: Run) {
        let encoding = self.client.encoding;
        self.next += 1;
        let id = self.next;
        let own = || self.client.progress.then(|| NumberOrString::String(format!("seeknal-{id}")));
        let given = run.token.is_some();
        let token = run.token.clone().or_else(own);
        let progress = Arc::new(Progress::new(token.clone(), "Checking", self.outbox.clone()));
        match token {
            Some(_) if given => progress.begin(),
            Some(token) => {
                let params = json!({ "token": token });
                self.request("window/workDoneProgress/create", params, Awaited::Progress(id));
            }
            None => {}
        }
        let stop = Arc::new(AtomicBool::new(false));
        let job = Job { command: run.command, stop: stop.clone(), progress: progress.clone() };
        self.jobs.insert(id, job);
        let roots = self.roots.iter_mut();
        let roots =
            roots.map(|(path, root)| (path.clone(), root.view("".into(), encoding))).collect();
        let (events, analyst) = (self.events.clone(), self.analyst.clone());
        self.long.run(move || {
            let work = Work { roots, analyst, stop, progress: progress.clone() };
            let done = AssertUnwindSafe(|| commands::check(&work, run.reply));
            let _ = catch_unwind(done);
            progress.end("stopped");
            events.send(Event::Finished(id));
        });
    }

    pub(super) fn cancel(&mut self, is_meant: impl Fn(&Job) -> bool) -> usize {
        let meant: Vec<&Job> = self.jobs.values().filter(|job| is_meant(job)).collect();
        meant.iter().for_each(|job| job.stop.store(true, Ordering::SeqCst));
        meant.len()
    }

    /// Tells what there is. Counting reads projects, so a thread does it.
    pub(super) fn status(&mut self, reply: oneshot::Sender<Result<Value, String>>) {
        let encoding = self.client.encoding;
        let busy =
            |root: &Root| root.disk.busy || root.judging.busy || root.binding.busy || !root.ready;
        let idle = self.discovering == 0
            && !self.postponed
            && self.jobs.is_empty()
            && !self.roots.values().any(busy)
            && !self.open.values().any(|open| open.looked_up);
        let jobs: Vec<Value> = self
            .jobs
            .values()
            .map(|job| json!({ "command": job.command, "token": job.progress.token() }))
            .collect();
        let mut status = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "commands": commands::ALL,
            "encoding": format!("{encoding:?}").to_lowercase(),
            "open": self.open.len(),
            "idle": idle,
            "jobs": jobs,
        });
        let roots = self.roots.iter_mut();
        let roots: Vec<(PathBuf, bool, View)> = roots
            .map(|(path, root)| (path.clone(), root.ready, root.view("".into(), encoding)))
            .collect();
        self.quick.run(move || {
            let projects =
                roots.iter().map(|(path, ready, view)| commands::project(path, *ready, view));
            status["projects"] = projects.collect();
            let _ = reply.send(Ok(status));
        });
    }
}
