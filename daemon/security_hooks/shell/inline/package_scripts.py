"""Scripts that package and task files name: the shell texts that running one of them would run."""

import json
import re
import tomllib
from collections.abc import Mapping

_MOST_TEXT = 1 << 16
_MOST_SCRIPTS = 100
_INSTALLING = ("preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare")
_LIFECYCLE: dict[str, tuple[str, ...]] = {
    "install": _INSTALLING,
    "ci": _INSTALLING,
    "add": _INSTALLING,
    "i": _INSTALLING,
}
_LIFECYCLE |= {
    "publish": ("prepublishOnly", "prepack", "prepare", "postpack", "publish", "postpublish"),
    "pack": ("prepack", "prepare", "postpack"),
    "version": ("preversion", "version", "postversion"),
}
_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_JUST_NAME = re.compile(r"@?([A-Za-z_][\w-]*)((?:\s+[+*$]?[\w-]+(?:=\S+)?)*)\s*:(?!=)\s*(.*)")
_JUST_SET = re.compile(r"(?:export\s+)?([A-Za-z_][\w-]*)\s*:=\s*(.*)")
_JUST_FIELD = re.compile(r"\{\{\s*([\w-]+)\s*\}\}")
_TASK_LINE = re.compile(r"(\s*)(?:- )?(?:([\w:.-]+)\s*:)?\s*(.*)")


def scripts(text: str, name: str) -> tuple[str, ...]:
    """The shell texts that running the script `name` of this file runs, in order; none if it has none such.

    The file is a `package.json`, `composer.json`, `deno.json`, `pyproject.toml`, `justfile` or `Taskfile.yml`: its text
    shows which. For a package manager's own verb (`install`, `publish`) those of its life cycle.
    """
    if len(text) > _MOST_TEXT:
        return ()
    start = text.lstrip()[:1]
    if start == "{":
        return _of_json(text, name)
    if re.search(r"(?m)^\s*\[[\w.\"' -]+\]\s*$", text):
        return _of_toml(text, name)
    if re.search(r"(?m)^tasks:\s*$", text):
        return _of_taskfile(text, name)
    return _of_justfile(text, name)


def _of_json(text: str, name: str) -> tuple[str, ...]:
    try:
        whole = json.loads(_COMMENT.sub(lambda match: match[1] or "", text))
    except (ValueError, RecursionError):
        return ()
    if not isinstance(whole, dict):
        return ()
    for key in ("scripts", "tasks"):
        table = whole.get(key)
        if isinstance(table, dict):
            names = _LIFECYCLE.get(name) if name not in table or name == "install" else None
            wanted = names or (f"pre{name}", name, f"post{name}")
            return tuple([line for each in wanted for line in _lines(table.get(each), table, 0)])
    return ()


def _lines(value: object, table: Mapping[object, object], depth: int) -> list[str]:
    """A script is one text, a list of them (`@name` is another script), or an object with a command in it."""
    if isinstance(value, str):
        if value.startswith("@") and value[1:] in table and depth < 8:
            return _lines(table[value[1:]], table, depth + 1)
        return [value]
    if isinstance(value, list):
        return [
            line for item in value[:_MOST_SCRIPTS] for line in (_lines(item, table, depth + 1) if depth < 8 else ())
        ]
    if isinstance(value, dict):
        for key in ("cmd", "command", "shell", "composite", "chain", "sequence"):
            if key in value:
                return _lines(value[key], table, depth + 1) if depth < 8 else []
    return []


