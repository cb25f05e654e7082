//! The server as a process: how it begins and how it ends.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test runs the program"
)]

mod helpers;

use helpers::server::Server;
use serde_json::{Value, json};
use std::process::Command;

#[test]
fn what_duckdb_says_is_shown_while_it_is_typed() {
    let shop = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/shop");
    let file = shop.canonicalize().unwrap().join("seeknal/transforms/daily_revenue.yml");
    let text = std::fs::read_to_string(&file).unwrap();
    let uri = format!("file://{}", file.display());
    let mut server = Server::start(&["--stdio"]);
    server.initialize(&Value::Null);
    server.send(&json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
    let document = json!({ "uri": uri, "languageId": "yaml", "version": 1, "text": text });
    let open = json!({ "textDocument": document });
    server.send(&json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": open }));
    let mut version = 1;
    let mut type_in = |server: &mut Server, text: &str| {
        version += 1;
        let document = json!({ "uri": uri, "version": version });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
        let method = "textDocument/didChange";
        server.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    };
    let shown = |server: &mut Server| loop {
        let message = server.read();
        if message["params"]["uri"] == json!(uri) {
            return message["params"]["diagnostics"].clone();
        }
    };
    type_in(&mut server, &text.replace("sum(amount)", "sum(amout)"));
    let found = shown(&mut server);
    assert_eq!(found[0]["code"], "unknown-column", "{found}");
    assert_eq!(found[0]["range"]["start"], json!({ "line": 12, "character": 14 }));
    let range = found[0]["range"].clone();
    let asked =
        json!({ "textDocument": { "uri": uri }, "range": range, "context": { "diagnostics": [] } });
    let fix = server.request(7, "textDocument/codeAction", &asked)["result"][0].clone();
    assert_eq!(fix["edit"]["changes"][&uri][0]["newText"], "amount", "{fix}");
    let place = json!({ "line": 12, "character": 13 });
    let asked = json!({ "textDocument": { "uri": uri }, "position": place });
    let found = server.request(8, "textDocument/completion", &asked)["result"]["items"].clone();
    let amount = found.as_array().unwrap().iter().find(|one| one["label"] == "amount").unwrap();
    assert!(amount["detail"].is_string(), "a column has a type: {amount}");
    // The command and the command line see what the editor shows.
    let check = json!({ "command": "seeknal.check", "arguments": [] });
    let checked = server.request(11, "workspace/executeCommand", &check)["result"].clone();
    assert_eq!(checked["problems"][0]["code"], "unknown-column", "{checked}");
    type_in(&mut server, &text);
    assert_eq!(shown(&mut server), json!([]), "it goes when the line is mended");
    let asked =
        json!({ "textDocument": { "uri": uri }, "position": { "line": 12, "character": 16 } });
    let hover = server.request(9, "textDocument/hover", &asked)["result"].clone();
    let words = hover["contents"]["value"].as_str().unwrap();
    assert!(
        words.starts_with("**amount** `") && words.contains("transform.orders_merged"),
        "{words}"
    );
    assert_eq!(server.request(10, "shutdown", &Value::Null)["result"], Value::Null);
    server.send(&json!({ "jsonrpc": "2.0", "method": "exit" }));
    assert_eq!(server.code(), Some(0));
}

#[test]
fn it_ends_well_after_shutdown_and_exit() {
    for args in [&["--stdio"][..], &["lsp"], &["lsp", "--stdio"]] {
        let mut server = Server::start(args);
        server.initialize(&Value::Null);
        assert_eq!(server.request(2, "shutdown", &Value::Null)["result"], Value::Null);
        server.send(&json!({ "jsonrpc": "2.0", "method": "exit" }));
        assert_eq!(server.code(), Some(0), "{args:?}");
    }
}

#[test]
fn it_ends_when_its_input_ends() {
    let mut server = Server::start(&["--stdio"]);
    server.initialize(&Value::Null);
    server.to = None;
    assert_eq!(server.code(), Some(1));
}

#[test]
fn it_ends_when_its_parent_is_gone() {
    let mut parent = Command::new("true").spawn().unwrap();
    let id = parent.id();
    parent.wait().unwrap();
    let mut server = Server::start(&["--stdio"]);
    server.initialize(&json!(id));
    assert_eq!(server.code(), Some(1), "though its input is still open");
}

#[test]
fn an_interrupt_is_told_from_a_crash() {
    let mut server = Server::start(&["--stdio"]);
    server.initialize(&Value::Null);
    let id = server.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(server.code(), Some(130));
}
