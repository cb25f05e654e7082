//! `lineage`: where a node or a column comes from, and what is made of it.

use crate::check::{open_home, say_unread, unreadable};
use crate::engine::analyst;
use crate::exit::Exit;
use crate::options::LineageFormat;
use crate::render;
use seeknal_analysis::lineage::{Look, Point, lineage};
use seeknal_ide::lineage as shown;
use std::path::Path;

pub(crate) fn run(root: &Path, word: &str, look: Look, format: LineageFormat) -> Exit {
    let Some(analyst) = analyst() else {
        return unreadable("this program cannot find itself, and so cannot start DuckDB");
    };
    let loaded = match open_home(root, Some(&*analyst)) {
        Ok(loaded) => loaded,
        Err(sentence) => return unreadable(&sentence),
    };
    say_unread(&loaded);
    let meaning = analyst.meaning(&loaded.root, &loaded.project, &|| false);
    let start = match Point::named(&loaded.project, &meaning.identities, word) {
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
