//! A session as an editor has it: what is shown while somebody types, and what questions answer.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::panic, reason = "a test")]

mod client;

use client::{Client, Folder, abilities};
use seeknal_lsp::End;
use serde_json::{Value, json};

const RAW: &str = "kind: source\nname: raw\nsource: csv\ntable: raw.csv\ndescription: What came.\n";
const PAID: &str = "kind: transform\nname: paid\ninputs:\n  - ref: source.raw\ntransform: |\n  \
    SELECT * FROM ref('source.raw') WHERE {{ rules.paid }}\n";
const RULES: &str = "rules:\n  - id: paid\n    value: status = 'paid'\n";

fn shop() -> Folder {
    Folder::new(&[
        ("seeknal/raw.yml", RAW),
        ("seeknal/paid.yml", PAID),
        ("seeknal/common/rules.yml", RULES),
    ])
}

fn at(uri: &str, line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } })
}

#[test]
fn a_fault_is_shown_while_it_is_typed_and_goes_when_it_is_mended() {
    let folder = shop();
    let mut client = Client::start(&[&folder]);
    let paid = folder.uri("seeknal/paid.yml");
    client.open(&paid, PAID);
    client.settle();
    assert!(client.shown.is_empty(), "{:?}", client.shown);
    client.retype(&paid, 2, &PAID.replace("ref: source.raw", "ref: source.ra"));
    client.settle();
    assert_eq!(
        client.codes(&folder),
        ["seeknal/paid.yml 3:9 unknown-ref", "seeknal/paid.yml 5:21 undeclared-ref"]
    );
    assert_eq!(client.versions[&paid], Some(2));
    // One character, as typing sends it.
    let place = json!({ "line": 3, "character": 18 });
    let change = json!([{ "range": { "start": place, "end": place }, "text": "w" }]);
    client.change(&paid, 3, change);
    client.settle();
    assert!(client.shown.is_empty(), "{:?}", client.shown);
    assert_eq!(client.finish(), End::ShutDown);
}

#[test]
fn files_that_are_not_open_are_judged_too() {
    let folder = shop();
    let mut client = Client::start(&[&folder]);
    let raw = folder.uri("seeknal/raw.yml");
    client.open(&raw, &RAW.replace("name: raw", "name: row"));
    client.settle();
    assert_eq!(
        client.codes(&folder),
        ["seeknal/paid.yml 3:9 unknown-ref"],
        "the reader of what was renamed, without a version"
    );
    assert_eq!(client.versions[&folder.uri("seeknal/paid.yml")], None);
    // Closed without saving: the text on disk counts again.
    client.close(&raw);
    client.settle();
    assert!(client.shown.is_empty(), "{:?}", client.shown);
    client.finish();
}

#[test]
fn questions_are_answered() {
    let folder = shop();
    let mut client = Client::start(&[&folder]);
    let paid = folder.uri("seeknal/paid.yml");
    client.open(&paid, PAID);
    let found = client.request("textDocument/definition", at(&paid, 3, 12));
    assert_eq!(found[0]["uri"], json!(folder.uri("seeknal/raw.yml")));
    assert_eq!(found[0]["range"]["start"], json!({ "line": 1, "character": 6 }));
    let found = client.request("textDocument/definition", at(&paid, 5, 44));
    assert_eq!(found[0]["uri"], json!(folder.uri("seeknal/common/rules.yml")));

    let mut asked = at(&folder.uri("seeknal/raw.yml"), 1, 7);
    asked["context"] = json!({ "includeDeclaration": true });
    let found = client.request("textDocument/references", asked);
    let lines: Vec<&Value> =
        found.as_array().unwrap().iter().map(|one| &one["range"]["start"]["line"]).collect();
    assert_eq!(lines, [3, 5, 1]);

    let hover = client.request("textDocument/hover", at(&paid, 3, 12));
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.starts_with("**source.raw**\n\nWhat came.\n\nRead by `transform.paid`"), "{text}");
    let hover = client.request("textDocument/hover", at(&paid, 2, 2));
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.starts_with("`inputs`: "), "{text}");
    let hover = client.request("textDocument/hover", at(&paid, 5, 44));
    assert!(hover["contents"]["value"].as_str().unwrap().contains("status = 'paid'"));

    let symbols =
        client.request("textDocument/documentSymbol", json!({ "textDocument": { "uri": paid } }));
    assert_eq!(symbols[0]["name"], "paid");
    let keys: Vec<&Value> =
        symbols[0]["children"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(keys, ["kind", "name", "inputs", "transform"]);
    let found = client.request("workspace/symbol", json!({ "query": "trpd" }));
    assert_eq!(found[0]["name"], "transform.paid");
    client.finish();
}

