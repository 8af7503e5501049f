"""What makes the tarball and the Debian package, as far as it needs neither made."""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from security_hooks.service.worker_process import worker_of

ROOT = Path(__file__).parents[3]


@pytest.fixture
def packaging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for folder in ("bundle", "debian", "homebrew"):
        monkeypatch.syspath_prepend(str(ROOT / "packaging" / folder))
    yield
    for name in ("bundle", "licences", "package", "program", "formula"):
        sys.modules.pop(name, None)


@pytest.fixture
def bundle(packaging: None) -> ModuleType:
    return import_module("bundle")


def test_the_loader_leaves_nothing_in_the_environment(packaging: None, monkeypatch: pytest.MonkeyPatch) -> None:
    program = import_module("program")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/security-hooks/_internal:/mine")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/mine")
    monkeypatch.setenv("_PYI_ARCHIVE_FILE", "/opt/security-hooks/security-hooks")
    program.forget_loader()
    assert os.environ["LD_LIBRARY_PATH"] == "/mine"
    assert not [name for name in os.environ if name.startswith("_PYI_") or name.endswith("_ORIG")]
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/security-hooks/_internal")
    program.forget_loader()
    assert "LD_LIBRARY_PATH" not in os.environ


def test_a_worker_is_told_by_the_words_that_the_daemon_starts_it_with(packaging: None) -> None:
    program = import_module("program")
    source = (ROOT / "daemon/security_hooks/service/worker_process.py").read_text()
    assert ", ".join(f'"{word}"' for word in program.RUN) in source
    assert worker_of("build").module == program.WORKER


def test_the_same_folder_gives_the_same_tarball(bundle: ModuleType, tmp_path: Path) -> None:
    archives = []
    for copy in ("one", "two"):
        folder = tmp_path / copy / "security-hooks"
        folder.mkdir(parents=True)
        for name in ("b", "a") if copy == "one" else ("a", "b"):
            (folder / name).write_text(name)
        (folder / "link").symlink_to("a")
        archives.append(tmp_path / copy / "out.tar.gz")
        bundle.pack(folder, archives[-1], 1_000_000_000)
        os.utime(folder / "a", (0, 0))
    assert archives[0].read_bytes() == archives[1].read_bytes()
    with tarfile.open(archives[0]) as packed:
        entries = packed.getmembers()
    assert [entry.name for entry in entries] == ["security-hooks"] + [f"security-hooks/{n}" for n in ("a", "b", "link")]
    assert {(entry.uid, entry.uname, entry.mtime) for entry in entries} == {(0, "root", 1_000_000_000)}


def test_the_c_library_that_is_needed_is_the_newest_that_is_named(bundle: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a.so").write_bytes(b"\x7fELF..GLIBC_2.9\0GLIBC_2.34\0")
    (tmp_path / "b.so").write_bytes(b"\x7fELF..GLIBC_2.17\0")
    (tmp_path / "no-program").write_bytes(b"GLIBC_9.99")
    assert bundle.needed_glibc(tmp_path) == (2, 34)


def test_libraries_of_the_machine_are_told_from_what_python_brings(bundle: ModuleType) -> None:
    stdlib = Path(os.__file__).parent
    collected = (
        ("libz.so.1", "/lib/x86_64-linux-gnu/libz.so.1", "BINARY"),
        ("libpython3.so", "/usr/lib/libpython3.11.so", "BINARY"),
        ("_json.so", str(stdlib / "lib-dynload/_json.so"), "EXTENSION"),
        ("re2.so", "/build/venv/lib/re2.so", "BINARY"),
        ("x.toml", "/elsewhere/x.toml", "DATA"),
    )
    found = list(bundle.of_the_machine(collected, Path("/build/venv")))
    assert found == [Path("/lib/x86_64-linux-gnu/libz.so.1")]


def test_what_has_no_licence_is_refused(packaging: None, tmp_path: Path) -> None:
    licences = import_module("licences")
    with pytest.raises(SystemExit, match="under which licence"):
        licences.collect(tmp_path, [tmp_path / "libnobodys.so"], tmp_path / "out")
    about = tmp_path / "site/nameless-1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: nameless\nVersion: 1\n")
    with pytest.raises(SystemExit, match="the package nameless comes without a licence"):
        licences.collect(tmp_path / "site", [], tmp_path / "out")


def test_the_debian_package_is_refused_without_its_bundle(
    packaging: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = import_module("package")
    monkeypatch.setattr(package, "ROOT", tmp_path)
    monkeypatch.setattr(package.shutil, "which", lambda _: "/usr/bin/dpkg-deb")
    with pytest.raises(SystemExit, match="run `make tarball` first"):
        package.main()


def test_the_copyright_file_holds_every_licence(packaging: None, tmp_path: Path) -> None:
    package = import_module("package")
    (tmp_path / "LICENSE").write_text("ours")
    for name in ("one", "two"):
        (tmp_path / "licences" / name).mkdir(parents=True)
        (tmp_path / "licences" / name / "COPYING").write_text(f"text of {name}")
    text = package.copyright_of(tmp_path)
    assert all(part in text for part in ("ours", "one (COPYING)", "text of one", "two (COPYING)", "text of two"))


def test_the_homebrew_recipe_is_ruby_for_this_archive(packaging: None, tmp_path: Path) -> None:
    formula = import_module("formula")
    archive = tmp_path / "security-hooks-1.tar.gz"
    archive.write_bytes(b"archive")
    assert formula.main([str(archive)]) == 0
    recipe = (tmp_path / "security-hooks.rb").read_text()
    assert f'url "{archive.as_uri()}"' in recipe
    assert hashlib.sha256(b"archive").hexdigest() in recipe
    assert "SDIST" not in recipe
    if shutil.which("ruby") is None:
        pytest.skip("ruby is not installed; on Debian: apt-get install ruby")
    checked = subprocess.run(
        ["ruby", "-wc", tmp_path / "security-hooks.rb"], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout.strip(), checked.stderr) == (0, "Syntax OK", "")
