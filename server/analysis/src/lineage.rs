//! Where data comes from and where it goes, column by column, through every clause.

use crate::identity::{Clause, Identities, Identity};
use seeknal_model::{NodeId, Project};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What data flows from and to: a column of a node, or its rows as such.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// The node.
    pub node: NodeId,
    /// Its column; nothing for what decides which rows there are, and for a node as a whole.
    pub column: Option<String>,
}

impl Point {
    /// The node or the column that a word names; a sentence where there is none.
    pub fn named(project: &Project, identities: &Identities, word: &str) -> Result<Point, String> {
        let id = NodeId::new(word);
        if project.node(&id).is_some() {
            return Ok(Point { node: id, column: None });
        }
        let dots = word.match_indices('.').map(|(dot, _)| dot);
        let parts = dots.filter_map(|dot| Some((word.get(..dot)?, word.get(dot + 1..)?)));
        let named = parts.map(|(node, column)| (NodeId::new(node), column));
        let Some((node, name)) = named.rev().find(|(node, _)| project.node(node).is_some()) else {
            return Err(format!("there is no node `{word}`; `seeknal-lsp list` names them all"));
        };
        let columns = identities.get(&node).and_then(|identity| identity.columns.clone());
        let Some(columns) = columns else {
            return Err(format!(
                "the columns of `{node}` are not known; `seeknal-lsp check` says why"
            ));
        };
        match columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)) {
            Some(column) => Ok(Point { node, column: Some(column.name.to_string()) }),
            None => {
                let names: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
                Err(format!("`{node}` has no column `{name}`; it has {}", names.join(", ")))
            }
        }
    }
}

/// That something follows from something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What is read.
    pub from: Point,
    /// What is made of it.
    pub to: Point,
    /// How: the clauses that read it, or between whole nodes the columns that are read.
    pub via: BTreeSet<String>,
}

/// Which way to look, and how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether to look at what it comes from.
    pub up: bool,
    /// Whether to look at what is made of it.
    pub down: bool,
    /// How many steps; nothing for all of them.
    pub depth: Option<usize>,
}

/// What one point comes from and what is made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lineage {
    /// The point that was asked about.
    pub start: Point,
    /// Each link once, ordered by its ends.
    pub links: Vec<Link>,
    /// The nodes among all these that cannot be seen through, with why.
    pub opaque: BTreeMap<NodeId, String>,
}

/// What is not seen through, or takes whole files, reads every column.
const ANYTHING: &str = "all of it";
/// The link between the rows of a node and its columns, and between the rows of two nodes.
const ROWS: &str = "rows";

/// The lineage of a node or of one of its columns.
pub fn lineage(project: &Project, identities: &Identities, start: Point, look: Look) -> Lineage {
    let mut links: BTreeMap<(Point, Point), BTreeSet<String>> = BTreeMap::new();
    let map = Map { project, identities, by_node: start.column.is_none() };
    let mut add = |link: Link| {
        links.entry((link.from, link.to)).or_default().extend(link.via);
    };
    if look.up {
        walk(&start, look.depth, &|point| map.up(point), &mut add);
    }
    if look.down {
        walk(&start, look.depth, &|point| map.down(point), &mut add);
    }
    let links: Vec<Link> =
        links.into_iter().map(|((from, to), via)| Link { from, to, via }).collect();
    let all = links.iter().flat_map(|link| [&link.from.node, &link.to.node]).chain([&start.node]);
    let reason = |id: &NodeId| Some((id.clone(), identities.get(id)?.opaque.clone()?));
    let opaque = all.filter_map(reason).collect();
    Lineage { start, links, opaque }
}

/// Follows links from a point, each point once, so many nodes far.
fn walk(
    start: &Point,
    most: Option<usize>,
    step: &dyn Fn(&Point) -> Vec<Link>,
    add: &mut dyn FnMut(Link),
) {
    let mut seen = BTreeSet::from([start.clone()]);
    let mut open = VecDeque::from([(start.clone(), 0)]);
    while let Some((point, depth)) = open.pop_front() {
        if most.is_some_and(|most| depth >= most) {
            continue;
        }
        for link in step(&point) {
            let other = if link.to == point { &link.from } else { &link.to };
            if seen.insert(other.clone()) {
                // A node's own rows are no step away from its columns.
                let further = usize::from(other.node != point.node);
                open.push_back((other.clone(), depth + further));
            }
            add(link);
        }
    }
}

