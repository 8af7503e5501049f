"""What was understood of a piece of code in another language: its effects, and the commands that it starts."""

import msgspec

from security_hooks.model.effect import EffectKind
from security_hooks.model.word import Hole, Origin

Value = tuple[str | Hole, ...]


class RawEffect(msgspec.Struct, frozen=True, gc=False):
    """One thing that the code does. `target` is the path, host, variable or object as the program gives it: a path is
    relative to where the code runs, and a leading `~` is a plain name. An empty `target` is not known at all.

    `content` is what is written there, where the code says it. `object` is the kind of thing that is mutated.
    """

    kind: EffectKind
    target: Value
    certain: bool = True
    recursive: bool = False
    sends: bool = False
    content: Value | None = None
    object: str = ""


class Inline(msgspec.Struct, frozen=True, gc=False):
    """What the code does. `shell` are texts that it hands to a shell, `argvs` argument lists that it starts without.

    `opaque` is set where it runs code that is not known. `flows` are pairs of indices into `effects`: data goes from
    the first to the second. `/dev/stdin` and `/dev/stdout` stand among the effects only where data flows from or to
    them. `over_budget`: only a part was read.
    """

    effects: tuple[RawEffect, ...] = ()
    shell: tuple[Value, ...] = ()
    argvs: tuple[tuple[Value, ...], ...] = ()
    opaque: Origin | None = None
    flows: tuple[tuple[int, int], ...] = ()
    over_budget: bool = False


class Read(msgspec.Struct, frozen=True, gc=False):
    """What a reader found, and code of other languages within: (language, code)."""

    inline: Inline
    nested: tuple[tuple[str, Value], ...] = ()
