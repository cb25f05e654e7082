//! What an edit does, shown while it is typed and nothing is saved.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test runs the program")]

mod helpers;

use helpers::repository::{Folder, committed, git};
use helpers::server::Server;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use xtask::generate::{Size, write};

/// An editor with the shop open.
struct Editor {
    server: Server,
    shop: PathBuf,
    shown: BTreeMap<String, Vec<Value>>,
    asked: i64,
    opened: BTreeSet<String>,
}

impl Editor {
    fn open(shop: &Path) -> Editor {
        let mut server = Server::start(&["lsp"]);
        let params = json!({
            "processId": null,
            "capabilities": {"textDocument": {"publishDiagnostics": {"relatedInformation": true}}},
            "workspaceFolders": [{"uri": format!("file://{}", shop.display()), "name": "shop"}],
        });
        server.request(1, "initialize", &params);
        server.send(&json!({"jsonrpc": "2.0", "method": "initialized", "params": {}}));
        Editor {
            server,
            shop: shop.to_owned(),
            shown: BTreeMap::new(),
            asked: 1,
            opened: BTreeSet::new(),
        }
    }

    fn uri(&self, file: &str) -> String {
        match file.contains('/') {
            true => format!("file://{}/seeknal/{file}", self.shop.display()),
            false => format!("file://{}/seeknal/transforms/{file}", self.shop.display()),
        }
    }

    fn notify(&mut self, method: &str, params: &Value) {
        self.server.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.server.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.server.read();
            if message["method"] == "textDocument/publishDiagnostics" {
                let uri = message["params"]["uri"].as_str().unwrap().to_owned();
                let all = message["params"]["diagnostics"].as_array().unwrap().clone();
                self.shown.insert(uri, all);
            }
            if message["id"] == json!(id) && message.get("method").is_none() {
                return message["result"].clone();
            }
        }
    }

    /// Shows a text in a file, which is opened first, and waits until there is nothing left to do.
    fn show(&mut self, file: &str, version: i32, text: &str) {
        let uri = self.uri(file);
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

    fn settle(&mut self) {
        let status = json!({"command": "seeknal.serverStatus", "arguments": []});
        while self.ask("workspace/executeCommand", &status)["idle"] != true {}
    }

    /// The complaints of a code that a file shows.
    fn of(&self, file: &str, code: &str) -> Vec<Value> {
        let shown = self.shown.get(&self.uri(file)).cloned().unwrap_or_default();
        shown.into_iter().filter(|one| one["code"] == code).collect()
    }

    /// What stands above nodes of what the edits do; what can be done besides always stands there.
    fn lenses(&mut self, file: &str) -> Vec<String> {
        let uri = self.uri(file);
        let all = self.ask("textDocument/codeLens", &json!({"textDocument": {"uri": uri}}));
        let title = |lens: &Value| lens["command"]["title"].as_str().unwrap().to_owned();
        let told = |lens: &&Value| lens["command"]["command"] == "seeknal.showPlan";
        all.as_array().map(|all| all.iter().filter(told).map(title).collect()).unwrap_or_default()
    }
}

#[test]
fn what_an_edit_does_is_shown_before_it_is_saved_and_goes_when_it_is_undone() {
    let (folder, shop) = Folder::with_shop("project");
    committed(&folder.0);
    let mut editor = Editor::open(&shop);
    let read = |file: &str| fs::read_to_string(shop.join("seeknal/transforms").join(file)).unwrap();
    let text = read("daily_revenue.yml");
    editor.show("daily_revenue.yml", 1, &text);
    assert_eq!(editor.lenses("daily_revenue.yml"), Vec::<String>::new());
    editor.show("daily_revenue.yml", 2, &text.replace("round(sum(amount), 2)", "sum(amount)"));
    let told = editor.of("daily_revenue.yml", "non-breaking");
    assert_eq!(told.len(), 1, "{:?}", editor.shown);
    assert_eq!((&told[0]["severity"], &told[0]["range"]["start"]["line"]), (&json!(3), &json!(12)));
    let words = "NON_BREAKING: defines `revenue` anew (1 to rebuild, 2 to check or write out)";
    assert_eq!(told[0]["message"], words);
    let lens = "NON_BREAKING · 1 to rebuild, 2 to check or write out";
    assert_eq!(editor.lenses("daily_revenue.yml"), [lens]);
    editor.show("daily_revenue.yml", 3, &text.replace("owner: finance", "owner: sales"));
    assert_eq!(editor.of("daily_revenue.yml", "metadata").len(), 1, "{:?}", editor.shown);
    editor.show("daily_revenue.yml", 4, &text);
    assert_eq!(editor.shown.get(&editor.uri("daily_revenue.yml")), Some(&Vec::new()));
    assert_eq!(editor.lenses("daily_revenue.yml"), Vec::<String>::new());
    assert_eq!(read("daily_revenue.yml"), text, "nothing was written");
}

