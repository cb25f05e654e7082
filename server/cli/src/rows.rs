//! `query` and `test`: looking at what an environment shows.

use crate::exit::Exit;
use crate::options::{Format, RowsFormat, WorkArguments};
use crate::render;
use crate::work::{site, with_crew};
use seeknal_service::Tried;
use seeknal_service::carry::{self, Answered, Trial};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::path::Path;

pub(crate) fn query(
    project: &Path,
    (environment, sql): (&str, &str),
    (most, format): (usize, RowsFormat),
) -> Exit {
    let work = WorkArguments::quiet(project);
    let asked = || -> Result<Exit, Exit> {
        let site = site(project, "query")?;
        let answer = with_crew(&work, |crew| carry::answer(&site, (environment, sql), most, crew))?;
        render::out(&match format {
            RowsFormat::Text => table(&answer),
            RowsFormat::Csv => csv(&answer),
            RowsFormat::Json => format!("{:#}\n", json(&answer)),
        });
        if answer.is_cut {
            render::err(&format!("Only the first {most} rows are shown; `--limit` takes more.\n"));
        }
        Ok(Exit::Done)
    };
    asked().unwrap_or_else(|exit| exit)
}

/// A table whose columns are as wide as what stands in them.
fn table(answer: &Answered) -> String {
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

fn csv(answer: &Answered) -> String {
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

fn json(answer: &Answered) -> Value {
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

pub(crate) fn test(environment: &str, work: &WorkArguments) -> Exit {
    let tested = || -> Result<Exit, Exit> {
        let site = site(&work.project, "test")?;
        let trials = with_crew(work, |crew| carry::test(&site, environment, crew))?;
        let all = || trials.iter().flat_map(|trial| trial.tried.iter().flatten());
        let passed = all().filter(|one| one.passed).count();
        let warned = all().filter(|one| !one.passed && !one.is_blocking).count();
        let errors = trials.iter().map(failed).sum::<usize>();
        if work.format == Format::Json {
            let said = json!({
                "event": "done",
                "environment": environment,
                "passed": passed,
                "warned": warned,
                "failed": errors,
            });
            render::out(&format!("{said}\n"));
        } else {
            for trial in &trials {
                if let Err(why) = &trial.tried {
                    render::out(&format!("  ERROR   {} {why}\n", trial.node));
                }
            }
            if !work.quiet {
                render::out(&format!(
                    "Test summary for '{environment}': {passed} passed, {warned} warned, {errors} failed\n"
                ));
            }
        }
        Ok(if errors > 0 { Exit::Found } else { Exit::Done })
    };
    tested().unwrap_or_else(|exit| exit)
}

fn failed(trial: &Trial) -> usize {
    match &trial.tried {
        Ok(tried) => tried.iter().filter(|one: &&Tried| !one.passed && one.is_blocking).count(),
        Err(_) => 1,
    }
}
