//! Literal and folded block scalars.

use crate::yaml::{Scalar, Style};
use crate::{MappedText, Span, slice};

#[derive(Clone, Copy, PartialEq)]
enum Chomp {
    Strip,
    Clip,
    Keep,
}

/// A line of the content: its bytes without the line end, and the line end.
struct Line<'t> {
    text: &'t str,
    at: usize,
    line_end: Span,
}

/// Decodes a block scalar; `place` is the node's, from the header on.
pub(super) fn decode(text: &str, place: Span, scalar: &Scalar) -> Option<MappedText> {
    let header = slice(text, Span::new(place.start, scalar.content.start));
    let indicators = header.split([' ', '\t', '\n', '\r']).next().unwrap_or_default();
    let chomp = match indicators {
        _ if indicators.contains('-') => Chomp::Strip,
        _ if indicators.contains('+') => Chomp::Keep,
        _ => Chomp::Clip,
    };
    let lines = lines(slice(text, scalar.content), scalar.content.start);
    let explicit = indicators.contains(|character: char| character.is_ascii_digit());
    // An explicit indicator counts from the parent's depth, which a scalar does not know: the
    // depth that gives the parser's own text is the right one.
    let widest = lines.iter().map(|line| spaces(line.text)).max().unwrap_or(0);
    let depths = match (explicit, lines.iter().find(|line| !is_blank(line.text))) {
        (false, Some(line)) => spaces(line.text)..=spaces(line.text),
        (false, None) => widest..=widest,
        (true, _) => 0..=widest,
    };
    depths
        .map(|depth| match scalar.style {
            Style::Folded => folded(&lines, depth, chomp),
            _ => literal(&lines, depth, chomp),
        })
        .find(|mapped| mapped.text == scalar.text)
}

fn lines(content: &str, base: usize) -> Vec<Line<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < content.len() {
        let rest = slice(content, Span::new(start, content.len()));
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let width = match rest.get(end..) {
            Some(tail) if tail.starts_with("\r\n") => 2,
            Some(tail) if !tail.is_empty() => 1,
            _ => 0,
        };
        let line_end = Span::new(start + end, start + end + width).shifted(base);
        found.push(Line { text: slice(rest, Span::new(0, end)), at: base + start, line_end });
        start += end + width;
    }
    found
}

fn spaces(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn is_blank(line: &str) -> bool {
    line.trim_start_matches(' ').is_empty()
}

/// The content of a line at a depth; nothing when the line has no more than its indentation.
fn content<'t>(line: &Line<'t>, depth: usize) -> (&'t str, usize) {
    let stripped = spaces(line.text).min(depth);
    (line.text.get(stripped..).unwrap_or_default(), line.at + stripped)
}

/// How many lines stand before the blank ones at the end.
fn without_tail(lines: &[Line<'_>], depth: usize) -> usize {
    lines.iter().rposition(|line| !content(line, depth).0.is_empty()).map_or(0, |last| last + 1)
}

fn push_break(mapped: &mut MappedText, line_end: Span) {
    match line_end.len() {
        0 => {}
        _ => mapped.push_replaced("\n", line_end),
    }
}

fn push_tail(mapped: &mut MappedText, lines: &[Line<'_>], body: usize, chomp: Chomp) {
    let kept = match chomp {
        Chomp::Strip => return,
        Chomp::Clip if body == 0 => return,
        Chomp::Clip => body,
        Chomp::Keep => lines.len(),
    };
    for line in lines.iter().take(kept).skip(body.saturating_sub(1)) {
        push_break(mapped, line.line_end);
    }
}

fn literal(lines: &[Line<'_>], depth: usize, chomp: Chomp) -> MappedText {
    let mut mapped = MappedText::default();
    let body = without_tail(lines, depth);
    for (number, line) in lines.iter().take(body).enumerate() {
        let (text, at) = content(line, depth);
        mapped.push_verbatim(text, at);
        if number + 1 < body {
            push_break(&mut mapped, line.line_end);
        }
    }
    push_tail(&mut mapped, lines, body, chomp);
    mapped
}

fn folded(lines: &[Line<'_>], depth: usize, chomp: Chomp) -> MappedText {
    let mut mapped = MappedText::default();
    let body = without_tail(lines, depth);
    let indented = |text: &str| text.starts_with([' ', '\t']);
    let mut previous: Option<(&str, Span)> = None;
    let mut blanks: Vec<Span> = Vec::new();
    for line in lines.iter().take(body) {
        let (text, at) = content(line, depth);
        if text.is_empty() {
            blanks.push(line.line_end);
            continue;
        }
        if let Some((before, line_end)) = previous {
            let keeps = indented(before) || indented(text);
            match (keeps, blanks.is_empty()) {
                (true, _) => mapped.push_replaced("\n", line_end),
                (false, true) => mapped.push_replaced(" ", line_end),
                (false, false) => mapped.push_replaced("", line_end),
            }
        }
        for blank in blanks.drain(..) {
            push_break(&mut mapped, blank);
        }
        mapped.push_verbatim(text, at);
        previous = Some((text, line.line_end));
    }
    push_tail(&mut mapped, lines, body, chomp);
    mapped
}
