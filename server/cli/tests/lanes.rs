//! Lanes as processes: what is said before it is asked for changes nothing of what comes of it.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic, reason = "a test")]

use seeknal_plan::engine::{Broken, Engine, Input, Job, Lane, Limits, Size};
use seeknal_runner::Session;
use seeknal_workers::{Jobs, Program};
use std::fs;
use std::path::{Path, PathBuf};

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn folder(name: &str) -> Folder {
    let path = std::env::temp_dir().join(format!("seeknal-lanes-{name}-{}", std::process::id()));
    fs::create_dir_all(&path).unwrap();
    Folder(path.canonicalize().unwrap())
}

fn jobs() -> Jobs {
    let path = env!("CARGO_BIN_EXE_seeknal-worker").into();
    Jobs::new(Program { path, arguments: vec!["worker".into()] })
}

fn lane(jobs: &Jobs, folder: &Path) -> Box<dyn Lane> {
    let limits = Limits {
        threads: 1,
        memory: None,
        spill: folder.join("spill"),
        files: Vec::new(),
        folders: vec![folder.to_owned()],
    };
    jobs.lane(&limits).unwrap()
}

fn rows(query: &str) -> Job {
    let (inputs, before) = (Vec::new(), Vec::new());
    Job::Rows { size: Size::Small, inputs, before, query: query.into(), most: 5, is_typed: true }
}

/// The first cell of what a query yields, or why it failed.
fn first(lane: &mut dyn Lane, query: &str) -> String {
    match lane.run(&rows(query), &mut |_| true) {
        Ok(done) => done.cells[0][0].clone().unwrap(),
        Err(Broken::Failed(why)) => why.lines().next().unwrap().to_owned(),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_job_that_was_foreseen_is_done_once_and_in_its_turn() {
    let folder = folder("turns");
    let jobs = jobs();
    jobs.warm();
    let mut lane = lane(&jobs, &folder.0);
    lane.foresee(&rows("SELECT 'b'"));
    assert_eq!(first(lane.as_mut(), "SELECT 'a'"), "a");
    assert_eq!(first(lane.as_mut(), "SELECT 'b'"), "b");
    // What fails takes nothing with it, and what is not harmless is not run.
    lane.foresee(&rows("SELECT 'c'"));
    assert!(first(lane.as_mut(), "SELECT error('no')").contains("no"));
    lane.foresee(&rows("SELECT 'd'"));
    assert_eq!(first(lane.as_mut(), "SELECT 'c'"), "c");
    // Something else is asked for after all.
    assert_eq!(first(lane.as_mut(), "SELECT 'e'"), "e");
    assert_eq!(first(lane.as_mut(), "SELECT 'd'"), "d");
    let harm = first(lane.as_mut(), "SELECT * FROM read_csv('/etc/passwd')");
    assert!(harm.starts_with("this is not run"), "{harm}");
    // What is ended is gone, with what was to come after it.
    lane.foresee(&rows("SELECT 'f'"));
    let long = rows("SELECT count(*) FROM range(100000000000) a");
    assert_eq!(lane.run(&long, &mut |_| false), Err(Broken::Stopped));
    assert_eq!(first(lane.as_mut(), "SELECT 'f'"), "f");
    jobs.cool();
}

/// The processes that this one started and that are still there.
#[cfg(target_os = "linux")]
fn children() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let children = tasks.map(|task| std::fs::read_to_string(task.path().join("children")));
    children.map(|said| said.unwrap_or_default().split_whitespace().count()).sum()
}

/// Whoever plans has it stand ready for a while: it is taken by whoever applies, and goes when nobody comes.
#[cfg(target_os = "linux")]
#[test]
fn what_stands_ready_is_taken_or_ends() {
    use std::time::{Duration, Instant};
    let is_here = std::env::args().any(|one| one == "ready");
    if !is_here {
        // Other tests of this program start workers too.
        let itself = std::env::current_exe().unwrap();
        let asked = ["--exact", "what_stands_ready_is_taken_or_ends", "--nocapture", "ready"];
        let output = std::process::Command::new(itself).args(asked).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let folder = folder("ready");
    let jobs = jobs();
    jobs.warm_for(Duration::from_secs(60));
    jobs.warm_for(Duration::from_millis(50));
    assert_eq!(children(), 1);
    let begun = Instant::now();
    while children() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "it stays");
        std::thread::sleep(Duration::from_millis(10));
    }
    jobs.warm_for(Duration::from_millis(50));
    jobs.warm_for(Duration::from_secs(60));
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(children(), 1);
    let mut lane = lane(&jobs, &folder.0);
    assert_eq!(first(lane.as_mut(), "SELECT 'a'"), "a");
    assert_eq!(children(), 1, "it is the one that stood ready");
    drop(lane);
    jobs.warm_for(Duration::from_secs(60));
    jobs.cool();
    assert_eq!(children(), 0);
}

/// Who is sure of what comes back and errs writes what the query yields all the same.
#[test]
fn what_is_sure_is_written_without_a_look() {
    let folder = folder("sure");
    let jobs = jobs();
    let mut lane = lane(&jobs, &folder.0);
    let (from, out) = (folder.0.join("a.parquet"), folder.0.join("b.parquet"));
    Session::open().unwrap().write("SELECT 1 AS x, 'y' AS y", &from).unwrap();
    let column =
        |name: &str, kind: &str| seeknal_analysis::Column { name: name.into(), kind: kind.into() };
    let told = vec![column("y", "VARCHAR"), column("x", "INTEGER"), column("z", "DECIMAL(3,1)")];
    let job = Job::Build {
        size: Size::Small,
        inputs: vec![Input { schema: None, name: "input_0".into(), files: vec![from] }],
        before: Vec::new(),
        query: "SELECT y, x, 1.5::DECIMAL(3,1) AS z FROM input_0".into(),
        yields: Some(told.clone()),
        is_sure: true,
        out: out.clone(),
    };
    let done = lane.run(&job, &mut |_| true).unwrap();
    assert_eq!((done.rows, done.columns), (1, told.clone()));
    let query = format!("SELECT * FROM read_parquet('{}')", out.display());
    assert_eq!(Session::open().unwrap().columns(&query).unwrap(), told);
}
