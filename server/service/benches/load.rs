//! What `check` costs beside its floor: every file read and hashed, and nothing understood.
//!
//! `cargo bench --package seeknal-service --bench load`
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a bench takes the time")]
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use seeknal_service::load;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use xtask::generate::{Size, write};

const ROUNDS: usize = 15;

fn main() {
    for nodes in [1_000, 10_000] {
        let root =
            std::env::temp_dir().join(format!("seeknal-load-{nodes}-{}", std::process::id()));
        write(&Size { nodes, seed: 7 }, &root).unwrap();
        let (mut floor, mut whole, mut ratio) = (Vec::new(), Vec::new(), Vec::new());
        let mut found = (0, 0);
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let files = hashed(&root.join("seeknal"));
            let least = begun.elapsed();
            let begun = Instant::now();
            let loaded = load(&root, &|| false).unwrap().unwrap();
            let faults = loaded.project.faults().len();
            let spent = begun.elapsed();
            found = (files, faults);
            floor.push(least);
            whole.push(spent);
            ratio.push(spent.as_secs_f64() / least.as_secs_f64());
        }
        ratio.sort_by(f64::total_cmp);
        println!("{nodes} nodes, {} files, {} faults, {ROUNDS} rounds", found.0, found.1);
        println!("  read and hashed   {}", shown(&mut floor));
        println!("  loaded, checked   {}", shown(&mut whole));
        println!("  times the floor   p50 {:.1}  p95 {:.1}", at(&ratio, 50), at(&ratio, 95));
        std::fs::remove_dir_all(&root).unwrap();
    }
}

fn hashed(folder: &Path) -> usize {
    let mut files = 0;
    let mut waiting: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                waiting.push(entry.path());
            } else {
                std::hint::black_box(blake3::hash(&std::fs::read(entry.path()).unwrap()));
                files += 1;
            }
        }
    }
    files
}

fn shown(samples: &mut [Duration]) -> String {
    samples.sort();
    let of = |percent| at(samples, percent).as_secs_f64() * 1e3;
    format!("p50 {:.0} ms  p95 {:.0}  p99 {:.0}  max {:.0}", of(50), of(95), of(99), of(100))
}

fn at<T: Copy>(sorted: &[T], percent: usize) -> T {
    sorted[(sorted.len() - 1) * percent / 100]
}
