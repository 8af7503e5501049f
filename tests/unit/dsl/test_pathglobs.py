from dataclasses import replace

import pytest

from security_hooks.dsl.pathglobs import path_globs
from security_hooks.dsl.truth import Truth
from security_hooks.model.word import Hole, HoleKind, Word

HOME = "/home/person"
YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN


def path(text: str) -> Word:
    """A path; `{X}` is a variable, `*`, `?` and `[..]` are the shell's globs."""
    parts: list[str | Hole] = []
    position = 0
    while position < len(text):
        character = text[position]
        end = position + 1
        if character == "{":
            end = text.index("}", position) + 1
            parts.append(Hole(HoleKind.PARAMETER, text[position:end]))
        elif character in "*?[":
            end = text.index("]", position) + 1 if character == "[" else end
            parts.append(Hole(HoleKind.GLOB, text[position:end]))
        elif parts and isinstance(parts[-1], str):
            parts[-1] += character
        else:
            parts.append(character)
        position = end
    literal = "".join(part for part in parts if isinstance(part, str))
    return Word(tuple(parts), (0, 0), literal if all(isinstance(part, str) for part in parts) else None)


@pytest.mark.parametrize(
    ("glob", "given", "truth"),
    [
        ("/etc/shadow", "/etc/shadow", YES),
        ("/etc/shadow", "/etc/shadow2", NO),
        ("/etc/*", "/etc/shadow", YES),
        ("/etc/*", "/etc/ssh/key", NO),
        ("/etc/**", "/etc/ssh/key", YES),
        ("/etc/**", "/etc", YES),
        ("/etc/**", "/etcetera", NO),
        ("/etc/", "/etc", YES),
        ("/", "/", YES),
        ("/**", "/x/y", YES),
        ("/**", "/home/person/x", YES),
        ("~", "/home/person", YES),
        ("~", "/root", YES),
        ("~", "/home/other", YES),
        ("~", "/home", NO),
        ("~/.ssh/id_*", "/home/person/.ssh/id_rsa", YES),
        ("~/.ssh/id_*", "/root/.ssh/id_rsa", YES),
        ("~/.ssh/id_*", "/home/person/.ssh/config", NO),
        ("~/.ssh/id_*", "/home/person/.ssh/id_x/y", NO),
        ("/home/person/x", "/home/person/x", YES),
        ("/home/*/x", "/home/person/x", YES),
        ("*.pem", "/a/b/c.pem", YES),
        ("*.pem", "/home/person/c.pem", YES),
        ("*.pem", "/a/c.pem/b", NO),
        ("**/.env", "/a/.env", YES),
        ("config/master.key", "/a/config/master.key", YES),
        ("**/config/*/x", "/a/config/b/x", YES),
        ("a/**/z", "/q/a/z", YES),
        ("a/**/z", "/q/a/b/c/z", YES),
        ("~/.b/**/Cookies", "/home/person/.b/x/y/Cookies", YES),
        ("~/.b/**/Cookies", "/home/person/.b/Cookies", YES),
        ("/etc/[ps]*", "/etc/shadow", YES),
        ("/etc/[!s]*", "/etc/shadow", NO),
        ("/dev/sd?", "/dev/sda", YES),
        ("/dev/sd?", "/dev/sda1", NO),
    ],
)
def test_known_paths(glob: str, given: str, truth: Truth) -> None:
    assert path_globs([glob]).itself(path(given), HOME) is truth


