//! `check`: reads every file of a project and prints what is wrong.

use crate::exit::Exit;
use crate::load::{Loaded, load};
use crate::{Format, render, report};
use seeknal_syntax::Severity;
use std::path::Path;

pub(crate) fn run(root: &Path, format: Format) -> Exit {
    let loaded = match load(root) {
        Ok(loaded) => loaded,
        Err(sentence) => return unreadable(&sentence),
    };
    say_unread(&loaded);
    let faults = loaded.project.faults();
    match format {
        Format::Text => render::out(&report::text(&loaded, &faults)),
        Format::Json => render::out(&report::json(&loaded, &faults)),
    }
    let errors = faults.iter().any(|fault| fault.problem.code.severity == Severity::Error);
    if errors || !loaded.unread.is_empty() { Exit::Found } else { Exit::Done }
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
