import hashlib
import os
import stat
import subprocess
from pathlib import Path

import pytest

from security_hooks.audit.failure import AuditError
from security_hooks.audit.keys import KEYS, PRIVATE, own_key, public_key, public_keys, signing_key


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = own_key(tmp_path)
    assert own_key(tmp_path).public.id == first.public.id
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / KEYS).iterdir()}
    assert modes == {PRIVATE: 0o600, f"{first.public.id}.pub": 0o600}
    assert stat.S_IMODE((tmp_path / KEYS).stat().st_mode) == 0o700


def test_its_id_is_the_hash_of_the_public_half(tmp_path: Path, openssl: str) -> None:
    key = own_key(tmp_path)
    command = [openssl, "pkey", "-in", str(tmp_path / KEYS / PRIVATE), "-pubout", "-outform", "DER"]
    der = subprocess.run(command, check=True, capture_output=True).stdout
    assert hashlib.sha256(der).hexdigest() == key.public.id


def test_a_new_key_leaves_the_old_public_half(tmp_path: Path) -> None:
    old = own_key(tmp_path)
    (tmp_path / KEYS / PRIVATE).unlink()
    new = own_key(tmp_path)
    assert {key.id for key in public_keys(tmp_path)} == {old.public.id, new.public.id}


def test_only_its_own_signatures_are_a_keys(tmp_path: Path) -> None:
    key = own_key(tmp_path)
    signature = key.sign(b"text")
    assert key.public.has_signed(b"text", signature)
    assert not key.public.has_signed(b"Text", signature)
    assert not key.public.has_signed(b"text", b"")


def test_without_a_key_the_daemon_is_named(tmp_path: Path) -> None:
    assert public_keys(tmp_path) == ()
    with pytest.raises(AuditError, match="run `security-hooks start`"):
        signing_key(tmp_path)


def test_a_key_that_others_may_read_is_refused_with_what_mends_it(tmp_path: Path) -> None:
    own_key(tmp_path)
    path = tmp_path / KEYS / PRIVATE
    path.chmod(0o640)
    with pytest.raises(AuditError, match=f"chmod 600 {path}"):
        own_key(tmp_path)


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    own_key(tmp_path)
    path = tmp_path / KEYS / PRIVATE
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AuditError, match="cannot be read"):
        own_key(tmp_path)


@pytest.mark.parametrize("content", [b"", b"hello", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_is_said(content: bytes, tmp_path: Path) -> None:
    (tmp_path / KEYS).mkdir()
    path = tmp_path / KEYS / PRIVATE
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(AuditError, match="holds no key; move it away"):
        own_key(tmp_path)
    with pytest.raises(AuditError, match="holds no public key; `security-hooks audit key` prints one"):
        public_key(path)


def test_a_key_of_another_kind_is_said(tmp_path: Path, openssl: str) -> None:
    (tmp_path / KEYS).mkdir()
    path = tmp_path / KEYS / PRIVATE
    command = [openssl, "genpkey", "-algorithm", "X25519", "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    path.chmod(0o600)
    with pytest.raises(AuditError, match="holds no Ed25519 key"):
        own_key(tmp_path)
    public = tmp_path / "x.pub"
    subprocess.run([openssl, "pkey", "-in", str(path), "-pubout", "-out", str(public)], check=True)
    with pytest.raises(AuditError, match="of another kind than Ed25519"):
        public_key(public)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_no_place_for_a_key_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(AuditError, match="no key can be made"):
        own_key(tmp_path)


def test_a_file_where_the_directory_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / KEYS).write_text("x")
    with pytest.raises(AuditError, match="no key can be made"):
        own_key(tmp_path)
