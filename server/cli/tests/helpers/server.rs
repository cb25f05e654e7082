//! A server as a process.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Server {
    pub(crate) fn start(args: &[&str]) -> Server {
        Server::start_with(args, &[])
    }

    /// One in whose surroundings these variables are set.
    pub(crate) fn start_with(args: &[&str], variables: &[(&str, &Path)]) -> Server {
        Server::of(Path::new(env!("CARGO_BIN_EXE_seeknal-lsp")), args, variables)
    }

    /// A server that lies somewhere else.
    pub(crate) fn of(program: &Path, args: &[&str], variables: &[(&str, &Path)]) -> Server {
        let mut child = Command::new(program)
            .args(args)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let to = child.stdin.take();
        let from = BufReader::new(child.stdout.take().unwrap());
        Server { child, to, from }
    }

    pub(crate) fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let to = self.to.as_mut().unwrap();
        write!(to, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        to.flush().unwrap();
    }

    /// Sends a request and gives the answer; what comes before it is passed over.
    pub(crate) fn request(&mut self, id: i64, method: &str, params: &Value) -> Value {
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.read();
            if message["id"] == json!(id) {
                return message;
            }
        }
    }

    pub(crate) fn read(&mut self) -> Value {
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

    pub(crate) fn initialize(&mut self, parent: &Value) {
        let params = json!({ "processId": parent, "capabilities": {} });
        let answer = self.request(1, "initialize", &params);
        assert_eq!(answer["result"]["serverInfo"]["name"], "seeknal-lsp");
    }

    /// The exit code, or nothing after a signal. A server that does not end is ended.
    pub(crate) fn code(mut self) -> Option<i32> {
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
