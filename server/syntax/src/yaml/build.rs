//! From granit-parser's events to nodes.

use super::message;
use super::outline;
use super::tree::{Anchor, Document, Entry, Node, NodeKind, Scalar, Style, Tag, Tree};
use crate::{Problem, Span, codes, embed, limits};
use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, StructureStyle, options};
use std::collections::HashMap;
use std::sync::Arc;

/// Reads every document of a text, the broken ones by their outline.
pub(super) fn documents(text: &str) -> Tree {
    let mut tree = Tree::default();
    let mut parser = Parser::new_from_str_with_options(text, parser_options());
    let mut builder = Builder::new(text, 0, Anchors::default());
    let mut open: Option<Span> = None;
    let mut failure: Option<ScanError> = None;
    while let Some(next) = parser.next_event() {
        match next {
            Ok((Event::DocumentStart(explicit, _), span)) => {
                let start = open.map_or(0, |span| span.end);
                // Without a marker the parser gives the place of the first token, which in a
                // block scalar is not the header.
                let marker = if explicit { bytes(&span, 0) } else { Span::at(start) };
                if let Some(error) = failure.take() {
                    recover(text, Span::new(start, marker.start), &error, &mut tree);
                }
                builder = Builder::new(text, 0, Anchors::default());
                builder.last_end = marker.end;
                open = Some(marker);
            }
            Ok((Event::DocumentEnd, span)) => {
                let start = open.map_or(0, |span| span.start);
                let span = Span::new(start, bytes(&span, 0).end);
                builder.finish(span, &mut tree);
                open = Some(Span::at(span.end));
            }
            Ok((event, span)) => builder.event(event, &span),
            Err(error) => {
                failure.get_or_insert(error);
                builder = Builder::new(text, 0, Anchors::default());
                if !matches!(parser.proceed_next_document(), Ok(true)) {
                    break;
                }
            }
        }
    }
    tree.comments.append(&mut builder.comments);
    if let Some(error) = failure {
        let start = open.map_or(0, |span| span.end);
        recover(text, Span::new(start, text.len()), &error, &mut tree);
    }
    tree
}

fn recover(text: &str, span: Span, error: &ScanError, tree: &mut Tree) {
    let start = if span.start == 0 && text.starts_with('\u{feff}') { 3 } else { span.start };
    let span = Span::new(start, span.end);
    let found = outline::recover(text, span, message::problem(text, 0, error));
    tree.comments.extend(found.comments);
    tree.problems.extend(found.problems);
    tree.documents.push(Document { span, root: found.root, broken: true });
}

fn parser_options() -> Options {
    options! {
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: limits::YAML_DEPTH_MAX,
        block_nesting_limit: limits::YAML_DEPTH_MAX,
        max_buffered_comment_events: limits::FILE_BYTES_MAX,
    }
}

/// What one block gave that could be read on its own.
pub(super) struct Block {
    pub(super) node: Option<Built>,
    pub(super) comments: Vec<Span>,
    pub(super) problems: Vec<Problem>,
}

/// A node with what it costs to follow it.
#[derive(Clone)]
pub(super) struct Built {
    pub(super) node: Arc<Node>,
    weight: u64,
    height: usize,
}

impl Built {
    pub(super) fn of(node: Node, parts: &[&Built]) -> Built {
        let weight = parts.iter().fold(1u64, |sum, part| sum.saturating_add(part.weight));
        let height = 1 + parts.iter().map(|part| part.height).max().unwrap_or(0);
        Built { node: Arc::new(node), weight, height }
    }

    /// A node that was built before, weighed again with everything its aliases stand for.
    pub(super) fn weighed(node: Arc<Node>) -> Built {
        let (weight, height) = weigh(&node);
        Built { node, weight, height }
    }
}

fn weigh(node: &Node) -> (u64, usize) {
    let inner: &mut dyn Iterator<Item = &Arc<Node>> = match &node.kind {
        NodeKind::Sequence(items) => &mut items.iter(),
        NodeKind::Mapping(entries) => {
            &mut entries.iter().flat_map(|entry| [&entry.key, &entry.value])
        }
        NodeKind::Alias(Some(target)) => return weigh(target),
        NodeKind::Scalar(_) | NodeKind::Alias(None) | NodeKind::Broken => return (1, 1),
    };
    let (weight, height) = inner
        .map(|part| weigh(part))
        .fold((1u64, 0), |sum, part| (sum.0.saturating_add(part.0), sum.1.max(part.1)));
    (weight, height + 1)
}

