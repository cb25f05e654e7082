//! How much a long session keeps. A process of its own, so that nothing else is counted.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::panic, reason = "a test")]

mod client;

use client::{Client, Folder};
use serde_json::json;

const RAW: &str = "kind: source\nname: raw\nsource: csv\ntable: raw.csv\n";

/// Bytes of this process that are in memory.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    status.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[test]
fn a_hundred_thousand_edits_leave_no_trace() {
    let folder = Folder::new(&[("seeknal/raw.yml", RAW)]);
    let mut client = Client::start(&[&folder]);
    let uri = folder.uri("seeknal/x.yml");
    client.open(&uri, "kind: source\nname: x\nsource: csv\ntable: a.csv\n");
    let mut after_thousand = 0;
    for number in 0..100_000i64 {
        // One letter is typed and taken back.
        let start = json!({ "line": 3, "character": 7 });
        let end = json!({ "line": 3, "character": 8 });
        let change = match number % 2 {
            0 => json!([{ "range": { "start": start, "end": start }, "text": "b" }]),
            _ => json!([{ "range": { "start": start, "end": end }, "text": "" }]),
        };
        client.change(&uri, number + 2, change);
        if number == 1000 {
            client.settle();
            after_thousand = memory();
        }
    }
    client.settle();
    let after_all = memory();
    assert!(after_all <= after_thousand * 6 / 5, "{after_thousand} grew to {after_all}");
    assert!(client.shown.is_empty(), "{:?}", client.shown);
    client.finish();
}
