"""What one credential format is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """One credential format; `kind` is what its placeholder says.

    `pattern` (RE2, over UTF-8) has exactly one capturing group, the secret. It is asked where no letter or digit
    stands before it, or anywhere if it begins like no word ends (`glued`). `hint` is a pattern that every match
    contains however it is quoted or escaped in JSON; it may match more. `source` says where the format is described.
    `hosts` are the issuer's own, as globs, where they are well known: the secret is meant to go there.
    """

    kind: str
    pattern: str
    hint: str
    source: str
    glued: bool = False
    hosts: tuple[str, ...] = ()
