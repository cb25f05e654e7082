//! What leaves the project.

use crate::table::{Class, Field, Kind, Shape};

const PARAMS: &[Field] = &[
    Field::new("path", Shape::Path, Class::Target, "The file that is written."),
    Field::new(
        "format",
        Shape::OneOf(&["csv", "parquet", "json", "jsonl"]),
        Class::Target,
        "How the file is written.",
    )
    .or("csv"),
    Field::new("url", Shape::Text, Class::Target, "Where rows are posted to."),
    Field::new("table", Shape::Text, Class::Target, "The table that is written."),
    Field::new("mv_name", Shape::Text, Class::Target, "The materialized view that is made."),
    Field::new("query", Shape::Expression, Class::Target, "The query of the materialized view."),
    Field::new("refresh", Shape::Text, Class::Target, "How the view is refreshed.").or("MANUAL"),
    Field::new(
        "channel",
        Shape::OneOf(&["webhook", "slack", "email"]),
        Class::Target,
        "Whom a notification reaches.",
    )
    .or("webhook"),
    Field::new("timeout", Shape::Whole(1), Class::Target, "How many seconds an answer may take.")
        .or("30"),
    Field::new("compression", Shape::Any, Class::Ignored, "Never looked at by Seeknal."),
    Field::new("partition_by", Shape::Any, Class::Ignored, "Never looked at by Seeknal."),
];

pub(super) const EXPOSURE: Kind = Kind {
    name: "exposure",
    doc: "What leaves the project: a file, a call, a notification.",
    has_rows: false,
    fields: &[
        Field::new(
            "type",
            Shape::OneOf(&[
                "file",
                "api",
                "database",
                "notification",
                "starrocks_materialized_view",
                "report",
            ]),
            Class::Target,
            "How it leaves.",
        )
        .needed(),
        Field::new("url", Shape::Text, Class::Target, "Where rows are posted to."),
        Field::new("headers", Shape::Open(&[]), Class::Target, "What is sent along."),
        Field::new("auth", Shape::Any, Class::Target, "How the call signs in."),
        Field::new("params", Shape::Open(PARAMS), Class::Target, "Where to and how."),
    ],
};
