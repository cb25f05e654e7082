//! The pages of what DuckDB says: the first example of each has the problem, with the message that
//! stands under it, and the last one has not. This lies here because only the program has an engine.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

use seeknal_analysis::{Asking, Binder, Memo, Schemas, codes, declared, schemas, source_columns};
use seeknal_model::{Fault, File, Project, Surroundings, Variables};
use seeknal_syntax::Encoding;
use seeknal_workers::{Program, Workers};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use xtask::pages::{Block, Page, read};

fn pages() -> Vec<Page> {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../analysis/codes")).unwrap()
}

fn faults(block: &Block, binder: &dyn Binder) -> (Project, Vec<Fault>) {
    let files = block.files();
    let project = Project::new(files.iter().map(|(path, text)| File::read(path, text.as_bytes())));
    let (overrides, variables) = (BTreeMap::new(), Variables::default());
    let today = "2024-03-31".parse().unwrap();
    let around = Surroundings { overrides: &overrides, variables: &variables, today };
    let mut all = project.faults();
    let sources = source_columns(&project, |node| declared(node).map(Arc::from));
    let asking = Asking { around: &around, sources: &sources, binder, stop: &|| false, lanes: 2 };
    all.extend(schemas(&project, asking, &Schemas::default()).faults());
    (project, all)
}

fn shown(project: &Project, fault: &Fault) -> String {
    let file = project.file(&fault.path).unwrap();
    let place = file.lines.position(&file.text, fault.problem.span.start, Encoding::Utf32);
    let word = fault.problem.code.severity.word();
    let name = fault.path.rsplit('/').next().unwrap_or_default();
    format!("{name}:{}:{} {word}: {}", place.line + 1, place.column + 1, fault.problem.message)
}

#[test]
fn every_code_of_the_engine_has_a_page_that_is_right() {
    let path = env!("CARGO_BIN_EXE_seeknal-worker").into();
    let program = Program { path, arguments: vec!["worker".into()] };
    let binder = Memo::new(Workers::new(program, 1));
    let mut names: Vec<&str> = codes::ALL.iter().map(|code| code.name).collect();
    names.sort_unstable();
    let pages = pages();
    let have: Vec<&str> = pages.iter().map(|page| page.code.as_str()).collect();
    assert_eq!(have, names);
    for page in pages {
        let (project, found) = faults(&page.bad, &binder);
        let messages: Vec<String> = found.iter().map(|fault| shown(&project, fault)).collect();
        assert_eq!(messages.join("\n"), page.message, "{}", page.code);
        assert!(found.iter().any(|fault| fault.problem.code.name == page.code), "{}", page.code);
        let (_, left) = faults(&page.good, &binder);
        assert!(left.is_empty(), "the good example of {} has {left:?}", page.code);
    }
}
