//! Answers that were given before.

use crate::binder::{Answer, Ask, Binder, Column, FileReader, Parsed, Shown};
use dashmap::DashMap;
use std::path::{Path, PathBuf};

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
    trees: DashMap<blake3::Hash, Parsed>,
}

impl<B: Binder> Memo<B> {
    /// A binder with nothing remembered.
    pub fn new(binder: B) -> Memo<B> {
        Memo { binder, answers: DashMap::new(), trees: DashMap::new() }
    }

    /// How many answers are remembered.
    pub fn len(&self) -> usize {
        self.answers.len() + self.trees.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<B: FileReader> FileReader for Memo<B> {
    /// Files change, so nothing of them is remembered here.
    fn columns(&self, files: &[(PathBuf, String)]) -> Vec<Option<Vec<Column>>> {
        self.binder.columns(files)
    }

    fn hash(&self, file: &Path) -> Option<String> {
        self.binder.hash(file)
    }
}

impl<B: Binder> Binder for Memo<B> {
    fn shown(&self, sql: &str) -> Shown {
        self.binder.shown(sql)
    }

    fn parse(&self, sql: &str) -> Parsed {
        remembered(&self.trees, blake3::hash(sql.as_bytes()), || self.binder.parse(sql))
    }

    fn bind(&self, ask: &Ask) -> Answer {
        remembered(&self.answers, ask.hash(), || self.binder.bind(ask))
    }

    fn trouble(&self) -> Option<String> {
        self.binder.trouble()
    }
}

fn remembered<T: Clone>(
    known: &DashMap<blake3::Hash, T>,
    key: blake3::Hash,
    ask: impl FnOnce() -> T,
) -> T {
    if let Some(known) = known.get(&key) {
        return known.clone();
    }
    let answer = ask();
    if known.len() >= ANSWERS_MAX {
        known.clear();
    }
    known.insert(key, answer.clone());
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binder::Table;
    use std::sync::atomic::{AtomicUsize, Ordering};

    struct Counting(AtomicUsize);

    impl Binder for Counting {
        fn shown(&self, sql: &str) -> Shown {
            self.0.fetch_add(1, Ordering::SeqCst);
            Shown::Unknown(sql.to_owned())
        }

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
        for _ in 0..2 {
            assert_eq!(memo.parse("SELECT 1"), Parsed::Unknown("SELECT 1".to_owned()));
        }
        assert_eq!(memo.len(), all.len() + 1);
        assert_eq!(memo.binder.0.load(Ordering::SeqCst), memo.len());
    }
}
