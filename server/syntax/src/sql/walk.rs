//! Everything in a query, one part after the other.

use super::tree::{
    Call, Distinct, Expr, ExprKind, JoinCondition, Modifiers, Opaque, Query, Select, TableKind,
    TableRef, Window,
};

/// A part of a query.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// A query.
    Query(&'a Query),
    /// Something that is read.
    Table(&'a TableRef),
    /// An expression.
    Expr(&'a Expr),
}

/// Shows every part of a query to `see`, each before what it consists of.
pub fn walk<'a>(query: &'a Query, see: &mut dyn FnMut(Part<'a>)) {
    see(Part::Query(query));
    match query {
        Query::Select(one) => select(one, see),
        Query::Set(set) => {
            modifiers(&set.modifiers, see);
            walk(&set.left, see);
            walk(&set.right, see);
        }
        Query::Recursive(recursive) => {
            modifiers(&recursive.modifiers, see);
            walk(&recursive.start, see);
            walk(&recursive.step, see);
            exprs(&recursive.keys, see);
        }
        Query::Opaque(_) => {}
    }
}

/// What cannot be looked into, wherever it stands.
pub fn opaque(query: &Query) -> Vec<&Opaque> {
    let mut found = Vec::new();
    walk(query, &mut |part| match part {
        Part::Query(Query::Opaque(opaque)) => found.push(opaque),
        Part::Table(TableRef { kind: TableKind::Opaque(opaque), .. }) => found.push(opaque),
        Part::Expr(Expr { kind: ExprKind::Opaque(opaque), .. }) => found.push(opaque),
        _ => {}
    });
    found
}

fn select<'a>(select: &'a Select, see: &mut dyn FnMut(Part<'a>)) {
    modifiers(&select.modifiers, see);
    exprs(&select.items, see);
    if let Some(from) = &select.from {
        table(from, see);
    }
    exprs(&select.filter, see);
    exprs(&select.groups.exprs, see);
    exprs(&select.having, see);
    exprs(&select.qualify, see);
}

fn modifiers<'a>(modifiers: &'a Modifiers, see: &mut dyn FnMut(Part<'a>)) {
    for cte in &modifiers.ctes {
        walk(&cte.query, see);
    }
    if let Some(Distinct::On(on)) = &modifiers.distinct {
        exprs(on, see);
    }
    exprs(modifiers.order.iter().map(|term| &term.expr), see);
    if let Some(limit) = &modifiers.limit {
        exprs(limit.count.iter().chain(&limit.offset), see);
    }
}

fn table<'a>(table_ref: &'a TableRef, see: &mut dyn FnMut(Part<'a>)) {
    see(Part::Table(table_ref));
    match &table_ref.kind {
        TableKind::Subquery(query) => walk(query, see),
        TableKind::Function(one, _) => call(one, see),
        TableKind::Values(rows) => exprs(rows.iter().flatten(), see),
        TableKind::Join(join) => {
            table(&join.left, see);
            table(&join.right, see);
            if let JoinCondition::On(on) = &join.condition {
                expr(on, see);
            }
        }
        TableKind::Named(_) | TableKind::Opaque(_) => {}
    }
}

fn exprs<'a>(all: impl IntoIterator<Item = &'a Expr>, see: &mut dyn FnMut(Part<'a>)) {
    for one in all {
        expr(one, see);
    }
}

/// Shows an expression and everything in it.
pub fn expr<'a>(one: &'a Expr, see: &mut dyn FnMut(Part<'a>)) {
    see(Part::Expr(one));
    match &one.kind {
        ExprKind::Call(one) => call(one, see),
        ExprKind::Window(one) => window(one, see),
        ExprKind::Operator(_, operands) => exprs(operands, see),
        ExprKind::Cast { inner, .. } | ExprKind::Collate(inner, _) => expr(inner, see),
        ExprKind::Case(branches, rest) => {
            exprs(branches.iter().flat_map(|(when, then)| [when, then]), see);
            expr(rest, see);
        }
        ExprKind::Subquery(subquery) => {
            exprs(&subquery.child, see);
            walk(&subquery.query, see);
        }
        ExprKind::Star(star) => {
            exprs(star.replace.iter().map(|(_, value)| value).chain(&star.chosen), see);
        }
        ExprKind::Lambda(parameters, body) => {
            expr(parameters, see);
            expr(body, see);
        }
        ExprKind::Column(_)
        | ExprKind::Constant { .. }
        | ExprKind::Positional(_)
        | ExprKind::Parameter(_)
        | ExprKind::Default
        | ExprKind::Opaque(_) => {}
    }
}

fn call<'a>(call: &'a Call, see: &mut dyn FnMut(Part<'a>)) {
    let order = call.order.iter().map(|term| &term.expr);
    exprs(call.arguments.iter().chain(&call.filter).chain(order), see);
}

fn window<'a>(window: &'a Window, see: &mut dyn FnMut(Part<'a>)) {
    call(&window.call, see);
    let order = window.order.iter().map(|term| &term.expr);
    exprs(window.partitions.iter().chain(order).chain(window.bounds.iter().flatten()), see);
}
