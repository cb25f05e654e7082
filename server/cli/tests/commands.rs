//! Everything that can be done with a project, from an editor: by clicks, through bytes.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test runs the program"
)]

mod helpers;

use helpers::editor::Editor;
use helpers::program::run;
use helpers::repository::{Folder, committed};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const REVENUE: &str = "transforms/daily_revenue.yml";
const CLEANED: &str = "transforms/orders_cleaned.yml";

fn committed_shop() -> (Folder, PathBuf) {
    let (folder, shop) = Folder::with_shop("shop");
    committed(&shop);
    (folder, shop)
}

fn text(shop: &Path, file: &str) -> String {
    fs::read_to_string(shop.join("seeknal").join(file)).unwrap()
}

fn query(shop: &Path, sql: &str) -> String {
    let (code, out, err) = run(shop, &["query", sql, "--format", "csv"]);
    assert_eq!(code, 0, "{err}");
    out
}

/// A query that takes minutes.
const SLOW: &str = "kind: transform\nname: slow\ntransform: |\n  SELECT sum(a.range * b.range) AS s FROM range(3000000) a, range(1000000) b\n";

/// From a first letter to production and back, in the way an editor goes it.
#[test]
fn an_edit_goes_to_production_by_clicks_and_back() {
    let (_folder, shop) = committed_shop();
    assert_eq!(run(&shop, &["run"]).0, 0);
    let mut editor = Editor::open(&shop, &Value::Null);
    let old = text(&shop, REVENUE);
    let new = old.replace("AS revenue", "AS revenue,\n    max(amount) AS largest");
    editor.show(REVENUE, &old);
    assert!(editor.lenses(REVENUE).iter().all(|one| one["title"] != "NON_BREAKING"));
    editor.show(REVENUE, &new);
    // What a click tells is about texts that are not saved, and it says so.
    let plan = editor.click(REVENUE, "Plan dev");
    assert_eq!(plan["unsaved"], json!(["seeknal/transforms/daily_revenue.yml"]));
    assert_eq!(plan["changes"][0]["category"], "non_breaking", "{plan}");
    assert!(editor.messages.pop().unwrap().contains("not saved"));
    let page = editor.page();
    assert_eq!(json!(page), plan["text"]);
    assert!(page.contains("`transform.daily_revenue`") && page.contains("not saved"), "{page}");
    let shown = editor.click(REVENUE, "NON_BREAKING");
    assert_eq!(shown["summary"], plan["summary"]);
    // What is carried out is what is saved.
    let (code, words) = editor.refused("apply", &json!({}));
    assert_eq!(
        (code, words.starts_with("save seeknal/transforms/daily_revenue.yml")),
        (-32803, true)
    );
    editor.save(REVENUE, &new);
    // Nobody said that this project may run its SQL.
    let (code, words) = editor.refused("apply", &json!({}));
    assert_eq!((code, words.contains("\"confirmed\": true")), (-32803, true), "{words}");
    editor.says = vec!["Trust This Project"];
    editor.progress.clear();
    let applied = editor.click(REVENUE, "Apply dev");
    assert_eq!(applied["failed"], json!([]), "{applied}");
    assert_eq!(editor.questions.len(), 2, "{:?}", editor.questions);
    let percents: Vec<u64> =
        editor.progress.iter().filter_map(|one| one["percentage"].as_u64()).collect();
    assert!(percents.len() > 1 && percents.is_sorted(), "{percents:?}");
    // What was said is remembered, and an applied plan is applied.
    assert_eq!(editor.run("apply", &json!({}))["nodes"], json!([]));
    assert_eq!(editor.questions.len(), 2);
    let all = editor.run("environments", &json!({}));
    assert_eq!(all["environments"][0]["stage"], "applied");
    // Production changes only when somebody says yes.
    editor.says.clear();
    let (_, words) = editor.refused("promote", &json!({}));
    assert!(words.contains("\"confirmed\": true"), "{words}");
    assert!(editor.questions.pop().unwrap().starts_with("Promote 'dev' to production? "));
    let refreshed = editor.refreshed;
    editor.says = vec!["Promote"];
    let promoted = editor.run("promote", &json!({}));
    assert_eq!(promoted["event"], "promoted");
    assert!(query(&shop, "SELECT max(largest) FROM daily_revenue").starts_with("max(largest)\n"));
    editor.settle();
    assert!(editor.refreshed > refreshed, "what is compared with is another now");
    let titles = editor.lenses(REVENUE);
    assert!(
        titles.iter().all(|one| !one["title"].as_str().unwrap().contains("BREAKING")),
        "{titles:?}"
    );
    editor.says = vec!["Roll Back"];
    assert_eq!(editor.run("rollback", &json!({}))["event"], "rolled_back");
    let (code, _, _) = run(&shop, &["query", "SELECT largest FROM daily_revenue"]);
    assert_ne!(code, 0, "production shows what it showed before");
    let history = editor.run("history", &json!({"limit": 2}));
    let kinds: Vec<&Value> =
        history["operations"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["export", "rollback"], "the report says again what it said");
    editor.close();
}

