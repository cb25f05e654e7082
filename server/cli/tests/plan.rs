//! `plan` as a person or a script meets it: in a repository, below its top, without any.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test runs the program")]

mod helpers;

use helpers::program::{self, run};
use helpers::repository::{Folder, committed, git};
use helpers::schemas::holds;
use serde_json::{Value, json as value};
use std::fs;
use std::path::Path;

fn plan(folder: &Path, args: &[&str]) -> (i32, String, String) {
    run(folder, &[&["plan"], args].concat())
}

fn json(folder: &Path, args: &[&str]) -> Value {
    program::json(folder, &[&["plan"], args].concat())
}

fn edit(shop: &Path, file: &str, from: &str, to: &str) {
    program::edit(shop, &format!("transforms/{file}"), from, to);
}

/// Each step as `action node`.
fn steps(plan: &Value) -> Vec<String> {
    let steps = plan["steps"].as_array().unwrap().iter();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    steps.map(|step| format!("{} {}", word(&step["action"]), word(&step["node"]))).collect()
}

#[test]
fn an_edit_is_told_beside_the_last_commit_wherever_the_project_lies() {
    for inner in ["", "data/shop"] {
        let (folder, shop) = Folder::with_shop(inner);
        committed(&folder.0);
        let (code, out, _) = plan(&shop, &["--exit-code"]);
        assert_eq!((code, out.contains("No changes detected.")), (0, true), "{out}");
        edit(&shop, "daily_revenue.yml", "round(sum(amount), 2)", "sum(amount)");
        let (code, out, _) = plan(&shop, &["--exit-code"]);
        assert_eq!(code, 10);
        assert!(out.contains("[CHANGED - rebuild this node] transform.daily_revenue"), "{out}");
        assert!(
            out.contains("defines `revenue` anew (seeknal/transforms/daily_revenue.yml:13)"),
            "{out}"
        );
        assert_eq!(plan(&shop, &[]).0, 0, "changes are no failure");
        let plan = json(&shop, &["--against", "git:HEAD"]);
        assert_eq!(plan["changes"][0]["category"], "non_breaking");
        assert_eq!(plan["changes"][0]["columns"]["redefined"][0], "revenue");
        let related = &plan["changes"][0]["reasons"][0]["related"];
        assert_eq!(
            (&related["old"], &related["range"]["start"]["line"]),
            (&true.into(), &13.into())
        );
        let expected = [
            "build transform.daily_revenue",
            "export exposure.revenue_report",
            "check rule.revenue_plausible",
        ];
        assert_eq!(steps(&plan), expected);
    }
}

/// The id is a matter of what a plan says: comments do not change it, and edits do.
#[test]
fn the_same_edit_has_the_same_plan() {
    let (folder, shop) = Folder::with_shop("");
    committed(&folder.0);
    edit(&shop, "daily_revenue.yml", "'paid'", "'open'");
    let first = json(&shop, &[]);
    edit(&shop, "orders_cleaned.yml", "transform: |", "# why\ntransform: |");
    assert_eq!(json(&shop, &[])["id"], first["id"]);
    edit(&shop, "daily_revenue.yml", "'open'", "'void'");
    assert_ne!(json(&shop, &[])["id"], first["id"]);
}

#[test]
fn a_branch_is_compared_with_where_it_left_the_default_one() {
    let (folder, shop) = Folder::with_shop("");
    committed(&folder.0);
    let clone = folder.0.join("clone");
    git(&folder.0, &["clone", "-q", ".", "clone"]);
    git(&clone, &["checkout", "-qb", "branch"]);
    edit(&clone, "daily_revenue.yml", "'paid'", "'open'");
    git(&clone, &["commit", "-qam", "two"]);
    let (_, out, _) = plan(&clone, &[]);
    assert!(out.contains("[CHANGED - rebuild this node] transform.daily_revenue"), "{out}");
    let (_, out, _) = plan(&clone, &["--against", "git:HEAD"]);
    assert!(out.contains("No changes detected."), "{out}");
    drop(shop);
}

#[test]
fn a_shallow_clone_is_told_the_cure() {
    let (folder, shop) = Folder::with_shop("");
    committed(&folder.0);
    edit(&shop, "daily_revenue.yml", "'paid'", "'open'");
    git(&shop, &["commit", "-qam", "two"]);
    let from = format!("file://{}", folder.0.display());
    git(&folder.0, &["clone", "-q", "--depth", "1", &from, "shallow"]);
    let (code, _, err) = plan(&folder.0.join("shallow"), &["--against", "git:HEAD~1"]);
    assert_eq!(code, 2);
    assert!(err.contains("this clone is shallow; run `git fetch --unshallow`"), "{err}");
    let (code, _, err) = plan(&shop, &["--against", "git:--upload-pack=x"]);
    assert_eq!((code, err.contains("git does not know `--upload-pack=x`")), (2, true), "{err}");
}

