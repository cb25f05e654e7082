//! `fixtures/broken` has every fault once, and each is reported at its character.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads fixtures")]

use seeknal_model::{File, Project, codes};
use seeknal_syntax::Encoding;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A file of four megabytes is no fixture; its page tries it.
const TOO_LARGE_TO_KEEP: &str = "text-too-large";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/broken")
}

fn project() -> Project {
    let files = |folder: &str| -> Vec<File> {
        let names = fs::read_dir(root().join(folder)).unwrap();
        names
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .map(|path| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                File::read(&format!("{folder}/{name}"), &fs::read(&path).unwrap())
            })
            .collect()
    };
    Project::new(files("seeknal").into_iter().chain(files("seeknal/common")))
}

#[test]
fn each_fault_is_reported_at_its_character() {
    let project = project();
    let mut lines = String::new();
    for fault in project.faults() {
        let file = project.file(&fault.path).unwrap();
        let place = file.lines.position(&file.text, fault.problem.span.start, Encoding::Utf32);
        let (line, column) = (place.line + 1, place.column + 1);
        lines.push_str(&format!("{}:{line}:{column} {}\n", fault.path, fault.problem.code.name));
    }
    let expected = fs::read_to_string(root().join("expected.txt")).unwrap();
    assert_eq!(lines, expected);
}

#[test]
fn every_prefix_of_every_file_is_read() {
    let mut tried = 0;
    for file in project().files() {
        for end in (0..=file.text.len()).filter(|end| file.text.is_char_boundary(*end)) {
            let prefix = file.text.as_bytes().get(..end).unwrap();
            let read = File::read(&file.path, prefix);
            for problem in &read.problems {
                let span = problem.span;
                assert!(read.text.get(span.start..span.end).is_some(), "{} {span:?}", file.path);
            }
            let whole = Project::new([read]);
            whole.faults();
            tried += 1;
        }
    }
    assert!(tried > 2000, "{tried}");
}

#[test]
fn every_code_occurs() {
    let found: BTreeSet<&str> =
        project().faults().iter().map(|fault| fault.problem.code.name).collect();
    let all = codes::ALL.iter().chain(seeknal_syntax::codes::ALL).map(|code| code.name);
    let missed: Vec<&str> =
        all.filter(|name| *name != TOO_LARGE_TO_KEEP && !found.contains(name)).collect();
    assert_eq!(missed, Vec::<&str>::new());
}
