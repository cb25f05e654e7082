//! The columns of nodes, as told by a binder that counts how often it is asked.
#![allow(clippy::unwrap_used, reason = "a test")]

use seeknal_analysis::identity::{Identities, identities};
use seeknal_analysis::{
    Answer, Ask, Asking, Binder, Column, Output, Schemas, Shown, Wrong, schemas, source_columns,
};
use seeknal_model::{File, NodeId, Project, Surroundings, Variables};
use seeknal_syntax::slice;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// It knows a language of its own: `cols a b` yields these columns, `all` those of the first table,
/// `bad x` fails at `x`.
#[derive(Default)]
struct Counting(Mutex<Vec<String>>);

impl Binder for Counting {
    fn shown(&self, _: &str) -> Shown {
        Shown::Unknown("it is no SQL".into())
    }

    fn bind(&self, ask: &Ask) -> Answer {
        self.0.lock().unwrap().push(ask.sql.trim().to_owned());
        let column = |name: &str| Column { name: name.into(), kind: "HUGEINT".into() };
        match ask.sql.trim().split_once(' ') {
            Some(("cols", names)) => Answer::Columns(
                names.split(' ').filter(|name| !name.contains('_')).map(column).collect(),
            ),
            Some(("all", _)) => match &ask.tables {
                Some(tables) => Answer::Columns(tables[0].columns.clone()),
                None => Answer::Unknown("not every table is known".into()),
            },
            _ => Answer::Wrong(Box::new(Wrong {
                kind: "binder".into(),
                subtype: "COLUMN_NOT_FOUND".into(),
                message: "no such column".into(),
                position: Some(4),
                name: ask.sql.get(4..).unwrap_or_default().trim().into(),
                candidates: vec!["good".into()],
            })),
        }
    }
}

fn file(name: &str, reads: &str, sql: &str) -> File {
    let text = format!(
        "kind: transform\nname: {name}\ninputs: [{{ref: {reads}}}]\ntransform: |\n  {sql}\n"
    );
    File::read(&format!("seeknal/{name}.yml"), text.as_bytes())
}

fn told(project: &Project, binder: &Counting, before: &Schemas) -> (Schemas, Vec<String>) {
    let found = asking(project, binder, |asking| schemas(project, asking, before));
    assert!(found.is_whole());
    let asked = std::mem::take(&mut *binder.0.lock().unwrap());
    (found, asked)
}

fn meant(
    project: &Project,
    binder: &Counting,
    (found, before): (&Schemas, &Identities),
) -> Identities {
    asking(project, binder, |asking| identities(project, found, asking, before))
}

