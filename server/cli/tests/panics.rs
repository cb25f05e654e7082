//! A job that panics: its node fails, and nobody waits for it.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic, reason = "a test")]

use seeknal_analysis::Memo;
use seeknal_plan::engine::{Broken, Done, Engine, Job, Lane, Limits};
use seeknal_service::carry::{RunOptions, Site, run};
use seeknal_service::{Analyst, Hands, load};
use seeknal_workers::{Jobs, Program, Workers};
use std::fs;
use std::sync::Arc;

/// Real workers behind a program that has an error.
struct Faulty(Jobs);

struct FaultyLane(Box<dyn Lane>);

impl Engine for Faulty {
    fn lane(&self, limits: &Limits) -> Result<Box<dyn Lane>, String> {
        Ok(Box::new(FaultyLane(self.0.lane(limits)?)))
    }

    fn name(&self) -> String {
        self.0.name()
    }
}

impl Lane for FaultyLane {
    fn run(
        &mut self,
        job: &Job,
        watch: &mut dyn FnMut(Option<f64>) -> bool,
    ) -> Result<Done, Broken> {
        assert!(
            !matches!(job, Job::Build { query, .. } if query.contains("'faulty'")),
            "on purpose"
        );
        self.0.run(job, watch)
    }
}

#[test]
fn a_panic_costs_the_node_and_what_reads_it() {
    let root = std::env::temp_dir().join(format!("seeknal-panics-{}", std::process::id()));
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join("seeknal")).unwrap();
    fs::write(root.join("a.csv"), "x\n1\n2\n").unwrap();
    let nodes = [
        ("a", "kind: source\nname: a\nsource: csv\ntable: a.csv\n"),
        (
            "b",
            "kind: transform\nname: b\ntransform: SELECT x, 'faulty' AS y FROM ref('source.a')\n",
        ),
        ("c", "kind: transform\nname: c\ntransform: SELECT x FROM ref('transform.b')\n"),
        ("d", "kind: transform\nname: d\ntransform: SELECT x + 1 AS x FROM ref('source.a')\n"),
        ("e", "kind: transform\nname: e\ntransform: SELECT x FROM ref('transform.d')\n"),
    ];
    for (name, text) in nodes {
        fs::write(root.join(format!("seeknal/{name}.yml")), text).unwrap();
    }
    let path = env!("CARGO_BIN_EXE_seeknal-worker").into();
    let program = Program { path, arguments: vec!["worker".into()] };
    let asked = Arc::new(Memo::new(Workers::new(program.clone(), 1)));
    let hands = Hands {
        engine: Arc::new(Faulty(Jobs::new(program))),
        analyst: Arc::new(Analyst::new(asked.clone(), asked, 1)),
        lanes: 2,
        threads: 1,
        memory: None,
    };
    let crew = hands.crew(&|_| (), &|| false, &|| None);
    let site = Site::open(root.clone(), "run").unwrap();
    let loaded = load(&root, &|| false).unwrap().unwrap();
    let (told, _) = run(&site, |_| Ok(loaded), RunOptions::default(), &crew).unwrap();
    let failed: Vec<String> = told.failed.iter().map(|(id, why)| format!("{id}: {why}")).collect();
    assert_eq!(failed, ["transform.b: this program broke on it; what it printed says where"]);
    let skipped: Vec<String> = told.skipped.iter().map(|(id, _)| id.to_string()).collect();
    assert_eq!(skipped, ["transform.c"]);
    assert!(!told.is_changed, "production shows nothing of it");
    fs::remove_dir_all(&root).unwrap();
}
