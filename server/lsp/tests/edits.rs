//! Whatever was typed on the way, in the end everything is answered as by a server that has just
//! started and sees only the last texts.
//!
//! `SEEKNAL_EDITS=5000 cargo test --package seeknal-lsp --test edits` tries more sequences.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::panic, reason = "a test")]

mod client;

use client::{Client, Folder, abilities};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SEQUENCES: u64 = 200;
const STEPS: usize = 50;
const FILES: [&str; 4] = ["raw.yml", "paid.yml", "common/rules.yml", "py.py"];
const TEXTS: [&str; 4] = [
    "kind: source\nname: raw\nsource: csv\ntable: raw.csv\n",
    "kind: transform\nname: paid\ninputs:\n  - ref: source.raw\ntransform: |\n  SELECT * FROM ref('source.raw') WHERE {{ rules.paid }}\n",
    "rules:\n  - id: paid\n    value: status = 'paid'\n",
    "from seeknal.pipeline import transform\n\n@transform(name='py', inputs=['transform.paid'])\ndef py(ctx):\n    return ctx.ref('transform.paid')\n",
];
const PIECES: [&str; 22] = [
    "\n",
    "\r\n",
    "  ",
    ":",
    "'",
    "\"",
    "- ref: source.raw\n",
    "é",
    "𝄞",
    "{{ ",
    "}}",
    "a",
    "ref('",
    "name: paid\n",
    "[",
    "|",
    "#",
    "kind: rule\n",
    "\t",
    "transform.paid",
    "x: 1\n",
    "---\n",
];

/// A sequence of chances that a seed repeats.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }
}

/// Where the character of an index is, in the units of an encoding. Written apart from the server's
/// own counting, by which it is checked.
fn position(text: &str, index: usize, encoding: &str) -> Value {
    let before: Vec<char> = text.chars().take(index).collect();
    let after = text.chars().nth(index);
    let (mut line, mut start) = (0, 0);
    for (at, character) in before.iter().enumerate() {
        let next = before.get(at + 1).copied().or(after.filter(|_| at + 1 == before.len()));
        if *character == '\n' || *character == '\r' && next != Some('\n') {
            (line, start) = (line + 1, at + 1);
        }
    }
    let column: usize = before[start..]
        .iter()
        .map(|character| match encoding {
            "utf-8" => character.len_utf8(),
            "utf-16" => character.len_utf16(),
            _ => 1,
        })
        .sum();
    json!({ "line": line, "character": column })
}

/// Replaces a part of a text at random, as an editor would, and says how.
fn edit(text: &mut String, chance: &mut Chance, encoding: &str) -> Value {
    let characters: Vec<char> = text.chars().collect();
    let splits_line_end = |at: usize| {
        at > 0 && characters.get(at - 1) == Some(&'\r') && characters.get(at) == Some(&'\n')
    };
    let mut start = chance.below(characters.len() + 1);
    let mut end = (start + chance.below(4)).min(characters.len());
    // No editor has a cursor inside a line end.
    start -= usize::from(splits_line_end(start));
    end += usize::from(splits_line_end(end));
    let piece = PIECES[chance.below(PIECES.len())];
    let range =
        json!({ "start": position(text, start, encoding), "end": position(text, end, encoding) });
    let head: String = characters[..start].iter().collect();
    let tail: String = characters[end..].iter().collect();
    *text = format!("{head}{piece}{tail}");
    json!({ "range": range, "text": piece })
}

/// Everything a server says of the open files.
fn answers(client: &mut Client, folder: &Folder, chance: &mut Chance) -> Vec<Value> {
    let mut all = Vec::new();
    for name in FILES {
        let uri = folder.uri(&format!("seeknal/{name}"));
        let document = json!({ "uri": uri });
        all.push(
            client.request("textDocument/documentSymbol", json!({ "textDocument": document })),
        );
        for _ in 0..4 {
            let place = json!({ "line": chance.below(8), "character": chance.below(30) });
            let mut asked = json!({ "textDocument": document, "position": place });
            all.push(client.request("textDocument/hover", asked.clone()));
            all.push(client.request("textDocument/definition", asked.clone()));
            all.push(client.request("textDocument/completion", asked.clone()));
            asked["context"] = json!({ "includeDeclaration": true });
            all.push(client.request("textDocument/references", asked));
        }
        let whole = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
        let context = json!({ "diagnostics": [] });
        let asked = json!({ "textDocument": document, "range": whole, "context": context });
        all.push(client.request("textDocument/codeAction", asked));
    }
    all.push(client.request("workspace/symbol", json!({ "query": "" })));
    all
}

/// What is shown, however the versions count.
fn shown(client: &Client) -> BTreeMap<String, Vec<Value>> {
    client.shown.clone()
}

fn start(folder: &Folder, encoding: &str) -> Client {
    let mut asked = abilities();
    asked["general"] = json!({ "positionEncodings": [encoding] });
    Client::start_with(&[folder.uri("")], asked)
}

#[test]
fn typing_ends_where_a_fresh_server_begins() {
    let sequences = std::env::var("SEEKNAL_EDITS").ok().and_then(|text| text.parse().ok());
    let folder = Folder::new(&[]);
    for (name, text) in FILES.iter().zip(TEXTS) {
        folder.write(&format!("seeknal/{name}"), text);
    }
    for seed in 1..=sequences.unwrap_or(SEQUENCES) {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let encoding = ["utf-8", "utf-16", "utf-32"][chance.below(3)];
        let mut texts = TEXTS.map(str::to_owned);
        let mut client = start(&folder, encoding);
        let uri = |at: usize| folder.uri(&format!("seeknal/{}", FILES[at]));
        (0..FILES.len()).for_each(|at| client.open(&uri(at), &texts[at]));
        for step in 0..STEPS {
            let at = chance.below(FILES.len());
            let changes: Vec<Value> = (0..=chance.below(2))
                .map(|_| edit(&mut texts[at], &mut chance, encoding))
                .collect();
            client.change(&uri(at), step as i64 + 2, json!(changes));
            if chance.below(10) == 0 {
                client.close(&uri(at));
                client.open(&uri(at), &texts[at]);
            }
        }
        client.settle();
        let mut fresh = start(&folder, encoding);
        (0..FILES.len()).for_each(|at| fresh.open(&uri(at), &texts[at]));
        fresh.settle();
        assert_eq!(shown(&client), shown(&fresh), "seed {seed}: {texts:#?}");
        let mut same = Chance(chance.0);
        let typed = answers(&mut client, &folder, &mut chance);
        let anew = answers(&mut fresh, &folder, &mut same);
        assert_eq!(typed, anew, "seed {seed}: {texts:#?}");
        client.finish();
        fresh.finish();
    }
}
