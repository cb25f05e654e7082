//! The columns of every node, upstream first, and what is wrong with the SQL that makes them.

use crate::binder::{Answer, Ask, Binder, Column, Table};
use crate::query::{Query, query};
use crate::stored::stored;
use crate::wrong::problem;
use seeknal_model::{Fault, Node, NodeId, Project, Surroundings};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is known of the columns of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// These, as readers see them.
    Columns(Arc<[Column]>),
    /// Nothing, for this reason.
    Unknown(String),
}

/// The columns of every node.
#[derive(Clone, Debug, Default)]
pub struct Schemas {
    outputs: BTreeMap<NodeId, Output>,
    /// What is wrong with the SQL of nodes.
    pub faults: Vec<Fault>,
}

impl Schemas {
    /// What is known of a node.
    pub fn output(&self, id: &NodeId) -> Option<&Output> {
        self.outputs.get(id)
    }

    /// The columns of a node, if they are known.
    pub fn columns(&self, id: &NodeId) -> Option<&Arc<[Column]>> {
        match self.outputs.get(id)? {
            Output::Columns(columns) => Some(columns),
            Output::Unknown(_) => None,
        }
    }
}

/// Asks for the columns of every node. `sources` gives what is known of data from outside; `stop` is
/// asked between nodes, and gives up with what there is.
pub fn schemas(
    project: &Project,
    around: &Surroundings<'_>,
    sources: &dyn Fn(&Node) -> Option<Vec<Column>>,
    binder: &dyn Binder,
    stop: &dyn Fn() -> bool,
) -> Schemas {
    let mut found = Schemas::default();
    for id in project.graph().order() {
        if stop() {
            break;
        }
        let Some(node) = project.node(&id) else { continue };
        let output = match node.kind.name {
            "source" => match sources(node) {
                Some(columns) => Output::Columns(columns.into()),
                None => Output::Unknown("nobody knows its columns yet".to_owned()),
            },
            _ => match query(project, node, around) {
                Some(Ok(query)) => bound(project, node, &query, binder, &mut found),
                Some(Err(reason)) => Output::Unknown(reason),
                None => Output::Unknown("it has no SQL".to_owned()),
            },
        };
        found.outputs.insert(id, output);
    }
    found
}

fn bound(
    project: &Project,
    node: &Node,
    query: &Query,
    binder: &dyn Binder,
    found: &mut Schemas,
) -> Output {
    let mut tables = Vec::new();
    let mut missing = None;
    for (schema, name, id) in &query.reads {
        // A qualified name may be of something that is no node.
        match found.columns(id) {
            Some(columns) => tables.push(Table {
                schema: schema.clone(),
                name: name.clone(),
                columns: columns.to_vec(),
            }),
            None => missing = Some(id),
        }
    }
    let ask =
        Ask { sql: query.text.text.clone(), tables: Some(tables).filter(|_| missing.is_none()) };
    match (binder.bind(&ask), missing) {
        (Answer::Columns(columns), None) => {
            let stored = |column: Column| Column { kind: stored(&column.kind), ..column };
            Output::Columns(columns.into_iter().map(stored).collect())
        }
        (Answer::Columns(_), Some(id)) => {
            Output::Unknown(format!("the columns of `{id}` are unknown"))
        }
        (Answer::Unknown(reason), _) => Output::Unknown(reason),
        (Answer::Wrong(wrong), _) => {
            if let Some(file) = project.file(&node.path) {
                let problem = problem(node, query, &wrong, &file.text);
                let path = node.path.clone();
                found.faults.push(Fault { path, problem, elsewhere: Vec::new() });
            }
            Output::Unknown("its SQL would fail".to_owned())
        }
    }
}
