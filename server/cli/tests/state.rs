//! The state of a project as commands show it.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test runs the program")]

mod helpers;

use helpers::program::{self, run};
use helpers::repository::{Folder, committed};
use seeknal_store::{Draft, Environment, Node, Real, Shown, Store, View, Who};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::time::Duration;

fn store(shop: &Path) -> Store {
    Store::open(Real, &shop.join(".seeknal/state"), Some(&shop.join("target"))).unwrap()
}

/// Shows the project as it is now in an environment, with one output.
fn publish(shop: &Path, environment: &str, output: &str) {
    let store = store(shop);
    let stage = store.stage().unwrap();
    let mut view = View::default();
    for folder in fs::read_dir(shop.join("seeknal")).unwrap().flatten() {
        for file in fs::read_dir(folder.path()).unwrap().flatten() {
            let path = file.path().strip_prefix(shop).unwrap().to_str().unwrap().to_owned();
            let hash = stage.text(&fs::read(file.path()).unwrap()).unwrap();
            view.files.insert(path, hash);
        }
    }
    let room = stage.room();
    fs::write(&room, output).unwrap();
    let key = blake3::hash(output.as_bytes()).to_hex().to_string();
    let part = stage.keep(&room, &key, (1, None)).unwrap();
    let definition = stage.text(b"definition").unwrap();
    let facts = json!({ "took": 1500 });
    let node = Node { definition, parts: vec![part], facts, ..Node::default() };
    view.nodes.insert("transform.daily_revenue".to_owned(), node.into());
    let shown = "intermediate/transform_daily_revenue.parquet".to_owned();
    view.shown.insert(shown, Shown::Object(key));
    let who = Who { actor: "ann".to_owned(), command: "test".to_owned(), now: 0 };
    let writer = store.writer(who, Duration::from_secs(5)).unwrap();
    let mut environments = writer.environments();
    let view = Some(writer.view(&view, None, None).unwrap());
    environments.insert(environment.to_owned(), Environment { view, ..Environment::default() });
    let draft = Draft { kind: "apply".to_owned(), took: 1500, environments, ..Draft::default() };
    writer.operation(draft).unwrap().publish().unwrap();
}

fn edit(shop: &Path, from: &str, to: &str) {
    program::edit(shop, "transforms/daily_revenue.yml", from, to);
}

fn categories(shop: &Path, args: &[&str]) -> (String, Vec<String>) {
    let plan = program::json(shop, &[&["plan"], args].concat());
    let changes = plan["changes"].as_array().unwrap().iter();
    let told = changes.map(|one| format!("{} {}", one["node"], one["category"]).replace('"', ""));
    (plan["against"].as_str().unwrap().to_owned(), told.collect())
}

/// What production shows is what a project is compared with, before anything else; others are a word away.
#[test]
fn environments_are_what_plans_are_compared_with() {
    let (folder, shop) = Folder::with_shop("");
    committed(&folder.0);
    publish(&shop, "prod", "one");
    assert_eq!(categories(&shop, &[]), ("prod".to_owned(), Vec::new()));
    edit(&shop, "round(sum(amount), 2)", "sum(amount)");
    publish(&shop, "dev", "two");
    edit(&shop, "AS order_count", "AS orders");
    let breaking = vec!["transform.daily_revenue breaking".to_owned()];
    assert_eq!(categories(&shop, &[]), ("prod".to_owned(), breaking.clone()));
    assert_eq!(categories(&shop, &["--against", "dev"]), ("dev".to_owned(), breaking));
    edit(&shop, "AS orders", "AS order_count");
    let (_, out, _) = run(&shop, &["plan"]);
    assert!(out.contains("Estimate: 1.5 s for 1 to build\n"), "{out}");
    let changed = vec!["transform.daily_revenue non_breaking".to_owned()];
    assert_eq!(categories(&shop, &[]), ("prod".to_owned(), changed));
    assert_eq!(categories(&shop, &["--against", "dev"]), ("dev".to_owned(), Vec::new()));
    let (code, _, err) = run(&shop, &["plan", "--against", "nowhere"]);
    assert_eq!(code, 2);
    assert!(err.contains("an environment, or a manifest"), "{err}");
}

#[test]
fn history_verify_and_gc_tell_what_there_is() {
    let (_folder, shop) = Folder::with_shop("");
    for command in ["history", "verify", "gc"] {
        let nothing = (0, "Nothing was run here yet.\n".to_owned(), String::new());
        assert_eq!(run(&shop, &[command]), nothing);
        assert!(!shop.join(".seeknal").exists(), "looking makes nothing");
    }
    for output in ["one", "two", "three"] {
        publish(&shop, "prod", output);
    }
    let (code, out, _) = run(&shop, &["history", "--most", "2"]);
    assert_eq!(code, 0);
    assert!(out.contains("   2  ") && out.contains("apply  by ann, 1.5 s"), "{out}");
    assert!(!out.contains("   0  "), "{out}");
    let whole = (0, "Everything is as it was written.\n".to_owned(), String::new());
    assert_eq!(run(&shop, &["verify"]), whole);
    // Nothing is old enough by itself; the project file may say otherwise.
    assert!(run(&shop, &["gc"]).1.starts_with("Removed 0 states and 0 outputs"));
    let file = shop.join("seeknal_project.yml");
    let text = fs::read_to_string(&file).unwrap();
    let retention = "retention: {operations: 1, period: 0, grace: 0}";
    fs::write(&file, format!("{text}\n{retention}\n")).unwrap();
    let (_, out, _) = run(&shop, &["gc"]);
    assert!(out.starts_with("Removed 2 states and 2 outputs"), "{out}");
    let (_, out, _) = run(&shop, &["history"]);
    assert_eq!(out.matches("(no longer restorable)").count(), 2, "{out}");
    // Somebody who may do everything wrote over an output.
    let shown = shop.join("target/intermediate/transform_daily_revenue.parquet");
    assert_eq!(fs::read_to_string(&shown).unwrap(), "three");
    let object = shown.canonicalize().unwrap();
    fs::remove_file(&object).unwrap();
    fs::write(&object, "other").unwrap();
    let (code, out, _) = run(&shop, &["verify"]);
    assert_eq!(code, 1);
    assert!(out.contains("it is not the output that was written; apply again"), "{out}");
    let (code, out, _) = run(&shop, &["verify", "--mend"]);
    assert_eq!(code, 1);
    let aside = out.lines().last().unwrap().strip_prefix("Put aside: ").unwrap();
    assert_eq!(fs::read_to_string(aside).unwrap(), "other", "nothing is thrown away");
}

/// One whose state lies elsewhere says so in its file.
#[test]
fn the_state_lies_where_the_project_file_says() {
    let (folder, shop) = Folder::with_shop("project");
    publish(&shop, "prod", "one");
    fs::rename(shop.join(".seeknal"), folder.0.join("elsewhere")).unwrap();
    assert_eq!(run(&shop, &["verify"]).1, "Nothing was run here yet.\n");
    let file = shop.join("seeknal_project.yml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}\nstate_dir: ../elsewhere/state\n")).unwrap();
    let (code, out, _) = run(&shop, &["check"]);
    assert_eq!(code, 0, "the key is known: {out}");
    assert_eq!(run(&shop, &["verify"]).1, "Everything is as it was written.\n");
    // The links followed.
    let shown = shop.join("target/intermediate/transform_daily_revenue.parquet");
    assert_eq!(fs::read_to_string(shown).unwrap(), "one");
}
