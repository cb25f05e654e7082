//! What nodes write outside of the state: files for others, and databases.

use seeknal_model::Node;
use seeknal_syntax::yaml::{Value as Said, construct};

/// The file that an exposure writes, and the word for its format.
pub(super) fn exported(node: &Node) -> Option<(String, String)> {
    let is_file = node.text("type").is_some_and(|kind| kind.eq_ignore_ascii_case("file"));
    let params = node.field("params").map(construct);
    let text = |key: &str| match &params {
        Some(Said::Map(entries)) => {
            let is_it = |(known, _): &&(Said, Said)| *known == Said::Text(key.to_owned());
            match entries.iter().find(is_it) {
                Some((_, Said::Text(text))) => Some(text.clone()),
                _ => None,
            }
        }
        _ => None,
    };
    let file = text("path").or_else(|| node.text("url").map(str::to_owned)).filter(|_| is_file)?;
    Some((file, text("format").unwrap_or_else(|| "csv".to_owned()).to_lowercase()))
}

/// Why a node's rows cannot be written to a database that it names. Leaving it out in silence would look as if
/// it had been done.
pub(super) fn unwritten_target(node: &Node) -> Option<String> {
    let is_enabled = |target: &Said| match target {
        Said::Map(fields) => {
            !fields.contains(&(Said::Text("enabled".to_owned()), Said::Bool(false)))
        }
        _ => false,
    };
    let any = |key: &&str| match node.field(key).map(construct) {
        Some(Said::List(targets)) => targets.iter().any(is_enabled),
        Some(target) => is_enabled(&target),
        None => false,
    };
    let key = ["materialization", "materializations"].into_iter().find(|key| any(key))?;
    Some(format!(
        "this program does not write to databases yet; take `{key}` out, or say `enabled: false`"
    ))
}
