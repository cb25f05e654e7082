//! Expressions as values.

use super::eval::{Eval, Opaque};
use super::functions::{Family, Nature, ONLY_WINDOWED, TAKE_LAMBDAS, Total, canonical, nature};
use super::id::{Id, Ids, Tag};
use super::numbers::{beside_doubles, constant};
use super::rules;
use super::scope::{Landing, Look, Scope, Site};
use super::value::{Class, Value, is_floating};
use seeknal_syntax::sql::tree::{Call, Expr, ExprKind, OrderTerm};
use seeknal_syntax::{Span, slice};

/// What surrounds an expression besides its names.
#[derive(Clone, Copy)]
pub(crate) struct At<'a, 'p> {
    pub(crate) scope: &'a Scope<'p>,
    /// The rows at the point of evaluation, for windows.
    pub(crate) rows: Rows<'a>,
    pub(crate) look: Look,
}

/// The rows over which aggregates and windows are taken.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    /// Those that go into groups.
    pub(crate) grouped: Id,
    /// Those that windows see.
    pub(crate) windowed: Id,
    pub(crate) class: Class,
    /// Sets of values that are different in each of the windows' rows.
    pub(crate) keys: &'a [std::collections::BTreeSet<Id>],
}

impl Eval<'_> {
    pub(crate) fn expr(&mut self, expr: &Expr, at: At<'_, '_>) -> Result<Value, Opaque> {
        let value = match self.only_slot(expr, at) {
            // What is computed of one leaf is the same whether it was computed in there.
            Some(number) => {
                self.within = Some(number);
                let value = self.value(expr, at);
                self.within = None;
                value?.of_slot(number)
            }
            None => self.value(expr, at)?,
        };
        self.raised |= value.raises;
        Ok(value)
    }

    fn value(&mut self, expr: &Expr, at: At<'_, '_>) -> Result<Value, Opaque> {
        match &expr.kind {
            ExprKind::Column(parts) => self.column(parts, expr, at),
            ExprKind::Constant { kind, value } => {
                let id = match self.decided_by_run(expr) {
                    Some(written) => Tag::new("decided by a run").text(kind).text(&written).end(),
                    None => constant(kind, value.as_deref()),
                };
                let mut constant = Value::new(id).of_kind(kind);
                constant.raises = false;
                constant.literal = Some(value.is_some());
                Ok(constant)
            }
            ExprKind::Call(call) => self.call(call, at),
            ExprKind::Window(window) => self.window(window, at),
            ExprKind::Operator(name, operands) => self.operator(name, operands, at),
            ExprKind::Cast { inner, to, try_cast } => self.cast(inner, to, *try_cast, at),
            ExprKind::Case(branches, rest) => self.case(branches, rest, at),
            ExprKind::Subquery(subquery) => self.subquery(subquery, at),
            ExprKind::Lambda(left, right) => {
                // Outside of the functions that take lambdas an arrow looks into JSON.
                let parts = [self.expr(left, at)?, self.expr(right, at)?];
                Ok(pure("call ->", &parts))
            }
            ExprKind::Collate(inner, collation) => {
                let inner = self.expr(inner, at)?;
                let tag = Tag::new("collate").text(&collation.to_lowercase()).id(inner.id);
                Ok(Value::new(tag.end()).made_of([&inner]))
            }
            ExprKind::Positional(_) => Err("a column by its place".to_owned()),
            ExprKind::Star(_) => Err("a star inside an expression".to_owned()),
            ExprKind::Parameter(_) => Err("a parameter of a prepared query".to_owned()),
            ExprKind::Default => Err("DEFAULT".to_owned()),
            ExprKind::Opaque(opaque) => Err(opaque.construct.clone()),
        }
    }

    /// What is written in a literal whose value each run decides: with everything around the braces.
    fn decided_by_run(&mut self, literal: &Expr) -> Option<String> {
        let (mut written, mut from) = (String::new(), literal.span.start);
        let mut found = false;
        for one in &mut self.run_scoped {
            if one.span.start < literal.span.start || one.span.end > literal.span.end {
                continue;
            }
            // An expression may be looked at more than once.
            one.is_seen = true;
            found = true;
            written.push_str(slice(self.sql, Span::new(from, one.span.start)));
            written.push_str(&one.written);
            from = one.span.end;
        }
        written.push_str(slice(self.sql, Span::new(from, literal.span.end)));
        found.then_some(written)
    }

    pub(crate) fn exprs<'e>(
        &mut self,
        exprs: impl IntoIterator<Item = &'e Expr>,
        at: At<'_, '_>,
    ) -> Result<Vec<Value>, Opaque> {
        exprs.into_iter().map(|expr| self.expr(expr, at)).collect()
    }

    fn column(&mut self, parts: &[String], expr: &Expr, at: At<'_, '_>) -> Result<Value, Opaque> {
        let mut found = at.scope.find(parts, at.look)?;
        if let (Some(_), Some((_, own))) = (self.within, found.value.inside) {
            found.value.id = own;
            found.value.inside = None;
        }
        self.note(found.reads, expr.span, at.scope.clause);
        self.touched.extend(found.value.from.iter());
        let (name, span) = (parts.join(".").into(), expr.span);
        let is_keyword = found.landing == Landing::Keyword;
        self.sites.push(Site { span, name, landing: found.landing });
        if is_keyword {
            return Ok(self.unstable_call(found.value.id));
        }
        let fields = parts.get(parts.len() - found.rest..).unwrap_or_default();
        Ok(fields.iter().fold(found.value, |value, field| {
            let tag = Tag::new("field").text(&field.to_lowercase()).id(value.id);
            let mut inner = Value::new(tag.end()).made_of([&value]);
            inner.raises = value.raises;
            inner
        }))
    }

    fn call(&mut self, call: &Call, at: At<'_, '_>) -> Result<Value, Opaque> {
        let name = canonical(&call.name);
        let Some(nature) = nature(name, call.arguments.len()) else {
            return Err(format!("the function {name}()"));
        };
        match nature {
            Nature::Scalar(family) => self.scalar(name, family, call, at),
            Nature::Unstable => {
                let arguments = self.exprs(&call.arguments, at)?;
                let what = Tag::new("call").text(name).ids(arguments.iter().map(|one| one.id));
                Ok(self.unstable_call(what.end()))
            }
            Nature::OrderBound if name == "fill" || ONLY_WINDOWED.contains(&name) => {
                Err(format!("{name}() without OVER"))
            }
            Nature::Aggregate(total) => self.aggregate(name, Some(total), call, at),
            Nature::OrderBound => self.aggregate(name, None, call, at),
            Nature::Rank => Err(format!("{name}() without OVER")),
            Nature::SetReturning => Err("unnest() inside an expression".to_owned()),
        }
    }

    fn scalar(
        &mut self,
        name: &str,
        family: Family,
        call: &Call,
        at: At<'_, '_>,
    ) -> Result<Value, Opaque> {
        if call.distinct || call.filter.is_some() || !call.order.is_empty() {
            return Err(format!("{name}() as an aggregate"));
        }
        let mut arguments = Vec::new();
        for (place, argument) in call.arguments.iter().enumerate() {
            arguments.push(match &argument.kind {
                ExprKind::Lambda(parameters, body) if place > 0 && TAKE_LAMBDAS.contains(&name) => {
                    self.lambda(parameters, body, at)?
                }
                _ => self.expr(argument, at)?,
            });
        }
        if matches!(name, "+" | "-" | "*" | "/") && self.rigid == 0 {
            beside_doubles(&call.arguments, &mut arguments);
        }
        // Rounding and writing as text tell apart what differs in its last digit only.
        let is_discrete = matches!(family, Family::Plain)
            || ["round", "trunc", "ceil", "floor", "sign", "round_even"].contains(&name);
        let mut class = arguments.iter().map(|one| one.class).max().unwrap_or_default();
        if is_discrete {
            for argument in &arguments {
                class = class.max(self.discretely(argument));
            }
        }
        let names = call.arguments.iter().map(|argument| argument.alias.as_deref());
        let ids = arguments.iter().map(|one| one.id);
        let ids = match arguments.as_slice() {
            [left, right] if self.rigid == 0 && rules::swapped(name, left, right) => Ids::bag(ids),
            _ => Ids::in_order(ids),
        };
        let tag = names.fold(Tag::new("call").text(name).these(&ids), Tag::maybe);
        let mut value = Value::new(tag.end()).made_of(&arguments);
        value.class = class;
        value.lossy = match family {
            Family::Plain => false,
            Family::Any => true,
            // The difference of two times is an interval.
            Family::Same if name == "+" || name == "-" => {
                !arguments.iter().all(|one| one.kind.as_deref().is_some_and(is_number))
            }
            Family::Same | Family::Number => arguments.iter().any(|one| one.lossy),
        };
        let texts = arguments.iter().all(|one| one.is_kind("VARCHAR"));
        if texts && ["lower", "upper", "trim", "ltrim", "rtrim", "||", "reverse"].contains(&name) {
            value = Value {
                raises: arguments.iter().any(|one| one.raises),
                ..value.of_kind("VARCHAR")
            };
        }
        if let [left, right] = arguments.as_slice()
            && let Some(kind) = rules::whole_result(name, left, right)
        {
            value.kind = Some(kind.into());
        }
        if texts && name == "length" {
            value =
                Value { raises: arguments.iter().any(|one| one.raises), ..value.of_kind("BIGINT") };
        }
        if texts && ["~~", "!~~", "~~*", "!~~*", "^@", "suffix", "contains"].contains(&name) {
            value = Value {
                raises: arguments.iter().any(|one| one.raises),
                ..value.of_kind("BOOLEAN")
            };
        }
        Ok(value)
    }

    fn lambda(&mut self, parameters: &Expr, body: &Expr, at: At<'_, '_>) -> Result<Value, Opaque> {
        let name = |expr: &Expr| match &expr.kind {
            ExprKind::Column(parts) => parts.first().cloned(),
            _ => None,
        };
        let names: Option<Vec<String>> = match &parameters.kind {
            ExprKind::Call(call) => call.arguments.iter().map(name).collect(),
            _ => name(parameters).map(|name| vec![name]),
        };
        let names = names.ok_or_else(|| "the parameters of a lambda".to_owned())?;
        let count = names.len();
        let mut scope = at.scope.clone();
        scope.parameters.push(names);
        let body = self.expr(body, At { scope: &scope, ..at })?;
        Ok(body.seen_as(Tag::new("lambda").number(count)))
    }

    fn aggregate(
        &mut self,
        name: &str,
        total: Option<Total>,
        call: &Call,
        at: At<'_, '_>,
    ) -> Result<Value, Opaque> {
        let mut arguments = self.exprs(&call.arguments, at)?;
        let mut name = name;
        if self.rigid == 0 && rules::counts_rows(name, &arguments, call.distinct) {
            (name, arguments) = ("count_star", Vec::new());
        }
        let filter = match &call.filter {
            Some(filter) => Some(self.expr(filter, at)?),
            None => None,
        };
        let mut class = at.rows.class;
        let mut order = Vec::new();
        for term in &call.order {
            let value = self.expr(&term.expr, at)?;
            class = class.max(self.discretely(&value));
            order.push(term_id(&value, term));
        }
        for value in filter.iter() {
            class = class.max(self.discretely(value));
        }
        let parts = arguments.iter().chain(&filter);
        class = parts.map(|one| one.class).fold(class, Class::max);
        if call.distinct {
            for argument in &arguments {
                class = class.max(self.as_key(argument));
            }
        }
        class = class.max(match total {
            None if sorts_by_itself(name, call, &arguments) => Class::Exact,
            _ => self.of_total(total, &arguments),
        });
        let tag = Tag::new("aggregate")
            .text(name)
            .ids(arguments.iter().map(|one| one.id))
            .number(usize::from(call.distinct))
            .ids(filter.iter().map(|one| one.id))
            .ids(order)
            .id(at.rows.grouped);
        let mut value = Value::new(tag.end()).made_of(arguments.iter().chain(&filter));
        value.class = class;
        value.lossy = match total {
            Some(Total::Exact) => name.starts_with("bit") || name.starts_with("histogram"),
            Some(_) => arguments.iter().any(|one| one.lossy),
            None => true,
        };
        if name.starts_with("count") {
            value = value.of_kind("BIGINT");
            value.raises = false;
        }
        if name == "min" || name == "max" {
            value.kind = arguments.first().and_then(|one| one.kind.clone());
            // It compares; nothing is added up.
            value.raises = arguments.iter().chain(&filter).any(|one| one.raises);
        }
        Ok(value)
    }

    /// How far an aggregate stays the same by the way it is taken.
    fn of_total(&mut self, total: Option<Total>, arguments: &[Value]) -> Class {
        let floats = |value: &Value| value.kind.as_deref().is_none_or(is_floating);
        match total {
            Some(Total::Exact) => Class::Exact,
            Some(Total::Adding) if !arguments.iter().any(floats) => Class::Exact,
            Some(Total::Adding | Total::Rounding) => Class::Float,
            Some(Total::Extreme) if arguments.iter().any(|one| one.lossy) => {
                self.is_ordered = true;
                Class::Unstable
            }
            Some(Total::Extreme) => Class::Exact,
            None => {
                self.is_ordered = true;
                Class::Unstable
            }
        }
    }

    /// The terms of an ORDER BY, with what is left out spelled out.
    pub(crate) fn terms(&mut self, terms: &[OrderTerm], at: At<'_, '_>) -> Result<Vec<Id>, Opaque> {
        let mut ids = Vec::new();
        for term in terms {
            let value = self.expr(&term.expr, at)?;
            ids.push(term_id(&value, term));
        }
        Ok(ids)
    }

    fn operands(
        &mut self,
        name: &str,
        operands: &[Expr],
        at: At<'_, '_>,
    ) -> Result<Vec<Value>, Opaque> {
        let mut values = self.exprs(operands, at)?;
        let is_of_one_type = name.starts_with("COMPARE_") || name == "OPERATOR_COALESCE";
        if is_of_one_type && self.rigid == 0 {
            beside_doubles(operands, &mut values);
        }
        Ok(values)
    }

    fn operator(&mut self, name: &str, operands: &[Expr], at: At<'_, '_>) -> Result<Value, Opaque> {
        let values = self.operands(name, operands, at)?;
        let mut raises = values.iter().any(|one| one.raises);
        let rigid = self.rigid > 0;
        let mut parts = Vec::new();
        let id = match (name, values.as_slice()) {
            ("CONJUNCTION_AND", _) if !rigid => {
                let ids = rules::sorted_conditions(&values);
                if values.iter().all(rules::is_harmless_condition) {
                    parts = ids.all().to_vec();
                }
                Tag::new("operator").text(name).these(&ids).end()
            }
            ("CONJUNCTION_OR", _) if !rigid => {
                let ids = rules::sorted_operands(&values);
                Tag::new("operator").text(name).these(&ids).end()
            }
            ("COMPARE_BETWEEN", [input, low, high]) if !rigid => {
                raises |=
                    !rules::compares_safely(input, low) || !rules::compares_safely(input, high);
                match rules::between_as_comparisons(input, low, high) {
                    Some(both) => {
                        let both = if raises { Ids::in_order(both) } else { Ids::bag(both) };
                        parts.extend(both.all().iter().filter(|_| !raises));
                        Tag::new("operator").text("CONJUNCTION_AND").these(&both).end()
                    }
                    None => plain_operator(name, &values),
                }
            }
            ("COMPARE_IN" | "COMPARE_NOT_IN", [tested, items @ ..]) => {
                raises |= !items.iter().all(|item| rules::same_kind(tested, item));
                let word = if name == "COMPARE_IN" { "in" } else { "not in" };
                match rules::list_as_set(tested, items).filter(|_| !rigid) {
                    Some(set) => Tag::new(word).id(tested.id).these(&set).end(),
                    None => plain_operator(name, &values),
                }
            }
            (_, [left, right]) if name.starts_with("COMPARE_") => {
                raises |= !rules::compares_safely(left, right);
                match rigid {
                    true => plain_operator(name, &values),
                    false => rules::comparison(name, left, right),
                }
            }
            _ => plain_operator(name, &values),
        };
        let mut value = Value::new(id).made_of(&values);
        let is_condition = name.starts_with("COMPARE_")
            || name.starts_with("CONJUNCTION_")
            || name.starts_with("OPERATOR_IS_")
            || name == "OPERATOR_NOT";
        if is_condition {
            for operand in values.iter().filter(|_| !name.starts_with("CONJUNCTION_")) {
                value.class = value.class.max(self.discretely(operand));
            }
            value = value.of_kind("BOOLEAN");
            value.raises = raises;
            value.parts = parts;
        } else {
            value.lossy = values.iter().any(|one| one.lossy);
        }
        if name == "OPERATOR_COALESCE"
            && let Some((first, rest)) = values.split_first()
            && rest.iter().all(|one| one.kind == first.kind)
        {
            value.kind.clone_from(&first.kind);
            value.raises = raises || first.kind.is_none();
        }
        Ok(value)
    }

    fn cast(
        &mut self,
        written: &Expr,
        to: &str,
        try_cast: bool,
        at: At<'_, '_>,
    ) -> Result<Value, Opaque> {
        let inner = self.expr(written, at)?;
        if self.rigid == 0 && rules::is_redundant_cast(&inner, to) {
            return Ok(inner);
        }
        let tag = Tag::new("cast").text(to).number(usize::from(try_cast)).id(inner.id);
        let mut value = Value::new(tag.end()).made_of([&inner]).of_kind(to);
        // A type that is not spelled as the engine spells it is compared with no other.
        if to.chars().any(|letter| letter.is_ascii_lowercase()) {
            value.kind = None;
            value.lossy = true;
        }
        if !is_floating(to) {
            value.class = value.class.max(self.discretely(&inner));
        }
        let is_said = |kind: &str| is_number(kind) || kind == "VARCHAR" || kind == "DATE";
        if try_cast || (to == "VARCHAR" && inner.kind.as_deref().is_some_and(is_said)) {
            value.raises = inner.raises;
        }
        if let ExprKind::Constant { value: Some(text), .. } = &written.kind
            && (to == "DATE" || to == "TIMESTAMP")
            && rules::is_plain_time(text)
        {
            value.raises = false;
        }
        if to == "BOOLEAN" && inner.literal == Some(true) {
            value.raises = false;
            value.literal = Some(true);
        }
        Ok(value)
    }

    fn case(
        &mut self,
        branches: &[(Expr, Expr)],
        rest: &Expr,
        at: At<'_, '_>,
    ) -> Result<Value, Opaque> {
        let (mut parts, mut lossy) = (Vec::new(), false);
        for (when, then) in branches {
            let when = self.expr(when, at)?;
            self.discretely(&when);
            let then = self.expr(then, at)?;
            lossy |= then.lossy;
            parts.extend([when, then]);
        }
        let rest = self.expr(rest, at)?;
        lossy |= rest.lossy;
        // Where all results are of one type nothing is cast, and what is said of each is true of the whole.
        let kind = rest.kind.clone();
        // Conditions and results take turns, a condition first.
        let results = parts.iter().skip(1).step_by(2);
        let is_one = kind.is_some() && results.map(|one| &one.kind).all(|one| *one == kind);
        parts.push(rest);
        let mut value = Value { lossy, ..pure("case", &parts) };
        if is_one {
            value.raises = parts.iter().any(|one| one.raises);
            value.kind = kind;
        }
        Ok(value)
    }
}

