//! Where constructs end. DuckDB says where they begin, at best.

use crate::sql::{Token, TokenKind, tokens};
use crate::{Span, slice};

/// The tokens of a query, with the partner of each parenthesis.
pub(super) struct Places<'a> {
    sql: &'a str,
    tokens: Vec<Token>,
    /// For each opening token the index of the one that closes it.
    closing: Vec<Option<usize>>,
}

impl<'a> Places<'a> {
    pub(super) fn new(sql: &'a str) -> Places<'a> {
        let mut tokens = tokens(sql);
        tokens.retain(|token| token.kind != TokenKind::Comment);
        let mut closing = vec![None; tokens.len()];
        let mut open = Vec::new();
        for (index, token) in tokens.iter().enumerate() {
            match token.kind {
                TokenKind::Open => open.push(index),
                TokenKind::Close => {
                    if let Some(slot) = open.pop().and_then(|start: usize| closing.get_mut(start)) {
                        *slot = Some(index);
                    }
                }
                _ => {}
            }
        }
        Places { sql, tokens, closing }
    }

    /// Everything.
    pub(super) fn whole(&self) -> Span {
        let spans = self.tokens.iter().map(|token| token.span);
        spans.reduce(Span::cover).unwrap_or_default()
    }

    /// The token at a place.
    pub(super) fn token(&self, at: usize) -> Span {
        self.index(at)
            .and_then(|index| self.span(index))
            .unwrap_or(Span::at(at.min(self.sql.len())))
    }

    /// A name with its dots, from its first part on.
    pub(super) fn dotted(&self, at: usize, parts: usize) -> Span {
        let Some(first) = self.index(at) else { return self.token(at) };
        let last = first + 2 * parts.saturating_sub(1);
        let dots = (first + 1..last).step_by(2);
        if dots.clone().all(|index| self.text(index) == ".") {
            self.range(first, last)
        } else {
            self.token(at)
        }
    }

    /// A call from its name to its closing parenthesis, or a group from its opening one.
    pub(super) fn call(&self, at: usize) -> Span {
        let Some(first) = self.index(at) else { return self.token(at) };
        // The name may have a schema before it, and `EXISTS` and `CAST` stand where a name does.
        let open =
            (first..first + 5).find(|index| self.text(*index) == "(" || self.text(*index) == "[");
        let close = open.and_then(|open| self.closing.get(open).copied().flatten());
        match (open, close) {
            (Some(open), Some(close)) if self.is_name(first, open) => self.range(first, close),
            _ => self.token(at),
        }
    }

    /// The parenthesis that closes just behind a place, if one does.
    pub(super) fn closed(&self, end: usize) -> Span {
        let next = self.tokens.partition_point(|token| token.span.start < end);
        let close = self.tokens.get(next).filter(|token| token.kind == TokenKind::Close);
        close.map_or(Span::at(end), |token| token.span)
    }

    /// CASE with everything up to its END, given where its last part ends.
    pub(super) fn case(&self, at: usize, last: usize) -> Span {
        let start = self.token(at);
        let end = self.tokens.iter().find(|token| {
            token.span.start >= last && slice(self.sql, token.span).eq_ignore_ascii_case("end")
        });
        end.map_or(start, |end| start.cover(end.span))
    }

    /// `::` with the type behind it.
    pub(super) fn cast(&self, at: usize) -> Span {
        let Some(first) = self.index(at) else { return self.token(at) };
        if self.text(first) != "::" {
            return self.call(at);
        }
        let mut last = first + 1;
        while matches!(self.text(last + 1), "(" | "[" | ".") {
            last = self.closing.get(last + 1).copied().flatten().unwrap_or(last + 2);
        }
        self.range(first, last)
    }

    /// The names of common table expressions with a hint before their parenthesis, and the hint:
    /// DuckDB reads it and does not show it.
    pub(super) fn materialized(&self) -> Vec<(String, bool)> {
        let mut found = Vec::new();
        for index in 0..self.tokens.len() {
            let is_hint = self.is_word(index, "materialized") && self.text(index + 1) == "(";
            if !is_hint || index == 0 {
                continue;
            }
            let not = self.is_word(index - 1, "not");
            let Some(before) = index.checked_sub(if not { 3 } else { 2 }) else { continue };
            if self.is_word(before + 1, "as") {
                found.push((self.name_before(before), !not));
            }
        }
        found
    }

    /// Where the name of a common table expression stands.
    pub(super) fn cte(&self, name: &str, from: usize) -> Option<Span> {
        let named = |index: &usize| {
            let follows = self.is_word(index + 1, "as")
                || self.is_word(index + 1, "using")
                || self.text(index + 1) == "(";
            follows && unquoted(self.text(*index)).eq_ignore_ascii_case(name)
        };
        let first = self.tokens.partition_point(|token| token.span.start < from);
        (first..self.tokens.len()).find(named).and_then(|index| self.span(index))
    }

    /// The name that ends at a token, with the groups and words skipped that may follow it.
    fn name_before(&self, end: usize) -> String {
        let mut at = end;
        while self.text(at) == ")" {
            let open = self.closing.iter().position(|close| *close == Some(at));
            at = open.unwrap_or(at).saturating_sub(1);
            if self.is_word(at, "key") && self.is_word(at.saturating_sub(1), "using") {
                at = at.saturating_sub(2);
            }
        }
        unquoted(self.text(at))
    }

    /// Whether the tokens from one up to another are one name, with dots or alone.
    fn is_name(&self, first: usize, end: usize) -> bool {
        (first + 1..end).all(|index| {
            let is_dot = self.text(index) == ".";
            is_dot == ((index - first) % 2 == 1)
        })
    }

    fn index(&self, at: usize) -> Option<usize> {
        let index = self.tokens.partition_point(|token| token.span.end <= at);
        self.tokens.get(index).filter(|token| token.span.start <= at).map(|_| index)
    }

    fn span(&self, index: usize) -> Option<Span> {
        self.tokens.get(index).map(|token| token.span)
    }

    fn text(&self, index: usize) -> &'a str {
        self.span(index).map_or("", |span| slice(self.sql, span))
    }

    fn is_word(&self, index: usize, word: &str) -> bool {
        self.text(index).eq_ignore_ascii_case(word)
    }

    fn range(&self, first: usize, last: usize) -> Span {
        let start = self.span(first).unwrap_or_default();
        self.span(last).map_or(start, |end| start.cover(end))
    }
}

/// A name without its quotes.
fn unquoted(text: &str) -> String {
    match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => text.to_owned(),
    }
}
