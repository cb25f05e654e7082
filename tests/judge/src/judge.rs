//! One edit after the other: what was said of it, beside what happens.

use crate::chance::Chance;
use crate::edits::EDITS;
use crate::query::Query;
use crate::readers::readers;
use crate::run::{DATA, Runner};
use seeknal_analysis::changes::{Action, Category, Changes, Side, changes};
use seeknal_analysis::identity::{Class, Identities, identities};
use seeknal_analysis::{Asking, Memo, Schemas, declared, query, schemas};
use seeknal_model::{File, Node, NodeId, Project, Surroundings, Variables};
use seeknal_runner::{Program, Workers};
use seeknal_syntax::sql::refs;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

const SOURCES: [(&str, &str); 2] = [
    (
        "seeknal/orders.yml",
        "kind: source\nname: orders\nsource: postgresql\ntable: a.orders\ncolumns: {id: BIGINT, customer_id: BIGINT, amount: 'DECIMAL(10,2)', price: DOUBLE, status: VARCHAR, quantity: INTEGER, day: DATE, tags: 'VARCHAR[]'}\n",
    ),
    (
        "seeknal/customers.yml",
        "kind: source\nname: customers\nsource: postgresql\ntable: a.customers\ncolumns: {id: BIGINT, name: VARCHAR, region: VARCHAR}\n",
    ),
];

/// What came out.
#[derive(Default)]
pub(crate) struct Found {
    edits: u64,
    skipped: u64,
    reused: u64,
    built: u64,
    needless: u64,
    opaque: u64,
    pub(crate) unsafe_verdicts: u64,
    kinds: BTreeMap<&'static str, (u64, u64, u64)>,
    causes: BTreeMap<String, u64>,
    reports: Vec<String>,
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for report in &self.reports {
            writeln!(out, "{report}\n")?;
        }
        writeln!(out, "{:<22} {:>7} {:>9} {:>7}", "kind", "edits", "needless", "unsafe")?;
        for (kind, (edits, needless, wrong)) in &self.kinds {
            writeln!(out, "{kind:<22} {edits:>7} {needless:>9} {wrong:>7}")?;
        }
        let mut causes: Vec<(&String, &u64)> = self.causes.iter().collect();
        causes.sort_by(|one, two| two.1.cmp(one.1));
        for (cause, count) in causes.iter().take(12) {
            writeln!(out, "needless {count:>6}  {cause}")?;
        }
        write!(
            out,
            "{} edits ({} more could not be run), {} readers reused, {} built, {} of them needlessly, {} nodes not seen through, {} unsafe",
            self.edits,
            self.skipped,
            self.reused,
            self.built,
            self.needless,
            self.opaque,
            self.unsafe_verdicts
        )
    }
}

struct State {
    project: Project,
    schemas: Schemas,
    identities: Identities,
    /// The SQL of each transform with the files it reads as views, upstream first.
    nodes: Vec<(NodeId, String, Vec<(String, NodeId)>)>,
}

/// Tries so many edits.
pub(crate) fn judge(edits: u64, seed: u64, kind: Option<&str>) -> Found {
    let path = std::env::current_exe().expect("this program");
    let binder = Memo::new(Workers::new(Program { path, arguments: vec!["worker".into()] }, 2));
    // What is written is read once and gone: memory is the place for it, where there is such a folder.
    let shared = std::path::Path::new("/dev/shm");
    let base = if shared.is_dir() { shared.to_owned() } else { std::env::temp_dir() };
    let folder = base.join(format!("seeknal-judge-{}", std::process::id()));
    let mut runners = Vec::new();
    for (place, data) in DATA.iter().enumerate() {
        let own = folder.join(place.to_string());
        std::fs::create_dir_all(&own).expect("a folder");
        runners.push(Runner::new(data, &own));
    }
    let mut found = Found::default();
    let mut number = 0;
    while found.edits < edits && number < edits * 20 {
        number += 1;
        let mut chance = Chance::new(seed.wrapping_mul(1_000_003).wrapping_add(number));
        let before = Query::make(&mut chance);
        let mut after = before.clone();
        let first = match kind {
            Some(kind) => EDITS.iter().find(|edit| edit.name == kind).expect("a kind of edit"),
            None => chance.one(EDITS),
        };
        if !(first.make)(&mut after, &mut chance) {
            continue;
        }
        if kind.is_none() && chance.percent(25) {
            (chance.one(EDITS).make)(&mut after, &mut chance);
        }
        let readers = readers(&before, &mut chance);
        let old = state(&before.sql(), &readers, &binder);
        let new = state(&after.sql(), &readers, &binder);
        let verdict = changes(side(&old), side(&new));
        let told = (first.name, number);
        tried(&mut found, told, (&old, &new), &verdict, &mut runners);
    }
    let _ = std::fs::remove_dir_all(&folder);
    found
}

