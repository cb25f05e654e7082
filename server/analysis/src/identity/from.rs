//! FROM as rows with named columns.
//!
//! Inner and cross joins of one block are one region: its leaves in order, and the conditions of all
//! joins pooled with WHERE. Every other join is a leaf of its own.

use super::eval::{Eval, Input, Opaque, renamed};
use super::expr::{At, Rows};
use super::id::{Id, Tag};
use super::rules;
use super::scope::{Item, Landing, Look, Merged, Scope, ScopeColumn, Site};
use super::select::conjuncts;
use super::value::{Class, Relation, Value};
use seeknal_model::NodeId;
use seeknal_syntax::Span;
use seeknal_syntax::sql::tree::{
    Call, Expr, ExprKind, Join, JoinCondition, JoinKind, TableKind, TableRef,
};
use std::collections::BTreeSet;

/// The rows that a block starts from, and the names it may use.
pub(crate) struct Region {
    pub(crate) base: Id,
    pub(crate) filters: BTreeSet<Id>,
    pub(crate) class: Class,
    pub(crate) items: Vec<Item>,
    pub(crate) merged: Vec<Merged>,
    pub(crate) keys: Vec<BTreeSet<Id>>,
    pub(crate) over: Option<NodeId>,
}

/// One thing in a region, before it is known how many there are.
struct Leaf {
    base: Id,
    filters: BTreeSet<Id>,
    class: Class,
    items: Vec<Item>,
    merged: Vec<Merged>,
    keys: Vec<BTreeSet<Id>>,
    over: Option<NodeId>,
}

impl Leaf {
    fn rows(&self) -> Id {
        if self.filters.is_empty() {
            return self.base;
        }
        Tag::new("filter").id(self.base).ids(self.filters.iter().copied()).end()
    }
}

impl Region {
    /// No FROM: one row.
    pub(crate) fn nothing() -> Region {
        Region {
            base: Tag::new("one row").end(),
            filters: BTreeSet::new(),
            class: Class::Exact,
            items: Vec::new(),
            merged: Vec::new(),
            keys: Vec::new(),
            over: None,
        }
    }

    fn rows(&self) -> Id {
        if self.filters.is_empty() {
            return self.base;
        }
        Tag::new("filter").id(self.base).ids(self.filters.iter().copied()).end()
    }
}

/// How many leaves a tree of inner joins has.
fn leaves(table: &TableRef) -> usize {
    match &table.kind {
        TableKind::Join(join) if is_inner(join) => leaves(&join.left) + leaves(&join.right),
        _ => 1,
    }
}

fn is_inner(join: &Join) -> bool {
    !join.asof && matches!(join.kind, JoinKind::Inner | JoinKind::Cross)
}

/// A region being built: its leaves so far.
struct Building<'p> {
    scope: Scope<'p>,
    rows: Vec<Id>,
    class: Class,
    conditions: Vec<Value>,
    /// Whether there is more than one leaf, so that columns say from which they are.
    many: bool,
}

