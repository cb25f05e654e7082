//! The program without the one that it starts, and without DuckDB's library: what needs neither works, and what
//! does says so instead of finding nothing wrong.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test runs the program"
)]

mod helpers;

use helpers::server::Server;
use serde_json::json;
use std::fs;
use std::process::Command;

#[test]
fn without_duckdb_nobody_claims_that_sql_is_right() {
    let folder = std::env::temp_dir().join(format!("seeknal-alone-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    let (project, cache) = (folder.join("project"), folder.join("cache"));
    fs::create_dir_all(project.join("seeknal")).unwrap();
    fs::write(project.join("seeknal_project.yml"), "name: p\n").unwrap();
    let node = "kind: transform\nname: b\ntransform: SELECT nothing\n";
    fs::write(project.join("seeknal/b.yml"), node).unwrap();
    let program = folder.join("seeknal-lsp");
    fs::copy(env!("CARGO_BIN_EXE_seeknal-lsp"), &program).unwrap();
    let run = |args: &[&str]| {
        let mut call = Command::new(&program);
        let output = call.args(args).current_dir(&project).env("SEEKNAL_CACHE_DIR", &cache);
        let output = output.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    };
    let trouble = "DuckDB cannot be started as a process of its own, so SQL was not looked at";
    let (code, listed, _) = run(&["list"]);
    assert_eq!((code, listed.contains("transform.b")), (0, true), "{listed}");
    let (code, _, said) = run(&["check"]);
    assert_eq!((code, said.contains(trouble)), (1, true), "{said}");
    let (code, _, said) = run(&["run"]);
    assert_eq!((code, said.contains(trouble)), (3, true), "{said}");
    let (_, said, _) = run(&["--version"]);
    assert!(said.contains("does not start") && said.contains("seeknal-worker"), "{said}");
    let mut server = Server::of(&program, &["lsp"], &[("SEEKNAL_CACHE_DIR", &cache)]);
    let uri = format!("file://{}", project.display());
    let folders = json!([{ "uri": uri, "name": "p" }]);
    let params = json!({ "processId": null, "capabilities": {}, "workspaceFolders": folders });
    server.request(1, "initialize", &params);
    server.send(&json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
    let shown = loop {
        let message = server.read();
        if message["method"] == "window/showMessage" {
            break message["params"].clone();
        }
    };
    assert_eq!(shown["type"], 1);
    assert!(shown["message"].as_str().unwrap().starts_with(trouble), "{shown}");
    fs::remove_dir_all(&folder).unwrap();
}
