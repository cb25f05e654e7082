//! The server as a process: how it begins and how it ends.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test runs the program"
)]

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

struct Server {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Server {
    fn start(args: &[&str]) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_seeknal-lsp"))
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let to = child.stdin.take();
        let from = BufReader::new(child.stdout.take().unwrap());
        Server { child, to, from }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let to = self.to.as_mut().unwrap();
        write!(to, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        to.flush().unwrap();
    }

    /// Sends a request and gives the answer; what comes before it is passed over.
    fn request(&mut self, id: i64, method: &str, params: &Value) -> Value {
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.read();
            if message["id"] == json!(id) {
                return message;
            }
        }
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).unwrap() > 0, "the server hung up");
            match line.trim_end().strip_prefix("Content-Length: ") {
                Some(value) => length = value.parse().unwrap(),
                None => break,
            }
        }
        let mut bytes = vec![0; length];
        self.from.read_exact(&mut bytes).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    fn initialize(&mut self, parent: &Value) {
        let params = json!({ "processId": parent, "capabilities": {} });
        let answer = self.request(1, "initialize", &params);
        assert_eq!(answer["result"]["serverInfo"]["name"], "seeknal-lsp");
    }

    /// The exit code, or nothing after a signal. A server that does not end is ended.
    fn code(mut self) -> Option<i32> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) {
            if let Some(status) = self.child.try_wait().unwrap() {
                let mut said = String::new();
                self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
                assert_eq!(said, "", "a server has nothing to say beside the protocol");
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        panic!("the server did not end");
    }
}

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
