"""One layer's bytes in, its checked edits out: what it sets, appends and excludes, with everything wrong in it."""

import difflib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from security_hooks.model.diagnostic import Diagnostic, Level
from security_hooks.policy.config_pins import read_pins
from security_hooks.policy.config_rows import Choice, Item, Key, Names, Number, Pins, Row, Sinks, Text, Value
from security_hooks.policy.config_schema import LIST_NAME, LIST_NAMES, LISTS_SECTION, ROWS, own_list
from security_hooks.policy.config_sinks import read_sinks
from security_hooks.policy.config_types import Layer
from security_hooks.policy.toml_places import KeyPath, places

LAYER_BYTES = 1 << 18
LOCKED = ("locked",)

_MOST_REMARKS = 100
_MOST_CHARACTERS = 500
# tomllib spends the square of a dotted key's length, which a hostile file chooses.
_LONG_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){32}""")

_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class Action(Enum):
    """What an edit does to its key."""

    SET = "set"
    EXCLUDE = "exclude"
    APPEND = "append"


Spellings: TypeAlias = dict[Key, tuple[Row, Action]]


@dataclass(frozen=True, slots=True)
class Edit:
    """One checked statement of a layer. `spelled` is the key as written (`executables.append`)."""

    row: Row
    action: Action
    value: Value
    spelled: Key


@dataclass(frozen=True, slots=True)
class Remark:
    """A diagnostic whose position is not looked up yet; `at` is a key path in the layer's text."""

    at: KeyPath
    code: str
    message: str
    hint: str = ""
    level: Level = Level.ERROR


@dataclass(frozen=True, slots=True)
class LayerEdits:
    """What one layer asks for. `locked` holds the keys as written, with their places in the list."""

    layer: Layer
    edits: tuple[Edit, ...] = ()
    locked: tuple[str, ...] = ()


def spellings_of(row: Row) -> Iterator[tuple[Key, Action]]:
    """Every spelling that edits this key."""
    is_added = isinstance(row, Pins | Sinks) or (isinstance(row, Names) and row.adds)
    yield row.path, Action.APPEND if is_added else Action.SET
    if isinstance(row, Pins | Sinks):
        yield (*row.path[:-1], f"exclude_{row.path[-1]}"), Action.EXCLUDE
    if isinstance(row, Names):
        section, name = row.path
        suffix = "" if row.is_main else f"_{name}"
        yield (section, f"exclude{suffix}"), Action.EXCLUDE
        if not row.adds:
            yield (section, f"append{suffix}"), Action.APPEND


def dotted(key: KeyPath) -> str:
    """A key as people write it."""
    return ".".join(map(str, key))


def locate(layer: Layer, remarks: list[Remark]) -> tuple[Diagnostic, ...]:
    """Remarks on a layer as diagnostics with line and column."""
    if not remarks:
        return ()
    known = places(layer.text.decode("utf-8"))
    diagnostics = []
    for remark in remarks[:_MOST_REMARKS]:
        at = remark.at
        while at and at not in known:
            at = at[:-1]
        line, column = known.get(at, (0, 0))
        message, hint = printable(remark.message), printable(remark.hint)
        diagnostics.append(Diagnostic(layer.path, line, column, remark.code, message, hint, remark.level))
    if len(remarks) > _MOST_REMARKS:
        message = f"the file has {len(remarks) - _MOST_REMARKS} more faults like these"
        diagnostics.append(Diagnostic(layer.path, 0, 0, "more", message, level=remarks[-1].level))
    return tuple(sorted(diagnostics, key=lambda found: (found.line == 0, found.line, found.column)))


def printable(text: str) -> str:
    """Text from a file that anybody may have written, fit for a terminal and for every encoder."""
    shown = text if text.isprintable() else "".join(char if char.isprintable() else "\ufffd" for char in text)
    return shown if len(shown) <= _MOST_CHARACTERS else f"{shown[:_MOST_CHARACTERS]}..."