impl Eval<'_> {
    pub(crate) fn region(
        &mut self,
        table: &TableRef,
        outer: Option<&Scope<'_>>,
    ) -> Result<Region, Opaque> {
        let many = leaves(table) > 1;
        if !many {
            let leaf = self.leaf(table, outer)?;
            let Leaf { base, filters, class, items, merged, keys, over } = leaf;
            return Ok(Region { base, filters, class, items, merged, keys, over });
        }
        let scope = Scope { outer, clause: "JOIN", ..Scope::default() };
        let mut building =
            Building { scope, rows: Vec::new(), class: Class::Exact, conditions: Vec::new(), many };
        self.grow(table, &mut building)?;
        let Building { scope, rows, mut class, conditions, .. } = building;
        let mut base = Tag::new("pairs").ids(rows).end();
        let mut filters = BTreeSet::new();
        for condition in &conditions {
            class = class.max(self.discretely(condition));
        }
        if !conditions.is_empty() {
            self.pooled(&conditions, &mut base, &mut filters);
        }
        let Scope { items, merged, .. } = scope;
        Ok(Region { base, filters, class, items, merged, keys: Vec::new(), over: None })
    }

    /// Adds the leaves and conditions of a tree of inner joins.
    fn grow(&mut self, table: &TableRef, building: &mut Building<'_>) -> Result<(), Opaque> {
        match &table.kind {
            TableKind::Join(join) if is_inner(join) => {
                if table.alias.is_some() || table.sample.is_some() {
                    return Err("a join with a name or a sample".to_owned());
                }
                let start = building.scope.items.len();
                self.grow(&join.left, building)?;
                let middle = building.scope.items.len();
                self.grow(&join.right, building)?;
                self.meet(join, table.span, (start, middle), building)
            }
            _ => {
                let number = building.rows.len();
                // What stands further left may be used, as with LATERAL.
                let before = building.scope.clone();
                let leaf = self.leaf(table, Some(&before))?;
                building.class = building.class.max(leaf.class);
                building.rows.push(leaf.rows());
                let first = building.scope.items.len();
                let slot = |value: &Value| match building.many {
                    true => value.seen_as(Tag::new("slot").number(number)),
                    false => value.clone(),
                };
                building
                    .scope
                    .items
                    .extend(leaf.items.into_iter().map(|item| slotted(item, &slot)));
                building.scope.merged.extend(leaf.merged.into_iter().map(|merged| Merged {
                    value: slot(&merged.value),
                    place: (merged.place.0 + first, merged.place.1),
                    ..merged
                }));
                Ok(())
            }
        }
    }

    /// The condition under which the rows of an inner join meet.
    fn meet(
        &mut self,
        join: &Join,
        span: Span,
        (start, middle): (usize, usize),
        building: &mut Building<'_>,
    ) -> Result<(), Opaque> {
        let keys = self.keys(join, span, &building.scope, (start, middle))?;
        if let JoinCondition::On(on) = &join.condition {
            let visible = part_of(&building.scope, start);
            let rows = rows_of(building.class);
            for part in conjuncts(on) {
                let at = At { scope: &visible, rows, look: Look::Columns };
                building.conditions.push(self.expr(part, at)?);
            }
        }
        for key in keys {
            let condition = self.merge(&mut building.scope, &key, (start, middle), join.kind)?;
            building.conditions.push(condition);
        }
        Ok(())
    }

    /// The columns that USING or NATURAL name.
    fn keys(
        &mut self,
        join: &Join,
        span: Span,
        scope: &Scope<'_>,
        (start, middle): (usize, usize),
    ) -> Result<Vec<String>, Opaque> {
        match &join.condition {
            JoinCondition::Using(names) => Ok(names.clone()),
            JoinCondition::Natural => {
                let names = |from: usize, to: usize| -> Result<Vec<String>, Opaque> {
                    let items = scope.items.get(from..to).unwrap_or_default();
                    let columns = items.iter().flat_map(|item| &item.columns);
                    let name = |column: &ScopeColumn| {
                        let unknown = || "NATURAL over a name that the engine makes up".to_owned();
                        column.name.as_ref().map(|name| name.to_lowercase()).ok_or_else(unknown)
                    };
                    columns.filter(|column| !column.is_merged).map(name).collect()
                };
                let right = names(middle, scope.items.len())?;
                let mut keys = names(start, middle)?;
                keys.retain(|name| right.contains(name));
                let site =
                    Site { span, name: "NATURAL".to_owned(), landing: Landing::Keys(keys.clone()) };
                self.sites.push(site);
                Ok(keys)
            }
            JoinCondition::On(_) | JoinCondition::None => Ok(Vec::new()),
        }
    }

    /// Makes one column of two that USING names, and says when they are equal.
    fn merge(
        &mut self,
        scope: &mut Scope<'_>,
        name: &str,
        (start, middle): (usize, usize),
        kind: JoinKind,
    ) -> Result<Value, Opaque> {
        let count = scope.items.len();
        let left_merged = scope.merged.iter().position(|one| {
            one.place.0 >= start && one.place.0 < middle && one.name.eq_ignore_ascii_case(name)
        });
        let right = only_column(scope, name, (middle, count))?;
        let left = match left_merged {
            Some(place) => scope.merged.get(place).map(|one| (one.place, one.value.clone())),
            None => {
                let place = only_column(scope, name, (start, middle))?;
                value_at(scope, place).map(|value| (place, value))
            }
        };
        let (Some((left_place, left)), Some(right_value)) = (left, value_at(scope, right)) else {
            return Err(format!("USING ({name})"));
        };
        for place in [left_place, right] {
            let reads = scope.items.get(place.0).and_then(|item| {
                let column = item.columns.get(place.1)?;
                Some((item.node.clone()?, column.known_as()))
            });
            self.note(reads.into_iter().collect(), Span::default(), "JOIN USING");
        }
        let value = match kind {
            JoinKind::Right => right_value.clone(),
            JoinKind::Full => {
                let tag = Tag::new("operator").text("OPERATOR_COALESCE");
                let mut both = Value::new(tag.ids([left.id, right_value.id]).end())
                    .made_of([&left, &right_value]);
                both.lossy = left.lossy || right_value.lossy;
                if left.kind == right_value.kind {
                    both.kind.clone_from(&left.kind);
                }
                both
            }
            _ => left.clone(),
        };
        hide(scope, right);
        hide(scope, left_place);
        if let Some(place) = left_merged {
            scope.merged.remove(place);
        }
        let name = scope
            .items
            .get(left_place.0)
            .and_then(|item| item.columns.get(left_place.1)?.name.clone())
            .unwrap_or_else(|| name.to_owned());
        scope.merged.push(Merged { name, value, place: left_place });
        let mut equal = Value::new(rules::comparison("COMPARE_EQUAL", &left, &right_value))
            .made_of([&left, &right_value])
            .of_kind("BOOLEAN");
        for side in [&left, &right_value] {
            equal.class = equal.class.max(self.discretely(side));
        }
        equal.raises =
            left.raises || right_value.raises || !rules::compares_safely(&left, &right_value);
        Ok(equal)
    }

    fn leaf(&mut self, table: &TableRef, outer: Option<&Scope<'_>>) -> Result<Leaf, Opaque> {
        if table.sample.is_some() {
            return Err("a sample".to_owned());
        }
        match &table.kind {
            TableKind::Named(parts) => self.named(parts, table),
            TableKind::Subquery(query) => {
                let empty = Scope::default();
                let mut relation = self.query(query, Some(outer.unwrap_or(&empty)))?;
                renamed(&mut relation, &table.columns)?;
                Ok(leaf_of(relation, None, (table.alias.clone(), None)))
            }
            TableKind::Function(call, false) => self.function(call, table, outer),
            TableKind::Function(..) => Err("WITH ORDINALITY".to_owned()),
            TableKind::Values(rows) => self.values(rows, table, outer),
            TableKind::Join(join) if table.alias.is_none() => self.join(join, table.span, outer),
            TableKind::Join(_) => Err("a join with a name".to_owned()),
            TableKind::Opaque(opaque) => Err(opaque.construct.clone()),
        }
    }

    fn named(&mut self, parts: &[String], table: &TableRef) -> Result<Leaf, Opaque> {
        let (schema, name) = match parts {
            [name] => (None, name.to_lowercase()),
            [schema, name] => (Some(schema.to_lowercase()), name.to_lowercase()),
            _ => return Err(format!("the table {}", parts.join("."))),
        };
        let alias = table.alias.clone().or_else(|| parts.last().cloned());
        let own_schema = if table.alias.is_some() { None } else { schema.clone() };
        let known = self.named.iter().rev().find(|one| schema.is_none() && one.name == name);
        if let Some(known) = known {
            let mut relation = known.relation.clone();
            // Each reading of such a query may give something else, and a hint decides whether it does.
            if known.is_rigid {
                let tag = Tag::new("named").text(&format!("{:?}", known.hint));
                relation.base = tag.id(relation.rows()).end();
                relation.filters.clear();
            }
            renamed(&mut relation, &table.columns)?;
            return Ok(leaf_of(relation, None, (alias, None)));
        }
        let Some(input) = self.tables.get(&(schema, name)) else {
            return Err(format!("the table {}", parts.join(".")));
        };
        let Input { id, mut relation } = input.clone();
        let names: Vec<Option<String>> =
            relation.columns.iter().map(|column| column.name.clone()).collect();
        renamed(&mut relation, &table.columns)?;
        self.note(vec![(id.clone(), None)], table.span, "FROM");
        if !table.columns.is_empty() {
            // Names given by place mean whatever stands there.
            let places = names.iter().flatten().take(table.columns.len());
            let keys = places.map(|name| name.to_lowercase()).collect();
            let name = alias.clone().unwrap_or_default();
            self.sites.push(Site { span: table.span, name, landing: Landing::Places(keys) });
        }
        if relation.class == Class::Unstable {
            self.bind_to(&id, super::eval::Bond::Unstable);
        }
        relation.over = Some(id.clone());
        let mut leaf = leaf_of(relation, Some(id), (alias, own_schema));
        for item in &mut leaf.items {
            for (column, name) in item.columns.iter_mut().zip(&names) {
                column.origin.clone_from(name);
            }
        }
        Ok(leaf)
    }

    fn function(
        &mut self,
        call: &Call,
        table: &TableRef,
        outer: Option<&Scope<'_>>,
    ) -> Result<Leaf, Opaque> {
        let column = match call.name.as_str() {
            name @ ("range" | "generate_series" | "unnest") => name,
            other => return Err(format!("the table function {other}()")),
        };
        if call.arguments.iter().any(|argument| argument.alias.is_some()) {
            return Err(format!("{column}() with options"));
        }
        let empty = Scope::default();
        let scope = outer.unwrap_or(&empty);
        let at = At { scope, rows: rows_of(Class::Exact), look: Look::Columns };
        let arguments = self.exprs(&call.arguments, at)?;
        let class = arguments.iter().map(|one| one.class).max().unwrap_or_default();
        let base = Tag::new("table function").text(column).ids(arguments.iter().map(|one| one.id));
        let base = base.end();
        let mut value = Value::new(Tag::new("made").id(base).end()).made_of(&arguments);
        value.lossy = arguments.iter().any(|one| one.lossy);
        let name = table.columns.first().cloned().unwrap_or_else(|| column.to_owned());
        let columns = vec![ScopeColumn { name: Some(name), value, origin: None, is_merged: false }];
        let alias = table.alias.clone().or_else(|| Some(column.to_owned()));
        let items = vec![Item { name: alias, schema: None, columns, node: None }];
        Ok(Leaf {
            base,
            filters: BTreeSet::new(),
            class,
            items,
            merged: Vec::new(),
            keys: Vec::new(),
            over: None,
        })
    }

    fn values(
        &mut self,
        rows: &[Vec<Expr>],
        table: &TableRef,
        outer: Option<&Scope<'_>>,
    ) -> Result<Leaf, Opaque> {
        let empty = Scope::default();
        let scope = outer.unwrap_or(&empty);
        let at = At { scope, rows: rows_of(Class::Exact), look: Look::Columns };
        let mut columns: Vec<Vec<Value>> = Vec::new();
        for row in rows {
            let cells = self.exprs(row, at)?;
            columns.resize_with(cells.len().max(columns.len()), Vec::new);
            for (column, cell) in columns.iter_mut().zip(cells) {
                column.push(cell);
            }
        }
        let named = |(place, cells): (usize, &Vec<Value>)| {
            let tag = Tag::new("cells").ids(cells.iter().map(|cell| cell.id));
            let mut value = Value::new(tag.end()).made_of(cells);
            let first = cells.first().and_then(|cell| cell.kind.clone());
            if cells.iter().all(|cell| cell.kind == first) {
                value.kind = first;
                value.lossy = cells.iter().any(|cell| cell.lossy);
            }
            let name = table.columns.get(place).cloned().unwrap_or_else(|| format!("col{place}"));
            ScopeColumn { name: Some(name), value, origin: None, is_merged: false }
        };
        let columns: Vec<ScopeColumn> = columns.iter().enumerate().map(named).collect();
        let class = Class::Exact;
        let base = Tag::new("values").number(rows.len()).end();
        let items = vec![Item { name: table.alias.clone(), schema: None, columns, node: None }];
        Ok(Leaf {
            base,
            filters: BTreeSet::new(),
            class,
            items,
            merged: Vec::new(),
            keys: Vec::new(),
            over: None,
        })
    }

    /// A join that is not simply all pairs for which something holds.
    fn join(&mut self, join: &Join, span: Span, outer: Option<&Scope<'_>>) -> Result<Leaf, Opaque> {
        if join.asof || join.kind == JoinKind::Positional {
            self.is_ordered = true;
        }
        let left = self.region(&join.left, outer)?;
        let left_scope = Scope {
            items: left.items.clone(),
            merged: left.merged.clone(),
            outer,
            clause: "JOIN",
            ..Scope::default()
        };
        let right = self.region(&join.right, Some(&left_scope))?;
        let middle = left.items.len();
        let side =
            |number: usize| move |value: &Value| value.seen_as(Tag::new("slot").number(number));
        let mut scope = Scope { outer, clause: "JOIN ON", ..Scope::default() };
        let merged_of = |merged: &[Merged], number: usize, first: usize| -> Vec<Merged> {
            let moved = |one: &Merged| Merged {
                value: side(number)(&one.value),
                place: (one.place.0 + first, one.place.1),
                ..one.clone()
            };
            merged.iter().map(moved).collect()
        };
        scope.items.extend(left.items.iter().cloned().map(|item| slotted(item, &side(0))));
        scope.items.extend(right.items.iter().cloned().map(|item| slotted(item, &side(1))));
        scope.merged.extend(merged_of(&left.merged, 0, 0));
        scope.merged.extend(merged_of(&right.merged, 1, middle));
        let keys = self.keys(join, span, &scope, (0, middle))?;
        let mut conditions = Vec::new();
        if let JoinCondition::On(on) = &join.condition {
            for part in conjuncts(on) {
                let at = At { scope: &scope, rows: rows_of(Class::Exact), look: Look::Columns };
                conditions.push(self.expr(part, at)?);
            }
        }
        let plain = scope.clone();
        for key in &keys {
            conditions.push(self.merge(&mut scope, key, (0, middle), join.kind)?);
        }
        let mut class = left.class.max(right.class);
        for condition in &conditions {
            class = class.max(self.discretely(condition));
        }
        if join.asof || join.kind == JoinKind::Positional {
            class = Class::Unstable;
        }
        let ids = match self.rigid == 0 && conditions.iter().all(rules::is_harmless_condition) {
            true => rules::sorted_operands(&conditions),
            false => conditions.iter().map(|one| one.id).collect(),
        };
        if join.kind == JoinKind::Left
            && !join.asof
            && self.rigid == 0
            && let Some(columns) = lookup(&plain, &conditions, join, &right, middle)
        {
            return Ok(looked_up(left, right, scope, (columns, ids)));
        }
        let word = format!("{:?}{}", join.kind, if join.asof { " asof" } else { "" });
        let base = Tag::new("join").text(&word).id(left.rows()).id(right.rows()).ids(ids).end();
        let (left_null, right_null) = match join.kind {
            JoinKind::Left => (false, true),
            JoinKind::Right => (true, false),
            JoinKind::Full => (true, true),
            // Rows for which nothing was found closest have no right side.
            _ => (false, join.asof),
        };
        // A row that stays or goes is the row it was.
        if matches!(join.kind, JoinKind::Semi | JoinKind::Anti) {
            return Ok(Leaf {
                base,
                filters: BTreeSet::new(),
                class,
                items: left.items,
                merged: left.merged,
                keys: left.keys,
                over: None,
            });
        }
        for (number, item) in scope.items.iter_mut().enumerate() {
            let nulls = if number < middle { left_null } else { right_null };
            if nulls {
                item.columns.iter_mut().for_each(|column| column.value = or_null(&column.value));
            }
        }
        for merged in &mut scope.merged {
            let nulls = match join.kind {
                // The side that names the key always has it; of both sides there is always one.
                JoinKind::Full | JoinKind::Right if keys.contains(&merged.name) => false,
                _ if merged.place.0 < middle => left_null,
                _ => right_null,
            };
            if nulls {
                merged.value = or_null(&merged.value);
            }
        }
        let Scope { items, merged, .. } = scope;
        let filters = BTreeSet::new();
        Ok(Leaf { base, filters, class, items, merged, keys: Vec::new(), over: None })
    }
}

