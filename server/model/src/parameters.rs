//! What the expressions in `{{ … }}` stand for.

use crate::project::Project;
use crate::variables::Variables;
use chrono::{Datelike, Days, Months, NaiveDate};
use std::collections::BTreeMap;

/// What expressions are read against.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// Values given for one run, by name.
    pub overrides: &'a BTreeMap<String, String>,
    /// The variables of the process and of `.env`.
    pub variables: &'a Variables,
    /// The day on which the expressions are read.
    pub today: NaiveDate,
}

/// What one expression stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// This text.
    Value(String),
    /// The value of a variable, which may be a secret.
    Variable(String),
    /// Something that each run decides.
    AtRun,
    /// A variable that is not set and has no default.
    Unset(String),
    /// A name that the common config does not have.
    Unknown,
    /// Nothing: the braces stay as they are written.
    AsWritten,
}

/// Names that a run gives values to.
const AT_RUN: [&str; 4] = ["run_id", "run_date", "project_id", "workspace_path"];

/// The functions that give a day.
const DAYS: [&str; 4] = ["today", "yesterday", "month_start", "year_start"];

/// Whether an expression stands for something that each run decides anew: a day, a variable, the run.
pub fn is_decided_by_run(expression: &str) -> bool {
    let name = call(expression).map_or(expression, |(name, _)| name);
    AT_RUN.contains(&name) || DAYS.contains(&name) || name == "env" || name.starts_with("env:")
}

impl Project {
    /// What an expression stands for.
    pub fn meaning(&self, expression: &str, around: &Surroundings<'_>) -> Meaning {
        if let Some(value) = around.overrides.get(expression) {
            return Meaning::Value(value.clone());
        }
        if AT_RUN.contains(&expression) {
            return Meaning::AtRun;
        }
        if let Some((name, arguments)) = call(expression) {
            return function(name, &arguments, around);
        }
        if DAYS.contains(&expression) {
            return function(expression, &[], around);
        }
        if let Some(rest) = expression.strip_prefix("env:") {
            let (name, default) = match rest.split_once('|') {
                Some((name, default)) => (name, Some(default)),
                None => (rest, None),
            };
            return variable(name, default, around);
        }
        if !expression.contains('.') {
            return Meaning::AsWritten;
        }
        let mut values = self.files().flat_map(|file| &file.common).peekable();
        if values.peek().is_none() {
            return Meaning::AsWritten;
        }
        // Of two of one name the later one counts.
        match values.filter(|value| value.name == expression).last() {
            Some(value) => Meaning::Value(value.value.clone()),
            None => Meaning::Unknown,
        }
    }
}

/// The variable that an expression needs because it has no default for it.
pub(crate) fn needed_variable(expression: &str) -> Option<String> {
    let name = match (expression.strip_prefix("env:"), call(expression)) {
        (Some(rest), _) if !rest.contains('|') => rest.trim().to_owned(),
        (None, Some(("env", arguments))) if arguments.len() == 1 => arguments.first()?.clone(),
        _ => return None,
    };
    (!name.is_empty()).then_some(name)
}

/// `name(one, two)` taken apart, quotes around arguments dropped.
fn call(expression: &str) -> Option<(&str, Vec<String>)> {
    let (name, rest) = expression.split_once('(')?;
    let inside = rest.trim_end().strip_suffix(')')?;
    let is_word = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let unquoted = |one: &str| one.trim().trim_matches(['\'', '"']).to_owned();
    let arguments = inside.split(',').map(unquoted).filter(|one| !one.is_empty()).collect();
    is_word.then_some((name, arguments))
}

