//! Reads a broken document by its indentation.
//!
//! Lines at one depth begin blocks; deeper lines belong to the block above them. Each block is
//! given to the parser on its own. One that fails is taken apart in the same way: a list item
//! loses its dash, a key keeps its name and gives its body, until what fails is a single entry.
//! That entry keeps its key and gets a broken value; everything around it is whole.

use super::build::{self, Anchors, Built};
use super::message;
use super::tree::{Entry, Node, NodeKind, Scalar, Style};
use crate::{Problem, Span, codes, limits};
use std::sync::Arc;

/// How many times the bytes of a document may be given to the parser in all.
const READS_PER_BYTE: usize = 24;
/// How many following blocks an open bracket or quote may swallow on trial.
const MERGES_MAX: usize = 20;

pub(super) struct Recovered {
    pub(super) root: Option<Arc<Node>>,
    pub(super) comments: Vec<Span>,
    pub(super) problems: Vec<Problem>,
}

/// Reads what can be read of `span`; `failure` is what the whole of it failed with.
pub(super) fn recover(text: &str, span: Span, failure: Problem) -> Recovered {
    let mut outline = Outline {
        scratch: crate::slice(text, span).as_bytes().to_vec(),
        base: span.start,
        anchors: Anchors::default(),
        comments: Vec::new(),
        problems: Vec::new(),
        failures: 0,
        budget: span.len().saturating_mul(READS_PER_BYTE),
    };
    let root = outline.take_apart(span, failure, 0);
    let mut problems = outline.problems;
    problems.dedup();
    Recovered { root: root.map(|built| built.node), comments: outline.comments, problems }
}

struct Outline {
    /// The document, with the dashes of list items blanked once they are taken off.
    scratch: Vec<u8>,
    /// Where it begins in the file.
    base: usize,
    anchors: Anchors,
    comments: Vec<Span>,
    problems: Vec<Problem>,
    /// How many failures were reported. Other problems do not say why a block could not be read.
    failures: usize,
    budget: usize,
}

/// What a block turned out to be.
enum Piece {
    Nothing,
    Entries(Vec<(Built, Built)>),
    Items(Vec<Built>),
    Other(Built),
}

#[derive(Clone, Copy)]
struct Line {
    span: Span,
    indent: usize,
    /// Neither blank nor only a comment.
    counts: bool,
}

impl Outline {
    /// The text of a range. Blanking dashes keeps the text valid, since a dash is one byte.
    fn text(&self, span: Span) -> &str {
        self.scratch
            .get(span.start - self.base..span.end - self.base)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }

    /// Gives a range to the parser.
    fn read(&mut self, span: Span) -> Result<Option<Built>, Box<Problem>> {
        let Some(left) = self.budget.checked_sub(span.len()) else {
            let message =
                "too much of this document is broken to be read; mend what is above first";
            let problem = Problem::new(codes::YAML_SYNTAX, self.first_word(span), message);
            return Err(Box::new(problem));
        };
        self.budget = left;
        let mut anchors = std::mem::take(&mut self.anchors);
        let result = build::block(self.text(span), span.start, &mut anchors);
        self.anchors = anchors;
        let block = result?;
        self.comments.extend(block.comments);
        self.problems.extend(block.problems);
        Ok(block.node)
    }

    /// Reads a range that may fail as a whole.
    fn region(&mut self, span: Span, depth: usize) -> Option<Built> {
        match self.read(span) {
            Ok(built) => built,
            Err(failure) => self.take_apart(span, *failure, depth),
        }
    }

    /// Reads the blocks of a range that failed as a whole. What comes back always has a problem
    /// reported for it.
    fn take_apart(&mut self, span: Span, failure: Problem, depth: usize) -> Option<Built> {
        let blocks = self.blocks(span);
        if blocks.is_empty() || depth > limits::YAML_DEPTH_MAX {
            self.fail(failure);
            return None;
        }
        let known = self.failures;
        let mut pieces = Vec::new();
        let mut at = 0;
        while let Some(&block) = blocks.get(at) {
            at += 1;
            // A block alone is what failed already; reading it again would only cost.
            let read = match blocks.len() {
                1 => Err(Box::new(failure.clone())),
                _ => self.read(block),
            };
            pieces.push(match read {
                Ok(built) => piece(built),
                Err(inner) => match self.with_following(block, &inner, &blocks, &mut at) {
                    Some(built) => piece(Some(built)),
                    None => self.descend(block, *inner, depth),
                },
            });
        }
        let joined = self.join(pieces);
        if self.failures == known {
            self.fail(failure);
        }
        joined
    }

