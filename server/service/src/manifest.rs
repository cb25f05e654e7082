//! A manifest: one view of a project with the texts that it is made of, in the form that the state has. It is
//! kept beside a release, or handed from one job of CI to the next. Secrets in clear are starred out.

use crate::baseline::Baseline;
use crate::seeknal;
use crate::views::{self, described, starred, starred_hash};
use seeknal_analysis::Schemas;
use seeknal_model::Project;
use seeknal_store::View;
use seeknal_syntax::Severity;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

const FORMAT: &str = "seeknal-lsp manifest";
const VERSION: u64 = 2;

/// The manifest of a project. One with errors has none: a baseline that cannot be read would call every
/// edit behind it safe or unsafe by chance.
pub fn manifest(project: &Project, schemas: &Schemas, data: &Value) -> Result<String, String> {
    let mut faults = project.faults();
    faults.extend(schemas.faults());
    let error = faults.iter().find(|fault| fault.problem.code.severity == Severity::Error);
    if let Some(error) = error {
        return Err(format!(
            "{}: {}; a manifest is written of a project without errors",
            error.path, error.problem.message
        ));
    }
    let definitions: BTreeMap<&str, String> =
        project.files().map(|file| (starred_hash(file), starred(file))).collect();
    let all = json!({
        "format": FORMAT,
        "version": VERSION,
        "view": described(project, schemas, data),
        "definitions": definitions,
    });
    Ok(format!("{all:#}\n"))
}

/// The project that a manifest was written of.
pub(crate) fn read(path: &Path, now: &Project) -> Result<Baseline, String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        format!("{shown}: {error}; `--against` takes `auto`, `git:` with a revision, an environment, or a manifest")
    })?;
    let wrong = |why: &str| format!("{shown}: {why}; `plan --write-manifest` writes one");
    let all: Value = serde_json::from_str(&text)
        .map_err(|error| wrong(&format!("it is no manifest: {error}")))?;
    if seeknal::is_one(&all) {
        return seeknal::baseline(path, &all, now);
    }
    if all.get("format").and_then(Value::as_str) != Some(FORMAT) {
        return Err(wrong("it is no manifest of this program, and none of Seeknal's"));
    }
    match all.get("version").and_then(Value::as_u64) {
        Some(VERSION) => {}
        Some(newer) if newer > VERSION => {
            return Err(format!(
                "{shown}: a newer seeknal-lsp wrote it (format {newer}); update this one"
            ));
        }
        Some(older) => {
            let why = format!("an older seeknal-lsp wrote it (format {older})");
            return Err(wrong(&why));
        }
        None => return Err(wrong("its version is missing")),
    }
    let view: View = all
        .get("view")
        .and_then(|view| serde_json::from_value(view.clone()).ok())
        .ok_or_else(|| wrong("it has no view"))?;
    let text = |hash: &str| {
        let text = all.get("definitions").and_then(|all| all.get(hash)).and_then(Value::as_str);
        let same = |text: &&str| blake3::hash(text.as_bytes()).to_hex().as_str() == hash;
        let text =
            text.filter(same).ok_or_else(|| wrong("a text in it is not what was written"))?;
        Ok(text.as_bytes().to_vec())
    };
    views::baseline(&shown.to_string(), &view, &text, now)
}
