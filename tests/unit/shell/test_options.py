import pytest

from security_hooks.catalogue.entry import Catalogue
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.shell.options import Reading, read_options

SPLITTING = Hole(HoleKind.PARAMETER, "$X", splits=True)
QUOTED = Hole(HoleKind.PARAMETER, '"$X"')
GLOB = Hole(HoleKind.GLOB, "*", splits=True)


def _word(part: str | Hole | tuple[str | Hole, ...]) -> Word:
    parts = part if isinstance(part, tuple) else (part,)
    return Word(parts, (0, 0), part if isinstance(part, str) else None)


def _read(catalogue: Catalogue, *parts: str | Hole | tuple[str | Hole, ...]) -> Reading:
    name = parts[0]
    assert isinstance(name, str)
    return read_options(catalogue.commands.get(name), [_word(part) for part in parts])


@pytest.mark.parametrize(
    ("text", "options", "operands"),
    [
        ("rm -rf a", "-f -r", "a"),
        ("rm a -R --force", "-f -r", "a"),
        ("rm --recurs a", "-r", "a"),
        ("rm -- -r", "", "-r"),
        ("rm -", "", "-"),
        ("rm --interactive=never a", "--interactive", "a"),
        ("head -n 5 a", "-n", "a"),
        ("head -n5 a", "-n", "a"),
        ("head --lines=5 a", "-n", "a"),
        ("head -20 a", "-20", "a"),
        ("find . -name x -delete", "-delete -name", "."),
        ("tar xzf a b", "-f -x -z", "b"),
        ("dd if=a", "if=", ""),
        ("unknown-tool -ab x --c=d", "--c -a -ab -b", "x"),
        ("bash +x f", "+x", "f"),
        ("grep -e -r a", "-e", "a"),
        ("pwsh -NOPROFILE -Enc x", "-EncodedCommand -NoProfile", ""),
        ("pwsh -E x", "-EncodedCommand", ""),
        ("pwsh -Ex x", "-ExecutionPolicy", ""),
        ("pwsh -con x", "-con", "x"),
    ],
)
def test_words_are_sorted_into_options_and_operands(
    catalogue: Catalogue, text: str, options: str, operands: str
) -> None:
    reading = _read(catalogue, *text.split())
    assert " ".join(sorted(reading.options)) == options
    assert " ".join(word.literal or "?" for word in reading.operands) == operands


@pytest.mark.parametrize(
    ("text", "subcommands"),
    [
        ("git -C dir push -f", "push"),
        ("git --git-dir x remote add a b", "remote add"),
        ("git remote -v", "remote"),
        ("git stash", "stash"),
        ("git frobnicate x", "frobnicate"),
        ("docker compose -f x up -d", "compose up"),
        ("npm i x", "install"),
        ("git --odd value push", "push"),
    ],
)
def test_subcommands_are_found_behind_global_options(catalogue: Catalogue, text: str, subcommands: str) -> None:
    assert " ".join(_read(catalogue, *text.split()).subcommands) == subcommands


def test_option_names_hold_every_spelling(catalogue: Catalogue) -> None:
    assert _read(catalogue, "rm", "-R").names == {"-r", "-R", "--recursive"}


@pytest.mark.parametrize(
    ("parts", "known"),
    [
        (("rm", SPLITTING), False),
        (("rm", QUOTED), True),
        (("rm", QUOTED, "x"), False),
        (("rm", QUOTED, QUOTED), False),
        (("rm", (QUOTED, "/x"), "y"), True),
        (("rm", (QUOTED, "f"), "y"), False),
        (("cp", (QUOTED, "/x"), "y"), False),
        (("frobnicate", QUOTED), False),
        (("rm", ("a", SPLITTING)), False),
        (("rm", ("a", QUOTED)), True),
        (("rm", ("-", QUOTED)), False),
        (("rm", "--", SPLITTING), True),
        (("rm", GLOB), True),
        (("head", "-n", QUOTED, "x"), True),
        (("head", "-n", SPLITTING, "x"), False),
        (("sudo", "rm", SPLITTING), True),
    ],
)
def test_holes_may_carry_options_where_options_may_stand(
    catalogue: Catalogue, parts: tuple[str | Hole | tuple[str | Hole, ...], ...], known: bool
) -> None:
    assert _read(catalogue, *parts).known is known


def test_an_attached_value_keeps_its_holes(catalogue: Catalogue) -> None:
    reading = _read(catalogue, "curl", ("--output=a", QUOTED))
    assert reading.values[0][0] == "-o"
    value = reading.values[0][1]
    assert value is not None
    assert value.parts == ("a", QUOTED)
