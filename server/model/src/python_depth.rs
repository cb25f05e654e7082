//! How deep a Python expression could nest, told before it is parsed.
//!
//! The parser calls itself for each level and has no limit of its own: a line of a hundred thousand
//! minus signs would end the process. Every word and operator may open a level, a comma or a new
//! line closes those of its bracket. That counts too many levels, never too few.

/// More than hand-written code has, and little enough for a thread's stack.
const LEVELS_MAX: usize = 250;

/// The place from which a text may nest too deep to be parsed.
pub(crate) fn too_deep(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    // The levels opened in each bracket that is open, the outermost line first.
    let mut open: Vec<usize> = vec![0];
    let mut total = 0usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at += 1;
        let levels = match byte {
            b'#' => {
                at = line_end(bytes, at);
                0
            }
            b'"' | b'\'' => {
                at = string_end(bytes, start);
                1
            }
            b' ' | b'\t' | b'\r' | b'\x0c' => 0,
            b'\\' if matches!(bytes.get(at), Some(b'\n' | b'\r')) => {
                at += 1;
                0
            }
            b'\n' | b';' if open.len() > 1 => 0,
            b'\n' | b';' | b',' => {
                total -= open.last_mut().map(std::mem::take).unwrap_or_default();
                0
            }
            b'(' | b'[' | b'{' => {
                // The bracket counts in the line around it, where no comma inside resets it.
                if let Some(outer) = open.last_mut() {
                    *outer += 1;
                    total += 1;
                }
                open.push(0);
                0
            }
            b')' | b']' | b'}' => {
                if open.len() > 1 {
                    total -= open.pop().unwrap_or_default();
                }
                0
            }
            _ if is_word(byte) => {
                while bytes.get(at).copied().is_some_and(is_word) {
                    at += 1;
                }
                1
            }
            _ => 1,
        };
        if let Some(last) = open.last_mut() {
            *last += levels;
            total += levels;
        }
        if total > LEVELS_MAX {
            return Some(start);
        }
    }
    None
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| from + at)
}

/// Just behind the string that begins at a quote; one that is open ends with its line.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let quote = bytes.get(start).copied().unwrap_or(b'"');
    let triple = bytes.get(start..start + 3).is_some_and(|three| three == [quote; 3]);
    let mut at = start + if triple { 3 } else { 1 };
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'\n' if !triple => return at,
            _ if byte == quote && !triple => return at + 1,
            _ if byte == quote
                && bytes.get(at..at + 3).is_some_and(|three| three == [quote; 3]) =>
            {
                return at + 3;
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_code_is_not_deep() {
        let rows =
            "    {\"id\": 1, \"name\": f\"x {y} z\", 'k': [1, 2, (3, 4)]},  # note\n".repeat(500);
        let text = format!("ROWS = [\n{rows}]\n");
        let lines = "x = a.b(c, d) + e['f'] # \"\n".repeat(1000);
        let doc = format!("\"\"\"{}\"\"\"\n", "word ".repeat(5000));
        assert_eq!(too_deep(&format!("{doc}{text}{lines}")), None);
    }

    #[test]
    fn every_way_to_nest_is_seen() {
        for piece in [
            "(",
            "-",
            "not ",
            "lambda:",
            "1 if 1 else ",
            "1**",
            "[",
            "{1:",
            "a.",
            "a+",
            "await ",
            "a(",
            "a[",
            "(a,",
            "*",
            "f'{",
        ] {
            assert!(too_deep(&piece.repeat(1000)).is_some(), "{piece}");
        }
    }
}
