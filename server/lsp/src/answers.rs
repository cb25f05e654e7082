//! Answers to questions: from the protocol's words into ours, to `ide`, and back.

use crate::convert;
use crate::proto::*;
use crate::view::View;
use seeknal_ide as ide;
use seeknal_model::Surroundings;
use seeknal_service::{today, variables};
use seeknal_syntax::{Span, slice};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// More than this many symbols help nobody.
const SYMBOLS_MAX: usize = 500;

/// The kind of what can be clicked above a node as well: an editor lights no bulb on every line for it.
pub(crate) const CLICKS: &str = "source.seeknal";

/// More than this many completions are not sent at once.
const COMPLETIONS_MAX: usize = 500;

pub(crate) fn hover(view: &View, params: &HoverParams) -> Option<Hover> {
    let file = view.file()?;
    let offset = view.offset(file, params.text_document_position_params.position);
    let plan = view.verdict.plan.as_ref();
    let told = plan.map(|plan| (plan.changes.as_slice(), plan.steps.as_slice()));
    let (variables, overrides) = (variables(&view.root), BTreeMap::new());
    let sight = ide::Sight {
        project: view.project(),
        schemas: &view.bound.schemas,
        edits: told.unwrap_or_default(),
        known: view.known(),
        around: &Surroundings { overrides: &overrides, variables: &variables, today: today() },
    };
    let found = ide::hover(sight, file, offset)?;
    let contents = MarkupContent { kind: MarkupKind::Markdown, value: found.text };
    let range = convert::range(file, found.span, view.encoding);
    Some(Hover { contents: HoverContents::Markup(contents), range: Some(range) })
}

pub(crate) fn definition(
    view: &View,
    params: &GotoDefinitionParams,
) -> Option<GotoDefinitionResponse> {
    let file = view.file()?;
    let offset = view.offset(file, params.text_document_position_params.position);
    let places = ide::definition(view.project(), view.known(), file, offset);
    Some(GotoDefinitionResponse::Array(locations(view, &places)))
}

pub(crate) fn references(view: &View, params: &ReferenceParams) -> Option<Vec<Location>> {
    let file = view.file()?;
    let offset = view.offset(file, params.text_document_position.position);
    let declared = params.context.include_declaration;
    let places = ide::references(view.project(), view.known(), (file, offset), declared);
    Some(locations(view, &places))
}

pub(crate) fn highlights(
    view: &View,
    params: &DocumentHighlightParams,
) -> Option<Vec<DocumentHighlight>> {
    let file = view.file()?;
    let offset = view.offset(file, params.text_document_position_params.position);
    let spans = ide::highlights(view.project(), view.known(), (file, offset));
    let one =
        |span| DocumentHighlight { range: convert::range(file, span, view.encoding), kind: None };
    Some(spans.into_iter().map(one).collect())
}

fn locations(view: &View, places: &[ide::Place]) -> Vec<Location> {
    places.iter().filter_map(|place| view.location(&place.path, place.span)).collect()
}

pub(crate) fn document_symbols(view: &View, tree: bool) -> Option<DocumentSymbolResponse> {
    let file = view.file()?;
    let symbols = ide::symbols(file);
    if tree {
        let all = symbols.iter().map(|one| convert::symbol(file, one, view.encoding)).collect();
        return Some(DocumentSymbolResponse::Nested(all));
    }
    let flat = symbols.into_iter().filter_map(|one| {
        let location = view.location(&file.path, one.span)?;
        Some(information(one.name, convert::symbol_kind(one.kind), location))
    });
    Some(DocumentSymbolResponse::Flat(flat.collect()))
}

pub(crate) fn workspace_symbols(views: &[View], query: &str) -> Vec<SymbolInformation> {
    let mut all = Vec::new();
    for view in views {
        for found in ide::find_symbols(view.project(), query, SYMBOLS_MAX - all.len()) {
            if let Some(location) = view.location(&found.path, found.span) {
                all.push(information(found.name, SymbolKind::CLASS, location));
            }
        }
    }
    all
}

fn information(name: String, kind: SymbolKind, location: Location) -> SymbolInformation {
    #[allow(deprecated, reason = "the type has no other constructor")]
    SymbolInformation { name, kind, tags: None, deprecated: None, location, container_name: None }
}

