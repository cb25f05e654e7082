//! Whatever comes in, the server stays, answers, and keeps its size.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::panic, reason = "a test")]

mod client;

use client::{Client, Folder};
use proptest::prelude::*;
use serde_json::{Value, json};

const RAW: &str = "kind: source\nname: raw\nsource: csv\ntable: raw.csv\n";
const METHODS: [&str; 14] = [
    "initialize",
    "initialized",
    "textDocument/didOpen",
    "textDocument/didChange",
    "textDocument/didClose",
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/codeAction",
    "workspace/executeCommand",
    "workspace/didChangeWatchedFiles",
    "workspace/didChangeWorkspaceFolders",
    "workspace/didRenameFiles",
    "$/cancelRequest",
    "window/workDoneProgress/cancel",
];

/// Values of any shape, among them what the protocol has under these names.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop_oneof![
            Just("file:///seeknal/x.yml"),
            Just("file:///c%3A/a"),
            Just(""),
            Just("untitled:1"),
            Just("file://"),
            Just("a b"),
            Just("seeknal.check"),
            Just("\u{1d11e}")
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        let key = prop_oneof![
            Just("textDocument"),
            Just("uri"),
            Just("position"),
            Just("line"),
            Just("character"),
            Just("range"),
            Just("start"),
            Just("end"),
            Just("contentChanges"),
            Just("text"),
            Just("version"),
            Just("languageId"),
            Just("id"),
            Just("token"),
            Just("command"),
            Just("arguments"),
            Just("event"),
            Just("added"),
            Just("removed"),
            Just("changes"),
            Just("context"),
            Just("files"),
            Just("name"),
            Just("type")
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..5).prop_map(|pairs| {
                Value::Object(pairs.into_iter().map(|(key, one)| (key.to_owned(), one)).collect())
            }),
        ]
    })
}

/// A server that is alive answers a hover, whatever else it said.
fn is_alive(folder: &Folder, client: &mut Client) {
    let uri = folder.uri("seeknal/raw.yml");
    let place = json!({ "line": 1, "character": 2 });
    let found = client.request(
        "textDocument/hover",
        json!({ "textDocument": { "uri": uri }, "position": place }),
    );
    assert!(found["contents"].is_object());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn messages_of_any_shape_are_survived(
        messages in prop::collection::vec((0..METHODS.len(), value(), prop::option::of(value())), 1..20),
    ) {
        let folder = Folder::new(&[("seeknal/raw.yml", RAW)]);
        let mut client = Client::start(&[&folder]);
        for (method, params, id) in messages {
            let mut message = json!({ "jsonrpc": "2.0", "method": METHODS[method], "params": params });
            if let Some(id) = id {
                message["id"] = id;
            }
            client.send(&message);
        }
        is_alive(&folder, &mut client);
        client.forget();
    }

    #[test]
    fn bytes_of_any_kind_are_survived(
        pieces in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..40),
                Just(b"Content-Length: 9\r\n\r\n".to_vec()),
                Just(b"\r\n\r\n".to_vec()),
                Just(b"{\"jsonrpc\":\"2.0\",".to_vec()),
            ],
            0..20,
        ),
    ) {
        let folder = Folder::new(&[("seeknal/raw.yml", RAW)]);
        let mut client = Client::start(&[&folder]);
        for piece in pieces {
            client.bytes(&piece);
        }
        // A header may have asked for some bytes more, and a line may not be ended.
        client.bytes(&[b' '; 64]);
        client.bytes(b"\r\n\r\n");
        is_alive(&folder, &mut client);
        client.forget();
    }
}

#[test]
fn places_outside_the_text_are_drawn_in() {
    let folder = Folder::new(&[("seeknal/raw.yml", RAW)]);
    let mut client = Client::start(&[&folder]);
    let uri = folder.uri("seeknal/raw.yml");
    client.open(&uri, RAW);
    let far = json!({ "line": 4_000_000_000u32, "character": 4_000_000_000u32 });
    let near = json!({ "line": 0, "character": 0 });
    for (start, end) in [(&far, &far), (&far, &near), (&near, &far)] {
        client.change(&uri, 2, json!([{ "range": { "start": start, "end": end }, "text": RAW }]));
        for method in ["hover", "definition", "completion"] {
            let asked = json!({ "textDocument": { "uri": uri }, "position": far });
            client.request(&format!("textDocument/{method}"), asked);
        }
    }
    client.settle();
    assert!(client.shown.is_empty(), "the text is whole again: {:?}", client.shown);
    client.finish();
}