/// Whether an aggregate that follows an order follows one that says all there is to say: it sorts by the
/// very column that it takes, so that rows which are equal in the order give the same.
fn sorts_by_itself(name: &str, call: &Call, arguments: &[Value]) -> bool {
    let [taken, rest @ ..] = arguments else { return false };
    let takes = |term: &OrderTerm| match (call.arguments.first(), &term.expr.kind) {
        (Some(first), ExprKind::Column(parts)) => first.kind == ExprKind::Column(parts.clone()),
        _ => false,
    };
    let is_known = taken.kind.as_deref().is_some_and(|kind| !is_floating(kind));
    ["first", "last", "list", "string_agg"].contains(&name)
        && call.order.iter().any(takes)
        && is_known
        && !taken.lossy
        && rest.iter().all(|one| one.literal == Some(true))
}

/// A term of an ORDER BY with what is left out spelled out.
pub(crate) fn term_id(value: &Value, term: &OrderTerm) -> Id {
    Tag::new("term")
        .id(value.id)
        .number(usize::from(term.descending.unwrap_or(false)))
        .number(usize::from(term.nulls_first.unwrap_or(false)))
        .end()
}

fn pure(constructor: &str, parts: &[Value]) -> Value {
    let tag = Tag::new(constructor).ids(parts.iter().map(|one| one.id));
    Value::new(tag.end()).made_of(parts)
}

fn plain_operator(name: &str, values: &[Value]) -> Id {
    Tag::new("operator").text(name).ids(values.iter().map(|one| one.id)).end()
}

pub(crate) fn is_number(kind: &str) -> bool {
    is_floating(kind)
        || kind.starts_with("DECIMAL")
        || matches!(kind, "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "HUGEINT")
        || matches!(kind, "UTINYINT" | "USMALLINT" | "UINTEGER" | "UBIGINT" | "UHUGEINT")
}