#[test]
fn an_edit_above_is_told_at_the_line_of_a_reader_that_is_not_open() {
    let (folder, shop) = Folder::with_shop("");
    committed(&folder.0);
    let mut editor = Editor::open(&shop);
    let file = shop.join("seeknal/transforms/orders_merged.yml");
    let text = fs::read_to_string(file).unwrap();
    editor.show("orders_merged.yml", 1, &text);
    editor.show("orders_merged.yml", 2, &text.replace("AS amount", "AS total"));
    let told = editor.of("orders_merged.yml", "breaking");
    assert_eq!((told.len(), &told[0]["severity"]), (1, &json!(2)), "{:?}", editor.shown);
    let related = told[0]["relatedInformation"].as_array().unwrap();
    let there = |one: &Value| {
        one["location"]["uri"].as_str().unwrap().ends_with("daily_revenue.yml")
            && one["location"]["range"]["start"]["line"] == 12
    };
    assert!(related.iter().any(there), "{related:?}");
    assert_eq!(editor.of("daily_revenue.yml", "unknown-column").len(), 1, "{:?}", editor.shown);
    let lens = &editor.lenses("daily_revenue.yml")[0];
    assert!(lens.starts_with("fails: would fail: Referenced column"), "{lens}");
    // Half a line says nothing for sure, and nothing is claimed of it.
    editor.show("orders_merged.yml", 3, &text.replace("AS amount", "AS"));
    assert_eq!(editor.of("orders_merged.yml", "breaking").len(), 0, "{:?}", editor.shown);
    editor.show("orders_merged.yml", 4, &text);
    assert!(editor.shown.values().all(Vec::is_empty), "{:?}", editor.shown);
}

/// After a commit there is nothing left to tell.
#[test]
fn a_commit_is_noticed() {
    let (folder, shop) = Folder::with_shop("");
    committed(&folder.0);
    let file = shop.join("seeknal/transforms/daily_revenue.yml");
    let text = fs::read_to_string(&file).unwrap();
    let edited = text.replace("'paid'", "'open'");
    fs::write(&file, &edited).unwrap();
    let mut editor = Editor::open(&shop);
    editor.show("daily_revenue.yml", 1, &edited);
    assert_eq!(editor.of("daily_revenue.yml", "non-breaking").len(), 1, "{:?}", editor.shown);
    git(&shop, &["commit", "-qam", "two"]);
    // What git said is believed for a moment.
    for version in 2..400 {
        std::thread::sleep(std::time::Duration::from_millis(50));
        editor.show("daily_revenue.yml", version, &format!("{edited}# {version}\n"));
        if editor.of("daily_revenue.yml", "non-breaking").is_empty() {
            return;
        }
    }
    assert_eq!(editor.of("daily_revenue.yml", "non-breaking"), Vec::<Value>::new());
}