pub(crate) fn completion(view: &View, params: &CompletionParams) -> Option<CompletionResponse> {
    let file = view.file()?;
    let offset = view.offset(file, params.text_document_position.position);
    let mut items = ide::completion(view.project(), &view.bound.schemas, file, offset);
    // The client filters by itself; only what is far too long is cut here, and asked for again.
    let is_incomplete = items.len() > COMPLETIONS_MAX;
    if is_incomplete {
        items.retain(|one| ide::is_meant(slice(&file.text, one.span), &one.label));
        items.truncate(COMPLETIONS_MAX);
    }
    let items = items.into_iter().map(|one| convert::completion(file, one, view.encoding));
    let items: Vec<CompletionItem> = items.collect();
    Some(CompletionResponse::List(CompletionList { is_incomplete, items }))
}

pub(crate) fn code_actions(
    view: &View,
    params: &CodeActionParams,
    environment: &str,
) -> Option<CodeActionResponse> {
    let file = view.file()?;
    let wanted = params.context.only.as_ref();
    let is_wanted = |own: &str| {
        let holds = |kind: &CodeActionKind| {
            let rest = own.strip_prefix(kind.as_str());
            kind.as_str().is_empty()
                || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        wanted.is_none_or(|kinds| kinds.iter().any(holds))
    };
    let fixes = is_wanted(CodeActionKind::QUICKFIX.as_str());
    let start = view.offset(file, params.range.start);
    let span = Span::new(start, view.offset(file, params.range.end));
    let uri = view.names.uri(&file.path)?;
    let mut faults = Vec::new();
    if fixes {
        faults = view.project().faults();
        faults.extend(view.bound.holding(view.project()).cloned());
    }
    let offered = ide::fixes(&faults, file, span);
    let mending = offered.iter().map(|offered| {
        let edits = offered.fix.edits.iter();
        let edits: Vec<TextEdit> =
            edits.map(|edit| convert::text_edit(file, edit, view.encoding)).collect();
        let changes = HashMap::from([(uri.clone(), edits)]);
        let action = CodeAction {
            title: offered.fix.title.clone(),
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![convert::diagnostic(file, &offered.problem, view.encoding)]),
            edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
            is_preferred: Some(true),
            ..CodeAction::default()
        };
        CodeActionOrCommand::CodeAction(action)
    });
    let mut actions: Vec<CodeActionOrCommand> = mending.collect();
    for (title, click) in ide::clicks(file, span, environment) {
        let kind = match click {
            ide::Click::PreviewCte(..) | ide::Click::PreviewSelected(_) => "",
            _ => CLICKS,
        };
        if is_wanted(kind) {
            let command = clicked(view, (title.clone(), &click), (environment, params.range));
            actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                title,
                kind: Some(CodeActionKind::from(kind.to_owned())),
                command: Some(command),
                ..CodeAction::default()
            }));
        }
    }
    Some(actions)
}

/// What stands above each node.
pub(crate) fn lenses(view: &View, environment: &str) -> Option<Vec<CodeLens>> {
    let file = view.file()?;
    let plan = view.verdict.plan.as_ref();
    let edits = plan.map(|plan| (plan.changes.as_slice(), plan.steps.as_slice()));
    let lenses = ide::lenses(edits.unwrap_or_default(), view.project(), file, environment);
    let lens = |one: ide::Lens| {
        let range = convert::range(file, one.span, view.encoding);
        let command = Some(clicked(view, (one.title, &one.click), (environment, range)));
        CodeLens { range, command, data: None }
    };
    Some(lenses.into_iter().map(lens).collect())
}

/// What a click sends.
fn clicked(
    view: &View,
    (title, click): (String, &ide::Click),
    (environment, range): (&str, Range),
) -> Command {
    let mut argument = json!({ "project": view.names.root });
    let (id, more) = match click {
        ide::Click::ShowPlan => ("showPlan", json!({ "show": true })),
        ide::Click::Plan => ("plan", json!({ "environment": environment, "show": true })),
        ide::Click::Apply => ("apply", json!({ "environment": environment })),
        ide::Click::Preview(node) => ("preview", json!({ "node": node.as_str(), "show": true })),
        ide::Click::PreviewCte(node, cte) => {
            ("preview", json!({ "node": node.as_str(), "cte": cte, "show": true }))
        }
        ide::Click::PreviewSelected(node) => {
            ("preview", json!({ "node": node.as_str(), "range": range, "show": true }))
        }
        ide::Click::Lineage(node) => ("lineage", json!({ "point": node.as_str(), "show": true })),
        ide::Click::Test(node) => ("test", json!({ "node": node.as_str() })),
    };
    if let (Some(argument), Value::Object(more)) = (argument.as_object_mut(), more) {
        argument.extend(more);
    }
    Command { title, command: format!("seeknal.{id}"), arguments: Some(vec![argument]) }
}