/// Where a LEFT JOIN finds at most one row for each: the right side is unique on exactly the columns
/// that are compared, and both sides of each comparison are of one type. Gives the left values.
fn lookup(
    scope: &Scope<'_>,
    conditions: &[Value],
    join: &Join,
    right: &Region,
    middle: usize,
) -> Option<Vec<Id>> {
    let mut pairs: Vec<(Value, Value)> = Vec::new();
    let side = |place: (usize, usize)| place.0 < middle;
    let mut pair = |one: (usize, usize), two: (usize, usize)| {
        let (left, right) = if side(one) { (one, two) } else { (two, one) };
        let both = (value_at(scope, left)?, value_at(scope, right)?);
        (side(left) && !side(right)).then(|| pairs.push(both))
    };
    match &join.condition {
        JoinCondition::On(on) => {
            for part in conjuncts(on) {
                let ExprKind::Operator(name, operands) = &part.kind else { return None };
                let [one, two] = operands.as_slice() else { return None };
                if name != "COMPARE_EQUAL" {
                    return None;
                }
                pair(column_place(scope, one)?, column_place(scope, two)?)?;
            }
        }
        JoinCondition::Using(names) => {
            for name in names {
                let left = only_column(scope, name, (0, middle)).ok()?;
                let right = only_column(scope, name, (middle, scope.items.len())).ok()?;
                pair(left, right)?;
            }
        }
        _ => return None,
    }
    let is_sound = |(left, right): &(Value, Value)| rules::same_kind(left, right);
    if conditions.is_empty() || !pairs.iter().all(is_sound) {
        return None;
    }
    // The right side's keys are told in its own rows.
    let slot = |id: &Id| Tag::new("slot").number(1).id(*id).end();
    let compared: BTreeSet<Id> = pairs.iter().map(|(_, right)| right.id).collect();
    let is_key = |key: &BTreeSet<Id>| key.iter().map(slot).collect::<BTreeSet<Id>>() == compared;
    (right.keys.iter().any(is_key) && right.class == Class::Exact)
        .then(|| pairs.iter().map(|(left, _)| left.id).collect())
}