    /// An open bracket or quote may go on over lines that stand no deeper; they are tried with it,
    /// as long as they do not look like entries of their own.
    fn with_following(
        &mut self,
        block: Span,
        failure: &Problem,
        blocks: &[Span],
        at: &mut usize,
    ) -> Option<Built> {
        if !failure.message.contains("never closed") {
            return None;
        }
        let mut end = *at;
        while let Some(&next) = blocks.get(end).filter(|_| end - *at < MERGES_MAX) {
            if find_key(self.text(next)).is_some() || is_item(self.text(next)) {
                return None;
            }
            end += 1;
            if let Ok(Some(built)) = self.read(Span::new(block.start, next.end)) {
                *at = end;
                return Some(built);
            }
        }
        None
    }

    /// Takes one failing block apart: an item, a key with a body, or a single entry.
    fn descend(&mut self, block: Span, failure: Problem, depth: usize) -> Piece {
        if failure.code == codes::YAML_TOO_DEEP {
            return self.give_up(block, failure);
        }
        let text = self.text(block);
        let indent = text.len() - text.trim_start_matches([' ', '\t']).len();
        if is_item(text) {
            if let Some(dash) = self.scratch.get_mut(block.start - self.base + indent) {
                *dash = b' ';
            }
            let rest = Span::new(self.line_start(block.start + indent), block.end);
            let item = self.inner(rest, failure, depth);
            return Piece::Items(vec![item]);
        }
        match find_key(text) {
            Some((key, colon)) => {
                let key = key.shifted(block.start);
                self.entry(block, key, block.start + colon, (failure, depth))
            }
            None => self.give_up(block, failure),
        }
    }

    /// A block of which at most the key is kept.
    fn give_up(&mut self, block: Span, failure: Problem) -> Piece {
        let value = |from| Span::new(from, block.end);
        let text = self.text(block);
        match find_key(text) {
            Some((key, colon)) => {
                let key = self.key(key.shifted(block.start));
                let value = value(block.start + colon + 1);
                self.fail(self.at_quote(failure, value));
                Piece::Entries(vec![(key, broken(trimmed(self.text(value), value)))])
            }
            None => {
                self.fail(self.at_quote(failure, block));
                Piece::Other(broken(trimmed(self.text(block), block)))
            }
        }
    }

    /// The parser notices an open quote where its text should have ended; people look for it where
    /// it begins.
    fn at_quote(&self, mut failure: Problem, value: Span) -> Problem {
        let quoted = self.text(value).trim_start().starts_with(['"', '\'']);
        if quoted && failure.message == message::OPEN_QUOTE {
            failure.span = self.first_word(value);
        }
        failure
    }

    /// A failing block that begins with `key:`.
    fn entry(
        &mut self,
        block: Span,
        key: Span,
        colon: usize,
        (failure, depth): (Problem, usize),
    ) -> Piece {
        let (header, body) = split_line(self.text(block));
        let (header, body) = (header.shifted(block.start), body.shifted(block.start));
        let inline = Span::new(colon + 1, header.end);
        let inline_text = self.text(inline).trim();
        let has_body = !self.text(body).trim().is_empty();
        let opens_text = inline_text.starts_with(['|', '>']);
        let bare = inline_text.is_empty() || inline_text.starts_with('#');
        let key = self.key(key);
        let anchor = inline_text.strip_prefix('&').filter(|name| !name.contains([' ', '\t']));
        let anchor = anchor.map(str::to_owned);
        if (bare || anchor.is_some()) && has_body {
            let value = self.inner(body, failure, depth);
            if let Some(name) = anchor {
                self.anchors.define(name, inline, Some(value.clone()));
            }
            return Piece::Entries(vec![(key, value)]);
        }
        self.fail(self.at_quote(failure, inline));
        if has_body
            && !opens_text
            && let Ok(Some(read)) = self.read(header)
            && let Piece::Entries(mut entries) = piece(Some(read))
        {
            // The header is whole, so the lines below it are indented too far: its neighbours.
            if let Some(read) = self.region(body, depth + 1)
                && let Piece::Entries(more) = piece(Some(read))
            {
                entries.extend(more);
            }
            return Piece::Entries(entries);
        }
        let value = Span::new(inline.start, block.end);
        Piece::Entries(vec![(key, broken(trimmed(self.text(value), value)))])
    }