fn labels(client: &mut Client, uri: &str, line: u32, character: u32) -> Vec<String> {
    let found = client.request("textDocument/completion", at(uri, line, character));
    let items = found["items"].as_array().unwrap();
    items.iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn half_a_line_is_completed() {
    let folder = shop();
    let mut client = Client::start(&[&folder]);
    let new = folder.uri("seeknal/new.yml");
    client.open(&new, "kind: tr\n");
    assert!(labels(&mut client, &new, 0, 8).contains(&"transform".to_owned()));
    client.retype(&new, 2, "kind: transform\nname: new\nin\n");
    let found = labels(&mut client, &new, 2, 2);
    assert!(found.contains(&"inputs".to_owned()) && !found.contains(&"name".to_owned()));
    client.retype(&new, 3, "kind: transform\nname: new\ninputs:\n  - ref: \n");
    assert_eq!(labels(&mut client, &new, 3, 9), ["source.raw", "transform.paid"]);
    client.retype(&new, 4, "kind: transform\nname: new\ntransform: |\n  SELECT * FROM ref('s\n");
    let found = client.request("textDocument/completion", at(&new, 3, 22));
    let edit = json!({
        "newText": "source.raw",
        "range": {
            "start": { "line": 3, "character": 21 },
            "end": { "line": 3, "character": 22 },
        },
    });
    assert_eq!(found["items"][0]["textEdit"], edit);
    client.retype(&new, 5, "kind: rule\nname: new\nrule:\n  type: n\n");
    let found = client.request("textDocument/completion", at(&new, 3, 9));
    let null =
        found["items"].as_array().unwrap().iter().find(|one| one["label"] == "null").unwrap();
    assert_eq!(null["textEdit"]["newText"], "\"null\"");
    client.retype(&new, 6, "kind: transform\nname: new\ntransform: SELECT {{ ru\n");
    assert!(labels(&mut client, &new, 2, 23).contains(&"rules.paid".to_owned()));
    client.settle();
    client.finish();
}

#[test]
fn a_very_long_list_is_cut_and_asked_for_again() {
    let folder = shop();
    for number in 0..600 {
        let text = format!("kind: transform\nname: n{number}\ntransform: SELECT 1 AS one\n");
        folder.write(&format!("seeknal/n{number}.yml"), &text);
    }
    let mut client = Client::start(&[&folder]);
    let new = folder.uri("seeknal/new.yml");
    client.open(&new, "kind: rule\nname: new\ninputs:\n  - ref: sce\n");
    let found = client.request("textDocument/completion", at(&new, 3, 12));
    assert_eq!(found["isIncomplete"], true);
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "the one that has these letters");
    assert_eq!(found["items"][0]["label"], "source.raw");
    client.settle();
    client.finish();
}

#[test]
fn a_fix_mends_what_it_is_offered_for() {
    let folder = shop();
    let mut client = Client::start(&[&folder]);
    let paid = folder.uri("seeknal/paid.yml");
    let text = PAID.replace("ref: source.raw", "ref: source.rav");
    client.open(&paid, &text);
    client.settle();
    let range = client.shown[&paid][0]["range"].clone();
    let context = json!({ "diagnostics": [], "only": ["quickfix"] });
    let asked = json!({ "textDocument": { "uri": paid }, "range": range, "context": context });
    let found = client.request("textDocument/codeAction", asked);
    assert_eq!(found[0]["title"], "Write source.raw");
    let edits = found[0]["edit"]["changes"][&paid].clone();
    let changes: Vec<Value> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| json!({ "range": edit["range"], "text": edit["newText"] }))
        .collect();
    client.change(&paid, 2, json!(changes));
    client.settle();
    assert!(client.shown.is_empty(), "{:?}", client.shown);
    client.finish();
}

#[test]
fn what_others_write_is_seen_and_unsaved_text_wins() {
    let folder = shop();
    let mut client = Client::start(&[&folder]);
    let paid = folder.uri("seeknal/paid.yml");
    client.open(&paid, PAID);
    client.settle();
    folder.write("seeknal/paid.yml", "nonsense");
    folder.write("seeknal/raw.yml", &RAW.replace("csv\nt", "csw\nt"));
    client.touched(&[paid.clone(), folder.uri("seeknal/raw.yml")]);
    client.settle();
    assert_eq!(client.codes(&folder), ["seeknal/raw.yml 2:8 unknown-value"]);
    std::fs::remove_file(folder.0.join("seeknal/raw.yml")).unwrap();
    client.touched(&[folder.uri("seeknal/raw.yml")]);
    client.settle();
    assert_eq!(client.codes(&folder), ["seeknal/paid.yml 3:9 unknown-ref"]);
    client.finish();
}