def read_layer(layer: Layer) -> tuple[LayerEdits, tuple[Diagnostic, ...]]:
    """Check one layer by itself. With an ERROR among the diagnostics, the edits are incomplete."""
    if len(layer.text) > LAYER_BYTES:
        message = f"the file has {len(layer.text)} bytes; a configuration file may have {LAYER_BYTES}"
        return LayerEdits(layer), (Diagnostic(layer.path, 0, 0, "too-large", message),)
    try:
        text = layer.text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = layer.text.count(b"\n", 0, error.start) + 1
        start = layer.text.rfind(b"\n", 0, error.start) + 1
        column = len(layer.text[start : error.start].decode("utf-8", "replace")) + 1
        return LayerEdits(layer), (Diagnostic(layer.path, line, column, "encoding", "the file is not UTF-8"),)
    long_key = _LONG_KEY.search(text)
    if long_key is not None:
        message = "a key may not have more than 32 parts"
        return LayerEdits(layer), (Diagnostic(layer.path, *_position(text, long_key.start()), "syntax", message),)
    try:
        table = tomllib.loads(text)
    except ValueError as error:
        return LayerEdits(layer), (_syntax(layer, str(error)),)
    except RecursionError:
        return LayerEdits(layer), (Diagnostic(layer.path, 0, 0, "syntax", "the file is nested too deeply"),)
    reading = _Reading(layer)
    reading.table((), table)
    reading.contradictions()
    edits = LayerEdits(layer, tuple(reading.edits), reading.locked)
    return edits, locate(layer, reading.remarks)


def _syntax(layer: Layer, message: str) -> Diagnostic:
    position = _POSITION.search(message)
    line = column = 0
    if position is not None:
        message = message[: position.start()]
        text = layer.text.decode("utf-8")
        line, column = (int(position[1]), int(position[2])) if position[1] else _position(text, len(text))
    message = printable(message[:1].lower() + message[1:])
    return Diagnostic(layer.path, line, column, "syntax", message, "the file must be TOML")


