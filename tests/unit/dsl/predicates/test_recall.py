"""`made_here` and `ran_unseen`; those that take a condition are in `tests/unit/dsl/test_recall.py`."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from security_hooks.dsl.truth import Truth
from security_hooks.model.effect import Effect, EffectKind
from security_hooks.model.session import NO_SESSION, SessionView
from security_hooks.model.shell import Facts
from security_hooks.model.word import Word

NO, YES = Truth.NO, Truth.YES


@pytest.mark.parametrize(("view", "truth"), [(NO_SESSION, NO), (SessionView(ran_unseen=True), YES)])
def test_ran_unseen(build: SimpleNamespace, view: SessionView, truth: Truth) -> None:
    assert build.ask("ran_unseen()", Facts(replace(build.call(), session=view), None)) is truth


@pytest.mark.parametrize(
    ("kind", "path", "truth"),
    [
        (EffectKind.READS, "/p/a", YES),
        (EffectKind.EXECUTES, "/p/a", YES),
        (EffectKind.WRITES, "/p/a", NO),
        (EffectKind.READS, "/p/b", NO),
    ],
)
def test_made_here(build: SimpleNamespace, kind: EffectKind, path: str, truth: Truth) -> None:
    effect = Effect(kind, Word((path,), (0, 0), path))
    call = replace(build.call(), effects=(effect,), session=SessionView(written=frozenset(["/p/a"])))
    assert build.ask("made_here()", Facts(call, None)) is truth
