//! Expressions.

use super::fields::{Fields, Lost};
use super::{LEVELS_MAX, Reader, types};
use crate::Span;
use crate::sql::tree::{Call, Expr, ExprKind, Star, Subquery, Window};
use serde_json::Value;

/// What every expression has.
const COMMON: [&str; 3] = ["class", "type", "alias"];

impl Reader<'_> {
    /// An expression; what cannot be read is opaque, and only that.
    pub(super) fn expr(&mut self, value: &Value) -> Expr {
        let fields = match Fields::of(value) {
            Ok(fields) => fields,
            Err(lost) => return self.lost(&lost),
        };
        self.level += 1;
        let read = if self.level > LEVELS_MAX {
            Err(Lost::new("deep nesting"))
        } else {
            self.kind(fields)
        };
        self.level -= 1;
        match read {
            Ok((kind, span)) => Expr { kind, alias: fields.said("alias"), span },
            Err(lost) => self.lost(&Lost { at: fields.location(), ..lost }),
        }
    }

    fn lost(&self, lost: &Lost) -> Expr {
        let opaque = self.opaque(lost);
        Expr { span: opaque.span, kind: ExprKind::Opaque(opaque), alias: None }
    }

    fn kind(&mut self, fields: Fields<'_>) -> Result<(ExprKind, Span), Lost> {
        match fields.text("class") {
            "COLUMN_REF" => self.column(fields),
            "CONSTANT" => {
                known(fields, &["value"])?;
                let (kind, value) = types::constant(fields.need("value")?)?;
                Ok((ExprKind::Constant { kind, value }, self.own(fields)))
            }
            "FUNCTION" => self.call(fields),
            "WINDOW" => self.window(fields),
            "CAST" => self.cast(fields),
            "CASE" => self.case(fields),
            "SUBQUERY" => self.subquery(fields),
            "STAR" => self.star(fields),
            "COMPARISON" => self.operator(fields, &["left", "right"]),
            "BETWEEN" => self.operator(fields, &["input", "lower", "upper"]),
            "CONJUNCTION" | "OPERATOR" => self.operands(fields),
            "COLLATE" => {
                known(fields, &["child", "collation"])?;
                let child = self.expr(fields.need("child")?);
                let span = self.own(fields).cover(child.span);
                Ok((ExprKind::Collate(Box::new(child), fields.text("collation").to_owned()), span))
            }
            "LAMBDA" => {
                known(fields, &["lhs", "expr"])?;
                let left = self.expr(fields.need("lhs")?);
                let body = self.expr(fields.need("expr")?);
                let span = self.around(fields, [left.span, body.span]);
                Ok((ExprKind::Lambda(Box::new(left), Box::new(body)), span))
            }
            "POSITIONAL_REFERENCE" => {
                known(fields, &["index"])?;
                let index = fields.need("index")?.as_u64().ok_or_else(|| Lost::new("#"))?;
                Ok((ExprKind::Positional(index), self.own(fields)))
            }
            "PARAMETER" => {
                known(fields, &["identifier"])?;
                Ok((ExprKind::Parameter(fields.text("identifier").to_owned()), self.own(fields)))
            }
            "DEFAULT" => Ok((ExprKind::Default, self.own(fields))),
            other => Err(Lost::new(other.to_lowercase().replace('_', " "))),
        }
    }

    /// The token at which DuckDB places it; the whole query where it does not say.
    fn own(&self, fields: Fields<'_>) -> Span {
        fields.location().map_or_else(|| self.places.whole(), |at| self.places.token(at))
    }

    /// What its parts cover, with its own token.
    fn around(&self, fields: Fields<'_>, parts: impl IntoIterator<Item = Span>) -> Span {
        let whole = self.places.whole();
        let placed = parts.into_iter().filter(|span| *span != whole);
        let own = fields.location().map(|at| self.places.token(at));
        placed.chain(own).reduce(Span::cover).unwrap_or(whole)
    }

    fn column(&self, fields: Fields<'_>) -> Result<(ExprKind, Span), Lost> {
        known(fields, &["column_names"])?;
        let parts = fields.texts("column_names")?;
        let at = fields.location();
        let span = at.map_or_else(|| self.places.whole(), |at| self.places.dotted(at, parts.len()));
        Ok((ExprKind::Column(parts), span))
    }

    fn call(&mut self, fields: Fields<'_>) -> Result<(ExprKind, Span), Lost> {
        known(
            fields,
            &[
                "function_name",
                "schema",
                "catalog",
                "children",
                "filter",
                "order_bys",
                "distinct",
                "is_operator",
            ],
        )?;
        let arguments: Vec<Expr> =
            fields.list("children").iter().map(|child| self.expr(child)).collect();
        let filter = fields.get("filter").map(|value| self.expr(value));
        let order = match fields.get("order_bys") {
            Some(order) => self.order(Fields::of(order)?)?,
            None => Vec::new(),
        };
        let spans: Vec<Span> = arguments.iter().chain(&filter).map(|part| part.span).collect();
        let mut span = self.around(fields, spans);
        if let (false, Some(at)) = (fields.flag("is_operator"), fields.location()) {
            span = span.cover(self.places.call(at));
        }
        if filter.is_some() {
            span = span.cover(self.places.closed(span.end));
        }
        let call = Call {
            name: name(fields),
            arguments,
            distinct: fields.flag("distinct"),
            filter,
            order,
        };
        Ok((ExprKind::Call(Box::new(call)), span))
    }

    fn window(&mut self, fields: Fields<'_>) -> Result<(ExprKind, Span), Lost> {
        known(
            fields,
            &[
                "function_name",
                "schema",
                "catalog",
                "children",
                "partitions",
                "orders",
                "start",
                "end",
                "start_expr",
                "end_expr",
                "offset_expr",
                "default_expr",
                "ignore_nulls",
                "filter_expr",
                "exclude_clause",
                "distinct",
                "arg_orders",
            ],
        )?;
        let children = fields.list("children").iter();
        let rest = ["offset_expr", "default_expr"].into_iter().filter_map(|key| fields.get(key));
        let arguments: Vec<Expr> = children.chain(rest).map(|child| self.expr(child)).collect();
        let filter = fields.get("filter_expr").map(|value| self.expr(value));
        let partitions: Vec<Expr> =
            fields.list("partitions").iter().map(|part| self.expr(part)).collect();
        let order = self.terms(fields.list("orders"))?;
        let own_order = self.terms(fields.list("arg_orders"))?;
        let bounds =
            ["start_expr", "end_expr"].map(|key| fields.get(key).map(|value| self.expr(value)));
        let spans: Vec<Span> = arguments
            .iter()
            .chain(&partitions)
            .chain(order.iter().map(|term| &term.expr))
            .map(|part| part.span)
            .collect();
        let mut span = self.around(fields, spans);
        if let Some(at) = fields.location() {
            span = span.cover(self.places.call(at));
        }
        let call = Call {
            name: name(fields),
            arguments,
            distinct: fields.flag("distinct"),
            filter,
            order: own_order,
        };
        let frame = ["start", "end", "exclude_clause"].map(|key| fields.text(key).to_owned());
        let ignore_nulls = fields.flag("ignore_nulls");
        let window = Window { call, partitions, order, frame, bounds, ignore_nulls };
        Ok((ExprKind::Window(Box::new(window)), span))
    }

    fn cast(&mut self, fields: Fields<'_>) -> Result<(ExprKind, Span), Lost> {
        known(fields, &["child", "cast_type", "try_cast"])?;
        let inner = self.expr(fields.need("child")?);
        let to = types::kind(fields.need("cast_type")?)?;
        let mut span = self.around(fields, [inner.span]);
        if let Some(at) = fields.location() {
            span = span.cover(self.places.cast(at));
        }
        let try_cast = fields.flag("try_cast");
        Ok((ExprKind::Cast { inner: Box::new(inner), to, try_cast }, span))
    }

    fn case(&mut self, fields: Fields<'_>) -> Result<(ExprKind, Span), Lost> {
        known(fields, &["case_checks", "else_expr"])?;
        let mut branches = Vec::new();
        for check in fields.list("case_checks") {
            let check = Fields::of(check)?.only(&["when_expr", "then_expr"])?;
            let when = self.expr(check.need("when_expr")?);
            branches.push((when, self.expr(check.need("then_expr")?)));
        }
        let rest = self.expr(fields.need("else_expr")?);
        let parts = branches.iter().flat_map(|(when, then)| [when.span, then.span]);
        let span = self.around(fields, parts.chain([rest.span]));
        let span = fields.location().map_or(span, |at| span.cover(self.places.case(at, span.end)));
        Ok((ExprKind::Case(branches, Box::new(rest)), span))
    }

    fn subquery(&mut self, fields: Fields<'_>) -> Result<(ExprKind, Span), Lost> {
        known(fields, &["subquery_type", "subquery", "child", "comparison_type"])?;
        let child = fields.get("child").map(|value| self.expr(value));
        let query = self.statement(fields.need("subquery")?);
        let comparison = fields.said("comparison_type").filter(|word| word != "INVALID");
        let parts = child.iter().map(|child| child.span).chain([query.span()]);
        let mut span = self.around(fields, parts);
        if let Some(at) = fields.location() {
            span = span.cover(self.places.call(at));
        }
        let kind = fields.text("subquery_type").to_owned();
        Ok((ExprKind::Subquery(Box::new(Subquery { kind, child, comparison, query })), span))
    }

    fn star(&mut self, fields: Fields<'_>) -> Result<(ExprKind, Span), Lost> {
        known(
            fields,
            &[
                "relation_name",
                "exclude_list",
                "replace_list",
                "columns",
                "expr",
                "qualified_exclude_list",
                "rename_list",
            ],
        )?;
        let mut star = Star {
            relation: fields.said("relation_name"),
            exclude: fields.texts("exclude_list")?.into_iter().map(|name| vec![name]).collect(),
            is_columns: fields.flag("columns"),
            chosen: fields.get("expr").map(|value| self.expr(value)),
            ..Star::default()
        };
        for qualified in fields.list("qualified_exclude_list") {
            star.exclude.push(parts(qualified)?);
        }
        for pair in fields.list("replace_list") {
            let pair = Fields::of(pair)?.only(&["key", "value"])?;
            star.replace.push((pair.text("key").to_owned(), self.expr(pair.need("value")?)));
        }
        for pair in fields.list("rename_list") {
            let pair = Fields::of(pair)?.only(&["key", "value"])?;
            star.rename.push((parts(pair.need("key")?)?, pair.text("value").to_owned()));
        }
        let chosen = star.chosen.iter().map(|chosen| chosen.span);
        let span = self.around(fields, chosen);
        Ok((ExprKind::Star(Box::new(star)), span))
    }

    fn operator(&mut self, fields: Fields<'_>, keys: &[&str]) -> Result<(ExprKind, Span), Lost> {
        known(fields, keys)?;
        let mut parts = Vec::new();
        for key in keys {
            parts.push(self.expr(fields.need(key)?));
        }
        let span = self.around(fields, parts.iter().map(|part| part.span));
        Ok((ExprKind::Operator(fields.text("type").to_owned(), parts), span))
    }

    fn operands(&mut self, fields: Fields<'_>) -> Result<(ExprKind, Span), Lost> {
        known(fields, &["children"])?;
        let parts: Vec<Expr> =
            fields.list("children").iter().map(|child| self.expr(child)).collect();
        let span = self.around(fields, parts.iter().map(|part| part.span));
        Ok((ExprKind::Operator(fields.text("type").to_owned(), parts), span))
    }
}

fn known(fields: Fields<'_>, own: &[&str]) -> Result<(), Lost> {
    fields.only(&[&COMMON[..], own].concat()).map(|_| ())
}

/// The name of a function. The parser writes `main` before some names by itself.
fn name(fields: Fields<'_>) -> String {
    let keys = ["catalog", "schema", "function_name"];
    let parts = keys.iter().map(|key| fields.text(key)).filter(|part| !part.is_empty());
    let parts: Vec<String> = parts.map(str::to_lowercase).collect();
    let name = parts.join(".");
    name.strip_prefix("main.").map_or(name.clone(), str::to_owned)
}

/// A name in its parts, from an object with a field for each.
fn parts(value: &Value) -> Result<Vec<String>, Lost> {
    let fields = Fields::of(value)?.only(&["catalog", "schema", "table", "column"])?;
    let keys = ["catalog", "schema", "table", "column"];
    Ok(keys.iter().filter_map(|key| fields.said(key)).collect())
}