/// What can be asked about the links around a point.
struct Map<'a> {
    project: &'a Project,
    identities: &'a Identities,
    /// Whether nodes are the smallest thing that is looked at.
    by_node: bool,
}

impl Map<'_> {
    fn up(&self, point: &Point) -> Vec<Link> {
        if self.by_node {
            let inputs = self.project.graph().reads(&point.node).into_iter();
            return inputs.map(|input| self.between(&input, &point.node)).collect();
        }
        let mut links = self.into(&point.node);
        links.retain(|link| link.to == *point);
        if let Some(column) = &point.column
            && !self.project.graph().reads(&point.node).is_empty()
        {
            links.push(own_rows(&point.node, column));
        }
        links
    }

    fn down(&self, point: &Point) -> Vec<Link> {
        let readers = self.project.graph().readers(&point.node).into_iter();
        if self.by_node {
            return readers.map(|reader| self.between(&point.node, &reader)).collect();
        }
        let mut links: Vec<Link> = readers.flat_map(|reader| self.into(&reader)).collect();
        links.retain(|link| link.from == *point);
        links
    }

    /// What a node makes of what it reads.
    fn into(&self, node: &NodeId) -> Vec<Link> {
        let Some(identity) = self.identities.get(node) else { return Vec::new() };
        let rows = Point { node: node.clone(), column: None };
        let mut links = Vec::new();
        let mut used: BTreeSet<(&NodeId, String)> = BTreeSet::new();
        for column in identity.columns.iter().flatten() {
            let to = Point { node: node.clone(), column: Some(column.name.to_string()) };
            for (input, name) in identity.origins(column) {
                used.insert((input, name.to_lowercase()));
                let from = Point { node: input.clone(), column: Some(name.to_string()) };
                links.push(link(from, to.clone(), "SELECT"));
            }
        }
        for read in identity.reads.iter() {
            let name = read.column.as_ref().map(|name| self.spelled(&read.node, name));
            // The columns of a subquery in another clause are selected too, and end up nowhere.
            let is_value = matches!(read.clause, Clause::Select | Clause::Star);
            let ends_up =
                name.as_ref().is_some_and(|name| used.contains(&(&read.node, name.to_lowercase())));
            if is_value && ends_up {
                continue;
            }
            let takes_all = identity.opaque.is_some() || !has_rows(identity);
            let via = match (&name, takes_all) {
                (None, true) => ANYTHING,
                (None, false) => ROWS,
                (Some(_), _) => read.clause.word(),
            };
            if name.is_none() && takes_all {
                let input = self.identities.get(&read.node);
                let columns = input.iter().filter_map(|one| one.columns.as_ref()).flatten();
                for column in columns {
                    let column = Some(column.name.to_string());
                    links.push(link(Point { node: read.node.clone(), column }, rows.clone(), via));
                }
            }
            let from = Point { node: read.node.clone(), column: name };
            links.push(link(from, rows.clone(), via));
        }
        links
    }

    /// The name of a column as its node spells it.
    fn spelled(&self, node: &NodeId, name: &str) -> String {
        let known = self.identities.get(node);
        let column = known.as_ref().and_then(|identity| identity.column(name));
        column.map_or_else(|| name.to_owned(), |column| column.name.to_string())
    }

    /// Two whole nodes, with the columns that one reads of the other.
    fn between(&self, input: &NodeId, reader: &NodeId) -> Link {
        let mut via = BTreeSet::new();
        if let Some(identity) = self.identities.get(reader) {
            let reads = identity.reads.iter().filter(|read| read.node == *input);
            via.extend(reads.filter_map(|read| Some(self.spelled(input, read.column.as_ref()?))));
        }
        let point = |node: &NodeId| Point { node: node.clone(), column: None };
        Link { from: point(input), to: point(reader), via }
    }
}

fn has_rows(identity: &Identity) -> bool {
    identity.columns.as_ref().is_none_or(|columns| !columns.is_empty())
}

fn link(from: Point, to: Point, via: &str) -> Link {
    Link { from, to, via: BTreeSet::from([via.to_owned()]) }
}

fn own_rows(node: &NodeId, column: &str) -> Link {
    let point = |column| Point { node: node.clone(), column };
    link(point(None), point(Some(column.to_owned())), ROWS)
}
