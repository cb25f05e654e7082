//! Python pipeline files, read and never run.
//!
//! A function decorated with one of Seeknal's decorators is a node. What its decorator says becomes
//! the same tree of keys that a YAML file gives, with places in the Python file, so everything that
//! asks a node for a key works on both. The function's text is kept: it is what the node computes,
//! and an edit of it is an edit of the node.

use crate::codes;
use crate::kinds;
use crate::lower::{self, Lowered, is_id};
use crate::node::{Body, Node, NodeId, Origin, Reference, entry};
use crate::python_depth::too_deep;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Decorator, Expr, ExprCall, ModModule, PySourceType, Stmt, StmtFunctionDef};
use ruff_python_parser::parse_unchecked_source;
use ruff_text_size::{Ranged, TextRange};
use seeknal_syntax::yaml::{self, NodeKind, Scalar, Style};
use seeknal_syntax::{Problem, Span, slice};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// The decorators that declare a node, which are also its kinds.
const DECLARING: [&str; 4] = ["source", "transform", "feature_group", "second_order_aggregation"];

/// Reads every node of a Python file. Functions that are whole are read even where others are not.
pub(crate) fn file(path: &Arc<str>, text: &str) -> Lowered {
    let mut lowered = Lowered::default();
    if let Some(at) = too_deep(text) {
        let message = "this expression nests too deep to be read; give a part of it a name";
        let problem = Problem::new(codes::PYTHON_SYNTAX, Span::at(at), message);
        lowered.problems.push(problem);
        return lowered;
    }
    let parsed = parse_unchecked_source(text, PySourceType::Python);
    if let Some(error) = parsed.errors().first() {
        let sentence = error.error.to_string();
        let sentence = sentence.lines().next().unwrap_or_default();
        let message = format!("this is not Python: {sentence}");
        let span = lower::first_word(text, span(error.location));
        lowered.problems.push(Problem::new(codes::PYTHON_SYNTAX, span, message));
    }
    let module = parsed.into_syntax();
    let imports = Imports::of(&module);
    for statement in &module.body {
        if let Stmt::FunctionDef(function) = statement
            && let Some(node) = node(path, text, function, &imports, &mut lowered.problems)
        {
            lowered.nodes.push(Arc::new(node));
        }
    }
    match (lower::outside(path), lowered.nodes.is_empty()) {
        // Other tools keep Python in folders of the same name.
        (true, true) => Lowered::default(),
        (true, false) => {
            lowered.problems.push(lower::seeknal_looks_below());
            lowered
        }
        (false, _) => lowered,
    }
}

fn span(range: TextRange) -> Span {
    Span::new(range.start().to_usize(), range.end().to_usize())
}

/// The names that a file takes from Seeknal, by the names it gives them.
struct Imports(HashMap<String, String>);

impl Imports {
    fn of(module: &ModModule) -> Imports {
        let mut names = HashMap::new();
        let is_seeknal = |name: &str| name == "seeknal" || name.starts_with("seeknal.");
        for statement in &module.body {
            match statement {
                Stmt::ImportFrom(import) => {
                    let module = import.module.as_ref().map_or("", |module| module.as_str());
                    for alias in import.names.iter().filter(|_| is_seeknal(module)) {
                        let local = alias.asname.as_ref().unwrap_or(&alias.name);
                        names.insert(local.to_string(), alias.name.to_string());
                    }
                }
                Stmt::Import(import) => {
                    for alias in import.names.iter().filter(|alias| is_seeknal(&alias.name)) {
                        let local = alias.asname.as_ref().unwrap_or(&alias.name);
                        let top = local.split('.').next().unwrap_or_default();
                        names.insert(top.to_owned(), alias.name.to_string());
                    }
                }
                _ => {}
            }
        }
        Imports(names)
    }

    /// Seeknal's own name of a decorator: `transform` for `transform`, `t` or `pipeline.transform`.
    fn original(&self, expression: &Expr) -> Option<String> {
        match expression {
            Expr::Call(call) => self.original(&call.func),
            Expr::Name(name) => self.0.get(name.id.as_str()).cloned(),
            Expr::Attribute(attribute) => {
                self.0.get(top(&attribute.value)?).map(|_| attribute.attr.to_string())
            }
            _ => None,
        }
    }
}

/// The first name of a dotted one.
fn top(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => top(&attribute.value),
        _ => None,
    }
}

fn node(
    path: &Arc<str>,
    text: &str,
    function: &StmtFunctionDef,
    imports: &Imports,
    problems: &mut Vec<Problem>,
) -> Option<Node> {
    let (decorator, kind) = function.decorator_list.iter().find_map(|decorator| {
        let name = imports.original(&decorator.expression)?;
        DECLARING.contains(&name.as_str()).then_some(())?;
        Some((decorator, kinds::find(&name)?))
    })?;
    let root = Arc::new(root(text, function, decorator, kind.name, imports));
    let name_node = &entry(&root, "name")?.value;
    let name = name_node.scalar()?.text.clone();
    let name_span = name_node.span;
    if name != function.name.as_str() {
        let message = format!(
            "Seeknal finds `{name}` only in a function of that name; rename the function `{}`",
            function.name
        );
        problems.push(Problem::new(codes::FUNCTION_NAME, name_span, message));
    }
    let mut references = lower::declared(&root, kind);
    let mut calls = RefCalls { text, found: Vec::new(), problems };
    for statement in &function.body {
        calls.visit_stmt(statement);
    }
    references.extend(calls.found);
    let body = span(function.range());
    let id = NodeId::new(&format!("{}.{name}", kind.name));
    let body = Some(Body::new(slice(text, body)));
    let parameters = Vec::new();
    let path = path.clone();
    let (sql, said) = (None, OnceLock::new());
    Some(Node { id, kind, name, name_span, path, root, references, parameters, sql, body, said })
}

