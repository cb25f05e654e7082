//! What one edit costs before anything is shown, beside its floor: reading the one file anew.
//!
//! `cargo bench --package seeknal-service --bench keystroke`
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a bench takes the time")]
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use seeknal_model::{File, Project};
use seeknal_service::load;
use std::time::{Duration, Instant};
use xtask::generate::{Size, write};

const ROUNDS: usize = 300;

fn main() {
    for nodes in [1_000, 10_000] {
        let root =
            std::env::temp_dir().join(format!("seeknal-keys-{nodes}-{}", std::process::id()));
        write(&Size { nodes, seed: 7 }, &root).unwrap();
        let mut project = load(&root, &|| false).unwrap().unwrap().project;
        let file = project.files().find(|file| file.path.contains("transforms")).unwrap().clone();
        let mut samples: [Vec<Duration>; 3] = Default::default();
        for round in 0..ROUNDS {
            // A letter in the description, and every tenth time one in a reference.
            let text = match round % 10 {
                0 => file.text.replacen("ref: ", "ref: x", 1),
                _ => file.text.replacen("description: ", &format!("description: {round} "), 1),
            };
            let begun = Instant::now();
            let read = File::read(&file.path, text.as_bytes());
            samples[0].push(begun.elapsed());
            let begun = Instant::now();
            let next: Project = project.with_file(read);
            samples[1].push(begun.elapsed());
            let begun = Instant::now();
            std::hint::black_box(next.faults());
            samples[2].push(begun.elapsed());
            project = next;
        }
        println!("{nodes} nodes, {ROUNDS} edits, µs");
        for (name, samples) in
            ["file read (floor)", "put in place", "faults"].iter().zip(&mut samples)
        {
            samples.sort();
            let of = |percent: usize| samples[(samples.len() - 1) * percent / 100].as_micros();
            println!(
                "  {name:<18} p50 {:>7}  p95 {:>7}  p99 {:>7}  max {:>7}",
                of(50),
                of(95),
                of(99),
                of(100)
            );
        }
        std::fs::remove_dir_all(&root).unwrap();
    }
}
