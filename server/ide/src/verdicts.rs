//! What an edit does, where people see it while they type: a notice at the token that caused it, and a few
//! words above each node that it reaches.

use seeknal_analysis::changes::{Action, Category, Change, Reason, Step, What};
use seeknal_model::{NodeId, Project};
use seeknal_syntax::Span;
use std::sync::Arc;

/// More places than this in one notice help nobody.
const RELATED_MAX: usize = 20;

/// More sentences than this in one notice are not read.
const SENTENCES_MAX: usize = 3;

/// What a changed node does to what is behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The file of the node.
    pub path: Arc<str>,
    /// What caused it.
    pub span: Span,
    /// How far it reaches.
    pub category: Category,
    /// What it does, in a sentence.
    pub message: String,
    /// The places of readers that it reaches, each with why.
    pub related: Vec<(Arc<str>, Span, String)>,
}

/// A notice for each node that says something else than it did.
pub fn notices(changes: &[Change], steps: &[Step], project: &Project) -> Vec<Notice> {
    // What cannot be bound has an error of its own; nothing else of it is sure.
    let is_told = |change: &&Change| {
        matches!(change.what, What::Modified | What::Renamed(_)) && !change.is_provisional
    };
    changes.iter().filter(is_told).filter_map(|change| notice(change, steps, project)).collect()
}

fn notice(change: &Change, steps: &[Step], project: &Project) -> Option<Notice> {
    let node = project.node(&change.node)?;
    let own = |reason: &&Reason| {
        reason.place.as_ref().is_some_and(|place| !place.is_old && place.path == node.path)
    };
    let place = change.reasons.iter().find(own).and_then(|reason| reason.place.clone());
    let behind = Behind::of(&change.node, steps, project);
    let mut said: Vec<&str> = change.reasons.iter().map(|reason| reason.message.as_str()).collect();
    let more = said.len().saturating_sub(SENTENCES_MAX);
    said.truncate(SENTENCES_MAX);
    let mut message = format!("{}: {}", change.category.word(), said.join("; "));
    if more > 0 {
        message.push_str(&format!("; and {more} more"));
    }
    message.push_str(&format!(" ({})", behind.words()));
    Some(Notice {
        path: node.path.clone(),
        span: place.map_or(node.name_span, |place| place.span),
        category: change.category,
        message,
        related: behind.places(&change.node),
    })
}

/// What the edits do to a node, in a few words; nothing where they do not reach it.
pub(crate) fn reached(
    (changes, steps): (&[Change], &[Step]),
    project: &Project,
    id: &NodeId,
) -> Option<String> {
    match changes.iter().find(|change| change.node == *id) {
        Some(change) => of_change(change, &Behind::of(id, steps, project)),
        None => of_step(steps.iter().find(|step| step.node == *id)?),
    }
}

fn of_change(change: &Change, behind: &Behind<'_>) -> Option<String> {
    let word = match change.what {
        What::Added => "NEW",
        _ => change.category.word(),
    };
    let lost = if change.is_destructive { " · destructive" } else { "" };
    Some(format!("{word}{lost} · {}", behind.words()))
}

fn of_step(step: &Step) -> Option<String> {
    let word = match step.action {
        Action::Build => "rebuilds",
        Action::Check => "checked again",
        Action::Export => "written out again",
        Action::Fails => "fails",
        Action::Waits => "waits",
        Action::Reuse | Action::Drop => return None,
    };
    let why = step.reasons.first().map(|reason| reason.message.as_str()).unwrap_or_default();
    Some(format!("{word}: {why}"))
}

/// What the edits do to a node and why, in Markdown behind its card; nothing where they do not reach it.
pub(crate) fn told(changes: &[Change], steps: &[Step], project: &Project, id: &NodeId) -> String {
    let change = changes.iter().find(|change| change.node == *id);
    let step = steps.iter().find(|step| step.node == *id);
    let (head, reasons) = match (change, step) {
        (Some(change), _) => (of_change(change, &Behind::of(id, steps, project)), &change.reasons),
        (None, Some(step)) => (Some(step.action.word().to_owned()), &step.reasons),
        (None, None) => return String::new(),
    };
    let mut text = format!("\n\n---\n\n**{}**\n", head.unwrap_or_default());
    for reason in reasons.iter().take(SENTENCES_MAX) {
        text.push_str(&format!("\n- {}", reason.message));
    }
    match reasons.len().saturating_sub(SENTENCES_MAX) {
        0 => {}
        more => text.push_str(&format!("\n- and {more} more")),
    }
    text
}

/// What becomes of a node and of everything behind it.
struct Behind<'s> {
    steps: Vec<&'s Step>,
}

impl<'s> Behind<'s> {
    fn of(id: &NodeId, steps: &'s [Step], project: &Project) -> Behind<'s> {
        let reach = project.graph().reach([id]);
        let is_behind = |step: &&Step| step.node == *id || reach.place(&step.node).is_some();
        Behind { steps: steps.iter().filter(is_behind).collect() }
    }

    fn words(&self) -> String {
        let count = |action: Action| self.steps.iter().filter(|step| step.action == action).count();
        let parts = [
            (count(Action::Build), "to rebuild"),
            (count(Action::Fails), "failing"),
            (count(Action::Waits), "waiting"),
            (count(Action::Check) + count(Action::Export), "to check or write out"),
        ];
        let said: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        if said.is_empty() { "nothing to rebuild".to_owned() } else { said.join(", ") }
    }

    /// The places of readers that do not stay as they are.
    fn places(&self, own: &NodeId) -> Vec<(Arc<str>, Span, String)> {
        let reached = self.steps.iter().filter(|step| {
            step.node != *own && matches!(step.action, Action::Build | Action::Fails)
        });
        let place = |step: &Step| {
            let reason = step.reasons.first()?;
            let place = reason.place.as_ref().filter(|place| !place.is_old)?;
            let message = format!("`{}` {}: {}", step.node, step.action.word(), reason.message);
            Some((place.path.clone(), place.span, message))
        };
        reached.filter_map(|step| place(step)).take(RELATED_MAX).collect()
    }
}
