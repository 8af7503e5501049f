"""Which files stand around a file in an editor, and what they are called."""

from pathlib import Path

import pytest

from security_hooks.cli.lsp_sources import sources_around
from security_hooks.policy.source import PolicyDirectories, Sources
from security_hooks.service.load import policy_directories

TEXT = 'block "x"\n  match rm\n'


@pytest.fixture
def directories(tmp_path: Path) -> PolicyDirectories:
    (tmp_path / "config/rules").mkdir(parents=True)
    (tmp_path / "config/rules/a.rules").write_text("list a = 'old'\n")
    return policy_directories(tmp_path / "config", None, tmp_path / "state")


def text_of(sources: Sources, name: str) -> str:
    return next(file.data.decode() for file in sources.rules if file.path == name)


def test_an_unsaved_text_stands_in_for_the_file(tmp_path: Path, directories: PolicyDirectories) -> None:
    path = tmp_path / "config/rules/a.rules"
    sources, name, places = sources_around(path, {path: TEXT}, directories)
    assert (name, text_of(sources, name), places[name]) == (str(path), TEXT, path)
    assert [file.layer for file in sources.rules if file.path == name] == ["user"]


def test_the_other_open_texts_count_too(tmp_path: Path, directories: PolicyDirectories) -> None:
    (tmp_path / "config/rules/b.rules").write_text("")
    other, path = tmp_path / "config/rules/a.rules", tmp_path / "config/rules/b.rules"
    sources, _, _ = sources_around(path, {path: "", other: TEXT}, directories)
    assert text_of(sources, str(other)) == TEXT


def test_a_link_is_the_file_that_it_leads_to(tmp_path: Path, directories: PolicyDirectories) -> None:
    (tmp_path / "link.rules").symlink_to(tmp_path / "config/rules/a.rules")
    sources, name, _ = sources_around(tmp_path / "link.rules", {tmp_path / "link.rules": TEXT}, directories)
    assert name == str(tmp_path / "config/rules/a.rules")
    assert text_of(sources, name) == TEXT


def test_a_file_of_no_layer_is_a_persons_with_those_beside_it(tmp_path: Path, directories: PolicyDirectories) -> None:
    (tmp_path / "drafts").mkdir()
    (tmp_path / "drafts/b.rules").write_text("list b = 'x'\n")
    (tmp_path / "drafts/.#b.rules").symlink_to("nowhere")
    (tmp_path / "drafts/c.rules").symlink_to("nowhere")
    path = tmp_path / "drafts/new.rules"
    sources, name, places = sources_around(path, {path: TEXT}, directories)
    assert {file.path: file.layer for file in sources.rules if "drafts" in file.path} == {
        str(tmp_path / "drafts/b.rules"): "user",
        str(path): "user",
    }
    assert name == str(path)
    assert places["protection.rules"].is_file()


def test_a_projects_file_belongs_to_its_layer(tmp_path: Path, directories: PolicyDirectories) -> None:
    folder = tmp_path / "project/.security-hooks/rules"
    folder.mkdir(parents=True)
    (folder / "p.rules").write_text("")
    sources, name, _ = sources_around(folder / "p.rules", {folder / "p.rules": TEXT}, directories)
    assert [(file.layer, file.trusted) for file in sources.rules if file.path == name] == [("project", False)]


def test_shipped_files_are_known_by_their_place(directories: PolicyDirectories) -> None:
    path = Path(directories.rules) / "git.rules"
    sources, name, places = sources_around(path, {path: TEXT}, directories)
    assert (name, places[name], text_of(sources, name)) == ("rules/git.rules", path.resolve(), TEXT)


def test_links_that_lead_round_in_circles_do_no_harm(tmp_path: Path, directories: PolicyDirectories) -> None:
    path = tmp_path / "circle.rules"
    path.symlink_to(path)
    sources, name, _ = sources_around(path, {path: TEXT}, directories)
    assert text_of(sources, name) == TEXT


def test_what_cannot_be_read_is_a_problem(tmp_path: Path, directories: PolicyDirectories) -> None:
    (tmp_path / "config/config.toml").mkdir()
    sources, name, _ = sources_around(Path("untitled:1"), {Path("untitled:1"): TEXT}, directories)
    assert [problem.code for problem in sources.problems] == ["unreadable"]
    assert text_of(sources, name) == TEXT
