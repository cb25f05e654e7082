//! `WITH name AS (…)`: where names for parts of a query are made, and where they are used.

use super::tokens::{Token, TokenKind, tokens};
use crate::{Span, slice};

/// A name for a part of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cte {
    /// The name without quotes.
    pub name: String,
    /// Where it is made.
    pub name_span: Span,
    /// The query between its parentheses.
    pub body: Span,
    /// The list that it stands in, from `WITH` to the last closing parenthesis.
    pub list: Span,
    /// Where it can be used: from `WITH` to the end of the query or of the parentheses around it.
    pub scope: Span,
}

/// Every such name of a text, in order. Any text has an answer; what is not finished is left out.
pub fn ctes(text: &str) -> Vec<Cte> {
    let mut solid = tokens(text);
    solid.retain(|token| token.kind != TokenKind::Comment);
    let reader = Reader { text, tokens: &solid };
    let starts = (0..solid.len()).filter(|at| reader.is(*at, "with"));
    starts.flat_map(|at| reader.list(at)).collect()
}

/// The name of a part of a query that is meant at an offset, and every place of it: first where it is made.
pub fn cte_at(text: &str, offset: usize) -> Option<(Cte, Vec<Span>)> {
    let all = ctes(text);
    let word = words(text).into_iter().find(|word| word.touches(offset))?;
    let name = unquoted(slice(text, word));
    let is_meant =
        |cte: &&Cte| cte.name.eq_ignore_ascii_case(&name) && cte.scope.touches(word.start);
    // Of several the innermost is meant.
    let cte = all.iter().filter(is_meant).min_by_key(|cte| cte.scope.len())?.clone();
    let uses = uses(text, &cte, &all);
    let places: Vec<Span> = std::iter::once(cte.name_span).chain(uses).collect();
    places.contains(&word).then_some((cte, places))
}

/// Where a name is used as a table or in front of a column.
fn uses(text: &str, cte: &Cte, all: &[Cte]) -> Vec<Span> {
    let mut solid = tokens(text);
    solid.retain(|token| token.kind != TokenKind::Comment);
    let reader = Reader { text, tokens: &solid };
    let is_hidden = |span: Span| {
        let inner = |other: &&Cte| {
            other.name.eq_ignore_ascii_case(&cte.name)
                && other.scope.len() < cte.scope.len()
                && other.scope.touches(span.start)
        };
        all.iter().any(|other| inner(&other))
    };
    let found = solid.iter().enumerate().filter(|(at, token)| {
        let is_name = is_word(token.kind)
            && unquoted(slice(text, token.span)).eq_ignore_ascii_case(&cte.name);
        let before = at.checked_sub(1);
        let is_read = before.is_some_and(|before| {
            let is_first = ["from", "join"].iter().any(|word| reader.is(before, word));
            is_first || reader.is(before, ",") && reader.is_in_from(before)
        });
        let is_qualifier = reader.is(at + 1, ".") && !before.is_some_and(|at| reader.is(at, "."));
        is_name
            && token.span != cte.name_span
            && cte.scope.touches(token.span.start)
            && !is_hidden(token.span)
            && (is_qualifier || is_read && !reader.is(at + 1, "("))
    });
    found.map(|(_, token)| token.span).collect()
}

fn words(text: &str) -> Vec<Span> {
    tokens(text).into_iter().filter(|one| is_word(one.kind)).map(|one| one.span).collect()
}

fn is_word(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Keyword | TokenKind::Word | TokenKind::QuotedName)
}

fn unquoted(word: &str) -> String {
    match word.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => word.to_owned(),
    }
}

struct Reader<'t> {
    text: &'t str,
    tokens: &'t [Token],
}

