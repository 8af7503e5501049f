"""The language server as an editor sees it: a real process, and a small client of our own."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

PATIENCE = 60.0
BIN = Path(sys.executable).parent
WRONG = 'block "\u00e9\U0001d11e"\n  match comand("rm") argument("\U0001d11e") action("git_discrd")\n  nudge "n"\n'


class Editor:
    """Speaks the protocol with a server; what the server says unasked is kept until somebody waits for it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._asked = 0
        self._told: list[dict[str, Any]] = []

    def tell(self, method: str, parameters: object) -> None:
        self._send({"method": method, "params": parameters})

    def ask(self, method: str, parameters: object) -> Any:
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": parameters})
        while (message := self._read()).get("id") != self._asked or "method" in message:
            self._told.append(message)
        assert "error" not in message, message
        return message["result"]

    def told(self, uri: str) -> list[dict[str, Any]]:
        """The next diagnostics of a text."""
        while True:
            for message in self._told:
                if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri:
                    self._told.remove(message)
                    found: list[dict[str, Any]] = message["params"]["diagnostics"]
                    return found
            self._told.append(self._read())

    def open(self, uri: str, text: str) -> None:
        document = {"uri": uri, "languageId": "security-hooks-rules", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})

    def change(self, uri: str, text: str, version: int) -> None:
        parameters = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}
        self.tell("textDocument/didChange", parameters)

    def at(self, method: str, uri: str, line: int, character: int) -> Any:
        position = {"line": line, "character": character}
        return self.ask(f"textDocument/{method}", {"textDocument": {"uri": uri}, "position": position})

    def _send(self, message: dict[str, object]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        size = 0
        while (line := self._process.stdout.readline()).strip():
            name, _, value = line.partition(b":")
            size = int(value) if name.lower() == b"content-length" else size
        assert line, "the server has gone"
        message: dict[str, Any] = json.loads(self._process.stdout.read(size))
        return message


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "config/rules").mkdir(parents=True)
    (tmp_path / "config/rules/lists.rules").write_text('list mine = "frob"\n')
    return tmp_path / "config"


def start(config: Path) -> subprocess.Popen[bytes]:
    places = ["--config-dir", str(config), "--state-dir", str(config.parent / "state")]
    return subprocess.Popen(
        [str(BIN / "security-hooks"), "lsp", *places],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture(params=["utf-16", "utf-8"])
def editor(config: Path, request: pytest.FixtureRequest) -> Iterator[Editor]:
    """An editor that prefers these units, with the server started."""
    process = start(config)
    watchdog = threading.Timer(PATIENCE, process.kill)
    watchdog.start()
    try:
        found = Editor(process)
        general = {"positionEncodings": [request.param, "utf-16"]}
        answer = found.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {"general": general}})
        assert answer["capabilities"]["positionEncoding"] == request.param
        found.tell("initialized", {})
        yield found
        found.ask("shutdown", None)
        found.tell("exit", None)
        assert process.wait(PATIENCE) == 0
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


def text_in(text: str, place: dict[str, dict[str, int]], encoding: str) -> str:
    """What stands in a range of one line."""
    line = text.split("\n")[place["start"]["line"]].encode(f"{encoding}-le" if encoding == "utf-16" else encoding)
    width = 2 if encoding == "utf-16" else 1
    part = line[place["start"]["character"] * width : place["end"]["character"] * width]
    return part.decode(f"{encoding}-le" if encoding == "utf-16" else encoding)


def test_what_is_wrong_is_told_and_mended(config: Path, editor: Editor, request: pytest.FixtureRequest) -> None:
    encoding = str(request.node.callspec.params["editor"])
    uri = (config / "rules/new.rules").as_uri()
    editor.open(uri, WRONG)
    found = editor.told(uri)
    assert [(one["code"], text_in(WRONG, one["range"], encoding)) for one in found] == [
        ("unknown-name", "comand"),
        ("bad-argument", '"git_discrd"'),
    ]
    parameters = {"textDocument": {"uri": uri}, "range": found[1]["range"], "context": {"diagnostics": []}}
    (action,) = editor.ask("textDocument/codeAction", parameters)
    (edit,) = action["edit"]["changes"][uri]
    assert (text_in(WRONG, edit["range"], encoding), edit["newText"]) == ("git_discrd", "git_discard")
    editor.change(uri, WRONG.replace("comand", "command").replace("discrd", "discard"), 2)
    # What is left is what lint says of a rule that loads.
    assert [one["code"] for one in editor.told(uri)] == ["rule-name"]
    editor.tell("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert editor.told(uri) == []


def test_questions_are_answered(config: Path, editor: Editor) -> None:
    uri = (config / "rules/new.rules").as_uri()
    rule = 'block  "x"\n  match command(mine) with_flags("-r")\n  nudge "n"\n'
    text = f'{rule}except "e"\n  for "git-files"\n  match reads(sensitive_paths)\n'
    editor.open(uri, text)
    assert "The program is one of these" in editor.at("hover", uri, 1, 10)["contents"]["value"]
    items = editor.at("completion", uri, 1, 8)["items"]
    assert {"command", "reads"} <= {item["label"] for item in items}
    place = editor.at("definition", uri, 1, 18)
    assert (place["uri"], place["range"]["start"]) == (
        (config / "rules/lists.rules").as_uri(),
        {"line": 0, "character": 5},
    )
    place = editor.at("definition", uri, 4, 9)
    assert place["uri"].endswith("/rules/git.rules")
    place = editor.at("definition", uri, 5, 18)
    assert place["uri"].endswith("/config.toml")
    names = editor.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    assert [name["name"] for name in names] == ["x", "e"]
    options = {"tabSize": 2, "insertSpaces": True}
    (edit,) = editor.ask("textDocument/formatting", {"textDocument": {"uri": uri}, "options": options})
    assert edit["newText"] == text.replace("block  ", "block ")


def test_a_server_whose_editor_dies_ends(config: Path) -> None:
    process = start(config)
    try:
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    finally:
        process.kill()
        process.wait()
