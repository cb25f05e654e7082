//! What reading costs for each kilobyte, beside the floor: reading and hashing the same files in the
//! same run. `cargo bench --package seeknal-syntax`.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a bench reads and measures")]
#![allow(missing_docs, clippy::unwrap_used, reason = "a bench")]

use seeknal_syntax::sql::{refs, tokens};
use seeknal_syntax::{decode, embed, yaml};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;
use xtask::generate::{Size, write};

const ROUNDS: usize = 40;

fn main() {
    let root = std::env::temp_dir().join(format!("seeknal-bench-{}", std::process::id()));
    write(&Size { nodes: 1000, seed: 1 }, &root).unwrap();
    let mut files = Vec::new();
    collect(&root.join("seeknal"), &mut files);
    let bytes: u64 = files.iter().map(|file| file.metadata().unwrap().len()).sum();
    let kilobytes = bytes as f64 / 1024.0;
    println!("{} files, {kilobytes:.0} KB, {ROUNDS} rounds; microseconds for each KB", files.len());
    println!("{:<28} {:>8} {:>8} {:>8} {:>8}", "", "p50", "p95", "p99", "max");
    let floor = measure("floor: read and BLAKE3", kilobytes, || files.iter().for_each(|f| hash(f)));
    let tree = measure("YAML tree with problems", kilobytes, || files.iter().for_each(|f| tree(f)));
    let all =
        measure("and SQL map, tokens, refs", kilobytes, || files.iter().for_each(|f| full(f)));
    println!("ratio to the floor: tree {:.1}, all {:.1}", tree / floor, all / floor);
    std::fs::remove_dir_all(&root).unwrap();
}

fn hash(file: &Path) {
    black_box(blake3::hash(&std::fs::read(file).unwrap()));
}

fn tree(file: &Path) {
    let decoded = decode(&std::fs::read(file).unwrap());
    black_box(yaml::parse(&decoded.text));
}

fn full(file: &Path) {
    let decoded = decode(&std::fs::read(file).unwrap());
    let tree = yaml::parse(&decoded.text);
    let root = tree.documents[0].root.as_ref().unwrap();
    for entry in root.entries().unwrap() {
        let key = entry.key.scalar().map(|scalar| scalar.text.as_str());
        if key == Some("transform") {
            let sql = embed::embedded(&decoded.text, &entry.value).unwrap();
            black_box((tokens(&sql.text), refs(&sql.text)));
        }
    }
    black_box(tree);
}

/// Keeps every sample and prints its percentiles; the median is what ratios are made of.
fn measure(name: &str, kilobytes: f64, mut work: impl FnMut()) -> f64 {
    work();
    let mut samples: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1e6 / kilobytes
        })
        .collect();
    samples.sort_by(f64::total_cmp);
    let at = |share: f64| samples[((samples.len() - 1) as f64 * share).round() as usize];
    let (p50, p95, p99, max) = (at(0.5), at(0.95), at(0.99), at(1.0));
    println!("{name:<28} {p50:>8.1} {p95:>8.1} {p99:>8.1} {max:>8.1}");
    p50
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match path.is_dir() {
            true => collect(&path, found),
            false => found.push(path),
        }
    }
}