fn side(state: &State) -> Side<'_> {
    Side { project: &state.project, schemas: &state.schemas, identities: &state.identities }
}

fn state(u: &str, readers: &[(String, String)], binder: &Memo<Workers>) -> State {
    let mut files: Vec<(String, String)> =
        SOURCES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let all = readers.iter().map(|(name, sql)| (name.as_str(), sql.as_str()));
    for (name, sql) in [("u", u)].into_iter().chain(all) {
        let mut ids: Vec<String> = Vec::new();
        for site in refs(sql) {
            if !ids.contains(&site.id) {
                ids.push(site.id);
            }
        }
        let inputs: Vec<String> = ids.iter().map(|id| format!("{{ref: {id}}}")).collect();
        let sql = sql.replace('\n', "\n  ");
        let text = format!(
            "kind: transform\nname: {name}\ninputs: [{}]\ntransform: |\n  {sql}\n",
            inputs.join(", ")
        );
        files.push((format!("seeknal/{name}.yml"), text));
    }
    let project = Project::new(files.iter().map(|(path, text)| File::read(path, text.as_bytes())));
    let (overrides, variables) = (BTreeMap::new(), Variables::default());
    let today = "2024-03-31".parse().expect("a day");
    let around = Surroundings { overrides: &overrides, variables: &variables, today };
    let sources = |node: &Node| declared(node).map(Arc::from);
    let asking = Asking { around: &around, sources: &sources, binder, stop: &|| false, lanes: 1 };
    let schemas = schemas(&project, asking, &Schemas::default());
    let identities = identities(&project, &schemas, asking, &Identities::default());
    let mut nodes = Vec::new();
    for node in project.graph().order().iter().filter_map(|id| project.node(id)) {
        if let Some(Ok(query)) = query(&project, node, &around) {
            let reads = query.reads.iter().filter(|(schema, ..)| schema.is_none());
            let reads = reads.map(|(_, name, id)| (name.clone(), id.clone())).collect();
            nodes.push((node.id.clone(), query.text.text.clone(), reads));
        }
    }
    State { project, schemas, identities, nodes }
}

/// What a node's rows are over one set of data.
type Outputs = BTreeMap<NodeId, Result<PathBuf, String>>;

