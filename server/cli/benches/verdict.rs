//! What an edit costs until its verdict is there, in the middle of a project and at the source that most nodes hang
//! from, beside reading and hashing the project's files.
//!
//! `cargo bench --package seeknal-cli --bench verdict`
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a bench takes the time")]
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use seeknal_analysis::changes::{Side, changes};
use seeknal_analysis::identity::{Identities, identities};
use seeknal_analysis::{
    Asking, Column, FileReader, Memo, Schemas, data_file, schemas, source_columns,
};
use seeknal_model::{File, Project, Surroundings, Variables};
use seeknal_service::load;
use seeknal_workers::{Program, Workers};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use xtask::generate::{Size, write};

/// The allocator of the program itself, which matters as much as anything.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 100;

fn main() {
    for nodes in [1_000, 10_000] {
        let root =
            std::env::temp_dir().join(format!("seeknal-verdict-{nodes}-{}", std::process::id()));
        write(&Size { nodes, seed: 7 }, &root).unwrap();
        measure(nodes, &root);
        std::fs::remove_dir_all(&root).unwrap();
    }
}

fn measure(nodes: usize, root: &Path) {
    let project = load(root, &|| false).unwrap().unwrap().project;
    let path = PathBuf::from(env!("CARGO_BIN_EXE_seeknal-worker"));
    let binder = Memo::new(Workers::new(Program { path, arguments: vec!["worker".into()] }, 2));
    let known = sources(root, &project, &binder);
    let (overrides, variables) = (BTreeMap::new(), Variables::default());
    let today = "2024-03-31".parse().unwrap();
    let around = Surroundings { overrides: &overrides, variables: &variables, today };
    let of = source_columns(&project, |node| known.get(node.id.as_str()).cloned());
    let asking =
        Asking { around: &around, sources: &of, binder: &binder, stop: &|| false, lanes: 2 };
    let begun = Instant::now();
    let before = schemas(&project, asking, &Schemas::default());
    let meant = identities(&project, &before, asking, &Identities::of_edits());
    println!("{nodes} nodes: the first time {} ms", begun.elapsed().as_millis());
    let mut floor: Vec<Duration> = Vec::new();
    for _ in 0..10 {
        let begun = Instant::now();
        for file in project.files() {
            let bytes = std::fs::read(root.join(&*file.path)).unwrap();
            std::hint::black_box(blake3::hash(&bytes));
        }
        floor.push(begun.elapsed());
    }
    told("hash all files (floor)", &mut floor);
    let old = Side { project: &project, schemas: &before, identities: &meant };
    let middle = middle(&project);
    edited("in the middle", old, asking, |round| {
        let more = format!("SELECT {round} AS added_{round},");
        File::read(&middle.path, middle.text.replacen("SELECT", &more, 1).as_bytes())
    });
    let hub = hub(&project);
    edited("at a source", old, asking, |round| {
        File::read(&hub.path, format!("{}  skip: {round}\n", hub.text).as_bytes())
    });
}

/// Edits a file again and again, and takes the time of each step until the verdict is there.
fn edited(place: &str, old: Side<'_>, asking: Asking<'_>, edit: impl Fn(usize) -> File) {
    let mut samples: [Vec<Duration>; 4] = Default::default();
    let (mut steps, mut looked_at, mut replayed) = (0, 0, 0);
    for round in 0..ROUNDS {
        let file = edit(round);
        let begun = Instant::now();
        let next = old.project.with_file(file);
        let found = schemas(&next, asking, old.schemas);
        samples[0].push(begun.elapsed());
        let then = Instant::now();
        let means = identities(&next, &found, asking, old.identities);
        samples[1].push(then.elapsed());
        let then = Instant::now();
        let new = Side { project: &next, schemas: &found, identities: &means };
        steps = changes(old, new, asking.lanes).steps.len();
        samples[2].push(then.elapsed());
        samples[3].push(begun.elapsed());
        (looked_at, replayed) = (means.computed(), means.replayed());
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    println!(
        "{place}: {steps} nodes reached, {looked_at} looked at anew, {replayed} of them hashed only; {memory}"
    );
    let names = ["names and types", "identities", "categories, steps", "all of it"];
    for (name, samples) in names.iter().zip(&mut samples) {
        told(name, samples);
    }
}

fn told(name: &str, samples: &mut [Duration]) {
    samples.sort();
    let of = |percent: usize| samples[(samples.len() - 1) * percent / 100].as_micros();
    let (p50, p95, p99, max) = (of(50), of(95), of(99), of(100));
    println!("  {name:<24} p50 {p50:>7}  p95 {p95:>7}  p99 {p99:>7}  max {max:>7} µs");
}

/// The source that most nodes hang from.
fn hub(project: &Project) -> Arc<File> {
    let graph = project.graph();
    let sources = graph.sources().values();
    let most = sources.max_by_key(|node| graph.behind([&node.id]).len()).unwrap();
    project.file(&most.path).unwrap().clone()
}

/// A transform in the middle of the project's order whose query can be looked into.
fn middle(project: &Project) -> Arc<File> {
    let order = project.graph().order();
    let nodes = order.iter().skip(order.len() / 2).filter_map(|id| project.node(id));
    let files = nodes.filter(|node| node.kind.name == "transform").filter_map(|node| {
        let plain = node.sql.as_ref().is_some_and(|sql| {
            let sql = sql.text.text.trim();
            sql.starts_with("SELECT") && !sql.contains("GROUP BY") && !sql.contains("UNION")
        });
        let file = project.file(&node.path)?;
        let reads = project.graph().readers(&node.id).len();
        (plain && reads > 0).then(|| file.clone())
    });
    files.into_iter().next().unwrap()
}

fn sources(
    root: &Path,
    project: &Project,
    reader: &dyn FileReader,
) -> HashMap<String, Arc<[Column]>> {
    let mut files = Vec::new();
    let mut ids = Vec::new();
    for node in project.declared().filter(|node| node.kind.name == "source") {
        let Some(file) = data_file(node) else { continue };
        let path = root.join(&file.path).canonicalize().unwrap();
        files.push((path.clone(), file.query(path.to_str().unwrap())));
        ids.push(node.id.as_str().to_owned());
    }
    let columns = reader.columns(&files).into_iter();
    ids.into_iter().zip(columns).filter_map(|(id, one)| Some((id, one?.into()))).collect()
}
