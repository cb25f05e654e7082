//! Commands that tell of environments and of what was done.

use super::arguments::Arguments;
use super::desk::{Desk, End};
use super::work::with_text;
use seeknal_service::carry;
use seeknal_service::told::environments as told;
use serde_json::{Value, json};

/// How many operations are told where nobody says it.
const OPERATIONS: u64 = 20;

pub(crate) fn list(desk: &Desk, arguments: &Arguments) -> Result<Value, End> {
    let (root, _) = desk.root(arguments)?;
    let site = desk.site(&root, "status")?;
    if !site.state.is_there() {
        let nothing = json!({ "environments": [], "pending": [] });
        return Ok(with_text(nothing, "Nothing was run here yet.\n".to_owned()));
    }
    let (all, pending) = (carry::list(&site)?, carry::status(&site)?);
    let text = told::status(&site, &all, &pending);
    Ok(with_text(told::status_json(&all, &pending), text))
}

pub(crate) fn history(desk: &Desk, arguments: &Arguments) -> Result<Value, End> {
    let (root, _) = desk.root(arguments)?;
    let site = desk.site(&root, "history")?;
    let most = usize::try_from(arguments.number("limit").unwrap_or(OPERATIONS)).unwrap_or(0);
    let mut all = Vec::new();
    if site.state.is_there() {
        for one in site.store.history().take(most) {
            all.push(one.map_err(|error| End::refused(error.to_string()))?);
        }
    }
    let text = told::history(&site.store, &all);
    let page = format!("# History\n\n```\n{text}```\n");
    desk.show((&root, arguments), "history.md", &page)?;
    let all: Vec<Value> = all.iter().map(told::operation_json).collect();
    Ok(with_text(json!({ "operations": all }), text))
}
