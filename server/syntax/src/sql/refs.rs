//! `ref('kind.name')` in SQL.

use super::tokens::raw_tokens;
use crate::Span;
use serde::{Deserialize, Serialize};
use sqlparser::tokenizer::Token as Raw;

/// A reference to a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefSite {
    /// From `ref` to the closing parenthesis.
    pub span: Span,
    /// What stands between the quotes.
    pub id_span: Span,
    /// The id, with blank space around it dropped.
    pub id: String,
}

/// The references of a text, found among its tokens: one inside a comment or a text is none.
pub fn refs(text: &str) -> Vec<RefSite> {
    let (raw, _) = raw_tokens(text);
    let solid: Vec<&(Raw, Span)> =
        raw.iter().filter(|(token, _)| !matches!(token, Raw::Whitespace(_))).collect();
    let mut found = Vec::new();
    for (at, window) in solid.windows(4).enumerate() {
        let [(Raw::Word(word), start), (Raw::LParen, _), (quoted, inner), (Raw::RParen, end)] =
            window
        else {
            continue;
        };
        let is_ref = word.quote_style.is_none() && word.value.eq_ignore_ascii_case("ref");
        let after_dot = at.checked_sub(1).and_then(|before| solid.get(before));
        let is_method = after_dot.is_some_and(|(token, _)| *token == Raw::Period);
        let is_quoted = match quoted {
            Raw::SingleQuotedString(_) => true,
            Raw::Word(name) => name.quote_style == Some('"'),
            _ => false,
        };
        if is_ref && is_quoted && !is_method && inner.len() >= 2 {
            let id_span = Span::new(inner.start + 1, inner.end - 1);
            let id = crate::slice(text, id_span).trim().to_owned();
            found.push(RefSite { span: start.cover(*end), id_span, id });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<(String, &str)> {
        refs(text).into_iter().map(|site| (site.id, crate::slice(text, site.span))).collect()
    }

    #[test]
    fn references_are_calls_with_one_quoted_name() {
        let text = "FROM ref('source.a') JOIN REF( \"transform.b\" ) ON ref ( ' c ' )";
        assert_eq!(
            ids(text),
            [
                ("source.a".to_owned(), "ref('source.a')"),
                ("transform.b".to_owned(), "REF( \"transform.b\" )"),
                ("c".to_owned(), "ref ( ' c ' )"),
            ]
        );
    }

    #[test]
    fn comments_texts_and_other_calls_are_no_references() {
        for text in [
            "-- ref('a.b')",
            "/* ref('a.b') */",
            "/* a /* b */ ref('a.b') */",
            "SELECT E'\\' || ref(''a.b'') || '",
            "SELECT 'ref(''a.b'')'",
            "SELECT $$ref('a.b')$$",
            "SELECT preref('a.b')",
            "SELECT x.ref('a.b')",
            "SELECT \"ref\"('a.b')",
            "SELECT ref(a)",
            "SELECT ref('a', 'b')",
        ] {
            assert_eq!(ids(text), [], "{text}");
        }
    }

    #[test]
    fn a_comment_ends_where_duckdb_ends_it() {
        for text in
            ["-- x\rref('a.b')", "-- x\r\nref('a.b')", "/*/**/*/ref('a.b')", "E'\\'' ref('a.b')"]
        {
            assert_eq!(ids(text), [("a.b".to_owned(), "ref('a.b')")], "{text:?}");
        }
    }

    #[test]
    fn a_half_typed_query_keeps_the_references_before_the_break() {
        let text = "SELECT * FROM ref('source.a') WHERE x = 'open";
        assert_eq!(ids(text).len(), 1);
        assert_eq!(ids("SELECT FROM ref('source.a') WHERE (").len(), 1);
    }
}
