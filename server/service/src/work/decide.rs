//! Which outputs are kept, and what is made. It looks, and changes nothing.

use super::DataOf;
use super::elsewhere::Elsewhere;
use super::keys::{checks_key, is_unstable, made_of, source_key, unstable_key, values};
use super::outside::{exported, unwritten_target};
use crate::Meaning;
use seeknal_analysis::changes::{Action, What};
use seeknal_analysis::checks::{Check, check_tables, checks};
use seeknal_analysis::identity::Identity;
use seeknal_analysis::{Column, Query, data_file, profile_query, query};
use seeknal_model::{Node, NodeId, Project, Surroundings};
use seeknal_plan::Plan;
use seeknal_store::{self as store, Store, View};
use seeknal_syntax::MappedText;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

/// What is made again though nobody edited it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Refresh {
    /// Nothing.
    Nothing,
    /// What stands on data, days, variables or an engine that are others now.
    Moved,
    /// Everything.
    All,
}

/// What is to be decided on.
pub(crate) struct Question<'a> {
    pub(crate) project: &'a Project,
    pub(crate) meaning: &'a Meaning,
    pub(crate) plan: &'a Plan,
    /// What the plan starts from, where outputs were recorded.
    pub(crate) base: Option<&'a View>,
    /// What else may stand for what is to be made.
    pub(crate) elsewhere: &'a Elsewhere<'a>,
    pub(crate) refresh: Refresh,
    /// A word for this work; see [`super::keys::token`].
    pub(crate) token: &'a str,
    pub(crate) engine: &'a str,
    pub(crate) store: &'a Store,
    pub(crate) around: &'a Surroundings<'a>,
    /// The file of a source, as it is now.
    pub(crate) data: &'a dyn Fn(&NodeId) -> Option<DataOf>,
}

/// How an output is made.
#[derive(Debug)]
pub(crate) enum Make {
    /// From a file outside.
    Read {
        /// The query that reads it.
        query: String,
        /// The file.
        path: PathBuf,
        /// What it yields, as far as that is known.
        yields: Option<Vec<Column>>,
    },
    /// From other outputs.
    Build {
        /// The query that makes it.
        query: Query,
        /// What it yields, as far as that is known.
        yields: Option<Vec<Column>>,
    },
}

/// Something to do with a node.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) node: Arc<Node>,
    /// How its output is made, and under which key; nothing where it is there.
    pub(crate) make: Option<(Make, String)>,
    /// What is asserted of it then.
    pub(crate) checks: Vec<Check>,
    /// What the view will say of it, as far as that is known.
    pub(crate) record: Arc<store::Node>,
    /// The tasks that come before it.
    pub(crate) after: BTreeSet<usize>,
    /// The columns that whoever bound its readers was told.
    pub(crate) told: Option<Arc<[Column]>>,
    /// Values of variables that stand in its text, which no message may show.
    pub(crate) secrets: Vec<String>,
}

impl Task {
    /// The word for what is done.
    pub(crate) fn doing(&self) -> &'static str {
        if self.make.is_some() { "build" } else { "check" }
    }
}

/// What is kept and what is done.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    /// In an order in which they can be done.
    pub(crate) tasks: Vec<Task>,
    /// Every node with nothing to do, as the view will say it.
    pub(crate) kept: BTreeMap<NodeId, Arc<store::Node>>,
    /// The keys of all outputs that there will be.
    pub(crate) keys: HashMap<NodeId, Vec<String>>,
    /// Nodes that would have to be built and cannot be, with the reason.
    pub(crate) refused: Vec<(NodeId, String)>,
    /// Parts that are not what they were.
    pub(crate) lost: Vec<store::Part>,
    /// Nodes that are made again though nobody edited them, with the reason.
    pub(crate) moved: BTreeMap<NodeId, String>,
    /// An output that is kept has other columns than those who bound what reads it were told.
    pub(crate) is_surprising: bool,
}

/// Decides for every node.
pub(crate) fn decide(question: &Question<'_>) -> Decided {
    let renamed = |change: &seeknal_analysis::changes::Change| match &change.what {
        What::Renamed(before) => Some((change.node.clone(), before.clone())),
        _ => None,
    };
    let names: HashMap<NodeId, NodeId> = question.plan.changes.iter().filter_map(renamed).collect();
    let actions: HashMap<&NodeId, Action> =
        question.plan.steps.iter().map(|step| (&step.node, step.action)).collect();
    let mut deciding =
        Deciding { question, names, actions, places: HashMap::new(), decided: Decided::default() };
    for id in question.project.graph().order() {
        if let Some(node) = question.project.node(id) {
            deciding.node(node);
        }
    }
    deciding.decided
}

