//! What carrying a project out costs beside its floor: one DuckDB that runs the same SQL, writes each node in the
//! same way and reads it back, and flushes nothing. Both are measured in the same run, in turns.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    reason = "a bench runs the program"
)]

use seeknal_runner::Session;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use xtask::generate::{Size, project};

/// How often each is measured.
const TURNS: usize = 3;

fn main() {
    let base = std::env::temp_dir().join(format!("seeknal-bench-run-{}", std::process::id()));
    for nodes in [100, 1_000] {
        full(&base, nodes);
    }
    leaf(&base);
    let _ = fs::remove_dir_all(&base);
}

/// Writes a made-up project of kinds that can be built.
fn written(folder: &Path, nodes: usize) {
    let _ = fs::remove_dir_all(folder);
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
    let folder = base.join("full");
    written(&folder, nodes);
    let mut took: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    // Once for what is kept of how queries are read.
    timed(&folder, &["run", "-q", "--parallel", "1"]);
    for _ in 0..TURNS {
        let mut add = |name, time| took.entry(name).or_default().push(time);
        add("floor, 1 thread", floor(&folder, &fresh(base), (nodes, 1)));
        for (name, lanes) in [("run --parallel 1", "1"), ("run --parallel 2", "2")] {
            let aside = fresh(base);
            fs::create_dir_all(&aside).unwrap();
            for one in [".seeknal", "target", "exports"] {
                let _ = fs::rename(folder.join(one), aside.join(one));
            }
            add(name, timed(&folder, &["run", "-q", "--parallel", lanes]));
        }
        add("floor, 2 threads", floor(&folder, &fresh(base), (nodes, 2)));
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

fn timed(folder: &Path, args: &[&str]) -> Duration {
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

/// The same SQL in one DuckDB.
fn floor(folder: &Path, out: &Path, (nodes, threads): (usize, usize)) -> Duration {
    let queries = queries(folder, nodes);
    // How a node is written depends on its columns, which somebody knows already when it is.
    let mut columns = Vec::new();
    carried_out(&queries, &out.join("before"), threads, &mut |session, query, file| {
        columns.push(session.columns(query).unwrap());
        session.write(query, file).unwrap();
    });
    let mut columns = columns.into_iter();
    let begun = Instant::now();
    carried_out(&queries, &out.join("now"), threads, &mut |session, query, file| {
        session.write_known(query, columns.next().unwrap(), file).unwrap();
    });
    begun.elapsed()
}

fn carried_out(
    queries: &[(String, String)],
    out: &Path,
    threads: usize,
    write: &mut dyn FnMut(&Session, &str, &Path),
) {
    fs::create_dir_all(out).unwrap();
    let session = Session::open().unwrap();
    session.execute(&format!("SET threads = {threads}")).unwrap();
    for (name, query) in queries {
        let file: PathBuf = out.join(format!("{name}.parquet"));
        write(&session, query, &file);
        let view =
            format!("CREATE VIEW {name} AS SELECT * FROM read_parquet('{}')", file.display());
        session.execute(&view).unwrap();
    }
}

fn queries(folder: &Path, nodes: usize) -> Vec<(String, String)> {
    let mut queries = Vec::new();
    for file in project(&Size { nodes, seed: 7 }) {
        let Some((kind, _)) =
            file.path.strip_prefix("seeknal/").and_then(|one| one.split_once('/'))
        else {
            continue;
        };
        if !["sources", "transforms"].contains(&kind) {
            continue;
        }
        let text: serde_yaml::Value = serde_yaml::from_str(&file.text).unwrap();
        let said = |key: &str| text[key].as_str().unwrap().to_owned();
        let name = format!("{}_{}", said("kind"), said("name"));
        let query = match kind {
            "sources" => {
                let data = folder.join(said("table"));
                format!("SELECT * FROM read_csv('{}', header = true)", data.display())
            }
            _ => text["inputs"].as_sequence().unwrap().iter().fold(
                said("transform"),
                |query, one| {
                    let id = one["ref"].as_str().unwrap();
                    query.replace(&format!("ref('{id}')"), &id.replacen('.', "_", 1))
                },
            ),
        };
        queries.push((name, query));
    }
    queries
}
