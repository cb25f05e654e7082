//! Commands: carried out by threads of their own, any number of them waiting.

use super::{Awaited, EventLoop};
use crate::commands::{self, Answer, Command, Desk, End, Job};
use crate::event::{Event, Run};
use crate::pool::STACK_BYTES;
use crate::progress::Progress;
use crate::proto::{MessageType, NumberOrString, ProgressToken};
use crate::root::Root;
use crate::view::View;
use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::thread;
use tokio::sync::oneshot;

impl EventLoop {
    pub(super) fn command(&mut self, run: Run) {
        match run.command.as_str() {
            commands::CANCEL => {
                let wanted = commands::wanted(&run);
                let is_meant = |token: Option<&ProgressToken>| match &wanted {
                    Some(wanted) => token.is_some_and(|token| json!(token) == *wanted),
                    None => true,
                };
                let count = self.cancel(|job| is_meant(job.progress.token()))
                    + self.cancel_called(&|run, _| is_meant(run.token.as_ref()));
                let _ = run.reply.send(Ok(commands::cancelled(count)));
            }
            commands::STATUS => self.status(run.reply),
            // What is meant by a command is known once everything was read.
            _ if self.is_reading() => {
                let request = self.calling.take();
                self.called.push((run, request));
            }
            _ => {
                let request = self.calling.take();
                self.carry_out(run, request);
            }
        }
    }

    /// Begins what came before everything was read.
    pub(super) fn begin_called(&mut self) {
        if !self.called.is_empty() && !self.is_reading() {
            let called = std::mem::take(&mut self.called);
            called.into_iter().for_each(|(run, request)| self.carry_out(run, request));
        }
    }

    /// Cancels the command of a request, also one that was not begun.
    pub(super) fn cancel_request(&mut self, id: &str) {
        self.cancel(|job| job.request.as_deref() == Some(id));
        self.cancel_called(&|_, request| request == Some(id));
    }

    /// Cancels commands that were not begun, and gives how many.
    fn cancel_called(&mut self, is_meant: &dyn Fn(&Run, Option<&str>) -> bool) -> usize {
        let is_meant =
            |(run, request): &mut (Run, Option<String>)| is_meant(run, request.as_deref());
        let meant: Vec<(Run, Option<String>)> = self.called.extract_if(.., is_meant).collect();
        let count = meant.len();
        for (run, _) in meant {
            let _ = run.reply.send(Err(End::Stopped));
        }
        count
    }

    fn carry_out(&mut self, run: Run, request: Option<String>) {
        let Some(command) = commands::find(&run.command) else { return };
        let encoding = self.client.encoding;
        self.next += 1;
        let id = self.next;
        let own = || self.client.progress.then(|| NumberOrString::String(format!("seeknal-{id}")));
        let given = run.token.is_some();
        let token = run.token.clone().or_else(own);
        let title = command.doing.to_owned();
        let progress = Arc::new(Progress::new(token.clone(), title, self.outbox.clone()));
        match token {
            Some(_) if given => progress.begin(),
            Some(token) => {
                let params = json!({ "token": token });
                self.request("window/workDoneProgress/create", params, Awaited::Progress(id));
            }
            None => {}
        }
        let stop = Arc::new(AtomicBool::new(false));
        let job =
            Job { command: command.id, request, stop: stop.clone(), progress: progress.clone() };
        self.jobs.insert(id, job);
        let roots = self.roots.iter_mut();
        let desk = Desk {
            id,
            roots: roots
                .map(|(path, root)| (path.clone(), root.view("".into(), encoding)))
                .collect(),
            hands: self.hands.clone(),
            stop,
            progress,
            outbox: self.outbox.clone(),
            events: self.events.clone(),
            turns: self.turns.clone(),
            turn: Mutex::default(),
            is_trusted: self.client.is_trusted,
            shows: self.client.shows,
            draws: self.client.draws,
            environment: self.client.environment.to_string(),
        };
        let work = move || work(command, desk, run);
        let name = "command".to_owned();
        let begun = thread::Builder::new().name(name).stack_size(STACK_BYTES).spawn(work);
        // Without a thread nobody answers, and whoever waits is told of a bug.
        if begun.is_err() {
            self.jobs.remove(&id);
        }
    }

    pub(super) fn cancel(&mut self, is_meant: impl Fn(&Job) -> bool) -> usize {
        let meant = self.jobs.iter().filter(|(_, job)| is_meant(job));
        let meant: Vec<u64> = meant.map(|(id, _)| *id).collect();
        for job in meant.iter().filter_map(|id| self.jobs.get(id)) {
            job.stop.store(true, Ordering::SeqCst);
        }
        // Whoever waits for an answer of the user hears that there will be none.
        self.awaited.retain(|_, awaited| match awaited {
            Awaited::Question(job, _) => !meant.contains(job),
            _ => true,
        });
        meant.len()
    }

    pub(super) fn question(
        &mut self,
        (job, tell): (u64, Sender<Answer>),
        kind: MessageType,
        (message, actions): (&str, &[String]),
    ) {
        // One that was cancelled has nothing to ask any more.
        if self.jobs.get(&job).is_none_or(|job| job.stop.load(Ordering::SeqCst)) {
            return;
        }
        let actions: Vec<Value> = actions.iter().map(|title| json!({ "title": title })).collect();
        let params = json!({ "type": kind, "message": message, "actions": actions });
        self.request("window/showMessageRequest", params, Awaited::Question(job, tell));
    }

    /// Tells what there is. Counting reads projects, so a thread does it.
    pub(super) fn status(&mut self, reply: oneshot::Sender<Result<Value, End>>) {
        let encoding = self.client.encoding;
        let busy =
            |root: &Root| root.disk.busy || root.judging.busy || root.binding.busy || !root.ready;
        let idle = self.discovering == 0
            && !self.postponed
            && self.jobs.is_empty()
            && self.called.is_empty()
            && !self.roots.values().any(busy)
            && !self.open.values().any(|open| open.looked_up);
        let jobs: Vec<Value> = self
            .jobs
            .values()
            .map(|job| json!({ "command": job.command, "token": job.progress.token() }))
            .collect();
        let mut status = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "commands": commands::ALL.iter().map(|one| one.id).collect::<Vec<_>>(),
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

/// Carries a command out on a thread of its own.
fn work(command: &'static Command, desk: Desk, run: Run) {
    let mut changed = None;
    let done = AssertUnwindSafe(|| {
        // One that is cancelled while it waits says what it has, which is nothing.
        desk.set_turn(desk.turns.take(&|| desk.is_stopped()));
        let done;
        (done, changed) = commands::carried_out(command, &desk, &run);
        desk.set_turn(None);
        done
    });
    let done = catch_unwind(done);
    let is_stopped = desk.is_stopped();
    desk.progress.end(match &done {
        Ok(Ok(_)) if is_stopped => "cancelled",
        Ok(Ok(_)) => "done",
        Ok(Err(End::Stopped)) => "cancelled",
        Ok(Err(_)) => "refused",
        Err(_) => "stopped by a bug",
    });
    desk.events.send(Event::Finished(desk.id, changed));
    // After a panic nobody answers, and whoever waits is told of a bug.
    if let Ok(answer) = done {
        let _ = run.reply.send(answer);
    }
}
