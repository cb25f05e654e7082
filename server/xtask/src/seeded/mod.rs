//! The judge tried by deliberate errors: a copy of the workspace holds all of them behind one switch,
//! and the judge must find the one that is on.

mod faults;

use crate::{Failure, process, root, suite};
use faults::{FAULTS, Fault, Instead};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Within how many edits of its kind an error is to be found.
const EDITS: &str = "2000";
/// The judge of the copy, beside that of the workspace in one target folder.
const PACKAGE: &str = "seeknal-judge-seeded";
/// How far apart in the table those of one run stand.
const APART: usize = 17;
const SWITCH: &str = "SEEKNAL_SEEDED";

/// Tries every error, or the named ones.
pub(crate) fn run(names: &[&str], seed: u64) -> Result<(), Failure> {
    let chosen: Vec<&Fault> =
        FAULTS.iter().filter(|one| names.is_empty() || names.contains(&one.name)).collect();
    if chosen.len() < names.len() {
        let all: Vec<&str> = FAULTS.iter().map(|one| one.name).collect();
        return Err(format!("a fault is not known; these are: {}", all.join(" ")));
    }
    found(&chosen, seed)
}

/// Tries a few that the seed chooses.
pub(crate) fn some(count: usize, seed: u64) -> Result<(), Failure> {
    let first = usize::try_from(seed).unwrap_or_default();
    let at = |number: usize| FAULTS.get((first + number * APART) % FAULTS.len());
    let chosen: Vec<&Fault> = (0..count).filter_map(at).collect();
    found(&chosen, seed)
}

#[allow(clippy::print_stdout, reason = "what is found is the result")]
fn found(chosen: &[&Fault], seed: u64) -> Result<(), Failure> {
    let judge = build()?;
    let mut missed = Vec::new();
    for fault in chosen {
        let seed = seed.to_string();
        let output = Command::new(&judge)
            .args(["--kind", fault.kind, "--edits", EDITS, "--seed", &seed, "--until-unsafe"])
            .env(SWITCH, fault.name)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("cannot start {}: {error}", judge.display()))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let tried = said.lines().last().and_then(|line| line.split(' ').next()).unwrap_or("?");
        // A judge that breaks off has found nothing.
        match (output.status.code(), said.contains("UNSAFE")) {
            (Some(1), true) => println!("found   {:<30} after {tried} edits", fault.name),
            (Some(0), false) => {
                println!("MISSED  {:<30} in {tried} edits", fault.name);
                missed.push(fault.name);
            }
            (code, _) => return Err(format!("the judge ended with {code:?}: {said}")),
        }
    }
    match missed.as_slice() {
        [] => Ok(()),
        missed => Err(format!("with seed {seed} not found: {}", missed.join(" "))),
    }
}

/// Builds the judge over the copy with the switch.
fn build() -> Result<PathBuf, Failure> {
    let copy = suite::target().join("seeded");
    for name in ["Cargo.toml", "Cargo.lock", ".cargo/config.toml"] {
        keep(&copy.join(name), &of_another_version(&read(&root().join(name))?))?;
    }
    for name in ["server", "tests/judge"] {
        copy_sources(&root().join(name), &copy.join(name))?;
    }
    let judge = copy.join("tests/judge/Cargo.toml");
    let named = read(&root().join("tests/judge/Cargo.toml"))?;
    keep(&judge, &named.replace("\"seeknal-judge\"", &format!("{PACKAGE:?}")))?;
    let analysis = Path::new("server/analysis/src");
    for file in files_with_faults() {
        let text = seeded(&read(&root().join(analysis).join(file))?, file)?;
        keep(&copy.join(analysis).join(file), &text)?;
    }
    let library = root().join(".duckdb");
    let library = std::env::var_os("DUCKDB_LIB_DIR").map_or(library, PathBuf::from);
    let library = format!("DUCKDB_LIB_DIR={}", root().join(library).display());
    let target = format!("CARGO_TARGET_DIR={}", suite::target().display());
    // Cargo tells programs that it runs about their own package; the copy's is another.
    let words = ["-u", "CARGO_MANIFEST_DIR", &library, &target, "cargo", "build", "--quiet"];
    process::show("env", &[words.as_slice(), &["--package", PACKAGE]].concat(), &copy)?;
    Ok(suite::target().join("debug").join(PACKAGE))
}

/// The copy's packages are other packages than the workspace's: cargo would take what was built of the
/// one for the other, and the judge of the workspace would judge the copy.
fn of_another_version(text: &str) -> String {
    let own = format!("version = {:?}", env!("CARGO_PKG_VERSION"));
    let other = format!("version = \"{}-seeded\"", env!("CARGO_PKG_VERSION"));
    let mut is_ours = true;
    let line = |line: &str| {
        // Packages of others may have the same version.
        if line.starts_with("name = ") {
            is_ours = line.starts_with("name = \"seeknal-") || line == "name = \"xtask\"";
        }
        if is_ours && line == own { format!("{other}\n") } else { format!("{line}\n") }
    };
    text.lines().map(line).collect()
}

