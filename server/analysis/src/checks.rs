//! What rules and audits assert, each as one query that counts.

use seeknal_model::{Node, NodeId, Origin};
use seeknal_syntax::sql::{TokenKind, refs, tokens};
use seeknal_syntax::yaml::{Value, construct};
use seeknal_syntax::{Span, slice};

/// Something that is asserted of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// What it is called, such as `uniqueness of order_id`.
    pub name: String,
    /// Whether nothing may follow where it fails.
    pub is_blocking: bool,
    /// A query that yields one row: how many rows fail, and how many there are, where that is known.
    pub query: String,
    /// The fraction of rows that may fail.
    pub tolerated: f64,
    /// What is said when it fails, where the author said it.
    pub message: Option<String>,
    /// Whether the same rows may fail tomorrow.
    pub ages: bool,
}

/// The tables that the checks of a node may read, as `(schema, name, node)`: a rule's inputs, or the node itself.
pub type Tables = Vec<(Option<String>, String, NodeId)>;

/// What a node asserts, or why that cannot be tried.
pub fn checks(node: &Node) -> Result<Vec<Check>, String> {
    match node.kind.name {
        "rule" => rules(node),
        _ => audits(node),
    }
}

/// The tables that the checks of a node read.
pub fn check_tables(node: &Node) -> Tables {
    let mut tables = Tables::new();
    let mut add = |id: &NodeId| {
        let Some((kind, name)) = id.as_str().split_once('.') else { return };
        for (schema, name) in [(None, format!("{kind}_{name}")), (Some(kind), name.to_owned())] {
            let table = (schema.map(str::to_owned), name, id.clone());
            if !tables.contains(&table) {
                tables.push(table);
            }
        }
    };
    if node.kind.name != "rule" {
        add(&node.id);
        tables.push((None, "__THIS__".to_owned(), node.id.clone()));
        return tables;
    }
    let inputs = rule_inputs(node);
    inputs.iter().for_each(|id| add(id));
    for (place, id) in inputs.iter().enumerate() {
        tables.push((None, format!("input_{place}"), (*id).clone()));
    }
    if let Some(first) = inputs.first() {
        tables.push((None, "input_data".to_owned(), (*first).clone()));
    }
    tables
}

fn rule_inputs(node: &Node) -> Vec<&NodeId> {
    let of = |origin| node.references.iter().filter(move |one| one.origin == origin);
    let named: Vec<&NodeId> = of(Origin::Inputs).map(|one| &one.id).collect();
    match named.is_empty() {
        true => of(Origin::DependsOn).map(|one| &one.id).collect(),
        false => named,
    }
}

fn rules(node: &Node) -> Result<Vec<Check>, String> {
    if rule_inputs(node).is_empty() {
        return Err("it reads nothing; name what it is about under `inputs`".to_owned());
    }
    let params = node.field("params").map_or(Value::Null, construct);
    let is_blocking = text(&params, "severity").as_deref() != Some("warn");
    let message = text(&params, "error_message");
    let items = match node.field("rule").map(construct) {
        Some(Value::List(items)) => items,
        Some(item) => vec![item],
        None => Vec::new(),
    };
    let mut all = Vec::new();
    for item in &items {
        if text(item, "type").as_deref() == Some("profile_check") {
            all.extend(profile_checks(item, (is_blocking, message.as_ref()))?);
            continue;
        }
        let (name, query, tolerated) = rule(node, item)?;
        let ages = text(item, "type").as_deref() == Some("freshness");
        let message = message.clone();
        all.push(Check { name, is_blocking, query, tolerated, message, ages });
    }
    Ok(all)
}

