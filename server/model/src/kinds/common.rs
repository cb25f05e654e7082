//! Keys that every kind has.

use crate::table::{Class, Field, Shape};

const INPUT: &[Field] =
    &[Field::new("ref", Shape::Reference, Class::Data, "The node that is read, as `kind.name`.")
        .needed()];

const INPUTS: Shape = Shape::List(&Shape::Map(INPUT));

const COLUMN: &[Field] = &[
    Field::new("description", Shape::Text, Class::Documentation, "What the column holds."),
    Field::new("dtype", Shape::Text, Class::Data, "The type of the column."),
    Field::new("type", Shape::Text, Class::Data, "The type of the column."),
];

/// Where a node's rows are written to besides the project's own state.
pub(super) const TARGET: &[Field] = &[
    Field::new(
        "type",
        Shape::OneOf(&["iceberg", "postgresql"]),
        Class::Target,
        "The kind of database that is written to.",
    )
    .or("iceberg"),
    Field::new("enabled", Shape::Flag, Class::Target, "Whether it is written at all."),
    Field::new("connection", Shape::Text, Class::Target, "A connection of the profile."),
    Field::new("table", Shape::Text, Class::Target, "The table that is written."),
    Field::new(
        "mode",
        Shape::OneOf(&["append", "overwrite", "full", "incremental_by_time", "upsert_by_key"]),
        Class::Target,
        "How the rows meet those that are there.",
    ),
    Field::new(
        "time_column",
        Shape::Identifier,
        Class::Target,
        "The column that tells when a row is from.",
    ),
    Field::new("lookback", Shape::Whole(0), Class::Target, "How many days are written anew.")
        .or("0"),
    Field::new(
        "unique_keys",
        Shape::Filled(&Shape::Identifier),
        Class::Target,
        "The columns by which a row is found again.",
    ),
    Field::new("create_table", Shape::Flag, Class::Target, "Whether a missing table is made.")
        .or("true"),
    Field::new(
        "cascade",
        Shape::Flag,
        Class::Target,
        "Whether what depends on the table is dropped too.",
    )
    .or("false"),
    Field::new("catalog_uri", Shape::Text, Class::Target, "Where the Iceberg catalog answers."),
    Field::new("warehouse", Shape::Text, Class::Target, "The warehouse in the Iceberg catalog."),
    Field::new(
        "partition_by",
        Shape::List(&Shape::Text),
        Class::Target,
        "How the table is partitioned.",
    ),
];

const AUDIT: &[Field] = &[
    Field::new(
        "type",
        Shape::OneOf(&["not_null", "unique", "accepted_values", "row_count", "custom_sql"]),
        Class::Check,
        "What is asserted of the rows.",
    )
    .needed(),
    Field::new(
        "severity",
        Shape::OneOf(&["error", "warn"]),
        Class::Check,
        "Whether a failure stops.",
    )
    .or("error"),
    Field::new(
        "columns",
        Shape::Filled(&Shape::Identifier),
        Class::Check,
        "The columns it is asserted of.",
    ),
    Field::new("values", Shape::List(&Shape::Any), Class::Check, "The values that may occur."),
    Field::new("min", Shape::Whole(0), Class::Check, "The least number of rows."),
    Field::new("max", Shape::Whole(0), Class::Check, "The greatest number of rows."),
    Field::new(
        "sql",
        Shape::Expression,
        Class::Check,
        "A query that finds failing rows; `__THIS__` is the node.",
    ),
];

const FRESHNESS: &[Field] = &[
    Field::new(
        "time_column",
        Shape::Identifier,
        Class::Data,
        "The column that tells how far the data reaches.",
    ),
    Field::new("warn_after", Shape::Any, Class::Ignored, "Never looked at by Seeknal."),
    Field::new("error_after", Shape::Any, Class::Ignored, "Never looked at by Seeknal."),
];

/// The keys that every kind has.
pub const COMMON: &[Field] = &[
    Field::new("kind", Shape::Text, Class::Data, "What kind of node this is.").needed(),
    Field::new(
        "name",
        Shape::Identifier,
        Class::Data,
        "The node's name; `kind.name` is how others read it.",
    )
    .needed(),
    Field::new("description", Shape::Text, Class::Documentation, "What the node is for."),
    Field::new("owner", Shape::Text, Class::Documentation, "Who answers for the node."),
    Field::new(
        "tags",
        Shape::List(&Shape::Text),
        Class::Documentation,
        "Words by which nodes are chosen.",
    )
    .or("[]"),
    Field::new(
        "inputs",
        INPUTS,
        Class::Data,
        "The nodes that are read, in the order of `input_0`, `input_1`.",
    ),
    Field::new(
        "depends_on",
        INPUTS,
        Class::Data,
        "The nodes that are read, where there are no `inputs`.",
    ),
    Field::new(
        "params",
        Shape::Open(&[]),
        Class::Data,
        "Values for `{{ … }}` and for the kind's own reader.",
    ),
    Field::new(
        "columns",
        Shape::MapOf(&Shape::Either(&[Shape::Text, Shape::Open(COLUMN)])),
        Class::Data,
        "The columns with their types; checked against what the node yields.",
    ),
    Field::new(
        "materialization",
        Shape::Either(&[Shape::Open(TARGET), Shape::List(&Shape::Open(TARGET))]),
        Class::Target,
        "A database that the rows are written to besides.",
    ),
    Field::new(
        "materializations",
        Shape::List(&Shape::Open(TARGET)),
        Class::Target,
        "Databases that the rows are written to besides.",
    ),
    Field::new(
        "audits",
        Shape::List(&Shape::Open(AUDIT)),
        Class::Check,
        "What is asserted of the node's rows.",
    )
    .or("[]"),
    Field::new(
        "freshness",
        Shape::Open(FRESHNESS),
        Class::Data,
        "How far the data is expected to reach.",
    ),
    Field::new("schema", Shape::Any, Class::Ignored, "Read only when Seeknal applies a draft."),
    Field::new("tests", Shape::Any, Class::Ignored, "Never looked at by Seeknal."),
    Field::new("schedule", Shape::Any, Class::Ignored, "Kept by Seeknal and never acted on."),
    Field::new("output", Shape::Any, Class::Ignored, "Never looked at by Seeknal."),
];
