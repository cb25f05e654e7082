//! One edit: what was said of it, beside what happens.

use crate::run::{Outputs, Runner};
use crate::state::{State, Step};
use seeknal_analysis::changes::{Action, Category, Changes};
use seeknal_analysis::identity::Class;
use seeknal_model::NodeId;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// An old and a new project with what is said of them.
pub(crate) struct Case<'c> {
    pub(crate) old: &'c State,
    pub(crate) new: &'c State,
    pub(crate) verdict: &'c Changes,
    /// The nodes whose own text changed: they are tried, and no reader of anything.
    pub(crate) edited: &'c [NodeId],
    /// A node that declares an order, and the column by which it sorts first.
    pub(crate) sorted: Option<(NodeId, String)>,
}

/// What happened.
#[derive(Default)]
pub(crate) struct Trial {
    /// Of each reader that was built, whether it came out the same over every set of data.
    pub(crate) same: BTreeMap<NodeId, bool>,
    /// Whether an edited node that was built came out as something else somewhere.
    pub(crate) differs: bool,
    /// Whether a node failed or grew too large over some of the data, so that nobody knows what comes out behind it.
    pub(crate) fails: bool,
    /// What was said and is not so.
    pub(crate) wrong: Vec<String>,
}

/// Builds a project from nothing; nothing where any of it fails or grows too large.
pub(crate) fn built(state: &State, runner: &mut Runner) -> Option<Outputs> {
    let mut outputs = runner.sources.clone();
    for step in &state.nodes {
        let file = runner.build(step, &outputs).ok().filter(|file| !runner.is_large(file))?;
        outputs.insert(step.id.clone(), Ok(file));
    }
    Some(outputs)
}

impl Trial {
    /// Carries out the new project over what the old one left, as it was said that it should be.
    pub(crate) fn over(&mut self, case: &Case<'_>, runner: &mut Runner, before: &Outputs) {
        let mut view = runner.sources.clone();
        for step in &case.new.nodes {
            let said = case.verdict.steps.iter().find(|one| one.node == step.id);
            let action = said.map_or(Action::Reuse, |one| one.action);
            let kept = before.get(&step.id).and_then(|one| one.as_ref().ok()).cloned();
            let mut fresh = fresh(case, step, runner, (&view, before));
            if fresh.as_ref().is_ok_and(|file| runner.is_large(file)) {
                self.fails = true;
                return;
            }
            // Whoever reads a file with the very same bytes reads the same.
            if let (Ok(file), Some(kept)) = (&mut fresh, &kept)
                && file != kept
                && runner.has_same_bytes(file, kept)
            {
                file.clone_from(kept);
            }
            let same = match (&fresh, &kept) {
                (Ok(fresh), Some(kept)) if fresh == kept => true,
                (Ok(fresh), Some(kept)) => {
                    let loose = loose(case.new, &step.id);
                    runner.content(fresh, &loose) == runner.content(kept, &loose)
                }
                _ => false,
            };
            let same = same
                || action == Action::Reuse
                    && fresh.is_ok()
                    && is_unsettled(case.new, &step.id)
                    && kept.as_ref().is_some_and(|kept| comes_again(step, runner, &view, kept));
            self.beside(case, (step, action), (&fresh, same));
            if let (Some((id, column)), Ok(fresh), Some(kept), true) =
                (&case.sorted, &fresh, &kept, action == Action::Reuse && same)
                && *id == step.id
                && runner.sequence(fresh, column) != runner.sequence(kept, column)
            {
                self.wrong.push(format!("{} comes in another order", step.id));
            }
            // A node that fails on its data ends the run; what is behind it is not promoted, and is not what it was.
            if action == Action::Build && fresh.is_err() {
                self.fails = true;
                return;
            }
            let served = match action {
                Action::Build | Action::Export | Action::Check => fresh,
                _ => kept.ok_or_else(|| "nothing was kept".to_owned()),
            };
            view.insert(step.id.clone(), served);
        }
    }

