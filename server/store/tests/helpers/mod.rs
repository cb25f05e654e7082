//! A small project's life: what it does to the state, and what anybody sees of it.
#![allow(dead_code, clippy::unwrap_used, reason = "not every test needs all")]

use seeknal_store::{
    Disk, Draft, Effect, Environment, Node, Progress, Result, Shown, Store, View, Who, Writer,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Nodes with what their outputs hold.
pub(crate) type Contents = BTreeMap<String, String>;

pub(crate) const NOW: u64 = 1_700_000_000_000;
pub(crate) const PATIENCE: Duration = Duration::from_millis(200);

/// A project on some disk.
pub(crate) struct Project<D> {
    pub(crate) disk: D,
    pub(crate) root: PathBuf,
}

impl<D: Disk + Clone + 'static> Project<D> {
    pub(crate) fn state(&self) -> PathBuf {
        self.root.join(".seeknal/state")
    }

    pub(crate) fn open(&self) -> Result<Store> {
        Store::open(self.disk.clone(), &self.state(), Some(&self.root.join("target")))
    }

    /// Writes the outputs of nodes, as a runner does, and the view of them.
    pub(crate) fn built(&self, store: &Store, contents: &Contents) -> Result<View> {
        let stage = store.stage()?;
        let mut view = View::default();
        for (name, content) in contents {
            let key = blake3::hash(format!("{name} {content}").as_bytes()).to_hex().to_string();
            let room = stage.room();
            // What the engine writes goes past the store, and is not flushed.
            self.disk.write(&room, content.as_bytes()).map_err(|said| {
                seeknal_store::Error::Disk { path: room.clone(), doing: "writing", said }
            })?;
            let part = stage.keep(&room, &key, (1, None))?;
            let definition = stage.text(format!("declares {name}: {content}").as_bytes())?;
            view.shown.insert(format!("intermediate/{name}.parquet"), Shown::Object(key));
            view.files.insert(format!("seeknal/{name}.yml"), definition.clone());
            let node = Node {
                definition,
                identity: content.clone(),
                parts: vec![part],
                ..Node::default()
            };
            view.nodes.insert(name.clone(), node.into());
        }
        // So many that they are packed.
        let more = (0..20).map(|number| format!("text {number} of {contents:?}"));
        let more: Vec<(String, String)> =
            more.map(|text| (blake3::hash(text.as_bytes()).to_hex().to_string(), text)).collect();
        stage.texts(more.iter().map(|(hash, text)| (hash.as_str(), text)), String::clone)?;
        for (number, (hash, _)) in more.into_iter().enumerate() {
            view.files.insert(format!("seeknal/more/{number}.yml"), hash);
        }
        let manifest = stage.text(json!({ "nodes": contents }).to_string().as_bytes())?;
        view.shown.insert("manifest.json".to_owned(), Shown::Text(manifest));
        Ok(view)
    }

    /// Publishes what an edit makes of the environments.
    pub(crate) fn publish(
        &self,
        kind: &str,
        edit: &dyn Fn(&Writer<'_>, &mut Draft) -> Result<()>,
    ) -> Result<()> {
        let store = self.open()?;
        self.publish_in(&store, kind, edit)
    }

    pub(crate) fn publish_in(
        &self,
        store: &Store,
        kind: &str,
        edit: &dyn Fn(&Writer<'_>, &mut Draft) -> Result<()>,
    ) -> Result<()> {
        let who = Who { actor: "ann".to_owned(), command: format!("{kind} dev"), now: NOW };
        let writer = store.writer(who, PATIENCE)?;
        let environments = writer.environments();
        let mut draft = Draft {
            kind: kind.to_owned(),
            environments,
            effects: writer.pending(),
            ..Draft::default()
        };
        edit(&writer, &mut draft)?;
        writer.operation(draft)?.publish()?;
        Ok(())
    }

    /// Builds nodes and shows them in an environment.
    pub(crate) fn apply(&self, environment: &str, contents: &Contents) -> Result<()> {
        let store = self.open()?;
        let view = self.built(&store, contents)?;
        self.publish_in(&store, "apply", &|writer, draft| {
            let prod = draft.environments.get("prod").filter(|_| environment != "prod");
            let base = prod.and_then(|prod| prod.view.clone());
            // Somebody who compares with production has read what it shows.
            let known = draft.environments.get("prod").and_then(|prod| prod.view.clone());
            let read = known.as_ref().map(|id| store.view(id)).transpose()?;
            // Some of what it shows is written before all of it is known.
            let some = view.shown.iter().take(1);
            let mut some: BTreeMap<_, _> =
                some.map(|(path, shown)| (path.clone(), shown.clone())).collect();
            // And some of it comes to nothing.
            if let Some(shown) = view.shown.values().next() {
                some.insert("gone/with/this.parquet".to_owned(), shown.clone());
            }
            let known = known.as_deref().zip(read.as_ref());
            let mut ahead = store.stage()?.ahead(&some, known)?;
            // One of its texts is kept with it.
            let mut view = view.clone();
            let text = ahead.text(format!("what {environment} shows"));
            view.shown.insert("kept.txt".to_owned(), Shown::Text(text));
            let view = Some(writer.view(&view, known, Some(ahead))?);
            // One that nobody used for long.
            let used = if environment == "old" { 0 } else { NOW };
            let ttl_seconds = Some(60);
            let plan = Some(store.stage()?.text(format!("the plan of {view:?}").as_bytes())?);
            let fresh = Environment {
                view,
                base,
                plan,
                created: NOW,
                used,
                ttl_seconds,
                ..Environment::default()
            };
            draft.environments.insert(environment.to_owned(), fresh);
            Ok(())
        })
    }

    pub(crate) fn promote(&self) -> Result<()> {
        self.publish("promote", &|_, draft| {
            let view = draft.environments.get("dev").and_then(|dev| dev.view.clone());
            draft.environments.entry("prod".to_owned()).or_default().view = view;
            let what = "export".to_owned();
            draft.effects = vec![Effect {
                environment: "prod".to_owned(),
                node: "a".to_owned(),
                what,
                progress: Progress::Pending,
                message: None,
            }];
            Ok(())
        })
    }

    pub(crate) fn resume(&self) -> Result<()> {
        self.publish("promote", &|writer, draft| {
            draft.effects = writer.newest().map(|one| one.effects.clone()).unwrap_or_default();
            draft.effects.iter_mut().for_each(|effect| effect.progress = Progress::Done);
            Ok(())
        })
    }

    /// Shows in production what it showed when it had other contents.
    pub(crate) fn rollback(&self, to: &Contents) -> Result<()> {
        let store = self.open()?;
        let mut wanted = None;
        for one in store.history() {
            let (_, operation) = one?;
            if let Some(view) =
                operation.environments.get("prod").and_then(|prod| prod.view.clone())
                && self.contents(&store, &view)? == *to
            {
                wanted = Some(view);
                break;
            }
        }
        self.publish_in(&store, "rollback", &|_, draft| {
            draft.environments.entry("prod".to_owned()).or_default().view.clone_from(&wanted);
            Ok(())
        })
    }

    pub(crate) fn delete(&self) -> Result<()> {
        self.publish("delete", &|_, draft| {
            draft.environments.remove("dev");
            Ok(())
        })
    }

    /// Removes what was planned and is used no more, and touches what is.
    pub(crate) fn cleanup(&self) -> Result<()> {
        self.publish("cleanup", &|_, draft| {
            let is_old =
                |one: &Environment| one.ttl_seconds.is_some_and(|ttl| one.used + ttl * 1000 < NOW);
            draft.environments.retain(|_, one| !is_old(one));
            Ok(())
        })
    }

    /// Remembers something of an environment, as approving, stopping, starting and noting do.
    pub(crate) fn remember(&self, kind: &'static str) -> Result<()> {
        self.publish(kind, &move |_, draft| {
            if let Some(dev) = draft.environments.get_mut("dev") {
                dev.facts = json!({ kind: true });
            }
            draft.facts = Value::from(kind);
            Ok(())
        })
    }

    /// What the objects of a view hold.
    pub(crate) fn contents(&self, store: &Store, view: &str) -> Result<Contents> {
        let view = store.view(view)?;
        let read = |(name, node): (&String, &Arc<Node>)| {
            let path = store.object(&node.parts[0].key);
            let bytes = self.disk.read(&path).map_err(|said| seeknal_store::Error::Disk {
                path,
                doing: "reading",
                said,
            })?;
            Ok((name.clone(), String::from_utf8_lossy(&bytes).into_owned()))
        };
        view.nodes.iter().map(read).collect()
    }

    /// What everybody sees: each environment by the state, and production by the links.
    pub(crate) fn observed(&self) -> Observed {
        let store = self.open().unwrap();
        let found = store.verify().unwrap();
        assert!(found.is_empty(), "{found:?}");
        let Some((_, operation)) = store.newest().unwrap() else { return Observed::default() };
        let mut seen = Observed { effects: operation.effects.clone(), ..Observed::default() };
        for (name, environment) in &operation.environments {
            let Some(view) = &environment.view else { continue };
            let contents = self.contents(&store, view).unwrap();
            let folder = match name.as_str() {
                "prod" => self.root.join("target"),
                name => self.root.join("target/environments").join(name),
            };
            assert_eq!(self.linked(&folder), contents, "the links of {name}: {:#?}", self.all());
            assert!(self.disk.list(&folder.join("gone")).is_err(), "what came to nothing is shown");
            seen.environments.insert(name.clone(), (contents, environment.facts.clone()));
        }
        let others = self.disk.list(&self.root.join("target/environments")).unwrap_or_default();
        let known = seen.environments.keys().filter(|name| *name != "prod");
        assert_eq!(others, known.cloned().collect::<Vec<_>>());
        seen
    }

    /// Every path, for a person.
    fn all(&self) -> Vec<String> {
        fn walk(disk: &dyn Disk, path: &Path, found: &mut Vec<String>) {
            for name in disk.list(path).unwrap_or_default() {
                let at = path.join(name);
                match (disk.target(&at), disk.about(&at).map(|about| about.kind)) {
                    (Ok(to), _) => found.push(format!("{} -> {}", at.display(), to.display())),
                    (_, Ok(seeknal_store::Kind::Folder)) => walk(disk, &at, found),
                    _ => found.push(at.display().to_string()),
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.disk, &self.root, &mut found);
        found
    }

    /// What stands behind the links of a folder, each read whole.
    pub(crate) fn linked(&self, folder: &Path) -> Contents {
        let inner = folder.join("intermediate");
        let names = self.disk.list(&inner).unwrap_or_default();
        let read = |name: String| {
            let bytes = self.disk.read(&inner.join(&name)).unwrap();
            (name.trim_end_matches(".parquet").to_owned(), String::from_utf8(bytes).unwrap())
        };
        names.into_iter().map(read).collect()
    }
}

/// What everybody sees of a state.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Observed {
    pub(crate) environments: BTreeMap<String, (Contents, Value)>,
    pub(crate) effects: Vec<Effect>,
}

pub(crate) fn contents(pairs: &[(&str, &str)]) -> Contents {
    pairs.iter().map(|(name, content)| ((*name).to_owned(), (*content).to_owned())).collect()
}
