//! The select list: stars written out, names, values, and lists that become rows.

use super::clauses::Clause;
use super::eval::{Eval, Opaque};
use super::expr::At;
use super::functions::{Nature, canonical, nature};
use super::id::{Id, Tag};
use super::scope::{Look, Scope};
use super::select::{Stage, rows_at};
use super::value::{Output, Value};
use crate::binder::Column;
use seeknal_syntax::Span;
use seeknal_syntax::sql::tree::{Expr, ExprKind, Select, Star};
use seeknal_syntax::sql::walk::{self, Part};
use std::sync::Arc;

impl Eval<'_> {
    /// The items of a select list with stars written out.
    pub(crate) fn expanded<'s>(
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
                    self.note(vec![(node.clone(), column.known_as())], span, Clause::Star);
                }
                let merged = merged.filter(|_| star.relation.is_none());
                let value = merged.map_or(&column.value, |merged| &merged.value).clone();
                items.push(Item::Value(Output { name: Some(name), value, span }));
            }
        }
        // A star over no table may be the fields of a struct.
        if seen { Ok(()) } else { Err("the fields of a struct as columns".to_owned()) }
    }

    pub(crate) fn outputs(
        &mut self,
        items: &[Item<'_>],
        scope: &mut Scope<'_>,
        (stage, grouped): (&Stage, Option<Id>),
        kinds: Option<&[Column]>,
    ) -> Result<Vec<Output>, Opaque> {
        scope.clause = Clause::Select;
        if kinds.is_some_and(|kinds| kinds.len() != items.len()) {
            return Err("the engine counts other columns".to_owned());
        }
        let mut outputs: Vec<Output> = Vec::new();
        for (place, item) in items.iter().enumerate() {
            let rows = rows_at(stage, grouped);
            let around = std::mem::take(&mut self.touched);
            let mut value = match item.unnests() {
                // Its rows are made behind the groups.
                true => Value::new(Tag::new("element").number(place).end()),
                false => self.item(item, At { scope, rows, look: Look::Columns })?,
            };
            let named = std::mem::replace(&mut self.touched, around);
            if !named.iter().all(|one| value.from.contains(one)) {
                value.comes_from(&named.iter().copied().collect());
            }
            self.touched.extend(named);
            let said = item.name();
            let mut name = said.clone();
            if let Some(column) = kinds.and_then(|kinds| kinds.get(place)) {
                let raises = value.raises;
                value = Value { raises, ..value.of_kind(&column.kind) };
                name = name
                    .filter(|name| **name == *column.name)
                    .or_else(|| Some(column.name.as_str().into()));
            }
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

    pub(crate) fn item(&mut self, item: &Item<'_>, at: At<'_, '_>) -> Result<Value, Opaque> {
        match item {
            Item::Expr(expr) | Item::Named(expr, _) => self.expr(expr, at),
            Item::Value(output) => Ok(output.value.clone()),
        }
    }

    /// Lists in the select list that become rows: all of them together decide how many.
    pub(crate) fn unnested(
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
pub(crate) enum Item<'s> {
    /// As written.
    Expr(&'s Expr),
    /// What a star's REPLACE puts in the place of a column.
    Named(&'s Expr, Arc<str>),
    /// A column that a star stands for.
    Value(Output),
}

impl Item<'_> {
    pub(crate) fn expr(&self) -> Option<&Expr> {
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
    fn name(&self) -> Option<Arc<str>> {
        match self {
            Item::Named(_, name) => Some(name.clone()),
            Item::Value(output) => output.name.clone(),
            Item::Expr(expr) => said(expr).map(Arc::from),
        }
    }

    pub(crate) fn is_called(&self, name: &str) -> bool {
        match self {
            Item::Expr(expr) => {
                expr.alias.as_ref().is_some_and(|alias| alias.eq_ignore_ascii_case(name))
            }
            other => other.name().is_some_and(|own| own.eq_ignore_ascii_case(name)),
        }
    }

    pub(crate) fn aggregates(&self) -> bool {
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

/// The name that an expression has in a select list, where the text says it.
fn said(expr: &Expr) -> Option<&str> {
    expr.alias.as_deref().or_else(|| match &expr.kind {
        ExprKind::Column(parts) => parts.last().map(String::as_str),
        _ => None,
    })
}

/// Whether an expression holds an aggregate of its own block.
pub(crate) fn aggregates(expr: &Expr) -> bool {
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
