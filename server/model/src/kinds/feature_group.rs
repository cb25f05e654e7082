//! Features of an entity.

use crate::table::{Class, Field, Kind, Shape};

const ENTITY: &[Field] = &[
    Field::new("name", Shape::Identifier, Class::Data, "What the features describe.").needed(),
    Field::new(
        "join_keys",
        Shape::Filled(&Shape::Identifier),
        Class::Data,
        "The columns that tell one from another.",
    )
    .needed(),
    Field::new("description", Shape::Text, Class::Documentation, "What the entity is."),
];

const FEATURE: &[Field] = &[
    Field::new("description", Shape::Text, Class::Documentation, "What the feature tells."),
    Field::new("dtype", Shape::Text, Class::Data, "The type of the feature."),
];

const STORES: &[Field] = &[
    Field::new(
        "event_time_col",
        Shape::Identifier,
        Class::Data,
        "The column that tells when a value held.",
    ),
    Field::new(
        "offline",
        Shape::Either(&[Shape::Flag, Shape::Open(&[])]),
        Class::Target,
        "Whether history is kept.",
    )
    .or("true"),
    Field::new(
        "online",
        Shape::Either(&[Shape::Flag, Shape::Open(&[])]),
        Class::Target,
        "Whether the latest value is served.",
    )
    .or("false"),
    Field::new("enabled", Shape::Flag, Class::Target, "Whether it is written to Iceberg."),
];

pub(super) const FEATURE_GROUP: Kind = Kind {
    name: "feature_group",
    doc: "Features of an entity, kept by time.",
    has_rows: true,
    fields: &[
        Field::new(
            "entity",
            Shape::Either(&[Shape::Identifier, Shape::Open(ENTITY)]),
            Class::Data,
            "What the features describe; a bare name `x` joins on `x_id`.",
        )
        .needed(),
        Field::new(
            "materialization",
            Shape::Open(STORES),
            Class::Target,
            "Where the features are kept.",
        ),
        Field::new(
            "transform",
            Shape::Sql,
            Class::Data,
            "SQL over a table called `source`, the first input.",
        ),
        Field::new(
            "features",
            Shape::Either(&[Shape::MapOf(&Shape::Open(FEATURE)), Shape::List(&Shape::Any)]),
            Class::Data,
            "The features; all columns when absent.",
        ),
        Field::new(
            "engine",
            Shape::OneOf(&["duckdb", "spark"]),
            Class::Data,
            "What computes the features.",
        )
        .or("duckdb"),
        Field::new(
            "feature_start_time",
            Shape::Any,
            Class::Data,
            "The first moment that is written.",
        ),
        Field::new(
            "feature_end_time",
            Shape::Any,
            Class::Data,
            "The moment before which is written.",
        ),
        Field::new("mode", Shape::Text, Class::Target, "How rows meet those that are there.")
            .or("overwrite"),
        Field::new(
            "source",
            Shape::Any,
            Class::Data,
            "A file that is read when there are no inputs.",
        ),
    ],
};
