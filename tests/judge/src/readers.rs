//! Nodes that read the edited one, in every way there is.

use crate::chance::Chance;
use crate::pieces::Family::{Fraction, Text, Whole};
use crate::query::Query;

/// A node that reads others.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    /// Its name.
    pub(crate) name: String,
    /// Its query.
    pub(crate) sql: String,
    /// A name in it that means a column of `u` where `u` has it, and something else where not.
    pub(crate) bare: Option<&'static str>,
}

/// Some readers of `transform.u` and a reader of those.
pub(crate) fn readers(u: &Query, chance: &mut Chance) -> Vec<Reader> {
    let mut found: Vec<Reader> = Vec::new();
    for number in 0..3 {
        let (sql, bare) = reader(u, chance);
        found.push(Reader { name: format!("r{number}"), sql, bare });
    }
    let behind = [
        "SELECT * FROM ref('transform.r0')",
        "SELECT r.*, 1 AS one FROM ref('transform.r1') r",
        "SELECT DISTINCT * FROM ref('transform.r1')",
        "SELECT count(r) AS n, r.* FROM ref('transform.r0') r GROUP BY ALL",
        "SELECT * FROM ref('transform.r2') ORDER BY ALL",
    ];
    let sql = (*chance.one(&behind)).to_owned();
    found.push(Reader { name: "behind".to_owned(), sql, bare: None });
    found
}

const U: &str = "ref('transform.u') u";
const C: &str = "ref('source.customers') c";

fn reader(u: &Query, chance: &mut Chance) -> (String, Option<&'static str>) {
    let all = u.names(&[]);
    let a = chance.one(&all).clone();
    // Two columns, where there are two.
    let others: Vec<String> = all.iter().filter(|name| **name != a).cloned().collect();
    let b = if others.is_empty() { a.clone() } else { chance.one(&others).clone() };
    let of = |families: &[_], chance: &mut Chance| {
        let names = u.names(families);
        (!names.is_empty()).then(|| format!("u.{}", chance.one(&names)))
    };
    let key = of(&[Whole], chance);
    let number = of(&[Whole, Fraction], chance);
    let text = of(&[Text], chance);
    match (chance.below(24), key, number, text) {
        (0 | 1, Some(key), ..) => capturing(chance, &key),
        (2, Some(key), ..) => (testing(chance, &a, &key), None),
        (3..=5, Some(key), ..) => (joining(chance, (&a, &b), &key), None),
        (6..=8, _, Some(number), _) => (counting(chance, &number), None),
        (9, _, _, Some(text)) => (writing(chance, &text), None),
        (10..=12, ..) => (adding(chance, (&a, &b)), None),
        (13..=15, ..) => (placed(chance, (&a, &b)), None),
        (16, ..) => (first_ones(chance, (&a, &b)), None),
        _ => (plain(chance, (&a, &b)), None),
    }
}

/// Readers with a bare name that is their own or another table's until `u` has it.
fn capturing(chance: &mut Chance, key: &str) -> (String, Option<&'static str>) {
    let all = [
        (
            "region",
            format!(
                "SELECT c.id FROM {C} WHERE c.id IN (SELECT {key} FROM {U} WHERE region IS NOT NULL)"
            ),
        ),
        (
            "name",
            format!("SELECT c.id FROM {C} WHERE EXISTS (SELECT 1 FROM {U} WHERE name = 'n1')"),
        ),
        ("name", format!("SELECT c.id FROM {C} WHERE c.name IN (SELECT name FROM {U})")),
        ("net", format!("SELECT {key} * 2 AS net FROM {U} WHERE net > 2")),
        ("net", format!("SELECT 1 + {key} AS net, count(*) AS n FROM {U} GROUP BY net")),
    ];
    let (bare, sql) = chance.one(&all).clone();
    (sql, Some(bare))
}

/// Readers that only ask whether there are rows.
fn testing(chance: &mut Chance, a: &str, key: &str) -> String {
    let all = [
        format!("SELECT c.id FROM {C} WHERE EXISTS (SELECT 1 FROM {U} WHERE {key} = c.id)"),
        format!(
            "SELECT c.id FROM {C} WHERE c.id NOT IN (SELECT {key} FROM {U} WHERE {key} IS NOT NULL)"
        ),
        format!("SELECT c.id FROM {C} ANTI JOIN {U} ON {key} = c.id"),
        format!("SELECT c.id, (SELECT max(u.{a}) FROM {U} WHERE {key} < c.id) AS m FROM {C}"),
    ];
    chance.one(&all).clone()
}