@pytest.mark.parametrize(
    ("glob", "given", "truth"),
    [
        ("/", "{X}", UNKNOWN),
        ("/", "{X}/x.py", NO),
        ("/", "/{X}", UNKNOWN),
        ("~/.ssh/*", "{X}/id_rsa", UNKNOWN),
        ("~/.ssh/id_*", "{X}/notes", NO),
        ("~/.ssh/id_*", "/home/person/{X}", UNKNOWN),
        ("~/.ssh/id_*", "/tmp/{X}", NO),
        ("~/.ssh/id_*", "/home/{USER}/.ssh/id_rsa", YES),
        ("~/.ssh/**", "/home/person/.ssh/{X}", YES),
        ("~/.ssh/id_*", "/home/person/.ssh/id_{X}", UNKNOWN),
        ("*.pem", "{X}.pem", YES),
        ("*.pem", "{X}.py", NO),
        ("/etc/shadow", "/etc/sha?ow", YES),
        ("/etc/shadow", "/etc/*", YES),
        ("/etc/shadow", "/e*/shadow", YES),
        ("/etc/shadow", "/etc/s[a-h]adow", YES),
        ("/etc/shadow", "/etc/s[a-c]adow", NO),
        ("/etc/shadow", "/etc/p*", NO),
        ("~/.ssh/id_*", "/home/person/.ssh/*", YES),
        ("~/.ssh/id_*", "/home/person/.ssh/id*", YES),
        ("~/.ssh/id_*", "/home/*/.ssh/id_rsa", YES),
        ("~/.netrc", "/home/person/*", NO),
        ("~/.netrc", "/home/person/.*", YES),
        ("~/.netrc", "/home/person/.n*", YES),
        ("*.pem", "/work/*", UNKNOWN),
        ("*.pem", "/work/*.pem", YES),
        ("*.pem", "/work/*.py", NO),
        ("**/.env", "/work/*", NO),
        ("**/.env", "/work/.e*", UNKNOWN),
        ("~/.password-store/**", "{X}/x.py", UNKNOWN),
    ],
)
def test_paths_with_holes(glob: str, given: str, truth: Truth) -> None:
    assert path_globs([glob]).itself(path(given), HOME) is truth
    # Beside many others it answers the same.
    others = ["/nowhere/never", "~/nowhere/never"]
    assert path_globs([*others, glob, *others]).itself(path(given), HOME) is truth


@pytest.mark.parametrize(
    ("glob", "given", "below", "near"),
    [
        ("~/.ssh/id_*", "/home/person/.ssh", YES, True),
        ("~/.ssh/id_*", "/home/person", YES, False),
        ("~/.ssh/id_*", "/", YES, False),
        ("~/.ssh/id_*", "/home", YES, False),
        ("~/.ssh/id_*", "/root", YES, False),
        ("~/.ssh/id_*", "/home/person/work", NO, False),
        ("/etc/shadow", "/etc", YES, False),
        ("/etc/shadow", "/", YES, False),
        ("/etc/ssh/key", "/etc/ssh", YES, True),
        ("**/.env", "/home/person/work", NO, False),
        ("~/.gnupg/**", "/home/person/.gnupg/x", YES, True),
        ("~/.ssh/id_*", "{X}", UNKNOWN, False),
        ("~/.ssh/id_*", "{X}/build", NO, False),
        ("/etc/shadow", "{X}/build", NO, False),
        ("/etc/shadow", "/etc/{X}", UNKNOWN, False),
        ("/etc/shadow", "/e*", YES, False),
        ("/etc", "{X}/build", NO, False),
    ],
)
def test_what_lies_below(glob: str, given: str, below: Truth, near: bool) -> None:
    reach = path_globs([glob]).reach(path(given), HOME)
    assert (reach.below, reach.near) == (below, near)


def test_what_may_lie_anywhere_may_lie_below() -> None:
    assert path_globs(["**/.env"]).reach(path("/home/person/work"), HOME).anywhere
    assert not path_globs(["~/.env"]).reach(path("/home/person/work"), HOME).anywhere


@pytest.mark.parametrize(
    "glob", ["~/.ssh/id_*", "/etc/shadow", "/*/x", "~/a/*/b", "/home/p*/x", "**/.env", "~/.b/**/c", "/"]
)
@pytest.mark.parametrize(
    "given", ["/", "/etc", "/home/person", "/home/person/a/q", "/home/person/.b/x", "/usr/lib", "/w"]
)
def test_the_quick_look_hides_nothing(glob: str, given: str) -> None:
    wanted = path_globs([glob])
    slow = replace(wanted, heads=frozenset({""}))
    assert wanted.reach(path(given), HOME) == slow.reach(path(given), HOME)


def test_a_long_path_costs_little() -> None:
    wanted = path_globs(["~/.ssh/*", "**/a*b*c*d"])
    assert wanted.itself(path("/" + "a" * 100_000 + "{X}"), HOME) is UNKNOWN
