//! Environments as files declare them.

use crate::kinds::{self, ENVIRONMENT};
use crate::node::entry;
use seeknal_syntax::{Span, yaml};
use std::sync::Arc;

/// An environment that a file declares with `kind: environment`.
#[derive(Debug)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub name_span: Span,
    /// The path of its file.
    pub path: Arc<str>,
    /// Everything that is declared of it, with places.
    pub root: Arc<yaml::Node>,
}

impl Environment {
    pub(crate) fn of(path: &Arc<str>, root: &Arc<yaml::Node>) -> Option<Environment> {
        let name = &entry(root, "name")?.value;
        let text = &name.scalar().filter(|scalar| !scalar.text.is_empty())?.text;
        Some(Environment {
            name: text.clone(),
            name_span: name.span,
            path: path.clone(),
            root: root.clone(),
        })
    }

    /// The value of a key, aliases and merge keys resolved.
    pub fn field(&self, key: &str) -> Option<&yaml::Node> {
        entry(&self.root, key).map(|entry| entry.value.as_ref())
    }
}

/// Whether a document declares an environment.
pub(crate) fn is_environment(root: &yaml::Node) -> bool {
    kind_word(root).is_some_and(|word| word == ENVIRONMENT.name)
}

/// Whether a document declares anything that this program knows.
pub(crate) fn is_known(root: &yaml::Node) -> bool {
    is_environment(root) || kind_word(root).is_some_and(|word| kinds::find(word).is_some())
}

fn kind_word(root: &yaml::Node) -> Option<&str> {
    entry(root, "kind")?.value.scalar().map(|scalar| scalar.text.as_str())
}
