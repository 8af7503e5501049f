"""Hooks in a settings file of JSON, `{"hooks": {EVENT: [{"matcher", "hooks": [HANDLER]}]}}`: ours put in and taken out.

Whatever is not ours keeps every byte. Raises TextError for a text that its client could not use.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from security_hooks.model.record import Json
from security_hooks.wiring.json_text import Child, Edit, Node, TextError, applied, parse, put_in, take_out
from security_hooks.wiring.line import is_ours

JsonObject = dict[str, Json]
Groups = Mapping[str, JsonObject]


@dataclass(frozen=True, slots=True)
class Handler:
    """One hook of one event, with the group that it stands in."""

    event: str
    group: JsonObject
    handler: JsonObject

    @property
    def is_ours(self) -> bool:
        """Whether it runs our shim."""
        return is_ours(_strings(self.handler))


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """What a client reads: whether comments may be in it, and `check`, which raises TextError for what it refuses."""

    comments: bool
    check: Callable[[Node], None]

    def read(self, text: str) -> Node:
        """The tree of a settings text; raises TextError where the client could not use it."""
        root = parse(text, comments=self.comments)
        if not isinstance(root.value, dict):
            raise TextError(root.start, "the settings are no object")
        self.check(root)
        return root


def handlers(settings: Json) -> Iterator[Handler]:
    """Every hook of well-formed settings."""
    hooks = settings.get("hooks") if isinstance(settings, dict) else None
    for event, groups in hooks.items() if isinstance(hooks, dict) else ():
        for group in groups if isinstance(groups, list) else ():
            inner = group.get("hooks") if isinstance(group, dict) else None
            for handler in inner if isinstance(inner, list) else ():
                if isinstance(group, dict) and isinstance(handler, dict):
                    yield Handler(event, group, handler)


def wired(text: str | None, wanted: Groups, form: JsonFormat) -> str:
    """The settings with these groups of ours and no others of ours, behind everybody else's; `text` itself if so.

    None stands for no file.
    """
    if text is None or not text.strip(" \t\r\n"):
        text = "{}\n"
    root = form.read(text)
    present = [(handler.event, handler.group) for handler in handlers(root.value) if handler.is_ours]
    if present == list(wanted.items()) or sorted(map(repr, present)) == sorted(map(repr, wanted.items())):
        return text
    if present:
        text = unwired(text, form) or "{}\n"
        root = form.read(text)
    return applied(text, _added(text, root, wanted))


def unwired(text: str, form: JsonFormat) -> str | None:
    """The settings without any hook of ours; None where nothing else is left."""
    root = form.read(text)
    hooks = root.member("hooks")
    if hooks is None:
        return text
    edits: list[Edit] = []
    gone = [_emptied(event, edits) for event in hooks.children]
    if any(gone):
        if not all(gone):
            edits = [*edits, *take_out(hooks, gone)]
        elif len(root.children) == 1:
            return None
        else:
            edits = take_out(root, [child.key == "hooks" for child in root.children])
    return applied(text, edits)


def _emptied(event: Child, edits: list[Edit]) -> bool:
    """Take our hooks out of an event; says whether nothing is left of it, and then takes nothing out."""
    mine: list[Edit] = []
    gone: list[bool] = []
    for group in event.node.items():
        inner = group.member("hooks")
        ours = (
            [isinstance(node.value, dict) and is_ours(_strings(node.value)) for node in inner.items()] if inner else []
        )
        gone.append(bool(ours) and all(ours))
        if inner is not None and any(ours) and not all(ours):
            mine += take_out(inner, ours)
    if gone and all(gone):
        return True
    edits += [*mine, *take_out(event.node, gone)]
    return False


def _added(text: str, root: Node, wanted: Groups) -> list[Edit]:
    hooks = root.member("hooks")
    if hooks is None:
        return [put_in(text, root, root, [("hooks", {event: [group] for event, group in wanted.items()})])]
    new: list[tuple[str | None, Json]] = [
        (name, [group]) for name, group in wanted.items() if hooks.member(name) is None
    ]
    edits = [put_in(text, root, hooks, new)] if new else []
    for name, group in wanted.items():
        event = hooks.member(name)
        if event is not None:
            edits.append(put_in(text, root, event, [(None, group)]))
    return edits


def check_hooks(root: Node) -> None:
    """What every client needs of `hooks`: arrays of groups with their hooks, each of the type that it must be."""
    hooks = root.member("hooks")
    if hooks is None:
        return
    expect(hooks, dict, "`hooks` is no object")
    for event in hooks.items():
        expect(event, list, "the hooks of an event are no array")
        for group in event.items():
            expect(group, dict, "a group of hooks is no object")
            matcher, inner = group.member("matcher"), group.member("hooks")
            if matcher is not None:
                expect(matcher, str, "a `matcher` is no string")
            if inner is None:
                raise TextError(group.start, "a group has no `hooks`")
            expect(inner, list, "the `hooks` of a group are no array")
            for handler in inner.items():
                expect(handler, dict, "a hook is no object")


def expect(node: Node, kind: type, otherwise: str) -> None:
    """Raises TextError with `otherwise` at a value of another type."""
    if not isinstance(node.value, kind):
        raise TextError(node.start, otherwise)


def _strings(handler: Mapping[str, Json]) -> tuple[str, ...]:
    arguments = handler.get("args")
    words = [handler.get("command"), *(arguments if isinstance(arguments, list) else ())]
    return tuple(word for word in words if isinstance(word, str))
