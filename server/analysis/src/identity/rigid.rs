//! Blocks that hold something which is not the same each time, or depends on the order of rows.

use super::functions::{Nature, canonical, nature};
use seeknal_syntax::sql::tree::{Distinct, Expr, ExprKind, Query, Select, TableKind, TableRef};
use seeknal_syntax::sql::walk::{self, Part};

/// Whether anything in a query, also in its subqueries, is not the same each time.
pub(crate) fn holds(query: &Query) -> bool {
    let mut found = false;
    walk::walk(query, &mut |part| {
        found |= match part {
            Part::Query(Query::Select(select)) => is_chosen(select),
            Part::Query(Query::Set(set)) => set.modifiers.limit.is_some(),
            Part::Query(_) => true,
            Part::Table(table) => table.sample.is_some(),
            Part::Expr(expr) => is_moving(expr),
        }
    });
    found
}

/// Whether the block itself, its subqueries left out, is not the same each time.
pub(crate) fn block_holds(select: &Select) -> bool {
    if is_chosen(select) || select.from.as_ref().is_some_and(is_sampled) {
        return true;
    }
    let mut found = false;
    let mut see = |expr: &Expr| found |= expr_holds(expr);
    select.items.iter().chain(&select.filter).for_each(&mut see);
    select.groups.exprs.iter().chain(&select.having).chain(&select.qualify).for_each(&mut see);
    select.modifiers.order.iter().for_each(|term| see(&term.expr));
    found
}

fn expr_holds(expr: &Expr) -> bool {
    let (mut found, mut inside) = (false, 0_usize);
    // What stands in a subquery comes behind it; its own block answers for that.
    walk::expr(expr, &mut |part| match part {
        Part::Query(_) => inside += 1,
        Part::Expr(expr) if inside == 0 => found |= is_moving(expr),
        _ => {}
    });
    found
}

fn is_chosen(select: &Select) -> bool {
    let modifiers = &select.modifiers;
    modifiers.limit.is_some()
        || matches!(modifiers.distinct, Some(Distinct::On(_)))
        || select.sample.is_some()
}

fn is_sampled(table: &TableRef) -> bool {
    table.sample.is_some()
        || match &table.kind {
            TableKind::Join(join) => is_sampled(&join.left) || is_sampled(&join.right),
            _ => false,
        }
}

fn is_moving(expr: &Expr) -> bool {
    let moves = |name: &str, arguments: usize| {
        matches!(
            nature(canonical(name), arguments),
            None | Some(Nature::Unstable | Nature::OrderBound)
        )
    };
    match &expr.kind {
        ExprKind::Call(call) => moves(&call.name, call.arguments.len()),
        ExprKind::Window(window) => {
            let by_rows = window.frame.iter().any(|word| word.ends_with("ROWS"));
            by_rows || moves(&window.call.name, window.call.arguments.len())
        }
        ExprKind::Column(parts) => match parts.as_slice() {
            [name] => super::functions::is_keyword(name),
            _ => false,
        },
        ExprKind::Opaque(_) => true,
        _ => false,
    }
}
