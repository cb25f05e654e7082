//! Plans carried out on made-up projects: what is stored is what plain DuckDB makes of the same SQL, however
//! many nodes are worked on at once, and however much of it was there before.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test runs the program"
)]

mod helpers;

use helpers::program::run;
use seeknal_runner::Session;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use xtask::generate::{Size, project};

/// How many made-up projects there are; `SEEKNAL_MORE` tries all that were ever tried.
fn seeds(first: u64, few: u64, many: u64) -> std::ops::Range<u64> {
    let is_more = std::env::var_os("SEEKNAL_MORE").is_some();
    first..first + if is_more { many } else { few }
}

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("seeknal-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Writes a made-up project of kinds that can be built.
fn generated(folder: &Path, seed: u64) {
    for file in project(&Size { nodes: 24, seed }) {
        if ["/feature_groups/", "/aggregations/"].iter().any(|one| file.path.contains(one)) {
            continue;
        }
        let path = folder.join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file.text).unwrap();
    }
}

/// The bytes of every output that production shows.
fn outputs(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder.join("target/intermediate")).unwrap().flatten();
    let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    files.map(|file| (name(&file.path()), fs::read(file.path()).unwrap())).collect()
}

/// All rows of a file in their order, as text.
fn rows(session: &Session, file: &Path) -> String {
    let file = file.display();
    session
        .text(&format!(
            "SELECT coalesce(string_agg(t::VARCHAR, '|'), '') FROM read_parquet('{file}') t"
        ))
        .unwrap()
}

/// Runs the SQL of every node in one plain DuckDB, each over the files of those that it reads.
fn plain(folder: &Path, out: &Path, seed: u64) {
    fs::create_dir_all(out).unwrap();
    let session = Session::open().unwrap();
    session.execute("SET threads = 1").unwrap();
    for file in project(&Size { nodes: 24, seed }) {
        let Some((kind, _)) =
            file.path.strip_prefix("seeknal/").and_then(|one| one.split_once('/'))
        else {
            continue;
        };
        let text: serde_yaml::Value = match kind {
            "sources" | "transforms" => serde_yaml::from_str(&file.text).unwrap(),
            _ => continue,
        };
        let said = |key: &str| text[key].as_str().unwrap().to_owned();
        let (kind, name) = (said("kind"), said("name"));
        let query = match kind.as_str() {
            "source" => {
                let data = folder.join(said("table"));
                format!("SELECT * FROM read_csv('{}', header = true)", data.display())
            }
            _ => {
                let mut query = said("transform");
                for input in text["inputs"].as_sequence().unwrap() {
                    let id = input["ref"].as_str().unwrap();
                    let table = id.replacen('.', "_", 1);
                    query = query.replace(&format!("ref('{id}')"), &table);
                }
                query
            }
        };
        let file = out.join(format!("{kind}_{name}.parquet"));
        session.write(&query, &file).unwrap();
        session
            .execute(&format!(
                "CREATE VIEW {kind}_{name} AS SELECT * FROM read_parquet('{}')",
                file.display()
            ))
            .unwrap();
    }
}

#[test]
fn what_is_stored_is_what_plain_duckdb_makes_however_much_is_done_at_once() {
    let session = Session::open().unwrap();
    let base = Folder::new("stored");
    let mut compared = 0;
    for seed in seeds(1, 8, 50) {
        let (one, many) = (base.0.join(format!("{seed}-1")), base.0.join(format!("{seed}-4")));
        generated(&one, seed);
        generated(&many, seed);
        for (folder, lanes) in [(&one, "1"), (&many, "4")] {
            let (code, out, err) = run(folder, &["run", "--parallel", lanes]);
            assert_eq!(code, 0, "seed {seed}: {out}{err}");
        }
        let (serial, parallel) = (outputs(&one), outputs(&many));
        for (name, bytes) in &serial {
            assert!(parallel.get(name) == Some(bytes), "seed {seed}: {name}");
        }
        assert_eq!(serial.len(), parallel.len());
        let expected = one.join("plain");
        plain(&one, &expected, seed);
        for name in serial.keys() {
            let file = format!("{name}.parquet");
            let (here, there) = (one.join("target/intermediate").join(&file), expected.join(&file));
            assert!(rows(&session, &here) == rows(&session, &there), "seed {seed}: {name}");
            compared += 1;
        }
        fs::remove_dir_all(&one).unwrap();
        fs::remove_dir_all(&many).unwrap();
    }
    assert!(compared > 120, "{compared}");
}

/// An edit that touches one node in the middle.
fn edit(folder: &Path, seed: u64) -> Option<String> {
    let mut transforms: Vec<PathBuf> = fs::read_dir(folder.join("seeknal/transforms"))
        .ok()?
        .flatten()
        .map(|file| file.path())
        .collect();
    transforms.sort();
    let path = &transforms[usize::try_from(seed).unwrap() % transforms.len()];
    let text = fs::read_to_string(path).unwrap();
    // A column more, of a query that is whatever it is.
    let (head, sql) = text.split_once("transform: ")?;
    let (style, sql) = sql.split_once('\n')?;
    let inner: String = sql.lines().map(|line| format!("  {line}\n")).collect();
    let sql = format!("  SELECT *, {seed} AS edited FROM (\n{inner}  )\n");
    let style = if style.starts_with('>') { "|" } else { style };
    fs::write(path, format!("{head}transform: {style}\n{sql}")).unwrap();
    Some(path.display().to_string())
}

#[test]
fn what_is_kept_is_what_would_be_built() {
    let session = Session::open().unwrap();
    let base = Folder::new("kept");
    let (mut kept, mut built) = (0, 0);
    for seed in seeds(101, 8, 30) {
        let (kept_of, fresh) = (base.0.join(format!("{seed}-a")), base.0.join(format!("{seed}-b")));
        for folder in [&kept_of, &fresh] {
            generated(folder, seed);
        }
        assert_eq!(run(&kept_of, &["run", "-q"]).0, 0);
        for folder in [&kept_of, &fresh] {
            edit(folder, seed).unwrap();
        }
        assert_eq!(run(&kept_of, &["plan", "dev"]).0, 0);
        let (code, out, err) = run(&kept_of, &["apply", "dev", "--format", "json"]);
        assert_eq!(code, 0, "seed {seed}: {err}");
        let done: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
        kept += done["kept"].as_u64().unwrap();
        built += done["nodes"].as_array().unwrap().len();
        assert_eq!(run(&kept_of, &["promote", "dev", "--yes", "-q"]).0, 0);
        assert_eq!(run(&fresh, &["run", "-q"]).0, 0);
        let (one, other) = (outputs(&kept_of), outputs(&fresh));
        assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
        for name in one.keys() {
            let file = format!("target/intermediate/{name}.parquet");
            let (here, there) = (kept_of.join(&file), fresh.join(&file));
            assert!(rows(&session, &here) == rows(&session, &there), "seed {seed}: {name}");
        }
    }
    assert!(kept > 80 && built > 8, "{kept} kept, {built} built");
}
