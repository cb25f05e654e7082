//! Our words into the protocol's.

use crate::proto::*;
use crate::view::Names;
use seeknal_analysis::changes::Category;
use seeknal_ide as ide;
use seeknal_model::{Fault, File, Project};
use seeknal_syntax::{Edit, Encoding, Problem, Severity, Span};

pub(crate) fn range(file: &File, span: Span, encoding: Encoding) -> Range {
    let place = |offset| {
        let place = file.lines.position(&file.text, offset, encoding);
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Position::new(small(place.line), small(place.column))
    };
    Range::new(place(span.start), place(span.end))
}

/// What a client is told of a fault, by which names and in which units.
pub(crate) struct Telling<'a> {
    pub(crate) names: &'a Names,
    pub(crate) encoding: Encoding,
    pub(crate) related: bool,
}

impl Telling<'_> {
    pub(crate) fn diagnostic(&self, project: &Project, fault: &Fault) -> Option<Diagnostic> {
        let file = project.file(&fault.path)?;
        let related = self.related.then(|| self.related(project, file, fault));
        Some(Diagnostic {
            related_information: related.filter(|all| !all.is_empty()),
            ..diagnostic(file, &fault.problem, self.encoding)
        })
    }

    /// What an edit does, at the token that caused it.
    pub(crate) fn notice(&self, project: &Project, notice: &ide::Notice) -> Option<Diagnostic> {
        let file = project.file(&notice.path)?;
        let one = |(path, span, message): &(std::sync::Arc<str>, Span, String)| {
            let range = range(project.file(path)?, *span, self.encoding);
            let location = Location::new(self.names.uri(path)?, range);
            Some(DiagnosticRelatedInformation { location, message: message.clone() })
        };
        let related = notice.related.iter().filter(|_| self.related).filter_map(one).collect();
        let (severity, code) = match notice.category {
            Category::Breaking => (DiagnosticSeverity::WARNING, "breaking"),
            Category::NonBreaking => (DiagnosticSeverity::INFORMATION, "non-breaking"),
            Category::Metadata => (DiagnosticSeverity::HINT, "metadata"),
        };
        Some(Diagnostic {
            range: range(file, notice.span, self.encoding),
            severity: Some(severity),
            code: Some(NumberOrString::String(code.to_owned())),
            source: Some("seeknal".to_owned()),
            message: notice.message.clone(),
            related_information: Some(related).filter(|all: &Vec<_>| !all.is_empty()),
            ..Diagnostic::default()
        })
    }

    fn related(
        &self,
        project: &Project,
        file: &File,
        fault: &Fault,
    ) -> Vec<DiagnosticRelatedInformation> {
        let one = |path: &str, file: &File, span, message: &str| {
            let location = Location::new(self.names.uri(path)?, range(file, span, self.encoding));
            Some(DiagnosticRelatedInformation { location, message: message.to_owned() })
        };
        let here = fault.problem.related.iter();
        let here = here.filter_map(|place| one(&fault.path, file, place.span, &place.message));
        let there = fault
            .elsewhere
            .iter()
            .filter_map(|(path, span, message)| one(path, project.file(path)?, *span, message));
        here.chain(there).collect()
    }
}

pub(crate) fn diagnostic(file: &File, problem: &Problem, encoding: Encoding) -> Diagnostic {
    Diagnostic {
        range: range(file, problem.span, encoding),
        severity: Some(match problem.code.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Information => DiagnosticSeverity::INFORMATION,
            Severity::Hint => DiagnosticSeverity::HINT,
        }),
        code: Some(NumberOrString::String(problem.code.name.to_owned())),
        source: Some("seeknal".to_owned()),
        message: problem.message.clone(),
        ..Diagnostic::default()
    }
}

pub(crate) fn text_edit(file: &File, edit: &Edit, encoding: Encoding) -> TextEdit {
    TextEdit::new(range(file, edit.span, encoding), edit.text.clone())
}

pub(crate) fn symbol(file: &File, symbol: &ide::Symbol, encoding: Encoding) -> DocumentSymbol {
    let children: Vec<DocumentSymbol> =
        symbol.children.iter().map(|child| self::symbol(file, child, encoding)).collect();
    #[allow(deprecated, reason = "the type has no other constructor")]
    DocumentSymbol {
        name: symbol.name.clone(),
        detail: Some(symbol.detail.clone()).filter(|detail| !detail.is_empty()),
        kind: symbol_kind(symbol.kind),
        tags: None,
        deprecated: None,
        range: range(file, symbol.span, encoding),
        selection_range: range(file, symbol.name_span, encoding),
        children: Some(children).filter(|all| !all.is_empty()),
    }
}

pub(crate) fn symbol_kind(kind: ide::SymbolKind) -> SymbolKind {
    match kind {
        ide::SymbolKind::Node => SymbolKind::CLASS,
        ide::SymbolKind::Environment => SymbolKind::NAMESPACE,
        ide::SymbolKind::Key => SymbolKind::FIELD,
        ide::SymbolKind::Value => SymbolKind::CONSTANT,
    }
}

pub(crate) fn completion(file: &File, one: ide::Completion, encoding: Encoding) -> CompletionItem {
    let kind = match one.kind {
        ide::CompletionKind::Kind => CompletionItemKind::CLASS,
        ide::CompletionKind::Key => CompletionItemKind::PROPERTY,
        ide::CompletionKind::Value => CompletionItemKind::ENUM_MEMBER,
        ide::CompletionKind::Node => CompletionItemKind::REFERENCE,
        ide::CompletionKind::Column => CompletionItemKind::FIELD,
        ide::CompletionKind::Parameter => CompletionItemKind::VARIABLE,
    };
    let documentation = Some(one.doc).filter(|doc| !doc.is_empty()).map(|value| {
        Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })
    });
    let edit = TextEdit::new(range(file, one.span, encoding), one.insert);
    CompletionItem {
        label: one.label,
        kind: Some(kind),
        detail: Some(one.detail).filter(|detail| !detail.is_empty()),
        documentation,
        text_edit: Some(CompletionTextEdit::Edit(edit)),
        ..CompletionItem::default()
    }
}
