//! What the state costs by nodes and by bytes of data, beside its floor: two small files written, flushed and
//! named, which is the least that any commit can do.
//!
//! `cargo bench --package seeknal-store --bench state`
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a bench takes the time")]
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use seeknal_store::{Draft, Environment, Node, Real, Shown, Store, View, Who};
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant};

const ROUNDS: usize = 25;

fn main() {
    for (nodes, bytes) in [(100, 100), (1_000, 100), (10_000, 100), (10_000, 20_000)] {
        let root =
            std::env::temp_dir().join(format!("seeknal-state-{nodes}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        println!("{nodes} nodes of {bytes} bytes, {ROUNDS} rounds");
        measured(&root, nodes, bytes);
        fs::remove_dir_all(&root).unwrap();
    }
}

fn measured(root: &Path, nodes: usize, bytes: usize) {
    let open = || Store::open(Real, &root.join("state"), Some(&root.join("target"))).unwrap();
    let store = open();
    let begun = Instant::now();
    let one = view(&store, nodes, bytes, "one");
    println!("  objects written   {:?}, flushed each", begun.elapsed());
    let mut two = one.clone();
    let fresh = view(&store, 1, bytes, "two");
    two.nodes.extend(fresh.nodes);
    two.shown.extend(fresh.shown);
    let begun = Instant::now();
    let first = publish(&store, "prod", Made::View(&one));
    println!("  first publish     {:?}", begun.elapsed());
    let begun = Instant::now();
    let second = publish(&store, "dev", Made::View(&two));
    println!("  view with one new {:?}", begun.elapsed());
    let mut taken: [Vec<Duration>; 4] = Default::default();
    for _ in 0..ROUNDS {
        let mut time = |place: usize, act: &dyn Fn()| {
            let begun = Instant::now();
            act();
            taken[place].push(begun.elapsed());
        };
        time(0, &|| floor(root));
        time(1, &|| drop(publish(&open(), "prod", Made::Known(&second))));
        time(2, &|| drop(publish(&open(), "prod", Made::Known(&first))));
        time(3, &|| {
            let store = open();
            let view = store.environment("prod").unwrap().unwrap().view.unwrap();
            assert_eq!(store.view(&view).unwrap().nodes.len(), nodes);
        });
    }
    for (name, samples) in
        ["floor", "promote", "rollback", "open, read view"].iter().zip(&mut taken)
    {
        samples.sort();
        let at = |percent: usize| samples[(samples.len() - 1) * percent / 100];
        println!("  {name:<17} p50 {:?}  p95 {:?}  max {:?}", at(50), at(95), at(100));
    }
}

/// Objects of so many nodes, and the view of them.
fn view(store: &Store, nodes: usize, bytes: usize, what: &str) -> View {
    let stage = store.stage().unwrap();
    let mut view = View::default();
    for number in 0..nodes {
        let name = format!("transform.node_{number}");
        let room = stage.room();
        let content = format!("{what} {number} ").repeat(bytes / 8);
        fs::write(&room, &content).unwrap();
        let key = blake3::hash(content.as_bytes()).to_hex().to_string();
        let part = stage.keep(&room, &key, (1, None)).unwrap();
        let definition = stage.text(name.as_bytes()).unwrap();
        view.shown
            .insert(format!("intermediate/transform_node_{number}.parquet"), Shown::Object(key));
        let columns =
            vec![("id".to_owned(), "BIGINT".to_owned()), ("v".to_owned(), "DOUBLE".to_owned())];
        let node = Node {
            definition,
            identity: name.clone(),
            parts: vec![part],
            columns,
            ..Node::default()
        };
        view.nodes.insert(name, node.into());
    }
    view
}

enum Made<'v> {
    View(&'v View),
    Known(&'v str),
}

fn publish(store: &Store, environment: &str, made: Made<'_>) -> String {
    let who = Who { actor: "bench".to_owned(), command: "bench".to_owned(), now: 0 };
    let writer = store.writer(who, Duration::from_secs(5)).unwrap();
    let view = match made {
        Made::View(view) => writer.view(view, None, None).unwrap(),
        Made::Known(id) => id.to_owned(),
    };
    let mut environments = writer.environments();
    let fresh = Environment { view: Some(view.clone()), ..Environment::default() };
    environments.insert(environment.to_owned(), fresh);
    writer.operation(Draft { environments, ..Draft::default() }).unwrap().publish().unwrap();
    view
}

fn floor(root: &Path) {
    for name in ["op", "head"] {
        let path = root.join(name);
        fs::write(root.join("fresh"), "a few bytes").unwrap();
        File::open(root.join("fresh")).unwrap().sync_all().unwrap();
        fs::rename(root.join("fresh"), path).unwrap();
        File::open(root).unwrap().sync_all().unwrap();
    }
}
