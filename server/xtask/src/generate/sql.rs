//! The SQL of one made-up transform and the columns it yields.

use super::{Column, KEYS, Kind, Made, chance::Chance, column};

const COLUMNS_MAX: usize = 20;

pub(super) struct Step {
    pub(super) sql: String,
    pub(super) columns: Vec<Column>,
    pub(super) reads_right: bool,
}

/// Picks one of the shapes that pipelines are made of.
pub(super) fn step(chance: &mut Chance, left: &Made, right: &Made) -> Step {
    match chance.below(6) {
        0 => joined(left, right),
        1 => totals(left),
        2 => ranked(left),
        3 => stacked(left, right),
        4 => everything(left),
        _ => projected(chance, left),
    }
}

fn names(columns: &[Column]) -> Vec<String> {
    columns.iter().map(|column| column.name.clone()).collect()
}

fn projected(chance: &mut Chance, left: &Made) -> Step {
    let mut columns = left.columns.clone();
    if columns.len() > 9 {
        columns.truncate(columns.len() - chance.below(3));
    }
    let mut lines = names(&columns);
    for source in left.columns.clone() {
        let taken = |name: &str| columns.iter().any(|column| column.name == name);
        let (name, kind, text) = match source.kind {
            Kind::Decimal => {
                let name = format!("{}_net", source.name);
                let text = format!("round({} * 0.{}, 2)", source.name, 5 + chance.below(4));
                (name, Kind::Decimal, text)
            }
            Kind::Text => {
                let name = format!("{}_code", source.name);
                (name, Kind::Text, format!("upper(trim({}))", source.name))
            }
            Kind::Whole => continue,
            Kind::Date => {
                let name = format!("{}_month", source.name);
                (name, Kind::Date, format!("date_trunc('month', {})::DATE", source.name))
            }
        };
        if columns.len() >= COLUMNS_MAX || taken(&name) || chance.below(3) > 0 {
            continue;
        }
        lines.push(format!("{text} AS {name}"));
        columns.push(column(&name, kind));
    }
    let sql = format!(
        "SELECT\n  {}\nFROM ref('{}')\nWHERE amount >= {}\n",
        lines.join(",\n  "),
        left.id,
        chance.below(50)
    );
    Step { sql, columns, reads_right: false }
}

fn joined(left: &Made, right: &Made) -> Step {
    let mut columns = left.columns.clone();
    let mut lines: Vec<String> =
        columns.iter().map(|column| format!("l.{}", column.name)).collect();
    for extra in &right.columns {
        let known = columns.iter().any(|column| column.name == extra.name);
        if !known && columns.len() < COLUMNS_MAX {
            lines.push(format!("r.{}", extra.name));
            columns.push(extra.clone());
        }
    }
    let sql = format!(
        "SELECT\n  {}\nFROM ref('{}') AS l\nLEFT JOIN ref('{}') AS r\n  ON r.id = l.id\n",
        lines.join(",\n  "),
        left.id,
        right.id
    );
    Step { sql, columns, reads_right: true }
}

fn totals(left: &Made) -> Step {
    let mut columns: Vec<Column> = KEYS.iter().map(|&(name, kind)| column(name, kind)).collect();
    columns.push(column("order_count", Kind::Whole));
    let sql = format!(
        "SELECT\n  min(id) AS id,\n  customer_id,\n  happened_on,\n  sum(amount) AS amount,\n  \
         count(*) AS order_count\nFROM ref('{}')\nGROUP BY customer_id, happened_on\n",
        left.id
    );
    Step { sql, columns, reads_right: false }
}

fn ranked(left: &Made) -> Step {
    let columns = left.columns.clone();
    let sql = format!(
        "WITH ranked AS (\n  SELECT *, row_number() OVER (PARTITION BY customer_id \
         ORDER BY happened_on, id) AS place\n  FROM ref('{}')\n)\nSELECT {}\nFROM ranked\n\
         WHERE place <= 100\n",
        left.id,
        names(&columns).join(", ")
    );
    Step { sql, columns, reads_right: false }
}

fn stacked(left: &Made, right: &Made) -> Step {
    let in_both = |one: &&Column| {
        one.name != "origin"
            && right.columns.iter().any(|two| two.name == one.name && two.kind == one.kind)
    };
    let mut columns: Vec<Column> = left.columns.iter().filter(in_both).cloned().collect();
    let list = names(&columns).join(", ");
    let sql = format!(
        "SELECT {list}, 'first' AS origin\nFROM ref('{}')\nUNION ALL\n\
         SELECT {list}, 'second' AS origin\nFROM ref('{}')\n",
        left.id, right.id
    );
    columns.push(column("origin", Kind::Text));
    Step { sql, columns, reads_right: true }
}

fn everything(left: &Made) -> Step {
    let sql = format!(
        "SELECT *\nFROM ref('{}')\nWHERE customer_id IS NOT NULL\n  AND amount BETWEEN 0 AND 100000\n",
        left.id
    );
    Step { sql, columns: left.columns.clone(), reads_right: false }
}