/// The literal `ctx.ref("…")` of a function's body.
struct RefCalls<'t> {
    text: &'t str,
    found: Vec<Reference>,
    problems: &'t mut Vec<Problem>,
}

impl<'a> Visitor<'a> for RefCalls<'_> {
    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Call(call) = expression {
            self.call(call);
        }
        walk_expr(self, expression);
    }
}

impl RefCalls<'_> {
    fn call(&mut self, call: &ExprCall) {
        let Expr::Attribute(method) = &*call.func else { return };
        if method.attr.as_str() != "ref" || top(&method.value) != Some("ctx") {
            return;
        }
        let Some(first) = call.arguments.args.first() else { return };
        let literal = literal(self.text, first);
        match literal.scalar().filter(|scalar| scalar.style != Style::Plain) {
            Some(scalar) if is_id(&scalar.text) => {
                let id = NodeId::new(&scalar.text);
                self.found.push(Reference { id, span: scalar.content, origin: Origin::ContextRef });
            }
            Some(scalar) => {
                let message = format!("`{}` names no node; write `kind.name`", scalar.text);
                self.problems.push(Problem::new(codes::BAD_REFERENCE, literal.span, message));
            }
            None => {
                let message =
                    "which node is read here is known only at run; write its id as a text";
                self.problems.push(Problem::new(codes::DYNAMIC_REF, literal.span, message));
            }
        }
    }
}

/// The keys that a decorator gives a node, as the tree that a YAML file would give.
fn root(
    text: &str,
    function: &StmtFunctionDef,
    decorator: &Decorator,
    kind: &str,
    imports: &Imports,
) -> yaml::Node {
    let place = span(decorator.range());
    let mut entries = vec![made("kind", scalar(kind, Style::DoubleQuoted, place, place), place)];
    let mut named = false;
    if let Expr::Call(call) = &decorator.expression {
        if let Some(first) = call.arguments.args.first() {
            entries.push(made("name", literal(text, first), span(first.range())));
            named = true;
        }
        for keyword in &call.arguments.keywords {
            let Some(key) = &keyword.arg else { continue };
            named |= key.as_str() == "name";
            entries.push(made(key.as_str(), literal(text, &keyword.value), span(key.range())));
        }
    }
    if !named {
        let place = span(function.name.range());
        entries.push(made(
            "name",
            scalar(&function.name, Style::DoubleQuoted, place, place),
            place,
        ));
    }
    let targets: Vec<Arc<yaml::Node>> = function
        .decorator_list
        .iter()
        .filter(|one| imports.original(&one.expression).as_deref() == Some("materialize"))
        .filter_map(|one| one.expression.as_call_expr())
        .map(|call| Arc::new(target(text, call)))
        .collect();
    if !targets.is_empty() {
        entries.push(made("materializations", plain(place, NodeKind::Sequence(targets)), place));
    }
    plain(span(function.range()), NodeKind::Mapping(entries))
}

fn target(text: &str, call: &ExprCall) -> yaml::Node {
    let entries = call
        .arguments
        .keywords
        .iter()
        .filter_map(|keyword| {
            let key = keyword.arg.as_ref()?;
            Some(made(key.as_str(), literal(text, &keyword.value), span(key.range())))
        })
        .collect();
    plain(span(call.range()), NodeKind::Mapping(entries))
}

/// A Python literal as a value with its place. What is no literal is known only at run.
fn literal(text: &str, expression: &Expr) -> yaml::Node {
    let place = span(expression.range());
    match expression {
        Expr::StringLiteral(string) => {
            let quotes = slice(text, place);
            let lead = quotes.find(['"', '\'']).unwrap_or(0);
            let width = if quotes
                .get(lead..)
                .is_some_and(|q| q.starts_with("\"\"\"") || q.starts_with("'''"))
            {
                3
            } else {
                1
            };
            let content = Span::new(place.start + lead + width, place.end.saturating_sub(width));
            scalar(string.value.to_str(), Style::DoubleQuoted, place, content)
        }
        Expr::BooleanLiteral(flag) => {
            scalar(if flag.value { "true" } else { "false" }, Style::Plain, place, place)
        }
        Expr::NoneLiteral(_) => scalar("null", Style::Plain, place, place),
        Expr::NumberLiteral(_) => scalar(slice(text, place), Style::Plain, place, place),
        Expr::List(list) => items(text, place, &list.elts),
        Expr::Tuple(tuple) => items(text, place, &tuple.elts),
        Expr::Dict(dict) => {
            let entries = dict
                .items
                .iter()
                .filter_map(|item| {
                    let key = Arc::new(literal(text, item.key.as_ref()?));
                    Some(yaml::Entry { key, value: Arc::new(literal(text, &item.value)) })
                })
                .collect();
            plain(place, NodeKind::Mapping(entries))
        }
        _ => plain(place, NodeKind::Broken),
    }
}

fn items(text: &str, place: Span, list: &[Expr]) -> yaml::Node {
    let items = list.iter().map(|item| Arc::new(literal(text, item))).collect();
    plain(place, NodeKind::Sequence(items))
}

fn made(key: &str, value: yaml::Node, place: Span) -> yaml::Entry {
    yaml::Entry {
        key: Arc::new(scalar(key, Style::DoubleQuoted, place, place)),
        value: Arc::new(value),
    }
}

fn scalar(text: &str, style: Style, span: Span, content: Span) -> yaml::Node {
    plain(span, NodeKind::Scalar(Scalar { text: text.to_owned(), style, content }))
}

fn plain(span: Span, kind: NodeKind) -> yaml::Node {
    yaml::Node { span, kind, tag: None, anchor: None }
}
