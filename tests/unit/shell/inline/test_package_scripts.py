import pytest

from security_hooks.shell.inline.package_scripts import scripts


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ('{"scripts": {"a": "id", "prea": "x", "posta": "y"}}', "a", ("x", "id", "y")),
        ('{"scripts": {"postinstall": "id", "prepare": "x"}}', "install", ("id", "x")),
        ('{"scripts": {"a": "id"}}', "b", ()),
        ('{"scripts": {"a": ["x", "@b"], "b": "id"}}', "a", ("x", "id")),
        ('{"scripts": {"a": ["@a"]}}', "a", ()),
        ('{\n// deno\n"tasks": {"a": "id", "b": {"command": "x"}}}', "b", ("x",)),
        ("{", "a", ()),
        ("[]", "a", ()),
        ('[tool.pdm.scripts]\na = "id"\nb = {cmd = "x"}\n', "b", ("x",)),
        ('[tool.poetry.scripts]\na = "pkg.cli:main"\n', "a", ("python3 -m pkg.cli",)),
        ('[tool.poe.tasks]\na.shell = "id"\n', "a", ("id",)),
        ('d := "/x"\na: b\n    @rm {{d}}\nb:\n    id\n', "a", ("id", "rm /x")),
        (
            "version: 3\ntasks:\n  a:\n    deps: [b]\n    cmds:\n      - id\n      - 'x'\n  b:\n    cmd: y\n",
            "a",
            ("y", "id", "x"),
        ),
        ("version: 3\ntasks:\n  a: id\n", "a", ("id",)),
    ],
)
def test_scripts_by_name(text: str, name: str, found: tuple[str, ...]) -> None:
    assert scripts(text, name) == found
