//! What the wire can do to a server, through bytes.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::panic, reason = "a test")]

mod client;

use client::{Client, Folder, PATIENCE, abilities};
use seeknal_lsp::{End, serve};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

const RAW: &str = "kind: source\nname: raw\nsource: csv\ntable: raw.csv\n";

/// Enough nodes that checking them takes a while.
fn large() -> Folder {
    let folder = Folder::new(&[("seeknal/raw.yml", RAW)]);
    for number in 0..800 {
        let text = format!(
            "kind: transform\nname: n{number}\ninputs: [{{ref: source.raw}}]\n\
             transform: SELECT * FROM ref('source.raw')\n"
        );
        folder.write(&format!("seeknal/n{number}.yml"), &text);
    }
    folder
}

fn hover(uri: &str) -> Value {
    json!({ "textDocument": { "uri": uri }, "position": { "line": 1, "character": 2 } })
}

fn check() -> Value {
    json!({ "command": "seeknal.check", "arguments": [] })
}

#[test]
fn long_commands_hold_up_nobody_and_can_be_cancelled() {
    let folder = large();
    let mut client = Client::start(&[&folder]);
    client.settle();
    let commands: Vec<i64> =
        (0..32).map(|_| client.ask("workspace/executeCommand", check())).collect();
    let uri = folder.uri("seeknal/raw.yml");
    let asked = client.ask("textDocument/hover", hover(&uri));
    assert!(client.answer(asked)["result"]["contents"].is_object());
    for id in &commands {
        client.notify("$/cancelRequest", json!({ "id": id }));
    }
    let results: Vec<Value> =
        commands.iter().map(|id| client.answer(*id)["result"]["cancelled"].clone()).collect();
    let cancelled = results.iter().filter(|one| **one == json!(true)).count();
    assert!(cancelled >= 16, "all but those that were done before: {results:?}");
    client.settle();
    client.finish();
}

#[test]
fn a_command_does_real_work_and_says_how_far_it_is() {
    let folder = large();
    folder.write("seeknal/bad.yml", "kind: sauce\nname: x\n");
    let mut asked = abilities();
    asked["window"] = json!({ "workDoneProgress": true });
    let mut client = Client::start_with(&[folder.uri("")], asked);
    client.open(&folder.uri("seeknal/raw.yml"), &RAW.replace("csv\nt", "csw\nt"));
    client.settle();
    let id = client.ask("workspace/executeCommand", check());
    let request = client.asked();
    assert_eq!(request["method"], "window/workDoneProgress/create");
    let token = request["params"]["token"].clone();
    assert!(token.is_string(), "some clients refuse numbers: {token}");
    client.send(&json!({ "jsonrpc": "2.0", "id": request["id"], "result": null }));
    let result = client.answer(id)["result"].clone();
    let codes: Vec<&Value> =
        result["problems"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, ["unknown-kind", "unknown-value"], "unsaved text counts");
    assert_eq!((&result["projects"], &result["nodes"]), (&json!(1), &json!(801)));
    assert_eq!(result["cancelled"], json!(false));
    client.settle();
    let kinds: Vec<Value> = client
        .told
        .drain(..)
        .map(|one| {
            assert_eq!(one["params"]["token"], token);
            one["params"]["value"]["kind"].clone()
        })
        .collect();
    assert_eq!(kinds.first(), Some(&json!("begin")));
    assert_eq!(kinds.last(), Some(&json!("end")));
    client.finish();
}

#[test]
fn the_other_two_ways_to_cancel_give_what_there_is() {
    let folder = large();
    let mut client = Client::start(&[&folder]);
    client.settle();
    // Two are worked on; the third waits its turn and is cancelled there.
    let with = |token: &str| json!({ "command": "seeknal.check", "arguments": [], "workDoneToken": token });
    let ids: Vec<i64> = ["a", "b", "c"]
        .iter()
        .map(|token| client.ask("workspace/executeCommand", with(token)))
        .collect();
    client.notify("window/workDoneProgress/cancel", json!({ "token": "c" }));
    let count = client.command("seeknal.cancel", json!([{ "token": "b" }]));
    assert_eq!(count, json!({ "cancelled": 1 }));
    let results: Vec<Value> = ids.iter().map(|id| client.answer(*id)["result"].clone()).collect();
    let cancelled: Vec<&Value> = results.iter().map(|one| &one["cancelled"]).collect();
    assert_eq!(cancelled, [false, true, true]);
    assert_eq!(results[0]["nodes"], 801);
    client.settle();
    client.told.clear();
    client.finish();
}

