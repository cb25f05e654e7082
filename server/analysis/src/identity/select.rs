//! One SELECT as a relation.

use super::clauses::Clause;
use super::eval::{Eval, Opaque};
use super::expr::{At, Rows, term_id};
use super::from::Region;
use super::functions::{Nature, canonical, nature};
use super::groups;
use super::id::{Id, Ids, Tag};
use super::rules;
use super::scope::{Look, Scope};
use super::sorted;
use super::value::{Class, Output, Relation, Value, filtered, is_floating};
use crate::binder::Column;
use seeknal_syntax::Span;
use seeknal_syntax::sql::tree::{Distinct, Expr, ExprKind, Limit, Modifiers, OrderTerm, Select};
use seeknal_syntax::sql::walk::{self, Part};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The rows of a block on their way through its clauses.
pub(crate) struct Stage {
    pub(crate) base: Id,
    pub(crate) filters: BTreeSet<Id>,
    pub(crate) class: Class,
    pub(crate) keys: Vec<BTreeSet<Id>>,
}

impl Stage {
    pub(crate) fn rows(&self) -> Id {
        filtered(self.base, &self.filters)
    }

    pub(crate) fn seal(&mut self, base: Id) {
        self.base = base;
        self.filters.clear();
    }
}

impl Eval<'_> {
    pub(crate) fn select(
        &mut self,
        select: &Select,
        outer: Option<&Scope<'_>>,
        kinds: Option<&[Column]>,
    ) -> Result<Relation, Opaque> {
        let around = |eval: &mut Self| {
            eval.with_ctes(&select.modifiers.ctes, outer, |eval| eval.block(select, outer, kinds))
        };
        match super::rigid::block_holds(select) {
            true => self.with_what_moves(around),
            false => around(self),
        }
    }

    fn block(
        &mut self,
        select: &Select,
        outer: Option<&Scope<'_>>,
        kinds: Option<&[Column]>,
    ) -> Result<Relation, Opaque> {
        if select.sample.is_some() {
            return Err("a sample".to_owned());
        }
        let region = match &select.from {
            Some(from) => self.region(from, outer)?,
            None => Region::nothing(),
        };
        let is_outermost = kinds.is_some();
        if let (true, Some(from)) = (is_outermost, &select.from) {
            self.clauses.push((Clause::From, region.rows(), from.span));
        }
        let Region { base, filters, class, items, merged, keys, over } = region;
        let mut stage = Stage { base, filters, class, keys };
        let mut scope = Scope { items, merged, outer, ..Scope::default() };
        if let Some(filter) = &select.filter {
            scope.clause = Clause::Where;
            scope.aliases = self.aliases_in(filter, select, &scope, &stage);
            self.filter(filter, &scope, None, &mut stage)?;
            scope.aliases.clear();
            self.said(is_outermost, Clause::Where, filter.span, &stage);
        }
        let is_plain = over.is_some() && is_row_local(select);
        let items = self.expanded(select, &scope)?;
        for expr in &select.groups.exprs {
            scope.aliases.extend(self.aliases_in(expr, select, &scope, &stage));
        }
        let grouped = self.grouped(select, &items, &mut scope, &mut stage)?;
        scope.aliases.clear();
        let first = select.groups.exprs.first().map(|expr| expr.span);
        if let (Some(_), true) = (grouped, is_outermost) {
            self.said(true, Clause::GroupBy, first.unwrap_or(select.span), &stage);
        }
        let mut outputs = self.outputs(&items, &mut scope, (&stage, grouped), kinds)?;
        if let Some(having) = &select.having {
            scope.aliases = named(&outputs);
            scope.clause = Clause::Having;
            self.filter(having, &scope, grouped, &mut stage)?;
            self.said(is_outermost, Clause::Having, having.span, &stage);
            // Windows see the rows that are left.
            scope.aliases.clear();
            outputs = self.outputs(&items, &mut scope, (&stage, grouped), kinds)?;
        }
        if grouped.is_some() {
            let is_key =
                |output: &&mut Output| stage.keys.iter().any(|key| key.contains(&output.value.id));
            outputs.iter_mut().filter(is_key).for_each(as_key_column);
        }
        if select.groups.sets.len() > 1 {
            let sets = Tag::new("grouping sets").text(&format!("{:?}", select.groups.sets)).end();
            for output in &mut outputs {
                output.value = output.value.seen_as(Tag::new("of sets").id(sets));
            }
        }
        let sorted_by = sorted::by_windows(select, &scope);
        if !sorted_by.is_empty() {
            sorted::beside_windows(&mut outputs, &items, (&scope, &sorted_by));
            if select.qualify.is_some() {
                let tag = Tag::new("beside windows").id(stage.rows());
                let base = sorted_by.iter().fold(tag, |tag, name| tag.text(name)).end();
                stage.seal(base);
            }
        }
        scope.aliases = named(&outputs);
        self.unnested(&mut outputs, &items, &scope, &mut stage)?;
        if let Some(qualify) = &select.qualify {
            scope.clause = Clause::Qualify;
            self.filter(qualify, &scope, grouped, &mut stage)?;
            self.said(is_outermost, Clause::Qualify, qualify.span, &stage);
        }
        let over = over.filter(|_| is_plain);
        self.arranged(select, (outputs, stage), scope, (grouped, over))
    }

    /// Takes down what a clause of the outermost query has made of the rows.
    fn said(&mut self, is_outermost: bool, clause: Clause, span: Span, stage: &Stage) {
        if is_outermost {
            self.clauses.push((clause, stage.rows(), span));
        }
    }

    /// DISTINCT, ORDER BY and LIMIT.
    fn arranged(
        &mut self,
        select: &Select,
        (mut outputs, mut stage): (Vec<Output>, Stage),
        mut scope: Scope<'_>,
        (grouped, over): (Option<Id>, Option<seeknal_model::NodeId>),
    ) -> Result<Relation, Opaque> {
        let modifiers = &select.modifiers;
        scope.clause = Clause::OrderBy;
        let (order, ordered_by) = {
            let rows = rows_at(&stage, grouped);
            self.order(&modifiers.order, &outputs, At { scope: &scope, rows, look: Look::Aliases })?
        };
        match &modifiers.distinct {
            Some(Distinct::All) if self.rigid == 0 && is_each_once(&outputs, &stage) => {
                for output in outputs.iter_mut().filter(|output| !comes_back(output)) {
                    output.value = output.value.seen_as(Tag::new("of a group of one"));
                }
            }
            Some(Distinct::All) => {
                let before = stage.rows();
                let ids = outputs.iter().map(|output| output.value.id);
                let base = match self.rigid == 0 && outputs.iter().all(comes_back) {
                    // One of each kind is one of each group.
                    true => groups::one_of_each("groups", before, &Ids::set(ids), ""),
                    false => {
                        let tag = Tag::new("distinct").id(before);
                        let with = |tag: Tag, output: &Output| {
                            tag.id(output.value.id).maybe(output.value.kind.as_deref())
                        };
                        outputs.iter().fold(tag, with).end()
                    }
                };
                for output in &outputs {
                    stage.class = stage.class.max(self.as_key(&output.value));
                }
                stage.seal(base);
                outputs.iter_mut().for_each(as_key_column);
                stage.keys = vec![outputs.iter().map(|output| output.value.id).collect()];
            }
            Some(Distinct::On(on)) => {
                scope.clause = Clause::DistinctOn;
                let rows = rows_at(&stage, grouped);
                let terms: Vec<OrderTerm> = on.iter().map(plain_term).collect();
                let at = At { scope: &scope, rows, look: Look::Aliases };
                let (_, on) = self.order(&terms, &outputs, at)?;
                // Which row is the first of its kind is left open unless the order leaves no choice.
                let chosen: BTreeSet<Id> = on.union(&ordered_by).copied().collect();
                if !stage.keys.iter().any(|key| key.is_subset(&chosen)) {
                    self.is_ordered = true;
                    stage.class = Class::Unstable;
                }
                let tag = Tag::new("distinct on").id(stage.rows()).set(&on);
                let base = tag.ids(order.iter().copied()).end();
                stage.seal(base);
                stage.keys = vec![on];
            }
            None => {}
        }
        if let Some(limit) = &modifiers.limit {
            self.limited(limit, &scope, &mut stage, (&order, &ordered_by))?;
        }
        sorted::by_order(&mut outputs, &ordered_by);
        // An order that nothing is cut by is one of presentation; inside a block that holds something
        // order-bound it may decide.
        if self.rigid > 0 && !order.is_empty() && modifiers.limit.is_none() {
            let base = Tag::new("ordered").id(stage.rows()).ids(order.iter().copied()).end();
            if scope.outer.is_some() {
                stage.seal(base);
            }
        }
        let Stage { base, filters, class, keys } = stage;
        Ok(Relation { base, filters, class, columns: outputs, order, keys, over })
    }

    fn limited(
        &mut self,
        limit: &Limit,
        scope: &Scope<'_>,
        stage: &mut Stage,
        (order, ordered_by): (&[Id], &BTreeSet<Id>),
    ) -> Result<(), Opaque> {
        let is_one_row = stage.class == Class::Exact && stage.keys.iter().any(BTreeSet::is_empty);
        if self.rigid == 0 && is_one_row && lets_one_pass(limit) {
            return Ok(());
        }
        let rows = rows_at(stage, None);
        let at = At { scope, rows, look: Look::Columns };
        let parts = self.exprs(limit.count.iter().chain(&limit.offset), at)?;
        if !stage.keys.iter().any(|key| key.is_subset(ordered_by)) {
            self.is_ordered = true;
            stage.class = Class::Unstable;
        }
        let tag = Tag::new("limit")
            .id(stage.rows())
            .number(usize::from(limit.count.is_some()))
            .number(usize::from(limit.percent))
            .ids(parts.iter().map(|part| part.id))
            .ids(order.iter().copied());
        stage.seal(tag.end());
        Ok(())
    }

    /// What stands behind a set operation; a SELECT has done it itself.
    pub(crate) fn finished(
        &mut self,
        mut relation: Relation,
        modifiers: &Modifiers,
        outer: Option<&Scope<'_>>,
    ) -> Result<Relation, Opaque> {
        if modifiers.order.is_empty() && modifiers.limit.is_none() {
            return Ok(relation);
        }
        let mut scope = Scope { outer, clause: Clause::OrderBy, ..Scope::default() };
        scope.aliases = named(&relation.columns);
        let mut stage = Stage {
            base: relation.base,
            filters: std::mem::take(&mut relation.filters),
            class: relation.class,
            keys: std::mem::take(&mut relation.keys),
        };
        let (order, ordered_by) = {
            let rows = rows_at(&stage, None);
            let at = At { scope: &scope, rows, look: Look::Aliases };
            self.order(&modifiers.order, &relation.columns, at)?
        };
        if let Some(limit) = &modifiers.limit {
            self.limited(limit, &scope, &mut stage, (&order, &ordered_by))?;
        }
        sorted::by_order(&mut relation.columns, &ordered_by);
        let Stage { base, filters, class, keys } = stage;
        Ok(Relation { base, filters, class, keys, order, ..relation })
    }

    fn order(
        &mut self,
        terms: &[OrderTerm],
        outputs: &[Output],
        at: At<'_, '_>,
    ) -> Result<(Vec<Id>, BTreeSet<Id>), Opaque> {
        let (mut ids, mut values) = (Vec::new(), BTreeSet::new());
        for term in terms {
            let found: Vec<Value> = match &term.expr.kind {
                ExprKind::Star(star) if star.is_columns && star.chosen.is_none() => {
                    outputs.iter().map(|output| output.value.clone()).collect()
                }
                _ => match ordinal(&term.expr) {
                    Some(place) => vec![item_at(outputs, place)?],
                    // Inside a larger expression columns come before output names.
                    None if matches!(term.expr.kind, ExprKind::Column(_)) => {
                        vec![self.expr(&term.expr, at)?]
                    }
                    None => vec![self.expr(&term.expr, At { look: Look::Columns, ..at })?],
                },
            };
            for value in found {
                self.discretely(&value);
                values.insert(value.id);
                ids.push(term_id(&value, term));
            }
        }
        Ok((ids, values))
    }

    /// The output columns that a condition names and FROM does not have.
    fn aliases_in(
        &mut self,
        filter: &Expr,
        select: &Select,
        scope: &Scope<'_>,
        stage: &Stage,
    ) -> Vec<(Arc<str>, Value)> {
        let aliases = || select.items.iter().filter_map(|item| item.alias.as_ref());
        let mut names: Vec<&String> = Vec::new();
        walk::expr(filter, &mut |part| {
            if let Part::Expr(Expr { kind: ExprKind::Column(parts), .. }) = part
                && let [name] = parts.as_slice()
                && aliases().any(|alias| alias.eq_ignore_ascii_case(name))
                && scope.find(parts, Look::Columns).is_err()
            {
                names.push(name);
            }
        });
        let mut found = Vec::new();
        for item in &select.items {
            let Some(alias) = &item.alias else { continue };
            if names.iter().any(|name| name.eq_ignore_ascii_case(alias)) {
                let at = At { scope, rows: rows_at(stage, None), look: Look::Columns };
                found.extend(self.expr(item, at).ok().map(|value| (alias.as_str().into(), value)));
            }
        }
        found
    }

    fn filter(
        &mut self,
        filter: &Expr,
        scope: &Scope<'_>,
        grouped: Option<Id>,
        stage: &mut Stage,
    ) -> Result<(), Opaque> {
        let rows = rows_at(stage, grouped);
        let conditions = self.exprs(conjuncts(filter), At { scope, rows, look: Look::Columns })?;
        self.kept(conditions, stage);
        Ok(())
    }

    /// Rows for which all conditions hold.
    fn kept(&mut self, conditions: Vec<Value>, stage: &mut Stage) {
        for condition in &conditions {
            stage.class = stage.class.max(self.discretely(condition));
        }
        self.pooled(&conditions, &mut stage.base, &mut stage.filters);
    }

    /// Conditions on rows: those before one that can fail in any order, the rest behind them and in theirs.
    pub(crate) fn pooled(&self, conditions: &[Value], base: &mut Id, filters: &mut BTreeSet<Id>) {
        let mut rest = conditions.iter().filter(|one| !is_true(one)).peekable();
        if self.rigid == 0 {
            while let Some(one) = rest.next_if(|one| rules::is_harmless_condition(one)) {
                filters.extend(one.conditions());
            }
        }
        let mut in_order: Vec<Id> = Vec::new();
        for one in rest {
            // What held once holds again, unless each asking may give something else.
            let is_new =
                self.rigid > 0 || one.class == Class::Unstable || !in_order.contains(&one.id);
            in_order.extend(is_new.then_some(one.id));
        }
        if in_order.is_empty() {
            return;
        }
        let before = filtered(*base, filters);
        filters.clear();
        *base = Tag::new("filter in order").id(before).ids(in_order).end();
    }
}

