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

    fn request(&mut self, id: i64, method: &str, params: &Value) -> Value {
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
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
