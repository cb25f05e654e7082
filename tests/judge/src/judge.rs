//! One edit after the other: what was said of it, beside what happens.

use crate::chance::Chance;
use crate::edits::EDITS;
use crate::query::Query;
use crate::readers::readers;
use crate::report::Found;
use crate::run::{DATA, Runner};
use crate::trial::trial;
use seeknal_analysis::changes::{Side, changes};
use seeknal_analysis::identity::{Identities, identities};
use seeknal_analysis::{Asking, Memo, Schemas, declared, query, schemas};
use seeknal_model::{File, Node, NodeId, Project, Surroundings, Variables};
use seeknal_runner::{Program, Workers};
use seeknal_syntax::sql::refs;
use std::collections::BTreeMap;
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

/// A project with everything that is known of it.
pub(crate) struct State {
    pub(crate) project: Project,
    pub(crate) schemas: Schemas,
    pub(crate) identities: Identities,
    /// Its transforms, upstream first.
    pub(crate) nodes: Vec<Step>,
}

/// A query that a run carries out.
pub(crate) struct Step {
    pub(crate) id: NodeId,
    pub(crate) sql: String,
    /// The names by which it reads nodes.
    pub(crate) reads: Vec<(String, NodeId)>,
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
        match trial((&old, &new), &verdict, &mut runners) {
            Some(trial) => trial.told((first.name, number), (&old, &new), &verdict, &mut found),
            None => found.skipped += 1,
        }
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
            nodes.push(Step { id: node.id.clone(), sql: query.text.text.clone(), reads });
        }
    }
    State { project, schemas, identities, nodes }
}