/// Whether a LIMIT leaves a single row where it is.
fn lets_one_pass(limit: &Limit) -> bool {
    let count = limit.count.as_ref().and_then(ordinal);
    !limit.percent && limit.offset.is_none() && count.is_some_and(|count| count > 0)
}

/// Whether no row is there twice, since a key is among its columns.
fn is_each_once(outputs: &[Output], stage: &Stage) -> bool {
    let own = outputs.iter().filter(|output| comes_back(output));
    let columns: BTreeSet<Id> = own.map(|output| output.value.id).collect();
    stage.class == Class::Exact && stage.keys.iter().any(|key| key.is_subset(&columns))
}

/// Whether a column comes out of groups as it went in: of values that may be equal and differ only one
/// is left.
pub(crate) fn comes_back(output: &Output) -> bool {
    let Value { class, kind, lossy, .. } = &output.value;
    *class == Class::Exact && !lossy && !sorted::may_change(kind.as_deref())
}

/// Whether each row comes from one row, and its values from that row alone.
fn is_row_local(select: &Select) -> bool {
    let modifiers = &select.modifiers;
    let mut local = modifiers.distinct.is_none()
        && modifiers.limit.is_none()
        && modifiers.order.is_empty()
        && select.groups.exprs.is_empty()
        && select.groups.sets.is_empty()
        && !select.groups.all
        && select.having.is_none()
        && select.qualify.is_none();
    for expr in select.items.iter().chain(&select.filter) {
        walk::expr(expr, &mut |part| match part {
            Part::Expr(expr) => {
                local &= match &expr.kind {
                    ExprKind::Window(_) | ExprKind::Subquery(_) => false,
                    ExprKind::Call(call) => {
                        let nature = nature(canonical(&call.name), call.arguments.len());
                        matches!(nature, Some(Nature::Scalar(_)))
                    }
                    _ => true,
                }
            }
            _ => local = false,
        });
    }
    local
}

