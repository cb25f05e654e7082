//! A manifest: the files of a project as they are now, with the columns that its sources have. It is kept
//! beside a release, or handed from one job of CI to the next. Secrets in clear are starred out.

use crate::baseline::{Baseline, as_it_was};
use crate::secrets::concealed;
use crate::{data, seeknal};
use seeknal_analysis::{Column, Schemas};
use seeknal_model::{File, NodeId, Project};
use seeknal_syntax::{Severity, Span};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

const FORMAT: &str = "seeknal-lsp manifest";
const VERSION: u64 = 1;

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
    let files: Map<String, Value> =
        project.files().map(|file| (file.path.to_string(), starred(file).into())).collect();
    let sources = project.declared().filter(|node| node.kind.name == "source");
    let sources: Map<String, Value> = sources
        .filter_map(|node| {
            let columns = schemas.columns(&node.id)?;
            let columns: Vec<Value> =
                columns.iter().map(|one| json!([one.name, one.kind])).collect();
            Some((node.id.to_string(), columns.into()))
        })
        .collect();
    let all = json!({
        "format": FORMAT,
        "version": VERSION,
        "sources": sources,
        "data": data,
        "files": files,
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
        _ => return Err(wrong("its version is missing")),
    }
    let files =
        all.get("files").and_then(Value::as_object).ok_or_else(|| wrong("it has no files"))?;
    let text = |value: &Value| value.as_str().map(|text| text.as_bytes().to_vec());
    let texts: Option<Vec<(String, Vec<u8>)>> =
        files.iter().map(|(path, value)| Some((path.clone(), text(value)?))).collect();
    let texts = texts.ok_or_else(|| wrong("a file in it is no text"))?;
    let sources = all.get("sources").and_then(Value::as_object).map(columns_of);
    // A secret is starred there: a file that says the same but for that is what it was.
    let same = |file: &File, bytes: &[u8]| starred(file).as_bytes() == bytes;
    let data = all.get("data").map(data::read).unwrap_or_default();
    let project = as_it_was(now, texts, &same);
    Ok(Baseline { sources, data, ..Baseline::new(shown.to_string(), project) })
}

fn columns_of(sources: &Map<String, Value>) -> BTreeMap<NodeId, Vec<Column>> {
    let column = |pair: &Value| {
        let part = |place: usize| Some(pair.get(place)?.as_str()?.to_owned());
        Some(Column { name: part(0)?, kind: part(1)? })
    };
    let columns = |value: &Value| value.as_array()?.iter().map(column).collect::<Option<Vec<_>>>();
    sources.iter().filter_map(|(id, value)| Some((NodeId::new(id), columns(value)?))).collect()
}

/// The whole text of a file, without what is secret in it.
pub(crate) fn starred(file: &File) -> String {
    concealed(file, Span::new(0, file.text.len()))
}