/// A rule as its name, its query, and the fraction that may fail.
fn rule(node: &Node, item: &Value) -> Result<(String, String, f64), String> {
    const FROM: &str = "input_data";
    let kind = text(item, "type").unwrap_or_default();
    let params = get(item, "params").cloned().unwrap_or(Value::Null);
    let names = {
        let mut names = texts(item, "columns");
        if names.is_empty() {
            names.extend(text(item, "column"));
        }
        names
    };
    let needs = |what: &str| format!("the rule `{kind}` needs {what}");
    let first = || names.first().ok_or_else(|| needs("`column`"));
    match kind.as_str() {
        "null" if names.is_empty() => Err(needs("`columns`")),
        "null" => {
            let tolerated = number(&params, "max_null_percentage").unwrap_or(0.0);
            Ok((format!("null: {}", names.join(", ")), any_null(&names, FROM), tolerated))
        }
        "range" => {
            let column = quoted(first()?);
            let bound = |key: &str, sign: &str| {
                number_text(&params, key).map(|bound| format!("{column} {sign} {bound}"))
            };
            let bounds: Vec<String> =
                [bound("min_val", "<"), bound("max_val", ">")].into_iter().flatten().collect();
            if bounds.is_empty() {
                return Err(needs("`params.min_val` or `params.max_val`"));
            }
            Ok((format!("range: {}", first()?), counted(&bounds.join(" OR "), FROM), 0.0))
        }
        "uniqueness" if names.is_empty() => Err(needs("`columns`")),
        "uniqueness" => {
            Ok((format!("uniqueness: {}", names.join(", ")), repeated(&names, FROM), 0.0))
        }
        "freshness" => {
            let age = get(&params, "max_age").and_then(seconds);
            let age = age.ok_or_else(|| needs("`params.max_age`, such as `24h`"))?;
            let column = quoted(first()?);
            let old = format!("{column}::TIMESTAMP < now()::TIMESTAMP - INTERVAL '{age} seconds'");
            Ok((format!("freshness: {}", first()?), counted(&old, FROM), 0.0))
        }
        "sql_assertion" => {
            let sql = text(item, "sql").ok_or_else(|| needs("`sql`"))?;
            Ok(("sql_assertion".to_owned(), found(&with_names(node, &sql)), 0.0))
        }
        "" => Err("a rule says no `type`".to_owned()),
        other => Err(format!("a rule of type `{other}` cannot be tried")),
    }
}

/// Thresholds on the measures of a profile. What says when to fail stops, what says when to warn does not; a
/// measure that is not there fails.
fn profile_checks(
    item: &Value,
    (is_blocking, message): (bool, Option<&String>),
) -> Result<Vec<Check>, String> {
    let Some(Value::List(items)) = get(item, "checks") else {
        return Err("the rule `profile_check` needs `checks`".to_owned());
    };
    let mut all = Vec::new();
    for one in items {
        let metric = text(one, "metric").ok_or("a check of a profile needs `metric`")?;
        let column = text(one, "column").unwrap_or_else(|| "_table_".to_owned());
        let name = format!("profile_check: {metric} of {column}");
        let (warn, fail) = (threshold(one, "warn")?, threshold(one, "fail")?);
        if warn.is_none() && fail.is_none() {
            return Err(format!("{name} needs `warn` or `fail`, such as `> 5`"));
        }
        let is_unmeasured = match fail {
            Some(_) => "v IS NULL OR TRY_CAST(v AS DOUBLE) IS NULL",
            None => "v IS NOT NULL AND TRY_CAST(v AS DOUBLE) IS NULL",
        };
        let fails = fail.map_or_else(String::new, |fail| format!(" OR {fail}"));
        let query = |violated: &str| {
            let (metric, column) = (metric.replace('\'', "''"), column.replace('\'', "''"));
            format!(
                "SELECT CASE WHEN {violated} THEN 1 ELSE 0 END, NULL FROM (SELECT count(*) AS n, max(value) AS v FROM input_data WHERE metric = '{metric}' AND column_name = '{column}')"
            )
        };
        let check = |name: String, is_blocking, query| {
            let (tolerated, message, ages) = (0.0, message.cloned(), false);
            Check { name, is_blocking, query, tolerated, message, ages }
        };
        all.push(check(
            name.clone(),
            is_blocking,
            query(&format!("n = 0 OR {is_unmeasured}{fails}")),
        ));
        if let Some(warn) = warn {
            all.push(check(
                format!("{name}, warning"),
                false,
                query(&format!("v IS NULL OR {warn}")),
            ));
        }
    }
    Ok(all)
}

/// A threshold as a condition under which it is violated.
fn threshold(item: &Value, key: &str) -> Result<Option<String>, String> {
    let Some(said) = text(item, key) else { return Ok(None) };
    let wrong = || format!("`{key}: {said}` is no threshold; write `> 5` or `between 1 and 5`");
    let number = |text: &str| match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(format!("{number:?}")),
        _ => Err(wrong()),
    };
    const VALUE: &str = "TRY_CAST(v AS DOUBLE)";
    let words = said.trim();
    if words.len() > 8 && words.is_char_boundary(8) && words.to_lowercase().starts_with("between ")
    {
        let (from, to) = words
            .get(8..)
            .and_then(|rest| {
                rest.to_lowercase().split_once(" and ").map(|(a, b)| (a.to_owned(), b.to_owned()))
            })
            .ok_or_else(wrong)?;
        return Ok(Some(format!("{VALUE} BETWEEN {} AND {}", number(&from)?, number(&to)?)));
    }
    for sign in [">=", "<=", "!=", ">", "<", "="] {
        if let Some(rest) = words.strip_prefix(sign) {
            return Ok(Some(format!("{VALUE} {sign} {}", number(rest)?)));
        }
    }
    Err(wrong())
}

fn audits(node: &Node) -> Result<Vec<Check>, String> {
    let Some(Value::List(items)) = node.field("audits").map(construct) else {
        return Ok(Vec::new());
    };
    items.iter().map(audit).collect()
}