/// Reads one block of a document; `base` is where it stands in the file. Anchors of earlier blocks
/// are known in it, and its own are known afterwards.
pub(super) fn block(text: &str, base: usize, anchors: &mut Anchors) -> Result<Block, Box<Problem>> {
    let mut parser = Parser::new_from_str_with_options(text, parser_options());
    let known = anchors.defined.len();
    let mut builder = Builder::new(text, base, std::mem::take(anchors));
    while let Some(next) = parser.next_event() {
        match next {
            Ok((Event::DocumentEnd, _)) => break,
            Ok((Event::DocumentStart(true, _), span)) => {
                builder.last_end = bytes(&span, base).end;
            }
            Ok((event, span)) => builder.event(event, &span),
            Err(error) => {
                *anchors = builder.anchors;
                anchors.forget_since(known);
                return Err(Box::new(message::problem(text, base, &error)));
            }
        }
    }
    *anchors = builder.anchors;
    Ok(Block { node: builder.root, comments: builder.comments, problems: builder.problems })
}

/// The anchors of one document and how much its aliases have cost so far.
#[derive(Default)]
pub(super) struct Anchors {
    by_name: HashMap<String, Anchored>,
    /// The names in the order of their definition.
    defined: Vec<String>,
    spent: u64,
}

impl Anchors {
    /// Enters a node that was pieced together.
    pub(super) fn define(&mut self, name: String, span: Span, built: Option<Built>) -> usize {
        self.defined.push(name.clone());
        let number = self.defined.len();
        self.by_name.insert(name, Anchored { number, span, built });
        number
    }

    fn finish(&mut self, name: &str, number: usize, built: &Built) {
        if let Some(anchored) = self.by_name.get_mut(name)
            && anchored.number == number
        {
            anchored.built = Some(built.clone());
        }
    }

    /// Takes back what a block defined that could not be read: it will be read again in parts.
    fn forget_since(&mut self, count: usize) {
        for name in self.defined.drain(count..) {
            self.by_name.remove(&name);
        }
    }
}

struct Anchored {
    number: usize,
    span: Span,
    /// None while the node is still being read.
    built: Option<Built>,
}

struct Frame {
    start: Span,
    flow: bool,
    tag: Option<Tag>,
    anchor: Option<(Anchor, usize)>,
    weight: u64,
    height: usize,
    shape: Shape,
}

enum Shape {
    Sequence(Vec<Arc<Node>>),
    Mapping(Vec<Entry>, Option<Arc<Node>>),
}

