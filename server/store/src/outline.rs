//! A view of which only that is read that tells two apart, and nothing is copied: views of thousands of nodes are
//! megabytes, most of them columns.

use crate::error::{Error, Result};
use crate::format::Part;
use crate::store::Store;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The text of a view, to be outlined.
pub struct ViewText {
    path: PathBuf,
    bytes: Vec<u8>,
}

/// A text that stands in a view as it is, as a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct Words<'v>(#[serde(borrow)] pub Cow<'v, str>);

impl Borrow<str> for Words<'_> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// What a view shows, with those facts of nodes that somebody asks for.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "F: Deserialize<'de> + Default"))]
pub struct Outline<'v, F> {
    /// Each node by its id.
    #[serde(borrow)]
    pub nodes: BTreeMap<Words<'v>, NodeOutline<'v, F>>,
    /// The paths of what people find below `target/`.
    #[serde(borrow, default)]
    pub shown: BTreeMap<Words<'v>, IgnoredAny>,
}

/// A node in it.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "F: Deserialize<'de> + Default"))]
pub struct NodeOutline<'v, F> {
    /// What it means, as a hash.
    #[serde(borrow)]
    pub identity: Words<'v>,
    /// Its output.
    #[serde(borrow, default)]
    pub parts: Vec<PartOutline<'v>>,
    /// What else is known of it; nothing where that is null.
    #[serde(default)]
    pub facts: Option<F>,
}

/// One file of an output.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct PartOutline<'v> {
    #[serde(borrow)]
    key: Words<'v>,
    #[serde(borrow)]
    hash: Words<'v>,
    bytes: u64,
    changed: u64,
    rows: u64,
    #[serde(borrow, default)]
    interval: Option<Words<'v>>,
}

impl PartOutline<'_> {
    /// The part itself.
    pub fn part(&self) -> Part {
        let text = |words: &Words<'_>| words.0.clone().into_owned();
        Part {
            key: text(&self.key),
            hash: text(&self.hash),
            bytes: self.bytes,
            changed: self.changed,
            rows: self.rows,
            interval: self.interval.as_ref().map(text),
        }
    }
}

impl ViewText {
    /// What is read of it.
    pub fn outline<'v, F: Deserialize<'v> + Default>(&'v self) -> Result<Outline<'v, F>> {
        serde_json::from_slice(&self.bytes).map_err(|error| Error::Damaged {
            path: self.path.clone(),
            why: format!("it does not hold what it must ({error})"),
        })
    }
}

impl Store {
    /// The text of a view by its id.
    pub fn view_text(&self, id: &str) -> Result<ViewText> {
        let path = self.at.view(id);
        Ok(ViewText { bytes: self.read(&path)?, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{Node, View};
    use serde_json::json;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    struct Facts {
        file: Option<String>,
    }

    /// What is read of a view is what stands in it, also where a text is escaped and where there are no facts.
    #[test]
    fn an_outline_says_what_the_view_says() {
        let part = Part {
            key: "k".into(),
            hash: "h".into(),
            bytes: 1,
            changed: 2,
            rows: 3,
            interval: Some("i \"é\"".into()),
        };
        let node = Node {
            identity: "x\ny".into(),
            parts: vec![part.clone()],
            columns: vec![("a".into(), "DATE".into())],
            facts: json!({ "file": "f", "took": [1, { "b": null }] }),
            ..Node::default()
        };
        let nodes = [("a.\"q\"".to_owned(), node), ("b".to_owned(), Node::default())];
        let nodes = nodes.map(|(id, node)| (id, std::sync::Arc::new(node)));
        let view = View { nodes: nodes.into_iter().collect(), ..View::default() };
        let text = ViewText { path: "/v".into(), bytes: serde_json::to_vec(&view).unwrap() };
        let outline = text.outline::<Facts>().unwrap();
        let ids: Vec<&str> = outline.nodes.keys().map(|id| &*id.0).collect();
        assert_eq!(ids, ["a.\"q\"", "b"]);
        let found: Vec<_> = outline.nodes.values().collect();
        assert_eq!((&*found[0].identity.0, found[0].parts[0].part()), ("x\ny", part));
        assert_eq!(found[0].facts, Some(Facts { file: Some("f".into()) }));
        assert!(found[1].parts.is_empty() && found[1].facts.is_none());
        let torn = ViewText { bytes: text.bytes[..40].to_vec(), ..text };
        let said = torn.outline::<Facts>().unwrap_err().to_string();
        assert!(said.contains("/v"), "{said}");
    }
}