fn audit(item: &Value) -> Result<Check, String> {
    const FROM: &str = "__THIS__";
    let kind = text(item, "type").unwrap_or_default();
    let names = texts(item, "columns");
    let needs = |what: &str| format!("the audit `{kind}` needs {what}");
    let (name, query) = match kind.as_str() {
        "not_null" | "unique" | "accepted_values" if names.is_empty() => {
            return Err(needs("`columns`"));
        }
        "not_null" => (format!("not_null: {}", names.join(", ")), any_null(&names, FROM)),
        "unique" => (format!("unique: {}", names.join(", ")), repeated(&names, FROM)),
        "accepted_values" => {
            let Some(Value::List(values)) = get(item, "values") else {
                return Err(needs("`values`"));
            };
            let values: Vec<String> = values.iter().filter_map(literal).collect();
            let column = names.first().map(|name| quoted(name)).unwrap_or_default();
            let outside = format!("{column}::VARCHAR NOT IN ({})", values.join(", "));
            if values.is_empty() {
                return Err(needs("`values`"));
            }
            (format!("accepted_values: {}", names.join(", ")), counted(&outside, FROM))
        }
        "row_count" => {
            let bound = |key: &str, sign: &str| {
                number_text(item, key).map(|bound| format!("count(*) {sign} {bound}"))
            };
            let bounds: Vec<String> =
                [bound("min", "<"), bound("max", ">")].into_iter().flatten().collect();
            if bounds.is_empty() {
                return Err(needs("`min` or `max`"));
            }
            let outside = bounds.join(" OR ");
            let query =
                format!("SELECT CASE WHEN {outside} THEN 1 ELSE 0 END, count(*) FROM {FROM}");
            ("row_count".to_owned(), query)
        }
        "custom_sql" => {
            let sql = text(item, "sql").ok_or_else(|| needs("`sql`"))?;
            ("custom_sql".to_owned(), found(&sql))
        }
        "" => return Err("an audit says no `type`".to_owned()),
        other => return Err(format!("an audit of type `{other}` cannot be tried")),
    };
    let is_blocking = text(item, "severity").as_deref() != Some("warn");
    Ok(Check { name, is_blocking, query, tolerated: 0.0, message: None, ages: false })
}

fn counted(condition: &str, from: &str) -> String {
    format!("SELECT count(*) FILTER (WHERE {condition}), count(*) FROM {from}")
}

fn any_null(names: &[String], from: &str) -> String {
    let parts: Vec<String> = names.iter().map(|name| format!("{} IS NULL", quoted(name))).collect();
    counted(&parts.join(" OR "), from)
}

/// Counts the groups of which there is more than one row.
fn repeated(names: &[String], from: &str) -> String {
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    format!(
        "SELECT count(*) FILTER (WHERE n > 1), coalesce(sum(n), 0)::BIGINT FROM (SELECT count(*) AS n FROM {from} GROUP BY {})",
        names.join(", ")
    )
}

/// Counts the rows that a query of the author's finds.
fn found(sql: &str) -> String {
    format!("SELECT count(*), NULL FROM (\n{}\n)", without_end(sql))
}

/// A query without the semicolons and comments behind it.
fn without_end(sql: &str) -> &str {
    let is_end = |text: &str, kind| kind == TokenKind::Comment || text == ";";
    let all = tokens(sql);
    let last = all.iter().rev().find(|token| !is_end(slice(sql, token.span), token.kind));
    last.map_or("", |token| slice(sql, Span::new(0, token.span.end)))
}

/// A query with `ref()` replaced by the names of a rule's inputs.
fn with_names(node: &Node, sql: &str) -> String {
    let inputs = rule_inputs(node);
    let (mut text, mut from) = (String::new(), 0);
    for site in refs(sql) {
        let place = inputs.iter().position(|id| id.as_str() == site.id);
        if let Some(place) = place {
            text.push_str(slice(sql, Span::new(from, site.span.start)));
            text.push_str(&format!("input_{place}"));
            from = site.span.end;
        }
    }
    text.push_str(slice(sql, Span::new(from, sql.len())));
    text
}

fn get<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    let Value::Map(entries) = value else { return None };
    entries.iter().find(|(known, _)| *known == Value::Text(key.to_owned())).map(|(_, value)| value)
}

