"""Reading everything that a build is made of."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from security_hooks.policy.source import FILE_BYTES, PolicyDirectories, Sources, read_file, read_sources
from security_hooks.policy.source_layers import TRUST_FILE, read_project
from security_hooks.policy.trust import TrustStore, digest, encode_store, with_trust


@pytest.fixture
def places(tmp_path: Path) -> PolicyDirectories:
    for name in ("shipped/rules", "system/rules", "config/rules", "state"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "shipped/config.toml").write_text("")
    (tmp_path / "shipped/rules/base.rules").write_text('block "a"\n')
    return PolicyDirectories(
        str(tmp_path / "shipped"),
        str(tmp_path / "shipped/rules"),
        str(tmp_path / "system"),
        str(tmp_path / "config"),
        str(tmp_path / "state"),
    )


def _names(sources: Sources) -> list[tuple[str, str]]:
    return [(file.layer, Path(file.path).name) for file in sources.rules]


def _codes(sources: Sources) -> list[str]:
    return [problem.code for problem in sources.problems]


def test_all_layers_are_read(places: PolicyDirectories, tmp_path: Path) -> None:
    (tmp_path / "system/rules/s.rules").write_text("# s")
    (tmp_path / "config/rules/u.rules").write_text("# u")
    (tmp_path / "config/config.local.toml").write_text("# l")
    (tmp_path / "p/.security-hooks/rules").mkdir(parents=True)
    (tmp_path / "p/.security-hooks/rules/p.rules").write_text("# p")
    sources = read_sources(places, str(tmp_path / "p"))
    assert _names(sources) == [
        ("shipped", "base.rules"),
        ("system", "s.rules"),
        ("user", "u.rules"),
        ("project", "p.rules"),
    ]
    assert [layer.name for layer in sources.layers] == ["shipped", "user"]
    assert sources.problems == ()


def test_only_rule_files_of_the_directory_itself_are_read(places: PolicyDirectories, tmp_path: Path) -> None:
    for name in ("a.rules~", ".a.rules", ".#a.rules", "a.rules.orig", "notes.md"):
        (tmp_path / "config/rules" / name).write_text("nonsense")
    (tmp_path / "config/rules/deep").mkdir()
    (tmp_path / "config/rules/deep/b.rules").write_text("nonsense")
    assert _names(read_sources(places)) == [("shipped", "base.rules")]


def test_links_to_files_and_directories_are_followed(places: PolicyDirectories, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far/x.rules").write_text("# x")
    (tmp_path / "near.txt").write_text("# y")
    (tmp_path / "config/rules").rmdir()
    (tmp_path / "config/rules").symlink_to(tmp_path / "far")
    (tmp_path / "far/y.rules").symlink_to(tmp_path / "near.txt")
    assert _names(read_sources(places))[1:] == [("user", "x.rules"), ("user", "y.rules")]


@pytest.mark.parametrize("kind", ["fifo", "directory", "dangling", "large", "socket"])
def test_what_is_no_plain_file_refuses_the_build(places: PolicyDirectories, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "config/rules/odd.rules"
    match kind:
        case "fifo":
            os.mkfifo(path)
        case "directory":
            path.mkdir()
        case "dangling":
            path.symlink_to("/nowhere")
        case "large":
            path.write_bytes(b"#" * (FILE_BYTES + 1))
        case _:
            path.symlink_to("/dev/null")
    sources = read_sources(places)
    assert _codes(sources) == ["unreadable"]
    assert sources.problems[0].file == str(path)


def test_a_rules_directory_that_is_a_dangling_link_refuses_the_build(places: PolicyDirectories, tmp_path: Path) -> None:
    (tmp_path / "config/rules").rmdir()
    (tmp_path / "config/rules").symlink_to("/nowhere")
    assert _codes(read_sources(places)) == ["unreadable"]


def test_missing_shipped_rules_are_never_an_empty_policy(places: PolicyDirectories, tmp_path: Path) -> None:
    (tmp_path / "shipped/rules/base.rules").unlink()
    assert _codes(read_sources(places)) == ["no-rules"]
    (tmp_path / "shipped/rules").rmdir()
    assert _codes(read_sources(places)) == ["no-rules"]


def test_missing_directories_of_other_layers_are_nothing_special(places: PolicyDirectories, tmp_path: Path) -> None:
    (tmp_path / "system/rules").rmdir()
    (tmp_path / "config/rules").rmdir()
    assert read_sources(places, str(tmp_path / "nowhere")).problems == ()


def test_the_digest_tells_bytes_layers_names_and_trust_but_not_places(tmp_path: Path) -> None:
    def sources(root: str, layer: str = "user", name: str = "a.rules", data: str = "# a") -> Sources:
        for part in ("shipped/rules", "system/rules", "config/rules"):
            (tmp_path / root / part).mkdir(parents=True, exist_ok=True)
        (tmp_path / root / "shipped/rules/base.rules").write_text("# base")
        folder = "config" if layer == "user" else "system"
        (tmp_path / root / folder / "rules" / name).write_text(data)
        top = tmp_path / root
        return read_sources(
            PolicyDirectories(
                f"{top}/shipped", f"{top}/shipped/rules", f"{top}/system", f"{top}/config", f"{top}/state"
            )
        )

    digests = [
        sources("one").digest,
        sources("two", data="# b").digest,
        sources("three", layer="system").digest,
        sources("four", name="b.rules").digest,
    ]
    assert len(set(digests)) == 4
    assert sources("five").digest == digests[0]


def test_a_project_is_trusted_for_its_exact_bytes(places: PolicyDirectories, tmp_path: Path) -> None:
    root = tmp_path / "p"
    (root / ".security-hooks/rules").mkdir(parents=True)
    (root / ".security-hooks/rules/p.rules").write_text("# p")
    (root / ".security-hooks/config.toml").write_text("")
    untrusted = read_sources(places, str(root))
    assert [file.trusted for file in untrusted.rules] == [True, False]
    store = with_trust(TrustStore(), str(root), digest(read_project(root)), 0)
    (tmp_path / "state" / TRUST_FILE).write_bytes(encode_store(store))
    trusted = read_sources(places, str(root))
    assert [file.trusted for file in trusted.rules] == [True, True]
    assert trusted.digest != untrusted.digest
    (root / ".security-hooks/rules/p.rules").write_text("# q")
    assert [file.trusted for file in read_sources(places, str(root)).rules] == [True, False]


def test_catalogue_files_are_read_of_the_machine_and_the_person_and_never_of_a_project(
    places: PolicyDirectories, tmp_path: Path
) -> None:
    for folder in ("config", "system", "p/.security-hooks"):
        (tmp_path / folder / "catalogue").mkdir(parents=True)
        for name in ("b.toml", "a.toml", ".a.toml", "a.toml~"):
            (tmp_path / folder / "catalogue" / name).write_text(f"# {folder}")
    before = read_sources(places)
    assert [(file.layer, Path(file.path).name) for file in before.catalogue] == [
        ("system", "a.toml"),
        ("system", "b.toml"),
        ("user", "a.toml"),
        ("user", "b.toml"),
    ]
    assert read_sources(places, str(tmp_path / "p")).catalogue == before.catalogue
    assert str(tmp_path / "config/catalogue/a.toml") in before.full
    (tmp_path / "config/catalogue/a.toml").write_text("")
    after = read_sources(places)
    assert after.digest != before.digest
    assert str(tmp_path / "config/catalogue/a.toml") in after.empty
    (tmp_path / "config/catalogue/a.toml").unlink()
    (tmp_path / "config/catalogue/a.toml").symlink_to("/nowhere")
    assert _codes(read_sources(places)) == ["unreadable"]


def test_what_is_to_be_guarded_comes_with_the_sources_and_is_not_part_of_their_digest(
    places: PolicyDirectories,
) -> None:
    sources = read_sources(replace(places, guarded=("/x/**",)))
    assert sources.guarded == ("/x/**",)
    assert sources.digest == read_sources(places).digest


def test_empty_and_full_files_are_told_apart(places: PolicyDirectories, tmp_path: Path) -> None:
    (tmp_path / "config/rules/u.rules").write_text(" \n")
    sources = read_sources(places)
    assert str(tmp_path / "config/rules/u.rules") in sources.empty
    assert "rules/base.rules" in sources.full


def test_read_file_never_waits_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        read_file(str(tmp_path / "pipe"))
