//! What is asserted of another node's rows.

use crate::table::{Class, Field, Kind, Shape};

const CHECK: &[Field] = &[
    Field::new("metric", Shape::Text, Class::Check, "The metric of a profile.").needed(),
    Field::new("column", Shape::Text, Class::Check, "The column that is measured.").or("_table_"),
    Field::new("warn", Shape::Text, Class::Check, "When to warn, such as `> 0.1`."),
    Field::new("fail", Shape::Text, Class::Check, "When to fail, such as `> 0.5`."),
];

const RULE_PARAMS: &[Field] = &[
    Field::new(
        "max_null_percentage",
        Shape::Number,
        Class::Check,
        "The fraction of rows that may be null.",
    )
    .or("0.0"),
    Field::new(
        "max_duplicate_percentage",
        Shape::Number,
        Class::Ignored,
        "Never looked at by Seeknal.",
    ),
    Field::new("min_val", Shape::Number, Class::Check, "The least value that may occur."),
    Field::new("max_val", Shape::Number, Class::Check, "The greatest value that may occur."),
    Field::new("max_age", Shape::Duration, Class::Check, "How old a row may be."),
];

const RULE_ITEM: &[Field] = &[
    Field::new(
        "type",
        Shape::OneOf(&[
            "null",
            "range",
            "uniqueness",
            "freshness",
            "sql_assertion",
            "profile_check",
            "custom",
        ]),
        Class::Check,
        "What is asserted.",
    )
    .needed(),
    Field::new(
        "columns",
        Shape::Filled(&Shape::Identifier),
        Class::Check,
        "The columns it is asserted of.",
    ),
    Field::new("column", Shape::Identifier, Class::Check, "The column it is asserted of."),
    Field::new("sql", Shape::Expression, Class::Check, "A query that finds failing rows."),
    Field::new(
        "checks",
        Shape::Filled(&Shape::Open(CHECK)),
        Class::Check,
        "Thresholds on the metrics of a profile.",
    ),
    Field::new("params", Shape::Open(RULE_PARAMS), Class::Check, "The bounds of what is asserted."),
    Field::new(
        "value",
        Shape::Any,
        Class::Ignored,
        "Written in the documentation and refused at run.",
    ),
];

const PARAMS: &[Field] = &[
    Field::new(
        "severity",
        Shape::OneOf(&["error", "warn"]),
        Class::Check,
        "Whether a failure stops.",
    )
    .or("error"),
    Field::new("error_message", Shape::Text, Class::Check, "What is said when it fails."),
];

pub(super) const RULE: Kind = Kind {
    name: "rule",
    doc: "What is asserted of the rows of another node.",
    has_rows: false,
    fields: &[
        Field::new(
            "rule",
            Shape::Either(&[Shape::Open(RULE_ITEM), Shape::Filled(&Shape::Open(RULE_ITEM))]),
            Class::Check,
            "What is asserted, or a list of it.",
        )
        .needed(),
        Field::new("params", Shape::Open(PARAMS), Class::Check, "How a failure is taken."),
    ],
};
