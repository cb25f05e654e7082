//! What a kind needs beyond single keys: one key because of another.

use crate::codes;
use crate::lower::first_word;
use crate::node::entry;
use crate::table::Kind;
use crate::validate::is_null;
use seeknal_syntax::{Code, Problem, yaml};

/// Adds a problem for each thing that the keys of a node need together.
pub(crate) fn check(text: &str, kind: &Kind, root: &yaml::Node, problems: &mut Vec<Problem>) {
    let mut needs = Needs { text, problems };
    needs.targets(root);
    needs.ignored(kind, root);
    for audit in items(root, "audits") {
        needs.audit(audit);
    }
    match kind.name {
        "source" => needs.source(root),
        "rule" => needs.rule(root),
        "exposure" => needs.exposure(root),
        "aggregation" => items(root, "features").iter().for_each(|one| needs.feature(one)),
        "metric" => needs.metric(root),
        "semantic_model" => needs.semantic_model(root),
        "model" | "profile" if items(root, "inputs").is_empty() => {
            needs.missing(root, "kind", "`inputs` is missing here; name the node that is read");
        }
        _ => {}
    }
}

struct Needs<'t> {
    text: &'t str,
    problems: &'t mut Vec<Problem>,
}

fn text_of<'n>(node: &'n yaml::Node, key: &str) -> Option<&'n str> {
    entry(node, key)?.value.scalar().map(|scalar| scalar.text.as_str())
}

fn items<'n>(node: &'n yaml::Node, key: &str) -> Vec<&'n yaml::Node> {
    let list = entry(node, key).and_then(|entry| entry.value.items()).unwrap_or_default();
    list.iter().filter_map(|item| item.target()).collect()
}

/// Whether a key stands there with a value; one that could not be read counts.
fn has(node: &yaml::Node, key: &str) -> bool {
    entry(node, key).is_some_and(|entry| !is_null(&entry.value))
}

fn has_param(node: &yaml::Node, key: &str) -> bool {
    entry(node, "params").is_some_and(|params| has(&params.value, key))
}