/// Whoever cancels a job is answered how far it came, in each of the three ways, and the next one goes on.
#[test]
fn a_job_is_cancelled_in_three_ways_and_the_next_goes_on() {
    let (_folder, shop) = committed_shop();
    fs::write(shop.join("seeknal/transforms/slow.yml"), SLOW).unwrap();
    assert_eq!(run(&shop, &["plan", "dev"]).0, 0);
    let mut editor = Editor::open(&shop, &json!({"trusted": true}));
    for way in ["request", "progress", "command"] {
        let token = format!("t-{way}");
        let params = json!({"command": "seeknal.apply", "arguments": [{}], "workDoneToken": token});
        editor.progress.clear();
        let id = editor.ask("workspace/executeCommand", &params);
        let is_slow =
            |one: &Value| one["message"].as_str().is_some_and(|text| text.contains("slow"));
        while !editor.progress.iter().any(is_slow) {
            assert_eq!(editor.take(id), None);
        }
        let begun = Instant::now();
        match way {
            "request" => editor.notify("$/cancelRequest", &json!({"id": id})),
            "progress" => {
                editor.notify("window/workDoneProgress/cancel", &json!({"token": token}));
            }
            _ => drop(editor.start("cancel", &json!({"token": token}))),
        }
        let answer = editor.answer(id)["result"].clone();
        assert!(begun.elapsed() < Duration::from_secs(20), "the query takes minutes");
        assert!(answer["stopped"].is_string(), "{way}: {answer}");
        assert!(editor.messages.pop().unwrap().contains("goes on where it ended"));
        assert_eq!(editor.progress.last().unwrap()["message"], "cancelled");
    }
    let quick = SLOW.replace("range(3000000) a, range(1000000) b", "range(3) a, range(1) b");
    fs::write(shop.join("seeknal/transforms/slow.yml"), quick).unwrap();
    editor.run("plan", &json!({}));
    let applied = editor.run("apply", &json!({}));
    let built = applied["nodes"].as_array().unwrap();
    assert!(
        applied["stopped"].is_null() && built.iter().any(|one| one["node"] == "transform.slow")
    );
    assert!(applied["kept"].as_u64().unwrap() > 0, "what was built before is kept: {applied}");
    editor.close();
}

/// A question that is taken back by cancelling leaves nothing behind.
#[test]
fn a_question_can_be_cancelled() {
    let (_folder, shop) = committed_shop();
    assert_eq!(run(&shop, &["plan", "dev"]).0, 0);
    let mut editor = Editor::open(&shop, &Value::Null);
    let id = editor.start("apply", &json!({}));
    // The question is read here and never answered.
    let question = loop {
        let message = editor.server.read();
        if message["method"] == "window/showMessageRequest" {
            break message;
        }
        if let Some(request) = message.get("id").filter(|_| message.get("method").is_some()) {
            let answer = json!({"jsonrpc": "2.0", "id": request, "result": null});
            editor.server.send(&answer);
        }
    };
    // Others are worked on meanwhile: more than there are turns.
    for _ in 0..3 {
        assert_eq!(editor.run("environments", &json!({}))["environments"][0]["stage"], "planned");
    }
    editor.notify("$/cancelRequest", &json!({"id": id}));
    let answer = editor.answer(id);
    assert!(answer["result"]["stopped"].is_string(), "{answer}");
    // An answer that comes after all is about nothing.
    let late =
        json!({"jsonrpc": "2.0", "id": question["id"], "result": {"title": "Trust This Project"}});
    editor.server.send(&late);
    let all = editor.run("environments", &json!({}));
    assert_eq!(all["environments"][0]["stage"], "planned");
    editor.close();
}

