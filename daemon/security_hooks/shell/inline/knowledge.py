"""The notation in which the tables say what functions of a language do.

One line for one or more functions: `os.remove os.unlink : delete(0 path)`. Behind the colon stand verbs with their
arguments: groups divided by `;`, in a group the alternatives for one argument: a position, a keyword, `self` (what the
receiver was made from), `=fold`, `*` (all positions), `1+` (from there on), or `'text'`. `> Type(group)` says what
comes back: an instance of that type made from that; `> &Type(..)` one that is used as the text it was made from;
`> =fold` what the fold of this name (`folds.py`) makes of it; `> self` the receiver. Of a name that begins with `@` the
mere mention is a call. `?.name` is a method of something unknown.
"""

import re
from collections.abc import Mapping

import msgspec

_CLAUSE = re.compile(r"(>\s*)?([=&]?[\w.*\[\]-]+)(?:\(([^()]*)\))?\s*")
Group = tuple[str, ...]


class Clause(msgspec.Struct, frozen=True, gc=False):
    """One verb and where its arguments stand."""

    verb: str
    groups: tuple[Group, ...]


class Entry(msgspec.Struct, frozen=True, gc=False):
    """What calling this does; `result` is the clause behind `>`."""

    clauses: tuple[Clause, ...]
    result: Clause | None
    on_mention: bool


def read_table(text: str) -> Mapping[str, Entry]:
    """The table by name. Raises ValueError for a line that is none."""
    entries: dict[str, Entry] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        names, colon, said = line.partition(" :")
        if not colon:
            raise ValueError(line)
        clauses: list[Clause] = []
        result = None
        said = said.strip()
        place = 0
        while place < len(said):
            match = _CLAUSE.match(said, place)
            if match is None:
                raise ValueError(line)
            groups = tuple([tuple(group.split()) for group in (match[3] or "").split(";") if group.strip()])
            clause = Clause(match[2], groups)
            if match[1]:
                result = clause
            else:
                clauses.append(clause)
            place = match.end()
        for name in names.split():
            entries[name.removeprefix("@")] = Entry(tuple(clauses), result, name.startswith("@"))
    return entries