fn text(value: &Value, key: &str) -> Option<String> {
    match get(value, key)? {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let Some(Value::List(items)) = get(value, key) else { return Vec::new() };
    let text = |item: &Value| match item {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    items.iter().filter_map(text).collect()
}

fn number_text(value: &Value, key: &str) -> Option<String> {
    match get(value, key)? {
        Value::Int(digits) => Some(digits.clone()),
        Value::Float(number) if number.is_finite() => Some(format!("{number:?}")),
        _ => None,
    }
}

fn number(value: &Value, key: &str) -> Option<f64> {
    number_text(value, key)?.parse().ok()
}

/// A value as a text in SQL; nothing for null, which passes anyway.
fn literal(value: &Value) -> Option<String> {
    let text = match value {
        Value::Text(text) | Value::Int(text) | Value::Timestamp(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::Null | Value::List(_) | Value::Map(_) => return None,
    };
    Some(format!("'{}'", text.replace('\'', "''")))
}

/// An age in seconds: a number, or one with `s`, `m`, `h` or `d` behind it.
fn seconds(age: &Value) -> Option<u64> {
    let text = match age {
        Value::Int(digits) => return digits.parse().ok(),
        Value::Text(text) => text.trim(),
        _ => return None,
    };
    let unit = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return text.parse().ok(),
    };
    text.get(..text.len() - 1)?.trim().parse::<u64>().ok()?.checked_mul(unit)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use seeknal_model::{File, Project};

    fn of(text: &str) -> Result<Vec<Check>, String> {
        let project = Project::new([File::read("seeknal/x.yml", text.as_bytes())]);
        checks(project.declared().next().unwrap())
    }

    fn rule_of(rest: &str) -> Result<Vec<Check>, String> {
        of(&format!("kind: rule\nname: x\ninputs: [{{ref: transform.a}}]\n{rest}"))
    }

    #[test]
    fn a_rule_counts_what_fails() {
        let all = rule_of(
            "rule:\n  - {type: 'null', columns: [a, b], params: {max_null_percentage: 0.5}}\n  - {type: range, column: c, params: {min_val: 0, max_val: 2.5}}\n  - {type: uniqueness, columns: [a]}\n  - {type: freshness, column: t, params: {max_age: 2h}}\n  - {type: sql_assertion, sql: \"SELECT * FROM ref('transform.a') WHERE x; -- no\"}\nparams: {severity: warn, error_message: Oh.}\n",
        )
        .unwrap();
        let queries: Vec<&str> = all.iter().map(|check| check.query.as_str()).collect();
        assert_eq!(
            queries,
            [
                "SELECT count(*) FILTER (WHERE \"a\" IS NULL OR \"b\" IS NULL), count(*) FROM input_data",
                "SELECT count(*) FILTER (WHERE \"c\" < 0 OR \"c\" > 2.5), count(*) FROM input_data",
                "SELECT count(*) FILTER (WHERE n > 1), coalesce(sum(n), 0)::BIGINT FROM (SELECT count(*) AS n FROM input_data GROUP BY \"a\")",
                "SELECT count(*) FILTER (WHERE \"t\"::TIMESTAMP < now()::TIMESTAMP - INTERVAL '7200 seconds'), count(*) FROM input_data",
                "SELECT count(*), NULL FROM (\nSELECT * FROM input_0 WHERE x\n)",
            ]
        );
        assert_eq!(all[0].tolerated, 0.5);
        assert!(all.iter().all(|check| !check.is_blocking));
        assert_eq!(all[3].message.as_deref(), Some("Oh."));
        assert_eq!(all.iter().filter(|check| check.ages).count(), 1);
    }

    #[test]
    fn what_cannot_be_tried_says_why() {
        for (rest, why) in [
            ("rule: {type: custom}\n", "a rule of type `custom` cannot be tried"),
            ("rule: {type: range, column: a}\n", "the rule `range` needs `params.min_val`"),
            ("rule: {value: 'a > 0'}\n", "a rule says no `type`"),
            ("rule: {type: freshness, column: a}\n", "the rule `freshness` needs"),
        ] {
            let said = rule_of(rest).unwrap_err();
            assert!(said.starts_with(why), "{said}");
        }
        let said = of("kind: rule\nname: x\nrule: {type: 'null', columns: [a]}\n").unwrap_err();
        assert!(said.starts_with("it reads nothing"), "{said}");
    }

    #[test]
    fn audits_are_about_the_node_itself() {
        let all = of(
            "kind: transform\nname: x\ntransform: SELECT 1\naudits:\n  - {type: accepted_values, columns: [a], values: [1, it's]}\n  - {type: row_count, min: 1}\n  - {type: custom_sql, sql: SELECT * FROM __THIS__, severity: warn}\n",
        )
        .unwrap();
        assert_eq!(
            all[0].query,
            "SELECT count(*) FILTER (WHERE \"a\"::VARCHAR NOT IN ('1', 'it''s')), count(*) FROM __THIS__"
        );
        assert_eq!(
            all[1].query,
            "SELECT CASE WHEN count(*) < 1 THEN 1 ELSE 0 END, count(*) FROM __THIS__"
        );
        assert!(all[0].is_blocking && !all[2].is_blocking);
    }
}
