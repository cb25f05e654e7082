//! What a node's query yields over what its inputs are known to have.

use crate::binder::{Answer, Ask, Binder, Column, Table};
use crate::query::{Made, Query};
use crate::schemas::{Output, Schemas};
use crate::stored::{named_apart, stored};
use crate::wrong::problem;
use seeknal_model::{Node, Project};
use seeknal_syntax::{MappedText, Problem};
use std::sync::Arc;

/// What a query yields.
pub(crate) struct Bound {
    /// Its columns as readers see them, or why they are unknown.
    pub(crate) output: Output,
    /// The same columns with the types that they are computed with.
    pub(crate) computed: Option<Arc<[Column]>>,
    pub(crate) problem: Option<Problem>,
}

/// The columns of a node, or why they are unknown and what is wrong.
pub(crate) fn bound(
    project: &Project,
    node: &Node,
    query: &Query,
    (binder, found): (&dyn Binder, &Schemas),
) -> Bound {
    let none = |reason: Arc<str>, problem: Option<Problem>| Bound {
        output: Output::Unknown(reason),
        computed: None,
        problem,
    };
    let unknown = |reason: String| none(reason.into(), None);
    let wrong = |text: &MappedText, wrong: &_| {
        let file = project.file(&node.path).map(|file| file.text.as_ref()).unwrap_or_default();
        none("its SQL would fail".into(), Some(problem(node, text, wrong, file)))
    };
    let (mut tables, missing) = tables(query, found);
    for Made { name, text, .. } in &query.before {
        if tables.iter().flatten().any(|table| table.name.eq_ignore_ascii_case(name)) {
            return unknown(format!("`{name}` has the name of something that it reads"));
        }
        match binder.bind(&Ask { sql: text.text.clone(), tables: tables.clone() }) {
            // What is not stored keeps the types that it was computed with.
            Answer::Columns(columns) => {
                let made = Table { schema: None, name: name.clone(), columns };
                tables.iter_mut().for_each(|tables| tables.push(made.clone()));
            }
            Answer::Unknown(reason) if missing.is_none() => return unknown(reason),
            Answer::Unknown(_) => {}
            Answer::Wrong(error) => return wrong(text, &error),
        }
    }
    match (binder.bind(&Ask { sql: query.text.text.clone(), tables }), missing) {
        (Answer::Columns(mut columns), None) => {
            named_apart(&mut columns);
            let computed: Arc<[Column]> = columns.into();
            let output = Output::Columns(as_stored(&computed));
            Bound { output, computed: Some(computed), problem: None }
        }
        (Answer::Columns(_), Some(id)) => unknown(format!("the columns of `{id}` are unknown")),
        (Answer::Unknown(reason), _) => unknown(reason),
        (Answer::Wrong(error), _) => wrong(&query.text, &error),
    }
}

/// Columns as they come back.
fn as_stored(columns: &Arc<[Column]>) -> Arc<[Column]> {
    let kinds: Vec<String> = columns.iter().map(|column| stored(&column.kind)).collect();
    // As a rule they come back as they were.
    if columns.iter().zip(&kinds).all(|(column, kind)| column.kind == *kind) {
        return columns.clone();
    }
    let column = |(column, kind): (&Column, String)| Column { name: column.name.clone(), kind };
    columns.iter().zip(kinds).map(column).collect()
}

/// The tables that a query reads, if all are known; else the first whose columns are not.
pub(crate) fn tables(query: &Query, found: &Schemas) -> (Option<Vec<Table>>, Option<String>) {
    let mut tables = Vec::new();
    for (schema, name, id) in &query.reads {
        let Some(columns) = found.columns(id) else { return (None, Some(id.to_string())) };
        let (schema, name) = (schema.clone(), name.clone());
        tables.push(Table { schema, name, columns: columns.to_vec() });
    }
    (Some(tables), None)
}
