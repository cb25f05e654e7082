//! What can be clicked: above a node, and in the menu of a place for clients that draw nothing above lines.

use crate::completion::node_at;
use crate::verdicts::reached;
use seeknal_analysis::changes::{Change, Step};
use seeknal_model::{File, Node, NodeId, Project};
use seeknal_syntax::Span;
use seeknal_syntax::sql::{cte_at, ctes};

/// What a click does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Click {
    /// Shows what the edits do.
    ShowPlan,
    /// Plans the environment.
    Plan,
    /// Applies it.
    Apply,
    /// Shows the first rows of a node.
    Preview(NodeId),
    /// Shows the first rows of a name in the WITH of a node's query.
    PreviewCte(NodeId, String),
    /// Shows the first rows of what is selected in a node's query.
    PreviewSelected(NodeId),
    /// Shows where a node comes from and what is made of it.
    Lineage(NodeId),
    /// Tries a rule, or the audits of a node.
    Test(NodeId),
}

/// Something to click.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The node's name.
    pub span: Span,
    /// What stands there.
    pub title: String,
    /// What a click does.
    pub click: Click,
}

/// What stands above the nodes of a file.
pub fn lenses(
    edits: (&[Change], &[Step]),
    project: &Project,
    file: &File,
    environment: &str,
) -> Vec<Lens> {
    let mut found = Vec::new();
    for (place, node) in file.nodes.iter().enumerate() {
        let span = node.name_span;
        let mut add = |title: String, click| found.push(Lens { span, title, click });
        let words = reached(edits, project, &node.id);
        // Whoever looks at a file finds the way on at its top, and wherever an edit reaches.
        let is_way = place == 0 || words.is_some();
        if let Some(words) = words {
            add(words, Click::ShowPlan);
        }
        if is_way {
            add(format!("Plan {environment}"), Click::Plan);
            add(format!("Apply {environment}"), Click::Apply);
        }
        let own = own(node);
        own.into_iter().for_each(|(word, click)| add(word.to_owned(), click));
    }
    found
}

/// What can be clicked at a place: all that stands above its node, and what is about the place alone.
pub fn clicks(file: &File, span: Span, environment: &str) -> Vec<(String, Click)> {
    let Some(node) = node_at(file, span.start) else { return Vec::new() };
    let mut found = Vec::new();
    if let Some(sql) =
        node.sql.as_ref().filter(|sql| sql.span.touches(span.start) && can_show(node))
    {
        let (text, map) = (&sql.text.text, &sql.text.map);
        if !span.is_empty() && sql.span.touches(span.end) {
            found.push(("Preview selection".to_owned(), Click::PreviewSelected(node.id.clone())));
        }
        let offset = map.to_text_near(span.start);
        let inside = ctes(text).into_iter().find(|cte| cte.body.touches(offset));
        if let Some(cte) = cte_at(text, offset).map(|(cte, _)| cte).or(inside) {
            let title = format!("Preview {}", cte.name);
            found.push((title, Click::PreviewCte(node.id.clone(), cte.name)));
        }
    }
    found.push(("Show what the edits do".to_owned(), Click::ShowPlan));
    found.push((format!("Plan {environment}"), Click::Plan));
    found.push((format!("Apply {environment}"), Click::Apply));
    let own = own(node).into_iter();
    found.extend(own.map(|(word, click)| (format!("{word} {}", node.id), click)));
    found
}

/// What can be done with a node alone.
fn own(node: &Node) -> Vec<(&'static str, Click)> {
    let mut all = Vec::new();
    if can_show(node) {
        all.push(("Preview", Click::Preview(node.id.clone())));
    }
    if node.kind.name == "rule" || node.field("audits").is_some() {
        all.push(("Run", Click::Test(node.id.clone())));
    }
    all.push(("Lineage", Click::Lineage(node.id.clone())));
    all
}

/// Whether the first rows of a node can be had without building it for good.
fn can_show(node: &Node) -> bool {
    node.body.is_none() && ["source", "transform", "profile"].contains(&node.kind.name)
}
