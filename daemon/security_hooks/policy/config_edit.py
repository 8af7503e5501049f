"""Edits a person's `config.toml` in the override form, keeping every comment and all that it does not concern."""

from collections.abc import Iterable

import tomli_w
import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AbstractTable, Array

from security_hooks.model.diagnostic import Diagnostic, PolicyError
from security_hooks.policy.config_read import Action, spellings_of
from security_hooks.policy.config_rows import Names

_ENTRIES_ON_A_LINE = 6


def add_names(text: str, file: str, row: Names, names: Iterable[str], inherited: frozenset[str]) -> str:
    """The file with these names in the list, given what earlier layers have in it; `text` itself if they are in.

    Raises PolicyError where the file is in a form that cannot be edited.
    """
    editing = _Editing(text, file, row)
    for name in names:
        editing.add(name, inherited)
    return editing.text


def remove_names(text: str, file: str, row: Names, names: Iterable[str], inherited: frozenset[str]) -> str:
    """The file with these names out of the list, given what earlier layers have in it; `text` itself if they are out.

    Raises PolicyError where the file is in a form that cannot be edited.
    """
    editing = _Editing(text, file, row)
    for name in names:
        editing.remove(name, inherited)
    return editing.text


class _Editing:
    """One list of one file, being edited."""

    def __init__(self, text: str, file: str, row: Names) -> None:
        self._file = file
        self._row = row
        self._section = row.path[0]
        keys = {action: key[-1] for key, action in spellings_of(row)}
        self._whole = keys.get(Action.SET)
        self._append = keys[Action.APPEND]
        self._exclude = keys[Action.EXCLUDE]
        self._before = text
        self._changed = False
        try:
            self._document = tomlkit.parse(text)
        except TOMLKitError as error:
            raise self._refusal(f"the file cannot be edited: {error}") from None

    @property
    def text(self) -> str:
        """The file as it is now."""
        if not self._changed:
            return self._before
        text = self._document.as_string()
        # A file that was empty is ours to lay out.
        return text if self._before.strip() else tomli_w.dumps(self._document.unwrap())

    def add(self, name: str, inherited: frozenset[str]) -> None:
        self._take(self._exclude, name)
        if self._array(self._whole) is not None:
            self._put(self._whole, name)
        elif name not in inherited:
            is_new_list = self._row.path[0] == "lists" and not inherited and self._array(self._append) is None
            self._put(self._whole if is_new_list else self._append, name)

    def remove(self, name: str, inherited: frozenset[str]) -> None:
        self._take(self._append, name)
        if self._array(self._whole) is not None:
            self._take(self._whole, name)
        elif name in inherited:
            self._put(self._exclude, name)

    def _array(self, key: str | None) -> Array | None:
        section = self._document.get(self._section)
        found = None if section is None or key is None else section.get(key)
        if found is None or isinstance(found, Array):
            return found
        raise self._refusal(f"`{self._section}.{key}` is not a list")

    def _put(self, key: str | None, name: str) -> None:
        if key is None:
            return
        array = self._array(key)
        if array is None:
            array = tomlkit.array()
            section = self._document.get(self._section)
            if section is None:
                section = tomlkit.table()
                self._document.add(self._section, section)
            section[key] = array
            array = self._array(key)
        if array is not None and name not in array:
            array.append(name)
            array.multiline(len(array) > _ENTRIES_ON_A_LINE or "\n" in array.as_string())
            self._changed = True

    def _take(self, key: str | None, name: str) -> None:
        array = self._array(key)
        if key is None or array is None or name not in array:
            return
        while name in array:
            array.remove(name)
        self._changed = True
        section = self._document[self._section]
        # An empty list of one's own is still a list; an empty override says nothing, unless a comment does.
        is_bare = not array and "#" not in array.as_string() and not array.trivia.comment
        if is_bare and key != self._whole and isinstance(section, AbstractTable):
            del section[key]

    def _refusal(self, message: str) -> PolicyError:
        hint = "change it in an editor"
        return PolicyError((Diagnostic(self._file, 0, 0, "not-editable", message, hint),))
