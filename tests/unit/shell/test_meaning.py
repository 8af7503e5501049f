from security_hooks.catalogue.load import load
from security_hooks.model.action import Action
from security_hooks.model.event import Place
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits

CATALOGUE = load(
    {
        "x.toml": b"""schema = 2
[command.tool]
summary = "a tool"
example = "tool show"
options = ["-n --dry-run", "-C DIR"]
operands = ["TEXT..."]
action = "filesystem_write"
[command.tool.sub.drop]
options = ["-C"]
variants = [{ with = ["-n"], action = "text" }, { with = ["-C"], action = "filesystem_delete" }]
"""
    }
)


def action(text: str) -> Action:
    return read_script(text, Place("/p", "/h"), CATALOGUE, ShellLimits()).commands[0].action


def test_a_variant_of_a_subcommand_may_name_an_option_of_the_command_above() -> None:
    assert action("tool drop") is Action.FILESYSTEM_WRITE
    assert action("tool -n drop") is Action.TEXT


def test_an_option_of_the_subcommand_is_not_the_one_of_that_name_above() -> None:
    assert action("tool -C x drop") is Action.FILESYSTEM_WRITE
    assert action("tool drop -C") is Action.FILESYSTEM_DELETE
