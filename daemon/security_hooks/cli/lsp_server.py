"""The protocol of language servers, spoken by `pygls`: every question goes to `lsp.answers`, every answer comes back.

The only file that knows `pygls`. Texts come whole with every change, because the protocol and Python disagree about
where lines end; what is wrong with them is told when nobody has typed for a moment, and found out in a thread, because
with very many rules that takes seconds.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from lsprotocol import types
from pygls import uris
from pygls.lsp.server import LanguageServer

from security_hooks import __version__
from security_hooks.catalogue.load import shipped
from security_hooks.cli.lsp_sources import sources_around
from security_hooks.cli.rules_sources import directories_of
from security_hooks.lsp.answers import Answers
from security_hooks.lsp.completion import Offer, OfferKind, Offers
from security_hooks.lsp.diagnosis import Underlined
from security_hooks.lsp.document import Document, Encoding, Position, Span
from security_hooks.lsp.navigation import Symbol, SymbolKind
from security_hooks.model.diagnostic import Diagnostic, Level
from security_hooks.policy.build import BuildCache
from security_hooks.policy.source import PolicyDirectories

QUIET_SECONDS = 0.15
# Every version of a text is parsed and kept for a while; an editor asks for the last one alone.
_PARSED = 200
_NAME = "security-hooks"

_SEVERITIES = {Level.ERROR: types.DiagnosticSeverity.Error, Level.WARNING: types.DiagnosticSeverity.Warning}
_OFFERS = {
    OfferKind.KEYWORD: types.CompletionItemKind.Keyword,
    OfferKind.PREDICATE: types.CompletionItemKind.Function,
    OfferKind.MACRO: types.CompletionItemKind.Method,
    OfferKind.LIST: types.CompletionItemKind.Variable,
    OfferKind.CHOICE: types.CompletionItemKind.EnumMember,
    OfferKind.PROGRAM: types.CompletionItemKind.Module,
    OfferKind.OPTION: types.CompletionItemKind.Property,
    OfferKind.RULE: types.CompletionItemKind.Reference,
    OfferKind.PLACEHOLDER: types.CompletionItemKind.Value,
}
_SYMBOLS = {
    SymbolKind.RULE: types.SymbolKind.Event,
    SymbolKind.LIST: types.SymbolKind.Array,
    SymbolKind.MACRO: types.SymbolKind.Function,
}

_Judged: TypeAlias = tuple[Answers, tuple[Diagnostic, ...]]


class RulesServer(LanguageServer):
    """The texts that the editor has open, and the answers about each as it is now."""

    def __init__(self, directories: PolicyDirectories) -> None:
        super().__init__(_NAME, __version__, types.TextDocumentSyncKind.Full)
        self._directories = directories
        # One for each thread.
        self._cache = BuildCache(_PARSED)
        self._judging_cache = BuildCache(_PARSED)
        self._texts: dict[str, str] = {}
        self._answers: dict[str, tuple[Answers, Mapping[str, Path]]] = {}
        self._problems: dict[str, tuple[Diagnostic, ...]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._judging: asyncio.Future[tuple[_Judged, ...]] | None = None

    def put(self, uri: str, text: str | None) -> None:
        """Take what the editor has; None where it has closed the text."""
        if text is None:
            self._texts.pop(uri, None)
            self._problems.pop(uri, None)
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
        else:
            self._texts[uri] = text
        self.look_again()

    def look_again(self) -> None:
        """Forget what was found out, and tell what is wrong once it is quiet."""
        self._answers.clear()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(QUIET_SECONDS, self._judge)

    def answers(self, uri: str) -> Answers | None:
        """The answers about an open text."""
        return self._answered(uri)[0] if uri in self._texts else None

    def place(self, uri: str, file: str) -> Path | None:
        """Where a file lies that the answers about a text name."""
        return self._answered(uri)[1].get(file)

    def problems(self, uri: str) -> tuple[Diagnostic, ...]:
        """What was last told of a text."""
        return self._problems.get(uri, ())

    def _answered(self, uri: str) -> tuple[Answers, Mapping[str, Path]]:
        if uri not in self._answers:
            texts = {_path(other): text for other, text in self._texts.items()}
            sources, file, places = sources_around(_path(uri), texts, self._directories)
            agreed = self.workspace.position_encoding
            encoding = Encoding(agreed.value if isinstance(agreed, types.PositionEncodingKind) else agreed)
            answers = Answers(sources, file, self._texts[uri], encoding, self._cache, shipped())
            self._answers[uri] = (answers, places)
        return self._answers[uri]

    def _judge(self) -> None:
        if self._judging is not None:
            # Whoever is at work finds an old text: the newest is looked at as soon as that is done.
            return
        asked = [self._answered(uri)[0] for uri in self._texts]
        loop, cache, now = asyncio.get_running_loop(), self._judging_cache, int(time.time())
        self._judging = loop.run_in_executor(self.thread_pool, _judged, asked, cache, now)
        self._judging.add_done_callback(self._tell)

    def _tell(self, judging: asyncio.Future[tuple[_Judged, ...]]) -> None:
        self._judging = None
        current = {id(answers): uri for uri, (answers, _) in self._answers.items()}
        judged = judging.result()
        for answers, problems in judged:
            uri = current.get(id(answers))
            if uri is not None:
                self._problems[uri] = problems
                told = [_diagnostic(answers, found) for found in answers.underlined(problems)]
                self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, told))
        if any(id(answers) not in current for answers, _ in judged) or len(judged) < len(self._texts):
            self.look_again()


def _judged(asked: Sequence[Answers], cache: BuildCache, now: int) -> tuple[_Judged, ...]:
    return tuple((answers, answers.problems(cache, now)) for answers in asked)


def serve(arguments: argparse.Namespace) -> None:
    """Speak with an editor until it leaves."""
    # It closes what it writes to; standard output itself is for the dispatcher to close.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    make_server(directories_of(arguments)).start_io(sys.stdin.buffer, out)


def make_server(directories: PolicyDirectories) -> RulesServer:
    """The server with everything that it answers."""
    server = RulesServer(directories)
    _register_texts(server)
    _register_questions(server)
    return server


def _register_texts(server: RulesServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.put(params.text_document.uri, params.text_document.text)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        # Each of them is the whole text.
        server.put(params.text_document.uri, params.content_changes[-1].text)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        server.put(params.text_document.uri, None)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(_params: types.DidSaveTextDocumentParams) -> None:
        server.look_again()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def touched(_params: types.DidChangeWatchedFilesParams) -> None:
        server.look_again()


def _register_questions(server: RulesServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        answers = server.answers(params.text_document.uri)
        found = None if answers is None else answers.hover(_given(params.position))
        if answers is None or found is None:
            return None
        return types.Hover(_markdown(found.markdown), _range(answers.document, found.span, answers.encoding))

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=['"', "(", "{", "-", "<"])
    )
    def complete(params: types.CompletionParams) -> types.CompletionList | None:
        answers = server.answers(params.text_document.uri)
        return None if answers is None else _completions(answers, answers.complete(_given(params.position)))

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def definition(params: types.DefinitionParams) -> types.Location | None:
        uri = params.text_document.uri
        answers = server.answers(uri)
        found = None if answers is None else answers.definition(_given(params.position))
        if answers is None or found is None:
            return None
        is_here = found.document.file == answers.file
        place = None if is_here else server.place(uri, found.document.file)
        target = uri if is_here else None if place is None else uris.from_fs_path(str(place))
        return None if target is None else types.Location(target, _range(found.document, found.span, answers.encoding))

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        answers = server.answers(params.text_document.uri)
        return [] if answers is None else [_symbol(answers, symbol) for symbol in answers.symbols()]

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def format_text(params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        answers = server.answers(params.text_document.uri)
        text = None if answers is None else answers.formatted()
        if answers is None or text is None:
            return None
        whole = _range(answers.document, Span(0, len(answers.text)), answers.encoding)
        return [] if text == answers.text else [types.TextEdit(whole, text)]

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
    )
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        uri = params.text_document.uri
        answers = server.answers(uri)
        if answers is None:
            return []
        start, end = (answers.offset_at(_given(place)) for place in (params.range.start, params.range.end))
        return [
            types.CodeAction(
                fix.title,
                types.CodeActionKind.QuickFix,
                edit=types.WorkspaceEdit(
                    {uri: [types.TextEdit(_range(answers.document, fix.span, answers.encoding), fix.text)]}
                ),
                is_preferred=True,
            )
            for fix in answers.fixes(server.problems(uri), Span(start, end))
        ]


def _completions(answers: Answers, found: Offers) -> types.CompletionList:
    place = _range(answers.document, found.span, answers.encoding)
    items = [_item(offer, place, number) for number, offer in enumerate(found.offers)]
    return types.CompletionList(not found.whole, items)


def _item(offer: Offer, place: types.Range, number: int) -> types.CompletionItem:
    return types.CompletionItem(
        offer.label,
        kind=_OFFERS[offer.kind],
        detail=offer.detail or None,
        documentation=_markdown(offer.markdown) if offer.markdown else None,
        filter_text=offer.text,
        sort_text=f"{number:04}",
        text_edit=types.TextEdit(place, offer.text),
    )


def _diagnostic(answers: Answers, found: Underlined) -> types.Diagnostic:
    finding = found.finding
    return types.Diagnostic(
        _range(answers.document, found.span, answers.encoding),
        f"{finding.message}; {finding.hint}" if finding.hint else finding.message,
        _SEVERITIES[finding.level],
        code=finding.code,
        source=_NAME,
    )


def _symbol(answers: Answers, symbol: Symbol) -> types.DocumentSymbol:
    whole, named = (_range(answers.document, span, answers.encoding) for span in (symbol.whole, symbol.named))
    # The protocol wants a name in any case.
    return types.DocumentSymbol(symbol.name.strip() or "?", _SYMBOLS[symbol.kind], whole, named, symbol.detail or None)


def _markdown(text: str) -> types.MarkupContent:
    return types.MarkupContent(types.MarkupKind.Markdown, text)


def _range(document: Document, span: Span, encoding: Encoding) -> types.Range:
    start, end = (document.position_of(offset, encoding) for offset in (span.start, span.end))
    return types.Range(types.Position(start.line, start.character), types.Position(end.line, end.character))


def _given(position: types.Position) -> Position:
    return Position(position.line, position.character)


def _path(uri: str) -> Path:
    path = uris.to_fs_path(uri) if uri.startswith("file:") else None
    # A text that was never saved is called by its address.
    return Path(path if path is not None and "\0" not in path else uri)