/// An edit: the file, what of it is replaced by what, the code that it shows, the beginning of the lens.
type Edit = (&'static str, &'static str, &'static str, &'static str, &'static str);

const EDITS: [Edit; 18] = [
    // Written otherwise.
    (
        "transforms/daily_revenue.yml",
        "FROM ref('transform.orders_merged')",
        "FROM ref('transform.orders_merged') AS m",
        "metadata",
        "METADATA · nothing to rebuild",
    ),
    (
        "transforms/daily_revenue.yml",
        "owner: finance",
        "owner: sales",
        "metadata",
        "METADATA · nothing to rebuild",
    ),
    (
        "rules/orders_complete.yml",
        "[order_id, customer_id]",
        "[order_id]",
        "metadata",
        "METADATA · 1 to check or write out",
    ),
    // Columns that come, move, or hold something else; rows that do.
    (
        "transforms/orders_merged.yml",
        "AS amount\n",
        "AS amount,\n    1 AS one\n",
        "non-breaking",
        "NON_BREAKING · 2 to rebuild, 4 to check",
    ),
    (
        "transforms/orders_merged.yml",
        "    coalesce(u.status, o.status) AS status,\n    coalesce(u.amount, o.amount) AS amount\n",
        "    coalesce(u.amount, o.amount) AS amount,\n    coalesce(u.status, o.status) AS status\n",
        "non-breaking",
        "NON_BREAKING · 2 to rebuild, 4 to check",
    ),
    (
        "transforms/orders_cleaned.yml",
        "lower(trim(status))",
        "upper(trim(status))",
        "non-breaking",
        "NON_BREAKING · 3 to rebuild",
    ),
    (
        "transforms/orders_cleaned.yml",
        "IS NOT NULL",
        "IS NULL",
        "non-breaking",
        "NON_BREAKING · 3 to rebuild",
    ),
    (
        "transforms/orders_cleaned.yml",
        "SELECT DISTINCT",
        "SELECT",
        "non-breaking",
        "NON_BREAKING · 3 to rebuild",
    ),
    (
        "transforms/orders_merged.yml",
        "FULL JOIN",
        "LEFT JOIN",
        "non-breaking",
        "NON_BREAKING · 2 to rebuild",
    ),
    (
        "transforms/daily_revenue.yml",
        "ORDER BY day",
        "ORDER BY day DESC",
        "non-breaking",
        "NON_BREAKING · 1 to rebuild",
    ),
    (
        "sources/raw_orders.yml",
        "data/orders.csv",
        "data/orders_updates.csv",
        "non-breaking",
        "NON_BREAKING · 4 to rebuild",
    ),
    (
        "exposures/revenue_report.yml",
        "daily_revenue.csv",
        "revenue.csv",
        "non-breaking",
        "NON_BREAKING · 1 to check or write out",
    ),
    // Columns that go, or are called or typed otherwise; other names.
    (
        "transforms/daily_revenue.yml",
        "    count(*) AS order_count,\n",
        "",
        "breaking",
        "BREAKING · 1 to rebuild",
    ),
    (
        "transforms/daily_revenue.yml",
        "AS order_count",
        "AS orders",
        "breaking",
        "BREAKING · 1 to rebuild",
    ),
    (
        "transforms/daily_revenue.yml",
        "count(*) AS",
        "count(*)::VARCHAR AS",
        "breaking",
        "BREAKING · 1 to rebuild",
    ),
    (
        "transforms/orders_merged.yml",
        "AS status",
        "AS state",
        "breaking",
        "BREAKING · 1 to rebuild, 1 failing",
    ),
    (
        "transforms/daily_revenue.yml",
        "name: daily_revenue",
        "name: revenue_by_day",
        "breaking",
        "BREAKING",
    ),
    // Half a line: nobody can tell yet, and nothing is claimed.
    (
        "transforms/daily_revenue.yml",
        "    count(*) AS order_count,\n",
        "    count(*) AS order_count, coun(\n",
        "sql-syntax",
        "NON_BREAKING · 1 failing",
    ),
];

fn each_kind_of_edit_shows(shop: &Path) {
    let mut editor = Editor::open(shop);
    let mut version = 0;
    for (file, from, to, code, lens) in EDITS {
        let text = fs::read_to_string(shop.join("seeknal").join(file)).unwrap();
        assert!(text.contains(from), "{file} does not hold {from}");
        if !editor.opened.contains(file) {
            editor.show(file, 1, &text);
            editor.opened.insert(file.to_owned());
        }
        version += 2;
        editor.show(file, version, &text.replace(from, to));
        let told = editor.of(file, code);
        assert_eq!(told.len(), 1, "{from} -> {to}: {:?}", editor.shown.get(&editor.uri(file)));
        let lenses = editor.lenses(file);
        assert!(lenses.iter().any(|one| one.starts_with(lens)), "{from} -> {to}: {lenses:?}");
        editor.show(file, version + 1, &text);
        let left: Vec<_> = editor.shown.iter().filter(|(_, all)| !all.is_empty()).collect();
        assert!(left.is_empty(), "{from} -> {to} is undone, and {left:?}");
        assert_eq!(editor.lenses(file), Vec::<String>::new(), "{from} -> {to} is undone");
    }
}

#[test]
fn each_kind_of_edit_shows_itself_in_a_small_project() {
    let (folder, shop) = Folder::with_shop("");
    committed(&folder.0);
    each_kind_of_edit_shows(&shop);
}

#[test]
fn each_kind_of_edit_shows_itself_among_a_thousand_nodes() {
    let (folder, shop) = Folder::with_shop("");
    let size = Size { nodes: 1000, seed: 7 };
    write(&size, &folder.0.join("others")).unwrap();
    fs::rename(folder.0.join("others/seeknal"), shop.join("seeknal/others")).unwrap();
    committed(&folder.0);
    each_kind_of_edit_shows(&shop);
}

/// Over the name of a node stands what the edits do to it.
#[test]
fn a_hover_says_why() {
    let (folder, shop) = Folder::with_shop("");
    committed(&folder.0);
    let mut editor = Editor::open(&shop);
    let text = fs::read_to_string(shop.join("seeknal/transforms/orders_merged.yml")).unwrap();
    editor.show("orders_merged.yml", 1, &text);
    let over = |editor: &mut Editor, file: &str| {
        let uri = editor.uri(file);
        let at = json!({"textDocument": {"uri": uri}, "position": {"line": 1, "character": 8}});
        let hover = editor.ask("textDocument/hover", &at);
        hover["contents"]["value"].as_str().unwrap().to_owned()
    };
    let quiet = over(&mut editor, "orders_merged.yml");
    assert!(quiet.starts_with("**transform.orders_merged**") && !quiet.contains("---"), "{quiet}");
    editor.show("orders_merged.yml", 2, &text.replace("AS amount", "AS total"));
    let told = over(&mut editor, "orders_merged.yml");
    assert!(told.contains("**BREAKING · 1 to rebuild, 1 failing"), "{told}");
    assert!(told.contains("- calls `amount` now `total`"), "{told}");
    let reader = over(&mut editor, "daily_revenue.yml");
    assert!(reader.contains("**fails**") && reader.contains("- would fail: "), "{reader}");
}
