//! Every command there is: what it does, and what it takes.

use super::arguments::Arguments;
use super::desk::{Desk, End};
use super::{CANCEL, CHECK, STATUS, environments, looks, work};
use serde_json::Value;

/// A command.
pub(crate) struct Command {
    pub(crate) id: &'static str,
    /// What is said while it is carried out.
    pub(crate) doing: &'static str,
    /// What it does and what it answers.
    #[cfg_attr(not(test), expect(dead_code, reason = "the page is made of it"))]
    pub(crate) about: &'static str,
    own: &'static [Takes],
    /// Whether the project, the environment or others look different afterwards.
    pub(crate) changes: bool,
    /// Who carries it out; nothing where the event loop does.
    pub(crate) act: Option<Act>,
}

/// What carries a command out.
pub(crate) type Act = fn(&Desk, &Arguments) -> Result<Value, End>;

/// An argument.
pub(crate) struct Takes {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    #[cfg_attr(not(test), expect(dead_code, reason = "the page is made of it"))]
    pub(crate) about: &'static str,
}

/// What an argument is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Flag,
    Number,
    Range,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Text => "a text",
            Kind::Flag => "true or false",
            Kind::Number => "a number",
            Kind::Range => "a range",
        }
    }
}

impl Command {
    pub(crate) fn takes(&self) -> impl Iterator<Item = &'static Takes> {
        let common: &[Takes] = if self.act.is_some() && self.id != CHECK { &COMMON } else { &[] };
        common.iter().chain(self.own)
    }
}

pub(crate) fn find(id: &str) -> Option<&'static Command> {
    ALL.iter().find(|one| one.id == id)
}

const fn text(name: &'static str, about: &'static str) -> Takes {
    Takes { name, kind: Kind::Text, about }
}

const fn flag(name: &'static str, about: &'static str) -> Takes {
    Takes { name, kind: Kind::Flag, about }
}

const COMMON: [Takes; 3] = [
    text("project", "the project: its folder, as a path or a URI; needed where several are open"),
    text("uri", "instead of `project`, any file of it"),
    flag("confirmed", "it was asked for elsewhere: ask nothing"),
];

const ENVIRONMENT: Takes =
    text("environment", "the environment; `dev` where the client set no other");
const NODE: Takes = text("node", "the node, such as `transform.orders`");
const SHOW: Takes = flag("show", "open it in the editor as well");
const DRY: Takes = flag("dry_run", "say what would be done, and do nothing");
const REFRESH: Takes = flag("refresh", "build on data that moved on");

