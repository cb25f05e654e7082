//! `check`: reads every file of a project and prints what is wrong.

use crate::engine::analyst;
use crate::exit::Exit;
use crate::options::Format;
use crate::{render, report};
use seeknal_service::{Analyst, Checked, Loaded, home, load, projects};
use seeknal_syntax::Severity;
use std::path::{Path, PathBuf};

pub(crate) fn run(folder: &Path, format: Format) -> Exit {
    // What is no folder is said by the loader.
    let roots = if folder.is_dir() { projects(folder) } else { vec![folder.to_owned()] };
    let analyst = analyst();
    let mut all = Vec::new();
    for root in roots {
        match open(&root, analyst.as_deref()) {
            Ok(loaded) => {
                let checked = Checked::of(loaded, analyst.as_deref(), &|| false);
                say_unread(&checked.loaded);
                all.push(checked);
            }
            Err(sentence) => return unreadable(&sentence),
        }
    }
    match format {
        Format::Text => render::out(&report::text(&all)),
        Format::Json => render::out(&report::json(&all)),
    }
    let is_error = |checked: &Checked| {
        let mut faults = checked.faults.iter();
        faults.any(|fault| fault.problem.code.severity == Severity::Error)
    };
    let unread = all.iter().any(|checked| !checked.loaded.unread.is_empty());
    if unread || all.iter().any(is_error) { Exit::Found } else { Exit::Done }
}

/// The folder of the project that a folder lies in.
pub(crate) fn home_of(folder: &Path) -> PathBuf {
    match folder.is_dir() {
        true => home(folder).unwrap_or_else(|| folder.to_owned()),
        false => folder.to_owned(),
    }
}

/// The project of a folder, which may be one inside it; whoever is asked about it may know it from before.
pub(crate) fn open_home(folder: &Path, analyst: Option<&Analyst>) -> Result<Loaded, String> {
    open(&home_of(folder), analyst)
}

fn open(root: &Path, analyst: Option<&Analyst>) -> Result<Loaded, String> {
    let loaded = match analyst {
        Some(analyst) => analyst.load(root, &|| false),
        None => load(root, &|| false),
    };
    loaded?.ok_or_else(|| "reading was stopped".to_owned())
}

/// Says that a project cannot be read at all.
pub(crate) fn unreadable(sentence: &str) -> Exit {
    render::err(&format!("error: {sentence}\n"));
    Exit::Usage
}

/// Says what of a project was passed over.
pub(crate) fn say_unread(loaded: &Loaded) {
    for sentence in &loaded.unread {
        render::err(&format!("error: {sentence}\n"));
    }
}