/// A LEFT JOIN that keeps every left row once: the right columns beside the rows, not in them.
fn looked_up(left: Region, right: Region, scope: Scope<'_>, about: (Vec<Id>, Vec<Id>)) -> Leaf {
    let middle = left.items.len();
    let (_, condition) = about;
    let found = Tag::new("found").id(right.rows()).ids(condition).end();
    let look = |value: &Value| or_null(&value.seen_as(Tag::new("lookup").id(found)));
    let mut items = left.items;
    items.extend(right.items.into_iter().map(|item| slotted(item, &look)));
    // USING shows one of two columns: the left one, as it is in the left rows.
    let mut merged = left.merged;
    for one in scope.merged {
        let value = items
            .get(one.place.0)
            .and_then(|item| item.columns.get(one.place.1))
            .map(|column| column.value.clone());
        if let Some(value) = value.filter(|_| one.place.0 < middle)
            && !merged.iter().any(|known| known.place == one.place)
        {
            merged.push(Merged { value, ..one });
        }
    }
    for (number, item) in scope.items.iter().enumerate() {
        for (place, column) in item.columns.iter().enumerate().filter(|(_, one)| one.is_merged) {
            if let Some(own) = items.get_mut(number).and_then(|item| item.columns.get_mut(place)) {
                own.is_merged = column.is_merged;
            }
        }
    }
    Leaf {
        base: left.base,
        filters: left.filters,
        class: left.class.max(right.class),
        items,
        merged,
        keys: left.keys,
        over: None,
    }
}

