//! The half of the workers that everybody else sees: a [`Binder`] that cannot hang and cannot crash.

use crate::message;
use seeknal_analysis::{Answer, Ask, Binder, Column, FileReader, Shown};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long one query may be worked on.
const QUERY_MAX: Duration = Duration::from_secs(1);

/// How long it may take by the clock, on a machine that has no time for the worker.
const QUERY_WALL_MAX: Duration = Duration::from_secs(10);

/// How long looking into one file may take.
const FILE_MAX: Duration = Duration::from_secs(5);

/// How long a worker may take to start.
const START_MAX: Duration = Duration::from_secs(20);

/// A worker that cannot be started this often in a row is not tried again.
const FAILURES_MAX: usize = 3;

/// What is said where no worker starts.
const TROUBLE: &str = "DuckDB cannot be started as a process of its own, so SQL was not looked at; \
    is there a limit on memory or processes?";

/// What is said of a query that cost a worker.
const COSTLY: &str = "DuckDB takes too long to bind it";

/// How a worker is started: this program with these words.
#[derive(Clone, Debug)]
pub struct Program {
    /// The program.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

/// Some workers, started when they are needed and replaced when they are lost.
pub struct Workers {
    program: Program,
    slots: Vec<Mutex<Option<Worker>>>,
    next: AtomicUsize,
    failures: AtomicUsize,
    /// Queries that cost a worker; they are not tried again.
    costly: Mutex<HashSet<String>>,
}

pub(crate) struct Worker {
    child: Child,
    pub(crate) to: ChildStdin,
    pub(crate) from: Receiver<Value>,
}

impl Workers {
    /// So many workers of a program. None is started yet.
    pub fn new(program: Program, count: usize) -> Workers {
        let slots = (0..count.max(1)).map(|_| Mutex::new(None)).collect();
        Workers {
            program,
            slots,
            next: AtomicUsize::new(0),
            failures: AtomicUsize::new(0),
            costly: Mutex::default(),
        }
    }

    /// How many queries cost a worker so far.
    pub fn lost(&self) -> usize {
        self.costly.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Asks a worker, which is started if there is none. Without an answer the worker is gone.
    fn ask(
        &self,
        slot: &mut Option<Worker>,
        files: &[String],
        question: &Value,
        limit: Duration,
    ) -> Option<Value> {
        if slot.is_none() {
            *slot = self.start(files);
        }
        let worker = slot.as_mut()?;
        let begun = worker.worked();
        let sent = message::write(&mut worker.to, question);
        let answer = sent.ok().and_then(|()| worker.wait(begun, limit));
        if answer.is_none() {
            *slot = None;
        }
        answer
    }

    /// Asks any worker; the reason why there is no answer otherwise.
    fn ask_any(&self, question: &Value) -> Result<Value, String> {
        let costly = || self.costly.lock().unwrap_or_else(PoisonError::into_inner);
        let key = question.to_string();
        if costly().contains(&key) {
            return Err(COSTLY.to_owned());
        }
        let free = self.slots.iter().find_map(|slot| slot.try_lock().ok());
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.slots.len();
        let Some(mut slot) = free
            .or_else(|| Some(self.slots.get(turn)?.lock().unwrap_or_else(PoisonError::into_inner)))
        else {
            return Err("there is no worker".to_owned());
        };
        let had_worker = slot.is_some();
        match self.ask(&mut slot, &[], question, QUERY_MAX) {
            Some(answer) => Ok(answer),
            None if !had_worker && self.failures.load(Ordering::SeqCst) > 0 => {
                Err("DuckDB's worker does not start".to_owned())
            }
            None => {
                costly().insert(key);
                Err(COSTLY.to_owned())
            }
        }
    }

    fn start(&self, files: &[String]) -> Option<Worker> {
        if self.failures.load(Ordering::SeqCst) >= FAILURES_MAX {
            return None;
        }
        let started = Worker::start(&self.program, &json!({ "files": files }));
        match started.is_some() {
            true => self.failures.store(0, Ordering::SeqCst),
            false => {
                self.failures.fetch_add(1, Ordering::SeqCst);
            }
        }
        started
    }
}

impl FileReader for Workers {
    /// One worker looks into all of the files, and can see nothing else.
    fn columns(&self, files: &[(PathBuf, String)]) -> Vec<Option<Vec<Column>>> {
        let paths: Vec<String> =
            files.iter().map(|(path, _)| path.to_string_lossy().into_owned()).collect();
        let mut worker = None;
        let mut found = Vec::new();
        for (_, query) in files {
            let ask = Ask { sql: query.clone(), tables: Some(Vec::new()) };
            let answer = self.ask(&mut worker, &paths, &message::ask(&ask), FILE_MAX);
            found.push(match answer.as_ref().and_then(message::read_answer) {
                Some(Answer::Columns(columns)) => Some(columns),
                _ => None,
            });
        }
        found
    }

