//! What the client can, and what we offer it.

use crate::answers::CLICKS;
use crate::commands;
use crate::proto::*;
use seeknal_syntax::Encoding;
use serde_json::Value;
use std::sync::Arc;

/// What of the client matters to us.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) encoding: Encoding,
    pub(crate) watches: bool,
    pub(crate) progress: bool,
    pub(crate) related: bool,
    pub(crate) tree_symbols: bool,
    pub(crate) refreshes_lenses: bool,
    pub(crate) parent: Option<u32>,
    /// It opens documents that it is asked to open.
    pub(crate) shows: bool,
    /// It says that what is open is trusted.
    pub(crate) is_trusted: bool,
    /// It shows pictures.
    pub(crate) draws: bool,
    /// The environment that its clicks mean.
    pub(crate) environment: Arc<str>,
}

/// The environment that clicks mean where the client names none.
const ENVIRONMENT: &str = "dev";

impl Default for Client {
    fn default() -> Client {
        Client {
            encoding: Encoding::Utf16,
            watches: false,
            progress: false,
            related: false,
            tree_symbols: false,
            refreshes_lenses: false,
            parent: None,
            shows: false,
            is_trusted: false,
            draws: false,
            environment: ENVIRONMENT.into(),
        }
    }
}

impl Client {
    pub(crate) fn of(params: &InitializeParams) -> Client {
        let all = &params.capabilities;
        let window = all.window.as_ref();
        let own = |key: &str| params.initialization_options.as_ref()?.get(key);
        let workspace = all.workspace.as_ref();
        let text = all.text_document.as_ref();
        let watched = workspace.and_then(|one| one.did_change_watched_files.as_ref());
        let symbols = text.and_then(|one| one.document_symbol.as_ref());
        let lenses = workspace.and_then(|one| one.code_lens.as_ref());
        let diagnostics = text.and_then(|one| one.publish_diagnostics.as_ref());
        Client {
            encoding: encoding(all),
            watches: watched.and_then(|one| one.dynamic_registration) == Some(true),
            progress: window.and_then(|one| one.work_done_progress) == Some(true),
            related: diagnostics.and_then(|one| one.related_information) == Some(true),
            tree_symbols: symbols.and_then(|one| one.hierarchical_document_symbol_support)
                == Some(true),
            refreshes_lenses: lenses.and_then(|one| one.refresh_support) == Some(true),
            parent: params.process_id,
            shows: window.and_then(|one| one.show_document.as_ref()).is_some_and(|one| one.support),
            is_trusted: own("trusted") == Some(&Value::Bool(true)),
            draws: own("pictures") == Some(&Value::Bool(true)),
            environment: own("environment")
                .and_then(Value::as_str)
                .filter(|name| !name.is_empty())
                .unwrap_or(ENVIRONMENT)
                .into(),
        }
    }
}

/// The first encoding of the client's list that we know, which is the one it likes best.
fn encoding(all: &ClientCapabilities) -> Encoding {
    let offered = all.general.as_ref().and_then(|one| one.position_encodings.as_ref());
    let known = |kind: &PositionEncodingKind| match kind.as_str() {
        "utf-8" => Some(Encoding::Utf8),
        "utf-16" => Some(Encoding::Utf16),
        "utf-32" => Some(Encoding::Utf32),
        _ => None,
    };
    offered.and_then(|kinds| kinds.iter().find_map(known)).unwrap_or(Encoding::Utf16)
}

/// What we offer.
pub(crate) fn offered(client: &Client) -> InitializeResult {
    let position_encoding = Some(match client.encoding {
        Encoding::Utf8 => PositionEncodingKind::UTF8,
        Encoding::Utf16 => PositionEncodingKind::UTF16,
        Encoding::Utf32 => PositionEncodingKind::UTF32,
    });
    let capabilities = ServerCapabilities {
        position_encoding,
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            ..TextDocumentSyncOptions::default()
        })),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        document_highlight_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        workspace_symbol_provider: Some(OneOf::Left(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(["'", "\"", ".", "{", " "].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![
                CodeActionKind::QUICKFIX,
                CodeActionKind::from(CLICKS.to_owned()),
            ]),
            ..CodeActionOptions::default()
        })),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: commands::ALL.iter().map(|one| one.id.to_owned()).collect(),
            work_done_progress_options: WorkDoneProgressOptions { work_done_progress: Some(true) },
        }),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            file_operations: Some(file_operations()),
        }),
        ..ServerCapabilities::default()
    };
    let info = ServerInfo {
        name: "seeknal-lsp".to_owned(),
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
    };
    InitializeResult { capabilities, server_info: Some(info), ..InitializeResult::default() }
}

/// Folders are renamed and removed whole, and no watcher of files tells that.
fn file_operations() -> WorkspaceFileOperationsServerCapabilities {
    let options = || {
        let pattern = FileOperationPattern { glob: "**".to_owned(), matches: None, options: None };
        Some(FileOperationRegistrationOptions {
            filters: vec![FileOperationFilter { scheme: Some("file".to_owned()), pattern }],
        })
    };
    WorkspaceFileOperationsServerCapabilities {
        did_rename: options(),
        did_delete: options(),
        ..WorkspaceFileOperationsServerCapabilities::default()
    }
}

/// The file that says what environments show. Somebody may promote in a terminal.
const STATE: &str = "**/.seeknal/state/head";

/// The files whose changes on disk we want to hear of. Broad patterns freeze some editors.
pub(crate) fn watched() -> Registration {
    let globs = [
        "**/seeknal/**/*.{yml,yaml,py}",
        "**/{pipelines,transforms,environments}/**/*.{yml,yaml,py}",
        "**/{seeknal_project,profiles,profiles-*}.yml",
        "**/.env",
        STATE,
    ];
    let watchers: Vec<FileSystemWatcher> = globs
        .iter()
        .map(|glob| FileSystemWatcher {
            glob_pattern: GlobPattern::String((*glob).to_owned()),
            kind: None,
        })
        .collect();
    let options = DidChangeWatchedFilesRegistrationOptions { watchers };
    Registration {
        id: "seeknal-files".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: serde_json::to_value(options).ok(),
    }
}
