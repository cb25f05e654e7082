//! The view that shows what was made.

use super::decide::Decided;
use super::{Crew, file_name};
use crate::views::{columns, definition, files, starred, starred_hash};
use crate::{Loaded, Meaning};
use seeknal_model::{NodeId, Project};
use seeknal_store::{self as store, Ahead, Shown, Stage, View};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a view is made of, but for its project.
pub(crate) struct Results<'s> {
    /// What is to be said of each node.
    pub(crate) nodes: BTreeMap<NodeId, Arc<store::Node>>,
    /// Its folder, where that was begun.
    pub(crate) folder: Option<Ahead<'s>>,
    /// Whether all texts of the project are kept.
    pub(crate) are_texts_kept: bool,
}

/// The view of a project with its outputs, and what is to be written with it. Its texts are kept; nobody refers to
/// them yet.
pub(crate) fn whole_view<'s>(
    Loaded { root, project, .. }: &Loaded,
    meaning: &Meaning,
    (stage, crew): (&Stage<'s>, &Crew<'_>),
    results: Results<'s>,
) -> Result<(View, Ahead<'s>), String> {
    let Results { mut nodes, folder, are_texts_kept } = results;
    let mut view = View { files: files(project), ..View::default() };
    for node in project.declared() {
        let mut made = nodes.remove(&node.id).unwrap_or_default();
        let identity = meaning.identities.get(&node.id);
        let identity = identity.map(|one| one.output().to_string()).unwrap_or_default();
        let definition = definition(node, &view);
        // Most of them are as they were, and the same.
        if (&made.identity, &made.definition) != (&identity, &definition) {
            let made = Arc::make_mut(&mut made);
            (made.identity, made.definition) = (identity, definition);
        }
        if made.parts.is_empty() {
            Arc::make_mut(&mut made).columns = columns(node, &meaning.schemas);
        }
        if let [part] = made.parts.as_slice() {
            view.shown.extend(shown(&node.id, &part.key));
        }
        view.nodes.insert(node.id.to_string(), made);
    }
    view.facts = json!({ "engine": crew.engine.name() });
    // What could not be kept beside the work says here why.
    if !are_texts_kept {
        keep_texts(stage, project).map_err(|error| error.to_string())?;
    }
    let manifest = crate::seeknal::written(root, project, &view, &crew.analyst.pieces);
    let mut folder = folder.unwrap_or_else(|| stage.begun());
    view.shown.insert("manifest.json".to_owned(), Shown::Text(folder.text(manifest)));
    Ok((view, folder))
}

/// What the view will show of nodes, as far as that is known before they are made.
pub(crate) fn shown_ahead(decided: &Decided) -> BTreeMap<String, Shown> {
    let kept = decided.kept.iter().filter_map(|(id, node)| match node.parts.as_slice() {
        [part] => Some((id, &part.key)),
        _ => None,
    });
    let made =
        decided.tasks.iter().filter_map(|task| match (&task.make, task.record.parts.as_slice()) {
            (Some((_, key)), _) => Some((&task.node.id, key)),
            (None, [part]) => Some((&task.node.id, &part.key)),
            _ => None,
        });
    kept.chain(made).flat_map(|(id, key)| shown(id, key)).collect()
}

/// Keeps the texts of a project, without what is secret in them.
pub(crate) fn keep_texts(stage: &Stage<'_>, project: &Project) -> store::Result<()> {
    stage.texts(project.files().map(|file| (starred_hash(file), file)), |file| starred(file))
}

/// Where Seeknal's users find an output, below `target/`.
fn shown(id: &NodeId, key: &str) -> impl Iterator<Item = (String, Shown)> {
    let own = Some(format!("intermediate/{}.parquet", file_name(id)));
    let source = id.as_str().strip_prefix("source.");
    let source = source.map(|name| format!("cache/source/{name}.parquet"));
    own.into_iter().chain(source).map(|place| (place, Shown::Object(key.to_owned())))
}
