//! Every kind of node there is.

mod aggregations;
mod common;
mod common_config;
mod environment;
mod exposure;
mod feature_group;
mod model;
mod rule;
mod semantic;
mod settings;
mod source;
mod transform;

pub use common::COMMON;
pub use common_config::{COMMON_RULES, COMMON_SOURCES, COMMON_TRANSFORMATIONS};
pub use environment::ENVIRONMENT;
pub use settings::{PROFILES, PROJECT};

use crate::table::{Field, Kind};

/// The kinds in the order in which data flows.
pub const ALL: &[Kind] = &[
    source::SOURCE,
    transform::TRANSFORM,
    feature_group::FEATURE_GROUP,
    aggregations::AGGREGATION,
    aggregations::SECOND_ORDER_AGGREGATION,
    model::MODEL,
    model::PROFILE,
    rule::RULE,
    exposure::EXPOSURE,
    semantic::SEMANTIC_MODEL,
    semantic::METRIC,
];

/// The kind of a name.
pub fn find(name: &str) -> Option<&'static Kind> {
    ALL.iter().find(|kind| kind.name == name)
}

/// Every key of a kind: its own, and those that all kinds have. An own key hides a common one of
/// the same name.
pub fn fields(kind: &'static Kind) -> impl Iterator<Item = &'static Field> {
    let own = |name: &str| kind.fields.iter().any(|field| field.name == name);
    kind.fields.iter().chain(COMMON.iter().filter(move |field| !own(field.name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Shape;
    use std::collections::BTreeSet;

    fn check(fields: &[Field], place: &str) {
        let names: BTreeSet<&str> = fields.iter().map(|field| field.name).collect();
        assert_eq!(names.len(), fields.len(), "{place} has a key twice");
        for field in fields {
            let place = format!("{place}.{}", field.name);
            assert!(field.doc.ends_with('.'), "{place} is explained in a sentence");
            assert!(!(field.required && field.default.is_some()), "{place} is needed or defaulted");
            shape(field.shape, &place);
        }
    }

    fn shape(of: Shape, place: &str) {
        match of {
            Shape::Map(fields) | Shape::Open(fields) => check(fields, place),
            Shape::List(inner) | Shape::Filled(inner) | Shape::MapOf(inner) => shape(*inner, place),
            Shape::Either(shapes) => shapes.iter().for_each(|one| shape(*one, place)),
            Shape::OneOf(words) => assert!(!words.is_empty(), "{place}"),
            _ => {}
        }
    }

    #[test]
    fn the_tables_are_sound() {
        check(COMMON, "common");
        check(PROJECT, "project");
        check(PROFILES, "profiles");
        check(COMMON_SOURCES, "common sources");
        check(COMMON_RULES, "common rules");
        check(COMMON_TRANSFORMATIONS, "common transformations");
        for kind in ALL.iter().chain([&ENVIRONMENT]) {
            check(kind.fields, kind.name);
            assert!(kind.doc.ends_with('.'), "{}", kind.name);
        }
    }

    #[test]
    fn the_kinds_are_those_that_seeknal_knows() {
        let names: BTreeSet<&str> = ALL.iter().map(|kind| kind.name).collect();
        let known = "source transform feature_group model aggregation second_order_aggregation \
                     profile rule exposure semantic_model metric";
        assert_eq!(names, known.split_whitespace().collect());
    }
}