/// Rows are shown as the texts say now, saved or not, and nothing is kept of it.
#[test]
fn rows_are_shown_before_anything_is_saved() {
    let (_folder, shop) = committed_shop();
    let mut editor = Editor::open(&shop, &json!({"trusted": true}));
    let old = text(&shop, REVENUE);
    editor.show(REVENUE, &old);
    let found = editor.click(REVENUE, "Preview");
    let names: Vec<&Value> =
        found["columns"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["day", "order_count", "customer_count", "revenue"]);
    let made = found["made"].as_array().unwrap();
    assert!(made.contains(&json!("source.raw_orders")), "nothing was ever built: {found}");
    assert!(!shop.join("target").exists() || !shop.join(".seeknal").exists(), "it only reads");
    let page = editor.page();
    assert!(page.contains("| day | order_count |") && page.contains("rows in all."), "{page}");
    assert_eq!(run(&shop, &["run"]).0, 0);
    let again = editor.click(REVENUE, "Preview");
    assert_eq!((&again["made"], &again["rows"]), (&json!([]), &found["rows"]));
    // An edit upstream that is not saved counts, and only what it reaches is made.
    let cleaned = text(&shop, CLEANED);
    editor.show(CLEANED, &cleaned.replace("    amount\n", "    2 * amount AS amount\n"));
    let edited = editor.run("preview", &json!({"node": "transform.daily_revenue", "limit": 2}));
    assert_eq!(edited["rows"].as_array().unwrap().len(), 2);
    assert!(edited["made"].as_array().unwrap().contains(&json!("transform.orders_cleaned")));
    assert!(!edited["made"].as_array().unwrap().contains(&json!("source.raw_orders")));
    editor.close();
}

