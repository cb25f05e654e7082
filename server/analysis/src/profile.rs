//! The query behind a `profile`: measures of another node's rows, one a line.

use crate::binder::Column;
use seeknal_model::Node;
use seeknal_syntax::yaml::{Value, construct};

/// How many values are named of a text, where the node does not say it.
const TOP_VALUES: &str = "5";

/// What is measured depends on the type.
enum Measured {
    Number,
    Time,
    Word,
    Other,
}

/// The query of a profile over `input_0`, which has these columns. Columns that are named and are not there are
/// left out, as Seeknal does.
pub fn profile_query(node: &Node, columns: &[Column]) -> String {
    let said = node.field("profile").map_or(Value::Null, construct);
    let wanted = match get(&said, "columns") {
        Some(Value::List(names)) => Some(names.clone()),
        _ => None,
    };
    let is_wanted = |column: &&Column| match &wanted {
        Some(names) => names.contains(&Value::Text(column.name.clone())),
        None => true,
    };
    let most = match get(&said, "params").and_then(|params| get(params, "max_top_values")) {
        Some(Value::Int(digits)) => digits.clone(),
        _ => TOP_VALUES.to_owned(),
    };
    let mut lines = vec![line("_table_", "row_count", "count(*)")];
    for column in columns.iter().filter(is_wanted) {
        measures(column, &most, &mut lines);
    }
    lines.join("\nUNION ALL\n")
}

fn measures(Column { name, kind }: &Column, most: &str, lines: &mut Vec<String>) {
    let column = format!("\"{}\"", name.replace('"', "\"\""));
    let nulls = format!("count(*) FILTER (WHERE {column} IS NULL)");
    let mut add = |metric: &str, value: &str| lines.push(line(name, metric, value));
    add("null_count", &nulls);
    add("null_percent", &format!("coalesce({nulls} * 100.0 / nullif(count(*), 0), 0)"));
    if matches!(measured(kind), Measured::Other) {
        return;
    }
    add("distinct_count", &format!("count(DISTINCT {column})"));
    match measured(kind) {
        Measured::Number => {
            for metric in ["min", "max", "avg", "sum", "stddev"] {
                add(metric, &format!("{metric}({column})"));
            }
            for (metric, at) in [("p25", "0.25"), ("p50", "0.5"), ("p75", "0.75")] {
                add(metric, &format!("quantile_cont({column}, {at})"));
            }
        }
        Measured::Time => {
            add("min", &format!("min({column})"));
            add("max", &format!("max({column})"));
            let age = format!("date_diff('second', max({column})::TIMESTAMP, now()::TIMESTAMP)");
            add("freshness_hours", &format!("{age} / 3600.0"));
        }
        Measured::Word => lines.push(top_values(name, &column, most)),
        Measured::Other => {}
    }
}

fn line(name: &str, metric: &str, value: &str) -> String {
    let name = name.replace('\'', "''");
    format!(
        "SELECT '{name}' AS column_name, '{metric}' AS metric, ({value})::VARCHAR AS value, NULL::VARCHAR AS detail FROM input_0"
    )
}

/// The values that occur most, with how often; of those that occur as often the first by their order.
fn top_values(name: &str, column: &str, most: &str) -> String {
    let name = name.replace('\'', "''");
    format!(
        "SELECT '{name}', 'top_values', NULL::VARCHAR, to_json(list({{'value': v, 'count': n, 'percent': n * 100.0 / t}} ORDER BY n DESC, v))::VARCHAR \
         FROM (SELECT {column}::VARCHAR AS v, count(*) AS n, sum(count(*)) OVER () AS t FROM input_0 WHERE {column} IS NOT NULL GROUP BY v ORDER BY n DESC, v LIMIT {most})"
    )
}

fn measured(kind: &str) -> Measured {
    let kind = kind.to_ascii_uppercase();
    let is_nested = kind.contains(['[', '(']) && !kind.starts_with("DECIMAL");
    match kind.as_str() {
        _ if is_nested => Measured::Other,
        "VARCHAR" | "BOOLEAN" | "UUID" => Measured::Word,
        "DATE" | "TIMESTAMP" | "TIMESTAMP WITH TIME ZONE" | "TIMESTAMP_NS" => Measured::Time,
        "FLOAT" | "DOUBLE" => Measured::Number,
        other if other.ends_with("INT") || other.ends_with("INTEGER") => Measured::Number,
        other if other.starts_with("DECIMAL") => Measured::Number,
        _ => Measured::Other,
    }
}

fn get<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    let Value::Map(entries) = value else { return None };
    entries.iter().find(|(known, _)| *known == Value::Text(key.to_owned())).map(|(_, value)| value)
}
