//! Columns that a node declares, beside those that its SQL yields.

use crate::binder::{Answer, Ask, Binder, Column, Table};
use crate::codes;
use crate::sources::declared_kind;
use crate::stored::stored;
use seeknal_model::Node;
use seeknal_syntax::Problem;
use seeknal_syntax::yaml::{self, Value};

/// What `columns:` says that is not so.
pub(crate) fn differences(node: &Node, yields: &[Column], binder: &dyn Binder) -> Vec<Problem> {
    let entries = node.field("columns").map(yaml::merged).unwrap_or_default();
    let mut problems = Vec::new();
    for (key, entry) in entries {
        let Value::Text(name) = key else { continue };
        let Some(column) = yields.iter().find(|one| one.name.eq_ignore_ascii_case(&name)) else {
            let names: Vec<&str> = yields.iter().map(|one| one.name.as_str()).collect();
            let message =
                format!("its SQL yields no column `{name}`; it yields {}", names.join(", "));
            problems.push(Problem::new(codes::DECLARED_COLUMN, entry.key.span, message));
            continue;
        };
        let Some(kind) = declared_kind(&entry.value) else { continue };
        if let Some(spelled) = spelled(&kind, binder)
            && stored(&spelled) != column.kind
        {
            let message =
                format!("`{name}` is declared as {kind}, and its SQL yields {}", column.kind);
            problems.push(Problem::new(codes::DECLARED_TYPE, entry.value.span, message));
        }
    }
    problems
}

/// A type as the engine writes it: `INT` is `INTEGER`.
fn spelled(kind: &str, binder: &dyn Binder) -> Option<String> {
    let column = Column { name: "x".to_owned(), kind: kind.to_owned() };
    let table = Table { schema: None, name: "t".to_owned(), columns: vec![column] };
    match binder.bind(&Ask { sql: "SELECT x FROM t".to_owned(), tables: Some(vec![table]) }) {
        Answer::Columns(columns) => columns.into_iter().next().map(|column| column.kind),
        _ => None,
    }
}
