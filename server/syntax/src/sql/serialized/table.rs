//! What queries read.

use super::fields::{Fields, Lost};
use super::{Reader, types};
use crate::Span;
use crate::sql::tree::{ExprKind, Join, JoinCondition, JoinKind, TableKind, TableRef};
use serde_json::Value;

/// What every table reference has.
const COMMON: [&str; 4] = ["type", "alias", "sample", "column_name_alias"];

impl Reader<'_> {
    /// What stands behind FROM; nothing where there is no FROM.
    pub(super) fn from(&mut self, value: &Value) -> Option<TableRef> {
        let nothing =
            |fields: Fields<'_>| fields.text("type") == "EMPTY" && fields.only(&["type"]).is_ok();
        let is_empty = Fields::of(value).is_ok_and(nothing);
        (!is_empty).then(|| self.table(value))
    }

    fn table(&mut self, value: &Value) -> TableRef {
        let location = Fields::of(value).ok().and_then(Fields::location);
        let fallback = location.map_or_else(|| self.places.whole(), |at| self.places.token(at));
        self.try_table(value).unwrap_or_else(|lost| TableRef {
            kind: TableKind::Opaque(self.opaque(&Lost { at: location, ..lost })),
            alias: None,
            columns: Vec::new(),
            sample: None,
            span: fallback,
        })
    }

    fn try_table(&mut self, value: &Value) -> Result<TableRef, Lost> {
        let fields = Fields::of(value)?;
        let own: &[&str] = match fields.text("type") {
            "BASE_TABLE" => &["schema_name", "table_name", "catalog_name", "at_clause"],
            "SUBQUERY" => &["subquery"],
            "TABLE_FUNCTION" => &["function", "with_ordinality"],
            "EXPRESSION_LIST" => &["values", "expected_names", "expected_types"],
            "JOIN" => &["left", "right", "condition", "join_type", "ref_type", "using_columns"],
            "PIVOT" if fields.list("unpivot_names").is_empty() => return Err(Lost::new("PIVOT")),
            "PIVOT" => return Err(Lost::new("UNPIVOT")),
            "SHOW_REF" => return Err(Lost::new("DESCRIBE or SUMMARIZE")),
            other => return Err(Lost::new(other.to_lowercase().replace('_', " "))),
        };
        fields.only(&[&COMMON[..], own].concat())?;
        let at = fields.location();
        let (kind, span) = match fields.text("type") {
            "BASE_TABLE" => self.named(fields)?,
            "SUBQUERY" => {
                let query = self.statement(fields.need("subquery")?);
                let span = query.span();
                (TableKind::Subquery(query), span)
            }
            "TABLE_FUNCTION" => self.function(fields)?,
            "EXPRESSION_LIST" => self.values(fields)?,
            _ => {
                let join = self.join(fields)?;
                let span = join.left.span.cover(join.right.span);
                (TableKind::Join(Box::new(join)), span)
            }
        };
        let is_placed = at.is_some() || !matches!(kind, TableKind::Named(_));
        Ok(TableRef {
            kind,
            alias: fields.said("alias"),
            columns: fields.texts("column_name_alias")?,
            sample: fields.get("sample").map(types::said),
            span: if is_placed { span } else { self.places.whole() },
        })
    }

    fn named(&self, fields: Fields<'_>) -> Result<(TableKind, Span), Lost> {
        if fields.get("at_clause").is_some() {
            return Err(Lost::new("AT"));
        }
        let keys = ["catalog_name", "schema_name", "table_name"];
        let parts: Vec<String> = keys.iter().filter_map(|key| fields.said(key)).collect();
        let span = fields.location().map_or(Span::at(0), |at| self.places.dotted(at, parts.len()));
        Ok((TableKind::Named(parts), span))
    }

    fn function(&mut self, fields: Fields<'_>) -> Result<(TableKind, Span), Lost> {
        let expr = self.expr(fields.need("function")?);
        let numbered = match fields.text("with_ordinality") {
            "" | "WITHOUT_ORDINALITY" => false,
            "WITH_ORDINALITY" => true,
            other => return Err(Lost::new(other)),
        };
        match expr.kind {
            ExprKind::Call(call) => Ok((TableKind::Function(call, numbered), expr.span)),
            _ => Err(Lost::new("a table function")),
        }
    }

    fn values(&mut self, fields: Fields<'_>) -> Result<(TableKind, Span), Lost> {
        let mut rows = Vec::new();
        for row in fields.list("values") {
            let cells = row.as_array().ok_or_else(|| Lost::new("VALUES"))?;
            rows.push(cells.iter().map(|cell| self.expr(cell)).collect::<Vec<_>>());
        }
        let spans = rows.iter().flatten().map(|cell| cell.span);
        let span = spans.reduce(Span::cover).unwrap_or_else(|| self.places.whole());
        Ok((TableKind::Values(rows), span))
    }

    fn join(&mut self, fields: Fields<'_>) -> Result<Join, Lost> {
        let left = self.table(fields.need("left")?);
        let right = self.table(fields.need("right")?);
        let ref_type = fields.text("ref_type");
        let kind = match (ref_type, fields.text("join_type")) {
            ("CROSS", "INNER") => JoinKind::Cross,
            ("POSITIONAL", "INNER") => JoinKind::Positional,
            (_, "INNER") => JoinKind::Inner,
            (_, "LEFT") => JoinKind::Left,
            (_, "RIGHT") => JoinKind::Right,
            (_, "FULL" | "OUTER") => JoinKind::Full,
            (_, "SEMI") => JoinKind::Semi,
            (_, "ANTI") => JoinKind::Anti,
            (_, other) => return Err(Lost::new(format!("{other} join"))),
        };
        let using = fields.texts("using_columns")?;
        let condition = match (ref_type, fields.get("condition")) {
            ("REGULAR" | "ASOF", Some(on)) if using.is_empty() => JoinCondition::On(self.expr(on)),
            ("REGULAR" | "ASOF", None) if !using.is_empty() => JoinCondition::Using(using),
            ("NATURAL", None) => JoinCondition::Natural,
            ("CROSS" | "POSITIONAL" | "REGULAR", None) if using.is_empty() => JoinCondition::None,
            (other, _) => return Err(Lost::new(format!("{other} join"))),
        };
        Ok(Join { left, right, kind, condition, asof: ref_type == "ASOF" })
    }
}