#[test]
fn a_project_outside_of_git_is_all_new() {
    let (_folder, shop) = Folder::with_shop("");
    let plan = json(&shop, &[]);
    assert_eq!(plan["against"], "nothing");
    assert_eq!(plan["summary"]["added"], 9);
    let (code, _, err) = self::plan(&shop, &["--against", "git:HEAD"]);
    assert_eq!((code, err.contains("is not in a repository of git")), (2, true), "{err}");
}

#[test]
fn a_manifest_stands_for_the_project_it_was_written_of_and_holds_no_secret() {
    let (_folder, shop) = Folder::with_shop("");
    let source = "kind: source\nname: paid\nsource: postgresql\ntable: a.paid\ncolumns: {id: BIGINT}\nconnection: {user: me, password: hunter2}\n";
    fs::write(shop.join("seeknal/sources/paid.yml"), source).unwrap();
    let (code, _, err) = plan(&shop, &["--write-manifest", "then.json"]);
    assert_eq!(code, 0, "{err}");
    let manifest = fs::read_to_string(shop.join("then.json")).unwrap();
    assert!(!manifest.contains("hunter2"), "a secret is kept");
    let same = json(&shop, &["--against", "then.json"]);
    assert_eq!(same["changes"].as_array().unwrap().len(), 0, "{same}");
    edit(&shop, "orders_merged.yml", "AS amount", "AS total");
    let plan = json(&shop, &["--against", "then.json"]);
    assert_eq!(plan["changes"][0]["category"], "breaking");
    assert_eq!(plan["changes"][0]["columns"]["renamed"][0]["to"], "total");
    assert!(steps(&plan).contains(&"fails transform.daily_revenue".to_owned()), "{plan}");
    let (code, _, err) = self::plan(&shop, &["--write-manifest", "broken.json"]);
    assert_eq!((code, shop.join("broken.json").exists()), (3, false), "{err}");
    fs::write(shop.join("other.json"), "{\"format\": \"seeknal-lsp manifest\", \"version\": 3}")
        .unwrap();
    let (code, _, err) = self::plan(&shop, &["--against", "other.json"]);
    assert_eq!((code, err.contains("a newer seeknal-lsp wrote it")), (2, true), "{err}");
    // What was changed by hand is no record of anything.
    for (changed, said) in [
        (manifest.replace("AS amount", "AS sum"), "a text in it is not what was written"),
        (manifest.replace("\"version\": 2", "\"version\": 1"), "an older seeknal-lsp wrote it"),
    ] {
        assert_ne!(changed, manifest);
        fs::write(shop.join("other.json"), changed).unwrap();
        let (code, _, err) = self::plan(&shop, &["--against", "other.json"]);
        assert_eq!(code, 2);
        assert!(err.contains(said) && err.contains("plan --write-manifest"), "{err}");
    }
}

/// The manifest that Seeknal writes: what each node says, as JSON.
fn seeknals_manifest(shop: &Path) -> Value {
    let mut nodes = serde_json::Map::new();
    for folder in fs::read_dir(shop.join("seeknal")).unwrap().flatten() {
        for file in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
            let text = fs::read_to_string(file.path()).unwrap();
            let config: Value = match text.starts_with("kind:") {
                true => serde_yaml::from_str(&text).unwrap(),
                false => {
                    value!({"kind": "transform", "name": "scored", "inputs": ["source.raw_orders"]})
                }
            };
            let word = |key: &str| config[key].as_str().unwrap();
            let id = format!("{}.{}", word("kind"), word("name"));
            let node = value!({"id": id, "name": word("name"), "type": word("kind"), "config": config, "file_path": file.path()});
            nodes.insert(id, node);
        }
    }
    value!({"metadata": {"project": "shop", "seeknal_version": "2.0.0"}, "nodes": nodes, "edges": []})
}

