import pytest

from security_hooks.model.word import Hole, HoleKind
from security_hooks.shell.hosts import ANY_PORT, of_descriptor, of_host, of_remote, of_url, taken_from
from security_hooks.shell.paths import Value
from security_hooks.shell.words import word_of

X = Hole(HoleKind.PARAMETER, "$X")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        (("https://e.example/a?b=c",), ("e.example",)),
        (("e.example/a",), ("e.example",)),
        (("http://user:secret@E.Example:8080",), ("e.example",)),
        (("ftp://[::1]:21/x",), ("[::1]",)),
        (("https://", X, "/a"), (X,)),
        (("https://", X, ".e.example/a"), (X, ".e.example")),
        (("https://e.example/", X), ("e.example",)),
        ((X,), (X,)),
    ],
)
def test_the_host_of_a_url(url: Value, host: Value) -> None:
    target = of_url(word_of(url, (0, 0)))
    assert target.path is None
    assert target.host is not None
    assert target.host.parts == host


@pytest.mark.parametrize(
    ("url", "path"), [("file:///etc/passwd", "/etc/passwd"), ("FILE://localhost/etc/passwd", "/etc/passwd")]
)
def test_a_file_url_names_a_path(url: str, path: str) -> None:
    target = of_url(word_of((url,), (0, 0)))
    assert target.host is None
    assert target.path is not None
    assert target.path.literal == path


@pytest.mark.parametrize(
    ("word", "host", "port"),
    [
        (("root@e.example",), ("e.example",), ""),
        (("e.example:22",), ("e.example",), "22"),
        (("[::1]:80",), ("[::1]",), "80"),
        (("[::1]",), ("[::1]",), ""),
        ((":9200/x",), ("localhost",), "9200"),
        (("localhost:", X, "/x"), ("localhost",), ANY_PORT),
        ((X, ":80"), (X,), "80"),
    ],
)
def test_the_host_and_port_of_a_login(word: Value, host: Value, port: str) -> None:
    target = of_host(word_of(word, (0, 0)))
    assert target.host is not None
    assert (target.host.parts, target.port) == (host, port)


@pytest.mark.parametrize(
    ("word", "host", "path"),
    [
        (("e.example:/srv/x",), ("e.example",), None),
        (("me@e.example:",), ("e.example",), None),
        (("./a:b",), None, ("./a:b",)),
        (("/a/b",), None, ("/a/b",)),
        (("rsync://e.example/m",), ("e.example",), None),
        ((X, ":/a"), (X,), None),
        ((X,), None, (X,)),
        (("h:/x",), ("h",), None),
    ],
)
def test_a_host_and_a_colon_make_a_path_remote(word: Value, host: Value | None, path: Value | None) -> None:
    target = of_remote(word_of(word, (0, 0)))
    assert (None if target.host is None else target.host.parts) == host
    assert (None if target.path is None else target.path.parts) == path


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("@/etc/passwd", "/etc/passwd"),
        ("file=@a.txt", "a.txt"),
        ("file=@a.txt;type=text/plain", "a.txt"),
        ("x=<b", "b"),
        ("name@f", "f"),
        ("fileb://x.json", "x.json"),
        ("key=value", None),
        ("plain text", None),
        ('{"a": "b@c"}', None),
    ],
)
def test_what_a_request_takes_from_files(word: str, path: str | None) -> None:
    taken = taken_from(word_of((word,), (0, 0)))
    assert (None if taken is None else taken.literal) == path


@pytest.mark.parametrize(
    ("word", "host", "port"),
    [
        (("/dev/tcp/e.example/80",), ("e.example",), "80"),
        (("/dev/udp/", X, "/1"), (X,), ""),
    ],
)
def test_bash_connects_by_a_file_name(word: Value, host: Value, port: str) -> None:
    found = of_descriptor(word_of(word, (0, 0)))
    assert found is not None
    assert found.host is not None
    assert (found.host.parts, found.port) == (host, port)


@pytest.mark.parametrize("word", ["/dev/null", "x/dev/tcp/a/1"])
def test_other_file_names_are_no_hosts(word: str) -> None:
    assert of_descriptor(word_of((word,), (0, 0))) is None
