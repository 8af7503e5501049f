"""What a tool other than a shell does: its paths, hosts and servers as effects, the same that commands have."""

from collections.abc import Iterator

from security_hooks.model.effect import Effect, EffectKind
from security_hooks.model.event import Place, ToolCall, ToolKind
from security_hooks.model.word import Word
from security_hooks.model.world import World
from security_hooks.shell.hosts import of_url
from security_hooks.shell.paths import is_nothing, resolve, scope_of

_KINDS = {
    ToolKind.READ: (EffectKind.READS,),
    ToolKind.SEARCH: (EffectKind.READS,),
    ToolKind.WRITE: (EffectKind.WRITES,),
    ToolKind.EDIT: (EffectKind.READS, EffectKind.WRITES),
    ToolKind.PATCH: (EffectKind.WRITES,),
}


def tool_effects(tool: ToolCall, place: Place, world: World) -> tuple[Effect, ...]:
    """The effects of one tool call. Of a tool that is not known, each path counts as perhaps read or written."""
    return tuple(_effects(tool, place, world))


def _effects(tool: ToolCall, place: Place, world: World) -> Iterator[Effect]:
    kinds = _KINDS.get(tool.kind, (EffectKind.NAMES,))
    content = _word("\n".join(tool.content)) if tool.content else None
    for path in (*tool.paths, *tool.sought):
        if path:
            yield from _on_path(kinds, path, place, world, recursive=tool.kind is ToolKind.SEARCH, content=content)
    for url in tool.urls:
        target = of_url(_word(url))
        if target.path is not None and target.path.literal:
            yield from _on_path((EffectKind.READS,), target.path.literal, place, world, recursive=False, content=None)
        else:
            yield Effect(EffectKind.CONNECTS, target.host, object=target.port)
    if tool.mcp is not None:
        yield Effect(EffectKind.CALLS, _word(tool.mcp.tool), object=tool.mcp.server)


def _on_path(
    kinds: tuple[EffectKind, ...], path: str, place: Place, world: World, *, recursive: bool, content: Word | None
) -> Iterator[Effect]:
    if path == "~" or path.startswith("~/"):
        # Some clients take it for the home directory, others for a name.
        yield from _on_path(kinds, place.home + path[1:], place, world, recursive=recursive, content=content)
    word = resolve((path,), (place.cwd,) if place.cwd else None)
    if is_nothing(word):
        return
    followed = world.real(word.literal) if word.literal is not None else None
    real = _word(followed) if followed is not None and followed != word.literal else None
    for kind in kinds:
        yield Effect(
            kind,
            word,
            scope_of(word if real is None else real, place),
            certain=kind is not EffectKind.NAMES,
            recursive=recursive,
            content=content if kind is EffectKind.WRITES else None,
            real=real,
        )


def _word(text: str) -> Word:
    return Word((text,) if text else (), (0, 0), text)
