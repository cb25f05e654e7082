//! The handlers. Each only forwards: what changes something becomes an event before the handler
//! first waits, so events stand in the order in which messages came.

use crate::answers;
use crate::commands::{self, End};
use crate::event::{Event, Events, Run};
use crate::facts::{self, Client};
use crate::proto::*;
use crate::view::View;
use std::sync::{Arc, OnceLock};
use tokio::sync::oneshot;
use tower_lsp::LanguageServer;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};

pub(crate) struct Backend {
    events: Events,
    client: OnceLock<Client>,
}

impl Backend {
    pub(crate) fn new(events: Events) -> Backend {
        Backend { events, client: OnceLock::new() }
    }

    /// Asks about a file. No project, no answer.
    async fn ask<A: Send + 'static>(
        &self,
        uri: Uri,
        answer: impl FnOnce(&View) -> Option<A> + Send + 'static,
    ) -> Result<Option<A>> {
        let (reply, answered) = oneshot::channel();
        let work = move |view: Option<View>| {
            // Whoever cancelled does not wait for it any more.
            if !reply.is_closed() {
                let answer = view.and_then(|view| answer(&view));
                let _ = reply.send(answer);
            }
        };
        self.events.send(Event::Ask(uri, Box::new(work)));
        answered.await.map_err(|_| bug())
    }
}

impl Backend {
    /// The environment that clicks mean.
    fn environment(&self) -> Arc<str> {
        self.client.get().map(|client| client.environment.clone()).unwrap_or_default()
    }

    /// `window/workDoneProgress/cancel`, for which the trait has no handler.
    pub(crate) async fn cancel_progress(&self, params: WorkDoneProgressCancelParams) {
        self.events.send(Event::CancelProgress(params.token));
    }
}

/// What a request is answered that a panic cost its answer.
fn bug() -> Error {
    let message = "this request met a bug of seeknal-lsp; its log says where";
    Error { code: ErrorCode::InternalError, message: message.into(), data: None }
}

fn wrong(message: String) -> Error {
    Error { code: ErrorCode::InvalidParams, message: message.into(), data: None }
}

/// What is understood and not done: the protocol's "request failed".
fn refused(sentences: &[String]) -> Error {
    let data = Some(serde_json::json!({ "sentences": sentences }));
    // A message is shown in a corner of the editor; `data` has all of it.
    let mut message = sentences.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
    if let more @ 1.. = sentences.len().saturating_sub(SHOWN) {
        message.push_str(&format!("; and {more} more"));
    }
    Error { code: ErrorCode::ServerError(-32803), message: message.into(), data }
}

/// More sentences than this in one message are not read.
const SHOWN: usize = 3;

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let client = Client::of(&params);
        let answer = facts::offered(&client);
        let _ = self.client.set(client.clone());
        #[allow(deprecated, reason = "older clients name one folder only")]
        let root = params.root_uri;
        let single = |uri: Uri| vec![WorkspaceFolder { uri, name: String::new() }];
        let folders = params.workspace_folders.or(root.map(single)).unwrap_or_default();
        self.events.send(Event::Started(Box::new(client), folders));
        Ok(answer)
    }

    async fn initialized(&self, _: InitializedParams) {
        self.events.send(Event::Ready);
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let TextDocumentItem { uri, version, text, .. } = params.text_document;
        self.events.send(Event::Opened { uri, version, text });
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        let VersionedTextDocumentIdentifier { uri, version } = params.text_document;
        self.events.send(Event::Changed { uri, version, changes: params.content_changes });
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        self.events.send(Event::Closed(params.text_document.uri));
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        let uris = params.changes.into_iter().map(|change| change.uri).collect();
        self.events.send(Event::Touched(uris));
    }

    async fn did_rename_files(&self, params: RenameFilesParams) {
        let both = params.files.iter().flat_map(|file| [&file.old_uri, &file.new_uri]);
        let uris = both.filter_map(|uri| uri.parse().ok()).collect();
        self.events.send(Event::Touched(uris));
    }

    async fn did_delete_files(&self, params: DeleteFilesParams) {
        let uris = params.files.iter().filter_map(|file| file.uri.parse().ok()).collect();
        self.events.send(Event::Touched(uris));
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        let WorkspaceFoldersChangeEvent { added, removed } = params.event;
        self.events.send(Event::Folders { added, removed });
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let uri = params.text_document_position_params.text_document.uri.clone();
        self.ask(uri, move |view| answers::hover(view, &params)).await
    }

    async fn goto_definition(
        &self,
        params: GotoDefinitionParams,
    ) -> Result<Option<GotoDefinitionResponse>> {
        let uri = params.text_document_position_params.text_document.uri.clone();
        self.ask(uri, move |view| answers::definition(view, &params)).await
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        let uri = params.text_document_position.text_document.uri.clone();
        self.ask(uri, move |view| answers::references(view, &params)).await
    }

    async fn document_highlight(
        &self,
        params: DocumentHighlightParams,
    ) -> Result<Option<Vec<DocumentHighlight>>> {
        let uri = params.text_document_position_params.text_document.uri.clone();
        self.ask(uri, move |view| answers::highlights(view, &params)).await
    }

    async fn document_symbol(
        &self,
        params: DocumentSymbolParams,
    ) -> Result<Option<DocumentSymbolResponse>> {
        let tree = self.client.get().is_some_and(|client| client.tree_symbols);
        let uri = params.text_document.uri;
        self.ask(uri, move |view| answers::document_symbols(view, tree)).await
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        let uri = params.text_document_position.text_document.uri.clone();
        self.ask(uri, move |view| answers::completion(view, &params)).await
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let uri = params.text_document.uri.clone();
        let environment = self.environment();
        self.ask(uri, move |view| answers::code_actions(view, &params, &environment)).await
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        let uri = params.text_document.uri.clone();
        let environment = self.environment();
        self.ask(uri, move |view| answers::lenses(view, &environment)).await
    }

    async fn symbol(
        &self,
        params: WorkspaceSymbolParams,
    ) -> Result<Option<WorkspaceSymbolResponse>> {
        let (reply, answered) = oneshot::channel();
        let work = move |views: Vec<View>| {
            if !reply.is_closed() {
                let _ = reply.send(answers::workspace_symbols(&views, &params.query));
            }
        };
        self.events.send(Event::AskAll(Box::new(work)));
        let found = answered.await.map_err(|_| bug())?;
        Ok(Some(WorkspaceSymbolResponse::Flat(found)))
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<LSPAny>> {
        if commands::find(&params.command).is_none() {
            return Err(wrong(format!("there is no command `{}`", params.command)));
        }
        let (reply, answered) = oneshot::channel();
        self.events.send(Event::Run(Run {
            command: params.command,
            arguments: params.arguments,
            token: params.work_done_progress_params.work_done_token,
            reply,
        }));
        match answered.await.map_err(|_| bug())? {
            Ok(answer) => Ok(Some(answer)),
            Err(End::Stopped) => Ok(Some(commands::stopped())),
            Err(End::Wrong(sentence)) => Err(wrong(sentence)),
            Err(End::Refused(sentences)) => Err(refused(&sentences)),
        }
    }
}
