//! Every kind that can be carried out, on data that is odd: what is read, what is asserted, what is written.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test runs the program"
)]

mod helpers;

use helpers::program::run;
use helpers::repository::Folder;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A project of these files, each with its path below the root.
fn project(files: &[(&str, &str)]) -> (Folder, PathBuf) {
    let (folder, shop) = Folder::with_shop("");
    for inner in ["seeknal", "data"] {
        fs::remove_dir_all(shop.join(inner)).unwrap();
    }
    files.iter().for_each(|(path, text)| write(&shop, path, text));
    (folder, shop)
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn transform(name: &str, inputs: &[&str], sql: &str) -> (String, String) {
    let mut text = format!("kind: transform\nname: {name}\n");
    if !inputs.is_empty() {
        text.push_str("inputs:\n");
        inputs.iter().for_each(|input| text.push_str(&format!("  - ref: {input}\n")));
    }
    let sql: String = sql.lines().map(|line| format!("  {line}\n")).collect();
    text.push_str(&format!("transform: |\n{sql}"));
    (format!("seeknal/transforms/{name}.yml"), text)
}

fn csv(folder: &Path, sql: &str) -> String {
    let (code, out, err) = run(folder, &["query", sql, "--format", "csv"]);
    assert_eq!(code, 0, "{err}");
    out
}

#[test]
fn files_of_every_format_are_read() {
    let (_folder, shop) = project(&[
        ("data/env=dev/a.csv", "id;name\n1;Ann\n2;\n"),
        (
            "seeknal/a.yml",
            "kind: source\nname: a\nsource: csv\ntable: data/env=dev/a.csv\nparams: {delimiter: ';', header: true}\n",
        ),
        ("data/b.json", "[{\"id\": 1, \"tags\": [\"x\"]}, {\"id\": 2, \"tags\": []}]"),
        ("seeknal/b.yml", "kind: source\nname: b\nsource: json\ntable: data/b.json\n"),
        ("data/c.jsonl", "{\"id\": 1, \"at\": {\"x\": 1.5}}\n{\"id\": 2, \"at\": {\"x\": -0.0}}\n"),
        ("seeknal/c.yml", "kind: source\nname: c\nsource: jsonl\ntable: data/c.jsonl\n"),
        ("data/empty.csv", "id,name\n"),
        ("seeknal/empty.yml", "kind: source\nname: empty\nsource: csv\ntable: data/empty.csv\n"),
    ]);
    assert_eq!(run(&shop, &["run", "-q"]), (0, String::new(), String::new()));
    assert_eq!(
        csv(&shop, "SELECT * FROM source.a"),
        "id,name\n1,Ann\n2,\n",
        "a folder is no column"
    );
    assert_eq!(csv(&shop, "SELECT id, len(tags) AS n FROM source.b"), "id,n\n1,1\n2,0\n");
    assert_eq!(csv(&shop, "SELECT id, \"at\".x AS x FROM source.c"), "id,x\n1,1.5\n2,-0.0\n");
    assert_eq!(csv(&shop, "SELECT count(*) AS n FROM source.empty"), "n\n0\n");
    // What was written can be read again.
    fs::copy(shop.join("target/intermediate/source_a.parquet"), shop.join("data/d.parquet"))
        .unwrap();
    write(
        &shop,
        "seeknal/d.yml",
        "kind: source\nname: d\nsource: parquet\ntable: data/d.parquet\n",
    );
    assert_eq!(run(&shop, &["run", "-q"]).0, 0);
    assert_eq!(csv(&shop, "SELECT * FROM d"), "id,name\n1,Ann\n2,\n");
    // One that is gone is named; production shows what it showed.
    fs::remove_file(shop.join("data/b.json")).unwrap();
    let (code, _, err) = run(&shop, &["run", "-q"]);
    assert_eq!(code, 3);
    assert!(err.contains("`source.b` (seeknal/b.yml)") && err.contains("data/b.json"), "{err}");
}

#[test]
fn a_node_reads_what_others_stored_however_it_names_them() {
    let files = [
        ("data/a.csv".to_owned(), "id,amt\n1,10\n2,20\n".to_owned()),
        (
            "seeknal/a.yml".to_owned(),
            "kind: source\nname: a\nsource: csv\ntable: data/a.csv\n".to_owned(),
        ),
        transform("b", &["source.a"], "SELECT id, amt::INTEGER * 10 AS amt FROM ref('source.a')"),
        transform("c", &["transform.b"], "SELECT * FROM transform.b"),
        transform(
            "d",
            &["transform.b", "transform.c"],
            "SELECT x.amt + y.amt AS amt FROM input_0 x JOIN input_1 y USING (id)",
        ),
        transform(
            "e",
            &["transform.b"],
            "CREATE TEMP TABLE t AS SELECT * FROM __THIS__ WHERE amt > 100;\nCREATE TEMP VIEW v AS SELECT id FROM t;\nSELECT * FROM v; -- that is all",
        ),
        transform("none", &["transform.b"], "SELECT * FROM ref('transform.b') WHERE false"),
        transform("after", &["transform.none"], "SELECT count(*) AS n FROM ref('transform.none')"),
    ];
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (_folder, shop) = project(&files);
    assert_eq!(run(&shop, &["run", "-q"]), (0, String::new(), String::new()));
    assert_eq!(
        csv(&shop, "SELECT * FROM transform.c"),
        "id,amt\n1,100\n2,200\n",
        "ten times, not a hundred times"
    );
    assert_eq!(csv(&shop, "SELECT * FROM d ORDER BY 1"), "amt\n200\n400\n");
    assert_eq!(csv(&shop, "SELECT * FROM e"), "id\n2\n");
    assert_eq!(csv(&shop, "SELECT * FROM after"), "n\n0\n");
    assert!(shop.join("target/intermediate/transform_none.parquet").exists(), "no rows are rows");
    // Where there were rows and are none any more, nobody reads the old ones.
    write(&shop, "data/a.csv", "id,amt\n");
    assert_eq!(run(&shop, &["run", "-q"]).0, 0);
    assert_eq!(csv(&shop, "SELECT count(*) AS n FROM transform.c"), "n\n0\n");
}

#[test]
fn rules_and_audits_of_every_type_hold_or_fail() {
    let data = "id,name,at,x\n1,Ann,2020-01-01,1.5\n2,,2020-01-02,9\n2,Bob,2020-01-03,3\n";
    let (_folder, shop) = project(&[
        ("data/a.csv", data),
        (
            "seeknal/a.yml",
            "kind: source\nname: a\nsource: csv\ntable: data/a.csv\naudits:\n  - {type: not_null, columns: [name], severity: warn}\n  - {type: unique, columns: [id], severity: warn}\n  - {type: accepted_values, columns: [name], values: [Ann, Bob]}\n  - {type: row_count, min: 1, max: 3}\n  - {type: custom_sql, sql: SELECT * FROM __THIS__ WHERE x < 0}\n",
        ),
        (
            "seeknal/r.yml",
            "kind: rule\nname: r\ninputs: [{ref: source.a}]\nrule:\n  - {type: 'null', columns: [name], params: {max_null_percentage: 0.4}}\n  - {type: 'null', columns: [name], params: {max_null_percentage: 0.2}}\n  - {type: range, column: x, params: {min_val: 0, max_val: 5}}\n  - {type: uniqueness, columns: [id]}\n  - {type: freshness, column: at, params: {max_age: 2d}}\n  - {type: sql_assertion, sql: \"SELECT * FROM source_a WHERE name = 'Eve'\"}\nparams: {severity: warn, error_message: Look here.}\n",
        ),
    ]);
    let (code, out, err) = run(&shop, &["run"]);
    assert_eq!(code, 0, "{err}");
    for line in [
        "  warning source.a not_null: name: 1 of 3 fail",
        "  warning source.a unique: id: 1 of 3 fail",
        "  ok      source.a accepted_values: name: holds",
        "  ok      source.a row_count: holds",
        "  ok      source.a custom_sql: holds",
        "  ok      rule.r null: name: holds",
        "  warning rule.r null: name: Look here. (1 of 3)",
        "  warning rule.r range: x: Look here. (1 of 3)",
        "  warning rule.r uniqueness: id: Look here. (1 of 3)",
        "  warning rule.r freshness: at: Look here. (3 of 3)",
        "  ok      rule.r sql_assertion: holds",
    ] {
        assert!(out.lines().any(|one| one == line), "{line}\n{out}");
    }
    // What was asserted of the very same rows is not asserted again, but for what ages.
    let (_, out, _) = run(&shop, &["run"]);
    assert!(
        !out.contains("audit") && !out.contains("row_count") && out.contains("freshness"),
        "{out}"
    );
    // A blocking one stops what reads the node, and nothing is shown.
    let stricter = fs::read_to_string(shop.join("seeknal/a.yml")).unwrap();
    write(&shop, "seeknal/a.yml", &stricter.replace("max: 3", "max: 2"));
    let (code, out, _) = run(&shop, &["run"]);
    assert_eq!(code, 1);
    assert!(out.contains("  FAILED  source.a: row_count: 1 of 3 fail"), "{out}");
    assert!(out.contains("skipped rule.r, because source.a failed"), "{out}");
    let (code, out, _) = run(&shop, &["test"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("Test summary for 'prod': 5 passed, 6 warned, 0 failed"), "{out}");
}

#[test]
fn files_for_others_are_written_in_every_format_and_over_nothing_that_is_needed() {
    let mut files = vec![
        ("data/a.csv".to_owned(), "id,name\n1,\"A, B\"\n2,\n".to_owned()),
        (
            "seeknal/a.yml".to_owned(),
            "kind: source\nname: a\nsource: csv\ntable: data/a.csv\n".to_owned(),
        ),
    ];
    for format in ["csv", "parquet", "json", "jsonl"] {
        files.push((
            format!("seeknal/{format}.yml"),
            format!("kind: exposure\nname: to_{format}\ntype: file\ninputs: [{{ref: source.a}}]\nparams: {{path: out/a.{format}, format: {format}}}\n"),
        ));
    }
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (_folder, shop) = project(&files);
    assert_eq!(run(&shop, &["run", "-q"]), (0, String::new(), String::new()));
    let text = |name: &str| fs::read_to_string(shop.join("out").join(name)).unwrap();
    assert_eq!(text("a.csv"), "id,name\n1,\"A, B\"\n2,\n");
    assert_eq!(serde_json::from_str::<Value>(&text("a.json")).unwrap()[0]["name"], "A, B");
    assert_eq!(text("a.jsonl").lines().count(), 2);
    assert!(fs::read(shop.join("out/a.parquet")).unwrap().starts_with(b"PAR1"));
    // One that somebody removed is written again.
    fs::remove_file(shop.join("out/a.csv")).unwrap();
    let (_, out, _) = run(&shop, &["run"]);
    assert!(out.contains("wrote   exposure.to_csv: out/a.csv, 2 rows"), "{out}");
    for path in ["data/a.csv", "seeknal/a.yml", "target/intermediate/x.csv", "out/../data/a.csv"] {
        let text = format!(
            "kind: exposure\nname: bad\ntype: file\ninputs: [{{ref: source.a}}]\nparams: {{path: {path}}}\n"
        );
        write(&shop, "seeknal/bad.yml", &text);
        let (code, _, err) = run(&shop, &["run", "-q"]);
        assert_eq!(code, 3, "{path}: {err}");
        assert!(err.contains("which the project itself needs"), "{path}: {err}");
    }
    // One that cannot be written is pending, and done when it can.
    write(&shop, "blocked", "a file where a folder is to be");
    let text = "kind: exposure\nname: bad\ntype: file\ninputs: [{ref: source.a}]\nparams: {path: blocked/x.csv}\n";
    write(&shop, "seeknal/bad.yml", text);
    let (code, out, _) = run(&shop, &["run"]);
    assert_eq!(code, 1);
    assert!(out.contains("`promote --resume` tries it again"), "{out}");
    let left = fs::read_dir(shop.join(".seeknal/state/tmp")).unwrap().count();
    assert_eq!(left, 0, "what was written ahead and got no name goes");
    let (code, out, _) = run(&shop, &["status"]);
    assert_eq!(code, 1);
    assert!(out.contains("pending: exposure.bad"), "{out}");
    fs::remove_file(shop.join("blocked")).unwrap();
    assert_eq!(run(&shop, &["promote", "--resume"]).0, 0);
    assert!(shop.join("blocked/x.csv").exists());
    assert_eq!(run(&shop, &["status"]).0, 0);
}

/// A secret stands in a variable and in a file; it is in no state, plan, manifest, message.
#[test]
fn secrets_stay_where_they_are() {
    let (token, password) = ("tok-8f3a11", "pw-77c0de");
    let sql = "SELECT id, CASE WHEN '{{env:TOKEN}}' = 'x' THEN 1 ELSE CAST('{{env:TOKEN}}' AS INTEGER) END AS y FROM ref('source.a')";
    let (path, text) = transform("b", &["source.a"], sql);
    let source = format!(
        "kind: source\nname: a\nsource: csv\ntable: data/a.csv\nparams: {{password: {password}}}\n"
    );
    let (_folder, shop) = project(&[
        ("data/a.csv", "id\n1\n"),
        ("seeknal/a.yml", &source),
        (&path, &text),
        (".env", &format!("TOKEN={token}\n")),
    ]);
    let mut said = String::new();
    for args in [
        &["plan", "dev"][..],
        &["apply", "dev", "--format", "json"],
        &["plan", "--format", "json"],
        &["history", "--format", "json"],
        &["status"],
        &["diff"],
    ] {
        let (_, out, err) = run(&shop, args);
        said.push_str(&out);
        said.push_str(&err);
    }
    assert!(said.contains("Could not convert string '***' to INT32"), "{said}");
    write(&shop, &path, &text.replace("CAST('{{env:TOKEN}}' AS INTEGER)", "2"));
    assert_eq!(run(&shop, &["run", "-q"]).0, 0);
    for folder in [".seeknal", "target"] {
        let output = Command::new("grep")
            .args(["-rl", "-e", token, "-e", password, folder])
            .current_dir(&shop)
            .output()
            .unwrap();
        let found = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(found, "", "in files");
    }
    assert!(!said.contains(token) && !said.contains(password), "{said}");
}

/// A project with a query that would take minutes.
fn endless() -> (Folder, PathBuf) {
    let (path, text) = transform(
        "slow",
        &[],
        "SELECT count(*) AS n FROM range(10000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3",
    );
    let (quick_path, quick) = transform("quick", &[], "SELECT 1 AS one");
    project(&[(&path, &text), (&quick_path, &quick)])
}

/// The processes that work for a project.
fn workers(folder: &Path) -> Vec<u32> {
    let here = folder.canonicalize().unwrap();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(number) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let is_here = fs::read_link(entry.path().join("cwd")).is_ok_and(|path| path == here);
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if is_here && line.split(|byte| *byte == 0).any(|word| word == b"worker") {
            found.push(number);
        }
    }
    found
}

/// `run` of a project, going on, with what it says in a file.
fn running(folder: &Path, lanes: &str) -> (Child, impl Fn() -> String) {
    let place = folder.join("log");
    let child = Command::new(env!("CARGO_BIN_EXE_seeknal-lsp"))
        .args(["run", "--parallel", lanes, "--format", "json"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(fs::File::create(&place).unwrap())
        .spawn()
        .unwrap();
    (child, move || fs::read_to_string(&place).unwrap())
}

fn signal(word: &str, process: u32) {
    assert!(Command::new("kill").args([word, &process.to_string()]).status().unwrap().success());
}

fn wait_until(mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it never was so");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn who_stops_a_run_keeps_what_is_done() {
    let (_folder, shop) = endless();
    let (mut child, log) = running(&shop, "2");
    wait_until(|| {
        log().contains("\"finished\"") && log().contains("\"started\",\"node\":\"transform.slow\"")
    });
    let begun = Instant::now();
    signal("-INT", child.id());
    let code = child.wait().unwrap().code();
    println!("stopped after {} ms", begun.elapsed().as_millis());
    assert_eq!(code, Some(130), "{}", log());
    wait_until(|| workers(&shop).is_empty());
    let last: Value = serde_json::from_str(log().lines().last().unwrap()).unwrap();
    assert_eq!(last["stopped"], "it was stopped");
    let (_, history, _) = run(&shop, &["history", "--format", "json"]);
    let history: Value = serde_json::from_str(&history).unwrap();
    assert_eq!(history["operations"][0]["outcome"], "stopped");
    let (path, text) = transform("slow", &[], "SELECT 2 AS n");
    write(&shop, &path, &text);
    let (code, out, _) = run(&shop, &["run"]);
    assert_eq!(code, 0);
    assert!(out.contains("transform.slow") && !out.contains("transform.quick"), "{out}");
}

/// An engine that is gone is started again, once; one that goes again is a failure that says so.
#[test]
fn an_engine_that_is_killed_is_replaced() {
    let (_folder, shop) = endless();
    let (mut child, log) = running(&shop, "1");
    let started = || log().contains("\"started\",\"node\":\"transform.slow\"");
    wait_until(started);
    std::thread::sleep(Duration::from_millis(300));
    workers(&shop).into_iter().for_each(|one| signal("-KILL", one));
    wait_until(|| log().contains("\"again\""));
    std::thread::sleep(Duration::from_millis(300));
    workers(&shop).into_iter().for_each(|one| signal("-KILL", one));
    assert_eq!(child.wait().unwrap().code(), Some(1), "{}", log());
    assert!(log().contains("the process of DuckDB ended by itself"), "{}", log());
    let (_, out, _) = run(&shop, &["env", "list"]);
    assert!(out.contains("last run failed"), "{out}");
}

/// A query tells how far it is and never goes back; one that needs more memory than it may have takes the disk.
#[test]
fn a_long_query_tells_how_far_it_is_and_spills() {
    let (big_path, big) =
        transform("big", &[], "SELECT range AS x, md5(range::VARCHAR) AS y FROM range(3000000)");
    let (sorted_path, sorted) = transform(
        "sorted",
        &["transform.big"],
        "SELECT y, x, md5(y) AS z FROM ref('transform.big') ORDER BY z",
    );
    let (_folder, shop) = project(&[(&big_path, &big), (&sorted_path, &sorted)]);
    let (code, out, err) =
        run(&shop, &["run", "--parallel", "1", "--memory", "160", "--format", "json"]);
    assert_eq!(code, 0, "{out}{err}");
    let events: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<f64> = events
        .iter()
        .filter(|one| one["event"] == "progress" && one["node"] == "transform.sorted")
        .map(|one| one["percent"].as_f64().unwrap())
        .collect();
    assert!(told.iter().any(|one| *one > 0.0 && *one < 100.0), "{told:?}");
    assert!(told.is_sorted(), "{told:?}");
    assert_eq!(
        csv(
            &shop,
            "SELECT count(*) AS n, min(z) = (SELECT min(md5(y)) FROM big) AS same FROM sorted"
        ),
        "n,same\n3000000,true\n"
    );
    assert_eq!(
        fs::read_dir(shop.join(".seeknal/state/tmp")).unwrap().count(),
        0,
        "nothing is left behind"
    );
}

/// An output that is not what was written is noticed, named, put aside and made again.
#[test]
fn an_output_that_was_changed_is_made_again() {
    let files = [
        transform("a", &[], "SELECT 1 AS x"),
        transform("b", &["transform.a"], "SELECT x + 1 AS x FROM ref('transform.a')"),
        transform("c", &[], "SELECT 3 AS x"),
    ];
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (_folder, shop) = project(&files);
    assert_eq!(run(&shop, &["run", "-q"]).0, 0);
    let object = shop.join("target/intermediate/transform_a.parquet").canonicalize().unwrap();
    fs::remove_file(&object).unwrap();
    fs::write(&object, "something else").unwrap();
    let (code, out, _) = run(&shop, &["verify"]);
    assert_eq!(code, 1, "{out}");
    let (code, out, _) = run(&shop, &["run", "--parallel", "1"]);
    assert_eq!(code, 0);
    assert!(out.contains("  again   transform.a: its output is not what was written"), "{out}");
    assert!(out.contains("Results: 1 built, 2 kept"), "{out}");
    assert_eq!(csv(&shop, "SELECT * FROM b"), "x\n2\n");
    assert_eq!(run(&shop, &["verify"]).0, 0);
    let aside = fs::read_dir(shop.join(".seeknal/state/aside")).unwrap();
    assert!(aside.flatten().any(|one| fs::read(one.path()).unwrap() == b"something else"));
}

/// What an environment shows is read where an output may be had from there, and not otherwise.
#[test]
fn a_view_that_nobody_needs_is_not_read() {
    let a = |x: i32| transform("a", &[], &format!("SELECT {x} AS x"));
    let (path, text) = a(1);
    let (_folder, shop) = project(&[(&path, &text)]);
    assert_eq!(run(&shop, &["run", "-q"]).0, 0);
    let applied = |x: i32| {
        write(&shop, &path, &a(x).1);
        assert_eq!(run(&shop, &["plan", "dev"]).0, 0);
        run(&shop, &["apply", "dev", "-q"])
    };
    assert_eq!(applied(2).0, 0);
    let tear = || {
        let shown = shop.join("target/environments/dev").canonicalize().unwrap();
        let view = shown.file_name().unwrap().to_string_lossy().into_owned();
        fs::write(shop.join(format!(".seeknal/state/views/{view}.json")), "torn").unwrap();
    };
    tear();
    assert_eq!(applied(3), (0, String::new(), String::new()));
    let all = "SELECT * FROM a";
    let (_, out, err) = run(&shop, &["query", "--env", "dev", all, "--format", "csv"]);
    assert_eq!(out, "x\n3\n", "{err}");
    // An output of this text is there: whoever shows it says whether it is still what was written.
    tear();
    let (code, _, err) = applied(2);
    assert!(code != 0 && err.contains("/views/"), "{code} {err}");
}

#[test]
fn profiles_measure_and_rules_read_what_they_measured() {
    let (_folder, shop) = project(&[
        (
            "data/a.csv",
            "id,name,day,x\n1,Ann,2020-01-01,1.5\n2,,2020-01-02,9\n3,Bob,2020-01-03,3\n4,Bob,,\n",
        ),
        ("seeknal/a.yml", "kind: source\nname: a\nsource: csv\ntable: data/a.csv\n"),
        (
            "seeknal/p.yml",
            "kind: profile\nname: p\ninputs: [{ref: source.a}]\nprofile: {columns: [name, day, x, gone], params: {max_top_values: 1}}\n",
        ),
        (
            "seeknal/r.yml",
            "kind: rule\nname: r\ninputs: [{ref: profile.p}]\nrule:\n  type: profile_check\n  checks:\n    - {metric: row_count, fail: '< 3'}\n    - {metric: null_percent, column: name, warn: '> 20', fail: '> 50'}\n    - {metric: max, column: x, warn: 'between 1 and 5'}\n    - {metric: avg, column: id, fail: '> 2'}\nparams: {severity: warn}\n",
        ),
    ]);
    let (code, out, err) = run(&shop, &["run"]);
    assert_eq!(code, 0, "{out}{err}");
    for line in [
        "  ok      rule.r profile_check: row_count of _table_: holds",
        "  ok      rule.r profile_check: null_percent of name: holds",
        "  warning rule.r profile_check: null_percent of name, warning: 1 fail",
        "  ok      rule.r profile_check: max of x: holds",
        "  ok      rule.r profile_check: max of x, warning: holds",
        "  warning rule.r profile_check: avg of id: 1 fail",
    ] {
        assert!(out.lines().any(|one| one == line), "{line}\n{out}");
    }
    let all = csv(
        &shop,
        "SELECT column_name, metric, value, detail FROM p WHERE metric NOT IN ('freshness_hours', 'stddev')",
    );
    for line in [
        "_table_,row_count,4,",
        "name,null_count,1,",
        "name,null_percent,25.0,",
        "name,distinct_count,2,",
        "name,top_values,,\"[{\"\"value\"\":\"\"Bob\"\",\"\"count\"\":2,\"\"percent\"\":66.66666666666667}]\"",
        "day,min,2020-01-01,",
        "x,sum,13.5,",
        "x,p50,3.0,",
    ] {
        assert!(all.lines().any(|one| one == line), "{line}\n{all}");
    }
    assert!(!all.contains("gone") && !all.contains("\nid,"), "{all}");
}
