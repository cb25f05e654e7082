//! A node beside what it was: column by column, key by key, and line by line.

use crate::{Plan, range};
use seeknal_analysis::changes::{Change, Side, Step, What};
use seeknal_analysis::identity::ColumnIdentity;
use seeknal_model::table::Class;
use seeknal_model::{File, Node, NodeId, kinds};
use seeknal_syntax::yaml::{self, Value as Yaml, construct};
use seeknal_syntax::{Span, slice};
use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};
use std::collections::{BTreeMap, BTreeSet};

/// How many lines around a changed one are shown.
const AROUND: usize = 3;

/// A text of a file without what is secret in it.
pub type Concealed<'c> = &'c dyn Fn(&File, Span) -> String;

/// A node beside what it was.
#[derive(Clone, Debug)]
pub struct NodeDiff<'p> {
    /// The node.
    pub node: NodeId,
    /// What changed at it; nothing where it says what it said.
    pub change: Option<&'p Change>,
    /// What becomes of its output; nothing where no edit reaches it.
    pub step: Option<&'p Step>,
    /// The columns that are not what they were, in the order of the new ones.
    pub columns: Vec<ColumnDiff>,
    /// The keys that say something else, with what an edit of each touches.
    pub keys: Vec<(String, Class)>,
    /// Its text, line by line, around what is not the same.
    pub hunks: Vec<Hunk>,
}

/// A column that is not what it was.
#[derive(Clone, Debug)]
pub struct ColumnDiff {
    /// What became of it: the words of a plan.
    pub change: &'static str,
    /// What it was.
    pub old: Option<Said>,
    /// What it is.
    pub new: Option<Said>,
}

/// A column as it is written.
#[derive(Clone, Debug)]
pub struct Said {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// The expression that says it.
    pub text: String,
    place: Value,
}

/// Lines of a text that changed, with some around them.
#[derive(Clone, Debug)]
pub struct Hunk {
    /// The line of the old file that it begins with, from 1.
    pub old_line: usize,
    /// The line of the new file that it begins with, from 1.
    pub new_line: usize,
    /// Each line, behind `-` where it is gone, `+` where it is new, else a space.
    pub lines: Vec<(char, String)>,
}

impl Plan {
    /// One node beside what it was, or every changed one.
    pub fn diff(
        &self,
        (old, new): (Side<'_>, Side<'_>),
        node: Option<&NodeId>,
        concealed: Concealed<'_>,
    ) -> Vec<NodeDiff<'_>> {
        let changed = self.changes.iter().map(|change| &change.node);
        let ids: Vec<&NodeId> = node.map_or_else(|| changed.collect(), |node| vec![node]);
        ids.into_iter().map(|id| self.node_diff((old, new), id, concealed)).collect()
    }

    fn node_diff(
        &self,
        (old, new): (Side<'_>, Side<'_>),
        id: &NodeId,
        concealed: Concealed<'_>,
    ) -> NodeDiff<'_> {
        let change = self.changes.iter().find(|change| change.node == *id);
        let step = self.steps.iter().find(|step| step.node == *id);
        let before = match change.map(|change| &change.what) {
            Some(What::Added) => None,
            Some(What::Renamed(before)) => Some(before),
            _ => Some(id),
        };
        let of = |side: Side<'_>, id: &NodeId| side.project.node(id).cloned();
        let then = before.and_then(|id| of(old, id));
        let now = of(new, id);
        let columns = change.map(|change| {
            let then = before.and_then(|before| Shown::of(old, before, concealed));
            let now = Shown::of(new, id, concealed);
            columns(change, then.as_ref(), now.as_ref())
        });
        let keys = match (&then, &now) {
            (Some(then), Some(now)) => keys(then, now),
            _ => Vec::new(),
        };
        let text = |side: Side<'_>, node: Option<&Node>| {
            let file = side.project.file(&node?.path)?;
            let (span, line) = lines_of(node?, file);
            Some((concealed(file, span), line))
        };
        let (then, now) = (text(old, then.as_deref()), text(new, now.as_deref()));
        let hunks = hunks(then.unwrap_or_default(), now.unwrap_or_default());
        NodeDiff {
            node: id.clone(),
            change,
            step,
            columns: columns.unwrap_or_default(),
            keys,
            hunks,
        }
    }
}

/// A node of one side whose columns can be shown.
struct Shown<'s> {
    columns: Vec<&'s ColumnIdentity>,
    file: &'s File,
    concealed: Concealed<'s>,
}

impl<'s> Shown<'s> {
    fn of(side: Side<'s>, id: &NodeId, concealed: Concealed<'s>) -> Option<Shown<'s>> {
        let identity = side.identities.get(id)?;
        let file = side.project.file(&side.project.node(id)?.path)?;
        Some(Shown { columns: identity.columns.iter().flatten().collect(), file, concealed })
    }

    fn said(&self, name: &str) -> Option<Said> {
        let column = self.columns.iter().find(|one| one.name.eq_ignore_ascii_case(name))?;
        let text = (self.concealed)(self.file, column.span);
        Some(Said {
            name: column.name.to_string(),
            kind: column.kind.to_string(),
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
            place: json!({ "file": &*self.file.path, "range": range(self.file, column.span) }),
        })
    }
}

