//! Sums and counts over time.

use crate::table::{Class, Field, Kind, Shape};

const AGGREGATES: Shape =
    Shape::List(&Shape::OneOf(&["sum", "avg", "mean", "min", "max", "count", "stddev", "std"]));
const ROLLED: Shape = Shape::List(&Shape::OneOf(&["sum", "avg", "mean", "min", "max"]));
const DAYS: Shape = Shape::Filled(&Shape::Whole(0));

const ROLLING: &[Field] = &[
    Field::new("window", DAYS, Class::Data, "The numbers of days that are looked back.").needed(),
    Field::new("aggs", ROLLED, Class::Data, "What is computed over each window.").needed(),
];
const RATIO: &[Field] = &[
    Field::new("numerator", DAYS, Class::Data, "The days above the line.").needed(),
    Field::new("denominator", DAYS, Class::Data, "The days below the line.").needed(),
    Field::new("aggs", ROLLED, Class::Data, "What is computed over the days.").or("[sum]"),
];
const SINCE: &[Field] = &[
    Field::new("condition", Shape::Expression, Class::Data, "Which rows count.").needed(),
    Field::new(
        "aggs",
        Shape::Either(&[
            Shape::OneOf(&["count", "sum"]),
            Shape::List(&Shape::OneOf(&["count", "sum"])),
        ]),
        Class::Data,
        "What is computed over them.",
    ),
];
/// Seeknal reads lists of these, and its documentation shows single ones.
const RATIOS: Shape = Shape::Either(&[Shape::Open(RATIO), Shape::List(&Shape::Open(RATIO))]);
const SINCES: Shape = Shape::Either(&[Shape::Open(SINCE), Shape::List(&Shape::Open(SINCE))]);
const FEATURE: &[Field] = &[
    Field::new("name", Shape::Identifier, Class::Data, "How the output columns begin.").needed(),
    Field::new(
        "column",
        Shape::Identifier,
        Class::Data,
        "The column that is aggregated; the name when absent.",
    ),
    Field::new("basic", AGGREGATES, Class::Data, "What is computed over all rows."),
    Field::new(
        "rolling",
        Shape::List(&Shape::Open(ROLLING)),
        Class::Data,
        "What is computed over windows of days.",
    ),
    Field::new("ratio", RATIOS, Class::Data, "One window over another."),
    Field::new("since", SINCES, Class::Data, "What is computed over rows that meet a condition."),
];
const SPEC: &[Field] = &[
    Field::new(
        "basic",
        Shape::Either(&[Shape::Text, Shape::List(&Shape::Text)]),
        Class::Data,
        "What is computed.",
    ),
    Field::new("window", DAYS, Class::Data, "The first and last day that count."),
    Field::new("ratio", Shape::Open(RATIO), Class::Data, "One span of days over another."),
    Field::new(
        "since",
        Shape::Open(SINCE),
        Class::Data,
        "What is computed over rows that meet a condition.",
    ),
    Field::new(
        "source_feature",
        Shape::Identifier,
        Class::Data,
        "The column that is aggregated; the key when absent.",
    ),
    Field::new("percentile", Shape::Any, Class::Ignored, "Accepted by Seeknal and never computed."),
    Field::new("delta", Shape::Any, Class::Ignored, "Accepted by Seeknal and never computed."),
];

const ID: Field =
    Field::new("id_col", Shape::Identifier, Class::Data, "The column that tells one from another.")
        .needed();
const FEATURE_DATE: Field = Field::new(
    "feature_date_col",
    Shape::Identifier,
    Class::Data,
    "The column that tells when a row is from.",
)
.needed();
const APPLICATION_DATE: Field = Field::new(
    "application_date_col",
    Shape::Identifier,
    Class::Data,
    "The column that days are counted back from.",
)
.needed();

pub(super) const AGGREGATION: Kind = Kind {
    name: "aggregation",
    doc: "Sums, counts and the like of an entity over windows of days.",
    has_rows: true,
    fields: &[
        ID,
        FEATURE_DATE,
        APPLICATION_DATE,
        Field::new(
            "features",
            Shape::Filled(&Shape::Open(FEATURE)),
            Class::Data,
            "What is computed.",
        )
        .needed(),
        Field::new("source", Shape::Reference, Class::Data, "The node that is aggregated."),
        Field::new(
            "group_by",
            Shape::List(&Shape::Identifier),
            Class::Data,
            "Further columns to group by.",
        ),
    ],
};

pub(super) const SECOND_ORDER_AGGREGATION: Kind = Kind {
    name: "second_order_aggregation",
    doc: "Aggregates of aggregates, by days between two dates.",
    has_rows: true,
    fields: &[
        ID,
        FEATURE_DATE,
        APPLICATION_DATE,
        Field::new("source", Shape::Reference, Class::Data, "The node that is aggregated.")
            .needed(),
        Field::new(
            "features",
            Shape::MapOf(&Shape::Open(SPEC)),
            Class::Data,
            "What is computed, by name.",
        )
        .needed(),
    ],
};
