//! What environments show beside what a plan starts from. As a rule nobody needs it, and then none of it is read: a view
//! of thousands of nodes is megabytes.

use seeknal_store::{Error, Node, Store, View};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Nodes by their ids.
type Nodes = BTreeMap<String, Arc<Node>>;

/// Nodes that may be had from elsewhere.
pub(crate) struct Elsewhere<'a> {
    store: &'a Store,
    /// What was built for this environment before something failed.
    built: &'a Nodes,
    /// What it shows.
    own: Views<'a>,
    /// What others show.
    others: Views<'a>,
    failed: OnceCell<Error>,
}

/// Views by their ids, and once they were read.
struct Views<'a> {
    ids: Vec<&'a str>,
    read: OnceCell<Vec<Arc<View>>>,
}

impl<'a> Elsewhere<'a> {
    /// Views by their ids: the environment's own, and those of others.
    pub(crate) fn new(
        (store, built): (&'a Store, &'a Nodes),
        (own, others): (Vec<&'a str>, Vec<&'a str>),
    ) -> Elsewhere<'a> {
        let views = |ids| Views { ids, read: OnceCell::new() };
        Elsewhere { store, built, own: views(own), others: views(others), failed: OnceCell::new() }
    }

    /// What this environment shows, or was built for it.
    pub(crate) fn own(&self) -> impl Iterator<Item = &Nodes> {
        std::iter::once(self.built).chain(self.read(&self.own))
    }

    /// What others show.
    pub(crate) fn others(&self) -> impl Iterator<Item = &Nodes> {
        self.read(&self.others)
    }

    /// Why something of it could not be read, if that is so: then nothing may be decided.
    pub(crate) fn failed(self) -> Option<Error> {
        self.failed.into_inner()
    }

    fn read<'s>(&'s self, views: &'s Views<'_>) -> impl Iterator<Item = &'s Nodes> {
        let read = || {
            let view = |id: &&str| match self.store.view_again(id) {
                Ok(view) => Some(view),
                Err(error) => {
                    let _ = self.failed.set(error);
                    None
                }
            };
            views.ids.iter().filter_map(view).collect()
        };
        views.read.get_or_init(read).iter().map(|view| &view.nodes)
    }
}
