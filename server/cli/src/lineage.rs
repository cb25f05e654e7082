//! `lineage`: where a node or a column comes from, and what is made of it.

use crate::check::{open_home, say_unread, unreadable};
use crate::engine::analyst;
use crate::exit::Exit;
use crate::options::LineageFormat;
use crate::render;
use seeknal_analysis::identity::Identities;
use seeknal_analysis::lineage::{Look, Point, lineage};
use seeknal_ide::lineage as shown;
use seeknal_model::{NodeId, Project};
use std::path::Path;

pub(crate) fn run(root: &Path, word: &str, look: Look, format: LineageFormat) -> Exit {
    let loaded = match open_home(root) {
        Ok(loaded) => loaded,
        Err(sentence) => return unreadable(&sentence),
    };
    say_unread(&loaded);
    let Some(analyst) = analyst() else {
        return unreadable("this program cannot find itself, and so cannot start DuckDB");
    };
    let meaning = analyst.meaning(&loaded.root, &loaded.project, &|| false);
    let start = match point(&loaded.project, &meaning.identities, word) {
        Ok(start) => start,
        Err(sentence) => return unreadable(&sentence),
    };
    let found = lineage(&loaded.project, &meaning.identities, start, look);
    render::out(&match format {
        LineageFormat::Text => shown::text(&found, look),
        LineageFormat::Dot => shown::dot(&found),
        LineageFormat::Mermaid => shown::mermaid(&found),
        LineageFormat::Svg => shown::svg(&found),
        LineageFormat::Json => format!("{:#}\n", shown::json(&found)),
    });
    if loaded.unread.is_empty() { Exit::Done } else { Exit::Found }
}

/// The node or the column that a word names; a sentence where there is none.
fn point(project: &Project, identities: &Identities, word: &str) -> Result<Point, String> {
    let id = NodeId::new(word);
    if project.node(&id).is_some() {
        return Ok(Point { node: id, column: None });
    }
    let dots = word.match_indices('.').map(|(dot, _)| dot);
    let parts = dots.filter_map(|dot| Some((word.get(..dot)?, word.get(dot + 1..)?)));
    let named = parts.map(|(node, column)| (NodeId::new(node), column));
    let Some((node, name)) = named.rev().find(|(node, _)| project.node(node).is_some()) else {
        return Err(format!("there is no node `{word}`; `seeknal-lsp list` names them all"));
    };
    let columns = identities.get(&node).and_then(|identity| identity.columns.clone());
    let Some(columns) = columns else {
        return Err(format!("the columns of `{node}` are not known; `seeknal-lsp check` says why"));
    };
    match columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)) {
        Some(column) => Ok(Point { node, column: Some(column.name.clone()) }),
        None => {
            let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            Err(format!("`{node}` has no column `{name}`; it has {}", names.join(", ")))
        }
    }
}
