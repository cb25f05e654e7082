//! An editor that clicks: it opens files, types, runs commands, and answers what it is asked.

use super::server::Server;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) struct Editor {
    pub(crate) server: Server,
    pub(crate) project: PathBuf,
    versions: BTreeMap<String, i64>,
    next: i64,
    /// What the user says to the questions to come, in order; nothing to any other.
    pub(crate) says: Vec<&'static str>,
    /// Every question that was asked.
    pub(crate) questions: Vec<String>,
    /// Every sentence that was shown.
    pub(crate) messages: Vec<String>,
    /// Every document that was opened for the user.
    pub(crate) opened: Vec<PathBuf>,
    /// How far jobs said they were.
    pub(crate) progress: Vec<Value>,
    pub(crate) shown: BTreeMap<String, Vec<Value>>,
    pub(crate) refreshed: usize,
}

impl Editor {
    pub(crate) fn open(project: &Path, options: &Value) -> Editor {
        let user = project.with_extension("user");
        let cache = project.with_extension("cache");
        let variables =
            [("SEEKNAL_USER_DIR", user.as_path()), ("SEEKNAL_CACHE_DIR", cache.as_path())];
        let server = Server::start_with(&["lsp"], &variables);
        let mut editor = Editor {
            server,
            project: project.to_owned(),
            versions: BTreeMap::new(),
            next: 0,
            says: Vec::new(),
            questions: Vec::new(),
            messages: Vec::new(),
            opened: Vec::new(),
            progress: Vec::new(),
            shown: BTreeMap::new(),
            refreshed: 0,
        };
        let params = json!({
            "processId": null,
            "initializationOptions": options,
            "capabilities": {
                "workspace": {"codeLens": {"refreshSupport": true}},
                "window": {"workDoneProgress": true, "showDocument": {"support": true}},
            },
            "workspaceFolders": [{"uri": format!("file://{}", project.display()), "name": "p"}],
        });
        editor.request("initialize", &params);
        editor.notify("initialized", &json!({}));
        editor
    }

    pub(crate) fn uri(&self, file: &str) -> String {
        format!("file://{}/seeknal/{file}", self.project.display())
    }

    pub(crate) fn notify(&mut self, method: &str, params: &Value) {
        self.server.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request and does not wait.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> i64 {
        self.next += 1;
        let id = self.next;
        self.server.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// The whole answer to a request.
    pub(crate) fn answer(&mut self, id: i64) -> Value {
        loop {
            if let Some(answer) = self.take(id) {
                return answer;
            }
        }
    }

    /// Takes one message; the answer to a request, if it is that.
    pub(crate) fn take(&mut self, id: i64) -> Option<Value> {
        let message = self.server.read();
        let params = &message["params"];
        let text = |key: &str| params[key].as_str().unwrap_or_default().to_owned();
        let Some(method) = message["method"].as_str() else {
            return (message["id"] == json!(id)).then_some(message);
        };
        let mut result = Value::Null;
        match method {
            "textDocument/publishDiagnostics" => {
                let all = params["diagnostics"].as_array().unwrap().clone();
                self.shown.insert(text("uri"), all);
            }
            "window/showMessage" => self.messages.push(text("message")),
            "window/showMessageRequest" => {
                self.questions.push(text("message"));
                if !self.says.is_empty() {
                    let title = self.says.remove(0);
                    let all = params["actions"].as_array().unwrap();
                    let chosen = all.iter().find(|one| one["title"] == json!(title));
                    result = chosen.unwrap_or(&Value::Null).clone();
                }
            }
            "window/showDocument" => {
                self.opened.push(PathBuf::from(text("uri").trim_start_matches("file://")));
                result = json!({"success": true});
            }
            "workspace/codeLens/refresh" => self.refreshed += 1,
            "$/progress" => self.progress.push(params["value"].clone()),
            _ => {}
        }
        if let Some(id) = message.get("id") {
            self.server.send(&json!({"jsonrpc": "2.0", "id": id, "result": result}));
        }
        None
    }

    pub(crate) fn request(&mut self, method: &str, params: &Value) -> Value {
        let id = self.ask(method, params);
        let answer = self.answer(id);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    fn called(command: &str, argument: &Value) -> Value {
        json!({"command": format!("seeknal.{command}"), "arguments": [argument]})
    }

    /// Starts a command and does not wait.
    pub(crate) fn start(&mut self, command: &str, argument: &Value) -> i64 {
        self.ask("workspace/executeCommand", &Editor::called(command, argument))
    }

    /// What a command answers.
    pub(crate) fn run(&mut self, command: &str, argument: &Value) -> Value {
        self.request("workspace/executeCommand", &Editor::called(command, argument))
    }

    /// What a command is refused with.
    pub(crate) fn refused(&mut self, command: &str, argument: &Value) -> (i64, String) {
        let id = self.start(command, argument);
        let answer = self.answer(id);
        let error = &answer["error"];
        assert!(error.is_object(), "{command} was not refused: {answer}");
        let words = error["message"].as_str().unwrap().to_owned();
        (error["code"].as_i64().unwrap(), words)
    }

    /// Clicks what stands above a node under this title.
    pub(crate) fn click(&mut self, file: &str, title: &str) -> Value {
        let lenses = self.lenses(file);
        let found = lenses.iter().find(|one| one["title"].as_str().unwrap().contains(title));
        let command = found.unwrap_or_else(|| panic!("no {title} in {lenses:?}"));
        let params = json!({"command": command["command"], "arguments": command["arguments"]});
        self.request("workspace/executeCommand", &params)
    }

    /// The page that was opened last. It comes beside the answer, before or behind it.
    pub(crate) fn page(&mut self) -> String {
        self.settle();
        fs::read_to_string(self.opened.pop().unwrap()).unwrap()
    }

    /// The commands of what stands above nodes.
    pub(crate) fn lenses(&mut self, file: &str) -> Vec<Value> {
        let params = json!({"textDocument": {"uri": self.uri(file)}});
        let all = self.request("textDocument/codeLens", &params);
        all.as_array().unwrap().iter().map(|one| one["command"].clone()).collect()
    }

    /// Types a text into a file, which is opened first, and waits until there is nothing left to do.
    pub(crate) fn show(&mut self, file: &str, text: &str) {
        let uri = self.uri(file);
        let version = self.versions.get(&uri).copied().unwrap_or(0) + 1;
        self.versions.insert(uri.clone(), version);
        match version {
            1 => self.notify(
                "textDocument/didOpen",
                &json!({"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}}),
            ),
            _ => self.notify(
                "textDocument/didChange",
                &json!({"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}),
            ),
        }
        self.settle();
    }

    /// Writes what was typed.
    pub(crate) fn save(&mut self, file: &str, text: &str) {
        fs::write(self.project.join("seeknal").join(file), text).unwrap();
        let changes = json!({"changes": [{"uri": self.uri(file), "type": 2}]});
        self.notify("workspace/didChangeWatchedFiles", &changes);
        self.settle();
    }

    pub(crate) fn settle(&mut self) -> Value {
        loop {
            let status = self.run("serverStatus", &json!({}));
            if status["idle"] == json!(true) {
                return status;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// Ends the server as an editor does.
    pub(crate) fn close(mut self) {
        self.request("shutdown", &Value::Null);
        self.notify("exit", &Value::Null);
        assert_eq!(self.server.code(), Some(0));
    }
}