fn asking<T>(project: &Project, binder: &Counting, ask: impl FnOnce(Asking<'_>) -> T) -> T {
    let (overrides, variables) = (BTreeMap::new(), Variables::default());
    let today = "2024-03-31".parse().unwrap();
    let around = Surroundings { overrides: &overrides, variables: &variables, today };
    let sources = source_columns(project, |node| {
        let known = node.name == "known";
        known.then(|| Arc::from([Column { name: "s".into(), kind: "DATE".into() }]))
    });
    ask(Asking { around: &around, sources: &sources, binder, stop: &|| false, lanes: 2 })
}

fn columns(schemas: &Schemas, id: &str) -> String {
    match schemas.output(&NodeId::new(id)).unwrap() {
        Output::Columns(columns) => {
            let all: Vec<String> =
                columns.iter().map(|column| format!("{} {}", column.name, column.kind)).collect();
            all.join(", ")
        }
        Output::Unknown(reason) => format!("unknown: {reason}"),
    }
}

fn source(name: &str) -> File {
    let text = format!("kind: source\nname: {name}\nsource: csv\ntable: x.csv\n");
    File::read(&format!("seeknal/s_{name}.yml"), text.as_bytes())
}

#[test]
fn columns_flow_downstream_as_they_are_stored() {
    let project = Project::new([
        source("known"),
        source("strange"),
        file("a", "source.known", "cols x y"),
        file("b", "transform.a", "all"),
        file("c", "source.strange", "all _"),
        file("d", "transform.c", "all _"),
        file("e", "source.known", "all _"),
    ]);
    let (found, _) = told(&project, &Counting::default(), &Schemas::default());
    assert_eq!(columns(&found, "transform.a"), "x DOUBLE, y DOUBLE");
    assert_eq!(columns(&found, "transform.e"), "s DATE");
    assert_eq!(columns(&found, "transform.c"), "unknown: not every table is known");
    assert_eq!(columns(&found, "transform.d"), "unknown: not every table is known");
    assert_eq!(found.faults().len(), 1, "`all` alone is none of its words");
}

#[test]
fn only_what_changed_and_what_that_reaches_is_asked_again() {
    let mut project = Project::new([
        source("known"),
        file("a", "source.known", "all _"),
        file("b", "transform.a", "all _"),
        file("c", "transform.b", "all _"),
        file("d", "source.known", "all _"),
    ]);
    let binder = Counting::default();
    let (before, asked) = told(&project, &binder, &Schemas::default());
    assert_eq!(asked.len(), 4);
    let (before, asked) = told(&project, &binder, &before);
    assert!(asked.is_empty(), "{asked:?}");
    project = project.with_file(file("b", "transform.a", "cols x"));
    let (after, asked) = told(&project, &binder, &before);
    assert_eq!(columns(&after, "transform.c"), "x DOUBLE");
    assert_eq!(asked, ["cols x", "all _"], "the node and its reader");
}

/// Whatever is edited, one after the other, what is found after an edit is what is found from nothing.
#[test]
fn following_edits_finds_what_looking_anew_finds() {
    let mut state = 7_u64;
    let mut dice = move |sides: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % sides
    };
    let name = |number: u64| format!("n{number}");
    let mut project = Project::new([source("known"), source("strange")]);
    let binder = Counting::default();
    let mut before = Schemas::default();
    let mut means = Identities::default();
    let mut followed = 0;
    for _ in 0..1_500 {
        let number = dice(12);
        let reads = match dice(6) {
            0 => "source.known".to_owned(),
            1 => "source.strange".to_owned(),
            2 => "transform.nobody".to_owned(),
            // Some of them go in circles.
            _ => format!("transform.{}", name(dice(12))),
        };
        let sql = ["all _", "cols x", "cols x y", "bad z", "cols {{ today }} x"][dice(5) as usize];
        project = match dice(16) {
            2 => project.without_file("seeknal/s_known.yml"),
            3 | 4 => project.with_file(source("known")),
            0 | 1 => project.without_file(&format!("seeknal/{}.yml", name(number))),
            _ => project.with_file(file(&name(number), &reads, sql)),
        };
        let (found, asked) = told(&project, &binder, &before);
        let (anew, all) = told(&project, &binder, &Schemas::default());
        followed += usize::from(asked.len() < all.len());
        means = meant(&project, &binder, (&found, &means));
        let means_anew = meant(&project, &binder, (&anew, &Identities::default()));
        assert_eq!(means.count(), means_anew.count());
        for node in project.declared() {
            assert_eq!(found.output(&node.id), anew.output(&node.id), "{}", node.id);
            assert_eq!(means.get(&node.id), means_anew.get(&node.id), "{}", node.id);
        }
        assert_eq!(found.faults(), anew.faults());
        before = found;
    }
    assert!(followed > 700, "{followed} edits were followed");
}

#[test]
fn a_fault_stands_at_its_word_with_its_fix() {
    let project = Project::new([source("known"), file("a", "source.known", "bad goood")]);
    let (found, _) = told(&project, &Counting::default(), &Schemas::default());
    let faults = found.faults();
    let fault = &faults[0];
    let file = project.file(&fault.path).unwrap();
    assert_eq!(slice(&file.text, fault.problem.span), "goood");
    let fix = fault.problem.fix.as_ref().unwrap();
    assert_eq!(fix.edits[0].text, "good");
}
