//! The page about the JSON beside the JSON.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

use seeknal_analysis::Schemas;
use seeknal_analysis::changes::Side;
use seeknal_analysis::identity::Identities;
use seeknal_model::{File, Project};
use seeknal_plan::{About, build};
use serde_json::Value;

fn keys(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                found.push(key.clone());
                keys(inner, found);
            }
        }
        Value::Array(all) => all.iter().for_each(|one| keys(one, found)),
        _ => {}
    }
}

fn project(names: &[&str]) -> Project {
    Project::new(names.iter().map(|name| {
        let text = format!("kind: transform\nname: {name}\ntransform: SELECT 1 AS one\n");
        File::read(&format!("seeknal/{name}.yml"), text.as_bytes())
    }))
}

#[test]
fn every_key_is_on_the_page() {
    let (old, new) = (project(&["gone", "same"]), project(&["fresh", "same"]));
    let (schemas, identities) = (Schemas::default(), Identities::default());
    let side = |project| Side { project, schemas: &schemas, identities: &identities };
    let plan = build(side(&old), side(&new), About::default(), 1);
    assert_eq!(plan.summary().removed, 1);
    let mut found = Vec::new();
    keys(&plan.json(&old, &new), &mut found);
    assert!(found.contains(&"reasons".to_owned()), "{found:?}");
    let page = include_str!("../PLAN.md");
    found.retain(|key| !page.contains(&format!("`{key}`")));
    assert!(found.is_empty(), "PLAN.md does not say what these are: {found:?}");
}
