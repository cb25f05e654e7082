//! `show`: one node with all that is to know of it.

use crate::check::{open_home, say_unread, unreadable};
use crate::exit::Exit;
use crate::render;
use seeknal_model::{Meaning, Node, NodeId, Origin, Project, Surroundings, Variables};
use seeknal_service::{Choice, profile, today, variables};
use seeknal_syntax::{Encoding, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

/// One node: what is declared of it, what it reads, what reads it.
pub(crate) fn run(root: &Path, id: &str, choice: Choice<'_>) -> Exit {
    let loaded = match open_home(root, None) {
        Ok(loaded) => loaded,
        Err(sentence) => return unreadable(&sentence),
    };
    say_unread(&loaded);
    let project = &loaded.project;
    let Some(node) = project.node(&NodeId::new(id)) else {
        return unreadable(&format!("there is no node `{id}`; `seeknal-lsp list` names them all"));
    };
    let mut page = String::new();
    let place = line_of(project, node, node.name_span);
    let _ = writeln!(page, "{}  {}:{place}", node.id, loaded.root.join(&*node.path).display());
    for key in ["description", "owner"] {
        if let Some(text) = node.text(key) {
            let _ = writeln!(page, "  {key}: {text}");
        }
    }
    let graph = project.graph();
    for upstream in graph.reads(&node.id) {
        for site in graph.sites(&upstream, node) {
            let line = line_of(project, node, site.span);
            let _ = writeln!(page, "  reads {upstream} ({}, line {line})", origin(site.origin));
        }
    }
    for reader in graph.readers(&node.id) {
        let _ = writeln!(page, "  read by {reader}");
    }
    let behind = graph.downstream(&node.id).len();
    let _ = writeln!(page, "  {behind} downstream in all");
    let variables = variables(&loaded.root);
    parameters(project, node, &variables, &mut page);
    if node.kind.name == "source"
        && let Err(sentence) = params(&loaded.root, node, choice, &variables, &mut page)
    {
        return unreadable(&sentence);
    }
    if let Some(sql) = &node.sql {
        let _ = writeln!(page, "\n{}", sql.text.text.trim_end());
    }
    render::out(&page);
    Exit::Done
}

fn line_of(project: &Project, node: &Node, span: Span) -> usize {
    let Some(file) = project.file(&node.path) else { return 0 };
    file.lines.position(&file.text, span.start, Encoding::Utf32).line + 1
}

fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Inputs => "inputs",
        Origin::DependsOn => "depends_on",
        Origin::Model => "model",
        Origin::Source => "source",
        Origin::LabelSource => "training.label_source",
        Origin::ContextRef => "ctx.ref()",
        Origin::Sql => "ref() in SQL",
        Origin::SqlInput => "input in SQL",
        Origin::SqlName => "name in SQL",
    }
}

/// What its expressions in braces stand for today.
fn parameters(project: &Project, node: &Node, variables: &Variables, page: &mut String) {
    let around = Surroundings { overrides: &BTreeMap::new(), variables, today: today() };
    let names: BTreeSet<&String> = node.parameters.iter().map(|(name, _)| name).collect();
    for name in names {
        let meaning = match project.meaning(name, &around) {
            Meaning::Value(value) => format!("= {value}"),
            Meaning::Variable(_) => "is set".to_owned(),
            Meaning::AtRun => "is known when it runs".to_owned(),
            Meaning::Unset(variable) => format!("needs `{variable}`, which is not set"),
            Meaning::Unknown => "is not in the common config".to_owned(),
            Meaning::AsWritten => "stays as it is written".to_owned(),
        };
        let _ = writeln!(page, "  {{{{ {name} }}}} {meaning}");
    }
}

/// The params of a source, with what the profile adds to them.
fn params(
    root: &Path,
    node: &Node,
    choice: Choice<'_>,
    variables: &Variables,
    page: &mut String,
) -> Result<(), String> {
    let (profile, file) = profile(root, choice, variables)?;
    let params = profile.params(node, variables).map_err(|unset| {
        let file = file.as_deref().unwrap_or(Path::new("the profile")).display();
        format!("{file}: `{}` needs `{}`, which is not set", unset.param, unset.variable)
    })?;
    for param in params {
        let from = match &file {
            Some(file) if param.from_profile => format!(" (from {})", file.display()),
            _ => String::new(),
        };
        let _ = writeln!(page, "  param {} = {}{from}", param.name, param.shown());
    }
    Ok(())
}
