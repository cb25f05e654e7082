//! The page about commands, which is made of their table.
#![cfg(test)]

use super::table::ALL;
use std::fmt::Write as _;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/COMMANDS.md");

fn page() -> String {
    let mut page = "# Commands\n\nWhat `workspace/executeCommand` takes: an id and one JSON object. The answer is the result, given when it is\ndone. This page is made of the table in `src/commands/table.rs`.\n\nProgress comes under the token that the request brings, else under one of the server's own. A command is\ncancelled by `$/cancelRequest`, by `window/workDoneProgress/cancel` or by `seeknal.cancel`, and then answers\nwith what it had by then; `stopped` says that it was. A refusal is an error with the code -32803, whose\n`data.sentences` say what to do next; a wrong call has the code -32602.\n\nSQL of a project runs only where the client says `\"trusted\": true` in its initialization options, where the\nuser trusts the project when asked, or with `\"confirmed\": true`. What was said when it was asked is kept in the user's own folder (`trusted.json` in\n`~/.local/state/seeknal-lsp` on Linux, or where `SEEKNAL_USER_DIR` says). Questions wait five minutes.\n".to_owned();
    for command in ALL {
        let _ = write!(page, "\n## `{}`\n\n{}\n", command.id, command.about);
        if command.takes().next().is_some() {
            page.push_str("\n| argument | is | |\n|---|---|---|\n");
        }
        for one in command.takes() {
            let _ = writeln!(page, "| `{}` | {} | {} |", one.name, one.kind.word(), one.about);
        }
    }
    page
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a test reads and writes the page")]
fn the_page_is_what_the_table_says() {
    if std::env::var_os("SEEKNAL_WRITE").is_some() {
        std::fs::write(PAGE, page()).unwrap();
    }
    let known = std::fs::read_to_string(PAGE).unwrap();
    assert!(known == page(), "run this test with SEEKNAL_WRITE=1");
}
