//! Data from outside.

use crate::table::{Class, Field, Kind, Shape};

const PARAMS: &[Field] = &[
    Field::new("delimiter", Shape::Text, Class::Data, "What stands between cells of a CSV file."),
    Field::new("delim", Shape::Text, Class::Data, "What stands between cells of a CSV file."),
    Field::new(
        "header",
        Shape::Flag,
        Class::Data,
        "Whether the first line of a CSV file names the columns.",
    ),
    Field::new(
        "skip",
        Shape::Whole(0),
        Class::Data,
        "How many lines of a CSV file are passed over.",
    ),
    Field::new(
        "format",
        Shape::OneOf(&["auto", "newline", "array"]),
        Class::Data,
        "How a JSON file is laid out.",
    ),
    Field::new("sheet_name", Shape::Text, Class::Data, "The sheet of an Excel file."),
    Field::new("path", Shape::Path, Class::Data, "The file of a SQLite database."),
    Field::new("table", Shape::Text, Class::Data, "The table of a SQLite database."),
    Field::new("schema", Shape::Text, Class::Data, "The schema of the table."),
    Field::new("connection", Shape::Text, Class::Data, "A connection of the profile."),
    Field::new("host", Shape::Text, Class::Data, "Where the database answers."),
    Field::new("port", Shape::Whole(1), Class::Data, "The port on which it answers."),
    Field::new("database", Shape::Text, Class::Data, "The database on the server."),
    Field::new("user", Shape::Text, Class::Data, "Who signs in."),
    Field::new(
        "password",
        Shape::Secret,
        Class::Data,
        "With which password; name a variable, never the password.",
    ),
    Field::new("sslmode", Shape::Text, Class::Data, "How the connection is secured."),
    Field::new(
        "connect_timeout",
        Shape::Whole(0),
        Class::Data,
        "How many seconds signing in may take.",
    ),
    Field::new(
        "query",
        Shape::Expression,
        Class::Data,
        "A query that the database answers instead of a whole table.",
    ),
    Field::new("catalog_uri", Shape::Text, Class::Data, "Where the Iceberg catalog answers."),
    Field::new("warehouse", Shape::Text, Class::Data, "The warehouse in the Iceberg catalog."),
];

pub(super) const SOURCE: Kind = Kind {
    name: "source",
    doc: "Data from outside: a file or a table that the project reads and never writes.",
    has_rows: true,
    fields: &[
        Field::new(
            "source",
            Shape::OneOf(&[
                "csv",
                "parquet",
                "json",
                "jsonl",
                "excel",
                "sqlite",
                "postgresql",
                "postgres",
                "hive",
                "starrocks",
                "iceberg",
                "bigquery",
                "snowflake",
                "redshift",
            ]),
            Class::Data,
            "What kind of data it is.",
        )
        .needed(),
        Field::new("table", Shape::Path, Class::Data, "The file, or the table in the database."),
        Field::new("params", Shape::Open(PARAMS), Class::Data, "How the data is read."),
    ],
};
