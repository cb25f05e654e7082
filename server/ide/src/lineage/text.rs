//! Lineage as an indented list.

use super::{is_by_node, shown};
use seeknal_analysis::lineage::{Lineage, Link, Look, Point};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The lineage in words: what it comes from and where it goes to, each step indented behind the last.
pub fn text(lineage: &Lineage, look: Look) -> String {
    let mut page = format!("{}\n", shown(&lineage.start, is_by_node(lineage)));
    if look.up {
        let mut tree = Tree::of(lineage, &|link| (&link.to, &link.from));
        tree.branch("comes from", &mut page);
    }
    if look.down {
        let mut tree = Tree::of(lineage, &|link| (&link.from, &link.to));
        tree.branch("goes to", &mut page);
    }
    for (node, reason) in &lineage.opaque {
        // The engine goes on about what else could have been meant.
        let reason = reason.lines().next().unwrap_or_default();
        let _ = writeln!(page, "{node} is not seen through ({reason}): all it reads may be in it");
    }
    page
}

struct Tree<'l> {
    lineage: &'l Lineage,
    next: BTreeMap<&'l Point, Vec<(&'l Point, &'l Link)>>,
    told: BTreeSet<&'l Point>,
    /// What is said, and of what, by its depth.
    lines: Vec<(usize, &'l Point, String)>,
}

impl<'l> Tree<'l> {
    fn of(lineage: &'l Lineage, ends: &dyn Fn(&'l Link) -> (&'l Point, &'l Point)) -> Tree<'l> {
        let mut next: BTreeMap<&Point, Vec<(&Point, &Link)>> = BTreeMap::new();
        for link in &lineage.links {
            let (near, far) = ends(link);
            next.entry(near).or_default().push((far, link));
        }
        // What it is made of comes before which rows there are.
        next.values_mut().for_each(|all| all.sort_by_key(|(far, _)| far.column.is_none()));
        Tree { lineage, next, told: BTreeSet::new(), lines: Vec::new() }
    }

    fn branch(&mut self, title: &str, page: &mut String) {
        self.walk();
        let by_node = is_by_node(self.lineage);
        let left = |depth: usize, point: &Point| {
            format!("{}{}", "  ".repeat(depth + 2), shown(point, by_node))
        };
        let lines: Vec<(String, &String)> =
            self.lines.iter().map(|(depth, point, via)| (left(*depth, point), via)).collect();
        let width = lines.iter().map(|(left, _)| left.chars().count()).max().unwrap_or_default();
        let _ = writeln!(page, "  {title}");
        if lines.is_empty() {
            let _ = writeln!(page, "    nothing");
        }
        for (left, via) in lines {
            let _ = writeln!(page, "{}", format!("{left:<width$}  {via}").trim_end());
        }
    }

    /// Each point once with all behind it, in the order of depth first; a long chain must not end the stack.
    fn walk(&mut self) {
        let mut open: Vec<(usize, &Point, Option<&Link>)> = vec![(0, &self.lineage.start, None)];
        while let Some((depth, point, link)) = open.pop() {
            let behind = self.next.get(point).map(Vec::as_slice).unwrap_or_default();
            let is_new = self.told.insert(point);
            let is_own = link.is_some_and(|link| link.from.node == link.to.node);
            if let Some(link) = link.filter(|_| is_new || !is_own) {
                let mut via: Vec<&str> = link.via.iter().map(String::as_str).collect();
                if !is_new && !behind.is_empty() {
                    via.push("(as above)");
                }
                self.lines.push((depth - 1, point, via.join(", ")));
            }
            if is_new {
                let links = behind.iter().rev();
                open.extend(links.map(|(far, link)| (depth + 1, *far, Some(*link))));
            }
        }
    }
}
