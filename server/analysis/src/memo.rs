//! Answers that were given before.

use crate::binder::{Answer, Ask, Binder, Column, FileReader};
use dashmap::DashMap;
use std::path::PathBuf;

/// More answers than this, and all are forgotten: a project has fewer queries, and typing makes
/// ever new ones.
const ANSWERS_MAX: usize = 50_000;

/// A binder that is asked everything only once.
///
/// An answer depends on nothing but the question, so it is kept by the question's hash, and two
/// threads that ask the same at once can only write the same.
pub struct Memo<B> {
    binder: B,
    answers: DashMap<blake3::Hash, Answer>,
}

impl<B: Binder> Memo<B> {
    /// A binder with nothing remembered.
    pub fn new(binder: B) -> Memo<B> {
        Memo { binder, answers: DashMap::new() }
    }

    /// How many answers are remembered.
    pub fn len(&self) -> usize {
        self.answers.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }
}

impl<B: FileReader> FileReader for Memo<B> {
    /// Files change, so nothing of them is remembered here.
    fn columns(&self, files: &[(PathBuf, String)]) -> Vec<Option<Vec<Column>>> {
        self.binder.columns(files)
    }
}

impl<B: Binder> Binder for Memo<B> {
    fn bind(&self, ask: &Ask) -> Answer {
        let key = key(ask);
        if let Some(known) = self.answers.get(&key) {
            return known.clone();
        }
        let answer = self.binder.bind(ask);
        if self.answers.len() >= ANSWERS_MAX {
            self.answers.clear();
        }
        self.answers.insert(key, answer.clone());
        answer
    }
}

/// The hash of a question. Each part is led by its length, so that no two questions run together.
fn key(ask: &Ask) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    let mut part = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    part(&ask.sql);
    part(if ask.tables.is_some() { "tables" } else { "syntax" });
    for table in ask.tables.iter().flatten() {
        part(table.schema.as_deref().unwrap_or_default());
        part(&table.name);
        part(&table.columns.len().to_string());
        for column in &table.columns {
            part(&column.name);
            part(&column.kind);
        }
    }
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binder::Table;
    use std::sync::atomic::{AtomicUsize, Ordering};

    struct Counting(AtomicUsize);

    impl Binder for Counting {
        fn bind(&self, _: &Ask) -> Answer {
            Answer::Unknown(self.0.fetch_add(1, Ordering::SeqCst).to_string())
        }
    }

    #[test]
    fn the_same_question_is_asked_once_and_another_is_another() {
        let memo = Memo::new(Counting(AtomicUsize::new(0)));
        let column = |name: &str, kind: &str| Column { name: name.into(), kind: kind.into() };
        let table = |columns| Table { schema: None, name: "t".into(), columns };
        let ask = |sql: &str, tables| Ask { sql: sql.into(), tables };
        let all = [
            ask("SELECT 1", None),
            ask("SELECT 1", Some(vec![])),
            ask("SELECT 1", Some(vec![table(vec![])])),
            ask("SELECT 1", Some(vec![table(vec![column("a", "INTEGER")])])),
            ask("SELECT 1", Some(vec![table(vec![column("aI", "NTEGER")])])),
            ask("SELECT 1", Some(vec![table(vec![column("a", "INTEGER"), column("b", "DATE")])])),
        ];
        for _ in 0..2 {
            for (number, one) in all.iter().enumerate() {
                assert_eq!(memo.bind(one), Answer::Unknown(number.to_string()));
            }
        }
        assert_eq!(memo.len(), all.len());
    }
}