/// The operands of ANDs, in the order of the text.
pub(crate) fn conjuncts(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Operator(name, operands) if name == "CONJUNCTION_AND" => {
            operands.iter().flat_map(conjuncts).collect()
        }
        _ => vec![expr],
    }
}

fn is_true(value: &Value) -> bool {
    value.literal == Some(true) && value.is_kind("BOOLEAN") && value.id == truth()
}

/// The identity of TRUE, which the parser writes as a cast.
fn truth() -> Id {
    let text = super::numbers::constant("VARCHAR", Some("t"));
    Tag::new("cast").text("BOOLEAN").number(0).id(text).end()
}

pub(crate) fn rows_at(stage: &Stage, grouped: Option<Id>) -> Rows<'_> {
    let windowed = stage.rows();
    Rows { grouped: grouped.unwrap_or(windowed), windowed, class: stage.class, keys: &stage.keys }
}

fn plain_term(expr: &Expr) -> OrderTerm {
    OrderTerm { expr: expr.clone(), descending: None, nulls_first: None }
}

/// A whole number that stands for an output column.
pub(crate) fn ordinal(expr: &Expr) -> Option<usize> {
    match &expr.kind {
        ExprKind::Constant { kind, value } if kind == "INTEGER" => value.as_ref()?.parse().ok(),
        _ => None,
    }
}

fn item_at(outputs: &[Output], place: usize) -> Result<Value, Opaque> {
    let output = outputs.get(place.wrapping_sub(1));
    output.map(|output| output.value.clone()).ok_or_else(|| "a place that is none".to_owned())
}

fn named(outputs: &[Output]) -> Vec<(Arc<str>, Value)> {
    let name = |output: &Output| Some((output.name.clone()?, output.value.clone()));
    outputs.iter().filter_map(name).collect()
}

/// A key that is a fraction may be either zero.
pub(crate) fn as_key_column(output: &mut Output) {
    if output.value.kind.as_deref().is_none_or(is_floating) {
        output.value.class = output.value.class.max(Class::Float);
    }
}
