"""`cd`, `pushd`, `popd`: the directories that the shell may be in behind them."""

from posixpath import normpath

from security_hooks.shell.options import Reading
from security_hooks.shell.state import UNSET, State, literal


def change_directory(state: State, reading: Reading) -> None:
    """`cd`: where it succeeds the shell is in the new directory, else where it was."""
    failed = state.snapshot()
    failed.dead = False
    target = _target(state, reading)
    old = state.variable("PWD")
    known = state.known
    known.places = target
    state.assign("OLDPWD", old if type(old) is tuple else None)
    state.assign("PWD", (target[0],) if target is not None and len(target) == 1 else None)
    succeeded = state.snapshot()
    state.join(failed)
    state.known.ends = (succeeded, failed)


def forget_directory(state: State) -> None:
    """`pushd`, `popd` where nothing is known of the stack."""
    state.known.places = None
    state.assign("PWD", None)
    state.assign("OLDPWD", None)


def push_directory(state: State, reading: Reading) -> None:
    """`pushd DIR` goes there like `cd`; without one it exchanges what is on the stack, which is not followed."""
    operands = reading.operands
    if len(operands) == 1 and (operands[0].literal or "-")[:1] not in ("-", "+") and not reading.options:
        change_directory(state, reading)
    else:
        forget_directory(state)


def _target(state: State, reading: Reading) -> tuple[str, ...] | None:
    operands = reading.operands
    if len(operands) > 1 or reading.options - {"-L", "-e", "-@"} or not reading.known:
        return None
    if not operands:
        path = literal(state.value("HOME")) if state.variable("HOME") is not UNSET else None
    elif operands[0].literal == "-":
        path = literal(state.value("OLDPWD")) if state.variable("OLDPWD") is not UNSET else None
    else:
        path = operands[0].literal
        if path is not None and not path.startswith(("/", "./", "../")) and path not in (".", ".."):
            search = state.variable("CDPATH")
            # Nobody exports it; a script that sets it means it.
            if "CDPATH" in state.touched and search is not UNSET and search != ():
                return None
    if path is None:
        return None
    return _resolved(path, state)


def _resolved(path: str, state: State) -> tuple[str, ...] | None:
    if not path:
        return state.known.places
    if path.startswith("/"):
        return (_normal(path),)
    places = state.known.places
    if places is None:
        return None
    return tuple(dict.fromkeys([_normal(f"{place}/{path}") for place in places]))


def _normal(path: str) -> str:
    normal = normpath(path)
    return normal[1:] if normal.startswith("//") else normal
