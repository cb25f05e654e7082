//! A client that speaks bytes with a server, remembers what it was told, and fails when something
//! was told that nobody looked at.
#![allow(dead_code, reason = "each test uses a part of it")]

use seeknal_lsp::{End, serve};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Longer than anything takes on a busy machine; a test that waits this long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(files: &[(&str, &str)]) -> Folder {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("seeknal-lsp-{}-{number}", std::process::id());
        let folder = Folder(std::env::temp_dir().join(name));
        std::fs::create_dir_all(&folder.0).unwrap();
        files.iter().for_each(|(path, text)| folder.write(path, text));
        folder
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn uri(&self, path: &str) -> String {
        uri(&if path.is_empty() { self.0.clone() } else { self.0.join(path) })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

pub(crate) struct Client {
    to: Option<UnixStream>,
    from: Receiver<Value>,
    server: Option<JoinHandle<End>>,
    next: i64,
    answers: BTreeMap<i64, Value>,
    /// Notifications that nobody looked at yet.
    pub(crate) told: VecDeque<Value>,
    /// Requests of the server that nobody looked at yet.
    pub(crate) asked: VecDeque<Value>,
    /// What is shown in each file now.
    pub(crate) shown: BTreeMap<String, Vec<Value>>,
    /// The version that the last diagnostics of a file were for.
    pub(crate) versions: BTreeMap<String, Option<i64>>,
    pub(crate) capabilities: Value,
}

/// What this client can do unless a test says otherwise.
pub(crate) fn abilities() -> Value {
    json!({
        "textDocument": {
            "publishDiagnostics": { "relatedInformation": true },
            "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
        },
    })
}

impl Client {
    /// A client before it has said anything.
    pub(crate) fn silent() -> Client {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let reading = theirs.try_clone().unwrap();
        let server = thread::spawn(move || serve(reading, theirs, None));
        let (tell, from) = channel();
        let mut incoming = BufReader::new(ours.try_clone().unwrap());
        thread::spawn(move || {
            while let Some(message) = receive(&mut incoming) {
                if tell.send(message).is_err() {
                    return;
                }
            }
        });
        Client {
            to: Some(ours),
            from,
            server: Some(server),
            next: 0,
            answers: BTreeMap::new(),
            told: VecDeque::new(),
            asked: VecDeque::new(),
            shown: BTreeMap::new(),
            versions: BTreeMap::new(),
            capabilities: Value::Null,
        }
    }

    pub(crate) fn start(folders: &[&Folder]) -> Client {
        let uris: Vec<String> = folders.iter().map(|folder| folder.uri("")).collect();
        Client::start_with(&uris, abilities())
    }

    pub(crate) fn start_with(folders: &[String], abilities: Value) -> Client {
        let mut client = Client::silent();
        client.initialize(folders, abilities);
        client
    }

    pub(crate) fn initialize(&mut self, folders: &[String], abilities: Value) {
        let folders: Vec<Value> =
            folders.iter().map(|uri| json!({ "uri": uri, "name": "x" })).collect();
        let answer = self.request(
            "initialize",
            json!({ "processId": null, "capabilities": abilities, "workspaceFolders": folders }),
        );
        self.capabilities = answer["capabilities"].clone();
        self.notify("initialized", json!({}));
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.to.as_mut().unwrap().write_all(bytes).unwrap();
    }

    pub(crate) fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.bytes(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request and does not wait.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// The whole answer to a request.
    pub(crate) fn answer(&mut self, id: i64) -> Value {
        let begun = Instant::now();
        loop {
            if let Some(answer) = self.answers.remove(&id) {
                return answer;
            }
            assert!(begun.elapsed() < PATIENCE, "no answer to request {id}");
            self.take(PATIENCE);
        }
    }

    /// Sends a request and gives its result.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        let answer = self.answer(id);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    pub(crate) fn command(&mut self, command: &str, arguments: Value) -> Value {
        self.request(
            "workspace/executeCommand",
            json!({ "command": command, "arguments": arguments }),
        )
    }

    /// Takes one message, if one comes in time.
    pub(crate) fn take(&mut self, patience: Duration) -> bool {
        let message = match self.from.recv_timeout(patience) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => return false,
            Err(RecvTimeoutError::Disconnected) => panic!("the server hung up"),
        };
        match (message.get("method").and_then(Value::as_str), message.get("id")) {
            (Some("textDocument/publishDiagnostics"), None) => {
                let params = &message["params"];
                let uri = params["uri"].as_str().unwrap().to_owned();
                let all = params["diagnostics"].as_array().unwrap().clone();
                self.versions.insert(uri.clone(), params["version"].as_i64());
                match all.is_empty() {
                    true => self.shown.remove(&uri),
                    false => self.shown.insert(uri, all),
                };
            }
            (Some(_), Some(_)) => self.asked.push_back(message),
            (Some(_), None) => self.told.push_back(message),
            (None, id) => {
                let id = id.and_then(Value::as_i64).unwrap_or(-1);
                self.answers.insert(id, message);
            }
        }
        true
    }

    /// The next notification.
    pub(crate) fn told(&mut self) -> Value {
        let begun = Instant::now();
        while self.told.is_empty() {
            assert!(begun.elapsed() < PATIENCE, "nothing was told");
            self.take(PATIENCE);
        }
        self.told.pop_front().unwrap()
    }

    /// The next request of the server.
    pub(crate) fn asked(&mut self) -> Value {
        let begun = Instant::now();
        while self.asked.is_empty() {
            assert!(begun.elapsed() < PATIENCE, "nothing was asked");
            self.take(PATIENCE);
        }
        self.asked.pop_front().unwrap()
    }

    /// Waits until the server has nothing left to do.
    pub(crate) fn settle(&mut self) -> Value {
        let begun = Instant::now();
        loop {
            let status = self.command("seeknal.serverStatus", json!([]));
            if status["idle"] == json!(true) {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "never idle: {status}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    pub(crate) fn open(&mut self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "yaml", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub(crate) fn change(&mut self, uri: &str, version: i64, changes: Value) {
        let document = json!({ "uri": uri, "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.notify("textDocument/didChange", params);
    }

    /// Replaces the whole text.
    pub(crate) fn retype(&mut self, uri: &str, version: i64, text: &str) {
        self.change(uri, version, json!([{ "text": text }]));
    }

    pub(crate) fn close(&mut self, uri: &str) {
        self.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    }

    pub(crate) fn touched(&mut self, uris: &[String]) {
        let changes: Vec<Value> = uris.iter().map(|uri| json!({ "uri": uri, "type": 2 })).collect();
        self.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    }

    /// What is shown, as `file line:column code`, the folder left out.
    pub(crate) fn codes(&self, folder: &Folder) -> Vec<String> {
        let base = folder.uri("");
        let mut all = Vec::new();
        for (uri, shown) in &self.shown {
            let file = uri.strip_prefix(&base).unwrap_or(uri).trim_start_matches('/');
            for one in shown {
                let start = &one["range"]["start"];
                let code = one["code"].as_str().unwrap();
                all.push(format!("{file} {}:{} {code}", start["line"], start["character"]));
            }
        }
        all
    }

    /// Ends the session as clients do, and tells how the server saw it.
    pub(crate) fn finish(mut self) -> End {
        assert_eq!(self.request("shutdown", Value::Null), Value::Null);
        self.notify("exit", Value::Null);
        self.ended()
    }

    /// Hangs up, whatever was said.
    pub(crate) fn forget(mut self) {
        while self.take(Duration::ZERO) {}
        self.told.clear();
        self.asked.clear();
        self.answers.clear();
        let to = self.to.take().unwrap();
        to.shutdown(std::net::Shutdown::Both).unwrap();
        self.server.take().unwrap().join().unwrap();
        while self.from.recv().is_ok() {}
    }

    /// Hangs up.
    pub(crate) fn hang_up(mut self) -> End {
        let to = self.to.take().unwrap();
        to.shutdown(std::net::Shutdown::Both).unwrap();
        self.server.take().unwrap().join().unwrap()
    }

    pub(crate) fn ended(&mut self) -> End {
        let end = self.server.take().unwrap().join().unwrap();
        // Both ends have a thread that reads; each would wait for the other to close.
        let _ = self.to.take().unwrap().shutdown(std::net::Shutdown::Both);
        end
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Some(to) = self.to.take() {
            let _ = to.shutdown(std::net::Shutdown::Both);
        }
        if !thread::panicking() {
            while let Ok(message) = self.from.try_recv() {
                let is_shown = message["method"] == "textDocument/publishDiagnostics";
                assert!(is_shown, "unread: {message}");
            }
            assert!(self.told.is_empty(), "unread: {:?}", self.told);
            assert!(self.asked.is_empty(), "unread: {:?}", self.asked);
            assert!(self.answers.is_empty(), "unread: {:?}", self.answers);
        }
    }
}

fn receive(from: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            field => {
                if let Some(value) = field.strip_prefix("Content-Length: ") {
                    length = value.parse().unwrap();
                }
            }
        }
    }
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes).ok()?;
    Some(serde_json::from_slice(&bytes).unwrap())
}
