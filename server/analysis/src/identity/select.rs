//! One SELECT as a relation.

use super::eval::{Eval, Opaque};
use super::expr::{At, Rows, term_id};
use super::from::Region;
use super::functions::{Nature, canonical, nature};
use super::id::{Id, Tag};
use super::rules;
use super::scope::{Look, Scope};
use super::value::{Class, Output, Relation, Value, is_floating};
use seeknal_syntax::Span;
use seeknal_syntax::sql::tree::{
    Distinct, Expr, ExprKind, Limit, Modifiers, OrderTerm, Select, Star,
};
use seeknal_syntax::sql::walk::{self, Part};
use std::collections::BTreeSet;

/// The rows of a block on their way through its clauses.
struct Stage {
    base: Id,
    filters: BTreeSet<Id>,
    class: Class,
    keys: Vec<BTreeSet<Id>>,
}

impl Stage {
    fn rows(&self) -> Id {
        if self.filters.is_empty() {
            return self.base;
        }
        Tag::new("filter").id(self.base).ids(self.filters.iter().copied()).end()
    }

    fn seal(&mut self, base: Id) {
        self.base = base;
        self.filters.clear();
    }
}

impl Eval<'_> {
    pub(crate) fn select(
        &mut self,
        select: &Select,
        outer: Option<&Scope<'_>>,
        kinds: Option<&[(String, String)]>,
    ) -> Result<Relation, Opaque> {
        let is_rigid = super::rigid::block_holds(select);
        self.rigid += usize::from(is_rigid);
        let relation = self.with_ctes(&select.modifiers.ctes, outer, |eval| {
            let relation = eval.block(select, outer, kinds)?;
            eval.finished(relation, &Modifiers::default(), outer)
        });
        self.rigid -= usize::from(is_rigid);
        let mut relation = relation?;
        // Nothing is moved over the edge of such a block.
        if is_rigid {
            relation.base = relation.rows();
            relation.filters.clear();
        }
        Ok(relation)
    }

    fn block(
        &mut self,
        select: &Select,
        outer: Option<&Scope<'_>>,
        kinds: Option<&[(String, String)]>,
    ) -> Result<Relation, Opaque> {
        if select.sample.is_some() {
            return Err("a sample".to_owned());
        }
        let region = match &select.from {
            Some(from) => self.region(from, outer)?,
            None => Region::nothing(),
        };
        let Region { base, filters, class, items, merged, keys, over } = region;
        let mut stage = Stage { base, filters, class, keys };
        let mut scope = Scope { items, merged, outer, ..Scope::default() };
        if let Some(filter) = &select.filter {
            scope.clause = "WHERE";
            scope.aliases = self.aliases_in(filter, select, &scope, &stage);
            self.filter(filter, &scope, None, &mut stage)?;
            scope.aliases.clear();
        }
        let is_plain = over.is_some() && is_row_local(select);
        let items = self.expanded(select, &scope)?;
        let grouped = self.grouped(select, &items, &mut scope, &mut stage)?;
        let mut outputs = self.outputs(&items, &mut scope, &stage, grouped, kinds)?;
        if let Some(having) = &select.having {
            scope.aliases = named(&outputs);
            scope.clause = "HAVING";
            self.filter(having, &scope, grouped, &mut stage)?;
            // Windows see the rows that are left.
            scope.aliases.clear();
            outputs = self.outputs(&items, &mut scope, &stage, grouped, kinds)?;
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
        scope.aliases = named(&outputs);
        self.unnested(&mut outputs, &items, &scope, &mut stage)?;
        if let Some(qualify) = &select.qualify {
            scope.clause = "QUALIFY";
            self.filter(qualify, &scope, grouped, &mut stage)?;
        }
        let over = over.filter(|_| is_plain);
        self.arranged(select, outputs, &scope, stage, (grouped, over))
    }

    /// DISTINCT, ORDER BY and LIMIT.
    fn arranged(
        &mut self,
        select: &Select,
        mut outputs: Vec<Output>,
        scope: &Scope<'_>,
        mut stage: Stage,
        (grouped, over): (Option<Id>, Option<seeknal_model::NodeId>),
    ) -> Result<Relation, Opaque> {
        let modifiers = &select.modifiers;
        let mut scope = scope.clone();
        scope.clause = "ORDER BY";
        let (order, ordered_by) = {
            let rows = rows_at(&stage, grouped);
            self.order(&modifiers.order, &outputs, At { scope: &scope, rows, look: Look::Aliases })?
        };
        match &modifiers.distinct {
            Some(Distinct::All) => {
                let mut tag = Tag::new("distinct").id(stage.rows());
                for output in &outputs {
                    tag = tag.id(output.value.id).maybe(output.value.kind.as_deref());
                    stage.class = stage.class.max(self.as_key(&output.value));
                }
                stage.seal(tag.end());
                outputs.iter_mut().for_each(as_key_column);
                stage.keys = vec![outputs.iter().map(|output| output.value.id).collect()];
            }
            Some(Distinct::On(on)) => {
                scope.clause = "DISTINCT ON";
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
                let tag = Tag::new("distinct on").id(stage.rows()).ids(on.iter().copied());
                let base = tag.ids(order.iter().copied()).end();
                stage.seal(base);
                stage.keys = vec![on];
            }
            None => {}
        }
        if let Some(limit) = &modifiers.limit {
            self.limited(limit, &scope, &mut stage, (&order, &ordered_by))?;
        }
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
        let mut scope = Scope { outer, clause: "ORDER BY", ..Scope::default() };
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
                self.as_order(&value);
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
    ) -> Vec<(String, Value)> {
        let mut names: Vec<&String> = Vec::new();
        walk::expr(filter, &mut |part| {
            if let Part::Expr(Expr { kind: ExprKind::Column(parts), .. }) = part
                && let [name] = parts.as_slice()
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
                found.extend(self.expr(item, at).ok().map(|value| (alias.clone(), value)));
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
        let mut conditions = Vec::new();
        for part in conjuncts(filter) {
            conditions.push(self.expr(part, At { scope, rows, look: Look::Columns })?);
        }
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

    /// Conditions on rows: in any order where none can fail, else behind those before and in theirs.
    pub(crate) fn pooled(&self, conditions: &[Value], base: &mut Id, filters: &mut BTreeSet<Id>) {
        let kept = || conditions.iter().filter(|one| !is_true(one));
        if self.rigid == 0 && conditions.iter().all(rules::is_harmless_condition) {
            filters.extend(kept().flat_map(Value::conditions));
            return;
        }
        if !filters.is_empty() {
            *base = Tag::new("filter").id(*base).ids(filters.iter().copied()).end();
            filters.clear();
        }
        *base = Tag::new("filter in order").id(*base).ids(kept().map(|one| one.id)).end();
    }

    /// The items of a select list with stars written out.
    fn expanded<'s>(
        &mut self,
        select: &'s Select,
        scope: &Scope<'_>,
    ) -> Result<Vec<Item<'s>>, Opaque> {
        let mut items = Vec::new();
        for item in &select.items {
            match &item.kind {
                ExprKind::Star(star) => self.star(star, item.span, scope, &mut items)?,
                _ => items.push(Item::Expr(item)),
            }
        }
        Ok(items)
    }

    fn star<'s>(
        &mut self,
        star: &'s Star,
        span: Span,
        scope: &Scope<'_>,
        items: &mut Vec<Item<'s>>,
    ) -> Result<(), Opaque> {
        if star.is_columns {
            return Err("COLUMNS".to_owned());
        }
        if !star.rename.is_empty() || star.exclude.iter().any(|name| name.len() > 1) {
            return Err("RENAME or a qualified EXCLUDE".to_owned());
        }
        let is = |name: &Option<String>, other: &str| {
            name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(other))
        };
        let mut seen = false;
        for (number, item) in scope.items.iter().enumerate() {
            if star.relation.as_ref().is_some_and(|relation| !is(&item.name, relation)) {
                continue;
            }
            seen = true;
            for (place, column) in item.columns.iter().enumerate() {
                let merged = scope.merged.iter().find(|one| one.place == (number, place));
                if column.is_merged && merged.is_none() && star.relation.is_none() {
                    continue;
                }
                let Some(name) = column.name.clone() else {
                    return Err("a star over a name that the engine makes up".to_owned());
                };
                if star.exclude.iter().flatten().any(|one| one.eq_ignore_ascii_case(&name)) {
                    continue;
                }
                let replaced = star.replace.iter().find(|(one, _)| one.eq_ignore_ascii_case(&name));
                if let Some((_, expr)) = replaced {
                    items.push(Item::Named(expr, name));
                    continue;
                }
                if let Some(node) = &item.node {
                    self.note(vec![(node.clone(), column.known_as())], span, "SELECT *");
                }
                let merged = merged.filter(|_| star.relation.is_none());
                let value = merged.map_or(&column.value, |merged| &merged.value).clone();
                items.push(Item::Value(Output { name: Some(name), value, span }));
            }
        }
        // A star over no table may be the fields of a struct.
        if seen { Ok(()) } else { Err("the fields of a struct as columns".to_owned()) }
    }

    /// GROUP BY. Gives the rows that go into groups, if there are any groups.
    fn grouped(
        &mut self,
        select: &Select,
        items: &[Item<'_>],
        scope: &mut Scope<'_>,
        stage: &mut Stage,
    ) -> Result<Option<Id>, Opaque> {
        let groups = &select.groups;
        let has_keys = groups.all || !groups.exprs.is_empty() || !groups.sets.is_empty();
        let aggregates = items.iter().any(Item::aggregates)
            || select.having.is_some()
            || select
                .qualify
                .iter()
                .chain(select.modifiers.order.iter().map(|term| &term.expr))
                .any(aggregates);
        if !has_keys && !aggregates {
            return Ok(None);
        }
        scope.clause = "GROUP BY";
        let before = stage.rows();
        let rows = rows_at(stage, None);
        let mut keys: Vec<Value> = Vec::new();
        if groups.all {
            for item in items.iter().filter(|item| !item.aggregates()) {
                keys.push(self.item(item, At { scope, rows, look: Look::Columns })?);
            }
        }
        for expr in &groups.exprs {
            let by_alias = |name: &str| items.iter().find(|item| item.is_called(name));
            let value = match (ordinal(expr), &expr.kind) {
                (Some(place), _) => {
                    let item = items.get(place.wrapping_sub(1));
                    let item = item.ok_or_else(|| "GROUP BY a place that is none".to_owned())?;
                    self.item(item, At { scope, rows, look: Look::Columns })?
                }
                (None, ExprKind::Column(parts)) => {
                    let at = At { scope, rows, look: Look::Columns };
                    // A column comes before an output name.
                    let is_column = scope.find(parts, Look::Columns).is_ok();
                    match parts.as_slice() {
                        [name] if !is_column => match by_alias(name) {
                            Some(item) => self.item(item, at)?,
                            None => self.expr(expr, at)?,
                        },
                        _ => self.expr(expr, at)?,
                    }
                }
                _ => self.expr(expr, At { scope, rows, look: Look::Columns })?,
            };
            keys.push(value);
        }
        for key in &keys {
            let class = self.as_key(key);
            // Two zeros are one key.
            stage.class = stage.class.max(class);
        }
        let only_constants = keys.iter().all(|key| key.literal.is_some());
        let is_global = !has_keys || (groups.all && only_constants);
        let mut ids: Vec<Id> = keys.iter().map(|key| key.id).collect();
        let is_plain = groups.sets.len() <= 1;
        if is_plain && self.rigid == 0 {
            ids.sort();
            ids.dedup();
        }
        let sets = if is_plain { String::new() } else { format!("{:?}", groups.sets) };
        let word = if is_global { "one group" } else { "groups" };
        let tag = Tag::new("group").text(word).id(before).ids(ids.iter().copied()).text(&sets);
        stage.seal(tag.end());
        stage.keys = if is_plain { vec![ids.into_iter().collect()] } else { Vec::new() };
        Ok(Some(before))
    }

    fn outputs(
        &mut self,
        items: &[Item<'_>],
        scope: &mut Scope<'_>,
        stage: &Stage,
        grouped: Option<Id>,
        kinds: Option<&[(String, String)]>,
    ) -> Result<Vec<Output>, Opaque> {
        scope.clause = "SELECT";
        if kinds.is_some_and(|kinds| kinds.len() != items.len()) {
            return Err("the engine counts other columns".to_owned());
        }
        let mut outputs: Vec<Output> = Vec::new();
        for (place, item) in items.iter().enumerate() {
            let rows = rows_at(stage, grouped);
            let mut value = match item.unnests() {
                // Its rows are made behind the groups.
                true => Value::new(Tag::new("element").number(place).end()),
                false => self.item(item, At { scope, rows, look: Look::Columns })?,
            };
            let mut name = item.name();
            if let Some((engine_name, kind)) = kinds.and_then(|kinds| kinds.get(place)) {
                let raises = value.raises;
                value = Value { raises, ..value.of_kind(kind) };
                name = Some(engine_name.clone());
            }
            let said = item.name();
            if let (Some(said), false) = (&said, matches!(item, Item::Value(_))) {
                scope.aliases.push((said.clone(), value.clone()));
            }
            outputs.push(Output { name, value, span: item.span() });
        }
        if kinds.is_none() {
            let mut names: Vec<String> = outputs
                .iter()
                .filter_map(|output| output.name.as_ref())
                .map(|name| name.to_lowercase())
                .collect();
            names.sort();
            if names.windows(2).any(|pair| pair.first() == pair.last()) {
                return Err("two columns of one name in a subquery".to_owned());
            }
        }
        Ok(outputs)
    }

    fn item(&mut self, item: &Item<'_>, at: At<'_, '_>) -> Result<Value, Opaque> {
        match item {
            Item::Expr(expr) | Item::Named(expr, _) => self.expr(expr, at),
            Item::Value(output) => Ok(output.value.clone()),
        }
    }

    /// Lists in the select list that become rows: all of them together decide how many.
    fn unnested(
        &mut self,
        outputs: &mut [Output],
        items: &[Item<'_>],
        scope: &Scope<'_>,
        stage: &mut Stage,
    ) -> Result<(), Opaque> {
        let mut lists = Vec::new();
        for (place, item) in items.iter().enumerate() {
            let Some([list]) = item.unnested() else {
                if item.unnests() {
                    return Err("unnest() with options".to_owned());
                }
                continue;
            };
            let rows = rows_at(stage, None);
            let list = self.expr(list, At { scope, rows, look: Look::Columns })?;
            lists.push((place, list));
        }
        if lists.is_empty() {
            return Ok(());
        }
        let base = Tag::new("unnest").id(stage.rows()).ids(lists.iter().map(|(_, list)| list.id));
        for (number, (place, list)) in lists.iter().enumerate() {
            stage.class = stage.class.max(list.class);
            if let Some(output) = outputs.get_mut(*place) {
                let element = list.seen_as(Tag::new("element of").number(number));
                let kind = output.value.kind.clone();
                let lossy = output.value.lossy || list.lossy;
                output.value = Value { kind, lossy, literal: None, ..element };
            }
        }
        stage.seal(base.end());
        stage.keys.clear();
        Ok(())
    }
}

/// One item of a select list.
enum Item<'s> {
    /// As written.
    Expr(&'s Expr),
    /// What a star's REPLACE puts in the place of a column.
    Named(&'s Expr, String),
    /// A column that a star stands for.
    Value(Output),
}

impl Item<'_> {
    fn expr(&self) -> Option<&Expr> {
        match self {
            Item::Expr(expr) | Item::Named(expr, _) => Some(expr),
            Item::Value(_) => None,
        }
    }

    fn span(&self) -> Span {
        match self {
            Item::Expr(expr) | Item::Named(expr, _) => expr.span,
            Item::Value(output) => output.span,
        }
    }

    /// Its name, where the text says it.
    fn name(&self) -> Option<String> {
        match self {
            Item::Named(_, name) => Some(name.clone()),
            Item::Value(output) => output.name.clone(),
            Item::Expr(expr) => expr.alias.clone().or_else(|| match &expr.kind {
                ExprKind::Column(parts) => parts.last().cloned(),
                _ => None,
            }),
        }
    }

    fn is_called(&self, name: &str) -> bool {
        let alias = match self {
            Item::Expr(expr) => expr.alias.clone(),
            other => other.name(),
        };
        alias.is_some_and(|alias| alias.eq_ignore_ascii_case(name))
    }

    fn aggregates(&self) -> bool {
        self.expr().is_some_and(aggregates)
    }

    fn unnests(&self) -> bool {
        self.unnested().is_some()
    }

    fn unnested(&self) -> Option<&[Expr]> {
        match &self.expr()?.kind {
            ExprKind::Call(call) if canonical(&call.name) == "unnest" => Some(&call.arguments),
            _ => None,
        }
    }
}

/// Whether an expression holds an aggregate of its own block.
fn aggregates(expr: &Expr) -> bool {
    let (mut found, mut inside) = (false, false);
    walk::expr(expr, &mut |part| match part {
        Part::Query(_) => inside = true,
        Part::Expr(expr) if !inside => {
            if let ExprKind::Call(call) = &expr.kind {
                let nature = nature(canonical(&call.name), call.arguments.len());
                found |= matches!(nature, Some(Nature::Aggregate(_) | Nature::OrderBound));
            }
        }
        _ => {}
    });
    found
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
    let text = Tag::new("constant").text("VARCHAR").maybe(Some("t")).end();
    Tag::new("cast").text("BOOLEAN").number(0).id(text).end()
}

fn rows_at(stage: &Stage, grouped: Option<Id>) -> Rows<'_> {
    let windowed = stage.rows();
    Rows { grouped: grouped.unwrap_or(windowed), windowed, class: stage.class, keys: &stage.keys }
}

fn plain_term(expr: &Expr) -> OrderTerm {
    OrderTerm { expr: expr.clone(), descending: None, nulls_first: None }
}

/// A whole number that stands for an output column.
fn ordinal(expr: &Expr) -> Option<usize> {
    match &expr.kind {
        ExprKind::Constant { kind, value } if kind == "INTEGER" => value.as_ref()?.parse().ok(),
        _ => None,
    }
}

fn item_at(outputs: &[Output], place: usize) -> Result<Value, Opaque> {
    let output = outputs.get(place.wrapping_sub(1));
    output.map(|output| output.value.clone()).ok_or_else(|| "a place that is none".to_owned())
}

fn named(outputs: &[Output]) -> Vec<(String, Value)> {
    let name = |output: &Output| Some((output.name.clone()?, output.value.clone()));
    outputs.iter().filter_map(name).collect()
}

/// A key that is a fraction may be either zero.
pub(crate) fn as_key_column(output: &mut Output) {
    if output.value.kind.as_deref().is_none_or(is_floating) {
        output.value.class = output.value.class.max(Class::Float);
    }
}
