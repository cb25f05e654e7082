//! SQL over other nodes.

use crate::table::{Class, Field, Kind, Shape};

pub(super) const TRANSFORM: Kind = Kind {
    name: "transform",
    doc: "A DuckDB query over other nodes; its last SELECT is the node's rows.",
    has_rows: true,
    fields: &[
        Field::new(
            "transform",
            Shape::Sql,
            Class::Data,
            "The query; `ref('kind.name')` reads a node.",
        )
        .needed(),
        Field::new("sql", Shape::Sql, Class::Ignored, "The tutorial's name for `transform`."),
        Field::new("input", Shape::Any, Class::Ignored, "The tutorial's name for `inputs`."),
    ],
};
