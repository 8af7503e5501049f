"""Where a sink's secret comes from: a file or an environment variable, read anew each time it is needed."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from security_hooks.insight.sinks.outbox import DeliveryError
from security_hooks.model.sink import Sink

MOST_BYTES = 4096


def read_secret(sink: Sink, environment: Mapping[str, str]) -> bytes:
    """The secret without blanks around it, empty where the sink has none; raises DeliveryError."""
    if sink.secret_env:
        secret = environment.get(sink.secret_env, "").strip().encode()
        if not secret:
            raise DeliveryError(
                f"the daemon's environment has no {sink.secret_env}",
                mend=f"start the daemon with {sink.secret_env} set, or use `secret_file`",
            )
        return secret
    return _in_file(Path(sink.secret_file)) if sink.secret_file else b""


def _in_file(path: Path) -> bytes:
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(file, "rb") as opened:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode) or status.st_uid not in (os.geteuid(), 0):
                raise DeliveryError(f"{path} is no regular file of this user or root", mend=_another(path))
            if stat.S_IMODE(status.st_mode) & 0o027:
                raise DeliveryError(
                    f"others may read or change {path}; run `chmod 600 {path}`", mend=f"chmod 600 {path}"
                )
            secret = opened.read(MOST_BYTES).strip()
    except OSError as error:
        raise DeliveryError(f"{path} cannot be read: {error.strerror}", mend=_another(path)) from error
    if not secret:
        raise DeliveryError(f"{path} is empty", mend=_another(path))
    return secret


def _another(path: Path) -> str:
    return f"put the secret into {path}, a file of yours with mode 0600, or change `secret_file`"
