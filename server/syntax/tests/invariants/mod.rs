//! What holds for every text. The property tests and the fuzz targets check the same things.

use seeknal_syntax::sql::{depth_problem, names, refs, tokens};
use seeknal_syntax::yaml::{Node, NodeKind, Style, Tree, construct, parse};
use seeknal_syntax::{Encoding, LineIndex, MappedText, Position, Problem, Span};
use seeknal_syntax::{decode, embed, template};

/// Any bytes give text of the same length, or are refused in a sentence.
pub(crate) fn bytes(input: &[u8]) {
    let decoded = decode(input);
    let refused = decoded.text.is_empty() && decoded.problems.len() == 1;
    assert!(decoded.text.len() == input.len() || refused);
    problems(&decoded.text, &decoded.problems);
    yaml(&decoded.text);
}

/// Any text gives a tree whose places lie in it.
pub(crate) fn yaml(text: &str) {
    let tree = parse(text);
    problems(text, &tree.problems);
    for comment in &tree.comments {
        inside(text, *comment);
        assert!(text[comment.start..].starts_with('#'), "a comment begins at its sign");
    }
    for document in &tree.documents {
        inside(text, document.span);
        if let Some(root) = &document.root {
            node(text, root);
            construct(root);
        }
        assert!(!document.broken || !tree.problems.is_empty(), "what is broken is said");
    }
    scalars(text, &tree);
}

fn node(text: &str, root: &Node) {
    root.walk(&mut |node| {
        inside(text, node.span);
        if let NodeKind::Scalar(scalar) = &node.kind {
            inside(text, scalar.content);
        }
        if let Some(anchor) = &node.anchor {
            assert_eq!(&text[anchor.span.start..anchor.span.end], format!("&{}", anchor.name));
        }
        if let Some(tag) = &node.tag {
            assert!(text[tag.span.start..tag.span.end].starts_with('!'));
        }
    });
}

/// Every scalar is decoded exactly, and places in it go to the file and back.
fn scalars(text: &str, tree: &Tree) {
    for root in tree.documents.iter().filter_map(|document| document.root.as_ref()) {
        root.walk(&mut |node| {
            let NodeKind::Scalar(scalar) = &node.kind else { return };
            let mapped = embed::embedded(text, node).expect("a scalar has a text");
            assert_eq!(mapped.text, scalar.text);
            // In broken documents and around tabs, which Seeknal's reader refuses, the parser has
            // ways of its own.
            let tab = scalar.style == Style::Plain && text.contains('\t');
            let recovered = tree.documents.iter().any(|document| document.broken) || tab;
            assert!(
                recovered || embed::exact(text, node).is_some(),
                "{scalar:?} is mapped exactly"
            );
            round_trip(text, &mapped);
            let rendered = template::render(&mapped, &|name| {
                (name.len() % 2 == 0).then(|| "ÄÖ".repeat(name.len()))
            });
            round_trip(text, &rendered);
        });
    }
}

/// Each character of a mapped text has a place in the file, and that place leads to it.
pub(crate) fn round_trip(text: &str, mapped: &MappedText) {
    let mut last = 0;
    for (at, character) in mapped.text.char_indices() {
        let span = mapped.map.span_to_file(Span::new(at, at + character.len_utf8()));
        inside(text, span);
        assert!(span.start >= last, "places keep their order");
        last = span.start;
        let back = mapped.map.to_text(span.start).expect("a place that was written is known");
        assert!(back <= at, "back at or before the character");
        assert_eq!(mapped.map.to_file(back), span.start, "the same place again");
        let original = &text[span.start..span.end];
        if original.len() == character.len_utf8() && original.starts_with(character) {
            assert_eq!(back, at, "verbatim text goes back exactly");
        }
    }
    inside(text, mapped.map.span_to_file(Span::new(0, mapped.text.len())));
    for (offset, _) in text.char_indices() {
        assert!(mapped.text.is_char_boundary(mapped.map.to_text_near(offset)));
    }
}

/// Any text gives tokens in order, with their places in it.
pub(crate) fn sql(text: &str) {
    let found = tokens(text);
    let mut last = 0;
    for token in &found {
        inside(text, token.span);
        assert!(token.span.start >= last && !token.span.is_empty(), "tokens follow each other");
        let between = &text[last..token.span.start];
        assert!(between.trim().is_empty(), "only blank space is left out, not {between:?}");
        last = token.span.end;
    }
    assert!(text[last..].trim().is_empty(), "nothing is left over");
    problems(text, &depth_problem(text).into_iter().collect::<Vec<_>>());
    for site in refs(text) {
        inside(text, site.span);
        assert_eq!(text[site.id_span.start..site.id_span.end].trim(), site.id);
    }
    for name in names(text) {
        name.parts.iter().for_each(|(_, span)| inside(text, *span));
    }
    template::sites(text).iter().for_each(|site| inside(text, site.span));
}

/// Positions go to offsets and back in all three encodings, and nothing outside is harmful.
pub(crate) fn positions(text: &str) {
    let index = LineIndex::new(text);
    for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
        for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let position = index.position(text, offset, encoding);
            let back = index.offset(text, position, encoding);
            let inside_line_end =
                text[..offset].ends_with('\r') && text[offset..].starts_with('\n');
            assert_eq!(back, if inside_line_end { offset - 1 } else { offset }, "{encoding:?}");
        }
        for (line, column) in [(0, usize::MAX), (usize::MAX, 0), (index.line_count(), 3)] {
            let offset = index.offset(text, Position { line, column }, encoding);
            assert!(text.is_char_boundary(offset));
        }
    }
}

fn problems(text: &str, problems: &[Problem]) {
    for problem in problems {
        inside(text, problem.span);
        problem.related.iter().for_each(|related| inside(text, related.span));
        let edits = problem.fix.iter().flat_map(|fix| &fix.edits);
        edits.for_each(|edit| inside(text, edit.span));
        assert!(!problem.message.is_empty() && !problem.message.contains('\n'));
    }
}

fn inside(text: &str, span: Span) {
    assert!(span.start <= span.end, "{span:?} is upside down");
    assert!(text.get(span.start..span.end).is_some(), "{span:?} does not lie in the text");
}
