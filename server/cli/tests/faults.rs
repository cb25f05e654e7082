//! What is underlined is what a run says, both ways: queries of the shop and of a made-up project are
//! broken at random, and each is bound by a worker and run by a plain session on tables of the same
//! columns.
//!
//! `SEEKNAL_FAULTS=20000 cargo test --package seeknal-cli --test faults` tries more.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::panic, reason = "a test")]

use seeknal_analysis::{
    Answer, Ask, Asking, Binder, FileReader, Schemas, Table, data_file, query, schemas,
    source_columns,
};
use seeknal_model::{Project, Surroundings, Variables};
use seeknal_runner::Session;
use seeknal_service::load;
use seeknal_syntax::sql::{TokenKind, tokens};
use seeknal_workers::{Program, Workers};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use xtask::generate::{Size, write};

const FAULTS: usize = 1000;

struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }
}

/// The queries of a project with the tables they read.
fn asks(root: &Path, workers: &Workers) -> Vec<Ask> {
    let project: Project = load(root, &|| false).unwrap().unwrap().project;
    let (overrides, variables) = (BTreeMap::new(), Variables::default());
    let today = "2024-03-31".parse().unwrap();
    let around = Surroundings { overrides: &overrides, variables: &variables, today };
    let home = root.canonicalize().unwrap();
    let sources = source_columns(&project, |node| {
        let file = data_file(node)?;
        let path = home.join(&file.path);
        let query = file.query(path.to_str()?);
        workers.columns(&[(path, query)]).pop()?.map(Arc::from)
    });
    let asking =
        Asking { around: &around, sources: &sources, binder: workers, stop: &|| false, lanes: 2 };
    let found = schemas(&project, asking, &Schemas::default());
    assert!(found.faults().is_empty(), "{:?}", found.faults());
    let mut asks = Vec::new();
    for node in project.declared() {
        let Some(Ok(query)) = query(&project, node, &around) else { continue };
        let tables: Option<Vec<Table>> = query
            .reads
            .iter()
            .map(|(schema, name, id)| {
                let columns = found.columns(id)?.to_vec();
                Some(Table { schema: schema.clone(), name: name.clone(), columns })
            })
            .collect();
        asks.push(Ask { sql: query.text.text, tables: Some(tables.unwrap()) });
    }
    asks
}

/// Breaks a query, or at least changes it.
fn broken(sql: &str, chance: &mut Chance) -> String {
    let solid: Vec<_> =
        tokens(sql).into_iter().filter(|token| token.kind != TokenKind::Comment).collect();
    let text = |at: usize| sql.get(solid[at].span.start..solid[at].span.end).unwrap();
    let replace = |at: usize, with: &str| {
        let mut changed = sql.to_owned();
        changed.replace_range(solid[at].span.start..solid[at].span.end, with);
        changed
    };
    let (one, two) = (chance.below(solid.len()), chance.below(solid.len()));
    match chance.below(7) {
        0 => replace(one, ""),
        1 => replace(one, &format!("{0} {0}", text(one))),
        2 | 3 => replace(one, text(two)),
        4 => {
            let mut word: Vec<char> = text(one).chars().collect();
            let at = chance.below(word.len());
            word.remove(at);
            replace(one, &word.into_iter().collect::<String>())
        }
        5 => replace(one, &format!("{}x", text(one))),
        _ => replace(one, &format!("({})", text(one))),
    }
}

/// Whether a plain session refuses a query before it runs it, and in which words.
fn refused(session: &Session, ask: &Ask) -> Option<String> {
    session.execute("BEGIN").unwrap();
    for table in ask.tables.iter().flatten() {
        let columns: Vec<String> = table
            .columns
            .iter()
            .map(|column| format!("\"{}\" {}", column.name, column.kind))
            .collect();
        session
            .execute(&format!("CREATE TABLE \"{}\" ({})", table.name, columns.join(", ")))
            .unwrap();
    }
    let answer = session.execute(&ask.sql);
    session.execute("ROLLBACK").unwrap();
    let said = answer.err()?.to_string();
    ["Parser Error", "Binder Error", "Catalog Error"]
        .iter()
        .any(|kind| said.contains(kind))
        .then_some(said)
}

#[test]
fn what_is_underlined_is_what_a_run_says() {
    let count = std::env::var("SEEKNAL_FAULTS").ok().and_then(|text| text.parse().ok());
    let path = env!("CARGO_BIN_EXE_seeknal-worker").into();
    let workers = Workers::new(Program { path, arguments: vec!["worker".into()] }, 1);
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/shop");
    let made = std::env::temp_dir().join(format!("seeknal-faults-{}", std::process::id()));
    write(&Size { nodes: 80, seed: 11 }, &made).unwrap();
    let mut asks = asks(&shop, &workers);
    asks.extend(self::asks(&made, &workers));
    std::fs::remove_dir_all(&made).unwrap();
    assert!(asks.len() > 40, "{}", asks.len());
    let session = Session::open().unwrap();
    let mut chance = Chance(0x5eed);
    let (mut wrong, mut right, mut unknown) = (0, 0, 0);
    for number in 0..count.unwrap_or(FAULTS) {
        let mut ask = asks[chance.below(asks.len())].clone();
        ask.sql = broken(&ask.sql, &mut chance);
        let said = refused(&session, &ask);
        match (workers.bind(&ask), said) {
            (Answer::Wrong(_), Some(_)) => wrong += 1,
            (Answer::Columns(_), None) => right += 1,
            (Answer::Unknown(_), _) => unknown += 1,
            (answer, said) => panic!("{number}: {}\n{answer:?}\n{said:?}", ask.sql),
        }
    }
    let all = wrong + right + unknown;
    println!("{all} queries: {wrong} refused by both, {right} taken by both, {unknown} unknown");
    assert!(wrong > all / 3 && right > all / 20, "{wrong} {right} {unknown}");
    assert!(unknown * 100 <= all * 3, "{unknown} of {all} are unknown");
}
