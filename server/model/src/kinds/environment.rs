//! Environments as files declare them.

use crate::table::{Class, Field, Kind, Shape};

const OPEN: Shape = Shape::Either(&[Shape::Open(&[]), Shape::List(&Shape::Any)]);

/// An environment. It is no node: nothing reads rows from it, and it reads none.
pub const ENVIRONMENT: Kind = Kind {
    name: "environment",
    doc: "An environment that nodes are built in and promoted between.",
    has_rows: false,
    fields: &[
        Field::new("config", Shape::Open(&[]), Class::Target, "What is set in this environment."),
        Field::new("restrictions", OPEN, Class::Check, "What may not be done in it."),
        Field::new("approvals", OPEN, Class::Check, "Who has to agree before it changes."),
    ],
};
