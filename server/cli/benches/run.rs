//! What carrying a project out costs beside its floor: one process of DuckDB that runs the same SQL, checks and files
//! for others with it, writes each node in the same way and reads it back, and flushes nothing. It is told the columns of
//! every node, and begins with its first query. Both are measured in the same run, in turns.
//!
//! Where many files were removed, ext4 gives out no inode of theirs for five minutes, and whoever makes many files then
//! looks for others for long. So nothing should be removed before this runs: `SEEKNAL_KEEP=1` leaves what it wrote.
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
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
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
    match std::env::var_os("SEEKNAL_KEEP") {
        Some(_) => println!("what was written: {}", base.display()),
        None => drop(fs::remove_dir_all(&base)),
    }
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
    // What stands in a data file is kept once its time is some seconds old. Until then each run looks into it anew, with
    // processes of their own.
    std::thread::sleep(Duration::from_secs(4));
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
    let mut server = Server::start(&folder);
    // Once for what is kept of the project.
    for turn in TURNS..2 * TURNS + 1 {
        let query = format!("SELECT {turn} AS x, count(*) AS n FROM range(1000)");
        fs::write(&leaf, format!("kind: transform\nname: leaf\ntransform: {query}\n")).unwrap();
        let own = [Step::Write { name: "transform_leaf".to_owned(), query }];
        let floor = floor(&own, &fresh(base), 1);
        let plan = server.timed("seeknal.plan");
        let apply = server.timed("seeknal.apply");
        if turn > TURNS {
            let mut add = |name, time| took.entry(name).or_default().push(time);
            add("floor of the leaf", floor);
            add("plan dev, server", plan);
            add("apply dev, one leaf, server", apply);
        }
    }
    println!("one leaf of 1,000 nodes, milliseconds");
    said(&took);
}

/// A server that an editor holds.
struct Server {
    process: Child,
    answers: BufReader<ChildStdout>,
    last: u64,
}

impl Server {
    fn start(folder: &Path) -> Server {
        let mut process = Command::new(env!("CARGO_BIN_EXE_seeknal-lsp"))
            .arg("--stdio")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        let mut server = Server { process, answers, last: 0 };
        let root = format!("file://{}", folder.display());
        server.ask("initialize", &json!({ "rootUri": root, "capabilities": {} }));
        server.say(&json!({ "method": "initialized", "params": {} }));
        server
    }

    fn say(&mut self, said: &Value) {
        let mut said = said.clone();
        said["jsonrpc"] = "2.0".into();
        let (to, body) = (self.process.stdin.as_mut().unwrap(), said.to_string());
        write!(to, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        to.flush().unwrap();
    }

    /// What is answered. Whatever the server asks meanwhile is answered with nothing.
    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.last += 1;
        self.say(&json!({ "id": self.last, "method": method, "params": params }));
        loop {
            let (mut line, mut length) = (String::new(), 0);
            while self.answers.read_line(&mut line).unwrap() > 2 {
                let bytes = line.strip_prefix("Content-Length: ");
                length = bytes.map_or(length, |bytes| bytes.trim().parse().unwrap());
                line.clear();
            }
            assert!(length > 0, "the server hung up");
            let mut body = vec![0; length];
            self.answers.read_exact(&mut body).unwrap();
            let said: Value = serde_json::from_slice(&body).unwrap();
            match said.get("method") {
                None if said["id"] == self.last => {
                    assert!(said.get("error").is_none(), "{said}");
                    return said["result"].clone();
                }
                Some(_) if said.get("id").is_some() => {
                    self.say(&json!({ "id": said["id"], "result": null }));
                }
                _ => {}
            }
        }
    }

    /// How long a command takes, from asking to the answer.
    fn timed(&mut self, command: &str) -> Duration {
        // It has what the command before it changed looked at before the next is clicked.
        while self.command("seeknal.serverStatus", &json!({}))["idle"] != true {}
        settle();
        let begun = Instant::now();
        self.command(command, &json!({ "environment": "dev", "confirmed": true }));
        begun.elapsed()
    }

    fn command(&mut self, command: &str, argument: &Value) -> Value {
        let asked = json!({ "command": command, "arguments": [argument] });
        self.ask("workspace/executeCommand", &asked)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn said(took: &BTreeMap<&str, Vec<Duration>>) {
    for (name, times) in took {
        let mut all: Vec<f64> = times.iter().map(|one| one.as_secs_f64() * 1000.0).collect();
        all.sort_by(f64::total_cmp);
        println!("  {name:<28} p50 {:>8.1}  max {:>8.1}", all[all.len() / 2], all[all.len() - 1]);
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