#[test]
fn a_checkout_of_a_thousand_files_is_one_batch() {
    let folder = shop();
    let mut client = Client::start(&[&folder]);
    client.settle();
    let names: Vec<String> =
        (0..1000).map(|number| format!("seeknal/many/n{number}.yml")).collect();
    for (number, name) in names.iter().enumerate() {
        let text = format!(
            "kind: transform\nname: n{number}\ntransform: SELECT * FROM ref('source.raw')\n"
        );
        folder.write(name, &text);
    }
    let uris: Vec<String> = names.iter().map(|name| folder.uri(name)).collect();
    client.touched(&uris);
    let status = client.settle();
    assert_eq!(status["projects"][0]["nodes"], 1002);
    assert_eq!(client.shown.len(), 1000, "each reads what it does not declare");
    std::fs::remove_dir_all(folder.0.join("seeknal/many")).unwrap();
    let gone = json!({ "files": [{ "uri": folder.uri("seeknal/many") }] });
    client.notify("workspace/didDeleteFiles", gone);
    let status = client.settle();
    assert_eq!(status["projects"][0]["nodes"], 2);
    assert!(client.shown.is_empty());
    client.finish();
}

#[test]
fn a_folder_that_is_renamed_takes_its_files_along() {
    let folder = Folder::new(&[
        ("seeknal/old/raw.yml", RAW),
        ("seeknal/old/bad.yml", "kind: sauce\nname: x\n"),
        ("seeknal/paid.yml", PAID),
        ("seeknal/common/rules.yml", RULES),
    ]);
    let mut client = Client::start(&[&folder]);
    client.settle();
    assert_eq!(client.codes(&folder), ["seeknal/old/bad.yml 0:6 unknown-kind"]);
    std::fs::rename(folder.0.join("seeknal/old"), folder.0.join("seeknal/new")).unwrap();
    let both = json!({ "oldUri": folder.uri("seeknal/old"), "newUri": folder.uri("seeknal/new") });
    client.notify("workspace/didRenameFiles", json!({ "files": [both] }));
    client.settle();
    assert_eq!(client.codes(&folder), ["seeknal/new/bad.yml 0:6 unknown-kind"]);
    client.finish();
}

#[test]
fn folders_come_and_go_and_projects_may_lie_in_projects() {
    let one = Folder::new(&[
        ("seeknal_project.yml", "name: outer\n"),
        ("seeknal/bad.yml", "kind: sauce\nname: x\n"),
        ("seeknal/inner/seeknal_project.yml", "name: inner\n"),
        ("seeknal/inner/seeknal/bad.yml", "kind: sorce\nname: x\n"),
    ]);
    let two = Folder::new(&[("deep/seeknal/bad.yml", "kind: soup\nname: x\n")]);
    let mut client = Client::start(&[&one]);
    let status = client.settle();
    assert_eq!(status["projects"].as_array().unwrap().len(), 2);
    assert_eq!(client.shown.len(), 2, "each file belongs to one project: {:?}", client.shown);
    let change = json!({ "added": [{ "uri": two.uri(""), "name": "two" }], "removed": [] });
    client.notify("workspace/didChangeWorkspaceFolders", json!({ "event": change }));
    client.settle();
    assert_eq!(client.codes(&two).len(), 3);
    let change = json!({ "added": [], "removed": [{ "uri": one.uri(""), "name": "one" }] });
    client.notify("workspace/didChangeWorkspaceFolders", json!({ "event": change }));
    client.settle();
    assert_eq!(client.codes(&two), ["deep/seeknal/bad.yml 0:6 unknown-kind"]);
    // A new project file makes a project of a folder inside.
    one.write("x", "");
    two.write("deep/seeknal/in/seeknal_project.yml", "name: in\n");
    client.touched(&[two.uri("deep/seeknal/in/seeknal_project.yml")]);
    let status = client.settle();
    assert_eq!(status["projects"].as_array().unwrap().len(), 2, "{status}");
    client.finish();
}

#[test]
fn a_file_outside_every_folder_brings_its_project() {
    let folder = shop();
    let mut client = Client::start(&[]);
    let paid = folder.uri("seeknal/paid.yml");
    client.open(&paid, PAID);
    let found = client.request("textDocument/definition", at(&paid, 3, 12));
    assert_eq!(found[0]["uri"], json!(folder.uri("seeknal/raw.yml")));
    client.open("untitled:Untitled-1", "kind: nothing\n");
    let none = client.request("textDocument/hover", at("untitled:Untitled-1", 0, 1));
    assert_eq!(none, Value::Null);
    let lost = Folder::new(&[("x.yml", "kind: sauce\n")]);
    client.open(&lost.uri("x.yml"), "kind: sauce\n");
    let none = client.request("textDocument/hover", at(&lost.uri("x.yml"), 0, 1));
    assert_eq!(none, Value::Null);
    client.settle();
    assert!(client.shown.is_empty());
    client.close(&paid);
    let status = client.settle();
    assert!(status["projects"].as_array().unwrap().is_empty(), "{status}");
    client.finish();
}

