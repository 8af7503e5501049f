"""Laws of reading shell text: it never breaks, dressing changes nothing, and the same text gives the same facts."""

import re
import shlex

from hypothesis import given
from hypothesis import strategies as st

from security_hooks.catalogue.load import shipped
from security_hooks.model.event import Place
from security_hooks.model.shell import Command, Script
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import Budget, ShellLimits
from security_hooks.shell.parse import parse
from security_hooks.shell.witness import compared, is_plain

CATALOGUE = shipped()
PLACE = Place(cwd="/home/me/project", home="/home/me")
TOKENS = tuple(
    re.findall(
        r"\S+",
        r"""a b -c x=1 'q w' "d $v" $v ${v:-w} $( ) ` ( ) { } ; ;; && || | & if then elif else fi while do done for in
        case esac ! [[ ]] (( )) $(( <<E <<-'E' E > < >( <( <<< 2>&1 \ # {a,b} f() function time coproc a=( ' " ${ $' *
        ~ [ab] bash -c eval sudo env xargs find -exec {} + trap alias echo base64 -d curl sh cat é 󰀁""",
    )
)
token = st.sampled_from(TOKENS)
texts = st.lists(st.tuples(token, st.sampled_from([" ", "", "\n", "\t"])), max_size=25).map(
    lambda pairs: "".join(text + blank for text, blank in pairs)
)
anything = st.text(st.characters(exclude_categories=()), max_size=60) | texts
small = st.builds(ShellLimits, nodes=st.integers(0, 60), depth=st.integers(1, 5), bytes=st.integers(10, 500))
operands = st.lists(st.sampled_from(["x", "-r", "a b", "", "it's", "$y", "-", "--", "a\nb", "*", "~"]), max_size=4)


def _read(text: str, limits: ShellLimits | None = None) -> Script:
    return read_script(text, PLACE, CATALOGUE, limits or ShellLimits())


def _view(command: Command) -> tuple[object, ...]:
    return (
        command.program,
        [word.literal for word in command.words],
        [word.literal for word in command.operands],
        command.options,
        command.option_names,
        command.options_known,
        command.subcommands,
    )


@given(anything)
def test_any_text_is_read_and_always_alike(text: str) -> None:
    first = _read(text)
    assert first == _read(text)
    assert [command.index for command in first.commands] == list(range(len(first.commands)))
    assert (first.problem is not None) == (first.unparseable or first.over_budget)
    for command in first.commands:
        start, end = command.span
        assert 0 <= start <= end <= len(first.text)
        assert (command.program is None) == (bool(command.words) and command.words[0].literal is None)
        for word in command.words:
            literals = [part for part in word.parts if isinstance(part, str)]
            assert word.literal == ("".join(literals) if len(literals) == len(word.parts) else None)
            assert "" not in literals


@given(texts, small)
def test_any_limit_is_kept_without_a_word(text: str, limits: ShellLimits) -> None:
    script = _read(text, limits)
    assert script.over_budget or script == _read(text)


plain_token = st.sampled_from(
    [*"abx-./:@%+,=~^ \t\n|;&><>12", "&&", "||", "|&", "2>&1", ">>", "'q; w'", '"d | v"', "x=1", "in"]
)


@given(st.lists(plain_token, max_size=30).map("".join).filter(is_plain))
def test_two_readers_agree_on_all_plain_text(text: str) -> None:
    journal = parse(text, Budget(ShellLimits()), {}).journal
    if journal.problem is None:
        assert compared(text, journal) is None


@given(st.text("abcdefgh/.-_", min_size=1, max_size=12), st.data())
def test_quoting_tricks_give_the_same_program(name: str, data: st.DataObject) -> None:
    if name[0] == "-" or not name.strip("/"):
        name = "a" + name
    dressings = ("{}", "\\{}", "'{}'", '"{}"', "''{}", '{}""', "$'{}'")
    dressed = "".join(data.draw(st.sampled_from(dressings)).format(char) for char in name)
    plain, odd = _read(f"{name} x").commands[-1], _read(f"{dressed} x").commands[-1]
    assert odd.program == plain.program
    assert odd.words[0].literal == plain.words[0].literal


RUNNERS = (
    "sudo {}",
    "sudo -u root -- {}",
    "doas {}",
    "env A=b {}",
    "nice -n 3 {}",
    "nohup {}",
    "timeout -s KILL 5 {}",
    "time {}",
    "stdbuf -oL {}",
    "setsid -w {}",
    "ionice -c2 {}",
    "chroot /mnt {}",
    "flock /lock {}",
    "busybox {}",
    "command {}",
    "exec {}",
    "strace -f {}",
    "taskset 1 {}",
    "docker exec -it c {}",
    "kubectl exec p -- {}",
    "uv run {}",
    "poetry run {}",
)
CONSTRUCTS = (
    "( {} )",
    "{{ {}; }}",
    "if true; then {}; fi",
    "while true; do {}; done",
    "f() {{ {}; }}",
    "true && {}",
    "true | {}",
    "{} & wait",
    "! {}",
    "echo $( {} )",
    "cat <({})",
    "cat <<EOF\n$( {} )\nEOF\n:",
    "case a in a) {};; esac",
    "trap {code} EXIT",
    "bash -c {code}",
    "sh -ec {code}",
    "eval {code}",
    "su -c {code}",
    "env -S {code}",
    "ssh host {code}",
    "watch {code}",
    "busybox sh -c {code}",
    "bash <<'END'\n{}\nEND\n:",
    "bash <<< {code}",
    "printf '%s' {code} | sh",
    '{{ X={code}; eval "$X"; }}',
)


@given(
    operands,
    st.lists(st.sampled_from(RUNNERS), max_size=2),
    st.lists(st.sampled_from(CONSTRUCTS), max_size=2, unique=True),
)
def test_a_command_is_the_same_however_it_is_run(arguments: list[str], runners: list[str], around: list[str]) -> None:
    text = " ".join(["shred", *map(shlex.quote, arguments)])
    expected = _view(_read(text).commands[0])
    for wrapping in (*runners, *around):
        text = wrapping.format(text, code=shlex.quote(text))
    script = _read(text)
    assert not script.unparseable, script.problem
    assert expected in [_view(command) for command in script.commands], text
