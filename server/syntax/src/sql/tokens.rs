//! SQL as tokens, for any text.

use super::lexicon::{Lexicon, with_line_feeds};
use super::place::Places;
use crate::{Problem, Span, codes, limits};
use sqlparser::tokenizer::{Token as Raw, TokenWithSpan, Tokenizer, Whitespace};

/// A token and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What kind of token.
    pub kind: TokenKind,
    /// Where.
    pub span: Span,
}

/// What a token is to an editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A word that is a keyword in some place.
    Keyword,
    /// Any other word.
    Word,
    /// A name in double quotes.
    QuotedName,
    /// A text in single quotes or between dollars.
    Text,
    /// A number.
    Number,
    /// `?`, `$1` or `$name`.
    Parameter,
    /// `-- …` or `/* … */`.
    Comment,
    /// An operator or punctuation.
    Symbol,
    /// An opening parenthesis, bracket or brace.
    Open,
    /// A closing one.
    Close,
    /// The rest of a text after something that never ends, such as an open quote.
    Unfinished,
}

/// The tokens of a text, blank space left out. Any text gives tokens.
pub fn tokens(text: &str) -> Vec<Token> {
    let (raw, rest) = raw_tokens(text);
    let mut found: Vec<Token> = raw
        .iter()
        .filter_map(|(token, span)| kind(token).map(|kind| Token { kind, span: *span }))
        .collect();
    found.extend(rest.map(|span| Token { kind: TokenKind::Unfinished, span }));
    found
}

/// sqlparser's tokens with byte ranges, and the rest it could not read.
pub(super) fn raw_tokens(text: &str) -> (Vec<(Raw, Span)>, Option<Span>) {
    let (buffer, failed) = tokenize(text);
    let places = Places::new(text);
    let found: Vec<(Raw, Span)> = buffer
        .into_iter()
        .map(|token| {
            let start = places.offset(token.span.start);
            (token.token, Span::new(start, places.offset(token.span.end)))
        })
        .collect();
    let read = found.last().map_or(0, |(_, span)| span.end);
    let rest = text.get(read..).unwrap_or_default();
    let start = read + (rest.len() - rest.trim_start().len());
    let unread = failed && start < text.len();
    (found, unread.then(|| Span::new(start, text.len())))
}

/// Every token up to the first that never ends, and whether there is such a one.
pub(super) fn tokenize(text: &str) -> (Vec<TokenWithSpan>, bool) {
    let mut buffer = Vec::new();
    let text = with_line_feeds(text);
    let failed = Tokenizer::new(&Lexicon, &text)
        .with_unescape(false)
        .tokenize_with_location_into_buf(&mut buffer)
        .is_err();
    (buffer, failed)
}

fn kind(token: &Raw) -> Option<TokenKind> {
    Some(match token {
        Raw::EOF => return None,
        Raw::Whitespace(Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_)) => {
            TokenKind::Comment
        }
        Raw::Whitespace(_) => return None,
        Raw::Word(word) if word.quote_style.is_some() => TokenKind::QuotedName,
        Raw::Word(word) if word.keyword == sqlparser::keywords::Keyword::NoKeyword => {
            TokenKind::Word
        }
        Raw::Word(_) => TokenKind::Keyword,
        Raw::Number(..) => TokenKind::Number,
        Raw::Placeholder(_) => TokenKind::Parameter,
        Raw::LParen | Raw::LBracket | Raw::LBrace => TokenKind::Open,
        Raw::RParen | Raw::RBracket | Raw::RBrace => TokenKind::Close,
        Raw::SingleQuotedString(_)
        | Raw::DoubleQuotedString(_)
        | Raw::DollarQuotedString(_)
        | Raw::EscapedStringLiteral(_)
        | Raw::UnicodeStringLiteral(_)
        | Raw::NationalStringLiteral(_)
        | Raw::HexStringLiteral(_)
        | Raw::SingleQuotedByteStringLiteral(_)
        | Raw::DoubleQuotedByteStringLiteral(_)
        | Raw::SingleQuotedRawStringLiteral(_)
        | Raw::DoubleQuotedRawStringLiteral(_) => TokenKind::Text,
        _ => TokenKind::Symbol,
    })
}

/// The problem of a text whose parentheses nest past the limit.
pub fn depth_problem(text: &str) -> Option<Problem> {
    // As a rule there are not even so many of them.
    if text.matches(['(', '[', '{']).count() <= limits::SQL_DEPTH_MAX {
        return None;
    }
    let mut depth = 0usize;
    for token in tokens(text) {
        match token.kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limits::SQL_DEPTH_MAX {
            let message = format!(
                "parentheses are nested over {} deep here; name a part in a WITH",
                limits::SQL_DEPTH_MAX
            );
            return Some(Problem::new(codes::SQL_TOO_DEEP, token.span, message));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(TokenKind, &str)> {
        tokens(text).iter().map(|token| (token.kind, crate::slice(text, token.span))).collect()
    }

    #[test]
    fn every_token_stands_at_its_bytes() {
        use TokenKind::*;
        assert_eq!(
            kinds("SELECT é, \"Ü\".b -- 𝄞 x\n, 'a''b' /* c */ || $1"),
            [
                (Keyword, "SELECT"),
                (Word, "é"),
                (Symbol, ","),
                (QuotedName, "\"Ü\""),
                (Symbol, "."),
                (Word, "b"),
                (Comment, "-- 𝄞 x"),
                (Symbol, ","),
                (Text, "'a''b'"),
                (Comment, "/* c */"),
                (Symbol, "||"),
                (Parameter, "$1"),
            ]
        );
    }

    #[test]
    fn an_open_quote_leaves_what_stands_before_it() {
        use TokenKind::*;
        assert_eq!(
            kinds("SELECT 1, 'open\nFROM t"),
            [(Keyword, "SELECT"), (Number, "1"), (Symbol, ","), (Unfinished, "'open\nFROM t")]
        );
        assert_eq!(kinds("/* never"), [(Unfinished, "/* never")]);
    }

    #[test]
    fn two_hundred_thousand_parentheses_are_one_sentence() {
        let text = "(".repeat(200_000);
        let problem = depth_problem(&text).unwrap();
        assert_eq!(problem.span, Span::new(500, 501));
        assert_eq!(depth_problem("((1)) + (2)"), None);
    }
}
