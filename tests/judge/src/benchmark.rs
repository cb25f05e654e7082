//! Queries that nobody here wrote: those of two benchmarks as pipelines, on their own data at a tiny
//! scale, edited word by word and as a whole.

use crate::chance::Chance;
use crate::pieces::Family;
use crate::project::Written;
use crate::query::{Item, Query};
use crate::readers::{Reader, readers};
use crate::report::{Found, Row};
use crate::run::{Outputs, Runner};
use crate::state::{self, Engine, State, transform};
use crate::trial::{Case, Trial, built};
use seeknal_analysis::changes::Action;
use seeknal_model::NodeId;
use seeknal_runner::Session;
use seeknal_syntax::slice;
use seeknal_syntax::sql::{Token, TokenKind, tokens};
use std::collections::BTreeSet;
use std::path::Path;

/// A benchmark: what makes its data, and what makes its tables only.
struct Benchmark {
    name: &'static str,
    make: &'static str,
    empty: &'static str,
    /// What keeps the data tiny where a scale does not.
    after: &'static [&'static str],
}

const BENCHMARKS: [Benchmark; 2] = [
    Benchmark {
        name: "tpch",
        make: "CALL dbgen(sf = 0.0005)",
        empty: "CALL dbgen(sf = 0)",
        after: &[],
    },
    Benchmark {
        name: "tpcds",
        make: "CALL dsdgen(sf = 0.002)",
        empty: "CALL dsdgen(sf = 0)",
        after: &[
            "DELETE FROM customer_demographics WHERE cd_demo_sk % 97 > 0",
            "DELETE FROM time_dim WHERE t_time_sk % 31 > 0",
        ],
    },
];

/// Tries so many edits of the queries of a benchmark, whose extension lies in a folder.
pub(crate) fn judge(
    (name, extensions): (&str, &Path),
    (edits, seed): (u64, u64),
    engine: &Engine,
    folder: &Path,
) -> Found {
    let benchmark = BENCHMARKS.iter().find(|one| one.name == name).expect("tpch or tpcds");
    let mut found = Found::default();
    let (mut runners, sources, queries) = prepared(benchmark, extensions, folder);
    let (mut number, mut tried) = (0, BTreeSet::new());
    let mut turn = Chance::new(seed).below(queries.len());
    while found.edits < edits && number < edits * 20 {
        number += 1;
        let mut chance = Chance::new(seed.wrapping_mul(1_000_003).wrapping_add(number));
        // One after the other, so that none is left out.
        turn = (turn + 1) % queries.len();
        let before = queries[turn].clone();
        let Some(mut base) = Base::of(&before, (&sources, engine), &mut runners, &mut chance)
        else {
            found.skipped += 1;
            continue;
        };
        tried.insert(turn);
        for _ in 0..12 {
            let (kind, after) = edited(&before, &base.names, &mut chance);
            if after != before && found.edits < edits {
                base.tried((kind, &after), (&sources, engine), &mut runners, &mut found);
            }
        }
        for (runner, mark) in runners.iter_mut().zip(&base.marks) {
            runner.forget(*mark);
        }
    }
    let said = format!("{} of {} queries of {name} edited", tried.len(), queries.len());
    found.reports.push(said);
    found
}

/// Runners over nothing and over data, the files of the sources, and the queries over them.
fn prepared(
    benchmark: &Benchmark,
    extensions: &Path,
    folder: &Path,
) -> (Vec<Runner>, Vec<(String, String)>, Vec<String>) {
    let Benchmark { name, make, empty, after } = benchmark;
    let (mut runners, mut sources, mut queries) = (Vec::new(), Vec::new(), Vec::new());
    for (number, make) in [empty, make].into_iter().enumerate() {
        let session = Session::open().expect("a session");
        let file = extensions.join(format!("{name}.duckdb_extension"));
        session.execute(&format!("LOAD '{}'", file.display())).expect("the extension");
        session.execute(make).expect("data");
        after.iter().for_each(|sql| session.execute(sql).expect("less data"));
        let list = |sql: &str| -> Vec<String> {
            let text = session.text(&format!("SELECT string_agg(x, '\u{1}') FROM ({sql}) t(x)"));
            text.expect("a list").split('\u{1}').map(str::to_owned).collect()
        };
        let tables = list("SELECT table_name FROM duckdb_tables() ORDER BY 1");
        queries = list(&format!("SELECT query FROM {name}_queries() ORDER BY query_nr"));
        sources = tables.iter().map(|table| {
            let columns = list(&format!("SELECT column_name || ' ' || data_type FROM duckdb_columns() WHERE table_name = '{table}' ORDER BY column_index"));
            let split = |one: &String| {
                let (name, kind) = one.split_once(' ').expect("a type");
                (name.to_owned(), kind.to_owned())
            };
            state::source(table, &columns.iter().map(split).collect::<Vec<_>>())
        }).collect();
        queries = queries.iter().map(|sql| over_sources(sql, &tables)).collect();
        runners.push(Runner::new(session, &tables, &folder.join(number.to_string())));
    }
    (runners, sources, queries)
}

