//! What carrying a project out costs beside its floor: one process of DuckDB that runs the same SQL, checks and files
//! for others with it, writes each node in the same way and reads it back, and flushes nothing. It is told the columns of
//! every node, and begins with its first query. Both are measured in the same run, in turns.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    reason = "a bench runs the program"
)]

use seeknal_analysis::Column;
use seeknal_analysis::checks::checks;
use seeknal_model::Project;
use seeknal_runner::Session;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use xtask::generate::{Size, project};

/// How often each is measured.
const TURNS: usize = 5;

fn main() {
    if let Some(steps) = std::env::args().skip_while(|one| one != "floor").nth(1) {
        return carry_out(Path::new(&steps));
    }
    let base = std::env::temp_dir().join(format!("seeknal-bench-run-{}", std::process::id()));
    for nodes in [100, 1_000] {
        full(&base, nodes);
    }
    leaf(&base);
    let _ = fs::remove_dir_all(&base);
}

/// Writes a made-up project of kinds that can be built.
fn written(folder: &Path, nodes: usize) {
    for file in project(&Size { nodes, seed: 7 }) {
        if ["/feature_groups/", "/aggregations/"].iter().any(|one| file.path.contains(one)) {
            continue;
        }
        let path = folder.join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file.text).unwrap();
    }
}

fn full(base: &Path, nodes: usize) {
    let folder = base.join(format!("full-{nodes}"));
    written(&folder, nodes);
    let mut took: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    // Once for what is kept of how queries are read.
    timed(&folder, &["run", "-q", "--parallel", "1"]);
    for _ in 0..TURNS {
        let mut add = |name, time| took.entry(name).or_default().push(time);
        add("floor, 1 thread", floor(&steps(&folder, nodes), &fresh(base), 1));
        for (name, lanes) in [("run --parallel 1", "1"), ("run --parallel 2", "2")] {
            let aside = fresh(base);
            fs::create_dir_all(&aside).unwrap();
            for one in [".seeknal", "target", "exports"] {
                let _ = fs::rename(folder.join(one), aside.join(one));
            }
            add(name, timed(&folder, &["run", "-q", "--parallel", lanes]));
        }
        add("floor, 2 threads", floor(&steps(&folder, nodes), &fresh(base), 2));
    }
    let size: u64 = fs::read_dir(folder.join("data"))
        .unwrap()
        .flatten()
        .map(|one| one.metadata().unwrap().len())
        .sum();
    println!("{nodes} nodes over {} kB of data, milliseconds", size / 1024);
    said(&took);
}

