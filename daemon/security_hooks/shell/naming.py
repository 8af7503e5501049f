"""Programs that print what their arguments alone say: parts of paths, numbers, calculations, the same over and over."""

import re
from collections.abc import Sequence

from security_hooks.model.word import Hole, HoleKind
from security_hooks.shell.flags import read_flags
from security_hooks.shell.printed import Printed

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_MOST_NUMBERS = 256
_REPEATED = 4096
_TEMPLATE = re.compile(r"([\w.+-]*?)(X{3,})([\w.+-]*)", re.ASCII)


def basename_of(arguments: Sequence[str], _given: bytes) -> Printed | None:
    """`basename PATH [SUFFIX]`."""
    flags = read_flags(arguments)
    if flags is None or not 1 <= len(flags.operands) <= 2 or not flags.operands[0]:
        return None
    path = flags.operands[0]
    name = path.rstrip("/")
    name = name[name.rfind("/") + 1 :] if name else "/"
    suffix = flags.operands[1] if len(flags.operands) == 2 else ""
    if suffix and name != suffix and name != "/":
        name = name.removesuffix(suffix)
    return Printed(name.encode() + b"\n", sure=path.strip("/") != "" or path == "/")


def dirname_of(arguments: Sequence[str], _given: bytes) -> Printed | None:
    """`dirname PATH`."""
    flags = read_flags(arguments)
    if flags is None or len(flags.operands) != 1:
        return None
    path = flags.operands[0].rstrip("/") or flags.operands[0][:1]
    name = path[: path.rfind("/") + 1]
    name = (name.rstrip("/") or "/") if name else "."
    return Printed(name.encode() + b"\n", sure=not flags.operands[0].startswith("//"))


def seq_of(arguments: Sequence[str], _given: bytes) -> Printed | None:
    """`seq` of whole numbers."""
    numbers = [int(argument) for argument in arguments if _NUMBER.fullmatch(argument)]
    if len(numbers) != len(arguments) or not 1 <= len(numbers) <= 3 or "-0" in arguments:
        return None
    first, step, last = (1, 1, numbers[0]) if len(numbers) == 1 else (numbers[0], 1, numbers[-1])
    if len(numbers) == 3:
        step = numbers[1]
    # Without a step, some count backwards.
    if step == 0 or (len(numbers) < 3 and first > last) or abs(last - first) // abs(step) >= _MOST_NUMBERS:
        return None
    counted = range(first, last + (1 if step > 0 else -1), step)
    return Printed("".join([f"{number}\n" for number in counted]).encode())


def expr_of(arguments: Sequence[str], _given: bytes) -> Printed | None:
    """`expr A + B` of whole numbers."""
    if len(arguments) != 3 or not (_NUMBER.fullmatch(arguments[0]) and _NUMBER.fullmatch(arguments[2])):
        return None
    left, right = int(arguments[0]), int(arguments[2])
    operator = arguments[1]
    if operator in ("/", "%"):
        if right == 0:
            return None
        quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        value = quotient if operator == "/" else left - quotient * right
    elif operator in ("+", "-", "*"):
        value = left + right if operator == "+" else left - right if operator == "-" else left * right
    else:
        return None
    return Printed(f"{value}\n".encode()) if abs(value) < 1 << 62 else None


def yes_of(arguments: Sequence[str], _given: bytes) -> Printed | None:
    """`yes`, which does not end."""
    if any(argument.startswith("-") for argument in arguments):
        return None
    line = (" ".join(arguments) if arguments else "y").encode() + b"\n"
    return Printed(line * (_REPEATED // len(line)), endless=True) if len(line) <= _REPEATED else None


def mktemp_of(arguments: Sequence[str], _given: bytes) -> Printed | None:
    """`mktemp [-dq] [-t] [-p DIR] [TEMPLATE]` right below where temporary files lie, so that making it succeeds."""
    template, prefixed, directory, rest = "", False, "", list(arguments)
    while rest:
        word = rest.pop(0)
        if word in ("-t", "-dt", "-qt", "-dqt"):
            prefixed = True
        elif word == "-p" and rest:
            directory = rest.pop(0)
        elif word.startswith("--tmpdir="):
            directory = word.removeprefix("--tmpdir=")
        elif word not in ("-d", "-q", "-dq", "-qd", "--directory", "--quiet", "--tmpdir"):
            if word.startswith("-") or template:
                return None
            template = word
        else:
            prefixed = prefixed or word == "--tmpdir"
    if template and not prefixed and not directory:
        directory, _, template = template.rpartition("/")
        directory = directory or "."
    found = _TEMPLATE.fullmatch(template or "tmp.XXXXXXXXXX")
    if found is None or (directory or "/tmp").rstrip("/") not in ("/tmp", "/var/tmp"):
        return None
    # Letters and digits: neither a slash nor a blank can be among them.
    hole = Hole(HoleKind.SUBSTITUTION, found[2])
    return Printed((f"{directory.rstrip('/') or '/tmp'}/{found[1]}", hole, f"{found[3]}\n"))
