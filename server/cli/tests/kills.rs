//! The plug pulled: applying and promoting are killed at random moments while another process reads production,
//! and several do it at once. Whoever resolves production once reads one state of it, always.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test runs the program"
)]

mod helpers;

use helpers::program::run;
use helpers::repository::Folder;
use seeknal_runner::Session;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// How often the plug is pulled; `SEEKNAL_MORE` does it as often as it was ever done.
fn rounds(few: usize, many: usize) -> usize {
    if std::env::var_os("SEEKNAL_MORE").is_some() { many } else { few }
}

fn start(folder: &Path, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_seeknal-lsp"))
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Three nodes that all say which state of the project they are of.
fn write_state(folder: &Path, number: usize) {
    let nodes = [
        ("first", "inputs: []\n", format!("SELECT {number} AS state")),
        (
            "second",
            "inputs:\n  - ref: transform.first\n",
            "SELECT state, state * 1 AS same FROM ref('transform.first')".to_owned(),
        ),
        (
            "third",
            "inputs:\n  - ref: transform.second\n",
            format!("SELECT state, {number} AS own FROM ref('transform.second')"),
        ),
    ];
    for (name, inputs, sql) in nodes {
        let text = format!("kind: transform\nname: {name}\n{inputs}transform: {sql}\n");
        fs::write(folder.join(format!("seeknal/transforms/{name}.yml")), text).unwrap();
    }
}

/// An empty project with the three nodes.
fn project() -> (Folder, std::path::PathBuf) {
    let (folder, shop) = Folder::with_shop("");
    fs::remove_dir_all(shop.join("seeknal")).unwrap();
    fs::create_dir_all(shop.join("seeknal/transforms")).unwrap();
    write_state(&shop, 0);
    (folder, shop)
}

/// The state that production is of, resolved once; all three nodes must say the same.
fn read(session: &Session, folder: &Path) -> Option<String> {
    let here = folder.join("target/intermediate").canonicalize().ok()?;
    let node = |name: &str| format!("'{}/transform_{name}.parquet'", here.display());
    let text = session
        .text(&format!(
            "SELECT concat(f.state, ' ', s.state, ' ', s.same, ' ', t.state, ' ', t.own) FROM {} f, {} s, {} t",
            node("first"),
            node("second"),
            node("third")
        ))
        .unwrap();
    let all: Vec<&str> = text.split(' ').collect();
    assert!(all.iter().all(|one| *one == all[0]), "production is of several states: {text}");
    Some(all[0].to_owned())
}

/// Reads production again and again until it is told to end, and gives how often.
fn reader(folder: &Path, is_done: &AtomicBool) -> usize {
    let session = Session::open().unwrap();
    let mut reads = 0;
    while !is_done.load(Ordering::SeqCst) {
        reads += usize::from(read(&session, folder).is_some());
    }
    reads
}

/// Tells the reader to end, also where a test breaks off.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A number that is another each time, from a seed.
fn next(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

#[test]
fn production_is_of_one_state_whenever_the_plug_is_pulled() {
    let (_folder, shop) = project();
    assert_eq!(run(&shop, &["run", "-q"]).0, 0);
    let is_done = AtomicBool::new(false);
    let (mut killed, mut seed) = ([0, 0], 0x9e37_79b9_7f4a_7c15);
    let rounds = rounds(30, 600);
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| reader(&shop, &is_done));
        let ends = Ends(&is_done);
        for number in 1..=rounds {
            write_state(&shop, number);
            assert_eq!(run(&shop, &["plan", "dev"]).0, 0);
            // How long each takes as a rule, in microseconds.
            let commands = [
                (&["apply", "dev", "-q"][..], 180_000),
                (&["promote", "dev", "--yes", "-q"], 12_000),
            ];
            for (place, (args, most)) in commands.into_iter().enumerate() {
                let mut child = start(&shop, args);
                std::thread::sleep(Duration::from_micros(next(&mut seed) % most));
                let is_over = child.try_wait().unwrap().is_some();
                child.kill().unwrap();
                child.wait().unwrap();
                killed[place] += usize::from(!is_over);
                // Whatever was left undone, the next one does it.
                let (code, out, err) = run(&shop, args);
                assert_eq!(code, 0, "round {number}, {args:?}: {out}{err}");
            }
            let session = Session::open().unwrap();
            assert_eq!(read(&session, &shop), Some(number.to_string()));
            if number % 20 == 0 {
                let (code, out, _) = run(&shop, &["verify"]);
                assert_eq!((code, out.as_str()), (0, "Everything is as it was written.\n"));
            }
        }
        drop(ends);
        let reads = reading.join().unwrap();
        println!(
            "{rounds} rounds; killed while applying {}, while promoting {}; {reads} reads",
            killed[0], killed[1]
        );
        assert!(reads > rounds, "{reads}");
    });
    assert!(killed[0] > rounds / 4 && killed[1] > rounds / 4, "{killed:?}");
}

#[test]
fn several_at_once_leave_production_of_one_state() {
    let (_folder, shop) = project();
    assert_eq!(run(&shop, &["run", "-q"]).0, 0);
    let is_done = AtomicBool::new(false);
    let promoted = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| reader(&shop, &is_done));
        let ends = Ends(&is_done);
        for number in 1..=rounds(6, 60) {
            write_state(&shop, number);
            assert_eq!(run(&shop, &["plan", "dev"]).0, 0);
            let both = [
                &["apply", "dev", "-q"][..],
                &["apply", "dev", "-q"],
                &["promote", "dev", "--yes", "-q"],
            ];
            let mut all: Vec<Child> = both.iter().map(|args| start(&shop, args)).collect();
            let codes: Vec<i32> =
                all.iter_mut().map(|child| child.wait().unwrap().code().unwrap()).collect();
            // One applies; the other does too, or is told that somebody was first. A promoter that comes too
            // early is refused.
            assert!(codes[..2].contains(&0), "{codes:?}");
            assert!(codes.iter().all(|code| [0, 3, 4].contains(code)), "{codes:?}");
            promoted.fetch_add(usize::from(codes[2] == 0), Ordering::SeqCst);
            let (code, _, err) = run(&shop, &["promote", "dev", "--yes", "-q"]);
            assert_eq!(code, 0, "{err}");
            let session = Session::open().unwrap();
            assert_eq!(read(&session, &shop), Some(number.to_string()));
        }
        drop(ends);
        assert!(reading.join().unwrap() > 0);
    });
    let (code, out, _) = run(&shop, &["verify"]);
    assert_eq!((code, out.as_str()), (0, "Everything is as it was written.\n"));
}