    fn hash(&self, file: &Path) -> Option<String> {
        let mut hasher = blake3::Hasher::new();
        std::io::copy(&mut std::fs::File::open(file).ok()?, &mut hasher).ok()?;
        Some(hasher.finalize().to_hex().to_string())
    }
}

impl Binder for Workers {
    fn shown(&self, sql: &str) -> Shown {
        match self.ask_any(&json!({ "parse": sql })) {
            Ok(answer) => match (answer["tree"].as_str(), message::read_answer(&answer)) {
                (Some(json), _) => Shown::Json(json.to_owned()),
                (None, Some(Answer::Wrong(wrong))) => Shown::Wrong(wrong),
                (None, Some(Answer::Unknown(reason))) => Shown::Unknown(reason),
                (None, _) => Shown::Unknown("DuckDB could not say".to_owned()),
            },
            Err(reason) => Shown::Unknown(reason),
        }
    }

    fn bind(&self, ask: &Ask) -> Answer {
        match self.ask_any(&message::ask(ask)) {
            Ok(answer) => message::read_answer(&answer)
                .unwrap_or_else(|| Answer::Unknown("DuckDB could not say".to_owned())),
            Err(reason) => Answer::Unknown(reason),
        }
    }

    fn trouble(&self) -> Option<String> {
        (self.failures.load(Ordering::SeqCst) > 0).then(|| TROUBLE.to_owned())
    }
}

impl Worker {
    /// The next message, if it comes before the worker has worked too long. A machine that is busy with
    /// other things makes no query too costly.
    fn wait(&self, begun: Option<Duration>, limit: Duration) -> Option<Value> {
        let start = Instant::now();
        loop {
            match self.from.recv_timeout(limit) {
                Ok(message) => return Some(message),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            let (Some(begun), Some(now)) = (begun, self.worked()) else { return None };
            if now.saturating_sub(begun) >= limit || start.elapsed() >= QUERY_WALL_MAX {
                return None;
            }
        }
    }

    /// How long the process has had a processor, where the system says so.
    fn worked(&self) -> Option<Duration> {
        let about = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        // The name of the program may hold anything, so the fields are counted behind it: eleven others
        // come before the times in the program and in the system.
        let mut fields = about.rsplit_once(')')?.1.split_whitespace().skip(11);
        let mut ticks = || fields.next()?.parse::<u64>().ok();
        // Linux counts in hundredths of a second here, whatever the kernel was built with.
        Some(Duration::from_millis((ticks()? + ticks()?) * 10))
    }

    /// Starts a worker and says the first words to it.
    pub(crate) fn start(program: &Program, begin: &Value) -> Option<Worker> {
        Worker::spawn(program)?.begun(begin)
    }

    /// Starts a worker that waits for the first words, but for opening its engine.
    pub(crate) fn warm(program: &Program) -> Option<Worker> {
        let mut worker = Worker::spawn(program)?;
        message::write(&mut worker.to, &json!({ "warm": true })).ok()?;
        Some(worker)
    }

    fn spawn(program: &Program) -> Option<Worker> {
        let mut child = Command::new(&program.path)
            .args(&program.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let (to, out) = (child.stdin.take()?, child.stdout.take()?);
        let (tell, from) = channel();
        let listen = move || {
            let mut out = out;
            while let Some(message) = message::read(&mut out) {
                if tell.send(message).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("worker".to_owned()).spawn(listen).ok()?;
        Some(Worker { child, to, from })
    }

    /// The same worker, once it is ready for what follows the first words.
    pub(crate) fn begun(mut self, begin: &Value) -> Option<Worker> {
        message::write(&mut self.to, begin).ok()?;
        let ready = self.from.recv_timeout(START_MAX).ok()?;
        (ready["ready"] == json!(true)).then_some(self)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
