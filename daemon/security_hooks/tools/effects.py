"""What a tool other than a shell does: its paths, hosts and servers as effects, the same that commands have."""

from collections.abc import Iterator
from urllib.parse import unquote

from security_hooks.model.effect import Effect, EffectKind
from security_hooks.model.event import Place, ToolCall, ToolKind
from security_hooks.model.word import Word
from security_hooks.model.world import World
from security_hooks.shell.hosts import of_url
from security_hooks.shell.paths import is_nothing, led_to, resolve, scope_of
from security_hooks.tools.strings import Strings, paths_and_urls, variables
from security_hooks.tools.tool_verb import path_deed, words_of

_KINDS = {
    ToolKind.READ: (EffectKind.READS,),
    ToolKind.SEARCH: (EffectKind.READS,),
    ToolKind.WRITE: (EffectKind.WRITES,),
    ToolKind.EDIT: (EffectKind.READS, EffectKind.WRITES),
    ToolKind.PATCH: (EffectKind.WRITES,),
}

_NO_STRINGS = Strings()


def tool_effects(tool: ToolCall, place: Place, world: World, strings: Strings = _NO_STRINGS) -> tuple[Effect, ...]:
    """The effects of one tool call; `strings` are those of an MCP tool's input.

    Of a tool whose name does not say what it does, each path counts as perhaps read or written.
    """
    return tuple(_effects(tool, place, world, strings))


def _effects(tool: ToolCall, place: Place, world: World, strings: Strings) -> Iterator[Effect]:
    kinds = _KINDS.get(tool.kind, (EffectKind.NAMES,))
    content = _word("\n".join(tool.content)) if tool.content else None
    for path in (*tool.paths, *tool.sought):
        if path:
            yield from _on_path(kinds, path, place, world, recursive=tool.kind is ToolKind.SEARCH, content=content)
    for url in tool.urls:
        yield from _on_url(url, place, world, certain=True)
    words = () if tool.mcp is None else words_of(tool.mcp.tool)
    for text, field, is_url in paths_and_urls(strings):
        if is_url:
            yield from _on_url(text, place, world, certain=False)
        else:
            kind, is_deep = path_deed(words, field)
            yield from _on_path((kind,), text, place, world, recursive=is_deep, content=None)
    for name, value in variables(strings):
        yield Effect(EffectKind.SETS_ENV, _word(name), content=_word(value))
    if tool.mcp is not None:
        yield Effect(EffectKind.CALLS, _word(tool.mcp.tool), object=tool.mcp.server)


def _on_url(url: str, place: Place, world: World, *, certain: bool) -> Iterator[Effect]:
    target = of_url(_word(url))
    if target.path is not None and target.path.literal:
        for path in dict.fromkeys((target.path.literal, unquote(target.path.literal))):
            yield from _on_path((EffectKind.READS,), path, place, world, recursive=False, content=None)
    else:
        yield Effect(EffectKind.CONNECTS, target.host, certain=certain, object=target.port)


def _on_path(
    kinds: tuple[EffectKind, ...], path: str, place: Place, world: World, *, recursive: bool, content: Word | None
) -> Iterator[Effect]:
    if path == "~" or path.startswith("~/"):
        # Some clients take it for the home directory, others for a name.
        yield from _on_path(kinds, place.home + path[1:], place, world, recursive=recursive, content=content)
    word = resolve((path,), (place.cwd,) if place.cwd else None)
    if is_nothing(word):
        return
    followed = None if word.literal is None else world.real(word.literal)
    real = led_to(word, followed)
    for kind in kinds:
        yield Effect(
            kind,
            word,
            scope_of(word if real is None else real, place),
            certain=kind is not EffectKind.NAMES,
            recursive=recursive,
            content=content if kind is EffectKind.WRITES else None,
            real=real,
            unresolved=word.literal is not None and followed is None,
        )


def _word(text: str) -> Word:
    return Word((text,) if text else (), (0, 0), text)
