"""Laws of layers: distrust and locks never loosen, later layers win, appending and excluding are sets."""

from collections.abc import Iterable

import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from security_hooks.model.diagnostic import Level
from security_hooks.policy.config_budgets import rate_of
from security_hooks.policy.config_layers import fold_layers
from security_hooks.policy.config_read import Action, spellings_of
from security_hooks.policy.config_rows import Choice, Key, Names, Number, Pins, Row, Sinks, Stricter, Text, Value
from security_hooks.policy.config_schema import ROWS, is_for_projects, own_list
from security_hooks.policy.config_types import Layer

WORDS = ("git", "curl", "rm", "deno", "zz")
LISTS: tuple[Names, ...] = (*(row for row in ROWS if isinstance(row, Names)), own_list("own"))
NAMES = st.sets(st.sampled_from(WORDS))
NUMBERS = {row.path: (row.minimum + row.maximum) // 2 for row in ROWS if isinstance(row, Number)}


def document(flat: dict[Key, object]) -> bytes:
    tree: dict[str, object] = {}
    for key, value in flat.items():
        place = tree
        for part in key[:-1]:
            inner = place.setdefault(part, {})
            assert isinstance(inner, dict)
            place = inner
        place[key[-1]] = value
    return tomli_w.dumps(tree).encode()


def tables(names: Iterable[str], port: int) -> list[dict[str, object]]:
    return [{"name": name, "kind": "syslog", "url": f"tcp://x.example:{port}"} for name in sorted(names)]


def base_values() -> dict[Key, object]:
    values: dict[Key, object] = {row.path: ["git", "curl", "rm"] for row in LISTS}
    values |= NUMBERS
    values |= {row.path: {"git": {"command": "git"}} for row in ROWS if isinstance(row, Pins)}
    values |= {row.path: tables(["git"], 1) for row in ROWS if isinstance(row, Sinks)}
    values |= {row.path: "20 per 1h" if row.stricter else "" for row in ROWS if isinstance(row, Text)}
    values |= {row.path: row.words[len(row.words) // 2] for row in ROWS if isinstance(row, Choice)}
    return values


BASE = Layer("shipped", "shipped", document(base_values()))
VALUES = fold_layers([BASE])[0].values


@st.composite
def layer_texts(draw: st.DrawFn) -> bytes:
    """Any sound layer: some keys set, some lists changed."""
    flat: dict[Key, object] = {}
    for row in (*ROWS, own_list("own"), own_list("new")):
        match row:
            case Choice() if draw(st.booleans()):
                flat[row.path] = draw(st.sampled_from(row.words))
            case Number() if draw(st.booleans()):
                flat[row.path] = draw(st.integers(row.minimum, row.maximum))
            case Pins() if draw(st.booleans()):
                flat[row.path] = {name: {"command": draw(st.sampled_from(WORDS))} for name in draw(NAMES)}
            case Sinks() if draw(st.booleans()):
                flat[row.path] = tables(draw(NAMES), draw(st.integers(1, 3)))
            case Text() if draw(st.booleans()):
                rates = st.sampled_from(["", "10 per 1h", "20 per 30m", "20 per 2h", "40 per 1h", "5 per 15m"])
                flat[row.path] = draw(rates) if row.stricter else f"127.0.0.1:{draw(st.integers(1, 3))}"
            case Names():
                put: set[str] = set()
                for key, action in spellings_of(row):
                    if draw(st.booleans()):
                        names = draw(st.sets(st.sampled_from(WORDS)))
                        flat[key] = sorted(names if action is Action.SET else names - put)
                        put |= names if action is not Action.SET else set()
    return document(flat)


def is_no_looser(row: Row, base: Value, value: Value) -> bool:
    match row, base, value:
        case Choice(), str(), str():
            return row.words.index(value) >= row.words.index(base) if row.ordered else value == base
        case Text(), str(), str() if row.stricter is not None:
            held, taken = rate_of(base), rate_of(value)
            if held is None or taken is None:
                return held is None
            # However its calls are spread, no window of the first holds more than it did.
            return taken.count * -(-held.seconds // taken.seconds) <= held.count
        case Number(stricter=Stricter.LONGER), int(), int():
            return value == 0 or 0 < base <= value
        case Number(stricter=Stricter.CAPPED), int(), int():
            return not base or 0 < value <= base
        case Number(), int(), int():
            return value <= base if row.stricter else value == base
        case Names(), tuple(), tuple():
            if row.stricter is Stricter.FEWER:
                return set(value) <= set(base)
            if row.stricter is Stricter.MORE:
                return set(value) >= set(base)
            if row.stricter is Stricter.NARROWER:
                return not base or (bool(value) and set(value) <= set(base))
            if row.stricter is Stricter.SCOPED:
                # Words without a slash lie in none but themselves.
                kept, before = ({word for word in names if word[0] != "!"} for names in (value, base))
                return set(base) - before <= set(value) and (not before or (bool(kept) and kept <= before))
        case Pins(), tuple(), tuple():
            return set(value) >= set(base)
    return base == value


def no_errors(layers: list[Layer]) -> dict[Key, Value]:
    effective, diagnostics = fold_layers(layers)
    assert all(found.level is Level.WARNING for found in diagnostics), diagnostics
    return effective.values


@given(st.lists(layer_texts(), min_size=1, max_size=2), layer_texts())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_untrusted_project_never_loosens(texts: list[bytes], machine: bytes) -> None:
    base = [BASE, Layer("user", "user", machine)]
    before = no_errors(base)
    after = no_errors([*base, *(Layer("project", f"p{n}", text, False) for n, text in enumerate(texts))])
    assert after.keys() == before.keys()
    for row in ROWS:
        assert is_no_looser(row, before[row.path], after[row.path]), row.path
        assert is_for_projects(row) or before[row.path] == after[row.path]


@given(layer_texts(), layer_texts(), st.booleans(), st.sets(st.sampled_from([row.path for row in ROWS])))
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_locked_keys_never_loosen(user: bytes, project: bytes, trusted: bool, locked: set[Key]) -> None:
    lock = Layer("system", "system", document({("locked",): sorted(".".join(key) for key in locked)}))
    before = no_errors([BASE, lock])
    after = no_errors([BASE, lock, Layer("user", "user", user), Layer("project", "project", project, trusted)])
    for row in ROWS:
        if row.path in locked:
            assert is_no_looser(row, before[row.path], after[row.path]), row.path


@given(layer_texts(), layer_texts())
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_layer_says_the_same_again_without_effect(one: bytes, two: bytes) -> None:
    layers = [BASE, Layer("user", "one", one), Layer("user", "two", two)]
    assert no_errors(layers) == no_errors([*layers, Layer("user", "again", two)])


@given(st.sampled_from(LISTS), st.sets(st.sampled_from(WORDS)), st.sets(st.sampled_from(WORDS)))
def test_append_and_exclude_are_union_and_difference(row: Names, added: set[str], gone: set[str]) -> None:
    keys = {action: key for key, action in spellings_of(row)}
    append = Layer("user", "a", document({keys[Action.APPEND]: sorted(added)}))
    exclude = Layer("user", "e", document({keys[Action.EXCLUDE]: sorted(gone)}))
    base = VALUES[row.path]
    assert isinstance(base, tuple)
    then_excluded = no_errors([BASE, append, exclude])[row.path]
    then_appended = no_errors([BASE, exclude, append])[row.path]
    assert isinstance(then_excluded, tuple) and isinstance(then_appended, tuple)
    assert set(then_excluded) == (set(base) | added) - gone
    assert set(then_appended) == (set(base) - gone) | added
    assert [entry for entry in then_excluded if entry in base] == [entry for entry in base if entry in then_excluded]


@given(st.permutations([1, 2, 3]))
def test_the_last_layer_that_sets_a_key_wins(order: list[int]) -> None:
    layers = [Layer("user", str(n), document({("limits", "concurrent"): n})) for n in order]
    assert no_errors([BASE, *layers])["limits", "concurrent"] == order[-1]
