//! Writes a made-up project: the same one for the same size and seed, with data that runs.
//!
//! Every data node carries the keys `id`, `customer_id`, `happened_on` and `amount` and up to
//! sixteen columns more, so any node can read any earlier one. Inputs are mostly taken from nodes
//! made shortly before, which gives chains deeper than a handful.

mod chance;
mod sql;

use crate::Failure;
use chance::Chance;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// How many nodes in all.
    pub nodes: usize,
    /// The start of the sequence of chances.
    pub seed: u64,
}

/// One file of a project, its path relative to the project's root.
pub struct File {
    /// Where it goes, with `/` between folders.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// A data node that later nodes may read.
struct Made {
    id: String,
    columns: Vec<Column>,
    depth: usize,
}

#[derive(Clone)]
struct Column {
    name: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Whole,
    Decimal,
    Text,
    Date,
}

const DEPTH_MAX: usize = 12;
const KEYS: [(&str, Kind); 4] = [
    ("id", Kind::Whole),
    ("customer_id", Kind::Whole),
    ("happened_on", Kind::Date),
    ("amount", Kind::Decimal),
];
const THINGS: [&str; 10] = [
    "orders",
    "customers",
    "payments",
    "visits",
    "returns",
    "shipments",
    "baskets",
    "reviews",
    "coupons",
    "stock",
];
const ATTRIBUTES: [(&str, Kind); 16] = [
    ("status", Kind::Text),
    ("quantity", Kind::Whole),
    ("discount", Kind::Decimal),
    ("channel", Kind::Text),
    ("country", Kind::Text),
    ("paid_on", Kind::Date),
    ("tax", Kind::Decimal),
    ("score", Kind::Whole),
    ("currency", Kind::Text),
    ("weight", Kind::Decimal),
    ("segment", Kind::Text),
    ("attempts", Kind::Whole),
    ("shipped_on", Kind::Date),
    ("carrier", Kind::Text),
    ("fee", Kind::Decimal),
    ("rating", Kind::Whole),
];

/// Makes the project's files and writes them below `folder`, which must be empty or absent.
pub fn write(size: &Size, folder: &Path) -> Result<usize, Failure> {
    let taken = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if taken {
        return Err(format!("{} is not empty; name a new folder", folder.display()));
    }
    let files = project(size);
    for file in &files {
        let path = folder.join(&file.path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(|error| format!("{}: {error}", parent.display()))?;
        fs::write(&path, &file.text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(files.len())
}

/// The files of the project, in the order in which its nodes depend on each other.
pub fn project(size: &Size) -> Vec<File> {
    let mut maker = Maker { chance: Chance::new(size.seed), made: Vec::new(), files: Vec::new() };
    maker.file(
        "seeknal_project.yml".to_owned(),
        format!("name: generated_{}\nversion: \"1.0.0\"\nprofile: default\n", size.seed),
    );
    let sources = (size.nodes / 10).max(1).min(size.nodes);
    for number in 0..sources {
        maker.source(number);
    }
    for number in sources..size.nodes {
        match maker.chance.below(100) {
            0..70 => maker.transform(number),
            70..78 => maker.rule(number),
            78..86 => maker.feature_group(number),
            86..92 => maker.aggregation(number),
            92..96 => maker.exposure(number),
            _ => maker.semantic_model(number),
        }
    }
    maker.files
}

struct Maker {
    chance: Chance,
    made: Vec<Made>,
    files: Vec<File>,
}

impl Maker {
    fn file(&mut self, path: String, text: String) {
        self.files.push(File { path, text });
    }

    fn source(&mut self, number: usize) {
        let name = format!("raw_{}_{number}", self.chance.pick(&THINGS));
        let mut columns: Vec<Column> =
            KEYS.iter().map(|&(name, kind)| column(name, kind)).collect();
        let start = self.chance.below(ATTRIBUTES.len());
        for offset in 0..1 + self.chance.below(ATTRIBUTES.len()) {
            let (name, kind) = ATTRIBUTES[(start + offset) % ATTRIBUTES.len()];
            columns.push(column(name, kind));
        }
        let rows = 20 + self.chance.below(20);
        let data = self.csv(&columns, rows);
        self.file(format!("data/{name}.csv"), data);
        let text = format!(
            "kind: source\nname: {name}\ndescription: Rows as the shop delivers them.\n\
             source: csv\ntable: data/{name}.csv\nparams:\n  header: true\n"
        );
        self.file(format!("seeknal/sources/{name}.yml"), text);
        self.made.push(Made { id: format!("source.{name}"), columns, depth: 0 });
    }

    fn csv(&mut self, columns: &[Column], rows: usize) -> String {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let mut text = names.join(",");
        text.push('\n');
        for row in 0..rows {
            let cells: Vec<String> =
                columns.iter().map(|column| self.cell(&column.name, column.kind, row)).collect();
            text.push_str(&cells.join(","));
            text.push('\n');
        }
        text
    }

    fn cell(&mut self, name: &str, kind: Kind, row: usize) -> String {
        match kind {
            Kind::Whole if name == "id" => (row + 1).to_string(),
            Kind::Whole => (1 + self.chance.below(9)).to_string(),
            Kind::Decimal => {
                format!("{}.{:02}", self.chance.below(500), self.chance.below(100))
            }
            Kind::Text => self.chance.pick(&["new", "open", "paid", "sent", "done"]).to_string(),
            Kind::Date => {
                let (month, day) = (1 + self.chance.below(12), 1 + self.chance.below(28));
                format!("2026-{month:02}-{day:02}")
            }
        }
    }

    /// An earlier data node, mostly a recent one, never one that would make the chain too deep.
    fn input(&mut self) -> usize {
        let count = self.made.len();
        let near = self.chance.below(count.min(40)) + 1;
        let far = self.chance.below(count);
        let at = if self.chance.below(4) == 0 { far } else { count - near };
        if self.made[at].depth < DEPTH_MAX { at } else { far % (count / 10).max(1) }
    }

    fn transform(&mut self, number: usize) {
        let (left, right) = (self.input(), self.input());
        let name = format!("{}_step_{number}", self.chance.pick(&THINGS));
        let step = sql::step(&mut self.chance, &self.made[left], &self.made[right]);
        let mut inputs = vec![self.made[left].id.clone()];
        let mut depth = self.made[left].depth;
        if step.reads_right && left != right {
            inputs.push(self.made[right].id.clone());
            depth = depth.max(self.made[right].depth);
        }
        let style = self.chance.pick(&["|", "|", "|", "|-", ">-"]);
        let mut text = format!(
            "kind: transform\nname: {name}\ndescription: Step {number} of the made-up shop.\n\
             owner: data\ntags: [generated]\ninputs:\n"
        );
        for input in &inputs {
            let _ = writeln!(text, "  - ref: {input}");
        }
        let _ = writeln!(text, "transform: {style}");
        for line in step.sql.lines() {
            let _ = writeln!(text, "  {line}");
        }
        self.file(format!("seeknal/transforms/{name}.yml"), text);
        let id = format!("transform.{name}");
        self.made.push(Made { id, columns: step.columns, depth: depth + 1 });
    }

    fn rule(&mut self, number: usize) {
        let input = self.input();
        let id = &self.made[input].id;
        let text = format!(
            "kind: rule\nname: check_{number}\ninputs:\n  - ref: {id}\nrule:\n  \
             - type: \"null\"\n    columns: [id]\n  - type: range\n    column: amount\n    \
             params:\n      min_val: -1000000\nparams:\n  severity: warn\n"
        );
        self.file(format!("seeknal/rules/check_{number}.yml"), text);
    }

    fn feature_group(&mut self, number: usize) {
        let input = self.input();
        let id = &self.made[input].id;
        let text = format!(
            "kind: feature_group\nname: features_{number}\nentity:\n  name: customer\n  \
             join_keys: [customer_id]\nmaterialization:\n  event_time_col: happened_on\n  \
             offline: true\n  online: false\ninputs:\n  - ref: {id}\nfeatures:\n  amount:\n    \
             description: Money moved.\n    dtype: double\n"
        );
        self.file(format!("seeknal/feature_groups/features_{number}.yml"), text);
    }

    fn aggregation(&mut self, number: usize) {
        let input = self.input();
        let id = &self.made[input].id;
        let text = format!(
            "kind: aggregation\nname: totals_{number}\nid_col: customer_id\n\
             feature_date_col: happened_on\napplication_date_col: happened_on\nsource: {id}\n\
             inputs:\n  - ref: {id}\nfeatures:\n  - name: amount\n    column: amount\n    \
             basic: [sum, count]\n    rolling:\n      - window: [7, 30]\n        aggs: [sum]\n"
        );
        self.file(format!("seeknal/aggregations/totals_{number}.yml"), text);
    }

    fn exposure(&mut self, number: usize) {
        let input = self.input();
        let id = &self.made[input].id;
        let text = format!(
            "kind: exposure\nname: report_{number}\ntype: file\ninputs:\n  - ref: {id}\nparams:\n  \
             path: target/exports/report_{number}.csv\n  format: csv\n"
        );
        self.file(format!("seeknal/exposures/report_{number}.yml"), text);
    }

    fn semantic_model(&mut self, number: usize) {
        let input = self.input();
        let id = &self.made[input].id;
        let text = format!(
            "kind: semantic_model\nname: model_{number}\nmodel: ref('{id}')\nentities:\n  \
             - name: customer_id\n    type: primary\ndimensions:\n  - name: happened_on\n    \
             type: time\n    time_granularity: day\nmeasures:\n  - name: revenue\n    \
             expr: amount\n    agg: sum\ndefault_time_dimension: happened_on\n"
        );
        self.file(format!("seeknal/semantic_models/model_{number}.yml"), text);
    }
}

fn column(name: &str, kind: Kind) -> Column {
    Column { name: name.to_owned(), kind }
}