/// A query with references where it names tables.
fn over_sources(sql: &str, tables: &[String]) -> String {
    let sql = sql.trim().trim_end_matches(';');
    let all: Vec<Token> =
        tokens(sql).into_iter().filter(|token| token.kind != TokenKind::Comment).collect();
    let word = |place: usize| all.get(place).map(|token| slice(sql, token.span).to_lowercase());
    let mut made = String::new();
    let mut from = 0;
    for (place, token) in all.iter().enumerate() {
        let table = slice(sql, token.span).to_lowercase();
        let before = place.checked_sub(1).and_then(word).unwrap_or_default();
        let behind = word(place + 1).unwrap_or_default();
        let stands =
            ["from", "join", ","].contains(&before.as_str()) && behind != "." && behind != "(";
        if !tables.contains(&table) || !stands {
            continue;
        }
        let is_named =
            behind == "as" || all.get(place + 1).is_some_and(|next| next.kind == TokenKind::Word);
        made.push_str(sql.get(from..token.span.start).unwrap_or_default());
        made.push_str(&format!("ref('source.{table}')"));
        if !is_named {
            made.push_str(&format!(" {table}"));
        }
        from = token.span.end;
    }
    made.push_str(sql.get(from..).unwrap_or_default());
    made
}

struct Base {
    state: State,
    readers: Vec<Reader>,
    names: Vec<String>,
    outputs: Vec<Outputs>,
    marks: Vec<usize>,
}

impl Base {
    fn of(
        sql: &str,
        (sources, engine): (&[(String, String)], &Engine),
        runners: &mut [Runner],
        chance: &mut Chance,
    ) -> Option<Base> {
        let id = NodeId::new("transform.u");
        let alone = project(sources, sql, &[], engine);
        let columns = alone.schemas.columns(&id)?;
        let is_plain =
            |name: &str| name.chars().all(|one| one.is_ascii_alphanumeric() || one == '_');
        let family = |kind: &str| match kind {
            "INTEGER" | "BIGINT" => Family::Whole,
            "VARCHAR" => Family::Text,
            kind if kind == "DOUBLE" || kind.starts_with("DECIMAL") => Family::Fraction,
            _ => Family::Other,
        };
        let item = |column: &seeknal_analysis::Column| Item {
            expr: String::new(),
            name: column.name.clone(),
            family: family(&column.kind),
        };
        let items: Vec<Item> =
            columns.iter().filter(|column| is_plain(&column.name)).map(item).collect();
        if items.is_empty() {
            return None;
        }
        let names = items.iter().map(|item| item.name.clone()).collect();
        let shown = Query { items, ..Query::make(chance) };
        // Those that look at made-up customers have none here.
        let readers: Vec<Reader> = readers(&shown, chance)
            .into_iter()
            .filter(|one| !one.sql.contains("source."))
            .collect();
        let readers: Vec<Reader> = readers
            .iter()
            .filter(|one| one.name != "behind" || readers.len() == 4)
            .cloned()
            .collect();
        let state = project(sources, sql, &readers, engine);
        let marks: Vec<usize> = runners.iter().map(Runner::mark).collect();
        let outputs: Option<Vec<Outputs>> =
            runners.iter_mut().map(|runner| built(&state, runner)).collect();
        let Some(outputs) = outputs else {
            runners.iter_mut().zip(marks).for_each(|(runner, mark)| runner.forget(mark));
            return None;
        };
        Some(Base { state, readers, names, outputs, marks })
    }

