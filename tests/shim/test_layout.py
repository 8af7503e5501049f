"""What the shim's source promises about itself."""

import re
from pathlib import Path

import pytest

SHIM = Path(__file__).parents[2] / "shim"
CODE = "".join(re.sub(r"/\*.*?\*/|\"[^\"\n]*\"", "", path.read_text(), flags=re.S) for path in SHIM.glob("*.[ch]"))


def test_the_two_c_files_have_at_most_300_lines() -> None:
    files = sorted(path.name for path in SHIM.glob("*.c"))
    assert files == ["clients.c", "shim.c"]
    assert sum(len((SHIM / name).read_text().splitlines()) for name in files) <= 300


@pytest.mark.parametrize(
    "name",
    [
        "getenv",
        "environ",
        "malloc",
        "free",
        "fork",
        "exec\\w*",
        "system",
        "printf",
        "getpwuid",
        "setlocale",
        "pthread\\w*",
    ],
)
def test_no_environment_heap_child_stdio_or_name_service(name: str) -> None:
    assert not re.search(rf"\b{name}\s*\(", CODE)


def test_texts_fit_into_json_and_name_a_remedy() -> None:
    rows = re.findall(r"\[\w+\] = \{(.*?)\},\n", (SHIM / "clients.c").read_text(), flags=re.S)
    assert len(rows) == 16
    for row in rows:
        assert row.isascii() and "\\" not in row
        assert "security-hooks " in row or "DOCTOR" in row or "smaller calls" in row


def test_manual_page_names_every_client_and_option() -> None:
    page = (SHIM / "security-hooks-shim.1").read_text().replace("\\-", "-")
    for word in ("claude-code", "gemini-cli", "codex-cli", "--socket", "--id", "--observe", "--version", "--help"):
        assert word in page