impl Needs<'_> {
    fn report(&mut self, code: Code, node: &yaml::Node, message: &str) {
        let span = first_word(self.text, node.span);
        self.problems.push(Problem::new(code, span, message));
    }

    /// What this kind takes and Seeknal looks past.
    fn ignored(&mut self, kind: &Kind, root: &yaml::Node) {
        if kind.name != "source"
            && let Some(audits) = entry(root, "audits")
        {
            let message = "Seeknal runs audits of sources only; here they run with this program";
            self.report(codes::SEEKNAL_IGNORES_THIS, &audits.key, message);
        }
        let key =
            if kind.name == "exposure" && !has(root, "inputs") { "depends_on" } else { "inputs" };
        let reads_one = matches!(kind.name, "feature_group" | "profile" | "rule" | "exposure");
        // Assertions in SQL see every input.
        let asserts = entry(root, "rule").is_some_and(|rule| {
            let of = |one: &yaml::Node| text_of(one, "type") == Some("sql_assertion");
            let items = rule.value.items().unwrap_or_default();
            of(&rule.value) || items.iter().any(|item| of(item))
        });
        if reads_one && !asserts {
            // The first is the one that Seeknal reads.
            for item in items(root, key).iter().skip(1) {
                let message = format!("Seeknal reads only the first of `{key}` here");
                self.report(codes::SEEKNAL_IGNORES_THIS, item, &message);
            }
        }
    }

    /// Misses something at the value of `at`, or at the start of the mapping.
    fn missing(&mut self, node: &yaml::Node, at: &str, message: &str) {
        let place = entry(node, at).map_or(node, |entry| entry.value.as_ref());
        self.report(codes::MISSING_FIELD, place, message);
    }

    fn source(&mut self, root: &yaml::Node) {
        let source = text_of(root, "source").unwrap_or_default().to_lowercase();
        let asks = matches!(source.as_str(), "postgresql" | "postgres") && has_param(root, "query");
        if !has(root, "table") && !asks {
            self.missing(
                root,
                "source",
                "`table` is missing here; name the file or the table that is read",
            );
        }
        if matches!(source.as_str(), "bigquery" | "snowflake" | "redshift")
            && let Some(entry) = entry(root, "source")
        {
            let message = format!(
                "a source of type `{source}` passes Seeknal's validation and fails when it is read"
            );
            self.report(codes::NEVER_RUNS, &entry.value, &message);
        }
    }

    fn rule(&mut self, root: &yaml::Node) {
        if items(root, "inputs").is_empty()
            && items(root, "depends_on").is_empty()
            && !has(root, "inputs")
        {
            self.missing(
                root,
                "kind",
                "`inputs` is missing here; name the node that the rule is about",
            );
        }
        let Some(rule) = entry(root, "rule").and_then(|entry| entry.value.target()) else { return };
        match rule.items() {
            Some(items) => items.iter().for_each(|item| self.rule_item(item)),
            None => self.rule_item(rule),
        }
    }

    fn rule_item(&mut self, item: &yaml::Node) {
        let bounded = has_param(item, "min_val") || has_param(item, "max_val");
        let column = has(item, "column") || has(item, "columns");
        let (fits, message) = match text_of(item, "type").unwrap_or_default() {
            "null" | "uniqueness" => {
                (has(item, "columns"), "this rule needs `columns`; name the columns it is about")
            }
            "range" if !column => (false, "this rule needs `column`; name the column it is about"),
            "range" => (bounded, "this rule needs `params` with `min_val`, `max_val` or both"),
            "freshness" if !has(item, "column") => {
                (false, "this rule needs `column`; name the column that tells the time")
            }
            "freshness" => (
                has_param(item, "max_age"),
                "this rule needs `params` with `max_age`, such as `24h`",
            ),
            "sql_assertion" => {
                (has(item, "sql"), "this rule needs `sql`, a query that finds failing rows")
            }
            "profile_check" => {
                (has(item, "checks"), "this rule needs `checks`, a list of thresholds")
            }
            "custom" => {
                let message = "a rule of type `custom` passes Seeknal's validation and never runs; use `sql_assertion`";
                let place = entry(item, "type").map_or(item, |entry| entry.value.as_ref());
                return self.report(codes::NEVER_RUNS, place, message);
            }
            _ => return,
        };
        if !fits {
            self.missing(item, "type", message);
        }
    }

    fn exposure(&mut self, root: &yaml::Node) {
        let address = has(root, "url") || has_param(root, "url");
        let mails = entry(root, "params")
            .is_some_and(|one| text_of(&one.value, "channel") == Some("email"));
        let (fits, message) =
            match text_of(root, "type").unwrap_or_default().to_lowercase().as_str() {
                "file" => (
                    has_param(root, "path") || has(root, "url"),
                    "a file exposure needs `params` with `path`, the file that is written",
                ),
                "api" => (address, "an api exposure needs `url`, where rows are posted to"),
                "database" => {
                    (has_param(root, "table"), "a database exposure needs `params` with `table`")
                }
                "notification" if mails => {
                    let message = "Seeknal sends no mail; notify a `webhook` or `slack`";
                    let place = entry(root, "type").map_or(root, |entry| entry.value.as_ref());
                    return self.report(codes::NEVER_RUNS, place, message);
                }
                "notification" => (address, "a notification needs `url`, where it is posted to"),
                "starrocks_materialized_view" => (
                    has_param(root, "mv_name") && has_param(root, "query"),
                    "a materialized view needs `params` with `mv_name` and `query`",
                ),
                _ => return,
            };
        if !fits {
            self.missing(root, "type", message);
        }
    }

    fn feature(&mut self, feature: &yaml::Node) {
        if !["basic", "rolling", "ratio", "since"].iter().any(|key| has(feature, key)) {
            self.missing(
                feature,
                "name",
                "this feature computes nothing; add `basic`, `rolling`, `ratio` or `since`",
            );
        }
    }

    fn metric(&mut self, metric: &yaml::Node) {
        let needed: &[&str] = match text_of(metric, "type").unwrap_or_default() {
            "simple" | "cumulative" => &["measure"],
            "ratio" => &["numerator", "denominator"],
            "derived" => &["expr", "inputs"],
            _ => &[],
        };
        for key in needed.iter().filter(|key| !has(metric, key)) {
            self.missing(metric, "type", &format!("a metric of this type needs `{key}`"));
        }
    }

    fn semantic_model(&mut self, root: &yaml::Node) {
        for metric in items(root, "metrics") {
            self.metric(metric);
        }
        let Some(wanted) = text_of(root, "default_time_dimension") else { return };
        let is_wanted = |one: &&yaml::Node| text_of(one, "name") == Some(wanted);
        let found = items(root, "dimensions").into_iter().find(is_wanted);
        let is_time = found.is_some_and(|one| text_of(one, "type") == Some("time"));
        if !is_time && let Some(entry) = entry(root, "default_time_dimension") {
            let message = format!("`{wanted}` is no dimension of `type: time`; name one that is");
            self.report(codes::UNKNOWN_VALUE, &entry.value, &message);
        }
    }

    fn audit(&mut self, audit: &yaml::Node) {
        let (fits, message) = match text_of(audit, "type").unwrap_or_default() {
            "not_null" | "unique" => (has(audit, "columns"), "this audit needs `columns`"),
            "accepted_values" => (
                has(audit, "columns") && has(audit, "values"),
                "this audit needs `columns` and `values`",
            ),
            "row_count" => {
                (has(audit, "min") || has(audit, "max"), "this audit needs `min`, `max` or both")
            }
            "custom_sql" => {
                (has(audit, "sql"), "this audit needs `sql`, a query that finds failing rows")
            }
            _ => return,
        };
        if !fits {
            self.missing(audit, "type", message);
        }
    }

    fn targets(&mut self, root: &yaml::Node) {
        let (Some(one), many) = (entry(root, "materialization"), entry(root, "materializations"))
        else {
            return items(root, "materializations").iter().for_each(|target| self.target(target));
        };
        if let Some(many) = many {
            let message =
                "`materialization` and `materializations` stand side by side; keep one of them";
            let problem = Problem::new(codes::CONFLICTING_KEYS, many.key.span, message);
            self.problems.push(problem.with_related(one.key.span, "the other one"));
        }
        match one.value.items() {
            Some(items) => items.iter().for_each(|target| self.target(target)),
            None => self.target(&one.value),
        }
    }

    fn target(&mut self, target: &yaml::Node) {
        let mode = text_of(target, "mode").unwrap_or("full");
        let postgres = text_of(target, "type") == Some("postgresql");
        if postgres && !has(target, "connection") {
            self.missing(
                target,
                "type",
                "a PostgreSQL target needs `connection`, one of the profile's",
            );
        }
        if postgres && !has(target, "table") {
            self.missing(target, "type", "a PostgreSQL target needs `table`, as `schema.table`");
        }
        if postgres && mode == "incremental_by_time" && !has(target, "time_column") {
            self.missing(target, "mode", "this mode needs `time_column`");
        }
        if postgres && mode == "upsert_by_key" && !has(target, "unique_keys") {
            self.missing(target, "mode", "this mode needs `unique_keys`");
        }
        if postgres
            && matches!(mode, "append" | "overwrite")
            && let Some(entry) = entry(target, "mode")
        {
            let message = format!(
                "PostgreSQL has no mode `{mode}`; it has full, incremental_by_time and upsert_by_key"
            );
            self.report(codes::UNKNOWN_VALUE, &entry.value, &message);
        }
    }
}