fn files_with_faults() -> Vec<&'static str> {
    let mut files: Vec<&str> = FAULTS.iter().map(|one| one.file).collect();
    files.push("identity/id.rs");
    files.push("lib.rs");
    files.sort_unstable();
    files.dedup();
    files
}

/// The text of a file with its errors behind their switches.
fn seeded(text: &str, file: &str) -> Result<String, Failure> {
    // From the end on, so that places in front stay.
    let mut places = Vec::new();
    for fault in FAULTS.iter().filter(|one| one.file == file) {
        places.push((place(text, fault)?, fault));
    }
    places.sort_by_key(|((start, _), _)| std::cmp::Reverse(*start));
    let mut text = text.to_owned();
    let mut rest: &[((usize, usize), &Fault)] = &places;
    while let [((start, end), fault), ..] = rest {
        // Several errors may lie in one place.
        let here = rest.iter().take_while(|((other, _), _)| other == start).count();
        let (same, others) = rest.split_at(here);
        let written = fault.from.to_owned();
        let switched = same.iter().fold(written, |inner, (_, fault)| switched(fault, &inner));
        text.replace_range(*start..*end, &switched);
        rest = others;
    }
    Ok(match file {
        "lib.rs" => format!("#![allow(warnings)]\n{text}\n{IS_ON}"),
        "identity/id.rs" => format!("{text}\n{UNLESS}"),
        _ => text,
    })
}

fn switched(fault: &Fault, written: &str) -> String {
    let name = fault.name;
    match fault.to {
        Instead::This(other) => {
            format!("(if crate::seeded::is_on({name:?}) {{ {other} }} else {{ {written} }})")
        }
        Instead::Nothing => format!(".unless({name:?}, |tag| tag{written})"),
    }
}

const IS_ON: &str = "
pub mod seeded {
    pub fn is_on(name: &str) -> bool {
        static ON: std::sync::OnceLock<String> = std::sync::OnceLock::new();
        ON.get_or_init(|| std::env::var(\"SEEKNAL_SEEDED\").unwrap_or_default()) == name
    }
}
";

const UNLESS: &str = "
impl Tag {
    pub(crate) fn unless(self, name: &str, link: impl FnOnce(Tag) -> Tag) -> Tag {
        if crate::seeded::is_on(name) { self } else { link(self) }
    }
}
";

/// Where an error goes.
fn place(text: &str, fault: &Fault) -> Result<(usize, usize), Failure> {
    let Fault { name, file, behind, from, .. } = fault;
    let mut all = text.match_indices(behind);
    let (Some((start, _)), None) = (all.next(), all.next()) else {
        return Err(format!("{name}: `{behind}` does not stand once in {file}"));
    };
    let start = start + behind.len();
    let tail = text.get(start..).unwrap_or_default();
    let place = tail.find(from).ok_or(format!("{name}: `{from}` does not stand in {file}"))?;
    Ok((start + place, start + place + from.len()))
}

fn copy_sources(from: &Path, to: &Path) -> Result<(), Failure> {
    let entries = fs::read_dir(from).map_err(|error| format!("{}: {error}", from.display()))?;
    for entry in entries.filter_map(Result::ok) {
        let (path, name) = (entry.path(), entry.file_name());
        let analysis = root().join("server/analysis/src");
        let has_faults = path
            .strip_prefix(&analysis)
            .is_ok_and(|path| files_with_faults().iter().any(|file| Path::new(file) == path));
        if path.is_dir() {
            copy_sources(&path, &to.join(name))?;
        } else if !has_faults {
            let bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            keep_bytes(&to.join(name), &bytes)?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn keep(path: &Path, text: &str) -> Result<(), Failure> {
    keep_bytes(path, text.as_bytes())
}

/// Writes a file unless it says that already: what is not touched is not built again.
fn keep_bytes(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if fs::read(path).is_ok_and(|known| known == bytes) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_place_and_its_name() {
        let mut names: Vec<&str> = FAULTS.iter().map(|one| one.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FAULTS.len(), "two faults of one name");
        assert!(FAULTS.len() >= 25, "too few");
        for file in files_with_faults() {
            let text = read(&root().join("server/analysis/src").join(file)).unwrap();
            let wrong = seeded(&text, file).err();
            assert_eq!(wrong, None);
        }
    }

    #[test]
    fn errors_in_one_place_are_switched_one_in_the_other() {
        let text = read(&root().join("server/analysis/src/identity/rules.rs")).unwrap();
        let seeded = seeded(&text, "identity/rules.rs").unwrap();
        for fault in FAULTS.iter().filter(|one| one.file == "identity/rules.rs") {
            assert_eq!(seeded.matches(&format!("{:?}", fault.name)).count(), 1, "{}", fault.name);
        }
    }
}