/// A place where nothing was before. To make files where many were removed a moment ago takes much longer.
fn fresh(base: &Path) -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    base.join(format!("fresh-{}", NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// One leaf is changed, planned and applied: what that costs beside its own query.
fn leaf(base: &Path) {
    let folder = base.join("leaf");
    written(&folder, 1_000);
    timed(&folder, &["run", "-q"]);
    let leaf = folder.join("seeknal/transforms/leaf.yml");
    let mut took: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    for turn in 0..TURNS {
        let text = format!(
            "kind: transform\nname: leaf\ntransform: SELECT {turn} AS x, count(*) AS n FROM range(1000)\n"
        );
        fs::write(&leaf, text).unwrap();
        let mut add = |name, time| took.entry(name).or_default().push(time);
        let own = format!("SELECT {turn} AS x, count(*) AS n FROM range(1000)");
        let own = [Step::Write { name: "transform_leaf".to_owned(), query: own }];
        add("floor of the leaf", floor(&own, &fresh(base), 1));
        add("plan dev", timed(&folder, &["plan", "dev"]));
        add("apply dev, one leaf", timed(&folder, &["apply", "dev", "-q"]));
        add("promote dev", timed(&folder, &["promote", "dev", "--yes", "-q"]));
        add("run, nothing to do", timed(&folder, &["run", "-q"]));
        add("rollback", timed(&folder, &["rollback", "--yes", "-q"]));
        add("rollback to the last", timed(&folder, &["rollback", "--yes", "-q"]));
    }
    println!("one leaf of 1,000 nodes, milliseconds");
    said(&took);
}

fn said(took: &BTreeMap<&str, Vec<Duration>>) {
    for (name, times) in took {
        let mut all: Vec<f64> = times.iter().map(|one| one.as_secs_f64() * 1000.0).collect();
        all.sort_by(f64::total_cmp);
        println!("  {name:<24} p50 {:>8.1}  max {:>8.1}", all[all.len() / 2], all[all.len() - 1]);
    }
}

/// What one leaves to be written to the disk is not for the next to wait for.
fn settle() {
    let _ = Command::new("sync").status();
}

fn timed(folder: &Path, args: &[&str]) -> Duration {
    settle();
    let begun = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_seeknal-lsp"))
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    begun.elapsed()
}

/// What a project asks of DuckDB.
enum Step {
    /// A node, which later steps read by its name.
    Write { name: String, query: String },
    /// A check.
    Ask { query: String },
    /// A file for others.
    Export { from: String, file: String },
}

/// A process that does these steps, after one that found out the columns and warmed the disk.
fn floor(steps: &[Step], out: &Path, threads: usize) -> Duration {
    let aside = out.join("before");
    fs::create_dir_all(&aside).unwrap();
    let session = Session::open().unwrap();
    let told = steps.iter().map(|step| match step {
        Step::Write { name, query } => {
            let columns = session.columns(query).unwrap();
            let view = |folder: &Path| {
                let file = folder.join(format!("{name}.parquet"));
                let view = format!("CREATE VIEW {name} AS SELECT * FROM read_parquet('{}')", file.display());
                (file, view)
            };
            let (file, made) = view(&aside);
            session.write_known(query, columns.clone(), &file).unwrap();
            session.execute(&made).unwrap();
            let (file, view) = view(out);
            json!({ "query": query, "columns": columns, "file": file, "view": view })
        }
        Step::Ask { query } => json!({ "execute": query }),
        Step::Export { from, file } => {
            let file = out.join(file);
            json!({ "execute": format!("COPY (SELECT * FROM {from}) TO '{}' (FORMAT csv, HEADER)", file.display()) })
        }
    });
    let told = json!({ "threads": threads, "steps": told.collect::<Vec<_>>() });
    let path = out.join("steps.json");
    fs::write(&path, told.to_string()).unwrap();
    settle();
    let begun = Instant::now();
    let itself = std::env::current_exe().unwrap();
    let output = Command::new(itself).arg("floor").arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    begun.elapsed()
}

/// What the process does.
fn carry_out(steps: &Path) {
    let told: Value = serde_json::from_slice(&fs::read(steps).unwrap()).unwrap();
    let session = Session::open().unwrap();
    session.execute(&format!("SET threads = {}", told["threads"])).unwrap();
    for step in told["steps"].as_array().unwrap() {
        let said = |key: &str| step[key].as_str().unwrap();
        if let Some(statement) = step["execute"].as_str() {
            session.execute(statement).unwrap();
            continue;
        }
        let columns: Vec<Column> = serde_json::from_value(step["columns"].clone()).unwrap();
        session.write_known(said("query"), columns, Path::new(said("file"))).unwrap();
        session.execute(said("view")).unwrap();
    }
}

fn steps(folder: &Path, nodes: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    for file in project(&Size { nodes, seed: 7 }) {
        let Some((kind, _)) =
            file.path.strip_prefix("seeknal/").and_then(|one| one.split_once('/'))
        else {
            continue;
        };
        let text: serde_yaml::Value = serde_yaml::from_str(&file.text).unwrap();
        let said = |key: &str| text[key].as_str().unwrap().to_owned();
        let inputs = text["inputs"].as_sequence().into_iter().flatten();
        let inputs: Vec<&str> = inputs.map(|one| one["ref"].as_str().unwrap()).collect();
        let table = |id: &str| id.replacen('.', "_", 1);
        match kind {
            "sources" => {
                let data = folder.join(said("table"));
                let query = format!("SELECT * FROM read_csv('{}', header = true)", data.display());
                steps.push(Step::Write { name: format!("source_{}", said("name")), query });
            }
            "transforms" => {
                let query = inputs.iter().fold(said("transform"), |query, id| {
                    query.replace(&format!("ref('{id}')"), &table(id))
                });
                steps.push(Step::Write { name: format!("transform_{}", said("name")), query });
            }
            "rules" => {
                let file = seeknal_model::File::read(&file.path, file.text.as_bytes());
                let project = Project::new([file]);
                for check in project.declared().flat_map(|node| checks(node).unwrap()) {
                    let query = check.query.replace("input_data", &table(inputs[0]));
                    steps.push(Step::Ask { query });
                }
            }
            "exposures" => {
                let file = format!("{}.csv", said("name"));
                steps.push(Step::Export { from: table(inputs[0]), file });
            }
            _ => {}
        }
    }
    steps
}