struct Deciding<'q> {
    question: &'q Question<'q>,
    /// What renamed nodes were called.
    names: HashMap<NodeId, NodeId>,
    actions: HashMap<&'q NodeId, Action>,
    places: HashMap<NodeId, usize>,
    decided: Decided,
}

impl Deciding<'_> {
    fn node(&mut self, node: &Arc<Node>) {
        match node.kind.has_rows {
            true => self.with_rows(node),
            false => self.without_rows(node),
        }
    }

    /// What a baseline says of a node, if it was built there.
    fn before(&self, id: &NodeId) -> Option<&Arc<store::Node>> {
        let then = self.names.get(id).unwrap_or(id);
        self.question.base?.nodes.get(then.as_str())
    }

    fn with_rows(&mut self, node: &Arc<Node>) {
        let id = &node.id;
        let old = self.before(id).filter(|old| !old.parts.is_empty()).cloned();
        let is_edited = matches!(
            self.actions.get(id),
            Some(Action::Build | Action::Fails | Action::Waits | Action::Drop)
        );
        let lost: Vec<store::Part> = old
            .iter()
            .flat_map(|old| &old.parts)
            .filter(|part| !self.question.store.is_same(part))
            .cloned()
            .collect();
        if let Some(why) = self.moved(node, old.as_deref(), !lost.is_empty()) {
            self.decided.moved.insert(id.clone(), why);
        }
        let is_elsewhere = self.actions.get(id) == Some(&Action::Export);
        if let Some(why) = unwritten_target(node).filter(|_| is_elsewhere) {
            self.decided.refused.push((id.clone(), why));
            return;
        }
        let is_kept = !is_edited && lost.is_empty() && !self.decided.moved.contains_key(id);
        self.decided.lost.extend(lost);
        if let (Some(old), true) = (old, is_kept) {
            self.settle(node, None, old);
            return;
        }
        if let Some(why) = unwritten_target(node) {
            self.decided.refused.push((id.clone(), why));
            return;
        }
        match self.made(node) {
            Ok((make, key, facts)) if self.question.refresh == Refresh::All => {
                // Under a key of its own, so that nothing that is there stands for it.
                let key = unstable_key(&key, node, self.question.token);
                self.build(node, make, key, facts);
            }
            Ok((make, key, facts)) => self.build(node, make, key, facts),
            Err(why) => self.decided.refused.push((id.clone(), why)),
        }
    }

    /// Why an output is not right any more though nobody edited its node.
    fn moved(&self, node: &Node, old: Option<&store::Node>, is_lost: bool) -> Option<String> {
        let Question { refresh, project, around, .. } = self.question;
        let upstream = node.references.iter().find(|one| self.decided.moved.contains_key(&one.id));
        if let Some(one) = upstream {
            return Some(format!("`{}` is made again", one.id));
        }
        let old = old?;
        if is_lost {
            return Some("its output is not what was written".to_owned());
        }
        if *refresh == Refresh::Nothing {
            return None;
        }
        if *refresh == Refresh::All {
            return Some("everything is made again".to_owned());
        }
        if node.kind.name == "source" {
            let now = (self.question.data)(&node.id).map(|data| data.version);
            let then = old.facts.get("data");
            return (now.is_none() || now.as_ref() != then)
                .then(|| "its data is another than it was".to_owned());
        }
        let then = old.facts.get("values").and_then(Value::as_str);
        if values(project, node, around).as_deref() != then {
            return Some("a day or a variable that it names is another now".to_owned());
        }
        let engine = self.question.base.and_then(|base| base.facts.get("engine"));
        let is_other = engine.is_some_and(|then| then != self.question.engine);
        is_other.then(|| "another engine built it".to_owned())
    }

    /// How an output is made, under which key, and what is recorded of it.
    fn made(&self, node: &Arc<Node>) -> Result<(Make, String, Value), String> {
        let Question { project, meaning, around, engine, token, .. } = self.question;
        let identity: &Identity =
            meaning.identities.get(&node.id).ok_or("nobody knows what it means")?;
        if node.kind.name == "source" {
            let file = data_file(node).ok_or_else(|| {
                let kind = node.text("source").unwrap_or("this kind");
                format!("this program does not read data from `{kind}` yet; export it to a file")
            })?;
            let missing = || format!("{} is not there, or lies outside of the project", file.path);
            let DataOf { path, version } = (self.question.data)(&node.id).ok_or_else(missing)?;
            let key = source_key(
                engine,
                &file.query("file"),
                identity,
                version["hash"].as_str().unwrap_or_default(),
            );
            let query = file.query(&path.to_string_lossy());
            let yields = meaning.schemas.computed(&node.id).map(|columns| columns.to_vec());
            return Ok((Make::Read { query, path, yields }, key, json!({ "data": version })));
        }
        let query = query_of((project, meaning), node, around)?;
        let mut inputs = Vec::new();
        for (_, _, id) in &query.reads {
            match self.decided.keys.get(id) {
                Some(keys) => inputs.push(keys.clone()),
                None if project.node(id).is_none() => inputs.push(Vec::new()),
                None => return Err(format!("it reads `{id}`, which cannot be built")),
            }
        }
        let made_of = made_of(engine, &query, &inputs);
        let mut facts = json!({});
        if let Some(values) = values(project, node, around) {
            set(&mut facts, "values", Value::from(values));
        }
        let key = match is_unstable(identity) {
            true => unstable_key(&made_of, node, token),
            false => made_of.clone(),
        };
        if key != made_of {
            set(&mut facts, "made_of", Value::from(made_of));
        }
        let yields = meaning.schemas.computed(&node.id).map(|columns| columns.to_vec());
        Ok((Make::Build { query, yields }, key, facts))
    }

    fn build(&mut self, node: &Arc<Node>, make: Make, key: String, facts: Value) {
        let Question { base, elsewhere, store, .. } = self.question;
        let is_whole = |one: &store::Node| {
            !one.parts.is_empty() && one.parts.iter().all(|part| store.is_same(part))
        };
        let here = |one: &&Arc<store::Node>| {
            one.parts.len() == 1 && one.parts.iter().all(|part| part.key == key) && is_whole(one)
        };
        // What differs from build to build is right for whom it was built, as long as it would be built of
        // the very same.
        let made_of = facts.get("made_of").filter(|made_of| made_of.is_string());
        let same = |one: &&Arc<store::Node>| one.facts.get("made_of") == made_of && is_whole(one);
        let id = node.id.as_str();
        let base = base.map(|base| &base.nodes);
        let all = || elsewhere.own().chain(base).chain(elsewhere.others());
        let by_key = || {
            let by_name = all().find_map(|nodes| nodes.get(id).filter(here));
            // An output may be known under another name.
            by_name.or_else(|| all().find_map(|nodes| nodes.values().find(here)))
        };
        let by_origin = || elsewhere.own().find_map(|nodes| nodes.get(id).filter(same));
        // Nobody shows what is not there.
        let found = store.has_object(&key).then(by_key).flatten();
        let found = found.or_else(|| made_of.and_then(|_| by_origin())).cloned();
        match found {
            Some(found) => self.settle(node, None, found),
            None => {
                let record = store::Node { facts, ..store::Node::default() };
                self.decided.keys.insert(node.id.clone(), vec![key.clone()]);
                self.settle(node, Some((make, key)), Arc::new(record));
            }
        }
    }

    /// Takes a node down, with what is asserted of it.
    fn settle(&mut self, node: &Arc<Node>, make: Option<(Make, String)>, record: Arc<store::Node>) {
        let id = &node.id;
        let told = self.question.meaning.schemas.columns(id).cloned();
        if make.is_none() {
            let is_told = |told: &Arc<[Column]>| {
                let found = record.columns.iter().map(|(name, kind)| (name, kind));
                told.iter().map(|one| (&one.name, &one.kind)).eq(found)
            };
            let is_output = !record.parts.is_empty();
            self.decided.is_surprising |=
                is_output && told.as_ref().is_some_and(|told| !is_told(told));
            let keys = record.parts.iter().map(|part| part.key.clone()).collect();
            self.decided.keys.insert(id.clone(), keys);
        }
        let mut record = record;
        let checks = match self.open_checks(node, &mut record) {
            Ok(checks) => checks,
            Err(why) => {
                self.decided.refused.push((id.clone(), why));
                return;
            }
        };
        if make.is_none() && checks.is_empty() {
            self.decided.kept.insert(id.clone(), record);
            return;
        }
        let reads = node.references.iter().filter_map(|one| self.places.get(&one.id));
        let after = reads.copied().collect();
        self.places.insert(id.clone(), self.decided.tasks.len());
        let Question { project, around, .. } = self.question;
        let secrets = secrets(project, node, around);
        let node = node.clone();
        self.decided.tasks.push(Task { node, make, checks, record, after, told, secrets });
    }

    /// What is to be asserted of a node; nothing where it was asserted of the very same outputs.
    fn open_checks(
        &self,
        node: &Node,
        record: &mut Arc<store::Node>,
    ) -> Result<Vec<Check>, String> {
        let all = checks(node)?;
        if all.is_empty() {
            say(record, "asserted", Value::Null);
            say(record, "checks", Value::Null);
            return Ok(all);
        }
        let mut outputs = Vec::new();
        for (_, _, id) in check_tables(node) {
            match self.decided.keys.get(&id) {
                Some(keys) => outputs.push(keys.clone()),
                None if self.question.project.node(&id).is_none() => {}
                None => return Err(format!("it is about `{id}`, which cannot be built")),
            }
        }
        let key = checks_key(&all, &outputs);
        let is_said = |one: &&Arc<store::Node>| {
            one.facts.get("asserted").and_then(Value::as_str) == Some(key.as_str())
        };
        let elsewhere = self.question.elsewhere;
        let known = || {
            let mut all = elsewhere.own().chain(elsewhere.others());
            all.find_map(|nodes| nodes.get(node.id.as_str()).filter(is_said))
        };
        let found = self.before(&node.id).filter(is_said).or_else(known);
        let found = found.filter(|_| !all.iter().any(|check| check.ages));
        let said = found.and_then(|found| found.facts.get("checks")).cloned();
        say(record, "asserted", Value::from(key.as_str()));
        say(record, "checks", said.unwrap_or_default());
        Ok(if found.is_some() { Vec::new() } else { all })
    }

    fn without_rows(&mut self, node: &Arc<Node>) {
        match node.kind.name {
            "rule" => self.settle(node, None, Arc::default()),
            "exposure" => self.exposure(node),
            _ => {
                self.decided.kept.insert(node.id.clone(), Arc::default());
            }
        }
    }

    fn exposure(&mut self, node: &Arc<Node>) {
        let kind = node.text("type").unwrap_or_default().to_lowercase();
        let outputs: Vec<String> = node
            .references
            .first()
            .and_then(|one| self.decided.keys.get(&one.id))
            .cloned()
            .unwrap_or_default();
        let key = super::export_key(node, &outputs);
        let then = self.before(&node.id).and_then(|old| old.facts.get("export")).cloned();
        let is_new = then.as_ref().and_then(Value::as_str) != Some(key.as_str());
        if is_new && !["file", "report"].contains(&kind.as_str()) {
            let why = format!(
                "this program does not carry out an exposure of type `{kind}` yet; leave it out"
            );
            self.decided.refused.push((node.id.clone(), why));
            return;
        }
        let mut facts = json!({ "export": key });
        if let (Some((file, format)), Some(reads)) = (exported(node), node.references.first()) {
            set(&mut facts, "file", Value::from(file));
            set(&mut facts, "format", Value::from(format));
            set(&mut facts, "reads", Value::from(reads.id.as_str()));
        }
        let record = Arc::new(store::Node { facts, ..store::Node::default() });
        self.decided.kept.insert(node.id.clone(), record);
    }
}

