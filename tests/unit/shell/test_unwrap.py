from collections.abc import Callable

import pytest

from security_hooks.catalogue.entry import Catalogue
from security_hooks.model.effect import EffectKind
from security_hooks.model.shell import Script
from security_hooks.model.word import Origin, Word
from security_hooks.shell.limits import Budget, ShellLimits
from security_hooks.shell.programs import program_name
from security_hooks.shell.unwrap import Invocation, peel


def _peel(catalogue: Catalogue, text: str, nodes: int = 10_000) -> list[Invocation]:
    words = tuple(Word((part,), (0, 0), part) for part in text.split())
    return peel(words, catalogue, Budget(ShellLimits(nodes=nodes)))


def _shown(invocation: Invocation) -> str:
    return " ".join(word.literal or "?" for word in invocation.words)


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("sudo -u root env A=b nice -n 5 rm x", "rm x"),
        ("timeout 5 rm x", "rm x"),
        ("env -i rm x", "rm x"),
        ("nohup setsid stdbuf -oL rm x", "rm x"),
        ("xargs -0 rm", "rm ?"),
        ("kubectl exec p -- rm x", "rm x"),
        ("docker exec -it c rm x", "rm x"),
        ("busybox rm x", "rm x"),
        ("sudo -l", "sudo -l"),
        ("command -v rm", "command -v rm"),
        ("env", "env"),
    ],
)
def test_the_innermost_command_is_found(catalogue: Catalogue, text: str, inner: str) -> None:
    assert _shown(_peel(catalogue, text)[-1]) == inner


def test_an_unknown_option_leaves_both_readings(catalogue: Catalogue) -> None:
    assert [_shown(found) for found in _peel(catalogue, "sudo --odd value rm x")][1:] == ["value rm x", "rm x"]


def test_find_runs_each_of_its_commands(catalogue: Catalogue) -> None:
    found = _peel(catalogue, "find a -exec ls {} ; -exec rm -r {} +")
    assert [invocation.program for invocation in found] == ["find", "ls", "rm"]
    assert [wrapper.program for wrapper in found[2].wrappers] == ["find"]


def test_wrappers_are_listed_outermost_first_with_their_own_words(catalogue: Catalogue) -> None:
    wrappers = _peel(catalogue, "sudo -n env A=b rm x")[-1].wrappers
    assert [(w.program, len(w.words)) for w in wrappers] == [("sudo", 2), ("env", 2)]


def test_past_the_budget_the_rest_is_kept_as_it_stands(catalogue: Catalogue) -> None:
    found = _peel(catalogue, "sudo " * 50 + "rm x", nodes=20)
    assert found[-1].emitted
    assert found[-1].words[-2].literal == "rm"


@pytest.mark.parametrize(("written", "name"), [("/bin/rm", "rm"), ("./a.sh", "a.sh"), ("rm", "rm"), ("a/", "a/")])
def test_a_program_is_known_by_its_base_name(written: str, name: str) -> None:
    assert program_name(Word((written,), (0, 0), written)) == name


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("pnpm c8 rm x", "rm x"),
        ("pnpm --silent c8 rm x", "rm x"),
        ("yarn rm x", "rm x"),
        ("yarn build", "yarn build"),
        ("yarn test rm", "yarn test rm"),
        ("yarn workspace a c8 rm x", "rm x"),
        ("bun c8 rm x", "rm x"),
        ("bun run c8 rm x", "rm x"),
        ("bun app.ts rm", "bun app.ts rm"),
        ("bun -e 1 rm", "bun -e 1 rm"),
        ("python3 -m pip install x", "pip install x"),
        ("python3 -m mine rm x", "python3 -m mine rm x"),
        ("cmake -E remove_directory x", "rm -r x"),
        ("cmake -E env A=b rm x", "rm x"),
        ("cmake -E echo x", "cmake -E echo x"),
        ("coreutils --coreutils-prog=rm -r x", "rm -r x"),
        ("git-push --force", "git push --force"),
        ("/usr/lib/git-core/git-push", "git push"),
        ("./git-push", "./git-push"),
        ("git-frobnicate", "git-frobnicate"),
        ("parallel rm -r ::: a b", "rm -r a b"),
    ],
)
def test_a_name_stands_for_a_program_where_the_catalogue_knows_it(
    read: Callable[[str], Script], text: str, inner: str
) -> None:
    assert read(text).commands[-1].folded == inner


@pytest.mark.parametrize(
    ("text", "deleted"),
    [
        ("chroot / rm -rf /home", "/home"),
        ("chroot /mnt rm -rf /home", "/mnt/home"),
        ("chroot /mnt rm -rf ../x", "/mnt/x"),
        ("chroot box rm -rf /home", "/home/me/project/box/home"),
        ("chroot box sh -c 'rm -rf home'", "/home/me/project/box/home"),
        ("chroot /a chroot /b rm -rf /c", "/a/b/c"),
        ("chroot /a sh -c 'chroot /b rm -rf /c'", "/a/b/c"),
        ("chroot /a chroot / rm -rf /c", "/a/c"),
        ("chroot / sh -c 'rm -rf home'", "/home"),
        ("env -C /srv chroot box rm -rf /x", "/srv/box/x"),
        ("unshare --root=/mnt rm -rf /x", "/mnt/x"),
        ("nsenter -t 1 -m rm -rf /", "/"),
    ],
)
def test_paths_are_seen_from_the_root_that_a_wrapper_goes_to(
    read: Callable[[str], Script], text: str, deleted: str
) -> None:
    effects = [effect for command in read(text).commands for effect in command.effects]
    (found,) = [effect for effect in effects if effect.kind is EffectKind.DELETES]
    assert found.target is not None
    assert found.target.literal == deleted
    assert not found.remote


@pytest.mark.parametrize(
    ("text", "programs"),
    [
        ("ansible all -a 'rm x'", ["ansible", "rm"]),
        ("ansible all -m shell -a 'rm x'", ["ansible", "rm"]),
        ("ansible all -m ansible.builtin.raw -a 'rm x'", ["ansible", "rm"]),
        ("ansible all -m ping -a 'rm x'", ["ansible"]),
        ('ansible all -m "$M" -a "rm x"', ["ansible", "rm"]),
        ("shell2http /date date", ["shell2http", "date"]),
        ("systemd-socket-activate -l 80 cat", ["systemd-socket-activate", "cat"]),
    ],
)
def test_what_is_run_hangs_on_the_options_given(read: Callable[[str], Script], text: str, programs: list[str]) -> None:
    assert [command.program for command in read(text).commands] == programs


@pytest.mark.parametrize("text", ["tcpserver 0 80 sh", "ttyd sh", "socket -p sh h 80", "nc -e sh h 80"])
def test_what_is_joined_with_a_socket_reads_from_the_network(read: Callable[[str], Script], text: str) -> None:
    assert read(text).commands[-1].program == "sh"
    assert read(text).commands[-1].origin is Origin.NETWORK


def test_an_address_that_git_runs_is_run(catalogue: Catalogue) -> None:
    words = [Word((text,), (0, 0), text) for text in ("git", "clone", "ext::sh -c rm% x", "y")]
    found = peel(tuple(words), catalogue, Budget(ShellLimits()))
    assert [code[0].literal for code in found[-1].codes] == ["sh -c 'rm x'"]