fn tried(
    found: &mut Found,
    (kind, number): (&'static str, u64),
    (old, new): (&State, &State),
    verdict: &Changes,
    runners: &mut [Runner],
) {
    // Of each reader: whether it was needless on all sets so far.
    let mut needless: BTreeMap<NodeId, bool> = BTreeMap::new();
    let mut wrong: Vec<String> = Vec::new();
    for runner in runners {
        runner.again();
        let mut before = Outputs::new();
        for (table, file) in &runner.sources {
            before.insert(NodeId::new(&format!("source.{table}")), Ok(file.clone()));
        }
        let mut view = before.clone();
        for (id, sql, reads) in &old.nodes {
            let built = built(runner, sql, reads, &before);
            before.insert(id.clone(), built);
        }
        if before.values().any(Result::is_err) {
            found.skipped += 1;
            return;
        }
        for (id, sql, reads) in &new.nodes {
            let step = verdict.steps.iter().find(|step| step.node == *id);
            let action = step.map_or(Action::Reuse, |step| step.action);
            let fresh = built(runner, sql, reads, &view);
            let kept = before.get(id).and_then(|one| one.as_ref().ok()).cloned();
            let same = match (&fresh, &kept) {
                (Ok(fresh), Some(kept)) => {
                    let loose = loose(new, id);
                    runner.content(fresh, &loose) == runner.content(kept, &loose)
                }
                _ => false,
            };
            match (action, &fresh) {
                (Action::Reuse, Ok(_)) if !same => wrong.push(format!("{id} is not what it was")),
                (Action::Reuse, Err(error)) => wrong.push(format!("{id} fails: {error}")),
                (Action::Build, Err(error)) if error.contains("Binder Error") => {
                    wrong.push(format!("{id} was not said to fail: {error}"));
                }
                (Action::Build, Ok(_)) if id.as_str() != "transform.u" => {
                    let all = needless.entry(id.clone()).or_insert(true);
                    *all &= same;
                }
                _ => {}
            }
            let served = match action {
                Action::Reuse => kept.ok_or_else(|| "nothing was kept".to_owned()),
                _ => fresh,
            };
            view.insert(id.clone(), served);
        }
        contract(verdict, (old, new), &mut wrong);
    }
    found.edits += 1;
    let row = found.kinds.entry(kind).or_default();
    row.0 += 1;
    found.opaque += new
        .nodes
        .iter()
        .filter(|(id, ..)| new.identities.get(id).is_some_and(|one| one.opaque.is_some()))
        .count() as u64;
    found.reused += verdict.steps.iter().filter(|step| step.action == Action::Reuse).count() as u64;
    for (id, all) in needless {
        found.built += 1;
        if all {
            found.needless += 1;
            row.1 += 1;
            let step = verdict.steps.iter().find(|step| step.node == id);
            let cause = step.and_then(|step| step.reasons.first()).map(|reason| reason.code);
            let u = verdict
                .changes
                .first()
                .and_then(|change| change.reasons.first())
                .map(|reason| reason.message.clone());
            let cause =
                format!("{kind}: {} ({})", cause.unwrap_or_default(), u.unwrap_or_default());
            *found.causes.entry(cause).or_default() += 1;
        }
    }
    if !wrong.is_empty() {
        row.2 += 1;
        found.unsafe_verdicts += 1;
        wrong.dedup();
        let texts = |state: &State| -> String {
            state.nodes.iter().map(|(id, sql, _)| format!("    {id}: {}\n", sql.trim())).collect()
        };
        let steps: Vec<String> = verdict
            .steps
            .iter()
            .map(|step| format!("{} {}", step.action.word(), step.node))
            .collect();
        found.reports.push(format!(
            "UNSAFE {kind} #{number}: {}\n  before\n{}  after\n{}  said: {}",
            wrong.join("; "),
            texts(old),
            texts(new),
            steps.join(", ")
        ));
    }
}

/// What is called METADATA or NON_BREAKING keeps the names and types that were there.
fn contract(verdict: &Changes, (old, new): (&State, &State), wrong: &mut Vec<String>) {
    for change in &verdict.changes {
        if change.category == Category::Breaking || change.is_provisional {
            continue;
        }
        let (Some(then), Some(now)) =
            (old.schemas.columns(&change.node), new.schemas.columns(&change.node))
        else {
            continue;
        };
        let missing = then
            .iter()
            .find(|column| !now.iter().any(|one| one.name.eq_ignore_ascii_case(&column.name)));
        if let Some(missing) = missing {
            wrong.push(format!(
                "{} lost {} and is {}",
                change.node,
                missing.name,
                change.category.word()
            ));
        }
    }
}

fn built(
    runner: &mut Runner,
    sql: &str,
    reads: &[(String, NodeId)],
    outputs: &Outputs,
) -> Result<PathBuf, String> {
    let mut inputs = Vec::new();
    for (name, id) in reads {
        match outputs.get(id) {
            Some(Ok(file)) => inputs.push((name.clone(), file.clone())),
            Some(Err(error)) => return Err(format!("upstream: {error}")),
            None => return Err(format!("there is no {id}")),
        }
    }
    runner.build(sql, &inputs)
}

/// The columns whose last digits may differ.
fn loose(state: &State, id: &NodeId) -> Vec<String> {
    let Some(identity) = state.identities.get(id) else { return Vec::new() };
    let columns = identity.columns.iter().flatten();
    let floats = columns.filter(|column| column.class == Class::Float && column.kind == "DOUBLE");
    floats.map(|column| column.name.clone()).collect()
}
