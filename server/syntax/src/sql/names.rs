//! The names in a query, for colours, outline, highlighting and completion.

use super::place::Places;
use super::tokens::tokenize;
use crate::{Span, slice};
use sqlparser::ast::{
    Expr, Function, Ident, ObjectName, Query, Select, SelectItem, TableAlias, TableFactor, Visit,
    Visitor,
};
use sqlparser::dialect::DuckDbDialect;
use sqlparser::parser::Parser;
use std::ops::ControlFlow;

/// A name in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// What it names.
    pub kind: NameKind,
    /// Its parts as written, `["o", "amount"]` for `o.amount`, each with its place.
    pub parts: Vec<(String, Span)>,
}

/// What a name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// A table, view or CTE that is read.
    Table,
    /// A CTE where it is defined.
    Cte,
    /// Another name given to a table.
    TableAlias,
    /// A column that is read.
    Column,
    /// A name given to an output column.
    ColumnAlias,
    /// A function that is called.
    Function,
}

/// sqlparser's own limit. Deeper queries are rare, and its time can double with each level.
const DEPTH_MAX: usize = 50;

/// The names of a text in the order of the text; none where sqlparser cannot parse it.
pub fn names(text: &str) -> Vec<Name> {
    if super::depth_problem(text).is_some() {
        return Vec::new();
    }
    let (tokens, unfinished) = tokenize(text);
    let mut parser = Parser::new(&DuckDbDialect {})
        .with_recursion_limit(DEPTH_MAX)
        .with_tokens_with_locations(tokens);
    let statements =
        if unfinished { Vec::new() } else { parser.parse_statements().unwrap_or_default() };
    let mut collector = Collector { text, places: Places::new(text), found: Vec::new() };
    for statement in &statements {
        let _ = statement.visit(&mut collector);
    }
    let mut found = collector.found;
    found.sort_by_key(|name| name.parts.first().map(|(_, span)| span.start));
    found.dedup();
    found
}

struct Collector<'t> {
    text: &'t str,
    places: Places,
    found: Vec<Name>,
}

impl Collector<'_> {
    fn add<'i>(&mut self, kind: NameKind, idents: impl IntoIterator<Item = &'i Ident>) {
        let parts: Vec<(String, Span)> = idents
            .into_iter()
            .map(|ident| {
                let start = self.places.offset(ident.span.start);
                let end = self.places.offset(ident.span.end);
                (ident.value.clone(), Span::new(start, end))
            })
            .filter(|(_, span)| !slice(self.text, *span).is_empty())
            .collect();
        if !parts.is_empty() {
            self.found.push(Name { kind, parts });
        }
    }

    fn add_object(&mut self, kind: NameKind, name: &ObjectName) {
        self.add(kind, name.0.iter().filter_map(|part| part.as_ident()));
    }

    fn add_alias(&mut self, alias: Option<&TableAlias>) {
        if let Some(alias) = alias {
            self.add(NameKind::TableAlias, [&alias.name]);
        }
    }

    fn add_call(&mut self, call: &Function) {
        self.add_object(NameKind::Function, &call.name);
    }
}

impl Visitor for Collector<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.add(NameKind::Cte, [&cte.alias.name]);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        for item in &select.projection {
            if let SelectItem::ExprWithAlias { alias, .. } = item {
                self.add(NameKind::ColumnAlias, [alias]);
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        match factor {
            TableFactor::Table { name, alias, args, .. } => {
                let kind = if args.is_some() { NameKind::Function } else { NameKind::Table };
                self.add_object(kind, name);
                self.add_alias(alias.as_ref());
            }
            TableFactor::Function { name, alias, .. } => {
                self.add_object(NameKind::Function, name);
                self.add_alias(alias.as_ref());
            }
            TableFactor::Derived { alias, .. }
            | TableFactor::TableFunction { alias, .. }
            | TableFactor::UNNEST { alias, .. }
            | TableFactor::NestedJoin { alias, .. }
            | TableFactor::Pivot { alias, .. }
            | TableFactor::Unpivot { alias, .. } => self.add_alias(alias.as_ref()),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            Expr::Identifier(ident) => self.add(NameKind::Column, [ident]),
            Expr::CompoundIdentifier(idents) => self.add(NameKind::Column, idents),
            Expr::Function(call) => self.add_call(call),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_and_placed() {
        use NameKind::*;
        let text = "WITH paid AS (SELECT id AS ü, sum(o.amount) FROM ref('source.orders') AS o)\n\
                    SELECT p.\"ü\" FROM paid p JOIN shop.customers ON true";
        let found = names(text);
        let shown: Vec<(NameKind, String)> = found
            .iter()
            .map(|name| {
                let place = name.parts[0].1.cover(name.parts.last().unwrap().1);
                (name.kind, slice(text, place).to_owned())
            })
            .collect();
        let expected = [
            (Cte, "paid"),
            (Column, "id"),
            (ColumnAlias, "ü"),
            (Function, "sum"),
            (Column, "o.amount"),
            (Function, "ref"),
            (TableAlias, "o"),
            (Column, "p.\"ü\""),
            (Table, "paid"),
            (TableAlias, "p"),
            (Table, "shop.customers"),
        ];
        assert_eq!(shown, expected.map(|(kind, text)| (kind, text.to_owned())));
    }

    #[test]
    fn what_sqlparser_cannot_parse_has_no_names() {
        assert_eq!(names("SELECT FROM WHERE"), []);
        assert_eq!(names(&"(".repeat(200_000)), []);
        let deep = format!("SELECT {}1{}", "(".repeat(400), ")".repeat(400));
        assert_eq!(names(&deep), []);
    }
}
