//! Lineage as a picture. It follows the light or dark of whoever shows it, and runs nothing.

use super::layout::{Card, Drawing, Pass, drawing};
use super::shown;
use seeknal_analysis::lineage::{Lineage, Link};
use seeknal_model::NodeId;
use std::fmt::Write as _;

const STYLE: &str = "
    text { font: 13px ui-monospace, Menlo, Consolas, monospace; fill: #1f2328 }
    .back { fill: #ffffff } .card { fill: #f6f8fa; stroke: #d0d7de }
    .name { font-weight: 600 } .rows { font-style: italic; fill: #59636e }
    .asked { fill: #fff3c4 } .start { stroke: #bf8700; stroke-width: 2 }
    .link { fill: none; stroke: #57606a; stroke-width: 1.4 }
    .other { stroke: #0969da; stroke-dasharray: 5 4 } .along { stroke: #afb8c1; stroke-dasharray: 2 4 }
    .tip { fill: #57606a }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 } .back { fill: #0d1117 } .card { fill: #161b22; stroke: #3d444d }
      .rows { fill: #9198a1 } .asked { fill: #4d3b00 } .start { stroke: #d29922 }
      .link { stroke: #9198a1 } .other { stroke: #58a6ff } .along { stroke: #484f58 } .tip { fill: #9198a1 }
    }";

/// The lineage as an SVG picture.
pub fn svg(lineage: &Lineage) -> String {
    let drawing = drawing(lineage);
    let Drawing { width, height, cards, .. } = &drawing;
    let mut page = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n"
    );
    let title = escaped(&shown(&lineage.start, super::is_by_node(lineage)));
    let _ = writeln!(page, "  <title>Lineage of {title}</title>\n  <style>{STYLE}\n  </style>");
    let _ = writeln!(page, "  <rect class=\"back\" width=\"{width}\" height=\"{height}\"/>");
    for link in &lineage.links {
        line(&drawing, link, &mut page);
    }
    for card in cards.values() {
        self::card(lineage, card, &mut page);
    }
    page.push_str("</svg>\n");
    page
}

fn line(drawing: &Drawing<'_>, link: &Link, page: &mut String) {
    let card = |node: &NodeId| drawing.cards.get(node);
    // A node's own rows stand beside its columns already.
    let (true, Some(from), Some(to)) =
        (link.from.node != link.to.node, card(&link.from.node), card(&link.to.node))
    else {
        return;
    };
    let (mut x, mut y) = (from.left + from.width, from.middle(&link.from));
    let (right, end) = (to.left, to.middle(&link.to));
    let mut path = format!("M{x} {y}");
    let passes = drawing.passes.get(&(&link.from.node, &link.to.node)).into_iter().flatten();
    for Pass { left, right, height } in passes {
        let bend = (left - x) / 2;
        let _ =
            write!(path, " C{} {y} {} {height} {left} {height} H{right}", x + bend, left - bend);
        (x, y) = (*right, *height);
    }
    let bend = (right - x) / 2;
    let _ = write!(path, " C{} {y} {} {end} {} {end}", x + bend, right - bend, right - 7);
    let is = |word: &str| link.via.iter().all(|via| via.starts_with(word));
    let class = match link.from.column {
        _ if is("rows") && !link.via.is_empty() => "link along",
        Some(_) if !is("SELECT") => "link other",
        _ => "link",
    };
    let said: Vec<&str> = link.via.iter().map(String::as_str).collect();
    let said = escaped(&said.join(", "));
    let _ = writeln!(page, "  <path class=\"{class}\" d=\"{path}\"><title>{said}</title></path>");
    let _ = writeln!(page, "  <path class=\"tip\" d=\"M{right} {end} l-8 -4 v8 z\"/>");
}

fn card(lineage: &Lineage, card: &Card<'_>, page: &mut String) {
    let Card { node, left, top, width, height, points } = card;
    let start = if *node == &lineage.start.node { " start" } else { "" };
    let of_kind = HUES.iter().find(|(_, kind)| node.as_str().starts_with(kind));
    let hue = of_kind.map_or(OTHER_HUE, |(hue, _)| hue);
    let _ = writeln!(
        page,
        "  <rect class=\"card{start}\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"6\"/><rect x=\"{left}\" y=\"{}\" width=\"4\" height=\"{}\" rx=\"2\" fill=\"{hue}\"/>",
        top + 6,
        height - 12,
    );
    let reason = lineage.opaque.get(*node).map(|reason| format!("not seen through: {reason}"));
    let hint = reason.map(|reason| format!("<title>{}</title>", escaped(&reason)));
    let mark = if hint.is_some() { " ?" } else { "" };
    let _ = writeln!(
        page,
        "  <text class=\"name\" x=\"{}\" y=\"{}\">{}{}{mark}</text>",
        left + 14,
        top + 22,
        hint.unwrap_or_default(),
        escaped(node.as_str())
    );
    for point in points {
        let middle = card.middle(point);
        if **point == lineage.start {
            let _ = writeln!(
                page,
                "  <rect class=\"asked\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"20\" rx=\"3\"/>",
                left + 8,
                middle - 10,
                width - 14
            );
        }
        let (class, name) = match &point.column {
            Some(name) => ("", escaped(name)),
            None => (" class=\"rows\"", "rows".to_owned()),
        };
        let _ =
            writeln!(page, "  <text{class} x=\"{}\" y=\"{}\">{name}</text>", left + 14, middle + 5);
    }
}

/// A colour for the kinds that are met most.
const HUES: [(&str, &str); 5] = [
    ("#1a7f37", "source."),
    ("#0969da", "transform."),
    ("#bf8700", "aggregation."),
    ("#cf222e", "exposure."),
    ("#9a6700", "rule."),
];
const OTHER_HUE: &str = "#8250df";

fn escaped(text: &str) -> String {
    let safe = |c: char| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        c if c.is_control() => String::new(),
        c => c.to_string(),
    };
    text.chars().map(safe).collect()
}
