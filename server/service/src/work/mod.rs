//! What has to be made so that a project's nodes have their outputs, and making it.
//!
//! [`decide`] says what is kept and what is done, and touches nothing; [`carry_out`] does it, as much at once
//! as there are lanes. Neither changes what anybody sees: that is for whoever publishes.

mod board;
mod decide;
mod elsewhere;
mod execute;
mod keys;
mod one;
mod order;
mod outside;
mod view;

pub(crate) use decide::{Decided, Question, Refresh, Task, decide, query_of, secrets};
pub(crate) use elsewhere::Elsewhere;
pub(crate) use execute::{Beside, Carried, carry_out, without};
pub(crate) use keys::{export_key, file_name, token};
pub(crate) use one::{Ended, ask, check_jobs, given, size};
pub(crate) use view::{Results, whole_view};

use crate::Analyst;
use seeknal_model::NodeId;
use seeknal_plan::engine::Engine;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

/// Who does the work, and with what.
pub struct Crew<'a> {
    /// Who carries jobs out.
    pub engine: &'a dyn Engine,
    /// Who knows what queries mean.
    pub analyst: &'a Analyst,
    /// How many nodes are worked on at once.
    pub lanes: usize,
    /// How many threads one large query may use.
    pub threads: usize,
    /// How many bytes of memory all of them may take.
    pub memory: Option<u64>,
    /// Is told what happens.
    pub tell: &'a (dyn Fn(Event<'_>) + Sync),
    /// Asked all the time: whether somebody wants it to end.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Asked between nodes: why nothing new is begun, if that is so.
    pub breaker: &'a (dyn Fn() -> Option<String> + Sync),
}

/// Ends what an engine made ready, once nobody can use it any more.
pub(crate) struct Warm<'c>(&'c dyn Engine);

impl Crew<'_> {
    /// Lets the engine make ready for work while it is found out what there is to do.
    pub(crate) fn warm(&self) -> Warm<'_> {
        self.engine.warm();
        Warm(self.engine)
    }
}

impl Drop for Warm<'_> {
    fn drop(&mut self) {
        self.0.cool();
    }
}

/// What one command after the other is carried out with.
#[derive(Clone)]
pub struct Hands {
    /// Who carries jobs out.
    pub engine: Arc<dyn Engine>,
    /// Who knows what queries mean.
    pub analyst: Arc<Analyst>,
    /// How many nodes are worked on at once.
    pub lanes: usize,
    /// How many threads one large query may use.
    pub threads: usize,
    /// How many bytes of memory all of them may take.
    pub memory: Option<u64>,
}

impl Hands {
    /// The crew for one command: who is told what happens, and who says that it is to end.
    pub fn crew<'h>(
        &'h self,
        tell: &'h (dyn Fn(Event<'_>) + Sync),
        stop: &'h (dyn Fn() -> bool + Sync),
        breaker: &'h (dyn Fn() -> Option<String> + Sync),
    ) -> Crew<'h> {
        let Hands { engine, analyst, lanes, threads, memory } = self;
        let (lanes, threads, memory) = (*lanes, *threads, *memory);
        Crew { engine: &**engine, analyst, lanes, threads, memory, tell, stop, breaker }
    }
}

/// Something that happened while work was done.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<'e> {
    /// So many nodes are worked on, and so many outputs are kept.
    Begun {
        /// Nodes to work on.
        tasks: usize,
        /// Outputs that are kept.
        kept: usize,
    },
    /// A node is worked on.
    Started {
        /// The node.
        node: &'e NodeId,
        /// What is done with it.
        doing: &'static str,
    },
    /// So much of its query is done.
    Progress {
        /// The node.
        node: &'e NodeId,
        /// In percent; it never falls.
        percent: f64,
    },
    /// Something is tried again.
    Again {
        /// The node.
        node: &'e NodeId,
        /// Why.
        why: &'e str,
    },
    /// A check was made.
    Checked {
        /// The node.
        node: &'e NodeId,
        /// What came of it.
        result: &'e Tried,
    },
    /// A node is done.
    Finished {
        /// The node.
        node: &'e NodeId,
        /// What was done with it.
        doing: &'static str,
        /// How many rows it has, where it has any.
        rows: Option<u64>,
        /// How long it took, in milliseconds.
        took: u64,
    },
    /// A node failed.
    Failed {
        /// The node.
        node: &'e NodeId,
        /// Why.
        why: &'e str,
    },
    /// A node was not begun, because one that it reads failed.
    Skipped {
        /// The node.
        node: &'e NodeId,
        /// The one that failed.
        because: &'e NodeId,
    },
    /// A file was written for others.
    Exported {
        /// The node.
        node: &'e NodeId,
        /// The file.
        file: &'e str,
        /// How many rows.
        rows: u64,
    },
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// What it is called.
    pub name: String,
    /// Whether nothing may follow where it fails.
    pub is_blocking: bool,
    /// Whether it holds.
    pub passed: bool,
    /// How many rows fail.
    pub failing: u64,
    /// How many there are, where that is known.
    pub of: Option<u64>,
    /// What the author says to it.
    pub message: Option<String>,
}

impl Tried {
    /// What is said of it.
    pub fn sentence(&self) -> String {
        let Tried { name, failing, of, .. } = self;
        let how_many = match of {
            Some(of) => format!("{failing} of {of}"),
            None => failing.to_string(),
        };
        match (&self.message, self.passed) {
            (_, true) if *of == Some(0) => format!("{name}: holds, over no rows"),
            (_, true) => format!("{name}: holds"),
            (Some(message), false) => format!("{name}: {message} ({how_many})"),
            (None, false) => format!("{name}: {how_many} fail"),
        }
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "name": self.name,
            "blocking": self.is_blocking,
            "passed": self.passed,
            "failing": self.failing,
            "of": self.of,
        })
    }
}

/// The file of a source: where it is, what it is called, and which data it holds.
#[derive(Clone, Debug)]
pub(crate) struct DataOf {
    pub(crate) path: PathBuf,
    pub(crate) version: Value,
}
