//! Jobs, limits and what comes of jobs, as both sides write and read them.

use seeknal_analysis::Column;
use seeknal_plan::engine::{Done, Format, Input, Job, Limits, Size, Temporary};
use serde_json::{Value, json};
use std::path::PathBuf;

/// A job for the process that does it.
pub fn job_json(job: &Job) -> Value {
    match job {
        Job::Read { size, query, yields, out } => {
            json!({ "do": "read", "large": is_large(*size), "query": query, "yields": yields, "out": out })
        }
        Job::Build { size, inputs, before, query, yields, is_sure, out } => {
            let (large, before) = (is_large(*size), before_json(before));
            json!({ "do": "build", "large": large, "inputs": inputs_json(inputs), "before": before, "query": query, "yields": yields, "sure": is_sure, "out": out })
        }
        Job::Rows { size, inputs, before, query, most, is_typed } => {
            let (large, before) = (is_large(*size), before_json(before));
            json!({ "do": "rows", "large": large, "inputs": inputs_json(inputs), "before": before, "query": query, "most": most, "typed": is_typed })
        }
        Job::Export { files, format, out } => {
            json!({ "do": "export", "files": files, "format": format_word(*format), "out": out })
        }
    }
}

fn is_large(size: Size) -> bool {
    size == Size::Large
}

fn inputs_json(inputs: &[Input]) -> Vec<Value> {
    inputs.iter().map(|one| json!([one.schema, one.name, one.files])).collect()
}

fn before_json(before: &[Temporary]) -> Vec<Value> {
    before.iter().map(|one| json!([one.name, one.query, one.is_view])).collect()
}

fn format_word(format: Format) -> &'static str {
    match format {
        Format::Csv => "csv",
        Format::Parquet => "parquet",
        Format::Json => "json",
        Format::Jsonl => "jsonl",
    }
}

/// The job that was said, if it is one.
pub fn read_job(value: &Value) -> Option<Job> {
    let text = |key: &str| Some(value[key].as_str()?.to_owned());
    let out = || Some(PathBuf::from(value["out"].as_str()?));
    let yields = || serde_json::from_value::<Option<Vec<Column>>>(value["yields"].clone()).ok();
    let inputs = || -> Option<Vec<Input>> {
        let input = |one: &Value| {
            let schema = one[0].as_str().map(str::to_owned);
            Some(Input { schema, name: one[1].as_str()?.to_owned(), files: paths(&one[2])? })
        };
        value["inputs"].as_array()?.iter().map(input).collect()
    };
    let size = if value["large"] == json!(true) { Size::Large } else { Size::Small };
    Some(match value["do"].as_str()? {
        "read" => Job::Read { size, query: text("query")?, yields: yields()?, out: out()? },
        "build" => {
            let (inputs, before) = (inputs()?, read_before(value)?);
            let (query, yields) = (text("query")?, yields()?);
            let is_sure = value["sure"] == json!(true);
            Job::Build { size, inputs, before, query, yields, is_sure, out: out()? }
        }
        "rows" => {
            let most = usize::try_from(value["most"].as_u64()?).ok()?;
            let (inputs, before) = (inputs()?, read_before(value)?);
            let is_typed = value["typed"] == json!(true);
            Job::Rows { size, inputs, before, query: text("query")?, most, is_typed }
        }
        "export" => {
            let all = [Format::Csv, Format::Parquet, Format::Json, Format::Jsonl];
            let word = value["format"].as_str()?;
            let format = all.into_iter().find(|one| format_word(*one) == word)?;
            Job::Export { files: paths(&value["files"])?, format, out: out()? }
        }
        _ => return None,
    })
}

fn read_before(value: &Value) -> Option<Vec<Temporary>> {
    let made = |one: &Value| {
        let text = |at: usize| Some(one[at].as_str()?.to_owned());
        let is_view = one[2].as_bool()?;
        Some(Temporary { name: text(0)?, query: text(1)?, is_view })
    };
    value["before"].as_array()?.iter().map(made).collect()
}

fn paths(value: &Value) -> Option<Vec<PathBuf>> {
    value.as_array()?.iter().map(|one| Some(PathBuf::from(one.as_str()?))).collect()
}

/// What a lane may take, for the process behind it.
pub fn limits_json(limits: &Limits) -> Value {
    json!({
        "threads": limits.threads,
        "memory": limits.memory,
        "spill": limits.spill,
        "files": limits.files,
        "folders": limits.folders,
    })
}

/// The limits that were said.
pub fn read_limits(value: &Value) -> Option<Limits> {
    Some(Limits {
        threads: usize::try_from(value["threads"].as_u64()?).ok()?,
        memory: value["memory"].as_u64(),
        spill: PathBuf::from(value["spill"].as_str()?),
        files: paths(&value["files"])?,
        folders: paths(&value["folders"])?,
    })
}

/// What came of a job, for whoever asked for it.
pub fn done_json(done: &Done) -> Value {
    json!({ "done": { "rows": done.rows, "columns": done.columns, "cells": done.cells } })
}

/// What came of a job, if that is what was said.
pub fn read_done(value: &Value) -> Option<Done> {
    let done = value.get("done")?;
    let columns: Vec<Column> = serde_json::from_value(done["columns"].clone()).ok()?;
    let cells = serde_json::from_value(done["cells"].clone()).ok()?;
    Some(Done { rows: done["rows"].as_u64()?, columns, cells })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_what_was_said() {
        let input = |schema: Option<&str>| Input {
            schema: schema.map(str::to_owned),
            name: "a \"b\"".into(),
            files: vec!["/x/é.parquet".into()],
        };
        let made = Temporary { name: "t".into(), query: "SELECT 1".into(), is_view: true };
        let made = || made.clone();
        let yields = || Some(vec![Column { name: "a".into(), kind: "DATE".into() }]);
        for job in [
            Job::Read { size: Size::Large, query: "q".into(), yields: yields(), out: "/o".into() },
            Job::Build {
                size: Size::Small,
                inputs: vec![input(None), input(Some("s"))],
                before: vec![made()],
                query: "q".into(),
                yields: None,
                is_sure: true,
                out: "/o".into(),
            },
            Job::Rows {
                size: Size::Large,
                inputs: vec![input(None)],
                before: vec![made()],
                query: "q".into(),
                most: 7,
                is_typed: true,
            },
            Job::Export { files: vec!["/f".into()], format: Format::Jsonl, out: "/o".into() },
        ] {
            assert_eq!(read_job(&job_json(&job)), Some(job));
        }
        let limits = Limits {
            threads: 2,
            memory: Some(1 << 20),
            spill: "/s".into(),
            files: vec!["/f".into()],
            folders: vec![],
        };
        assert_eq!(read_limits(&limits_json(&limits)), Some(limits));
    }
}
