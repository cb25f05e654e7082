//! A project as a value: nodes, edges, and what a change leaves as it was.
#![allow(clippy::unwrap_used, reason = "a test")]

use seeknal_model::{File, NodeId, Project, kinds};
use std::sync::Arc;

fn project(files: &[(&str, &str)]) -> Project {
    Project::new(files.iter().map(|(path, text)| File::read(path, text.as_bytes())))
}

fn edges(project: &Project) -> Vec<String> {
    let edges = project.graph().edges();
    edges.iter().map(|edge| format!("{} -> {}", edge.from, edge.to)).collect()
}

const RAW: (&str, &str) =
    ("seeknal/raw.yml", "kind: source\nname: raw\nsource: csv\ntable: raw.csv\n");

fn reader(kind: &str, rest: &str) -> String {
    format!("kind: {kind}\nname: reader\n{rest}")
}

#[test]
fn every_way_of_reading_a_node_is_an_edge() {
    for (kind, rest) in [
        ("transform", "inputs:\n  - ref: source.raw\ntransform: SELECT 1 AS a\n"),
        ("transform", "inputs:\n- source.raw\ntransform: SELECT 1 AS a\n"),
        ("transform", "depends_on: [{ref: source.raw}]\ntransform: SELECT 1 AS a\n"),
        ("transform", "transform: |\n  SELECT *\n  FROM ref('source.raw') AS r\n"),
        ("transform", "sql: SELECT * FROM ref('source.raw')\n"),
        ("transform", "transform: SELECT * FROM source.raw\n"),
        (
            "transform",
            "transform: SELECT {{ x }} FROM \"source\".raw JOIN ref('source.raw') USING (id)\n",
        ),
        ("aggregation", "source: source.raw\n"),
        ("second_order_aggregation", "source: source.raw\n"),
        ("semantic_model", "model: ref('source.raw')\n"),
        ("model", "training: {label_source: source.raw}\n"),
        ("exposure", "type: report\ndepends_on: [{ref: source.raw}]\n"),
    ] {
        let text = reader(kind, rest);
        let found = edges(&project(&[RAW, ("seeknal/reader.yml", &text)]));
        assert_eq!(found, [format!("source.raw -> {kind}.reader")], "{text}");
    }
}

