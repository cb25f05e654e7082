//! Python files as nodes, and Python that must not hurt.
#![allow(clippy::string_slice, clippy::unwrap_used, reason = "a test")]

use seeknal_model::{File, NodeId, Origin, Project};

const PIPELINE: &str = r#"
import pandas as pd
from seeknal.pipeline import feature_group, materialize, source as src, transform
from seeknal import pipeline

@src(name="raw", source="csv", table="raw.csv", columns={"id": "BIGINT"}, header=True)
def raw(ctx=None):
    pass

@transform(inputs=["source.raw"], tags=["a", "b"])
@materialize(type="postgresql", connection="main", table="shop.cleaned")
def cleaned(ctx):
    frame = ctx.ref("source.raw")
    other = [ctx.ref('transform.elsewhere') for _ in range(2)]
    return frame

@pipeline.second_order_aggregation(name="sums", id_col="a", feature_date_col="b", features={})
def sums(ctx):
    return ctx.ref("transform.cleaned")

@feature_group(entity="customer", inputs=[{"ref": "transform.cleaned"}])
def customers(ctx):
    return ctx.other.ref("x").ref

def helper(ctx):
    return ctx.ref("source.nothing")
"#;

fn file(text: &str) -> File {
    File::read("seeknal/pipelines/orders.py", text.as_bytes())
}

#[test]
fn decorated_functions_are_nodes_with_keys_and_edges() {
    let project = Project::new([file(PIPELINE)]);
    let ids: Vec<&str> = project.graph().by_id().into_iter().map(|node| node.id.as_str()).collect();
    let expected = [
        "feature_group.customers",
        "second_order_aggregation.sums",
        "source.raw",
        "transform.cleaned",
    ];
    assert_eq!(ids, expected);
    let raw = project.node(&NodeId::new("source.raw")).unwrap();
    assert_eq!(raw.text("table"), Some("raw.csv"));
    assert!(raw.field("columns").unwrap().entries().is_some());
    let cleaned = project.node(&NodeId::new("transform.cleaned")).unwrap();
    assert_eq!(cleaned.field("materializations").unwrap().items().unwrap().len(), 1);
    assert!(cleaned.body.as_ref().unwrap().text.contains("return frame"));
    let edges: Vec<String> = project
        .graph()
        .edges()
        .iter()
        .map(|edge| format!("{} -> {}", edge.from, edge.to))
        .collect();
    assert_eq!(
        edges,
        [
            "source.raw -> transform.cleaned",
            "transform.cleaned -> feature_group.customers",
            "transform.cleaned -> second_order_aggregation.sums",
        ]
    );
    let site = cleaned.references.iter().find(|one| one.origin == Origin::ContextRef).unwrap();
    assert_eq!(&PIPELINE[site.span.start..site.span.end], "source.raw");
}

#[test]
fn only_seeknals_decorators_declare_nodes() {
    let text = "from other import transform\nimport seeknal\n\n@transform\ndef a(ctx): pass\n\n\
                @seeknal.pipeline.transform()\ndef b(ctx): pass\n\n@unknown.transform\ndef c(): pass\n";
    let ids: Vec<String> = file(text).nodes.iter().map(|node| node.id.to_string()).collect();
    assert_eq!(ids, ["transform.b"]);
}

#[test]
fn a_half_typed_function_leaves_the_others() {
    let text = "from seeknal.pipeline import transform\n\n@transform\ndef a(ctx):\n    return ctx.ref(\"source.x\")\n\n\
                @transform\ndef b(ctx\n";
    let file = file(text);
    assert!(file.nodes.iter().any(|node| node.id.as_str() == "transform.a"));
    assert_eq!(file.problems[0].code.name, "python-syntax");
}

#[test]
fn no_expression_is_too_deep_for_the_stack() {
    let head = "from seeknal.pipeline import transform\n@transform\ndef a(ctx):\n    return ";
    let pieces = [
        "(",
        "-",
        "not ",
        "lambda:",
        "1 if 1 else ",
        "1**",
        "[",
        "f'{",
        "a.",
        "a+",
        "await ",
        "a(",
        "{1:",
        "a[",
        "(a,",
        "*",
        "yield ",
        "a:=",
        "a,",
        "a and ",
        "f'{f\"{",
        "[[",
        "x(y=",
    ];
    for piece in pieces {
        for count in [10, 50, 100, 120, 124, 245, 1000, 100_000] {
            let text = format!("{head}{}1\n", piece.repeat(count));
            file(&text);
        }
    }
}

#[test]
fn every_prefix_of_a_pipeline_is_read() {
    let mut tried = 0;
    for (end, _) in PIPELINE.char_indices() {
        let file = file(&PIPELINE[..end]);
        for problem in &file.problems {
            assert!(file.text.get(problem.span.start..problem.span.end).is_some());
        }
        tried += 1;
    }
    assert!(tried > 800, "{tried}");
}