    /// Reads the inside of a failing block, which failed because of something in it.
    fn inner(&mut self, span: Span, failure: Problem, depth: usize) -> Built {
        let known = self.failures;
        let built = self.region(span, depth + 1);
        if self.failures == known {
            self.fail(failure);
        }
        built.unwrap_or_else(|| broken(trimmed(self.text(span), span)))
    }

    fn fail(&mut self, failure: Problem) {
        self.failures += 1;
        self.problems.push(failure);
    }

    fn key(&self, span: Span) -> Built {
        let raw = self.text(span);
        let style = match raw.chars().next() {
            Some('"') => Style::DoubleQuoted,
            Some('\'') => Style::SingleQuoted,
            _ => Style::Plain,
        };
        let text = match style {
            Style::Plain => raw,
            _ => raw.trim_matches(['"', '\'']),
        };
        let scalar = Scalar { text: text.to_owned(), style, content: span };
        Built::of(Node::plain(span, NodeKind::Scalar(scalar)), &[])
    }

    /// One node from the pieces of a region: a mapping if it has any key, else a list, else what
    /// there is. What does not fit is named.
    fn join(&mut self, pieces: Vec<Piece>) -> Option<Built> {
        let is_mapping = pieces.iter().any(|piece| matches!(piece, Piece::Entries(_)));
        let is_list = !is_mapping && pieces.iter().any(|piece| matches!(piece, Piece::Items(_)));
        let (mut entries, mut items, mut other) = (Vec::new(), Vec::new(), None);
        for piece in pieces {
            match piece {
                Piece::Nothing => {}
                Piece::Entries(list) => entries.extend(list),
                Piece::Items(list) if is_list => items.extend(list),
                Piece::Items(list) => {
                    for item in list {
                        self.stray(
                            item.node.span,
                            "a list item stands among keys; indent it below its key",
                        );
                    }
                }
                Piece::Other(built) if is_mapping => {
                    if matches!(built.node.kind, NodeKind::Scalar(_)) {
                        let span = built.node.span;
                        self.stray(span, "this key has no colon; write `key: value`");
                        entries.push((built, broken(Span::at(span.end))));
                    }
                }
                Piece::Other(built) if is_list => {
                    self.stray(
                        built.node.span,
                        "this line stands among list items; begin it with `- `",
                    );
                }
                Piece::Other(built) => other = other.or(Some(built)),
            }
        }
        if is_mapping {
            return Some(mapping(entries));
        }
        if is_list {
            return Some(sequence(items));
        }
        other
    }

    fn stray(&mut self, span: Span, message: &str) {
        let known = self.problems.iter().any(|one| one.span.touches(span.start));
        if !known {
            self.fail(Problem::new(codes::YAML_SYNTAX, span, message));
        }
    }

    /// The blocks of a range: each begins at a line that stands as deep as the first one, or less.
    /// Among keys a list item begins none: a list may stand as deep as the key it belongs to.
    fn blocks(&self, span: Span) -> Vec<Span> {
        let mut starts = Vec::new();
        let mut first: Option<(usize, bool)> = None;
        for line in lines(self.text(span), span.start).into_iter().filter(|line| line.counts) {
            let item = is_item(self.text(line.span));
            let (depth, of_items) = *first.get_or_insert((line.indent, item));
            if line.indent < depth || (line.indent == depth && (of_items || !item)) {
                starts.push(line.span.start);
            }
        }
        let ends = starts.iter().skip(1).copied().chain(std::iter::once(span.end));
        starts.iter().zip(ends).map(|(&start, end)| Span::new(start, end)).collect()
    }

    fn line_start(&self, offset: usize) -> usize {
        let before = self.scratch.get(..offset - self.base).unwrap_or_default();
        let line = before.iter().rposition(|byte| matches!(byte, b'\n' | b'\r'));
        self.base + line.map_or(0, |at| at + 1)
    }

    fn first_word(&self, span: Span) -> Span {
        let text = self.text(span);
        let start = text.len() - text.trim_start().len();
        let word = text.trim_start().find(char::is_whitespace).unwrap_or(text.trim_start().len());
        Span::new(span.start + start, span.start + start + word)
    }
}

