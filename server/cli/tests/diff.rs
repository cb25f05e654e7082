//! `diff` and `lineage` as a person or a script meets them.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test runs the program")]

mod helpers;

use helpers::program::{edit, json, run};
use helpers::repository::{Folder, committed};
use helpers::schemas::holds;
use std::fs;
use std::path::Path;

fn write(shop: &Path, file: &str, text: &str) {
    let path = shop.join("seeknal").join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn a_difference_is_told_column_by_column_key_by_key_and_line_by_line() {
    let (folder, shop) = Folder::with_shop("");
    committed(&folder.0);
    let daily = "transforms/daily_revenue.yml";
    edit(&shop, daily, "round(sum(amount), 2) AS revenue", "sum(amount) AS revenue, 1 AS one");
    edit(&shop, daily, "count(*) AS order_count,", "");
    edit(&shop, daily, "AS day,", "AS date,");
    edit(&shop, daily, "ORDER BY day", "ORDER BY date");
    let (code, out, err) = run(&shop, &["diff"]);
    assert_eq!((code, err.as_str()), (0, ""));
    for line in [
        "[BREAKING - rebuilds downstream] transform.daily_revenue",
        "  column day -> date DATE: renamed",
        "  column revenue DOUBLE: redefined\n    - round(sum(amount), 2)\n    + sum(amount)",
        "  column one INTEGER: added\n    + 1",
        "  column order_count BIGINT: removed\n    - count(*)",
        "  key `transform` (data)",
        "  -    ordered_at::DATE AS day,",
        "  +    ordered_at::DATE AS date,",
    ] {
        assert!(out.contains(line), "{line:?} is not in\n{out}");
    }
    let whole = json(&shop, &["diff"]);
    holds("diff", &whole);
    assert_eq!(whole["nodes"].as_array().unwrap().len(), 1);
    let hunk = &whole["nodes"][0]["hunks"][0];
    assert_eq!(
        hunk["lines"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one.as_str().unwrap().starts_with('-'))
            .count(),
        4
    );
    holds("plan", &json(&shop, &["plan"]));
    // A node that only reads what changed, and one that nothing reaches.
    let (_, out, _) = run(&shop, &["diff", "exposure.revenue_report"]);
    assert!(out.contains("exposure.revenue_report: says what it said; export"), "{out}");
    let (_, out, _) = run(&shop, &["diff", "source.raw_orders"]);
    assert!(out.contains("nothing that it reads changed"), "{out}");
    let (code, _, err) = run(&shop, &["diff", "transform.nobody"]);
    assert_eq!(code, 2);
    assert!(err.contains("there is no node `transform.nobody`"), "{err}");
}

/// New, gone and renamed nodes, and every other key of a plan.
#[test]
fn whatever_happens_to_nodes_fits_the_schemas() {
    let (folder, shop) = Folder::with_shop("");
    write(
        &shop,
        "transforms/spare.yml",
        "kind: transform\nname: spare\ntransform: SELECT 1 AS one, 2 AS two\n",
    );
    write(
        &shop,
        "sources/closed.yml",
        "kind: source\nname: closed\nsource: postgresql\ntable: a.b\nparams:\n  password: hunter1\n",
    );
    committed(&folder.0);
    fs::remove_file(shop.join("seeknal/exposures/revenue_report.yml")).unwrap();
    edit(&shop, "transforms/spare.yml", "name: spare", "name: other");
    edit(&shop, "transforms/orders_cleaned.yml", "lower(trim(status))", "nothing(status)");
    edit(&shop, "sources/closed.yml", "hunter1", "hunter2");
    edit(&shop, "sources/closed.yml", "a.b", "a.c");
    write(
        &shop,
        "transforms/fresh.yml",
        "kind: transform\nname: fresh\ntransform: SELECT 1 AS one\n",
    );
    holds("plan", &json(&shop, &["plan"]));
    let diff = json(&shop, &["diff"]);
    holds("diff", &diff);
    let nodes: Vec<&str> =
        diff["nodes"].as_array().unwrap().iter().map(|one| one["node"].as_str().unwrap()).collect();
    for node in ["transform.other", "transform.fresh", "exposure.revenue_report", "source.closed"] {
        assert!(nodes.contains(&node), "{node} is not in {nodes:?}");
    }
    let (_, out, _) = run(&shop, &["diff"]);
    assert!(out.contains("+table: a.c"), "{out}");
    assert!(!out.contains("hunter") && !diff.to_string().contains("hunter"), "{out}");
}

const READER: &str = "kind: transform
name: ranked
inputs: [{ref: transform.orders_merged}, {ref: source.raw_orders}]
transform: |
  WITH paid AS (SELECT customer_id AS who, amount * 2 AS twice, ordered_at FROM ref('transform.orders_merged') WHERE status = 'paid')
  SELECT who, twice + 1 AS more, row_number() OVER (PARTITION BY who ORDER BY ordered_at) AS place,
    (SELECT max(o.order_id) FROM ref('source.raw_orders') o WHERE o.customer_id = paid.who) AS last
  FROM paid
";

#[test]
fn lineage_follows_a_column_through_every_clause() {
    let (_folder, shop) = Folder::with_shop("");
    write(&shop, "transforms/ranked.yml", READER);
    let up = |point: &str| run(&shop, &["lineage", point, "--up", "--depth", "1"]);
    let (code, out, err) = up("transform.ranked.more");
    assert_eq!((code, err.as_str()), (0, ""));
    let expected = "transform.ranked.more
  comes from
    transform.orders_merged.amount     SELECT
    rows of transform.ranked           rows
      source.raw_orders.customer_id    WHERE
      transform.orders_merged.status   WHERE
      rows of source.raw_orders        rows
      rows of transform.orders_merged  rows
";
    assert_eq!(out, expected);
    let of = |point: &str| -> Vec<String> {
        let all = json(&shop, &["lineage", point, "--up", "--depth", "1"]);
        holds("lineage", &all);
        let links = all["links"].as_array().unwrap().iter();
        let own = links
            .filter(|one| one["to"] == all["start"] && one["from"]["node"] != one["to"]["node"]);
        own.map(|one| one["from"]["column"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of("transform.ranked.PLACE"), ["customer_id", "ordered_at"], "a window's keys");
    assert_eq!(
        of("transform.ranked.last"),
        ["customer_id", "order_id", "customer_id"],
        "a subquery"
    );
    let (_, out, _) = run(&shop, &["lineage", "source.raw_orders.status", "--down"]);
    let expected = "source.raw_orders.status
  goes to
    transform.orders_cleaned.status      SELECT
      transform.orders_merged.status     SELECT
        rule.orders_complete             all of it
        semantic_model.orders            all of it
        rows of transform.daily_revenue  WHERE
          exposure.revenue_report        all of it
          rule.revenue_plausible         all of it
        rows of transform.ranked         WHERE
";
    assert_eq!(out, expected);
}

#[test]
fn lineage_of_whole_nodes_and_in_every_format() {
    let (_folder, shop) = Folder::with_shop("");
    let (_, out, _) = run(&shop, &["lineage", "transform.orders_cleaned", "--up"]);
    assert_eq!(
        out,
        "transform.orders_cleaned\n  comes from\n    source.raw_orders  amount, customer_id, order_id, ordered_at, status\n"
    );
    let point = "transform.daily_revenue.revenue";
    let format = |name: &str| {
        let (code, out, err) = run(&shop, &["lineage", point, "--format", name]);
        assert_eq!((code, err.as_str()), (0, ""));
        out
    };
    assert!(format("dot").contains("\"transform.orders_merged.amount\" -> \"transform.daily_revenue.revenue\" [label=\"SELECT\"];"));
    assert!(format("mermaid").contains("[\"transform.daily_revenue.revenue\"]"));
    let svg = format("svg");
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{svg}");
    assert_eq!(svg.matches("class=\"card").count(), 7, "one card for each node");
    for (wrong, said) in [
        ("transform.nobody", "there is no node `transform.nobody`"),
        ("transform.daily_revenue.nothing", "has no column `nothing`; it has day, order_count"),
    ] {
        let (code, _, err) = run(&shop, &["lineage", wrong]);
        assert_eq!(code, 2);
        assert!(err.contains(said), "{err}");
    }
}