/// The item and the column that a bare or qualified name means.
fn column_place(scope: &Scope<'_>, expr: &Expr) -> Option<(usize, usize)> {
    let ExprKind::Column(parts) = &expr.kind else { return None };
    let is = |one: &Option<String>, name: &String| {
        one.as_ref().is_some_and(|one| one.eq_ignore_ascii_case(name))
    };
    let mut found = None;
    for (number, item) in scope.items.iter().enumerate() {
        for (place, column) in item.columns.iter().enumerate() {
            let hit = match parts.as_slice() {
                [name] => is(&column.name, name),
                [table, name] => is(&item.name, table) && is(&column.name, name),
                _ => return None,
            };
            if hit {
                if found.is_some() {
                    return None;
                }
                found = Some((number, place));
            }
        }
    }
    found
}

fn only_column(
    scope: &Scope<'_>,
    name: &str,
    (from, to): (usize, usize),
) -> Result<(usize, usize), Opaque> {
    let mut found = None;
    for number in from..to {
        let columns =
            scope.items.get(number).map(|item| item.columns.as_slice()).unwrap_or_default();
        for (place, column) in columns.iter().enumerate() {
            let is = column.name.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(name));
            if is && !column.is_merged {
                if found.is_some() {
                    return Err(format!("`{name}` may mean several columns"));
                }
                found = Some((number, place));
            }
        }
    }
    found.ok_or_else(|| format!("USING ({name})"))
}