def _position(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


SPELLINGS: Spellings = {key: (row, action) for row in ROWS for key, action in spellings_of(row)}
_SECTIONS = frozenset(key[:length] for key in SPELLINGS for length in range(1, len(key))) | {(LISTS_SECTION,)}
_SUGGESTED = tuple(map(dotted, SPELLINGS)) + tuple(map(dotted, sorted(_SECTIONS)))


class _Reading:
    """The walk over one layer's table, collecting edits and remarks."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self.edits: list[Edit] = []
        self.remarks: list[Remark] = []
        self.locked: tuple[str, ...] = ()

    def table(self, section: Key, table: dict[str, object]) -> None:
        for name, value in table.items():
            key = (*section, name)
            if key == LOCKED:
                self._lock(value)
            elif key in _SECTIONS:
                if isinstance(value, dict):
                    self.table(key, value)
                else:
                    self._wrong(key, f"a table, `[{dotted(key)}]`")
            elif section == (LISTS_SECTION,):
                self._own_list(name, value)
            elif key in SPELLINGS:
                self._edit(key, *SPELLINGS[key], value)
            else:
                self._unknown(key)

    def contradictions(self) -> None:
        """A name that one layer both appends and excludes."""
        appended = {
            (edit.row.path, entry) for edit in self.edits if edit.action is Action.APPEND for entry in _entries(edit)
        }
        for edit in self.edits:
            if edit.action is not Action.EXCLUDE:
                continue
            for index, entry in enumerate(_entries(edit)):
                if (edit.row.path, entry) in appended:
                    message = f"`{entry}` is both added to and excluded from `{dotted(edit.row.path)}`"
                    self.remarks.append(
                        Remark((*edit.spelled, index), "contradiction", message, "take one of them out")
                    )

    def _lock(self, value: object) -> None:
        if self._layer.name != "system":
            message = "only the system configuration may lock keys; `locked` is ignored here"
            self.remarks.append(Remark(LOCKED, "lock-ignored", message, level=Level.WARNING))
        elif isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            self.locked = tuple(value)
        else:
            self._wrong(LOCKED, 'a list of keys, as in `["executables.allowed"]`')

    def _own_list(self, name: str, value: object) -> None:
        key = (LISTS_SECTION, name)
        action, bare = Action.SET, name
        for verb in (Action.APPEND, Action.EXCLUDE):
            if name == verb.value or name.startswith(f"{verb.value}_"):
                action, bare = verb, name[len(verb.value) + 1 :]
        if not bare:
            message = f"`{dotted(key)}` does not say which list"
            self.remarks.append(Remark(key, "unknown-key", message, f"write `{name}_NAME`"))
        elif LIST_NAME.fullmatch(bare) is None:
            hint = "use small letters, digits and `_`, beginning with a letter; 64 at most"
            self.remarks.append(Remark(key, "list-name", f"`{bare}` cannot be the name of a list", hint))
        elif bare in LIST_NAMES:
            owner = next(row for row in ROWS if isinstance(row, Names | Pins | Choice) and row.list_name == bare)
            message = f"`{bare}` is the name of a list that rules have already"
            self.remarks.append(Remark(key, "list-name", message, f"it is `{dotted(owner.path)}`; take another name"))
        else:
            self._edit(key, own_list(bare), action, value)

    def _edit(self, key: Key, row: Row, action: Action, value: object) -> None:
        match row:
            case Choice():
                checked = self._word(key, row, value)
            case Number():
                checked = self._number(key, row, value)
            case Names():
                checked = self._names(key, row.item, value)
            case Pins() if action is Action.EXCLUDE:
                checked = self._names(key, Item.SERVER, value)
            case Pins():
                checked, wrong = read_pins(key, value)
                self.remarks += [Remark(at, "wrong-value", message) for at, message in wrong]
            case Sinks() if action is Action.EXCLUDE:
                checked = self._names(key, Item.TEXT, value)
            case Sinks():
                checked, wrong = read_sinks(key, value)
                self.remarks += [Remark(at, "wrong-value", message) for at, message in wrong]
            case Text():
                checked = self._text(key, row, value)
        if checked is not None:
            self.edits.append(Edit(row, action, checked, key))

    def _word(self, key: Key, row: Choice, value: object) -> Value | None:
        if isinstance(value, str) and value in row.words:
            return value
        refusal = next((why for word, why in row.refused if word == value), None)
        self._wrong(key, _alternatives(row.words), refusal or _suggestion(value, row.words))
        return None

    def _text(self, key: Key, row: Text, value: object) -> Value | None:
        if isinstance(value, str) and row.fits(value):
            return value
        self._wrong(key, row.must)
        return None

    def _number(self, key: Key, row: Number, value: object) -> Value | None:
        if isinstance(value, int) and not isinstance(value, bool) and row.minimum <= value <= row.maximum:
            return value
        self._wrong(key, f"a whole number from {row.minimum} to {row.maximum}")
        return None

    def _names(self, key: Key, item: Item, value: object) -> Value | None:
        if not isinstance(value, list):
            self._wrong(key, f'a list of {item.value[0]}, as in `["name"]`')
            return None
        for index, entry in enumerate(value):
            if not isinstance(entry, str) or not item.fits(entry):
                message = f"`{dotted(key)}` must hold {item.value[0]}; entry {index + 1} is something else"
                self.remarks.append(Remark((*key, index), "wrong-value", message))
        return tuple(dict.fromkeys(entry for entry in value if isinstance(entry, str)))

    def _wrong(self, key: Key, expected: str, hint: str = "") -> None:
        self.remarks.append(Remark(key, "wrong-value", f"`{dotted(key)}` must be {expected}", hint))

    def _unknown(self, key: Key) -> None:
        word = dotted(key)
        # Each suggestion takes a millisecond, and a hostile file may have any number of unknown keys.
        hint = "" if len(self.remarks) > _MOST_REMARKS else _suggestion(word, _SUGGESTED) or _elsewhere(key)
        self.remarks.append(Remark(key, "unknown-key", f"`{word}` is not a key", hint))


def _entries(edit: Edit) -> tuple[str, ...]:
    return edit.value if isinstance(edit.value, tuple) else ()


def _alternatives(words: tuple[str, ...]) -> str:
    return " or ".join(f"`{word}`" for word in words)


def _suggestion(word: object, words: tuple[str, ...]) -> str:
    # difflib is quadratic in the length of the word, which a hostile file chooses.
    close = difflib.get_close_matches(word[:100], words, 1, 0.7) if isinstance(word, str) else []
    return f"did you mean `{close[0]}`?" if close else ""


def _elsewhere(key: Key) -> str:
    """A key of this name in another section."""
    same = next((known for known in SPELLINGS if known[-1] == key[-1]), None)
    return f"did you mean `{dotted(same)}`?" if same else ""
