//! From the tree of a file to nodes.

use crate::codes;
use crate::environment::{Environment, is_environment, is_known};
use crate::kinds;
use crate::nearest::nearest;
use crate::node::{Node, NodeId, Origin, Reference, Sql, entry, parameters};
use crate::sql_names::by_name;
use crate::table::{Kind, Shape};
use crate::{forms, needs, validate};
use seeknal_syntax::sql::{depth_problem, refs};
use seeknal_syntax::yaml::{self, NodeKind};
use seeknal_syntax::{Edit, Problem, Span, embed, slice};
use std::sync::{Arc, OnceLock};

#[derive(Default)]
pub(crate) struct Lowered {
    pub(crate) nodes: Vec<Arc<Node>>,
    pub(crate) environments: Vec<Arc<Environment>>,
    pub(crate) problems: Vec<Problem>,
}

/// Reads every node of a file. Each document of it is a node.
pub(crate) fn file(path: &Arc<str>, text: &str) -> Lowered {
    let tree = yaml::parse(text);
    let roots = || tree.documents.iter().filter_map(|document| document.root.as_ref());
    let outside = outside(path);
    // Other tools keep YAML in folders of the same name.
    if outside && !roots().any(|root| is_known(root)) {
        return Lowered::default();
    }
    let mut lowered = Lowered { problems: tree.problems, ..Lowered::default() };
    if outside {
        lowered.problems.push(seeknal_looks_below());
    }
    if tree.documents.iter().all(|document| document.root.is_none()) && lowered.problems.is_empty()
    {
        let message = "this file declares nothing; write a node into it, or delete it";
        lowered.problems.push(Problem::new(codes::NOT_A_NODE, Span::at(0), message));
    }
    if path.ends_with(".yaml") && !outside {
        let message = "Seeknal reads only files that end in `.yml`; rename this one";
        lowered.problems.push(Problem::new(codes::SEEKNAL_IGNORES_THIS, Span::at(0), message));
    }
    if let Some(second) = roots().nth(1) {
        let span = first_word(text, second.span);
        let message = "Seeknal reads one node from a file; move this document into its own";
        lowered.problems.push(Problem::new(codes::SEVERAL_DOCUMENTS, span, message));
    }
    for root in roots() {
        if is_environment(root) {
            environment(path, text, root, &mut lowered);
        } else if let Some(node) = node(path, text, root, &mut lowered.problems) {
            lowered.nodes.push(Arc::new(node));
        }
    }
    lowered
}

/// Whether a file lies where the tutorial puts files and Seeknal does not look for them.
pub(crate) fn outside(path: &str) -> bool {
    !path.starts_with("seeknal/")
}

pub(crate) fn seeknal_looks_below() -> Problem {
    let message = "Seeknal reads only files below `seeknal/`; move this one there";
    Problem::new(codes::SEEKNAL_IGNORES_THIS, Span::at(0), message)
}

fn environment(path: &Arc<str>, text: &str, root: &Arc<yaml::Node>, lowered: &mut Lowered) {
    validate::node(text, &kinds::ENVIRONMENT, root, &mut lowered.problems);
    if let Some(kind) = entry(root, "kind").filter(|_| !outside(path)) {
        let message = "Seeknal knows no environments in files and reads past this one";
        let span = kind.value.span;
        lowered.problems.push(Problem::new(codes::SEEKNAL_IGNORES_THIS, span, message));
    }
    lowered.environments.extend(Environment::of(path, root).map(Arc::new));
}

fn node(
    path: &Arc<str>,
    text: &str,
    root: &Arc<yaml::Node>,
    problems: &mut Vec<Problem>,
) -> Option<Node> {
    match &root.kind {
        NodeKind::Mapping(_) => {}
        NodeKind::Broken => return None,
        _ => {
            let span = first_word(text, root.span);
            let message = "a node is a mapping; begin with `kind:` and `name:`";
            problems.push(Problem::new(codes::NOT_A_NODE, span, message));
            return None;
        }
    }
    let kind = kind(text, root, problems)?;
    validate::node(text, kind, root, problems);
    needs::check(text, kind, root, problems);
    forms::check(text, kind, root, problems);
    let name_node = &entry(root, "name")?.value;
    let name = name_node.scalar().filter(|scalar| !scalar.text.is_empty())?.text.clone();
    let sql = sql(text, kind, root, problems);
    let mut references = declared(root, kind);
    without_edge(text, root, &references, problems);
    if let Some(sql) = &sql {
        references.extend(in_sql(text, root, sql, &references, problems));
    }
    Some(Node {
        id: NodeId::new(&format!("{}.{name}", kind.name)),
        kind,
        name,
        name_span: name_node.span,
        path: path.clone(),
        root: root.clone(),
        references,
        parameters: parameters(text, root, sql.as_ref()),
        sql,
        body: None,
        said: OnceLock::new(),
    })
}