#[test]
fn uris_are_given_back_as_the_client_spells_them() {
    let parent = Folder::new(&[
        ("a b%/seeknal/raw.yml", RAW),
        (
            "a b%/seeknal/é.yml",
            "kind: transform\nname: paid\ninputs: [{ref: source.row}]\ntransform: SELECT 1 AS one\n",
        ),
    ]);
    let root = format!("{}/a%20b%25", parent.uri(""));
    let mut client = Client::start_with(std::slice::from_ref(&root), abilities());
    client.settle();
    let shown: Vec<&String> = client.shown.keys().collect();
    assert_eq!(shown, [&format!("{root}/seeknal/%C3%A9.yml")]);
    // Another spelling of the same file, once it is open.
    let other = format!("{root}/seeknal/%c3%a9.yml");
    client.open(&other, "kind: sauce\nname: x\n");
    client.settle();
    let shown: Vec<&String> = client.shown.keys().collect();
    assert_eq!(shown, [&other]);
    client.finish();
}

#[test]
fn a_link_to_a_project_is_that_project() {
    let folder = shop();
    let elsewhere = Folder::new(&[]);
    std::os::unix::fs::symlink(&folder.0, elsewhere.0.join("link")).unwrap();
    let mut client = Client::start(&[&folder]);
    client.settle();
    let linked = elsewhere.uri("link/seeknal/paid.yml");
    client.open(&linked, &PAID.replace("ref: source.raw", "ref: source.rav"));
    let status = client.settle();
    assert_eq!(status["projects"].as_array().unwrap().len(), 1, "{status}");
    let shown: Vec<&String> = client.shown.keys().collect();
    assert_eq!(shown, [&linked]);
    client.finish();
}

#[test]
fn columns_count_as_the_client_counts() {
    let text = "kind: transform\nname: x\ndescription: \"é𝄞\"\ninputs: [{x: \"é𝄞\", ref: source.no}]\ntransform: SELECT 1 AS one\n";
    for (encoding, column) in [("utf-8", 28), ("utf-16", 25), ("utf-32", 24)] {
        let folder = shop();
        let mut asked = abilities();
        asked["general"] = json!({ "positionEncodings": [encoding] });
        let mut client = Client::start_with(&[folder.uri("")], asked);
        assert_eq!(client.capabilities["positionEncoding"], encoding);
        client.open(&folder.uri("seeknal/x.yml"), text);
        client.settle();
        let code = format!("seeknal/x.yml 3:{column} unknown-ref");
        assert!(client.codes(&folder).contains(&code), "{encoding}: {:?}", client.codes(&folder));
        client.finish();
    }
}

#[test]
fn a_project_that_is_deleted_leaves_nothing_behind() {
    let folder = shop();
    let mut client = Client::start(&[&folder]);
    folder.write("seeknal/bad.yml", "kind: sauce\nname: x\n");
    client.touched(&[folder.uri("seeknal/bad.yml")]);
    client.settle();
    assert_eq!(client.shown.len(), 1);
    std::fs::remove_dir_all(&folder.0).unwrap();
    let gone = json!({ "files": [{ "uri": folder.uri("seeknal") }] });
    client.notify("workspace/didDeleteFiles", gone);
    client.settle();
    assert!(client.shown.is_empty(), "{:?}", client.shown);
    let told = client.told();
    assert_eq!(told["method"], "window/logMessage", "{told}");
    client.told.clear();
    client.finish();
}

#[test]
fn only_our_own_files_are_watched() {
    let folder = shop();
    let mut asked = abilities();
    asked["workspace"] = json!({ "didChangeWatchedFiles": { "dynamicRegistration": true } });
    let mut client = Client::start_with(&[folder.uri("")], asked);
    let request = client.asked();
    assert_eq!(request["method"], "client/registerCapability");
    let watchers = &request["params"]["registrations"][0]["registerOptions"]["watchers"];
    for watcher in watchers.as_array().unwrap() {
        let glob = watcher["globPattern"].as_str().unwrap();
        assert!(
            glob != "**/*" && glob.starts_with("**/") && glob.contains(['s', 'p', '.']),
            "{glob}"
        );
    }
    client.send(&json!({ "jsonrpc": "2.0", "id": request["id"], "result": null }));
    client.settle();
    client.finish();
}