#[test]
fn what_only_looks_like_reading_is_no_edge() {
    for rest in [
        "transform: SELECT 'source.raw' AS a -- FROM source.raw\n",
        "transform: SELECT source.raw FROM ref('transform.other') AS source\n",
        "inputs: [{ref: source.other}]\ndepends_on: [{ref: source.raw}]\ntransform: SELECT 1\n",
        "description: reads ref('source.raw')\ntransform: SELECT 1 AS a\n",
    ] {
        let text = reader("transform", rest);
        let found = edges(&project(&[RAW, ("seeknal/reader.yml", &text)]));
        assert_eq!(found, Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_change_of_one_file_leaves_every_other_node_as_it_is() {
    let names: Vec<(String, String)> = (0..100)
        .map(|n| {
            (
                format!("seeknal/n{n}.yml"),
                format!("kind: source\nname: n{n}\nsource: csv\ntable: t\n"),
            )
        })
        .collect();
    let files: Vec<(&str, &str)> = names.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let before = project(&files);
    let after = before.with_file(File::read("seeknal/n7.yml", b"kind: source\nname: seven\n"));
    let same =
        before.files().filter(|file| Arc::ptr_eq(file, after.file(&file.path).unwrap())).count();
    assert_eq!(same, 99);
    assert!(after.node(&NodeId::new("source.seven")).is_some());
    assert!(before.node(&NodeId::new("source.n7")).is_some(), "the old project is as it was");
    assert!(after.without_file("seeknal/n7.yml").node(&NodeId::new("source.seven")).is_none());
}

#[test]
fn the_project_file_and_profiles_are_checked_and_declare_no_nodes() {
    let project = project(&[
        (
            "seeknal_project.yml",
            "name: shop\nversion: \"1.0.0\"\nprofil: default\nstate_backend: fil\n",
        ),
        ("profiles.yml", "connections:\n  main: {type: postgresql, port: many}\n"),
        ("profiles-dev.yml", ""),
    ]);
    assert_eq!(project.declared().count(), 0);
    let found: Vec<(String, &str)> = project
        .faults()
        .iter()
        .map(|fault| (fault.path.to_string(), fault.problem.code.name))
        .collect();
    let expected = [
        ("profiles.yml", "wrong-type"),
        ("seeknal_project.yml", "unknown-key"),
        ("seeknal_project.yml", "unknown-value"),
    ];
    assert_eq!(found, expected.map(|(path, code)| (path.to_owned(), code)));
}

#[test]
fn the_common_config_gives_values_by_name() {
    let project = project(&[
        (
            "seeknal/common/sources.yml",
            "sources:\n  - id: orders\n    ref: source.orders\n    params: {day: \"1\", hour: 2}\n",
        ),
        (
            "seeknal/common/rules.yml",
            "rules:\n  - id: paid\n    value: status = 'paid'\n  - value: nameless\n",
        ),
        ("seeknal/common/transformations.yml", "transformations: nothing\n"),
    ]);
    let values: Vec<(&str, &str)> = project
        .files()
        .flat_map(|file| &file.common)
        .map(|value| (value.name.as_str(), value.value.as_str()))
        .collect();
    let expected = [
        ("rules.paid", "status = 'paid'"),
        ("orders.ref", "source.orders"),
        ("orders.day", "1"),
        ("orders.hour", "2"),
    ];
    assert_eq!(values, expected);
    let codes: Vec<&str> = project.faults().iter().map(|fault| fault.problem.code.name).collect();
    assert_eq!(codes, ["missing-field", "wrong-type", "wrong-type"]);
}

#[test]
fn the_order_puts_each_node_behind_those_it_reads() {
    let node = |name: &str, reads: &str| {
        let inputs: Vec<String> =
            reads.split_whitespace().map(|one| format!("{{ref: transform.{one}}}")).collect();
        let text = format!(
            "kind: transform\nname: {name}\ninputs: [{}]\ntransform: SELECT 1\n",
            inputs.join(", ")
        );
        (format!("seeknal/{name}.yml"), text)
    };
    let files = [
        node("d", "b c"),
        node("b", "a"),
        node("c", "a"),
        node("a", ""),
        node("x", "y"),
        node("y", "x z"),
        node("z", ""),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let project = project(&files);
    let order: Vec<String> = project.graph().order().iter().map(ToString::to_string).collect();
    assert_eq!(order, ["transform.a", "transform.b", "transform.c", "transform.d", "transform.z"]);
    let behind = project.graph().downstream(&NodeId::new("transform.a"));
    assert_eq!(behind.len(), 3);
}

/// Everything that a graph answers, as text.
fn told(project: &Project) -> String {
    let graph = project.graph();
    let ids: Vec<&NodeId> = graph.by_id().into_iter().map(|node| &node.id).collect();
    let faults: Vec<String> = project.faults().iter().map(|fault| format!("{fault:?}")).collect();
    format!("{ids:?}\n{:?}\n{:?}\n{}", graph.edges(), graph.order(), faults.join("\n"))
}

#[test]
fn a_graph_that_follows_edits_is_the_one_made_anew() {
    let text = |name: &str, reads: &[usize]| {
        let inputs: Vec<String> =
            reads.iter().map(|one| format!("{{ref: transform.n{one}}}")).collect();
        let inputs = inputs.join(", ");
        format!("kind: transform\nname: {name}\ninputs: [{inputs}]\ntransform: SELECT 1 AS one\n")
    };
    let mut chance: usize = 7;
    let mut below = |limit: usize| {
        chance =
            chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) % limit
    };
    let mut followed = Project::default();
    for step in 0..3000 {
        let number = below(12);
        let path = format!("seeknal/n{number}.yml");
        // Mostly the node stays what it is called; sometimes it is called as another, or goes.
        let name = match below(12) {
            0 => format!("n{}", below(12)),
            1 => format!("N{number}"),
            _ => format!("n{number}"),
        };
        let reads: Vec<usize> = (0..below(3)).map(|_| below(13)).collect();
        followed = match below(15) {
            0 => followed.without_file(&path),
            _ => followed.with_file(File::read(&path, text(&name, &reads).as_bytes())),
        };
        // Now and then nobody asks in between.
        if below(4) > 0 {
            let anew = Project::default().with_files(followed.files().cloned());
            assert_eq!(told(&followed), told(&anew), "step {step}");
        }
    }
}

#[test]
fn every_kind_has_a_node_that_is_clean() {
    for (kind, rest) in [
        ("source", "source: csv\ntable: a.csv\n"),
        ("transform", "transform: SELECT 1 AS a\n"),
        ("feature_group", "entity: customer\nmaterialization: {offline: true}\n"),
        (
            "aggregation",
            "id_col: a\nfeature_date_col: b\napplication_date_col: c\nfeatures: [{name: f, basic: [sum]}]\n",
        ),
        (
            "second_order_aggregation",
            "id_col: a\nfeature_date_col: b\napplication_date_col: c\ninputs: [{ref: source.raw}]\nsource: source.raw\nfeatures: {f: {basic: [sum]}}\n",
        ),
        (
            "model",
            "inputs: [{ref: source.raw}]\noutput_columns: [a]\ntraining: {algorithm: svm, label_source: source.raw, label_column: b}\n",
        ),
        (
            "profile",
            "inputs: [{ref: source.raw}]\nprofile: {columns: [a], params: {max_top_values: 3}}\n",
        ),
        ("rule", "inputs: [{ref: source.raw}]\nrule: {type: \"null\", columns: [a]}\n"),
        ("exposure", "type: file\nparams: {path: out.csv}\n"),
        (
            "semantic_model",
            "model: ref('source.raw')\ndimensions: [{name: at, type: time}]\ndefault_time_dimension: at\n",
        ),
        ("metric", "type: ratio\nnumerator: a\ndenominator: b\n"),
    ] {
        assert!(kinds::find(kind).is_some());
        let text = reader(kind, rest);
        let faults = project(&[RAW, ("seeknal/reader.yml", &text)]).faults();
        assert!(faults.is_empty(), "{text}\n{faults:#?}");
    }
}

#[test]
fn a_fix_cures_its_fault() {
    for (text, code) in [
        (
            "kind: transform\nname: reader\ntransform: SELECT * FROM ref('source.raw')\n",
            "undeclared-ref",
        ),
        (
            "kind: transform\nname: reader\ninputs:\n  - ref: source.raw\n  - ref: source.row\ntransform: SELECT 1\n",
            "unknown-ref",
        ),
        (
            "kind: transform\nname: reader\ninputs:\n  - ref: transform.reader2\ntransform: SELECT * FROM ref('source.raw')\n---\nkind: transform\nname: reader2\ntransform: SELECT 1\n",
            "undeclared-ref",
        ),
        ("kind: sourc\nname: reader\nsource: csv\ntable: a.csv\n", "unknown-kind"),
        ("kind: source\nname: reader\nsource: cvs\ntable: a.csv\n", "unknown-value"),
        ("kind: source\nname: reader\nsource: csv\ntable: a.csv\nonwer: me\n", "unknown-key"),
        (
            "kind: rule\nname: reader\ninputs: [source.raw]\nrule: {type: \"null\", columns: [a]}\n",
            "wrong-type",
        ),
        (
            "kind: rule\nname: reader\ninputs: [{ref: source.raw}]\nrule: {type: null, columns: [a]}\n",
            "unquoted-null",
        ),
    ] {
        let faulty = project(&[RAW, ("seeknal/reader.yml", text)]);
        let fault = faulty.faults().into_iter().find(|one| one.problem.code.name == code);
        let fix =
            fault.unwrap_or_else(|| unreachable!("{text} has no {code}")).problem.fix.unwrap();
        let mut cured = text.to_owned();
        for edit in fix.edits.iter().rev() {
            cured.replace_range(edit.span.start..edit.span.end, &edit.text);
        }
        let left = project(&[RAW, ("seeknal/reader.yml", &cured)]).faults();
        assert!(left.iter().all(|one| one.problem.code.name != code), "{cured}\n{left:#?}");
    }
}
