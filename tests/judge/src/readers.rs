//! Nodes that read the edited one, in every way there is.

use crate::chance::Chance;
use crate::query::{Family, Query};

/// Some readers of `transform.u` and readers of those, each by its name.
pub(crate) fn readers(u: &Query, chance: &mut Chance) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for number in 0..3 {
        let sql = reader(u, chance);
        found.push((format!("r{number}"), sql));
    }
    let behind = [
        "SELECT * FROM ref('transform.r0')",
        "SELECT count(*) AS n FROM ref('transform.r1')",
        "SELECT DISTINCT * FROM ref('transform.r1')",
        "SELECT r.* FROM ref('transform.r0') r WHERE EXISTS (SELECT 1 FROM ref('transform.r1') s)",
    ];
    found.push(("behind".to_owned(), (*chance.one(&behind)).to_owned()));
    found
}

fn reader(u: &Query, chance: &mut Chance) -> String {
    let all = u.names(None);
    let a = chance.one(&all).clone();
    let b = chance.one(&all).clone();
    let whole = u.names(Some(Family::Whole));
    let key = if whole.is_empty() { "1".to_owned() } else { format!("u.{}", chance.one(&whole)) };
    const U: &str = "ref('transform.u') u";
    const C: &str = "ref('source.customers') c";
    match chance.below(22) {
        0 => format!("SELECT u.{a} FROM {U}"),
        1 => format!("SELECT {a} AS x, {b} AS y FROM {U}"),
        2 => format!("SELECT * FROM {U}"),
        3 => format!("SELECT count(*) AS n FROM {U}"),
        4 => format!("SELECT u.{a} AS k, count(*) AS n FROM {U} GROUP BY u.{a}"),
        5 => format!("SELECT max(u.{a}) AS m, count(u.{b}) AS n FROM {U}"),
        6 => format!("SELECT c.name AS who, u.{a} AS x FROM {U} JOIN {C} ON c.id = {key}"),
        7 => format!("SELECT c.id AS cid, u.{a} AS x FROM {C} LEFT JOIN {U} ON c.id = {key}"),
        8 => format!("SELECT c.id FROM {C} WHERE EXISTS (SELECT 1 FROM {U} WHERE {key} = c.id)"),
        9 => format!(
            "SELECT c.id FROM {C} WHERE c.id IN (SELECT {key} FROM {U} WHERE region IS NOT NULL)"
        ),
        10 => format!("SELECT u.{a} FROM {U} ORDER BY u.{b} LIMIT 3"),
        11 => format!("SELECT DISTINCT * FROM {U}"),
        12 => format!("SELECT (SELECT max(u.{a}) FROM {U}) AS m"),
        13 => format!("SELECT u.{a} AS net, name FROM {U}, {C} WHERE c.id = 1"),
        14 => format!(
            "SELECT u.{a}, row_number() OVER (PARTITION BY u.{b} ORDER BY u.{a}) AS rn FROM {U}"
        ),
        15 => format!("SELECT u.*, c.region FROM {U} CROSS JOIN {C}"),
        16 => format!("SELECT {a} FROM {U} WHERE {b} IS NOT NULL"),
        17 => format!("SELECT u.{a} AS v FROM {U} UNION ALL SELECT u.{a} AS v FROM {U}"),
        18 => format!("SELECT * EXCLUDE ({a}) FROM {U}"),
        19 => format!("SELECT k1 FROM {} AS t(k1)", "ref('transform.u')"),
        20 => format!("SELECT to_json(u) AS j FROM {U}"),
        _ => format!(
            "SELECT sum(CASE WHEN u.{a} IS NULL THEN 1 ELSE 2 END) AS s, u.{b} AS k FROM {U} GROUP BY ALL"
        ),
    }
}