struct Builder<'t> {
    text: &'t str,
    base: usize,
    anchors: Anchors,
    stack: Vec<Frame>,
    root: Option<Built>,
    comments: Vec<Span>,
    problems: Vec<Problem>,
    last_end: usize,
    /// A finished scalar waits for its anchor, which the parser names after it.
    waiting: Option<Node>,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str, base: usize, anchors: Anchors) -> Builder<'t> {
        Builder {
            text,
            base,
            anchors,
            stack: Vec::new(),
            root: None,
            comments: Vec::new(),
            problems: Vec::new(),
            last_end: base,
            waiting: None,
        }
    }

    fn finish(&mut self, span: Span, tree: &mut Tree) {
        tree.comments.append(&mut self.comments);
        tree.problems.append(&mut self.problems);
        let root = self.root.take().map(|built| built.node);
        tree.documents.push(Document { span, root, broken: false });
    }

    fn event(&mut self, event: Event<'_>, span: &granit_parser::Span) {
        let at = bytes(span, self.base);
        let tag = event.tag().zip(span.tag_span()).map(|(tag, place)| Tag {
            name: format!("{}{}", tag.handle(), tag.suffix()),
            span: bytes(&place, self.base),
        });
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let mut node = self.scalar(text.into_owned(), style, at);
                node.tag = tag.map(Box::new);
                match anchor {
                    0 => self.add(Built::of(node, &[])),
                    _ => self.waiting = Some(node),
                }
            }
            Event::Anchor(_, name) => self.anchor(Anchor { name: name.into_owned(), span: at }),
            Event::Alias(_) | Event::UnresolvedAlias(_) => self.alias(at),
            Event::SequenceStart(style, ..) => self.open(at, style, tag, Shape::Sequence(vec![])),
            Event::MappingStart(style, ..) => {
                self.open(at, style, tag, Shape::Mapping(vec![], None))
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(at),
            Event::Comment(..) => self.comments.push(at),
            _ => {}
        }
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, at: Span) -> Node {
        let style = match style {
            ScalarStyle::SingleQuoted => Style::SingleQuoted,
            ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
            _ => Style::Plain,
        };
        let (mut span, mut content) = (at, at);
        let mut text = text;
        if style == Style::Plain && at.is_empty() {
            text.clear();
            let behind_colon = self.slice(at.start, at.start + 1) == ":";
            span = Span::at(at.start + usize::from(behind_colon));
            content = span;
        } else if matches!(style, Style::Literal | Style::Folded) {
            (span, content) = self.block_scalar(at);
            text = self.without_added_end(span, Scalar { text, style, content });
        }
        self.last_end = self.last_end.max(at.end);
        Node::plain(span, NodeKind::Scalar(Scalar { text, style, content }))
    }

    /// The parser ends a last line that has no line end in the file with one; Seeknal's reader does
    /// not.
    fn without_added_end(&self, span: Span, mut scalar: Scalar) -> String {
        let ends_open =
            scalar.content.end == self.base + self.text.len() && !self.text.ends_with(['\n', '\r']);
        if !ends_open || !scalar.text.ends_with('\n') {
            return scalar.text;
        }
        let back = |span: Span| Span::new(span.start - self.base, span.end - self.base);
        let place = back(span);
        scalar.content = back(scalar.content);
        if !embed::is_exact_block(self.text, place, &scalar) {
            scalar.text.pop();
            if !embed::is_exact_block(self.text, place, &scalar) {
                scalar.text.push('\n');
            }
        }
        scalar.text
    }

    /// The parser gives the place of a block scalar's content; its header stands before that.
    fn block_scalar(&self, at: Span) -> (Span, Span) {
        let header = header_start(self.text, self.base, self.last_end);
        let tail = self.slice(header, at.end.max(header));
        let first_line = tail.find(['\n', '\r']).unwrap_or(tail.len());
        let line_end =
            if tail.get(first_line..).is_some_and(|t| t.starts_with("\r\n")) { 2 } else { 1 };
        let body = (header + first_line + line_end).min(at.end.max(header));
        let end = header + tail.trim_end_matches(['\n', '\r', ' ', '\t']).len();
        (Span::new(header, end), Span::new(body, at.end.max(body)))
    }

    fn slice(&self, start: usize, end: usize) -> &'t str {
        crate::slice(self.text, Span::new(start - self.base, end - self.base))
    }

    fn anchor(&mut self, anchor: Anchor) {
        let (name, span) = (anchor.name.clone(), anchor.span);
        self.last_end = self.last_end.max(span.end);
        if let Some(first) = self.anchors.by_name.get(&name) {
            let message =
                format!("`&{name}` stands above already; Seeknal's reader takes a name once");
            let problem = Problem::new(codes::REPEATED_ANCHOR, span, message);
            self.problems.push(problem.with_related(first.span, "the first one"));
        }
        if let Some(mut node) = self.waiting.take() {
            node.anchor = Some(Box::new(anchor));
            let built = Built::of(node, &[]);
            self.anchors.define(name, span, Some(built.clone()));
            self.add(built);
        } else if let Some(frame) = self.stack.last_mut() {
            frame.anchor = Some((anchor, self.anchors.define(name, span, None)));
        }
    }

    fn alias(&mut self, at: Span) {
        self.last_end = at.end;
        let name = self.slice(at.start, at.end).trim_start_matches('*');
        let depth = self.stack.len();
        let target = match self.anchors.by_name.get(name) {
            None => {
                let message = format!("no earlier `&{name}` in this document; define it above");
                self.problems.push(Problem::new(codes::UNKNOWN_ALIAS, at, message));
                None
            }
            Some(Anchored { built: None, span, .. }) => {
                let message = format!("`*{name}` stands inside the very node that `&{name}` names");
                let problem = Problem::new(codes::ALIAS_EXPANSION, at, message);
                self.problems.push(problem.with_related(*span, "the anchor"));
                None
            }
            Some(Anchored { built: Some(built), span, .. }) => {
                let spent = self.anchors.spent.saturating_add(built.weight);
                if spent > limits::ALIAS_NODES_MAX
                    || built.height + depth > 4 * limits::YAML_DEPTH_MAX
                {
                    let message = format!(
                        "the aliases up to `*{name}` stand for more than {} values; \
                         write out what is needed",
                        limits::ALIAS_NODES_MAX
                    );
                    let problem = Problem::new(codes::ALIAS_EXPANSION, at, message);
                    self.problems.push(problem.with_related(*span, "the anchor"));
                    None
                } else {
                    self.anchors.spent = spent;
                    Some(built.clone())
                }
            }
        };
        let (weight, height) = target.as_ref().map_or((1, 1), |one| (one.weight, one.height));
        let kind = NodeKind::Alias(target.map(|built| built.node));
        self.add(Built { node: Arc::new(Node::plain(at, kind)), weight, height });
    }

    fn open(&mut self, start: Span, style: StructureStyle, tag: Option<Tag>, shape: Shape) {
        let flow = style == StructureStyle::Flow;
        if flow {
            self.last_end = self.last_end.max(start.end);
        }
        self.stack.push(Frame { start, flow, tag, anchor: None, weight: 1, height: 0, shape });
    }

    fn close(&mut self, end: Span) {
        let Some(frame) = self.stack.pop() else { return };
        let children = match &frame.shape {
            Shape::Sequence(items) => items.first().zip(items.last()),
            Shape::Mapping(entries, _) => entries
                .first()
                .map(|entry| &entry.key)
                .zip(entries.last().map(|entry| &entry.value)),
        };
        let span = match children {
            _ if frame.flow => Span::new(frame.start.start, end.end),
            Some((first, last)) => first.span.cover(last.span),
            None => Span::at(frame.start.start),
        };
        if frame.flow {
            self.last_end = end.end;
        }
        let kind = match frame.shape {
            Shape::Sequence(items) => NodeKind::Sequence(items),
            Shape::Mapping(entries, _) => NodeKind::Mapping(entries),
        };
        let (anchor, number) = frame.anchor.unzip();
        let (tag, anchor) = (frame.tag.map(Box::new), anchor.map(Box::new));
        let node = Node { span, kind, tag, anchor };
        let built = Built { node: Arc::new(node), weight: frame.weight, height: frame.height + 1 };
        if let (Some(anchor), Some(number)) = (&built.node.anchor, number) {
            self.anchors.finish(&anchor.name, number, &built);
        }
        self.add(built);
    }

    fn add(&mut self, built: Built) {
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(built);
            return;
        };
        frame.weight = frame.weight.saturating_add(built.weight);
        frame.height = frame.height.max(built.height);
        match &mut frame.shape {
            Shape::Sequence(items) => items.push(built.node),
            Shape::Mapping(entries, key) => match key.take() {
                None => *key = Some(built.node),
                Some(key) => entries.push(Entry { key, value: built.node }),
            },
        }
    }
}

/// Finds the `|` or `>` that opens a block scalar behind `from`, past indicators, properties and
/// comments.
fn header_start(text: &str, base: usize, from: usize) -> usize {
    let mut rest = text.get(from - base..).unwrap_or_default();
    loop {
        rest =
            rest.trim_start_matches([' ', '\t', '\n', '\r', '-', ':', '?', ',', '.', '\u{feff}']);
        rest = match rest.chars().next() {
            Some('#') => skip_until(rest, &['\n', '\r']),
            Some('&' | '!') => skip_until(rest, &[' ', '\t', '\n', '\r']),
            _ => return base + text.len() - rest.len(),
        };
    }
}

fn skip_until<'t>(text: &'t str, stops: &[char]) -> &'t str {
    text.find(stops).and_then(|at| text.get(at..)).unwrap_or_default()
}

fn bytes(span: &granit_parser::Span, base: usize) -> Span {
    span.byte_range()
        .map_or(Span::at(base), |range| Span::new(range.start, range.end).shifted(base))
}
