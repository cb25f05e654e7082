//! `diff`: what nodes say now, beside what they said.

use crate::check::unreadable;
use crate::exit::Exit;
use crate::options::Format;
use crate::plan::planned;
use crate::render;
use seeknal_model::NodeId;
use seeknal_plan::{ColumnDiff, Hunk, NodeDiff, class_word};
use seeknal_service::Planned;
use seeknal_service::told::plan::{headline, sentence};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

pub(crate) fn run(project: &Path, node: Option<&str>, against: &str, format: Format) -> Exit {
    let planned = match planned(project, against) {
        Ok(planned) => planned,
        Err(exit) => return exit,
    };
    let node = node.map(NodeId::new);
    let is_known = |id: &NodeId| {
        [&planned.loaded.project, &planned.baseline.project]
            .iter()
            .any(|one| one.node(id).is_some())
    };
    if let Some(unknown) = node.as_ref().filter(|id| !is_known(id)) {
        return unreadable(&format!(
            "there is no node `{unknown}`, and there was none; `seeknal-lsp list` names them all"
        ));
    }
    let found = planned.diff(node.as_ref());
    render::out(&match format {
        Format::Text => text(&planned, &found),
        Format::Json => {
            let nodes: Vec<Value> = found.iter().map(NodeDiff::json).collect();
            format!("{:#}\n", json!({ "against": planned.plan.about.against, "nodes": nodes }))
        }
    });
    if planned.loaded.unread.is_empty() { Exit::Done } else { Exit::Found }
}

fn text(planned: &Planned, found: &[NodeDiff<'_>]) -> String {
    let mut page = format!("Compared with {}\n", planned.plan.about.against);
    if found.is_empty() {
        page.push_str("\nNo changes detected.\n");
    }
    for diff in found {
        page.push('\n');
        of_node(planned, diff, &mut page);
    }
    page
}

fn of_node(planned: &Planned, diff: &NodeDiff<'_>, page: &mut String) {
    match (diff.change, diff.step) {
        (Some(change), _) => {
            let _ = writeln!(page, "{}", headline(change));
            for reason in &change.reasons {
                let _ = writeln!(page, "  {}", sentence(reason, planned));
            }
        }
        (None, Some(step)) => {
            let _ = writeln!(page, "{}: says what it said; {}", diff.node, step.action.word());
            for reason in &step.reasons {
                let _ = writeln!(page, "  {}", sentence(reason, planned));
            }
        }
        (None, None) => {
            let _ = writeln!(
                page,
                "{}: says what it said, and nothing that it reads changed",
                diff.node
            );
        }
    }
    for column in &diff.columns {
        of_column(column, page);
    }
    for (key, class) in &diff.keys {
        let _ = writeln!(page, "  key `{key}` ({})", class_word(*class));
    }
    for Hunk { old_line, new_line, lines } in &diff.hunks {
        let count = |unlike: char| lines.iter().filter(|(sign, _)| *sign != unlike).count();
        let _ = writeln!(page, "  @@ -{old_line},{} +{new_line},{} @@", count('+'), count('-'));
        for (sign, line) in lines {
            let _ = writeln!(page, "{}", format!("  {sign}{line}").trim_end());
        }
    }
}

fn of_column(column: &ColumnDiff, page: &mut String) {
    let _ = match (&column.old, &column.new) {
        (Some(old), Some(new)) => {
            let name = match old.name == new.name {
                true => new.name.clone(),
                false => format!("{} -> {}", old.name, new.name),
            };
            let kind = match old.kind == new.kind {
                true => new.kind.clone(),
                false => format!("{} -> {}", old.kind, new.kind),
            };
            match old.text == new.text {
                true => writeln!(page, "  column {name} {kind}: {}", column.change),
                false => writeln!(
                    page,
                    "  column {name} {kind}: {}\n    - {}\n    + {}",
                    column.change, old.text, new.text
                ),
            }
        }
        (None, Some(new)) => {
            writeln!(
                page,
                "  column {} {}: {}\n    + {}",
                new.name, new.kind, column.change, new.text
            )
        }
        (Some(old), None) => {
            writeln!(
                page,
                "  column {} {}: {}\n    - {}",
                old.name, old.kind, column.change, old.text
            )
        }
        (None, None) => writeln!(page, "  a column: {}", column.change),
    };
}