#[test]
fn a_part_of_a_query_is_shown() {
    let (_folder, shop) = committed_shop();
    let file = "transforms/parts.yml";
    let sql = "kind: transform\nname: parts\ninputs:\n  - ref: source.raw_orders\ntransform: |\n  WITH first AS (\n    SELECT 1 AS one\n  ), second AS (\n    SELECT one + 1 AS two FROM first\n  )\n  SELECT two, count(*) AS n FROM second, ref('source.raw_orders') GROUP BY two\n";
    let mut editor = Editor::open(&shop, &json!({"trusted": true}));
    editor.show(file, sql);
    let parts = |more: Value| {
        let mut all = json!({"node": "transform.parts"});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let second = editor.run("preview", &parts(json!({"cte": "second"})));
    assert_eq!(second["rows"], json!([{"two": 2}]));
    let (_, words) = editor.refused("preview", &parts(json!({"cte": "third"})));
    assert!(words.contains("`third`"), "{words}");
    // The menu of a place offers what is there, and does it.
    let range = json!({"start": {"line": 8, "character": 4}, "end": {"line": 8, "character": 36}});
    let params = json!({"textDocument": {"uri": editor.uri(file)}, "range": range, "context": {"diagnostics": []}});
    let menu = editor.request("textDocument/codeAction", &params);
    let titles: Vec<&str> =
        menu.as_array().unwrap().iter().filter_map(|one| one["title"].as_str()).collect();
    assert_eq!(
        titles,
        [
            "Preview selection",
            "Preview second",
            "Show what the edits do",
            "Plan dev",
            "Apply dev",
            "Preview transform.parts",
            "Lineage transform.parts"
        ]
    );
    let command = menu[0]["command"].clone();
    let selected = editor.request(
        "workspace/executeCommand",
        &json!({"command": command["command"], "arguments": command["arguments"]}),
    );
    assert_eq!(selected["rows"], json!([{"two": 2}]), "it reads what stands before it");
    // A text that is no query, one that would write, and half a line.
    for (from, to) in
        [("SELECT one + 1 AS two FROM first", "COPY (SELECT 1) TO '/tmp/x'"), ("one + 1", "one +")]
    {
        editor.show(file, &sql.replace(from, to));
        let (code, _) = editor.refused("preview", &parts(json!({"cte": "second"})));
        assert_eq!(code, -32803);
    }
    editor.close();
}

#[test]
fn rules_are_tried_as_they_are_written_now() {
    let (_folder, shop) = committed_shop();
    assert_eq!(run(&shop, &["run"]).0, 0);
    let mut editor = Editor::open(&shop, &json!({"trusted": true}));
    let file = "rules/orders_complete.yml";
    let rule = text(&shop, file);
    editor.show(file, &rule);
    let good = editor.click(file, "Run");
    assert_eq!(good["failed"], 0, "{good}");
    let none = editor.refused("test", &json!({"node": "transform.nothing"}));
    assert!(none.1.contains("asserts nothing"), "{none:?}");
    let all = editor.run("test", &json!({}));
    assert!(all["passed"].as_u64().unwrap() > good["passed"].as_u64().unwrap());
    editor.close();
}

#[test]
fn wrong_calls_are_told_what_is_right() {
    let (_folder, shop) = committed_shop();
    let mut editor = Editor::open(&shop, &Value::Null);
    editor.settle();
    for (command, argument, word) in [
        ("apply", json!({"enviroment": "dev"}), "`environment`"),
        ("plan", json!({"environment": 3}), "must be a text"),
        ("plan", json!([]), "takes one object"),
        ("lineage", json!({}), "`point` is missing"),
        ("setBaseline", json!({}), "`against` is missing"),
        ("nothing", json!({}), "there is no command"),
    ] {
        let (code, words) = editor.refused(command, &argument);
        assert_eq!((code, words.contains(word)), (-32602, true), "{command}: {words}");
    }
    for (command, argument, word) in [
        ("plan", json!({"environment": "a b"}), "cannot name an environment"),
        ("plan", json!({"environment": "prod"}), "planned against"),
        ("plan", json!({"project": "/nowhere/at/all"}), "lies in no project"),
        ("apply", json!({"confirmed": true}), "`plan dev` makes it"),
        ("promote", json!({"confirmed": true}), "there is no environment `dev`"),
        ("lineage", json!({"point": "transform.x"}), "there is no node `transform.x`"),
        ("preview", json!({"node": "rule.orders_complete", "confirmed": true}), "has no rows"),
        ("setBaseline", json!({"against": "git:nowhere"}), "nowhere"),
    ] {
        let (code, words) = editor.refused(command, &argument);
        assert_eq!((code, words.contains(word)), (-32803, true), "{command}: {words}");
    }
    // A project that nobody opened can be named.
    let (_other, other) = committed_shop();
    let argument = json!({"project": other, "environment": "dev"});
    assert_eq!(editor.run("plan", &argument)["unsaved"], json!([]));
    assert!(editor.run("setBaseline", &json!({"against": "git:HEAD"}))["against"].is_string());
    let sources = editor.run("refreshSources", &json!({}));
    assert_eq!(sources["sources"], 2);
    let lineage = editor.run("lineage", &json!({"point": "transform.daily_revenue.revenue"}));
    assert!(lineage["text"].as_str().unwrap().contains("amount"), "{lineage}");
    editor.close();
}

/// A server that is killed in the middle of its work loses nothing: the next one goes on.
#[test]
fn a_killed_server_loses_nothing() {
    let (_folder, shop) = committed_shop();
    assert_eq!(run(&shop, &["run"]).0, 0);
    let before = query(&shop, "SELECT * FROM daily_revenue ORDER BY ALL");
    fs::write(shop.join("seeknal/transforms/slow.yml"), SLOW).unwrap();
    assert_eq!(run(&shop, &["plan", "dev"]).0, 0);
    let mut editor = Editor::open(&shop, &json!({"trusted": true}));
    let id = editor.start("apply", &json!({}));
    let is_slow = |one: &Value| one["message"].as_str().is_some_and(|text| text.contains("slow"));
    while !editor.progress.iter().any(is_slow) {
        assert_eq!(editor.take(id), None);
    }
    editor.server.child.kill().unwrap();
    editor.server.child.wait().unwrap();
    assert_eq!(run(&shop, &["verify"]).0, 0);
    assert_eq!(query(&shop, "SELECT * FROM daily_revenue ORDER BY ALL"), before);
    let mut editor = Editor::open(&shop, &json!({"trusted": true}));
    fs::write(
        shop.join("seeknal/transforms/slow.yml"),
        SLOW.replace("3000000", "3").replace("1000000", "1"),
    )
    .unwrap();
    editor.run("plan", &json!({}));
    assert_eq!(editor.run("apply", &json!({}))["failed"], json!([]));
    editor.close();
}

/// What somebody promotes in a terminal is what edits are compared with a moment later.
#[test]
fn what_others_do_is_seen() {
    let (_folder, shop) = committed_shop();
    let mut editor = Editor::open(&shop, &Value::Null);
    editor.show(REVENUE, &text(&shop, REVENUE));
    let against =
        |editor: &mut Editor| editor.settle()["projects"][0]["changes"]["against"].clone();
    assert!(against(&mut editor).as_str().unwrap().starts_with("git:"));
    assert_eq!(run(&shop, &["run"]).0, 0);
    let head = format!("file://{}/.seeknal/state/head", shop.display());
    let changes = json!({"changes": [{"uri": head, "type": 2}]});
    editor.notify("workspace/didChangeWatchedFiles", &changes);
    assert_eq!(against(&mut editor), "prod");
    editor.close();
}

/// What stands at a word of a file, asked in some way.
fn at(
    editor: &mut Editor,
    (file, text): (&str, &str),
    (line, word): (&str, &str),
    method: &str,
) -> Value {
    let row = text.lines().position(|one| one.contains(line)).unwrap();
    let column = text.lines().nth(row).unwrap().find(word).unwrap() + 1;
    let params = json!({
        "textDocument": {"uri": editor.uri(file)},
        "position": {"line": row, "character": column},
        "context": {"includeDeclaration": true},
    });
    editor.request(&format!("textDocument/{method}"), &params)
}

/// Every place as its file and its line.
fn places(answer: &Value) -> Vec<(String, u64)> {
    let one = |place: &Value| {
        let uri = place["uri"].as_str().unwrap();
        let file = uri.rsplit('/').next().unwrap().to_owned();
        (file, place["range"]["start"]["line"].as_u64().unwrap() + 1)
    };
    answer.as_array().unwrap().iter().map(one).collect()
}

#[test]
fn columns_and_parts_of_queries_are_followed() {
    let (_folder, shop) = committed_shop();
    let mut editor = Editor::open(&shop, &Value::Null);
    let revenue = text(&shop, REVENUE);
    editor.show(REVENUE, &revenue);
    let file = (REVENUE, revenue.as_str());
    let place = ("round(sum(amount)", "amount");
    let made = at(&mut editor, file, place, "definition");
    assert_eq!(places(&made).len(), 1, "{made}");
    assert_eq!(places(&made)[0].0, "orders_merged.yml");
    let all = at(&mut editor, file, place, "references");
    let all = places(&all);
    assert!(
        all.contains(&places(&made)[0]) && all.contains(&("daily_revenue.yml".to_owned(), 13)),
        "{all:?}"
    );
    let card = at(&mut editor, file, place, "hover")["contents"]["value"].clone();
    let card = card.as_str().unwrap();
    for words in [
        "**amount** `",
        "a column of `transform.orders_merged`",
        "Comes from `source.",
        "Read by `transform.daily_revenue`",
    ] {
        assert!(card.contains(words), "{card}");
    }
    let own =
        at(&mut editor, file, ("AS revenue", "revenue"), "hover")["contents"]["value"].clone();
    assert!(own.as_str().unwrap().contains("round(sum(amount), 2)"), "{own}");
    let node =
        at(&mut editor, file, ("name: daily_revenue", "daily"), "hover")["contents"]["value"]
            .clone();
    assert!(node.as_str().unwrap().contains("Columns: `day` DATE, `order_count` BIGINT"), "{node}");
    // A part of a query, in the file itself.
    let sql = "kind: transform\nname: parts\ninputs:\n  - ref: source.raw_orders\ntransform: |\n  WITH first AS (SELECT order_id AS id FROM ref('source.raw_orders'))\n  SELECT first.id\n  FROM first\n";
    let file = ("transforms/parts.yml", sql);
    editor.show(file.0, sql);
    let made = at(&mut editor, file, ("FROM first", "first"), "definition");
    assert_eq!(places(&made), [("parts.yml".to_owned(), 6)]);
    let marked = at(&mut editor, file, ("FROM first", "first"), "documentHighlight");
    assert_eq!(marked.as_array().unwrap().len(), 3, "{marked}");
    let card = at(&mut editor, file, ("FROM first", "first"), "hover")["contents"]["value"].clone();
    assert!(card.as_str().unwrap().contains("SELECT order_id AS id"), "{card}");
    // Half a line asks for nothing that was there before.
    editor.show(file.0, &sql.replace("first.id", "first."));
    assert_eq!(
        at(&mut editor, file, ("FROM first", "first"), "definition").as_array().map(Vec::len),
        Some(1)
    );
    editor.close();
}

/// A value of a variable may be a secret: it is said that it is set, and no more.
#[test]
fn a_value_is_shown_and_a_variable_is_not() {
    let (_folder, shop) = committed_shop();
    fs::write(shop.join(".env"), "SEEKNAL_LEAST=hush-4711\n").unwrap();
    let mut editor = Editor::open(&shop, &Value::Null);
    let sql = "kind: transform\nname: values\ninputs:\n  - ref: source.raw_orders\ntransform: |\n  SELECT * FROM ref('source.raw_orders')\n  WHERE amount > {{ env:SEEKNAL_LEAST }} AND ordered_at < '{{ today }}'\n";
    let file = ("transforms/values.yml", sql);
    editor.show(file.0, sql);
    let set = at(&mut editor, file, ("WHERE amount", "SEEKNAL_LEAST"), "hover").to_string();
    assert!(set.contains("It is set, and not shown.") && !set.contains("4711"), "{set}");
    let today = at(&mut editor, file, ("WHERE amount", "today"), "hover").to_string();
    assert!(today.contains("```sql"), "{today}");
    editor.close();
}
