//! The view that shows what was made.

use super::{Crew, file_name};
use crate::runs::in_runs;
use crate::views::{Texts, described, starred};
use crate::{Loaded, Meaning};
use seeknal_model::{NodeId, Project};
use seeknal_store::{self as store, Ahead, Shown, Stage, View};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const BROKEN: &str = "keeping texts broke off";

/// The view of a project with its outputs. Its texts are kept; nobody refers to them yet. Where it is new, its folder is
/// begun; `known` is one that is shown.
pub(crate) fn whole_view<'s>(
    Loaded { root, project, .. }: &Loaded,
    meaning: &Meaning,
    (stage, crew): (&Stage<'s>, &Crew<'_>),
    (nodes, is_new): (BTreeMap<NodeId, store::Node>, bool),
    known: Option<(&str, &View)>,
) -> Result<(View, Option<Ahead<'s>>), String> {
    let (mut view, texts) = described(project, &meaning.schemas, &Value::Null);
    for (id, made) in nodes {
        let Some(node) = view.nodes.get_mut(id.as_str()) else { continue };
        node.identity =
            meaning.identities.get(&id).map(|one| one.output().to_string()).unwrap_or_default();
        if !made.parts.is_empty() {
            node.columns = made.columns;
        }
        (node.parts, node.facts) = (made.parts, made.facts);
        let [part] = node.parts.as_slice() else { continue };
        for place in places(&id) {
            view.shown.insert(place, Shown::Object(part.key.clone()));
        }
    }
    view.facts = json!({ "engine": crew.engine.name() });
    let (manifest, ahead) = std::thread::scope(|scope| {
        let kept = scope.spawn(|| keep_all(stage, &texts));
        // Whoever publishes writes what is not there yet, and says why that cannot be.
        let ahead = is_new.then(|| scope.spawn(|| stage.ahead(&view.shown, known).ok()));
        let manifest = crate::seeknal::written(root, project, &view, &crew.analyst.pieces);
        kept.join().unwrap_or_else(|_| Err(BROKEN.to_owned()))?;
        Ok::<_, String>((manifest, ahead.and_then(|ahead| ahead.join().ok().flatten())))
    })?;
    let manifest = stage.text(manifest.as_bytes()).map_err(|error| error.to_string())?;
    view.shown.insert("manifest.json".to_owned(), Shown::Text(manifest));
    Ok((view, ahead))
}

/// Keeps the texts of a project one after the other, as far as that goes: whoever makes the view keeps what is
/// missing, and says why that cannot be.
pub(crate) fn keep_ahead(stage: &Stage<'_>, project: &Project) {
    let _ = project.files().try_for_each(|file| stage.text(starred(file).as_bytes()).map(drop));
}

/// Keeps texts, many at once: each waits for the disk, which takes many in one go.
fn keep_all(stage: &Stage<'_>, texts: &Texts) -> Result<(), String> {
    const AT_ONCE: usize = 8;
    let all: Vec<&String> = texts.values().collect();
    let keep = |texts: &[&String]| {
        let kept = texts.iter().try_for_each(|text| stage.text(text.as_bytes()).map(|_| ()));
        kept.map_err(|error| error.to_string())
    };
    in_runs(&all, (AT_ONCE, 1), keep).into_iter().collect()
}

/// Where Seeknal's users find an output, below `target/`.
fn places(id: &NodeId) -> Vec<String> {
    let mut places = vec![format!("intermediate/{}.parquet", file_name(id))];
    if let Some(name) = id.as_str().strip_prefix("source.") {
        places.push(format!("cache/source/{name}.parquet"));
    }
    places
}
