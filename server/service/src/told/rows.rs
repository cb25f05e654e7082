//! Answers to questions, and what came of rules and audits.

use crate::Tried;
use crate::carry::{Answered, Previewed, Trial};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// A table whose columns are as wide as what stands in them.
pub fn table(answer: &Answered) -> String {
    let null = "NULL".to_owned();
    let shown =
        |cell: &Option<String>| cell.clone().unwrap_or_else(|| null.clone()).replace('\n', "\\n");
    let names: Vec<String> = answer.columns.iter().map(|column| column.name.clone()).collect();
    let rows: Vec<Vec<String>> =
        answer.rows.iter().map(|row| row.iter().map(shown).collect()).collect();
    let width = |place: usize| {
        let cells = rows.iter().filter_map(|row| row.get(place)).chain(names.get(place));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..names.len()).map(width).collect();
    let is_number: Vec<bool> =
        answer.columns.iter().map(|column| is_number(&column.kind)).collect();
    let line = |cells: &[String]| {
        let mut line = String::new();
        for ((cell, width), right) in cells.iter().zip(&widths).zip(&is_number) {
            let gap = " ".repeat(width.saturating_sub(cell.chars().count()));
            let _ = match right {
                true => write!(line, "{gap}{cell}  "),
                false => write!(line, "{cell}{gap}  "),
            };
        }
        format!("{}\n", line.trim_end())
    };
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut text = line(&names) + &line(&rule);
    rows.iter().for_each(|row| text.push_str(&line(row)));
    let count = rows.len();
    let _ = writeln!(text, "({count} row{})", if count == 1 { "" } else { "s" });
    text
}

fn is_number(kind: &str) -> bool {
    let kinds = ["INT", "DECIMAL", "DOUBLE", "FLOAT"];
    !kind.contains('[')
        && !kind.starts_with("INTERVAL")
        && kinds.iter().any(|one| kind.contains(one))
}

/// Comma-separated lines with a line of names first.
pub fn csv(answer: &Answered) -> String {
    let cell = |text: &str| match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    };
    let names: Vec<String> = answer.columns.iter().map(|column| cell(&column.name)).collect();
    let mut text = format!("{}\n", names.join(","));
    for row in &answer.rows {
        let cells: Vec<String> =
            row.iter().map(|one| one.as_deref().map(cell).unwrap_or_default()).collect();
        let _ = writeln!(text, "{}", cells.join(","));
    }
    text
}

/// An answer for programs.
pub fn json(answer: &Answered) -> Value {
    let cell = |kind: &str, cell: &Option<String>| match cell {
        None => Value::Null,
        Some(text) if kind == "BOOLEAN" => Value::from(text == "true"),
        Some(text) => match serde_json::from_str::<Value>(text) {
            Ok(number) if is_number(kind) && number.is_number() => number,
            _ => Value::from(text.as_str()),
        },
    };
    let row = |row: &Vec<Option<String>>| {
        let cells = answer.columns.iter().zip(row);
        let object: Map<String, Value> =
            cells.map(|(column, text)| (column.name.clone(), cell(&column.kind, text))).collect();
        Value::Object(object)
    };
    let column =
        |column: &seeknal_analysis::Column| json!({ "name": column.name, "type": column.kind });
    json!({
        "columns": answer.columns.iter().map(column).collect::<Vec<_>>(),
        "rows": answer.rows.iter().map(row).collect::<Vec<_>>(),
        "cut": answer.is_cut,
    })
}

/// Rows as a page in Markdown, which says over what they are.
pub fn page(what: &str, Previewed { answered, made }: &Previewed) -> String {
    let cell = |text: &str| text.replace('|', "\\|").replace(['\n', '\r'], " ");
    let mut page = format!("# {what}\n\n");
    if !made.is_empty() {
        let made: Vec<String> = made.iter().map(|id| format!("`{id}`")).collect();
        let _ = writeln!(page, "Made for it, as written now: {}.\n", made.join(", "));
    }
    let names: Vec<String> = answered.columns.iter().map(|one| cell(&one.name)).collect();
    let _ = writeln!(page, "| {} |", names.join(" | "));
    let rules =
        answered.columns.iter().map(|one| if is_number(&one.kind) { "---:" } else { "---" });
    let _ = writeln!(page, "|{}|", rules.collect::<Vec<_>>().join("|"));
    for row in &answered.rows {
        let cells = row.iter().map(|one| one.as_deref().map_or("*NULL*".to_owned(), cell));
        let _ = writeln!(page, "| {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    let count = answered.rows.len();
    let _ = match (answered.is_cut, count) {
        (true, _) => writeln!(page, "\nThe first {count} rows."),
        (false, 1) => writeln!(page, "\n1 row in all."),
        (false, _) => writeln!(page, "\n{count} rows in all."),
    };
    page
}

/// What does not hold, a line each.
pub fn wrong(trials: &[Trial]) -> String {
    let mut text = String::new();
    for Trial { node, tried } in trials {
        match tried {
            Err(why) => drop(writeln!(text, "{node}: {why}")),
            Ok(tried) => tried.iter().filter(|one| !one.passed).for_each(|one| {
                let _ = writeln!(text, "{node}: {}", one.sentence());
            }),
        }
    }
    text
}

/// What came of each check, for programs.
pub fn trials_json(trials: &[Trial]) -> Value {
    let one = |trial: &Trial| match &trial.tried {
        Err(why) => vec![json!({ "node": trial.node.as_str(), "message": why, "passed": false })],
        Ok(tried) => tried
            .iter()
            .map(|one| {
                let mut said = one.json();
                said["node"] = trial.node.as_str().into();
                said["message"] = one.sentence().into();
                said
            })
            .collect(),
    };
    trials.iter().flat_map(one).collect()
}

/// What came of all checks, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many hold.
    pub passed: usize,
    /// How many do not and stop nothing.
    pub warned: usize,
    /// How many do not and stop what follows, and how many could not be made.
    pub failed: usize,
}

/// Counts what came of checks.
pub fn count(trials: &[Trial]) -> Count {
    let all = || trials.iter().flat_map(|trial| trial.tried.iter().flatten());
    Count {
        passed: all().filter(|one| one.passed).count(),
        warned: all().filter(|one| !one.passed && !one.is_blocking).count(),
        failed: trials.iter().map(failed).sum(),
    }
}

/// What came of checks, in a line.
pub fn summary(environment: &str, Count { passed, warned, failed }: Count) -> String {
    format!("Test summary for '{environment}': {passed} passed, {warned} warned, {failed} failed\n")
}

/// The same for programs.
pub fn count_json(environment: &str, Count { passed, warned, failed }: Count) -> Value {
    json!({
        "event": "done",
        "environment": environment,
        "passed": passed,
        "warned": warned,
        "failed": failed,
    })
}

fn failed(trial: &Trial) -> usize {
    match &trial.tried {
        Ok(tried) => tried.iter().filter(|one: &&Tried| !one.passed && one.is_blocking).count(),
        Err(_) => 1,
    }
}
