//! Half-typed documents: the error costs its block, everything around it is there.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test reads fixtures, says what it tried and stops at what is wrong"
)]

use seeknal_syntax::yaml::{Node, NodeKind, parse};
use seeknal_syntax::{Severity, slice};

/// A tree in one line: `{key: value}`, `[item]`, texts in quotes, `!` for what could not be read.
fn shape(node: &Node) -> String {
    match &node.kind {
        NodeKind::Scalar(scalar) if scalar.text.is_empty() => "~".to_owned(),
        NodeKind::Scalar(scalar) => format!("{:?}", scalar.text),
        NodeKind::Sequence(items) => {
            let inner: Vec<String> = items.iter().map(|item| shape(item)).collect();
            format!("[{}]", inner.join(", "))
        }
        NodeKind::Mapping(entries) => {
            let inner: Vec<String> = entries
                .iter()
                .map(|entry| {
                    let key = entry.key.scalar().map_or("?", |scalar| scalar.text.as_str());
                    format!("{key}: {}", shape(&entry.value))
                })
                .collect();
            format!("{{{}}}", inner.join(", "))
        }
        NodeKind::Alias(target) => target.as_ref().map_or("*!".to_owned(), |node| shape(node)),
        NodeKind::Broken => "!".to_owned(),
    }
}

/// The roots of all documents and the errors, each as `text under it: message`.
fn read(text: &str) -> (String, Vec<String>) {
    let tree = parse(text);
    let roots: Vec<String> = tree
        .documents
        .iter()
        .map(|document| document.root.as_ref().map_or("-".to_owned(), |root| shape(root)))
        .collect();
    let errors = tree
        .problems
        .iter()
        .filter(|problem| problem.code.severity == Severity::Error)
        .map(|problem| format!("{}: {}", slice(text, problem.span), problem.message))
        .collect();
    (roots.join(" --- "), errors)
}

#[track_caller]
fn check(text: &str, shape: &str, errors: &[&str]) {
    let (found, messages) = read(text);
    assert_eq!(found, shape, "\n{text}\n{messages:#?}");
    assert_eq!(messages.len(), errors.len(), "\n{text}\n{messages:#?}");
    for (message, error) in messages.iter().zip(errors) {
        assert!(message.starts_with(error), "\n{text}\n{message}\n{error}");
    }
}

