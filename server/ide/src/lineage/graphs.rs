//! Lineage for programs that draw: Graphviz and Mermaid.

use super::{is_by_node, points, shown};
use seeknal_analysis::lineage::{Lineage, Link, Point};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// For Graphviz.
pub fn dot(lineage: &Lineage) -> String {
    let by_node = is_by_node(lineage);
    let name = |point: &Point| dot_quoted(&shown(point, by_node));
    let mut page = "digraph lineage {\n  rankdir=LR;\n  node [shape=box];\n".to_owned();
    for point in points(lineage) {
        let bold = if *point == lineage.start { " [style=bold]" } else { "" };
        let _ = writeln!(page, "  {}{bold};", name(point));
    }
    for link in &lineage.links {
        let (from, to, label) = (name(&link.from), name(&link.to), dot_quoted(&via(link)));
        let _ = writeln!(page, "  {from} -> {to} [label={label}];");
    }
    page.push_str("}\n");
    page
}

/// For Markdown pages that draw Mermaid.
pub fn mermaid(lineage: &Lineage) -> String {
    let by_node = is_by_node(lineage);
    let numbers: BTreeMap<&Point, usize> =
        points(lineage).into_iter().enumerate().map(|(number, point)| (point, number)).collect();
    let number = |point: &Point| numbers.get(point).copied().unwrap_or_default();
    let mut page = "graph LR\n".to_owned();
    for (point, number) in &numbers {
        let _ = writeln!(page, "  n{number}[\"{}\"]", mermaid_text(&shown(point, by_node)));
    }
    for link in &lineage.links {
        let (from, to, said) = (number(&link.from), number(&link.to), mermaid_text(&via(link)));
        let _ = match said.is_empty() {
            true => writeln!(page, "  n{from} --> n{to}"),
            false => writeln!(page, "  n{from} -- \"{said}\" --> n{to}"),
        };
    }
    let _ = writeln!(page, "  style n{} stroke-width:3px", number(&lineage.start));
    page
}

fn via(link: &Link) -> String {
    link.via.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// A text as Graphviz takes it for a name.
pub fn dot_quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A text as Mermaid takes it between quotes.
pub fn mermaid_text(text: &str) -> String {
    text.replace('"', "#quot;")
}