fn kind(text: &str, root: &yaml::Node, problems: &mut Vec<Problem>) -> Option<&'static Kind> {
    let known = || kinds::ALL.iter().map(|kind| kind.name);
    let Some(entry) = entry(root, "kind") else {
        let all = known().collect::<Vec<_>>().join(", ");
        let message = format!("this node has no `kind`; add `kind:` with one of {all}");
        let span = first_word(text, root.span);
        problems.push(Problem::new(codes::MISSING_KIND, span, message));
        return None;
    };
    let value = &entry.value;
    let Some(scalar) = value.scalar() else {
        let span = first_word(text, value.span);
        if !matches!(value.kind, NodeKind::Broken) {
            let message = "`kind` takes one word, such as `transform`";
            problems.push(Problem::new(codes::WRONG_TYPE, span, message));
        }
        return None;
    };
    if let Some(kind) = kinds::find(&scalar.text) {
        return Some(kind);
    }
    let mut problem = match nearest(&scalar.text, known()) {
        Some(near) => {
            let message = format!("there is no kind `{}`; did you mean `{near}`?", scalar.text);
            let edit = Edit { span: value.span, text: near.to_owned() };
            Problem::new(codes::UNKNOWN_KIND, value.span, message)
                .with_fix(format!("Write {near}"), edit)
        }
        None => {
            let all = known().collect::<Vec<_>>().join(", ");
            let message = format!("there is no such kind; it is one of {all}");
            Problem::new(codes::UNKNOWN_KIND, value.span, message)
        }
    };
    if scalar.text.is_empty() {
        problem =
            Problem::new(codes::MISSING_KIND, entry.key.span, "`kind` has no value; write one");
    }
    problems.push(problem);
    None
}

/// The SQL of a node: `transform`, or the tutorial's `sql` where that is absent.
fn sql(text: &str, kind: &Kind, root: &yaml::Node, problems: &mut Vec<Problem>) -> Option<Sql> {
    let takes_sql = |field: &&crate::table::Field| matches!(field.shape, Shape::Sql);
    let value = kind
        .fields
        .iter()
        .filter(takes_sql)
        .find_map(|field| entry(root, field.name))
        .map(|entry| &entry.value)?;
    let embedded = embed::embedded(text, value)?;
    if let Some(problem) = depth_problem(&embedded.text) {
        let span = embedded.map.span_to_file(problem.span);
        problems.push(Problem { span, ..problem });
    }
    Some(Sql { refs: refs(&embedded.text), text: embedded, span: value.span })
}

/// The references that keys hold.
pub(crate) fn declared(root: &yaml::Node, kind: &Kind) -> Vec<Reference> {
    let mut found = Vec::new();
    // The tutorial's `input` is one node or a list of them.
    let tutorial = entry(root, "input").filter(|_| kind.name == "transform");
    let mut add = |node: &yaml::Node, origin: Origin| {
        if let Some(scalar) = node.scalar().filter(|scalar| is_id(&scalar.text)) {
            let id = NodeId::new(&scalar.text);
            found.push(Reference { id, span: node.span, origin });
        }
    };
    for (key, origin) in [("inputs", Origin::Inputs), ("depends_on", Origin::DependsOn)] {
        let items = entry(root, key).and_then(|entry| entry.value.items()).unwrap_or_default();
        let counts = origin == Origin::Inputs
            || entry(root, "inputs")
                .and_then(|entry| entry.value.items())
                .is_none_or(<[_]>::is_empty);
        for item in items.iter().filter(|_| counts) {
            match entry(item, "ref") {
                Some(reference) => add(&reference.value, origin),
                None => add(item, origin),
            }
        }
    }
    if let Some(input) = tutorial {
        match input.value.items() {
            Some(items) => items.iter().for_each(|item| add(item, Origin::Inputs)),
            None => add(&input.value, Origin::Inputs),
        }
    }
    if matches!(kind.name, "aggregation" | "second_order_aggregation")
        && let Some(source) = entry(root, "source")
    {
        add(&source.value, Origin::Source);
    }
    if let Some(label) = entry(root, "training").and_then(|one| entry(&one.value, "label_source")) {
        add(&label.value, Origin::LabelSource);
    }
    if kind.name == "semantic_model"
        && let Some(model) = entry(root, "model")
        && let Some(scalar) = model.value.scalar()
        && let Some(site) = refs(&scalar.text).first()
    {
        let id = NodeId::new(&site.id);
        found.push(Reference { id, span: model.value.span, origin: Origin::Model });
    }
    found
}