#[test]
fn valid_documents_have_no_errors() {
    check("a: 1\nb: [x, {y: z}]\n", r#"{a: "1", b: ["x", {y: "z"}]}"#, &[]);
    check("", "", &[]);
    check("# only a comment\n", "", &[]);
    check("a: 1\n---\nb: 2\n", r#"{a: "1"} --- {b: "2"}"#, &[]);
    check("a:\n- x\n- y\n", r#"{a: ["x", "y"]}"#, &[]);
}

#[test]
fn an_open_quote_costs_its_line() {
    check(
        "name: a\nowner: \"team\nkind: transform\ntags: [x]\n",
        r#"{name: "a", owner: !, kind: "transform", tags: ["x"]}"#,
        &["\"team: this quote is never closed"],
    );
}

#[test]
fn an_open_bracket_costs_its_line() {
    check(
        "name: a\ntags: [x, y\nkind: transform\n",
        r#"{name: "a", tags: !, kind: "transform"}"#,
        &["[x,: this `[` is never closed"],
    );
}

#[test]
fn a_second_colon_costs_its_value() {
    check(
        "name: a\ndescription: foo: bar\nkind: rule\n",
        r#"{name: "a", description: !, kind: "rule"}"#,
        &[":: a second `: ` in one value"],
    );
}

#[test]
fn a_key_without_colon_is_a_key_without_value() {
    check(
        "name: a\nown\nkind: rule\n",
        r#"{name: "a", own: !, kind: "rule"}"#,
        &["own: this key has no colon"],
    );
}

#[test]
fn a_broken_item_costs_that_item() {
    check(
        "inputs:\n  - ref: a\n  - ref: \"b\n  - ref: c\nname: n\n",
        r#"{inputs: [{ref: "a"}, {ref: !}, {ref: "c"}], name: "n"}"#,
        &["\"b: this quote is never closed"],
    );
}

#[test]
fn a_line_indented_too_far_is_still_a_neighbour() {
    check(
        "name: a\n  kind: rule\ntags: [x]\n",
        r#"{name: "a", kind: "rule", tags: ["x"]}"#,
        &[":: a second `: ` in one value"],
    );
}

#[test]
fn a_broken_part_deep_inside_leaves_its_neighbours() {
    check(
        "a:\n  b:\n    c: [1\n    d: 2\n  e: 3\nf: 4\n",
        r#"{a: {b: {c: !, d: "2"}, e: "3"}, f: "4"}"#,
        &["[1: this `[` is never closed"],
    );
}

#[test]
fn a_list_may_stand_as_deep_as_its_key() {
    check(
        "inputs:\n- ref: a\n- ref: \"b\n- ref: c\nname: n\n",
        r#"{inputs: [{ref: "a"}, {ref: !}, {ref: "c"}], name: "n"}"#,
        &["\"b: this quote is never closed"],
    );
}

#[test]
fn a_tab_between_words_is_named() {
    check(
        "name: a\nparams:\n\tkey: 1\nkind: rule\n",
        r#"{name: "a", params: {key: "1"}, kind: "rule"}"#,
        &["key:: a tab stands here"],
    );
}

#[test]
fn a_list_among_keys_costs_nothing_else() {
    check(
        "name: a\n- stray\nkind: rule\n",
        r#"{name: "a", kind: "rule"}"#,
        &["stray: a `key: value` is expected here"],
    );
}

#[test]
fn a_block_text_is_never_read_as_keys() {
    check(
        "a: \"x\ntransform: |\n  SELECT a: 1\n  FROM t\nb: 2\n",
        "{a: !, transform: \"SELECT a: 1\\nFROM t\\n\", b: \"2\"}",
        &["\"x: this quote is never closed"],
    );
    check("transform: |x\n  key: value\nb: 2\n", r#"{transform: !, b: "2"}"#, &["|x: "]);
}

#[test]
fn one_broken_document_leaves_the_others() {
    check(
        "a: 1\n---\nb: [\nc: 2\n---\nd: 3\n",
        r#"{a: "1"} --- {b: !, c: "2"} --- {d: "3"}"#,
        &["[: this `[` is never closed"],
    );
}

#[test]
fn an_open_bracket_may_close_on_a_later_line_of_a_broken_document() {
    check(
        "a: [\n1, 2\n]\nb: \"x\nc: 1\n",
        r#"{a: ["1", "2"], b: !, c: "1"}"#,
        &["\"x: this quote is never closed"],
    );
}

#[test]
fn anchors_reach_over_broken_blocks() {
    check(
        "base: &b {x: 1}\nbad: [\nuse: *b\nmore:\n  <<: *b\n",
        r#"{base: {x: "1"}, bad: !, use: {x: "1"}, more: {<<: {x: "1"}}}"#,
        &["[: this `[` is never closed"],
    );
    check(
        "base: &b\n  x: 1\n  y: [\nuse: *b\n",
        r#"{base: {x: "1", y: !}, use: {x: "1", y: !}}"#,
        &["[: this `[` is never closed"],
    );
}

#[test]
fn a_block_that_is_read_again_does_not_repeat_its_anchors() {
    check(
        "a:\n  b: &x 1\n  c: [\n  d: *x\n",
        r#"{a: {b: "1", c: !, d: "1"}}"#,
        &["[: this `[` is never closed"],
    );
}

#[test]
fn aliases_without_anchor_and_inside_their_anchor_are_named() {
    check("a: *nope\n", "{a: *!}", &["*nope: no earlier `&nope`"]);
    check("a: &x [*x]\n", "{a: [*!]}", &["*x: `*x` stands inside"]);
    check(
        "a: &x 1\nb: &x [*x, &x 2, *x]\n",
        r#"{a: "1", b: [*!, "2", "2"]}"#,
        &["&x: `&x` stands above", "*x: `*x` stands inside", "&x: `&x` stands above"],
    );
}

#[test]
fn every_typed_prefix_of_a_node_keeps_the_finished_lines() {
    let text = "kind: transform\nname: n\ninputs:\n  - ref: source.a\ntransform: |\n  SELECT 1\n";
    for end in "kind: transform\nname: n\n".len()..=text.len() {
        let tree = parse(&text[..end]);
        let root = tree.documents[0].root.clone().unwrap();
        let entries = root.entries().unwrap();
        assert_eq!(entries[0].value.scalar().unwrap().text, "transform", "{:?}", &text[..end]);
        assert_eq!(entries[1].value.scalar().unwrap().text, "n", "{:?}", &text[..end]);
    }
}

#[test]
fn a_billion_laughs_are_one_sentence() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let refs = vec![format!("*a{}", level - 1); 9].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{refs}]\n"));
    }
    let (_, errors) = read(&text);
    assert!(errors[0].contains("stand for more than 100000 values"), "{errors:?}");
}

#[test]
fn too_deep_is_one_sentence() {
    for text in [
        "[".repeat(200_000),
        format!("{}x", "- ".repeat(2000)),
        format!("a: {}", "{b: ".repeat(2000)),
    ] {
        let (_, errors) = read(&text);
        assert!(errors.iter().any(|error| error.contains("nested over 64 deep")), "{errors:?}");
        assert!(errors.len() < 10, "{}", errors.len());
    }
}

/// Quoting is what cures a scalar that two readers of YAML see differently, and changes no text.
#[test]
fn the_offered_quotes_keep_the_text() {
    for text in [
        "a: no\n",
        "a: [?x\"y, b]\n",
        "a: {k: ?it's\\}\n",
        "012: x\n",
        "a: 1:30 # note\n",
        "a: 2026-02-30\n",
    ] {
        let fixes = parse(text).problems.into_iter().filter_map(|problem| problem.fix);
        let edit =
            fixes.flat_map(|fix| fix.edits).next().unwrap_or_else(|| panic!("{text} has no fix"));
        let mut cured = text.to_owned();
        cured.replace_range(edit.span.start..edit.span.end, &edit.text);
        let tree = parse(&cured);
        assert!(tree.problems.is_empty(), "{cured}\n{:?}", tree.problems);
        assert_eq!(read(text).0, read(&cured).0, "{cured}");
    }
}
