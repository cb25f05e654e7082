//! One edit: what was said of it, beside what happens.

use crate::judge::{State, Step};
use crate::report::Found;
use crate::run::Runner;
use seeknal_analysis::changes::{Action, Category, Changes};
use seeknal_analysis::identity::Class;
use seeknal_model::NodeId;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What a node's rows are over one set of data.
type Outputs = BTreeMap<NodeId, Result<PathBuf, String>>;

/// What happened.
#[derive(Default)]
pub(crate) struct Trial {
    /// Of each reader that was built, whether it came out the same over every set of data.
    same: BTreeMap<NodeId, bool>,
    /// What was said and is not so.
    wrong: Vec<String>,
}

/// Carries out the old and the new project over every set of data; nothing where the old one fails.
pub(crate) fn trial(
    states: (&State, &State),
    verdict: &Changes,
    runners: &mut [Runner],
) -> Option<Trial> {
    let mut trial = Trial::default();
    for runner in runners {
        trial.over(states, verdict, runner)?;
    }
    trial.contract(states, verdict);
    Some(trial)
}

impl Trial {
    fn over(
        &mut self,
        (old, new): (&State, &State),
        verdict: &Changes,
        runner: &mut Runner,
    ) -> Option<()> {
        runner.again();
        let mut before = Outputs::new();
        for (table, file) in &runner.sources {
            before.insert(NodeId::new(&format!("source.{table}")), Ok(file.clone()));
        }
        let mut view = before.clone();
        for step in &old.nodes {
            let built = built(runner, step, &before);
            before.insert(step.id.clone(), built);
        }
        if before.values().any(Result::is_err) {
            return None;
        }
        for step in &new.nodes {
            let said = verdict.steps.iter().find(|one| one.node == step.id);
            let action = said.map_or(Action::Reuse, |one| one.action);
            let fresh = built(runner, step, &view);
            let kept = before.get(&step.id).and_then(|one| one.as_ref().ok()).cloned();
            let same = match (&fresh, &kept) {
                (Ok(fresh), Some(kept)) => {
                    let loose = loose(new, &step.id);
                    runner.content(fresh, &loose) == runner.content(kept, &loose)
                }
                _ => false,
            };
            self.beside(step, action, (&fresh, same));
            let served = match action {
                Action::Reuse => kept.ok_or_else(|| "nothing was kept".to_owned()),
                _ => fresh,
            };
            view.insert(step.id.clone(), served);
        }
        Some(())
    }

    /// What was said of a node beside a build of it.
    fn beside(
        &mut self,
        step: &Step,
        action: Action,
        (fresh, same): (&Result<PathBuf, String>, bool),
    ) {
        let id = &step.id;
        match (action, fresh) {
            (Action::Reuse, Ok(_)) if !same => self.wrong.push(format!("{id} is not what it was")),
            (Action::Reuse, Err(error)) => self.wrong.push(format!("{id} fails: {error}")),
            (Action::Build, Err(error)) if error.contains("Binder Error") => {
                self.wrong.push(format!("{id} was not said to fail: {error}"));
            }
            (Action::Build, Ok(_)) if id.as_str() != "transform.u" => {
                let all = self.same.entry(id.clone()).or_insert(true);
                *all &= same;
            }
            _ => {}
        }
    }

    /// What is called METADATA or NON_BREAKING keeps the names that were there.
    fn contract(&mut self, (old, new): (&State, &State), verdict: &Changes) {
        for change in &verdict.changes {
            let columns = |state: &State| state.schemas.columns(&change.node).cloned();
            let (Some(then), Some(now)) = (columns(old), columns(new)) else { continue };
            let is_kept = |name: &str| now.iter().any(|one| one.name.eq_ignore_ascii_case(name));
            let missing = then.iter().find(|column| !is_kept(&column.name));
            if change.category != Category::Breaking
                && !change.is_provisional
                && let Some(missing) = missing
            {
                let word = change.category.word();
                self.wrong.push(format!("{} lost {} and is {word}", change.node, missing.name));
            }
        }
    }

    /// Adds it to what came out so far.
    pub(crate) fn told(
        mut self,
        (kind, number): (&'static str, u64),
        (old, new): (&State, &State),
        verdict: &Changes,
        found: &mut Found,
    ) {
        found.edits += 1;
        let is_opaque = |step: &&Step| {
            new.identities.get(&step.id).is_some_and(|identity| identity.opaque.is_some())
        };
        found.opaque += new.nodes.iter().filter(is_opaque).count() as u64;
        let reused = verdict.steps.iter().filter(|step| step.action == Action::Reuse);
        found.reused += reused.count() as u64;
        let row = found.kinds.entry(kind).or_default();
        row.0 += 1;
        found.built += self.same.len() as u64;
        for (id, _) in self.same.iter().filter(|(_, same)| **same) {
            found.needless += 1;
            row.1 += 1;
            let step = verdict.steps.iter().find(|step| step.node == *id);
            let code = step.and_then(|step| step.reasons.first()).map(|reason| reason.code);
            let cause = format!("{kind}: {}", code.unwrap_or_default());
            *found.causes.entry(cause).or_default() += 1;
        }
        if self.wrong.is_empty() {
            return;
        }
        row.2 += 1;
        found.unsafe_verdicts += 1;
        self.wrong.dedup();
        let texts = |state: &State| -> String {
            let line = |step: &Step| format!("    {}: {}\n", step.id, step.sql.trim());
            state.nodes.iter().map(line).collect()
        };
        let steps: Vec<String> = verdict
            .steps
            .iter()
            .map(|step| format!("{} {}", step.action.word(), step.node))
            .collect();
        found.reports.push(format!(
            "UNSAFE {kind} #{number}: {}\n  before\n{}  after\n{}  said: {}",
            self.wrong.join("; "),
            texts(old),
            texts(new),
            steps.join(", ")
        ));
    }
}

fn built(runner: &mut Runner, step: &Step, outputs: &Outputs) -> Result<PathBuf, String> {
    let mut inputs = Vec::new();
    for (name, id) in &step.reads {
        match outputs.get(id) {
            Some(Ok(file)) => inputs.push((name.clone(), file.clone())),
            Some(Err(error)) => return Err(format!("upstream: {error}")),
            None => return Err(format!("there is no {id}")),
        }
    }
    runner.build(&step.sql, &inputs)
}

/// The columns whose last digits may differ.
fn loose(state: &State, id: &NodeId) -> Vec<String> {
    let Some(identity) = state.identities.get(id) else { return Vec::new() };
    let columns = identity.columns.iter().flatten();
    let floats = columns.filter(|column| column.class == Class::Float && column.kind == "DOUBLE");
    floats.map(|column| column.name.clone()).collect()
}
