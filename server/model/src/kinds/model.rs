//! Trained models and profiles of data.

use crate::table::{Class, Field, Kind, Shape};

const TRAINING: &[Field] = &[
    Field::new(
        "algorithm",
        Shape::OneOf(&[
            "linear_regression",
            "logistic_regression",
            "random_forest",
            "random_forest_regressor",
            "xgboost",
            "xgboost_regressor",
            "svm",
            "svm_regressor",
        ]),
        Class::Data,
        "How the model learns.",
    )
    .needed(),
    Field::new(
        "label_source",
        Shape::Reference,
        Class::Data,
        "The node that holds what is to be learnt.",
    )
    .needed(),
    Field::new("label_column", Shape::Identifier, Class::Data, "The column that is to be learnt.")
        .needed(),
    Field::new("params", Shape::Open(&[]), Class::Data, "What the algorithm is told besides."),
];

pub(super) const MODEL: Kind = Kind {
    name: "model",
    doc: "A model trained on the rows of other nodes.",
    has_rows: false,
    fields: &[
        Field::new(
            "output_columns",
            Shape::Filled(&Shape::Identifier),
            Class::Data,
            "The columns the model gives.",
        )
        .needed(),
        Field::new("training", Shape::Open(TRAINING), Class::Data, "How the model is trained.")
            .needed(),
        Field::new("aggregation", Shape::Any, Class::Data, "Kept by Seeknal for its own hash."),
    ],
};

const PROFILE_PARAMS: &[Field] = &[Field::new(
    "max_top_values",
    Shape::Whole(1),
    Class::Data,
    "How many of the most frequent values are listed.",
)
.or("5")];

const PROFILED: &[Field] = &[
    Field::new(
        "columns",
        Shape::List(&Shape::Identifier),
        Class::Data,
        "The columns that are profiled; all when absent.",
    ),
    Field::new("params", Shape::Open(PROFILE_PARAMS), Class::Data, "How they are profiled."),
];

pub(super) const PROFILE: Kind = Kind {
    name: "profile",
    doc: "Counts, ranges and frequent values of a node's columns.",
    has_rows: true,
    fields: &[Field::new(
        "profile",
        Shape::Open(PROFILED),
        Class::Data,
        "What is profiled, and how.",
    )],
};
