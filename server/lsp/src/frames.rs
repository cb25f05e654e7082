//! Messages on the wire: a header, an empty line, a JSON text.

use std::io::{self, BufRead, Read, Write};

/// The largest message that is taken. The largest file that is read is far below it.
pub(crate) const BYTES_MAX: usize = 32 << 20;

/// The longest line of a header.
const LINE_MAX: u64 = 4096;

/// What came in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// The bytes of a message.
    Message(Vec<u8>),
    /// A message of so many bytes that it was passed over.
    TooLarge(usize),
    /// Something that is no header. The next one that is a header is found again.
    NoHeader,
    /// Nothing more will come.
    End,
}

/// Reads the next message. Fields of the header other than its length are taken as they are.
pub(crate) fn read(from: &mut impl BufRead) -> Frame {
    let mut length = None;
    let mut broken = false;
    loop {
        let Some(line) = line(from) else { return Frame::End };
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            match length {
                Some(length) => return body(from, length),
                // Empty lines between messages harm nobody.
                None if !broken => continue,
                None => return Frame::NoHeader,
            }
        }
        match line.split_once(':').map(|(name, value)| (name.trim(), value.trim().parse())) {
            Some((name, Ok(bytes))) if name.eq_ignore_ascii_case("content-length") => {
                length = Some(bytes);
            }
            Some((name, _)) if name.eq_ignore_ascii_case("content-type") => {}
            _ => broken = true,
        }
        if broken && length.is_none() && from.fill_buf().is_ok_and(<[u8]>::is_empty) {
            return Frame::NoHeader;
        }
    }
}

/// One line, a long one cut into several.
fn line(from: &mut impl BufRead) -> Option<String> {
    let mut bytes = Vec::new();
    match from.take(LINE_MAX).read_until(b'\n', &mut bytes) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

fn body(from: &mut impl BufRead, length: usize) -> Frame {
    if length > BYTES_MAX {
        let passed = io::copy(&mut from.take(length as u64), &mut io::sink());
        return match passed {
            Ok(passed) if passed == length as u64 => Frame::TooLarge(length),
            _ => Frame::End,
        };
    }
    let mut bytes = vec![0; length];
    match from.read_exact(&mut bytes) {
        Ok(()) => Frame::Message(bytes),
        Err(_) => Frame::End,
    }
}

/// Writes a message.
pub(crate) fn write(to: &mut impl Write, message: &[u8]) -> io::Result<()> {
    write!(to, "Content-Length: {}\r\n\r\n", message.len())?;
    to.write_all(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(bytes: &[u8]) -> Vec<Frame> {
        let mut from = bytes;
        let mut found = Vec::new();
        loop {
            found.push(read(&mut from));
            if found.last() == Some(&Frame::End) {
                return found;
            }
        }
    }

    fn message(text: &str) -> Frame {
        Frame::Message(text.as_bytes().to_vec())
    }

    #[test]
    fn messages_are_cut_by_their_length() {
        let bytes = b"Content-Length: 2\r\n\r\n{}content-length:3\r\nContent-Type: \
            application/vscode-jsonrpc; charset=utf-8\r\n\r\n[1]";
        assert_eq!(frames(bytes), [message("{}"), message("[1]"), Frame::End]);
    }

    #[test]
    fn after_nonsense_the_next_header_is_found() {
        let bytes = b"hello\r\n\r\nContent-Length: x\n\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(frames(bytes), [Frame::NoHeader, Frame::NoHeader, message("{}"), Frame::End]);
        let long = [b"z".repeat(20_000), b"\n\nContent-Length: 1\n\n7".to_vec()].concat();
        assert_eq!(frames(&long), [Frame::NoHeader, message("7"), Frame::End]);
    }

    #[test]
    fn what_is_cut_off_is_an_end() {
        for bytes in [&b""[..], b"Content-Length: 5\r\n\r\n{}", b"Content-Length: 5"] {
            assert_eq!(frames(bytes), [Frame::End]);
        }
    }

    #[test]
    fn what_is_too_large_is_passed_over() {
        let size = BYTES_MAX + 1;
        let mut bytes = format!("Content-Length: {size}\r\n\r\n").into_bytes();
        bytes.resize(bytes.len() + size, b'x');
        bytes.extend_from_slice(b"Content-Length: 2\r\n\r\n{}");
        assert_eq!(frames(&bytes), [Frame::TooLarge(size), message("{}"), Frame::End]);
    }

    #[test]
    fn what_is_written_is_read() {
        let mut bytes = Vec::new();
        write(&mut bytes, "{\"é\":1}".as_bytes()).unwrap();
        assert_eq!(frames(&bytes), [message("{\"é\":1}"), Frame::End]);
    }
}