    fn tried(
        &mut self,
        (kind, sql): (&'static str, &str),
        (sources, engine): (&[(String, String)], &Engine),
        runners: &mut [Runner],
        found: &mut Found,
    ) {
        let new = project(sources, sql, &self.readers, engine);
        let verdict = self.state.changes(&new);
        let edited = [NodeId::new("transform.u")];
        let (old, verdict) = (&self.state, &verdict);
        let case = Case { old, new: &new, verdict, edited: &edited, sorted: None };
        let mut trial = Trial::default();
        let marks: Vec<usize> = runners.iter().map(Runner::mark).collect();
        for (runner, outputs) in runners.iter_mut().zip(&self.outputs) {
            trial.over(&case, runner, outputs);
        }
        trial.contract(&case, &[]);
        runners.iter_mut().zip(marks).for_each(|(runner, mark)| runner.forget(mark));
        let reused = verdict.steps.iter().filter(|step| step.action == Action::Reuse);
        let reused = reused.count() as u64;
        let needless = trial.same.values().filter(|same| **same).count() as u64;
        found.edits += 1;
        found.reused += reused;
        found.built += trial.same.len() as u64;
        found.needless += needless;
        let is_opaque = new.identities.get(&edited[0]).is_some_and(|one| one.opaque.is_some());
        found.opaque += u64::from(is_opaque);
        let row: &mut Row = found.kinds.entry(kind).or_default();
        row.edits += 1;
        row.reusable += u64::from(reused > 0 || needless > 0);
        row.needless += u64::from(needless > 0);
        if trial.wrong.is_empty() {
            return;
        }
        row.wrong += 1;
        found.unsafe_verdicts += 1;
        let readers = self.readers.iter().map(|one| format!("    {}: {}\n", one.name, one.sql));
        let was = old.node(&edited[0]).map(|step| step.sql.clone()).unwrap_or_default();
        found.reports.push(format!(
            "UNSAFE {kind}: {}\n  before\n{was}\n  after\n{sql}\n{}",
            trial.wrong.join("; "),
            readers.collect::<String>()
        ));
    }
}

fn project(sources: &[(String, String)], u: &str, readers: &[Reader], engine: &Engine) -> State {
    let mut files = sources.to_vec();
    files.push(transform(&Written::new("u", u)));
    files.extend(readers.iter().map(|one| transform(&Written::new(&one.name, &one.sql))));
    State::of(&files, engine)
}

/// An edit of a query: of the whole, or of one of its words.
fn edited(sql: &str, names: &[String], chance: &mut Chance) -> (&'static str, String) {
    let name = chance.one(names).clone();
    match chance.below(20) {
        0 => ("wrap", format!("SELECT * FROM ({sql}) z")),
        1 => ("comment", format!("/* why */ {sql}\n-- done")),
        2 => ("add-column", format!("SELECT z.*, 1 AS one FROM ({sql}) z")),
        3 => ("drop-column", format!("SELECT * EXCLUDE ({name}) FROM ({sql}) z")),
        4 => ("rename-column", format!("SELECT * RENAME ({name} AS other) FROM ({sql}) z")),
        5 => ("add-filter", format!("SELECT * FROM ({sql}) z WHERE {name} IS NOT NULL")),
        6 => ("distinct", format!("SELECT DISTINCT * FROM ({sql}) z")),
        7 => ("add-set", format!("SELECT * FROM ({sql}) z UNION ALL SELECT * FROM ({sql}) y")),
        8 => ("order", format!("SELECT * FROM ({sql}) z ORDER BY {name}")),
        _ => of_a_word(sql, chance),
    }
}

/// What may be written for a word or a symbol.
const WORDS: &[(&str, &[(&str, &str)])] = &[
    // What would join everything with everything is left out: it takes hours and tells nothing.
    ("comparison", &[("<", "<="), ("<=", "<"), (">", ">="), (">=", ">")]),
    ("connective", &[("or", "and")]),
    ("function", &[("sum", "max"), ("avg", "min"), ("max", "min"), ("min", "max"), ("sum", "avg")]),
    ("function-alias", &[("avg", "mean"), ("substring", "substr"), ("coalesce", "ifnull")]),
    ("operator", &[("+", "-"), ("-", "+"), ("*", "+"), ("/", "*")]),
    ("direction", &[("desc", "asc"), ("asc", "desc")]),
    ("set-kind", &[("union", "except"), ("intersect", "except"), ("except", "union")]),
    ("negated", &[("exists", "not exists"), ("in", "not in"), ("like", "not like")]),
    ("join-kind", &[("left", "right"), ("left", "full"), ("full", "left"), ("join", "left join")]),
    ("distinct-aggregate", &[("distinct", "all")]),
    ("small-letters", &[("select", "Select"), ("from", "FROM"), ("where", "Where")]),
];

fn of_a_word(sql: &str, chance: &mut Chance) -> (&'static str, String) {
    let all = tokens(sql);
    // References and the names in them are no words of the query.
    let is_reference = |token: &Token| slice(sql, token.span).starts_with("'source.");
    let with = |token: &Token, text: &str| {
        let (start, end) = (token.span.start, token.span.end);
        let head = sql.get(..start).unwrap_or_default();
        format!("{head}{text}{}", sql.get(end..).unwrap_or_default())
    };
    if chance.percent(35) {
        let literals: Vec<&Token> = all
            .iter()
            .filter(|token| matches!(token.kind, TokenKind::Number | TokenKind::Text))
            .filter(|token| !is_reference(token))
            .collect();
        if !literals.is_empty() {
            let token = *chance.one(&literals);
            let text = slice(sql, token.span);
            return match (token.kind, text.parse::<u64>()) {
                (TokenKind::Number, Ok(number)) => {
                    ("constant", with(token, &(number + 1).to_string()))
                }
                (TokenKind::Number, Err(_)) => ("constant", with(token, &format!("{text}1"))),
                _ => ("constant", with(token, &text.replacen(['1', 'a', 'e'], "2", 1))),
            };
        }
    }
    let mut ways: Vec<(&'static str, &Token, &str)> = Vec::new();
    for token in &all {
        let text = slice(sql, token.span).to_lowercase();
        for (kind, words) in WORDS {
            let here = words.iter().filter(|(from, _)| *from == text);
            ways.extend(here.map(|(_, to)| (*kind, token, *to)));
        }
    }
    if ways.is_empty() {
        return ("nothing", sql.to_owned());
    }
    let (kind, token, to) = *chance.one(&ways);
    (kind, with(token, to))
}
