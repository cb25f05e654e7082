//! From the bytes of a file to text.

use crate::{Problem, Span, codes, limits};

/// Text that has exactly as many bytes as the file, and what was wrong with the bytes.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// The text. Each byte that is not UTF-8 stands as a question mark.
    pub text: String,
    /// Why it is not what the file holds.
    pub problems: Vec<Problem>,
}

/// Reads bytes as UTF-8. Offsets into the text are offsets into the bytes, whatever they are; a
/// file that is too large or in another encoding becomes an empty text and one problem.
pub fn decode(bytes: &[u8]) -> Decoded {
    if bytes.len() > limits::FILE_BYTES_MAX {
        let mebibytes = limits::FILE_BYTES_MAX / (1024 * 1024);
        let size = bytes.len().div_ceil(1024 * 1024);
        return refused(
            codes::TEXT_TOO_LARGE,
            format!(
                "this file has {size} MiB and files over {mebibytes} MiB are not read; \
                 move the data out of the pipeline file"
            ),
        );
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return refused(codes::TEXT_ENCODING, "this file is UTF-16; save it as UTF-8".to_owned());
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Decoded { text: text.to_owned(), problems: Vec::new() },
        Err(_) => replaced(bytes),
    }
}

fn refused(code: crate::Code, message: String) -> Decoded {
    Decoded { text: String::new(), problems: vec![Problem::new(code, Span::at(0), message)] }
}

fn replaced(bytes: &[u8]) -> Decoded {
    let mut text = String::with_capacity(bytes.len());
    let mut first = None;
    let mut count = 0usize;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            first.get_or_insert(Span::new(text.len(), text.len() + chunk.invalid().len()));
            count += chunk.invalid().len();
            text.extend(chunk.invalid().iter().map(|_| '?'));
        }
    }
    let span = first.unwrap_or_default();
    let byte = bytes.get(span.start).copied().unwrap_or_default();
    let message = format!(
        "byte {} of this file (0x{byte:02X}) is not UTF-8, {count} in all; save it as UTF-8",
        span.start + 1
    );
    Decoded { text, problems: vec![Problem::new(codes::TEXT_ENCODING, span, message)] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_text_keep_their_length() {
        let decoded = decode(b"name: caf\xE9\nkind: \xF0\x9F\n");
        assert_eq!(decoded.text, "name: caf?\nkind: ??\n");
        let problem = &decoded.problems[0];
        assert_eq!(problem.span, Span::new(9, 10));
        assert_eq!(
            problem.message,
            "byte 10 of this file (0xE9) is not UTF-8, 3 in all; save it as UTF-8"
        );
    }

    #[test]
    fn utf16_and_huge_files_are_refused_in_a_sentence() {
        assert_eq!(decode(b"\xFF\xFEa\0").problems[0].code, codes::TEXT_ENCODING);
        let huge = decode(&vec![b'a'; 50 * 1024 * 1024]);
        assert_eq!(huge.text, "");
        assert_eq!(huge.problems[0].code, codes::TEXT_TOO_LARGE);
        assert!(huge.problems[0].message.starts_with("this file has 50 MiB"));
    }
}
