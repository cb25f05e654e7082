//! The tables as texts for people: the page of all kinds, and what one key means.

use crate::kinds::{self, COMMON};
use crate::table::{Class, Field, Shape};
use std::fmt::Write as _;

/// What a key means, as a hover shows it.
pub fn explain(field: &Field) -> String {
    let mut text = format!("`{}`: {}", field.name, field.shape.called());
    if field.required {
        text.push_str(", needed");
    }
    if let Some(default) = field.default {
        let _ = write!(text, ", `{default}` when absent");
    }
    let _ = write!(text, "\n\n{}", field.doc);
    let touches = match field.class {
        Class::Documentation => " An edit changes words only.",
        Class::Check => " An edit changes what is asserted, not the rows.",
        Class::Target => " An edit changes where rows are written to.",
        Class::Data | Class::Ignored => "",
    };
    text.push_str(touches);
    text
}

/// The page of every kind with every key.
pub fn page() -> String {
    let mut page = "# Kinds and their keys\n\n\
        Made from the tables in `src/kinds`; a test holds that it is so.\n\n\
        The class says what an edit of a key touches: *data* what the node yields, *check* what is\n\
        asserted of it, *target* where it is written to, *documentation* words for people, *ignored*\n\
        nothing.\n"
        .to_owned();
    section(&mut page, "Every kind", "Keys that every node may have.", COMMON);
    for (title, doc, fields) in [
        ("seeknal_project.yml", "The project file.", kinds::PROJECT),
        ("profiles.yml", "Connections and defaults, kept out of nodes.", kinds::PROFILES),
        ("seeknal/common/sources.yml", "Items of `sources`.", kinds::COMMON_SOURCES),
        ("seeknal/common/rules.yml", "Items of `rules`.", kinds::COMMON_RULES),
        (
            "seeknal/common/transformations.yml",
            "Items of `transformations`.",
            kinds::COMMON_TRANSFORMATIONS,
        ),
    ] {
        section(&mut page, title, doc, fields);
    }
    for kind in kinds::ALL.iter().chain([&kinds::ENVIRONMENT]) {
        section(&mut page, kind.name, kind.doc, kind.fields);
    }
    page
}

fn section(page: &mut String, title: &str, doc: &str, fields: &[Field]) {
    let _ = write!(page, "\n## {title}\n\n{doc}\n\n");
    page.push_str("| key | takes | class | |\n|---|---|---|---|\n");
    rows(page, "", fields);
}

fn rows(page: &mut String, path: &str, fields: &[Field]) {
    for field in fields {
        let name = format!("{path}{}", field.name);
        let mut doc = field.doc.to_owned();
        if field.required {
            doc = format!("**Needed.** {doc}");
        }
        if let Some(default) = field.default {
            let _ = write!(doc, " Default: `{default}`.");
        }
        let class = format!("{:?}", field.class).to_lowercase();
        let _ = writeln!(page, "| `{name}` | {} | {class} | {doc} |", brief(field.shape));
        inner(page, &name, field.shape);
    }
}

fn inner(page: &mut String, name: &str, shape: Shape) {
    match shape {
        Shape::Map(fields) | Shape::Open(fields) => rows(page, &format!("{name}."), fields),
        Shape::List(item) | Shape::Filled(item) => inner(page, &format!("{name}[]"), *item),
        Shape::MapOf(value) => inner(page, &format!("{name}.*"), *value),
        Shape::Either(shapes) => {
            // The single form and the list of it have the same keys; they are told once.
            let told = shapes
                .iter()
                .find(|one| matches!(one, Shape::Map(_) | Shape::Open(_) | Shape::MapOf(_)));
            if let Some(one) = told.or(shapes.last()) {
                inner(page, name, *one);
            }
        }
        _ => {}
    }
}

/// What a key takes, in a word or two.
fn brief(shape: Shape) -> String {
    match shape {
        Shape::Map(_) | Shape::Open(_) => "mapping".to_owned(),
        Shape::MapOf(value) => format!("mapping to {}", brief(*value)),
        Shape::List(item) | Shape::Filled(item) => format!("list of {}", brief(*item)),
        Shape::Either(shapes) => {
            let all: Vec<String> = shapes.iter().map(|shape| brief(*shape)).collect();
            all.join(" or ")
        }
        Shape::OneOf(words) => {
            let all: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            all.join(" ")
        }
        Shape::Identifier => "name".to_owned(),
        Shape::Reference => "`kind.name`".to_owned(),
        Shape::RefCall => "`ref('kind.name')`".to_owned(),
        Shape::Duration => "duration".to_owned(),
        Shape::Whole(_) => "whole number".to_owned(),
        other => {
            let called = other.called();
            called.trim_start_matches("a ").trim_start_matches("an ").to_owned()
        }
    }
}