/// Values of variables that stand in a node's text, which no message may show.
pub(crate) fn secrets(project: &Project, node: &Node, around: &Surroundings<'_>) -> Vec<String> {
    let value = |(name, _): &(String, seeknal_syntax::Span)| match project.meaning(name, around) {
        seeknal_model::Meaning::Variable(value) if !value.is_empty() => Some(value),
        _ => None,
    };
    node.parameters.iter().filter_map(value).collect()
}

/// The query that makes an output, for kinds that have one.
pub(crate) fn query_of(
    (project, meaning): (&Project, &Meaning),
    node: &Node,
    around: &Surroundings<'_>,
) -> Result<Query, String> {
    if node.body.is_some() {
        return Err("this program does not run Python yet; leave it out".to_owned());
    }
    match node.kind.name {
        "transform" => query(project, node, around).ok_or("it has no SQL")?,
        "profile" => {
            let reads = node.references.first().ok_or("it reads nothing")?.id.clone();
            let columns = meaning.schemas.columns(&reads);
            let columns = columns.ok_or_else(|| format!("nobody knows what `{reads}` yields"))?;
            let mut text = MappedText::default();
            text.push_replaced(&profile_query(node, columns), node.name_span);
            let reads = vec![(None, "input_0".to_owned(), reads)];
            Ok(Query { before: Vec::new(), text, reads })
        }
        kind => Err(format!("this program does not build a `{kind}` yet; leave it out")),
    }
}

/// Sets a fact of a record, which stays the same one where that is what it says.
fn say(record: &mut Arc<store::Node>, key: &str, value: Value) {
    let is_said = record.facts.get(key).unwrap_or(&Value::Null) == &value;
    if !record.facts.is_object() || !is_said {
        set(&mut Arc::make_mut(record).facts, key, value);
    }
}

/// Sets a fact; one that is null is none.
pub(crate) fn set(facts: &mut Value, key: &str, value: Value) {
    if !facts.is_object() {
        *facts = json!({});
    }
    if let Some(facts) = facts.as_object_mut() {
        match value {
            Value::Null => facts.remove(key),
            value => facts.insert(key.to_owned(), value),
        };
    }
}