fn columns(change: &Change, then: Option<&Shown<'_>>, now: Option<&Shown<'_>>) -> Vec<ColumnDiff> {
    let found = &change.columns;
    let mut words: BTreeMap<String, (&str, String)> = BTreeMap::new();
    let mut say = |word, old: &str, new: &str| {
        words.insert(new.to_lowercase(), (word, old.to_owned()));
    };
    found.added.iter().for_each(|name| say("added", "", name));
    found.renamed.iter().for_each(|(old, new)| say("renamed", old, new));
    found.respelled.iter().for_each(|(old, new)| say("respelled", old, new));
    found.redefined.iter().for_each(|name| say("redefined", name, name));
    found.displaced.iter().for_each(|name| say("displaced", name, name));
    found.retyped.iter().for_each(|(name, ..)| say("retyped", name, name));
    if matches!(change.what, What::Added) {
        let all = now.iter().flat_map(|now| &now.columns);
        all.for_each(|column| say("added", "", &column.name));
    }
    let names = now.iter().flat_map(|now| &now.columns).map(|column| &column.name);
    let known = names.filter_map(|name| Some((name, words.get(&name.to_lowercase())?)));
    let mut all: Vec<ColumnDiff> = known
        .map(|(name, (word, old))| ColumnDiff {
            change: word,
            old: then.and_then(|then| then.said(old)),
            new: now.and_then(|now| now.said(name)),
        })
        .collect();
    let gone = |name: &String| ColumnDiff {
        change: "removed",
        old: then.and_then(|then| then.said(name)),
        new: None,
    };
    all.extend(found.removed.iter().map(gone));
    all
}

/// The keys of a node whose values are not what they were.
fn keys(then: &Node, now: &Node) -> Vec<(String, Class)> {
    let values = |node: &Node| -> BTreeMap<String, Yaml> {
        let text = |(key, entry): (Yaml, &yaml::Entry)| match key {
            Yaml::Text(key) => Some((key, construct(&entry.value))),
            _ => None,
        };
        yaml::merged(&node.root).into_iter().filter_map(text).collect()
    };
    let (before, after) = (values(then), values(now));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differ = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    let class = |name: &String| {
        let field = kinds::fields(now.kind).find(|field| field.name == *name);
        field.map_or(Class::Data, |field| field.class)
    };
    differ.map(|name| (name.clone(), class(name))).collect()
}

/// The word for what an edit of a key touches.
pub fn class_word(class: Class) -> &'static str {
    match class {
        Class::Documentation => "documentation",
        Class::Data => "data",
        Class::Check => "check",
        Class::Target => "target",
        Class::Ignored => "ignored",
    }
}

/// The whole lines in which a node is declared, and the number of the first.
fn lines_of(node: &Node, file: &File) -> (Span, usize) {
    let text: &str = &file.text;
    let span = match &node.body {
        // What a function says begins with its decorators.
        Some(body) => {
            text.find(&body.text).map_or(node.root.span, |at| Span::new(at, at + body.text.len()))
        }
        None => node.root.span,
    };
    let before = slice(text, Span::new(0, span.start));
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let behind = slice(text, Span::new(span.end, text.len()));
    let is_whole = slice(text, span).ends_with('\n');
    let end = if is_whole { 0 } else { behind.find('\n').map_or(behind.len(), |at| at + 1) };
    (Span::new(start, span.end + end), before.matches('\n').count() + 1)
}

fn hunks((old, old_line): (String, usize), (new, new_line): (String, usize)) -> Vec<Hunk> {
    let diff = TextDiff::from_lines(&old, &new);
    let hunk = |group: Vec<similar::DiffOp>| {
        let first = group.first();
        let at = |first: Option<usize>, line: usize| first.unwrap_or_default() + line.max(1);
        let lines = group.iter().flat_map(|one| diff.iter_changes(one)).map(|change| {
            let sign = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            (sign, change.value().trim_end_matches(['\n', '\r']).to_owned())
        });
        Hunk {
            old_line: at(first.map(|one| one.old_range().start), old_line),
            new_line: at(first.map(|one| one.new_range().start), new_line),
            lines: lines.collect(),
        }
    };
    diff.grouped_ops(AROUND).into_iter().map(hunk).collect()
}

impl NodeDiff<'_> {
    /// The difference for programs. `PLAN.md` says what each key means.
    pub fn json(&self) -> Value {
        let said = |said: &Option<Said>| match said {
            Some(Said { name, kind, text, place }) => {
                json!({ "name": name, "type": kind, "text": text, "place": place })
            }
            None => Value::Null,
        };
        let columns: Vec<Value> = self
            .columns
            .iter()
            .map(
                |one| json!({ "change": one.change, "old": said(&one.old), "new": said(&one.new) }),
            )
            .collect();
        let keys: Vec<Value> = self
            .keys
            .iter()
            .map(|(key, class)| json!({ "key": key, "class": class_word(*class) }))
            .collect();
        let hunks: Vec<Value> = self
            .hunks
            .iter()
            .map(|one| {
                let lines: Vec<String> =
                    one.lines.iter().map(|(sign, line)| format!("{sign}{line}")).collect();
                json!({ "old_line": one.old_line, "new_line": one.new_line, "lines": lines })
            })
            .collect();
        json!({
            "node": self.node.as_str(),
            "category": self.change.map(|change| change.category.word().to_lowercase()),
            "action": self.step.map(|step| step.action.word()),
            "columns": columns,
            "keys": keys,
            "hunks": hunks,
        })
    }
}