fn value_at(scope: &Scope<'_>, (item, column): (usize, usize)) -> Option<Value> {
    scope.items.get(item)?.columns.get(column).map(|column| column.value.clone())
}

fn hide(scope: &mut Scope<'_>, (item, column): (usize, usize)) {
    if let Some(column) = scope.items.get_mut(item).and_then(|item| item.columns.get_mut(column)) {
        column.is_merged = true;
    }
}

/// What the left side of a join may not see hidden: the items from one on.
fn part_of<'p>(scope: &Scope<'p>, start: usize) -> Scope<'p> {
    let mut part = scope.clone();
    for item in part.items.iter_mut().take(start) {
        item.columns.clear();
        item.name = None;
    }
    part.merged.retain(|merged| merged.place.0 >= start);
    part.clause = "JOIN ON";
    part
}

fn slotted(item: Item, slot: &dyn Fn(&Value) -> Value) -> Item {
    let column = |column: ScopeColumn| ScopeColumn { value: slot(&column.value), ..column };
    Item { columns: item.columns.into_iter().map(column).collect(), ..item }
}

/// A value that is NULL where there is no row for it, constants included.
fn or_null(value: &Value) -> Value {
    Value { literal: None, ..value.seen_as(Tag::new("or null")) }
}

fn leaf_of(
    relation: Relation,
    node: Option<NodeId>,
    (name, schema): (Option<String>, Option<String>),
) -> Leaf {
    let Relation { base, filters, class, columns, keys, over, .. } = relation;
    let columns = columns
        .into_iter()
        .map(|output| ScopeColumn {
            name: output.name,
            value: output.value,
            origin: None,
            is_merged: false,
        })
        .collect();
    let items = vec![Item { name, schema, columns, node }];
    Leaf { base, filters, class, items, merged: Vec::new(), keys, over }
}

/// Rows in places where no aggregate and no window can stand.
fn rows_of(class: Class) -> Rows<'static> {
    let none = Tag::new("no rows").end();
    Rows { grouped: none, windowed: none, class, keys: &[] }
}