fn function(name: &str, arguments: &[String], around: &Surroundings<'_>) -> Meaning {
    let first = arguments.first();
    if name == "env" {
        let Some(variable_name) = first else { return Meaning::AsWritten };
        return variable(variable_name, arguments.get(1).map(String::as_str), around);
    }
    let Some(steps) = first.map_or(Some(0), |text| text.parse::<i32>().ok()) else {
        return Meaning::AsWritten;
    };
    let today = around.overrides.get("today").and_then(|text| text.parse().ok());
    match day(name, steps, today.unwrap_or(around.today)) {
        Some(day) => Meaning::Value(day.to_string()),
        // An unknown function, or a day that no calendar has: the text without its braces.
        None => Meaning::Value(format!("{name}({})", arguments.join(", "))),
    }
}

fn day(name: &str, steps: i32, today: NaiveDate) -> Option<NaiveDate> {
    let count = steps.unsigned_abs();
    match name {
        "today" | "yesterday" => {
            let steps = if name == "yesterday" { -1 } else { i64::from(steps) };
            let days = Days::new(steps.unsigned_abs());
            if steps < 0 { today.checked_sub_days(days) } else { today.checked_add_days(days) }
        }
        "month_start" => {
            let first = today.with_day(1)?;
            let months = Months::new(count);
            if steps < 0 {
                first.checked_sub_months(months)
            } else {
                first.checked_add_months(months)
            }
        }
        "year_start" => NaiveDate::from_ymd_opt(today.year().checked_add(steps)?, 1, 1),
        _ => None,
    }
}

fn variable(name: &str, default: Option<&str>, around: &Surroundings<'_>) -> Meaning {
    match around.variables.get(name.trim()).or(default) {
        Some(value) => Meaning::Variable(value.to_owned()),
        None => Meaning::Unset(name.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::File;

    fn meaning(expression: &str) -> Meaning {
        let text = "rules:\n  - id: paid\n    value: status = 'paid'\n";
        let project = Project::new([File::read("seeknal/common/rules.yml", text.as_bytes())]);
        let variables = Variables::new([("REGION".to_owned(), "eu".to_owned())]);
        let overrides = BTreeMap::from([("limit".to_owned(), "10".to_owned())]);
        let today = NaiveDate::from_ymd_opt(2024, 3, 31).unwrap();
        let around = Surroundings { overrides: &overrides, variables: &variables, today };
        project.meaning(expression, &around)
    }

    #[test]
    fn expressions_have_the_values_that_seeknal_gives_them() {
        for (expression, value) in [
            ("limit", "10"),
            ("today", "2024-03-31"),
            ("today(-1)", "2024-03-30"),
            ("today( 1 )", "2024-04-01"),
            ("yesterday()", "2024-03-30"),
            ("month_start", "2024-03-01"),
            ("month_start(-13)", "2023-02-01"),
            ("year_start(1)", "2025-01-01"),
            ("rules.paid", "status = 'paid'"),
            ("nobody(3)", "nobody(3)"),
        ] {
            assert_eq!(meaning(expression), Meaning::Value(value.to_owned()), "{expression}");
        }
        assert_eq!(meaning("env:REGION"), Meaning::Variable("eu".to_owned()));
        assert_eq!(meaning("env(NONE, 'x')"), Meaning::Variable("x".to_owned()));
        assert_eq!(meaning("env:NONE|"), Meaning::Variable(String::new()));
        assert_eq!(meaning("env:NONE"), Meaning::Unset("NONE".to_owned()));
        assert_eq!(meaning("rules.payd"), Meaning::Unknown);
        assert_eq!(meaning("run_id"), Meaning::AtRun);
        assert_eq!(meaning("nobody"), Meaning::AsWritten);
        assert_eq!(meaning("today(99999999999)"), Meaning::AsWritten);
        assert_eq!(meaning("today(999999999)"), Meaning::Value("today(999999999)".to_owned()));
    }

    #[test]
    fn a_variable_is_needed_where_it_has_no_default() {
        assert_eq!(needed_variable("env:REGION"), Some("REGION".to_owned()));
        assert_eq!(needed_variable("env(REGION)"), Some("REGION".to_owned()));
        for given in ["env:REGION|eu", "env(REGION, eu)", "today(-1)", "env:"] {
            assert_eq!(needed_variable(given), None, "{given}");
        }
    }
}
