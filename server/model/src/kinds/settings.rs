//! The project file and the profiles.

use crate::table::{Class, Field, Shape};

const D: Class = Class::Data;

/// `seeknal_project.yml`.
pub const PROJECT: &[Field] = &[
    Field::new("name", Shape::Text, D, "The project's name; its folder's when absent."),
    Field::new("version", Shape::Text, D, "The project's own version."),
    Field::new("profile", Shape::Text, D, "The profile that is used.").or("default"),
    Field::new("config-version", Shape::Whole(1), D, "The version of this file's form.").or("1"),
    Field::new(
        "state_backend",
        Shape::OneOf(&["file", "database"]),
        D,
        "Where Seeknal keeps its state.",
    )
    .or("file"),
    Field::new("description", Shape::Text, Class::Documentation, "What the project is for."),
    Field::new(
        "state_dir",
        Shape::Path,
        D,
        "The folder in which this program keeps outputs and history; on the same disk as `target/`.",
    )
    .or(".seeknal/state"),
    Field::new("retention", Shape::Map(RETENTION), D, "What `gc` leaves of what is shown no more."),
];

const RETENTION: &[Field] = &[
    Field::new("operations", Shape::Whole(0), D, "So many of the last states of each environment.")
        .or("10"),
    Field::new("period", Shape::Duration, D, "Every state that was shown within this time.")
        .or("7d"),
    Field::new("grace", Shape::Duration, D, "Anything for so long after its last use.").or("24h"),
];

const CONNECTION: &[Field] = &[
    Field::new("type", Shape::Text, D, "The kind of database.").needed(),
    Field::new("host", Shape::Text, D, "Where it answers.").or("localhost"),
    Field::new("port", Shape::Whole(1), D, "The port on which it answers.").or("5432"),
    Field::new("database", Shape::Text, D, "The database on the server.").or("postgres"),
    Field::new("user", Shape::Text, D, "Who signs in.").or("postgres"),
    Field::new("password", Shape::Text, D, "With which password; best the name of a variable."),
    Field::new("schema", Shape::Text, D, "The schema of tables without one.").or("public"),
    Field::new("sslmode", Shape::Text, D, "How the connection is secured.").or("prefer"),
    Field::new("connect_timeout", Shape::Whole(0), D, "How many seconds signing in may take.")
        .or("10"),
    Field::new("keepalives", Shape::Whole(0), D, "Whether the connection is kept alive.").or("1"),
    Field::new("keepalives_idle", Shape::Whole(0), D, "After how many idle seconds it is tried.")
        .or("30"),
    Field::new("keepalives_interval", Shape::Whole(0), D, "How many seconds between tries.")
        .or("10"),
    Field::new("keepalives_count", Shape::Whole(0), D, "How many tries before it is given up.")
        .or("3"),
];

const CATALOG: &[Field] = &[
    Field::new("type", Shape::Text, D, "The kind of catalog.").or("rest"),
    Field::new("uri", Shape::Text, D, "Where the catalog answers."),
    Field::new("warehouse", Shape::Text, D, "The warehouse in the catalog."),
    Field::new("bearer_token", Shape::Text, D, "What signs in; best the name of a variable."),
    Field::new("verify_tls", Shape::Flag, D, "Whether certificates are checked.").or("true"),
    Field::new("connection_timeout", Shape::Number, D, "How many seconds connecting may take.")
        .or("10"),
    Field::new("request_timeout", Shape::Number, D, "How many seconds an answer may take.")
        .or("30"),
];

const EVOLUTION: &[Field] = &[
    Field::new("mode", Shape::OneOf(&["safe", "auto", "strict"]), D, "How columns may change.")
        .or("safe"),
    Field::new("allow_column_add", Shape::Flag, D, "Whether columns may be added.").or("false"),
    Field::new("allow_column_type_change", Shape::Flag, D, "Whether types may change.").or("false"),
];

const DUCKDB: &[Field] = &[
    Field::new("iceberg_extension", Shape::Flag, D, "Whether the Iceberg extension is loaded.")
        .or("true"),
    Field::new("threads", Shape::Whole(1), D, "How many threads DuckDB takes.").or("4"),
    Field::new("memory_limit", Shape::Text, D, "How much memory DuckDB takes.").or("1GB"),
];

const MATERIALIZATION: &[Field] = &[
    Field::new("enabled", Shape::Flag, D, "Whether nodes are written to Iceberg.").or("false"),
    Field::new("catalog", Shape::Open(CATALOG), D, "The Iceberg catalog."),
    Field::new(
        "default_mode",
        Shape::OneOf(&["append", "overwrite"]),
        D,
        "How rows meet those that are there.",
    )
    .or("append"),
    Field::new("schema_evolution", Shape::Open(EVOLUTION), D, "How columns may change."),
    Field::new("duckdb", Shape::Open(DUCKDB), D, "How DuckDB is set."),
    Field::new("partition_by", Shape::List(&Shape::Text), D, "How tables are partitioned.")
        .or("[]"),
    Field::new("table", Shape::Text, D, "The table that is written."),
];

const STARROCKS: &[Field] = &[
    Field::new("host", Shape::Text, D, "Where it answers.").needed(),
    Field::new("port", Shape::Whole(1), D, "The port on which it answers."),
    Field::new("user", Shape::Text, D, "Who signs in."),
    Field::new("password", Shape::Text, D, "With which password."),
    Field::new("database", Shape::Text, D, "The database on the server."),
];

/// `profiles.yml` and `profiles-<environment>.yml`.
pub const PROFILES: &[Field] = &[
    Field::new(
        "connections",
        Shape::MapOf(&Shape::Open(CONNECTION)),
        D,
        "Databases, by the name that nodes use.",
    ),
    Field::new(
        "source_defaults",
        Shape::MapOf(&Shape::Open(&[])),
        D,
        "Params for every source of a type; no part of what a node is.",
    ),
    Field::new(
        "materialization",
        Shape::Open(MATERIALIZATION),
        D,
        "How nodes are written to Iceberg.",
    ),
    Field::new(
        "starrocks",
        Shape::MapOf(&Shape::Open(STARROCKS)),
        D,
        "StarRocks servers, by name.",
    ),
    Field::new("publish", Shape::Open(&[]), D, "Where reports are published."),
    Field::new(
        "data_folders",
        Shape::List(&Shape::Path),
        Class::Ignored,
        "Folders outside of projects whose data files may be looked into for their columns; it counts in \
         a profile of the user, never in one that lies in a project.",
    ),
    Field::new("target", Shape::Open(&[]), Class::Ignored, "Never looked at by Seeknal."),
];
