import pytest

from security_hooks.model.effect import EffectKind
from security_hooks.model.word import Hole, HoleKind
from security_hooks.shell.inline.reading import Inline, Value
from security_hooks.shell.inline.unread import read_unread
from security_hooks.shell.limits import Budget, ShellLimits


def _read(*code: str | Hole) -> Inline:
    return read_unread(code, Budget(ShellLimits()), "/home/me")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ('(shell-command "rm -r x")', "rm -r x"),
        ('os:cmd("rm -r x").', "rm -r x"),
        ("run(`rm -r x`)", "rm -r x"),
        ('callCommand "rm -r x"', "rm -r x"),
        ('"rm -r x" |> System.shell', "rm -r x"),
    ],
)
def test_texts_are_handed_to_a_shell_where_the_code_runs_something(code: str, text: str) -> None:
    assert (text,) in _read(code).shell


@pytest.mark.parametrize(
    ("code", "argv"),
    [
        ('System.cmd("rm", ["-r", "x"])', (("rm",), ("-r",), ("x",))),
        ('rawSystem "rm" ["-r", "x"]', (("rm",), ("-r",), ("x",))),
        ('System.cmd("rm", ["-r", System.user_home()])', (("rm",), ("-r",), ("/home/me",))),
        ('spawn("rm" "x"); print("a")', (("rm",), ("x",))),
    ],
)
def test_texts_side_by_side_are_a_program_and_its_arguments(code: str, argv: tuple[Value, ...]) -> None:
    assert argv in _read(code).argvs


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("rm(homedir(), recursive=true)", "/home/me"),
        ('File.rm_rf!("/srv/x")', "/srv/x"),
        ('(delete-directory "~/x" t)', "/home/me/x"),
        ('removeDirectoryRecursive "/srv/x"', "/srv/x"),
        ("removeItem(atPath: NSHomeDirectory())", "/home/me"),
        ('file:del_dir_r("/srv/x")', "/srv/x"),
    ],
)
def test_what_is_deleted_by_name_is_deleted(code: str, path: str) -> None:
    deleted = [effect.target for effect in _read(code).effects if effect.kind is EffectKind.DELETES]
    assert deleted == [(path,)]


def test_holes_stay_holes() -> None:
    hole = Hole(HoleKind.PARAMETER, "$X")
    assert _read('(system "rm ', hole, '")').shell == (("rm ", hole),)


@pytest.mark.parametrize("code", ['print("rm -r x")', "1 + 1", "x = 'a b'", 'replace(s, "/", "")', 'confirm("x")'])
def test_code_that_neither_runs_nor_deletes_does_nothing(code: str) -> None:
    inline = _read(code)
    assert not inline.shell
    assert not inline.argvs
    assert not [effect for effect in inline.effects if effect.kind is EffectKind.DELETES]