#[test]
fn what_seeknal_itself_wrote_is_compared_by_meaning() {
    let (folder, shop) = Folder::with_shop("");
    let python = "from seeknal import transform\n\n@transform(name=\"scored\", inputs=[\"source.raw_orders\"])\ndef scored(ctx):\n    return ctx.ref(\"source.raw_orders\")\n";
    fs::create_dir_all(shop.join("seeknal/pipelines")).unwrap();
    fs::write(shop.join("seeknal/pipelines/scored.py"), python).unwrap();
    committed(&folder.0);
    fs::create_dir_all(shop.join("target")).unwrap();
    let place = shop.join("target/manifest.json");
    fs::write(&place, seeknals_manifest(&shop).to_string()).unwrap();
    // It lies where everybody looks first.
    let plan = json(&shop, &[]);
    assert!(plan["against"].as_str().unwrap().ends_with("target/manifest.json"), "{plan:#}");
    let changes = plan["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "only what it does not hold is no match: {plan:#}");
    assert_eq!(changes[0]["node"], "transform.scored");
    assert_eq!(changes[0]["category"], "non_breaking");
    assert_eq!(changes[0]["reasons"][0]["code"], "not-comparable");
    holds("plan", &plan);
    edit(&shop, "daily_revenue.yml", " AS revenue", " AS income");
    edit(&shop, "orders_cleaned.yml", "customer_id IS NOT NULL", "(customer_id IS NOT NULL)");
    let plan = json(&shop, &["--against", "target/manifest.json"]);
    let told: Vec<String> = plan["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}", one["node"], one["category"]))
        .collect();
    for expected in
        ["\"transform.daily_revenue\" \"breaking\"", "\"transform.orders_cleaned\" \"metadata\""]
    {
        assert!(told.iter().any(|one| one == expected), "{told:?}");
    }
    // One that cannot be read is said, and git is a word away.
    for (text, said) in
        [("{", "it is no manifest"), ("{\"metadata\": {\"project\": \"a\"}}", "it has no nodes")]
    {
        fs::write(&place, text).unwrap();
        let (code, _, err) = self::plan(&shop, &[]);
        assert_eq!(code, 2);
        assert!(err.contains(said) && err.contains("--against"), "{err}");
    }
    assert_eq!(self::plan(&shop, &["--against", "git:HEAD"]).0, 0);
}

/// A plan may be for an environment, whose name becomes that of a folder.
#[test]
fn a_plan_may_be_for_an_environment() {
    let (folder, shop) = Folder::with_shop("");
    committed(&folder.0);
    edit(&shop, "daily_revenue.yml", "round(sum(amount), 2)", "sum(amount)");
    let beside = ["--against", "git:HEAD"];
    let (of_none, of_dev) = (json(&shop, &beside), json(&shop, &[&["dev"][..], &beside].concat()));
    assert_eq!((&of_none["environment"], &of_dev["environment"]), (&Value::Null, &value!("dev")));
    assert_eq!(of_none["steps"], of_dev["steps"]);
    assert_ne!(of_none["id"], of_dev["id"], "what is applied to one is not applied to the other");
    assert!(plan(&shop, &["dev"]).1.starts_with("Environment Plan: dev\n"));
    for wrong in ["../prod", "a b", "ä", ""] {
        let (code, _, err) = plan(&shop, &["--", wrong]);
        assert_eq!(code, 3, "{wrong}");
        assert!(err.contains("letters, digits, `_` and `-`"), "{err}");
    }
}

/// Data that is another is told apart from edits, and makes none.
#[test]
fn data_that_moved_is_told_and_is_no_edit() {
    let (folder, shop) = Folder::with_shop("");
    let manifest = folder.0.join("before.json");
    let before = manifest.to_str().unwrap();
    assert_eq!(plan(&shop, &["--write-manifest", before]).0, 0);
    let told = |expected: &[(&str, Value)]| {
        let plan = json(&shop, &["--against", before]);
        holds("plan", &plan);
        assert_eq!(plan["changes"], value!([]));
        let all = plan["data"].as_array().unwrap().iter();
        let told: Vec<(&str, Value)> =
            all.map(|one| (one["source"].as_str().unwrap(), one["now"].clone())).collect();
        assert_eq!(told, expected);
    };
    told(&[]);
    let data = shop.join("data/orders.csv");
    let text = fs::read_to_string(&data).unwrap();
    // As many bytes, and others.
    fs::write(&data, text.replacen('1', "2", 1)).unwrap();
    told(&[("source.raw_orders", value!({ "bytes": text.len() }))]);
    fs::write(&data, format!("{text}9,9,2024-01-01 00:00:00,paid,1.5\n")).unwrap();
    let (_, out, _) = plan(&shop, &["--against", before]);
    assert!(
        out.contains("No changes detected.")
            && out.contains("source.raw_orders (data/orders.csv): "),
        "{out}"
    );
    fs::write(&data, &text).unwrap();
    told(&[]);
    fs::remove_file(&data).unwrap();
    told(&[("source.raw_orders", Value::Null)]);
}