/// `source` and `label_source` name data, and Seeknal draws no edge for them.
fn without_edge(text: &str, root: &yaml::Node, found: &[Reference], problems: &mut Vec<Problem>) {
    let has_edge = |id: &NodeId| {
        let edge = |one: &Reference| matches!(one.origin, Origin::Inputs | Origin::DependsOn);
        found.iter().any(|one| one.id == *id && edge(one))
    };
    for one in found {
        if matches!(one.origin, Origin::Source | Origin::LabelSource) && !has_edge(&one.id) {
            problems.push(undeclared(text, root, &one.id, one.span));
        }
    }
}

/// The references in SQL. One that is not among the inputs is still a reference.
fn in_sql(
    text: &str,
    root: &yaml::Node,
    sql: &Sql,
    declared: &[Reference],
    problems: &mut Vec<Problem>,
) -> Vec<Reference> {
    let mut found = Vec::new();
    for site in &sql.refs {
        let span = sql.text.map.span_to_file(site.id_span);
        let id = NodeId::new(&site.id);
        if !declared.iter().any(|one| one.id == id) {
            problems.push(undeclared(text, root, &id, span));
        }
        found.push(Reference { id, span, origin: Origin::Sql });
    }
    found.extend(by_name(root, sql, problems));
    found
}

fn undeclared(text: &str, root: &yaml::Node, id: &NodeId, span: Span) -> Problem {
    let message = format!("`{id}` is read here and is not among the `inputs`; add it there");
    let problem = Problem::new(codes::UNDECLARED_REF, span, message);
    let title = format!("Add {id} to inputs");
    match entry(root, "inputs") {
        None => {
            let Some(name) = entry(root, "name") else { return problem };
            let at = line_end(text, name.value.span.end);
            let edit = Edit { span: Span::at(at), text: format!("\ninputs:\n  - ref: {id}") };
            problem.with_fix(title, edit)
        }
        Some(inputs) => {
            let last = inputs.value.items().and_then(<[_]>::last);
            let Some(last) = last.filter(|_| !slice(text, inputs.value.span).starts_with('['))
            else {
                return problem;
            };
            let Some(dash) = dash_before(text, last.span.start) else { return problem };
            let indent = slice(text, Span::new(line_start(text, dash), dash));
            let edit = Edit {
                span: Span::at(line_end(text, last.span.end)),
                text: format!("\n{indent}- ref: {id}"),
            };
            problem.with_fix(title, edit)
        }
    }
}

fn dash_before(text: &str, offset: usize) -> Option<usize> {
    let start = line_start(text, offset);
    let lead = slice(text, Span::new(start, offset));
    let blank = lead.len() - lead.trim_start().len();
    (lead.trim() == "-").then_some(start + blank)
}

fn line_start(text: &str, offset: usize) -> usize {
    text.get(..offset).unwrap_or_default().rfind(['\n', '\r']).map_or(0, |at| at + 1)
}

fn line_end(text: &str, offset: usize) -> usize {
    let rest = text.get(offset..).unwrap_or_default();
    offset + rest.find(['\n', '\r']).unwrap_or(rest.len())
}

/// Whether a text has the form `kind.name`.
pub(crate) fn is_id(text: &str) -> bool {
    let mut parts = text.split('.');
    let word = |part: Option<&str>| {
        part.is_some_and(|part| {
            !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
        })
    };
    word(parts.next()) && word(parts.next()) && parts.next().is_none()
}

/// The first word of a range, for problems that belong to all of it.
pub(crate) fn first_word(text: &str, span: Span) -> Span {
    let word = slice(text, span);
    Span::new(span.start, span.start + word.find(char::is_whitespace).unwrap_or(word.len()))
}
