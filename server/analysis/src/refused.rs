//! SQL that no run carries out: a node's SQL reads what it is given, and changes nothing.

use crate::binder::{Binder, Parsed};
use crate::codes;
use crate::query::Query;
use seeknal_model::{Node, Project};
use seeknal_syntax::sql::tree::{ExprKind, TableKind};
use seeknal_syntax::sql::walk::{Part, walk};
use seeknal_syntax::sql::{TokenKind, tokens};
use seeknal_syntax::{Problem, Span, slice};

/// Table functions that make rows of their arguments and touch nothing.
pub const HARMLESS: [&str; 6] =
    ["range", "generate_series", "unnest", "generate_subscripts", "repeat", "repeat_row"];

/// Words with which a statement begins that changes something.
const STATEMENTS: [&str; 31] = [
    "alter",
    "attach",
    "begin",
    "call",
    "checkpoint",
    "comment",
    "commit",
    "copy",
    "deallocate",
    "delete",
    "detach",
    "drop",
    "execute",
    "export",
    "force",
    "grant",
    "import",
    "insert",
    "install",
    "load",
    "merge",
    "pragma",
    "prepare",
    "reset",
    "rollback",
    "set",
    "start",
    "truncate",
    "update",
    "use",
    "vacuum",
];

/// The first statement of a node that changes something. `CREATE TEMP …` lasts no longer than the run.
pub(crate) fn statement(node: &Node) -> Option<Problem> {
    let sql = &node.sql.as_ref()?.text;
    let mut solid = tokens(&sql.text);
    solid.retain(|token| token.kind != TokenKind::Comment);
    let word = |index: usize| {
        let token = solid.get(index)?;
        Some((slice(&sql.text, token.span).to_lowercase(), token.span))
    };
    let starts = (0..solid.len())
        .filter(|index| *index == 0 || word(index - 1).is_some_and(|(before, _)| before == ";"));
    for index in starts {
        let Some((first, span)) = word(index) else { continue };
        let is_lasting = || {
            let behind = (index + 1..index + 4).filter_map(|index| Some(word(index)?.0));
            !behind.into_iter().any(|word| word == "temp" || word == "temporary")
        };
        if STATEMENTS.contains(&first.as_str()) || (first == "create" && is_lasting()) {
            let message = format!(
                "{} is not carried out here: the SQL of a node reads, and what it yields is its result",
                first.to_uppercase()
            );
            return Some(Problem::new(codes::REFUSED_SQL, sql.map.span_to_file(span), message));
        }
    }
    None
}

/// The first table function of a query that reaches for something that is no declared source.
pub(crate) fn function(project: &Project, query: &Query, binder: &dyn Binder) -> Option<Problem> {
    let Parsed::Tree(tree) = binder.parse(&query.text.text) else { return None };
    let mut found: Option<(String, Span)> = None;
    walk(&tree, &mut |part| {
        let Part::Table(table) = part else { return };
        let TableKind::Function(call, _) = &table.kind else { return };
        let path = call.arguments.first().and_then(|one| match &one.kind {
            ExprKind::Constant { value, .. } => value.as_deref(),
            _ => None,
        });
        let is_declared = path.is_some_and(|path| {
            project.declared().any(|node| {
                node.kind.name == "source" && node.text("table").is_some_and(|table| table == path)
            })
        });
        if found.is_none() && !is_declared && !HARMLESS.contains(&call.name.as_str()) {
            found = Some((call.name.clone(), table.span));
        }
    });
    let (name, span) = found?;
    let message = format!(
        "`{name}()` reaches for data that no node declares; declare a source and read it with ref()"
    );
    Some(Problem::new(codes::REFUSED_SQL, query.text.map.span_to_file(span), message))
}