impl Reader<'_> {
    fn is(&self, at: usize, word: &str) -> bool {
        let token = self.tokens.get(at);
        token.is_some_and(|token| slice(self.text, token.span).eq_ignore_ascii_case(word))
    }

    /// Whether a comma stands between tables: of the clauses before it the nearest is FROM.
    fn is_in_from(&self, comma: usize) -> bool {
        const CLAUSES: [&str; 9] =
            ["select", "from", "join", "by", "where", "having", "qualify", "values", "with"];
        let mut depth = 0_usize;
        for (at, token) in self.tokens.iter().enumerate().take(comma).rev() {
            match token.kind {
                TokenKind::Close => depth += 1,
                TokenKind::Open if depth == 0 => return false,
                TokenKind::Open => depth -= 1,
                _ if depth > 0 => {}
                _ if CLAUSES.iter().any(|word| self.is(at, word)) => {
                    return self.is(at, "from") || self.is(at, "join");
                }
                _ => {}
            }
        }
        false
    }

    /// The names of a list that begins with `WITH`.
    fn list(&self, with: usize) -> Vec<Cte> {
        let mut found: Vec<(String, Span, Span)> = Vec::new();
        let mut at = with + 1;
        if self.is(at, "recursive") {
            at += 1;
        }
        let mut end = None;
        while let Some(name) = self.tokens.get(at).filter(|token| is_word(token.kind)) {
            at += 1;
            if self.is(at, "(") {
                let Some(close) = self.closing(at) else { break };
                at = close + 1;
            }
            if !self.is(at, "as") {
                break;
            }
            at += 1;
            while self.is(at, "not") || self.is(at, "materialized") {
                at += 1;
            }
            let (Some(open), Some(close)) = (self.tokens.get(at), self.closing(at)) else { break };
            let Some(last) = self.tokens.get(close) else { break };
            let body = Span::new(open.span.end, last.span.start);
            found.push((unquoted(slice(self.text, name.span)), name.span, body));
            end = Some(last.span.end);
            at = close + 1;
            if !self.is(at, ",") {
                break;
            }
            at += 1;
        }
        let (Some(end), Some(start)) = (end, self.tokens.get(with)) else { return Vec::new() };
        let list = Span::new(start.span.start, end);
        let scope = Span::new(list.start, self.outer_end(with));
        let cte = |(name, name_span, body)| Cte { name, name_span, body, list, scope };
        found.into_iter().map(cte).collect()
    }

    /// The place of the token that closes the one at a place, if that one opens anything.
    fn closing(&self, open: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for (at, token) in self.tokens.iter().enumerate().skip(open) {
            match token.kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close => depth = depth.checked_sub(1)?,
                _ => {}
            }
            if depth == 0 {
                return (at > open).then_some(at);
            }
        }
        None
    }

    /// Where the parentheses around a place, or the statement, end.
    fn outer_end(&self, from: usize) -> usize {
        let mut depth = 0_usize;
        for (at, token) in self.tokens.iter().enumerate().skip(from) {
            match token.kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close if depth == 0 => return token.span.start,
                TokenKind::Close => depth -= 1,
                _ if depth == 0 && self.is(at, ";") => return token.span.start,
                _ => {}
            }
        }
        self.text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(text: &str) -> Vec<(String, &str)> {
        ctes(text).into_iter().map(|cte| (cte.name, slice(text, cte.body))).collect()
    }

    #[test]
    fn names_are_found_with_their_queries() {
        let text =
            "WITH a AS (SELECT (1)), \"B b\"(x) AS NOT MATERIALIZED (SELECT 2) SELECT * FROM a";
        let found = names(text);
        assert_eq!(found, [("a".into(), "SELECT (1)"), ("B b".into(), "SELECT 2")]);
        let list = ctes(text)[0].list;
        assert_eq!(slice(text, Span::new(list.end, text.len())), " SELECT * FROM a");
        assert_eq!(names("SELECT 1 FROM x WITH ORDINALITY"), []);
        assert_eq!(names("WITH a AS (SELECT 1), b AS (SELECT"), [("a".into(), "SELECT 1")]);
        let nested = "SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) JOIN a";
        assert_eq!(slice(nested, ctes(nested)[0].scope), "WITH a AS (SELECT 1) SELECT * FROM a");
    }

    #[test]
    fn uses_are_tables_and_qualifiers_of_the_innermost() {
        let text = "WITH a AS (SELECT a FROM t) SELECT a.x, a FROM a, (WITH a AS (SELECT 1) SELECT * FROM a) WHERE a(1)";
        let at = text.find("FROM a,").unwrap() + 5;
        let (cte, places) = cte_at(text, at).unwrap();
        assert_eq!(cte.name_span, Span::new(5, 6));
        let starts: Vec<usize> = places.iter().map(|place| place.start).collect();
        assert_eq!(starts, [5, 35, at]);
        assert_eq!(cte_at(text, text.find("SELECT a FROM").unwrap() + 7), None, "a column");
        let list = "WITH a AS (SELECT 1) SELECT 1 FROM t JOIN u ON (t.x = u.x), a";
        assert_eq!(cte_at(list, list.len()).unwrap().1.len(), 2);
        let inner = text.rfind("FROM a)").unwrap() + 5;
        assert_eq!(cte_at(text, inner).unwrap().1.len(), 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

        /// Any text has an answer, whose places lie in it.
        #[test]
        fn any_text_has_an_answer(text in "(WITH|a|b|AS|\\(|\\)|,|;|\\.|SELECT|FROM|'|\"| ){0,20}") {
            for cte in ctes(&text) {
                prop_assert!(cte.list.end <= cte.scope.end && cte.scope.end <= text.len(), "{cte:?}");
            }
            for offset in 0..=text.len() {
                let _ = cte_at(&text, offset);
            }
        }
    }
}