fn joining(chance: &mut Chance, (a, b): (&str, &str), key: &str) -> String {
    let x = key.replace("u.", "x.");
    let y = key.replace("u.", "y.");
    let all = [
        format!("SELECT c.name AS who, u.{a} AS x FROM {U} JOIN {C} ON c.id = {key}"),
        format!("SELECT c.id AS cid, u.{a} AS x FROM {C} LEFT JOIN {U} ON c.id = {key}"),
        format!("SELECT u.{a} AS net, c.name FROM {U}, {C} WHERE c.id = 1"),
        format!("SELECT u.*, c.region FROM {U} CROSS JOIN {C}"),
        format!("SELECT u.{a} AS l, c.since FROM {U} NATURAL JOIN {C}"),
        format!(
            "SELECT x.{a} AS l, y.{b} AS r FROM ref('transform.u') x JOIN ref('transform.u') y ON {x} = {y}"
        ),
        format!(
            "SELECT c.id, t.n FROM {C}, LATERAL (SELECT count(*) AS n FROM {U} WHERE {key} = c.id) t"
        ),
        format!("SELECT u.{a} FROM {U} FULL JOIN {C} USING (id)"),
    ];
    chance.one(&all).clone()
}

fn adding(chance: &mut Chance, (a, b): (&str, &str)) -> String {
    let all = [
        format!("SELECT count(*) AS n FROM {U}"),
        format!("SELECT u.{a} AS k, count(*) AS n FROM {U} GROUP BY u.{a}"),
        format!("SELECT max(u.{a}) AS m, count(u.{b}) AS n FROM {U}"),
        format!("SELECT (SELECT max(u.{a}) FROM {U}) AS m, (SELECT count(u.{b}) FROM {U}) AS n"),
        format!(
            "SELECT sum(CASE WHEN u.{a} IS NULL THEN 1 ELSE 2 END) AS s, u.{b} AS k FROM {U} GROUP BY ALL"
        ),
        format!("SELECT u.{a}, count(*) AS n FROM {U} GROUP BY ROLLUP (u.{a})"),
        format!("SELECT count(*) FILTER (WHERE u.{b} IS NOT NULL) AS m, min(u.{a}) AS n FROM {U}"),
        format!("SELECT count(DISTINCT u.{a}) AS d, count(*) AS n FROM {U}"),
        format!(
            "SELECT u.{a}, u.{b}, rank() OVER (PARTITION BY u.{b} ORDER BY u.{a}) AS rn FROM {U}"
        ),
        format!("SELECT u.{a}, count(*) OVER (PARTITION BY u.{b}) AS n FROM {U}"),
    ];
    chance.one(&all).clone()
}

fn counting(chance: &mut Chance, number: &str) -> String {
    let all = [
        format!("SELECT sum({number}) AS s FROM {U}"),
        format!("SELECT {number} // 2 AS h FROM {U}"),
        format!("SELECT {number} AS x FROM {U} WHERE {number} > 2"),
        format!("SELECT avg({number}) AS s, count(*) AS n FROM {U}"),
        format!("SELECT {number} + 1 AS x, {number} * 2 AS y FROM {U}"),
        format!("SELECT CASE WHEN {number} > 3 THEN 'much' ELSE 'little' END AS x FROM {U}"),
        format!("SELECT round({number}, 1) AS x, count(*) AS n FROM {U} GROUP BY x"),
    ];
    chance.one(&all).clone()
}

fn writing(chance: &mut Chance, text: &str) -> String {
    let all = [
        format!("SELECT string_agg({text}, ',' ORDER BY {text}) AS l FROM {U}"),
        format!("SELECT upper({text}) AS t, count(*) AS n FROM {U} GROUP BY t"),
        format!("SELECT {text} || '!' AS t FROM {U}"),
        format!("SELECT count(*) AS n FROM {U} WHERE {text} LIKE '%a%'"),
    ];
    chance.one(&all).clone()
}