    /// What was said of a node beside a build of it.
    fn beside(
        &mut self,
        case: &Case<'_>,
        (step, action): (&Step, Action),
        (fresh, same): (&Result<PathBuf, String>, bool),
    ) {
        let id = &step.id;
        match (action, fresh) {
            (Action::Reuse, Ok(_)) if !same => self.wrong.push(format!("{id} is not what it was")),
            (Action::Reuse, Err(error)) => self.wrong.push(format!("{id} fails: {error}")),
            (Action::Build, Err(error)) if error.contains("Binder Error") => {
                self.wrong.push(format!("{id} was not said to fail: {error}"));
            }
            (Action::Fails, Ok(_)) => self.wrong.push(format!("{id} was said to fail")),
            (Action::Build, Ok(_)) if case.edited.contains(id) => self.differs |= !same,
            (Action::Build, Ok(_)) => {
                let all = self.same.entry(id.clone()).or_insert(true);
                *all &= same;
            }
            _ => {}
        }
    }

    /// What is called METADATA or NON_BREAKING keeps the names that were there, and no name that a
    /// reader uses means something else.
    pub(crate) fn contract(&mut self, case: &Case<'_>, bare: &[(NodeId, &'static str)]) {
        for change in &case.verdict.changes {
            let columns = |state: &State| state.schemas.columns(&change.node).cloned();
            let (Some(then), Some(now)) = (columns(case.old), columns(case.new)) else { continue };
            let is_safe = change.category != Category::Breaking && !change.is_provisional;
            let has = |columns: &[seeknal_analysis::Column], name: &str| {
                columns.iter().any(|one| one.name.eq_ignore_ascii_case(name))
            };
            let word = change.category.word();
            if is_safe && let Some(missing) = then.iter().find(|one| !has(&now, &one.name)) {
                self.wrong.push(format!("{} lost {} and is {word}", change.node, missing.name));
            }
            if !is_safe || change.node.as_str() != "transform.u" {
                continue;
            }
            for (reader, name) in
                bare.iter().filter(|(_, name)| has(&then, name) != has(&now, name))
            {
                self.wrong.push(format!("`{name}` in {reader} means something else: {word}"));
            }
        }
    }
}

/// What a node is over what is served now. The same query over the same files gives the same file.
fn fresh(
    case: &Case<'_>,
    step: &Step,
    runner: &mut Runner,
    (view, before): (&Outputs, &Outputs),
) -> Result<PathBuf, String> {
    let old = case
        .old
        .node(&step.id)
        .filter(|old| old.sql == step.sql && old.before == step.before && old.reads == step.reads);
    let same = |(_, id): &(String, NodeId)| matches!((view.get(id), before.get(id)), (Some(Ok(now)), Some(Ok(then))) if now == then);
    match before.get(&step.id) {
        Some(kept) if old.is_some_and(|old| old.reads.iter().all(same)) => kept.clone(),
        _ => runner.build(step, view),
    }
}

/// How often a query is carried out again that may give something else each time.
const TRIES: usize = 200;

/// Whether a query gives what was kept at some time: the engine itself may give it another result each time, over the
/// same files and with one thread (`DISTINCT ON` over a FULL JOIN on `>` does).
fn comes_again(step: &Step, runner: &mut Runner, view: &Outputs, kept: &Path) -> bool {
    (0..TRIES).any(|_| {
        let again = runner.build(step, view);
        again.is_ok_and(|again| runner.content(&again, &[]) == runner.content(kept, &[]))
    })
}

/// Whether a node is said to be different each time, in any part of it.
fn is_unsettled(state: &State, id: &NodeId) -> bool {
    state.identities.get(id).is_some_and(|one| {
        let mut columns = one.columns.iter().flatten();
        one.rows_class == Class::Unstable || columns.any(|one| one.class == Class::Unstable)
    })
}

/// The columns whose last digits may differ.
fn loose(state: &State, id: &NodeId) -> Vec<String> {
    let Some(identity) = state.identities.get(id) else { return Vec::new() };
    let columns = identity.columns.iter().flatten();
    let floats = columns.filter(|column| column.class == Class::Float && &*column.kind == "DOUBLE");
    floats.map(|column| column.name.to_string()).collect()
}
