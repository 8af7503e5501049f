"""The texts that make a service of the daemon: systemd's socket and service units, launchd's property list.

Takes where things are, gives texts. None may hide files from the daemon (`PrivateTmp`, `ProtectHome`, ...): it must see
what the agents see, and knows no more of a peer's files once the two look at different mounts.
"""

import plistlib
from dataclasses import dataclass
from pathlib import Path

from security_hooks.model.failure import StartupError
from security_hooks.service.launchd import SOCKET_NAME
from security_hooks.service.listener import BACKLOG
from security_hooks.service.origin import LAUNCHD_LABEL

# The shim looks there, whatever XDG_RUNTIME_DIR says; `%U` is the user's number.
RUNTIME_SOCKET = "/run/user/%U/security-hooks/hook.sock"


@dataclass(frozen=True, slots=True)
class Installation:
    """What a service runs: the program, the options after `serve`, and the socket (None: where the shim looks)."""

    program: Path
    options: tuple[str, ...] = ()
    socket: Path | None = None


def socket_unit(installation: Installation) -> str:
    """`security-hooks.socket`. The socket outlives the daemon: who calls while it restarts waits."""
    path = RUNTIME_SOCKET if installation.socket is None else _plain(str(installation.socket)).replace("%", "%%")
    return f"""\
[Unit]
Description=Socket on which AI coding agents ask about their tool calls
Documentation=man:security-hooks-shim(1)

[Socket]
ListenStream={path}
SocketMode=0600
DirectoryMode=0700
Accept=no
Backlog={BACKLOG}
# Without a socket every call is blocked until a person comes: never give it up.
TriggerLimitIntervalSec=0

[Install]
WantedBy=sockets.target
"""


def service_unit(installation: Installation) -> str:
    """`security-hooks.service`."""
    return f"""\
[Unit]
Description=Judge of the tool calls of AI coding agents
Documentation=man:security-hooks-shim(1)
Requires=security-hooks.socket
After=security-hooks.socket
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart={" ".join(_quoted(word) for word in _command(installation))}
ExecReload=kill -USR2 $MAINPID
Restart=always
RestartSec=500ms
WatchdogSec=10
TimeoutStartSec=30
TimeoutStopSec=10
# Workers end with the daemon, which first answers what is in flight.
KillMode=mixed
UMask=0077
LimitCORE=0
LimitNOFILE=16384
TasksMax=64
MemoryMax=3G

# Nothing below may need a mount namespace (PrivateTmp=, ProtectHome=, ProtectSystem=, PrivateDevices=, ...): the daemon
# must see the files that the agents see. CapabilityBoundingSet= is not for user managers, which may not change it;
# without new privileges there is none to be had.
NoNewPrivileges=yes
RestrictAddressFamilies=AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @keyring @memlock
SystemCallErrorNumber=EPERM

[Install]
WantedBy=default.target
Also=security-hooks.socket
"""


def launch_agent(installation: Installation, socket: Path, log: Path) -> bytes:
    """The property list of a launch agent. launchd expands nothing, so every path in it is absolute."""
    return plistlib.dumps(
        {
            "Label": LAUNCHD_LABEL,
            "ProgramArguments": list(_command(installation)),
            "Sockets": {
                SOCKET_NAME: {
                    "SockPathName": _plain(str(socket)),
                    "SockPathMode": 0o600,
                    "SockType": "stream",
                }
            },
            "RunAtLoad": True,
            "KeepAlive": True,
            "ThrottleInterval": 1,
            "ExitTimeOut": 10,
            # People wait for it: no saving of energy at their expense.
            "ProcessType": "Interactive",
            "Umask": 0o077,
            "HardResourceLimits": {"Core": 0},
            "SoftResourceLimits": {"Core": 0, "NumberOfFiles": 4096},
            "StandardErrorPath": _plain(str(log)),
        },
        sort_keys=False,
    )


def _command(installation: Installation) -> tuple[str, ...]:
    return tuple(map(_plain, (str(installation.program), "serve", *installation.options)))


def _plain(word: str) -> str:
    """Control characters end lines of units, and XML cannot say them."""
    if not word.isprintable():
        raise StartupError(f"{word!a} holds characters that no service can be told; give another path", 64)
    return word


def _quoted(word: str) -> str:
    """As `systemd.syntax(7)` reads it back."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    is_bare = bool(escaped) and not any(char in " '\"\\;" for char in escaped)
    return escaped if is_bare else f'"{escaped}"'
