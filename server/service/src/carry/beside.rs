//! Two views beside each other: what changes for whoever reads them, without reading either whole.

use super::site::{Site, Trouble};
use crate::runs::{in_runs, meanwhile};
use seeknal_store::{Environment, NodeOutline, Outline, Part, ViewText, Words};
use serde::Deserialize;

/// So many outputs are looked at by one thread.
const FEW: usize = 250;

/// What is known of a node that promoting and rolling back ask for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Facts<'v> {
    /// What is written for others, as a hash.
    #[serde(borrow, default)]
    pub(crate) export: Option<Words<'v>>,
    /// The file that it is written to.
    #[serde(borrow, default)]
    pub(crate) file: Option<Words<'v>>,
    /// The data that a source had.
    #[serde(borrow, default)]
    pub(crate) data: Option<Data<'v>>,
}

/// Data of a source.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Data<'v> {
    #[serde(borrow, default)]
    pub(crate) file: Option<Words<'v>>,
    #[serde(borrow, default)]
    pub(crate) hash: Option<Words<'v>>,
}

pub(crate) type Shown<'v> = Outline<'v, Facts<'v>>;
type Node<'v> = NodeOutline<'v, Facts<'v>>;

/// The text of the view that an environment shows, if it shows anything.
pub(crate) fn text_of(site: &Site, shown: &Environment) -> Result<Option<ViewText>, Trouble> {
    shown.view.as_ref().map(|id| Ok(site.store.view_text(id)?)).transpose()
}

/// What is shown before and after; the two do not wait for each other.
pub(crate) struct Beside<'v> {
    pub(crate) before: Option<Shown<'v>>,
    pub(crate) after: Shown<'v>,
}

impl<'v> Beside<'v> {
    pub(crate) fn of(before: Option<&'v ViewText>, after: &'v ViewText) -> Result<Self, Trouble> {
        let read_before = || before.map(ViewText::outline).transpose();
        let (after, before) = meanwhile(read_before, || after.outline());
        Ok(Beside { after: after?, before: before? })
    }

    pub(crate) fn before(&self, id: &Words<'_>) -> Option<&Node<'v>> {
        self.before.as_ref()?.nodes.get(&*id.0)
    }

    /// Nodes that are not shown any more.
    pub(crate) fn gone(&self) -> impl Iterator<Item = &Words<'v>> {
        let all = self.before.iter().flat_map(|before| before.nodes.keys());
        all.filter(|id| !self.after.nodes.contains_key(&*id.0))
    }

    /// An output that is shown anew and is not what was written. There may be thousands to be looked at.
    pub(crate) fn lost(&self, site: &Site) -> Option<Part> {
        const AT_ONCE: usize = 4;
        let is_new = |(id, node): &(&Words<'v>, &Node<'v>)| {
            self.before(id).is_none_or(|before| before.parts != node.parts)
        };
        let nodes = self.after.nodes.iter().filter(is_new);
        let parts: Vec<Part> =
            nodes.flat_map(|(_, node)| &node.parts).map(|part| part.part()).collect();
        let first = |parts: &[Part]| parts.iter().find(|part| !site.store.is_same(part)).cloned();
        in_runs(&parts, (AT_ONCE, FEW), first).into_iter().flatten().next()
    }

    /// Nodes of which a file for others is written, because its rows or its place are others.
    pub(crate) fn exports(&self) -> Vec<String> {
        let export = |node: &Node<'v>| node.facts.as_ref()?.export.clone();
        let is_due = |(id, node): &(&Words<'v>, &Node<'v>)| {
            let now = export(node);
            now.is_some() && self.before(id).and_then(export) != now
        };
        self.after.nodes.iter().filter(is_due).map(|(id, _)| id.0.clone().into_owned()).collect()
    }
}
