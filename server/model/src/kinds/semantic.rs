//! Words for questions about data.

use crate::table::{Class, Field, Kind, Shape};

const ENTITY: &[Field] = &[
    Field::new("name", Shape::Identifier, Class::Data, "The entity's column.").needed(),
    Field::new(
        "type",
        Shape::OneOf(&["primary", "foreign", "unique"]),
        Class::Data,
        "How the column tells rows apart.",
    )
    .or("primary"),
    Field::new("expr", Shape::Expression, Class::Data, "The expression when it is not the name."),
];
const DIMENSION: &[Field] = &[
    Field::new("name", Shape::Identifier, Class::Data, "What questions call it.").needed(),
    Field::new(
        "type",
        Shape::OneOf(&["time", "categorical", "number", "boolean", "string"]),
        Class::Data,
        "What values it has.",
    )
    .or("categorical"),
    Field::new("expr", Shape::Expression, Class::Data, "The expression when it is not the name."),
    Field::new(
        "time_granularity",
        Shape::OneOf(&["day", "week", "month", "quarter", "year"]),
        Class::Data,
        "How finely time is told.",
    ),
    Field::new("description", Shape::Text, Class::Documentation, "What it tells."),
];
const FILTER: &[Field] =
    &[Field::new("sql", Shape::Expression, Class::Data, "Which rows count.").needed()];
const MEASURE: &[Field] = &[
    Field::new("name", Shape::Identifier, Class::Data, "What questions call it.").needed(),
    Field::new("expr", Shape::Expression, Class::Data, "The expression when it is not the name."),
    Field::new(
        "agg",
        Shape::OneOf(&["sum", "count", "count_distinct", "average", "avg", "min", "max"]),
        Class::Data,
        "How values are brought together.",
    )
    .or("sum"),
    Field::new(
        "filters",
        Shape::List(&Shape::Either(&[Shape::Expression, Shape::Open(FILTER)])),
        Class::Data,
        "Which rows count.",
    ),
    Field::new("aliases", Shape::List(&Shape::Text), Class::Documentation, "Other words for it."),
    Field::new("description", Shape::Text, Class::Documentation, "What it tells."),
];
const JOIN: &[Field] = &[
    Field::new("name", Shape::Text, Class::Data, "The other semantic model.").needed(),
    Field::new(
        "relationship",
        Shape::OneOf(&["one_to_one", "one_to_many", "many_to_one"]),
        Class::Data,
        "How many rows meet how many.",
    )
    .or("many_to_one"),
    Field::new("sql", Shape::Expression, Class::Data, "How rows meet.").needed(),
];

const METRIC_INPUT: &[Field] = &[
    Field::new("metric", Shape::Text, Class::Data, "The metric that is used.").needed(),
    Field::new("alias", Shape::Identifier, Class::Data, "What the expression calls it."),
    Field::new("offset", Shape::Any, Class::Data, "How far back it is taken."),
];

const METRIC_FIELDS: &[Field] = &[
    Field::new("name", Shape::Identifier, Class::Data, "What questions call it.").needed(),
    Field::new(
        "type",
        Shape::OneOf(&["simple", "ratio", "cumulative", "derived"]),
        Class::Data,
        "How it is computed.",
    )
    .needed(),
    Field::new("measure", Shape::Text, Class::Data, "The measure it is made of."),
    Field::new("filter", Shape::Expression, Class::Data, "Which rows count."),
    Field::new("numerator", Shape::Text, Class::Data, "The measure above the line."),
    Field::new("denominator", Shape::Text, Class::Data, "The measure below the line."),
    Field::new(
        "grain_to_date",
        Shape::Text,
        Class::Data,
        "Since the start of which period it adds up.",
    ),
    Field::new("expr", Shape::Expression, Class::Data, "The expression over other metrics."),
    Field::new(
        "inputs",
        Shape::List(&Shape::Open(METRIC_INPUT)),
        Class::Data,
        "The metrics that the expression uses.",
    ),
    Field::new("description", Shape::Text, Class::Documentation, "What it tells."),
];

pub(super) const SEMANTIC_MODEL: Kind = Kind {
    name: "semantic_model",
    doc: "Words for questions about a node: entities, dimensions and measures.",
    has_rows: false,
    fields: &[
        Field::new(
            "model",
            Shape::RefCall,
            Class::Data,
            "The node that is asked, as `ref('kind.name')`.",
        )
        .needed(),
        Field::new(
            "entities",
            Shape::List(&Shape::Open(ENTITY)),
            Class::Data,
            "What rows are about.",
        ),
        Field::new(
            "dimensions",
            Shape::List(&Shape::Open(DIMENSION)),
            Class::Data,
            "By what rows are told apart.",
        ),
        Field::new(
            "measures",
            Shape::List(&Shape::Open(MEASURE)),
            Class::Data,
            "What is added up.",
        ),
        Field::new(
            "joins",
            Shape::List(&Shape::Open(JOIN)),
            Class::Data,
            "Other semantic models that rows meet.",
        ),
        Field::new(
            "metrics",
            Shape::List(&Shape::Open(METRIC_FIELDS)),
            Class::Data,
            "Metrics over the measures.",
        ),
        Field::new(
            "default_time_dimension",
            Shape::Identifier,
            Class::Data,
            "The time dimension that questions mean.",
        ),
    ],
};

pub(super) const METRIC: Kind = Kind {
    name: "metric",
    doc: "A number that is asked for by name.",
    has_rows: false,
    fields: METRIC_FIELDS,
};
