"""Where a key stands in a TOML text, and the diagnostics that say so; `tomllib` keeps no places itself."""

import difflib
import re
from collections.abc import Collection, Iterable

from security_hooks.model.diagnostic import Diagnostic

_SYNTAX = re.compile(r"(?P<message>.*?)\s*\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")


class Places:
    """The text of one file, and the diagnostics about it."""

    def __init__(self, file: str, text: str, diagnostics: list[Diagnostic]) -> None:
        self.file = file
        self._lines = text.split("\n")
        self._diagnostics = diagnostics

    def report(self, path: tuple[str, ...], code: str, message: str, hint: str = "", near: str = "") -> None:
        """Add an error about the key at `path`; the place is its header's or its line's, or that of the string
        `near` behind it.
        """
        line, column = self.find(path)
        if near:
            for number, text in enumerate(self._lines[line - 1 :], line):
                if f'"{near}"' in text:
                    line, column = number, text.index(f'"{near}"') + 1
                    break
        self._diagnostics.append(Diagnostic(self.file, line, column, code, message, hint))

    def report_syntax(self, error: str) -> None:
        """Add what `tomllib` says about a text that is no TOML."""
        found = _SYNTAX.fullmatch(error)
        message = found["message"] if found else error
        line = int(found["line"]) if found and found["line"] else len(self._lines)
        column = int(found["column"]) if found and found["column"] else 1
        message = message[:1].lower() + message[1:]
        self._diagnostics.append(Diagnostic(self.file, line, column, "syntax", message, "the file must be valid TOML"))

    def check_keys(self, path: tuple[str, ...], table: Iterable[str], known: Collection[str]) -> None:
        """Report every key that is not known, with the one it may stand for."""
        for key in table:
            if key not in known:
                close = difflib.get_close_matches(key, known, 1)
                hint = f"did you mean `{close[0]}`?" if close else f"one of {', '.join(f'`{k}`' for k in known)}"
                self.report((*path, key), "unknown-key", f"`{key}` is not a key here", hint)

    def find(self, path: tuple[str, ...]) -> tuple[int, int]:
        """Line and column of the header or the line that says what is at `path`, or of the nearest one above it."""
        for size in range(len(path), 0, -1):
            header = r"\s*\[\s*" + r"\s*\.\s*".join(map(_key, path[:size])) + r"\s*\]"
            for number, line in enumerate(self._lines, 1):
                if re.match(header, line):
                    return self._find_below(number, path[size:]) if size < len(path) else (number, line.index("[") + 1)
        return self._find_below(0, path)

    def _find_below(self, header: int, keys: tuple[str, ...]) -> tuple[int, int]:
        for number, line in enumerate(self._lines[header:], header + 1):
            if line.lstrip().startswith("["):
                break
            found = re.match(rf"\s*({_key(keys[0])})\s*[.=]", line) if keys else None
            if found:
                inner = re.search(rf"[{{,]\s*({_key(keys[1])})\s*=", line) if len(keys) > 1 else None
                return number, (inner or found).start(1) + 1
        return (header, 1) if header else (1, 1)


def _key(name: str) -> str:
    return rf"(?:{re.escape(name)}|\"{re.escape(name)}\"|'{re.escape(name)}')"