#[test]
fn a_silent_client_holds_up_nobody() {
    let folder = large();
    let mut asked = abilities();
    asked["window"] = json!({ "workDoneProgress": true });
    asked["workspace"] = json!({ "didChangeWatchedFiles": { "dynamicRegistration": true } });
    let mut client = Client::start_with(&[folder.uri("")], asked);
    for _ in 0..8 {
        // It is asked to make a progress and to watch files, and answers nothing.
        client.command("seeknal.check", json!([]));
    }
    let uri = folder.uri("seeknal/raw.yml");
    assert!(client.request("textDocument/hover", hover(&uri))["contents"].is_object());
    client.settle();
    assert_eq!(client.asked.len(), 9);
    client.asked.clear();
    assert_eq!(client.finish(), End::ShutDown);
}

#[test]
fn edits_keep_their_order_whatever_else_goes_on() {
    let folder = large();
    let mut client = Client::start(&[&folder]);
    let uri = folder.uri("seeknal/new.yml");
    client.open(&uri, "kind: transform\nname: x\ndescription: ''\n");
    let mut expected = String::new();
    let mut hovers = Vec::new();
    for number in 0..300u32 {
        let letter = char::from(b'a' + u8::try_from(number % 26).unwrap());
        let place = json!({ "line": 2, "character": 14 + number });
        let change = json!([{ "range": { "start": place, "end": place }, "text": letter }]);
        client.change(&uri, i64::from(number) + 2, change);
        expected.push(letter);
        if number % 20 == 0 {
            hovers.push(client.ask("textDocument/hover", hover(&uri)));
            hovers.push(client.ask("workspace/executeCommand", check()));
        }
    }
    let symbols =
        client.request("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri } }));
    let end = symbols[0]["children"][2]["range"]["end"]["character"].as_u64().unwrap();
    assert_eq!(end, 15 + expected.len() as u64);
    // The letters themselves stand in the card of the node.
    let at = json!({ "textDocument": { "uri": folder.uri("seeknal/reader.yml") }, "position": { "line": 2, "character": 16 } });
    client.open(
        &folder.uri("seeknal/reader.yml"),
        "kind: rule\nname: r\ninputs: [{ref: transform.x}]\n",
    );
    let card = client.request("textDocument/hover", at)["contents"]["value"].to_string();
    assert!(card.contains(&expected), "{card}");
    for id in hovers {
        client.answer(id);
    }
    client.settle();
    client.finish();
}

#[test]
fn nonsense_is_answered_and_the_next_message_is_read() {
    let folder = Folder::new(&[("seeknal/raw.yml", RAW)]);
    let mut client = Client::start(&[&folder]);
    for (bytes, code) in [
        (&b"Content-Length: 3\r\n\r\n{]}"[..], -32700),
        (b"Content-Length: 2\r\n\r\n\xff\xfe", -32700),
        (b"Content-Length: 2\r\n\r\n[]", -32600),
        (b"Content-Length: 4\r\n\r\nnull", -32600),
        (b"Content-Length: 2\r\n\r\n{}", -32600),
        (b"Content-Length: x\r\n\r\n", -32700),
        (b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", -32700),
        (b"Content-Length: 29\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":17}", -32600),
    ] {
        client.bytes(bytes);
        let answer = client.answer(-1);
        assert_eq!(answer["error"]["code"], json!(code), "{}", String::from_utf8_lossy(bytes));
        assert_eq!(answer["id"], Value::Null);
    }
    let huge = 33 << 20;
    client.bytes(format!("Content-Length: {huge}\r\n\r\n").as_bytes());
    client.bytes(&vec![b' '; huge]);
    assert_eq!(client.answer(-1)["error"]["code"], json!(-32600));
    let text = json!({ "jsonrpc": "2.0", "id": 900, "method": "workspace/symbol", "params": { "query": "" } });
    let text = text.to_string();
    let head = format!(
        "content-length: {}\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n",
        text.len()
    );
    client.bytes(head.as_bytes());
    client.bytes(text.as_bytes());
    assert!(client.answer(900)["result"].is_array());
    client.finish();
}

#[test]
fn wrong_requests_are_refused_and_unknown_notifications_passed_over() {
    let folder = Folder::new(&[("seeknal/raw.yml", RAW)]);
    let mut client = Client::start(&[&folder]);
    for (method, params, code) in [
        ("textDocument/hover", json!({ "nothing": 1 }), -32602),
        ("no/such/method", Value::Null, -32601),
        ("workspace/executeCommand", json!({ "command": "seeknal.none" }), -32602),
        ("initialize", json!({ "capabilities": {} }), -32600),
    ] {
        let id = client.ask(method, params);
        assert_eq!(client.answer(id)["error"]["code"], json!(code), "{method}");
    }
    client.notify("$/setTrace", json!({ "value": "off" }));
    client.notify("textDocument/didSave", json!({ "textDocument": { "uri": "x:y" } }));
    client.notify("textDocument/didChange", json!({ "textDocument": 7 }));
    client.send(&json!({ "jsonrpc": "2.0", "id": "nobody asked", "result": 1 }));
    client.settle();
    client.finish();
}

#[test]
fn before_initialize_and_after_shutdown_only_the_right_things_are_answered() {
    let mut client = Client::silent();
    let id = client.ask("workspace/symbol", json!({ "query": "" }));
    assert_eq!(client.answer(id)["error"]["code"], json!(-32002));
    client.initialize(&[], abilities());
    client.request("shutdown", Value::Null);
    let id = client.ask("workspace/symbol", json!({ "query": "" }));
    assert_eq!(client.answer(id)["error"]["code"], json!(-32600));
    client.notify("exit", Value::Null);
    assert_eq!(client.ended(), End::ShutDown);
}

#[test]
fn an_exit_without_shutdown_and_a_broken_wire_are_told_apart() {
    let mut client = Client::start(&[]);
    client.notify("exit", Value::Null);
    assert_eq!(client.ended(), End::CutOff);
    let client = Client::start(&[]);
    assert_eq!(client.hang_up(), End::CutOff);
}

/// A writer that takes nothing until it is told to.
struct Stalled(UnixStream, std::sync::mpsc::Receiver<()>, bool);

impl Write for Stalled {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if !self.2 {
            let _ = self.1.recv();
            self.2 = true;
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

#[test]
fn a_client_that_does_not_read_cannot_stop_us_reading() {
    let folder = large();
    let (mut input, reading) = UnixStream::pair().unwrap();
    let (mut output, writing) = UnixStream::pair().unwrap();
    let (go, wait) = std::sync::mpsc::channel();
    let server = std::thread::spawn(move || serve(reading, Stalled(writing, wait, false), None));
    input.set_write_timeout(Some(PATIENCE)).unwrap();
    let mut send = |message: Value| {
        let text = message.to_string();
        input
            .write_all(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes())
            .unwrap();
    };
    let folders = json!([{ "uri": folder.uri(""), "name": "x" }]);
    send(json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize",
        "params": { "processId": null, "capabilities": {}, "workspaceFolders": folders } }));
    send(json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
    // Each asks for many symbols: megabytes that nobody reads. Far more than pipes hold goes in.
    for id in 1..=200 {
        let filler = "x".repeat(10_000);
        send(json!({ "jsonrpc": "2.0", "id": id, "method": "workspace/symbol",
            "params": { "query": "n", "filler": filler } }));
    }
    send(json!({ "jsonrpc": "2.0", "id": 999, "method": "shutdown" }));
    go.send(()).unwrap();
    output.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut all = Vec::new();
    let has = |all: &[u8], part: &str| all.windows(part.len()).any(|one| one == part.as_bytes());
    let mut answered = 0;
    while answered < 202 {
        let mut some = vec![0; 1 << 16];
        let count = output.read(&mut some).unwrap();
        all.extend_from_slice(&some[..count]);
        answered = all.windows(14).filter(|one| one == b"Content-Length").count();
    }
    assert!(has(&all, "\"id\":999"));
    send(json!({ "jsonrpc": "2.0", "method": "exit" }));
    assert_eq!(server.join().unwrap(), End::ShutDown);
    assert!(all.len() > 200 * 10_000, "{} bytes waited for the client", all.len());
}
