//! The items of the files in `seeknal/common`.

use crate::table::{Class, Field, Shape};

const ID: Field =
    Field::new("id", Shape::Text, Class::Data, "The name by which `{{ … }}` finds the item.")
        .needed();

/// An item of `sources.yml`.
pub const COMMON_SOURCES: &[Field] = &[
    ID,
    Field::new("ref", Shape::Text, Class::Data, "What `{{ id.ref }}` stands for.").needed(),
    Field::new(
        "params",
        Shape::Open(&[]),
        Class::Data,
        "What `{{ id.param }}` stands for, by name.",
    ),
    Field::new("description", Shape::Text, Class::Documentation, "What the item is for."),
];

/// An item of `rules.yml`.
pub const COMMON_RULES: &[Field] = &[
    ID,
    Field::new("value", Shape::Text, Class::Data, "What `{{ rules.id }}` stands for.").needed(),
    Field::new("description", Shape::Text, Class::Documentation, "What the item is for."),
];

/// An item of `transformations.yml`.
pub const COMMON_TRANSFORMATIONS: &[Field] = &[
    ID,
    Field::new("sql", Shape::Text, Class::Data, "What `{{ transforms.id }}` stands for.").needed(),
    Field::new("description", Shape::Text, Class::Documentation, "What the item is for."),
];