pub(crate) const ALL: &[Command] = &[
    Command {
        id: CHECK,
        doing: "Checking",
        about: "Reads every open project anew and says what is wrong: what `check --format json` prints, with `projects` and `cancelled`.",
        own: &[],
        changes: false,
        act: Some(looks::check),
    },
    Command {
        id: "seeknal.showPlan",
        doing: "Planning",
        about: "What the edits do, with texts that are not saved, and keeps nothing: what `plan --format json` prints, with `text` (Markdown) and `unsaved`.",
        own: &[text("against", "what to compare with, as the option `--against`"), SHOW],
        changes: false,
        act: Some(looks::show_plan),
    },
    Command {
        id: "seeknal.plan",
        doing: "Planning",
        about: "Plans an environment against production and keeps the plan, as `plan ENV`. It reads texts that are not saved, and `unsaved` names them: what is applied must be saved first. Beside the plan there are `text` (Markdown) and `unsaved`.",
        own: &[
            ENVIRONMENT,
            Takes {
                name: "ttl_hours",
                kind: Kind::Number,
                about: "after how many hours without use the environment may go",
            },
            text("profile", "the profile of the environment"),
            SHOW,
        ],
        changes: true,
        act: Some(work::plan),
    },
    Command {
        id: "seeknal.apply",
        doing: "Applying",
        about: "Applies the plan of an environment, as `apply ENV`: what `apply --format json` prints last, with `text`. Cancelled, it answers how far it came, and the next one goes on from there. Files that are not saved are refused by name.",
        own: &[
            ENVIRONMENT,
            text("plan", "only if this is the plan: the beginning of its id"),
            DRY,
            flag("force", "apply what the project says now, whatever was planned"),
            REFRESH,
        ],
        changes: true,
        act: Some(work::apply),
    },
    Command {
        id: "seeknal.promote",
        doing: "Promoting",
        about: "Shows in `to` what the environment shows, as `promote ENV TO`: what `promote --format json` prints, with `text`. Before production changes it asks.",
        own: &[
            ENVIRONMENT,
            text("to", "the environment that shows it then; `prod` where it is not said"),
            DRY,
        ],
        changes: true,
        act: Some(work::promote),
    },
    Command {
        id: "seeknal.rollback",
        doing: "Rolling back",
        about: "An environment shows again what it showed before, as `rollback ENV`; `prod` where none is named. Before production changes it asks.",
        own: &[
            text("environment", "the environment; `prod` where it is not said"),
            text("to", "after which operation: `v` and its number, or an id of `history`"),
            DRY,
        ],
        changes: true,
        act: Some(work::rollback),
    },
    Command {
        id: "seeknal.run",
        doing: "Running",
        about: "Brings production up to date, as `run`: what `run --format json` prints last, with `text`. Where an edit breaks something, it asks.",
        own: &[flag("full", "make everything again"), DRY],
        changes: true,
        act: Some(work::run),
    },
    Command {
        id: "seeknal.test",
        doing: "Testing",
        about: "Tries rules and audits over what an environment shows, as `test ENV`; of one `node` those that it has as it is being edited. `checks` holds what came of each.",
        own: &[text("environment", "the environment; `prod` where it is not said"), NODE],
        changes: false,
        act: Some(work::test),
    },
    Command {
        id: "seeknal.preview",
        doing: "Looking",
        about: "The first rows that a node would have as it is being edited, over what an environment shows; what was edited on the way is made for it and kept nowhere. It answers `columns`, `rows`, `cut`, `made` and `text` (Markdown).",
        own: &[
            NODE,
            text("cte", "of the node's query only what it makes under this name in its WITH"),
            Takes {
                name: "range",
                kind: Kind::Range,
                about: "with `uri`: only the query that stands there",
            },
            ENVIRONMENT,
            Takes {
                name: "limit",
                kind: Kind::Number,
                about: "how many rows at most; 100 where it is not said, 10000 at most",
            },
            SHOW,
        ],
        changes: false,
        act: Some(looks::preview),
    },
    Command {
        id: "seeknal.lineage",
        doing: "Looking",
        about: "Where a node or a column comes from, and what is made of it: what `lineage --format json` prints, with `text`.",
        own: &[
            text("point", "the node or the column, such as `transform.orders.amount`"),
            flag("up", "only where it comes from"),
            flag("down", "only what is made of it"),
            Takes { name: "depth", kind: Kind::Number, about: "how many steps far" },
            SHOW,
        ],
        changes: false,
        act: Some(looks::lineage),
    },
    Command {
        id: "seeknal.environments",
        doing: "Looking",
        about: "Every environment and what is pending: what `status --format json` prints, with `text`.",
        own: &[],
        changes: false,
        act: Some(environments::list),
    },
    Command {
        id: "seeknal.history",
        doing: "Looking",
        about: "What was done, the newest first: what `history --format json` prints, with `text`.",
        own: &[
            Takes {
                name: "limit",
                kind: Kind::Number,
                about: "how many at most; 20 where it is not said",
            },
            SHOW,
        ],
        changes: false,
        act: Some(environments::history),
    },
    Command {
        id: "seeknal.refreshSources",
        doing: "Looking into data files",
        about: "Looks into every data file anew, and shows what follows from it.",
        own: &[],
        changes: true,
        act: Some(looks::refresh_sources),
    },
    Command {
        id: "seeknal.setBaseline",
        doing: "Comparing",
        about: "Says what edits are compared with while they are typed, until the server ends.",
        own: &[text(
            "against",
            "as the option `--against`: `auto`, `git:` with a revision, an environment, or a manifest",
        )],
        changes: true,
        act: Some(looks::set_baseline),
    },
    Command {
        id: CANCEL,
        doing: "",
        about: "Cancels the job of a progress, or all. Each answers with what it had by then. It answers `cancelled`: how many.",
        own: &[text("token", "the token of its progress")],
        changes: false,
        act: None,
    },
    Command {
        id: STATUS,
        doing: "",
        about: "What the server is doing: `version`, `commands`, `jobs`, `idle`, and of each of `projects` how many `changes` of each kind there are.",
        own: &[],
        changes: false,
        act: None,
    },
];