def _of_toml(text: str, name: str) -> tuple[str, ...]:
    try:
        whole: object = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return ()
    found: list[str] = []
    for path in (
        ("tool", "pdm", "scripts"),
        ("tool", "poe", "tasks"),
        ("tool", "taskipy", "tasks"),
        ("tool", "rye", "scripts"),
        ("tool", "pixi", "tasks"),
        ("tool", "hatch", "envs", "default", "scripts"),
        ("tasks",),
        ("scripts",),
        ("tool", "poetry", "scripts"),
        ("project", "scripts"),
    ):
        table: object = whole
        for key in path:
            table = table.get(key) if isinstance(table, dict) else None
        if not isinstance(table, dict):
            continue
        for each in (f"pre_{name}", name, f"post_{name}"):
            for line in _lines(table.get(each), table, 0):
                # `module:function` is an entry point and no text for a shell.
                found += [_entry(line)] if re.fullmatch(r"[\w.]+:[\w.]+", line) else [line]
        if found:
            break
    return tuple(found)


def _entry(point: str) -> str:
    return "python3 -m " + point.partition(":")[0]


def _of_justfile(text: str, name: str) -> tuple[str, ...]:
    variables: dict[str, str] = {}
    recipes: dict[str, tuple[list[str], list[str]]] = {}
    body: list[str] | None = None
    first = ""
    for line in text.splitlines():
        if line[:1] in (" ", "\t") and body is not None:
            body.append(line.strip().lstrip("@-"))
            continue
        variable = _JUST_SET.fullmatch(line.rstrip())
        if variable is not None:
            variables[variable[1]] = variable[2].strip("\"'")
            continue
        recipe = _JUST_NAME.fullmatch(line.rstrip())
        if recipe is not None:
            body = []
            needs = re.findall(r"[A-Za-z_][\w-]*", recipe[3].split("#")[0])
            recipes[recipe[1]] = (needs, body)
            first = first or recipe[1]
    return _in_order(recipes, name or first, variables)


def _of_taskfile(text: str, name: str) -> tuple[str, ...]:
    """The subset of YAML that task files are written in: blocks by indentation, plain and quoted texts."""
    tasks: dict[str, tuple[list[str], list[str]]] = {}
    indent, task, key = 0, "", ""
    inside = False
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _TASK_LINE.fullmatch(line)
        if match is None:
            continue
        depth, is_item = len(match[1]), line.lstrip().startswith("- ")
        if depth == 0:
            inside = match[2] == "tasks"
            indent = 0
        elif inside and match[2] and (indent == 0 or depth == indent) and not is_item:
            indent, task, key = depth, match[2], ""
            tasks[task] = ([], [match[3].strip("\"'")] if match[3] else [])
        elif inside and task:
            if match[2] in ("cmds", "cmd", "deps", "task") and match[2] != "task":
                key = match[2]
                _add(tasks[task], key, match[3])
            elif match[2] == "task":
                tasks[task][0].append(match[3].strip("\"'"))
            elif is_item or match[2] is None:
                _add(tasks[task], key, line.strip().removeprefix("- ").removeprefix("cmd:").strip())
            elif not is_item:
                key = ""
    return _in_order(tasks, name or "default", {})


def _add(task: tuple[list[str], list[str]], key: str, text: str) -> None:
    text = text.strip()
    if not text or text in ("|", ">", "|-", ">-"):
        return
    if key == "deps":
        task[0].extend(re.findall(r"[\w:.-]+", text))
    elif key in ("cmds", "cmd"):
        quoted = len(text) > 1 and text[0] in "\"'" and text[-1] == text[0]
        task[1].append(text[1:-1] if quoted else text)


def _in_order(
    tasks: Mapping[str, tuple[list[str], list[str]]], name: str, variables: Mapping[str, str]
) -> tuple[str, ...]:
    """The lines of a task, those of what it needs first."""
    groups: list[list[str]] = []
    pending, seen = [name], set[str]()
    while pending and len(seen) < _MOST_SCRIPTS:
        current = pending.pop()
        if current in seen or current not in tasks:
            continue
        seen.add(current)
        needs, lines = tasks[current]
        pending += needs
        groups.append(lines)
    lines = [line for group in groups[::-1] for line in group]
    return tuple([_JUST_FIELD.sub(lambda m: variables.get(m[1], f"$({m[1]})"), line) for line in lines])
