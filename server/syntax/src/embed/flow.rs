//! Plain and quoted scalars, which fold lines and, in double quotes, know escapes.

use crate::{MappedText, Span, slice};

/// Decodes a scalar without quotes.
pub(super) fn plain(source: &str, base: usize) -> MappedText {
    let mut writer = Writer { source, base, at: 0, mapped: MappedText::default() };
    while let Some(character) = writer.peek() {
        match character {
            ' ' | '\t' | '\n' | '\r' => writer.blanks(),
            _ => writer.verbatim(character.len_utf8()),
        }
    }
    writer.mapped
}

/// Decodes `'…'`.
pub(super) fn single_quoted(source: &str, base: usize) -> Option<MappedText> {
    let inner = source.strip_prefix('\'')?.strip_suffix('\'')?;
    let mut writer = Writer { source: inner, base: base + 1, at: 0, mapped: MappedText::default() };
    while let Some(character) = writer.peek() {
        match character {
            ' ' | '\t' | '\n' | '\r' => writer.blanks(),
            '\'' => writer.replaced("'", 2),
            _ => writer.verbatim(character.len_utf8()),
        }
    }
    Some(writer.mapped)
}

/// Decodes `"…"`.
pub(super) fn double_quoted(source: &str, base: usize) -> Option<MappedText> {
    let inner = source.strip_prefix('"')?.strip_suffix('"')?;
    let mut writer = Writer { source: inner, base: base + 1, at: 0, mapped: MappedText::default() };
    while let Some(character) = writer.peek() {
        match character {
            ' ' | '\t' | '\n' | '\r' => writer.blanks(),
            '\\' => writer.escape()?,
            _ => writer.verbatim(character.len_utf8()),
        }
    }
    Some(writer.mapped)
}

struct Writer<'t> {
    source: &'t str,
    base: usize,
    at: usize,
    mapped: MappedText,
}

impl<'t> Writer<'t> {
    fn rest(&self) -> &'t str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn verbatim(&mut self, length: usize) {
        let text = slice(self.source, Span::new(self.at, self.at + length));
        self.mapped.push_verbatim(text, self.base + self.at);
        self.at += length;
    }

    fn replaced(&mut self, text: &str, length: usize) {
        let file = Span::new(self.at, self.at + length).shifted(self.base);
        self.mapped.push_replaced(text, file);
        self.at += length;
    }

    /// Blank space: as it stands inside a line; folded where lines end in it.
    fn blanks(&mut self) {
        let rest = self.rest();
        let length = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        let breaks = line_ends(slice(rest, Span::new(0, length)));
        match breaks {
            0 => self.verbatim(length),
            1 => self.replaced(" ", length),
            _ => self.replaced(&"\n".repeat(breaks - 1), length),
        }
    }

    /// A backslash and what it stands for.
    fn escape(&mut self) -> Option<()> {
        let rest = self.rest().get(1..)?;
        let kind = rest.chars().next()?;
        if matches!(kind, '\n' | '\r') {
            self.joined_line();
            return Some(());
        }
        let digits = match kind {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if digits > 0 {
            return self.numbered(digits);
        }
        let text = match kind {
            '0' => "\0",
            'a' => "\u{7}",
            'b' => "\u{8}",
            't' | '\t' => "\t",
            'n' => "\n",
            'v' => "\u{b}",
            'f' => "\u{c}",
            'r' => "\r",
            'e' => "\u{1b}",
            ' ' => " ",
            '"' => "\"",
            '/' => "/",
            '\\' => "\\",
            'N' => "\u{85}",
            '_' => "\u{a0}",
            'L' => "\u{2028}",
            'P' => "\u{2029}",
            _ => return None,
        };
        self.replaced(text, 1 + kind.len_utf8());
        Some(())
    }

    /// An escaped line end joins two lines without a space; further empty lines are kept.
    fn joined_line(&mut self) {
        let rest = self.rest().get(1..).unwrap_or_default();
        let length = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        let breaks = line_ends(slice(rest, Span::new(0, length)));
        self.replaced(&"\n".repeat(breaks - 1), 1 + length);
    }

    /// A character by number; two surrogates in a row are one character.
    fn numbered(&mut self, digits: usize) -> Option<()> {
        let number =
            |text: &str, from: usize| u32::from_str_radix(text.get(from..from + digits)?, 16).ok();
        let rest = self.rest();
        let first = number(rest, 2)?;
        let length = 2 + digits;
        if let Some(character) = char::from_u32(first) {
            self.replaced(character.encode_utf8(&mut [0; 4]), length);
            return Some(());
        }
        let second = rest.get(length..)?.starts_with("\\u").then(|| number(rest, length + 2))??;
        let pair = [first as u16, second as u16];
        let character = char::decode_utf16(pair).next()?.ok()?;
        self.replaced(character.encode_utf8(&mut [0; 4]), 2 * length);
        Some(())
    }
}

/// How many line ends a run of blank space holds.
fn line_ends(blank: &str) -> usize {
    blank.matches('\n').count() + blank.matches('\r').count() - blank.matches("\r\n").count()
}
