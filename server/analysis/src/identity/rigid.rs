//! Blocks that hold something which is not the same each time, or depends on the order of rows.

use super::eval::{Eval, Opaque};
use super::functions::{Nature, canonical, nature};
use super::value::{Class, Output, Relation};
use seeknal_syntax::sql::tree::{Distinct, Expr, ExprKind, Select, TableKind, TableRef};
use seeknal_syntax::sql::walk::{self, Part};

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

impl Eval<'_> {
    /// A block that holds something which is not the same each time: as its text has it, but for what does not follow
    /// from that.
    pub(crate) fn with_what_moves(
        &mut self,
        look: impl Fn(&mut Self) -> Result<Relation, Opaque>,
    ) -> Result<Relation, Opaque> {
        let start = self.found_so_far();
        self.rigid += 1;
        let rigid = look(self);
        self.rigid -= 1;
        let mut rigid = rigid?;
        // Nothing is moved over the edge of such a block.
        rigid.base = rigid.rows();
        rigid.filters.clear();
        if self.rigid > 0 || rigid.class == Class::Unstable {
            return Ok(rigid);
        }
        let end = self.found_so_far();
        let free = self.once_more(&start, look)?;
        if free.class == Class::Unstable {
            self.clauses.truncate(end.clauses);
            return Ok(rigid);
        }
        self.clauses.drain(start.clauses..end.clauses);
        Ok(beside_what_moves(rigid, free))
    }

    /// Looks at a block again; only what it says of its clauses is taken down a second time.
    pub(crate) fn once_more<T>(&mut self, start: &SoFar, look: impl FnOnce(&mut Self) -> T) -> T {
        let end = self.found_so_far();
        self.unstable_calls = start.unstable_calls;
        let found = look(self);
        self.unstable_calls = end.unstable_calls;
        self.sites.truncate(end.sites);
        self.reads.truncate(end.reads);
        found
    }

    pub(crate) fn found_so_far(&self) -> SoFar {
        SoFar {
            unstable_calls: self.unstable_calls,
            sites: self.sites.len(),
            reads: self.reads.len(),
            clauses: self.clauses.len(),
        }
    }
}

/// How much was taken down on the way through a query.
pub(crate) struct SoFar {
    unstable_calls: usize,
    sites: usize,
    reads: usize,
    clauses: usize,
}

/// A block whose rows are the same each time, whatever order they come in: what follows their order is as the text
/// has it, and everything else means what it would mean without.
fn beside_what_moves(rigid: Relation, free: Relation) -> Relation {
    let moves = |output: &Output| output.value.class == Class::Unstable;
    let pairs = rigid.columns.into_iter().zip(free.columns);
    let columns = pairs.map(|(one, two)| if moves(&one) || moves(&two) { one } else { two });
    Relation { columns: columns.collect(), order: rigid.order, ..free }
}
