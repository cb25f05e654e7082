//! Projects written down as nodes, with everything that is known of them.

use seeknal_analysis::changes::Side;
use seeknal_analysis::identity::{Identities, identities};
use seeknal_analysis::{Asking, Binder, Memo, Schemas, declared, schemas, source_columns};
use seeknal_model::{File, Project, Surroundings, Variables};
use seeknal_syntax::sql::refs;
use seeknal_workers::{Program, Workers};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

pub(crate) const SOURCES: &str = "
source.orders:
  source: postgresql
  table: public.orders
  columns: {id: BIGINT, customer_id: BIGINT, amount: 'DECIMAL(10, 2)', price: DOUBLE, status: VARCHAR, quantity: INTEGER, ordered_at: TIMESTAMP, tags: 'VARCHAR[]'}
source.customers:
  source: postgresql
  table: public.customers
  columns: {id: BIGINT, name: VARCHAR, region: VARCHAR, since: DATE}
";

pub(crate) fn seeknal_yaml(text: &str, path: &Path) -> Map<String, Value> {
    match serde_yaml::from_str(text) {
        Ok(Value::Object(map)) => map,
        other => panic!("{}: {other:?}", path.display()),
    }
}

/// The file of one entry.
pub(crate) fn file(key: &str, value: &Value) -> Option<(String, String)> {
    if value.is_null() {
        return None;
    }
    if key.ends_with(".yml") {
        return Some((format!("seeknal/{key}"), value.as_str().unwrap().to_owned()));
    }
    let (kind, name) = key.split_once('.').unwrap_or(("transform", key));
    let mut fields = match value {
        Value::String(sql) => {
            let mut ids: Vec<String> = refs(sql).into_iter().map(|site| site.id).collect();
            let mut seen = Vec::new();
            ids.retain(|id| {
                !seen.contains(id) && {
                    seen.push(id.clone());
                    true
                }
            });
            let inputs: Vec<Value> = ids.into_iter().map(|id| json!({ "ref": id })).collect();
            json!({ "inputs": inputs, "transform": sql })
        }
        other => other.clone(),
    };
    let fields = fields.as_object_mut().unwrap();
    fields.insert("kind".into(), kind.into());
    fields.insert("name".into(), name.into());
    Some((format!("seeknal/{kind}_{name}.yml"), serde_json::to_string_pretty(&fields).unwrap()))
}

/// A project with everything that is known of it.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) project: Project,
    pub(crate) schemas: Schemas,
    pub(crate) identities: Identities,
}

pub(crate) fn state(nodes: &Map<String, Value>, binder: &dyn Binder) -> State {
    state_after(nodes, binder, &State::default())
}

/// The state of these nodes, made from the one before.
pub(crate) fn state_after(
    nodes: &Map<String, Value>,
    binder: &dyn Binder,
    before: &State,
) -> State {
    state_on("2024-03-31", nodes, binder, before)
}

pub(crate) fn state_on(
    today: &str,
    nodes: &Map<String, Value>,
    binder: &dyn Binder,
    before: &State,
) -> State {
    let files: Vec<(String, String)> =
        nodes.iter().filter_map(|(key, value)| file(key, value)).collect();
    let mut project = before.project.clone();
    for (path, text) in &files {
        if before.project.file(path).is_none_or(|old| old.text.as_ref() as &str != text.as_str()) {
            project = project.with_file(File::read(path, text.as_bytes()));
        }
    }
    for old in before.project.files() {
        if !files.iter().any(|(path, _)| path.as_str() == old.path.as_ref() as &str) {
            project = project.without_file(&old.path);
        }
    }
    let (overrides, variables) = (BTreeMap::new(), Variables::default());
    let today = today.parse().unwrap();
    let around = Surroundings { overrides: &overrides, variables: &variables, today };
    let sources = source_columns(&project, |node| declared(node).map(Arc::from));
    let asking = Asking { around: &around, sources: &sources, binder, stop: &|| false, lanes: 2 };
    let schemas = schemas(&project, asking, &before.schemas);
    let identities = identities(&project, &schemas, asking, &before.identities);
    State { project, schemas, identities }
}

pub(crate) fn side(state: &State) -> Side<'_> {
    Side { project: &state.project, schemas: &state.schemas, identities: &state.identities }
}

/// The same, of a project that will be edited and looked at again and again.
pub(crate) fn state_of_edits(nodes: &Map<String, Value>, binder: &dyn Binder) -> State {
    let nothing = State { identities: Identities::of_edits(), ..State::default() };
    state_after(nodes, binder, &nothing)
}

/// Asserts that all is known of a state that is known of another.
pub(crate) fn assert_same(one: &State, two: &State, of: &str) {
    for node in two.project.declared() {
        let both = (one.identities.get(&node.id), two.identities.get(&node.id));
        assert_eq!(both.0, both.1, "{of}: {}", node.id);
    }
}

/// The engine, in so many workers.
pub(crate) fn engine(workers: usize) -> Memo<Workers> {
    let path = env!("CARGO_BIN_EXE_seeknal-worker").into();
    let program = Program { path, arguments: vec!["worker".into()] };
    Memo::new(Workers::new(program, workers))
}