/// Readers to whom it matters how the rows of `u` follow one another.
fn first_ones(chance: &mut Chance, (a, b): (&str, &str)) -> String {
    let all = [
        format!("SELECT first(u.{a}) AS f FROM {U}"),
        format!("SELECT list(u.{a} ORDER BY u.{b}) AS l FROM {U}"),
        format!("SELECT list(u.{a}) AS l FROM {U}"),
        format!(
            "SELECT u.{a}, row_number() OVER (PARTITION BY u.{b} ORDER BY u.{a}) AS rn FROM {U}"
        ),
        format!("SELECT u.{a} FROM {U} ORDER BY u.{b} LIMIT 3"),
        format!("SELECT u.{a} FROM {U} LIMIT 5"),
        format!("SELECT -u.{a} AS net FROM {U} ORDER BY net LIMIT 2"),
        format!(
            "SELECT * FROM (SELECT u.{a}, row_number() OVER (ORDER BY u.{b}) AS rn FROM {U}) WHERE rn <= 2"
        ),
    ];
    chance.one(&all).clone()
}

/// Readers that read what stands at a place, or everything.
fn placed(chance: &mut Chance, (a, b): (&str, &str)) -> String {
    let all = [
        format!("SELECT * FROM {U}"),
        format!("SELECT DISTINCT * FROM {U}"),
        format!("SELECT * EXCLUDE ({a}) FROM {U}"),
        "SELECT k1 FROM ref('transform.u') AS t(k1)".to_owned(),
        format!("SELECT to_json(u) AS j FROM {U}"),
        format!("SELECT #1 AS x FROM {U}"),
        format!("SELECT * FROM {U} UNION ALL SELECT * FROM {U}"),
        format!("SELECT * RENAME ({a} AS zz) FROM {U}"),
        format!("SELECT * REPLACE (u.{b}::VARCHAR AS {b}) FROM {U}"),
        format!("SELECT COLUMNS('^[a-n]|^.$') FROM {U}"),
        format!("SELECT count(u) AS n FROM {U}"),
        format!("FROM {U} SELECT u.{a}"),
        format!(
            "SELECT * FROM (PIVOT (SELECT u.{a}::VARCHAR AS p, u.{b}::VARCHAR AS q FROM {U}) ON p IN ('1', 'paid', 'k') USING count(*) GROUP BY q)"
        ),
        format!("SELECT * FROM (UNPIVOT (SELECT u.{a}::VARCHAR AS p FROM {U}) ON COLUMNS(*))"),
        format!(
            "WITH RECURSIVE deep AS (SELECT u.{a} AS v, 1 AS step FROM {U} UNION ALL SELECT v, step + 1 FROM deep WHERE step < 2) SELECT * FROM deep"
        ),
        format!("SELECT u.{a}, bar(1, 0, 8, 8) AS z FROM {U} WHERE u.{b} IS NOT NULL"),
    ];
    chance.one(&all).clone()
}

fn plain(chance: &mut Chance, (a, b): (&str, &str)) -> String {
    let all = [
        format!("SELECT u.{a} FROM {U}"),
        format!("SELECT {a} AS x, {b} AS y FROM {U}"),
        format!("SELECT {a} FROM {U} WHERE {b} IS NOT NULL"),
        format!(
            "SELECT u.{a} AS v FROM {U} UNION ALL SELECT u.{a} AS v FROM {U} WHERE u.{b} IS NULL"
        ),
        format!(
            "SELECT u.{a}, u.{b} FROM {U} EXCEPT ALL SELECT u.{a}, u.{b} FROM {U} WHERE u.{b} IS NULL"
        ),
        format!("WITH w AS (SELECT u.{a} AS v FROM {U}) SELECT v FROM w"),
        format!("SELECT CASE WHEN u.{a} IS NULL THEN u.{b} END AS v, u.{a} AS w FROM {U}"),
        format!("SELECT {{'x': u.{a}, 'y': u.{b}}} AS s FROM {U}"),
        format!("SELECT coalesce(u.{a}::VARCHAR, '-') AS v FROM {U}"),
        format!("SELECT DISTINCT u.{a}, u.{b} FROM {U}"),
    ];
    chance.one(&all).clone()
}