fn piece(built: Option<Built>) -> Piece {
    let Some(built) = built else { return Piece::Nothing };
    let part = |node: &Arc<Node>| Built::weighed(node.clone());
    match &built.node.kind {
        NodeKind::Mapping(entries) if built.node.tag.is_none() => Piece::Entries(
            entries.iter().map(|entry| (part(&entry.key), part(&entry.value))).collect(),
        ),
        NodeKind::Sequence(items) if built.node.tag.is_none() => {
            Piece::Items(items.iter().map(part).collect())
        }
        _ => Piece::Other(built),
    }
}

fn mapping(entries: Vec<(Built, Built)>) -> Built {
    let span = cover(entries.iter().flat_map(|(key, value)| [key.node.span, value.node.span]));
    let parts: Vec<&Built> = entries.iter().flat_map(|(key, value)| [key, value]).collect();
    let list = entries
        .iter()
        .map(|(key, value)| Entry { key: key.node.clone(), value: value.node.clone() })
        .collect();
    Built::of(Node::plain(span, NodeKind::Mapping(list)), &parts)
}

fn sequence(items: Vec<Built>) -> Built {
    let span = cover(items.iter().map(|item| item.node.span));
    let parts: Vec<&Built> = items.iter().collect();
    let list = items.iter().map(|item| item.node.clone()).collect();
    Built::of(Node::plain(span, NodeKind::Sequence(list)), &parts)
}

fn cover(spans: impl Iterator<Item = Span>) -> Span {
    spans.reduce(Span::cover).unwrap_or_default()
}

fn broken(span: Span) -> Built {
    Built::of(Node::plain(span, NodeKind::Broken), &[])
}

/// The range without blank space at its ends; the empty range at its start if nothing is left.
fn trimmed(text: &str, span: Span) -> Span {
    let start = span.start + (text.len() - text.trim_start().len());
    match text.trim().is_empty() {
        true => Span::at(span.start),
        false => Span::new(start, start + text.trim().len()),
    }
}

fn is_item(text: &str) -> bool {
    let line = text.trim_start_matches([' ', '\t']);
    line.strip_prefix('-')
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\n', '\r']))
}

/// The key at the start of a text and the place of its colon.
fn find_key(text: &str) -> Option<(Span, usize)> {
    let start = text.len() - text.trim_start_matches([' ', '\t']).len();
    let (line, _) = split_line(text);
    let rest = crate::slice(text, Span::new(start, line.end));
    let first = rest.chars().next()?;
    if "[{}]#|>@`%&*,".contains(first) {
        return None;
    }
    let from = match first {
        '"' | '\'' => 1 + rest.get(1..)?.find(first)? + 1,
        _ => 0,
    };
    let tail = rest.get(from..)?;
    let colon = tail.match_indices(':').map(|(at, _)| at).find(|at| {
        tail.get(at + 1..).is_none_or(|after| after.is_empty() || after.starts_with([' ', '\t']))
    })?;
    let key = crate::slice(rest, Span::new(0, from + colon)).trim_end();
    if key.is_empty() || key.contains(" #") || (from > 0 && key.len() > from) {
        return None;
    }
    Some((Span::new(start, start + key.len()), start + from + colon))
}

/// The first line without its end, and everything behind that end.
fn split_line(text: &str) -> (Span, Span) {
    let end = text.find(['\n', '\r']).unwrap_or(text.len());
    let crlf = text.get(end..).is_some_and(|rest| rest.starts_with("\r\n"));
    let next = (end + if crlf { 2 } else { 1 }).min(text.len());
    (Span::new(0, end), Span::new(next, text.len()))
}

fn lines(text: &str, base: usize) -> Vec<Line> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let rest = text.get(start..).unwrap_or_default();
        let (line, next) = split_line(rest);
        let content = crate::slice(rest, line);
        let body = content.trim_start_matches([' ', '\t']);
        let marker = ["---", "..."].iter().any(|marker| content.trim_end() == *marker);
        found.push(Line {
            span: line.shifted(base + start),
            indent: content.len() - body.len(),
            counts: !body.trim().is_empty() && !body.starts_with('#') && !marker,
        });
        start += next.start.max(1);
    }
    found
}
