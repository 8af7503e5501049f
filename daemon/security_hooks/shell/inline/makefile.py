"""Makefiles: the shell text that `make goals` would run, recipes of prerequisites first, variables put in."""

import re
from collections.abc import Mapping

from security_hooks.shell.inline.marks import Marks
from security_hooks.shell.inline.reading import Inline, Value
from security_hooks.shell.limits import Budget

_ASSIGNMENT = re.compile(r"(?:(?:export|override|private|unexport)\s+)*([\w.-]+)\s*(::?:?=|\?=|\+=|!=|=)\s*(.*)")
_RULE = re.compile(r"([^\t:=#][^:=#]*?)\s*::?(?!=)\s*([^;#]*)(?:;(.*))?")
_REFERENCE = re.compile(r"\$(?:\(([^()$]*)\)|\{([^{}$]*)\}|([^\s(){}]))")
_CONDITIONAL = re.compile(r"\s*(?:ifeq|ifneq|ifdef|ifndef|else|endif)\b")
_DIRECTIVE = re.compile(r"\s*-?(?:include|sinclude|vpath|export|unexport|undefine)\b(?!.*=)")
_MOST_ROUNDS = 16
_MOST_TEXT = 1 << 16
_MOST_RULES = 5000
_MOST_GOALS = 500


class _Makefile:
    """A makefile's variables and rules. Both branches of a condition count."""

    def __init__(self, text: str) -> None:
        self.variables: dict[str, str] = {"MAKE": "make", "SHELL": "/bin/sh", "RM": "rm -f"}
        self.rules: dict[str, tuple[list[str], list[str]]] = {}
        self.patterns: list[tuple[str, str, list[str], list[str]]] = []
        self.first = ""
        self.immediate: list[str] = []
        self._prefix = "\t"
        self._recipe: list[str] | None = None
        self._define: tuple[str, list[str]] | None = None
        for line in _logical(text):
            self._read(line)

    def expand(self, text: str, automatic: Mapping[str, str]) -> str:
        """The text with references put in; what is not known stays as it is written."""
        for _ in range(_MOST_ROUNDS):
            changed = _REFERENCE.sub(lambda match: self._value(match, automatic), text)
            if changed == text or len(changed) > _MOST_TEXT:
                return text if len(changed) > _MOST_TEXT else changed.replace("\0", "$")
            text = changed
        return text.replace("\0", "$")

    def _read(self, line: str) -> None:
        if self._define is not None:
            if line.strip() == "endef":
                self.variables[self._define[0]] = "\n".join(self._define[1])
                self._define = None
            else:
                self._define[1].append(line)
            return
        if line.startswith(self._prefix):
            if self._recipe is not None:
                self._recipe.append(line[1:])
            return
        bare = line.split("#", 1)[0].rstrip()
        if not bare.strip() or _CONDITIONAL.match(bare) or _DIRECTIVE.match(bare):
            return
        stripped = bare.strip()
        if stripped.startswith("define "):
            self._define = (stripped.split()[1], [])
            return
        assignment = _ASSIGNMENT.fullmatch(stripped)
        if assignment is not None:
            self._assign(assignment[1], assignment[2], assignment[3])
            return
        rule = _RULE.fullmatch(stripped)
        if rule is None:
            self.immediate.append(stripped)
            return
        self._add_rule(rule)

    def _assign(self, name: str, operator: str, value: str) -> None:
        if name == ".RECIPEPREFIX":
            self._prefix = value[:1] or "\t"
        elif operator == "!=":
            self.immediate.append(f"$(shell {value})")
        elif operator == "+=":
            before = self.variables.get(name, "")
            if len(before) < _MOST_TEXT:
                self.variables[name] = f"{before} {value}"
        elif operator != "?=" or name not in self.variables:
            self.variables[name] = value
            if operator.startswith(":"):
                self.immediate.append(value)

    def _add_rule(self, rule: re.Match[str]) -> None:
        targets = self.expand(rule[1], {}).split()
        prerequisites = rule[2]
        target_specific = _ASSIGNMENT.fullmatch(prerequisites.strip())
        if target_specific is not None:
            self._assign(target_specific[1], target_specific[2], target_specific[3])
            return
        self._recipe = []
        if rule[3]:
            self._recipe.append(rule[3])
        needs = self.expand(prerequisites, {}).replace("|", " ").split()
        if len(self.rules) + len(self.patterns) > _MOST_RULES:
            return
        for target in targets:
            if "%" in target:
                before, _, after = target.partition("%")
                self.patterns.append((before, after, needs, self._recipe))
                continue
            known = self.rules.setdefault(target, ([], []))
            known[0].extend(needs)
            if known[1] is not self._recipe:
                self.rules[target] = (known[0], self._recipe if not known[1] else known[1])
            if not self.first and not target.startswith("."):
                self.first = target

    def _value(self, match: re.Match[str], automatic: Mapping[str, str]) -> str:
        name = match[1] if match[1] is not None else match[2] if match[2] is not None else match[3]
        if name == "$":
            return "\0"
        if name in automatic:
            return automatic[name]
        if name in self.variables:
            return self.variables[name]
        word, _, rest = name.partition(" ")
        if word == "shell":
            # Its output goes where it stands: the shell reader knows what that means.
            return f"\0({rest})"
        if word in ("strip", "sort", "abspath", "realpath", "firstword", "or", "info", "warning"):
            return rest
        if word in ("wildcard",):
            return rest
        if word in ("addprefix", "addsuffix"):
            what, _, items = rest.partition(",")
            made = [what + item if word == "addprefix" else item + what for item in items.split()]
            return " ".join(made)
        if word == "subst" and rest.count(",") >= 2:
            old, new, whole = rest.split(",", 2)
            return whole.replace(old, new) if old and len(whole) * (len(new) + 1) < _MOST_TEXT else whole
        if word in ("if", "foreach", "call", "eval", "filter", "filter-out", "patsubst", "notdir", "dir", "basename"):
            return rest.rpartition(",")[2]
        return f"\0({name})" if len(name) > 1 else ""


def recipes(text: str, goals: tuple[str, ...]) -> tuple[str, ...]:
    """The shell texts that `make` with these goals (none: the first) would run; those while it reads come first.

    What is not known stays `$(NAME)`, which a shell's reader takes for something unknown.
    """
    makefile = _Makefile(text[:_MOST_TEXT])
    found: list[str] = []
    for line in makefile.immediate:
        expanded = makefile.expand(line, {})
        if "$(" in expanded and "$(" in line and re.search(r"\$[({]\s*shell\b", line):
            found.append(": " + expanded)
    pending = list(goals[::-1]) or [makefile.variables.get(".DEFAULT_GOAL", makefile.first)]
    seen: set[str] = set()
    lines: list[list[str]] = []
    while pending and len(seen) < _MOST_GOALS:
        goal = pending.pop()
        if goal in seen or not goal:
            continue
        seen.add(goal)
        needs, recipe, stem = _rule_for(makefile, goal)
        pending += needs[::-1]
        automatic = {
            "@": goal,
            "<": needs[0] if needs else "",
            "^": " ".join(needs),
            "+": " ".join(needs),
            "*": stem,
            "?": " ".join(needs),
        }
        expanded_lines = [makefile.expand(line, automatic) for line in recipe]
        lines.append([part.lstrip("@-+ \t") for line in expanded_lines for part in [line] if part.strip()])
    # Prerequisites were met after what needs them.
    for group in lines[::-1]:
        found += group
    return tuple(found)


def _rule_for(makefile: _Makefile, goal: str) -> tuple[list[str], list[str], str]:
    if goal in makefile.rules:
        needs, recipe = makefile.rules[goal]
        if recipe:
            return needs, recipe, ""
    else:
        needs = []
    for before, after, pattern_needs, recipe in makefile.patterns:
        if len(goal) > len(before) + len(after) and goal.startswith(before) and goal.endswith(after):
            stem = goal[len(before) : len(goal) - len(after)]
            return needs + [need.replace("%", stem) for need in pattern_needs], recipe, stem
    return needs, [], ""


def _logical(text: str) -> list[str]:
    """The lines, those that end in a backslash joined."""
    lines: list[str] = []
    joined: list[str] = []
    for line in text.splitlines():
        if line.endswith("\\"):
            joined.append(line[:-1] + " ")
            continue
        lines.append("".join([*joined, line.lstrip() if joined else line]))
        joined = []
    if joined:
        lines.append("".join(joined))
    return lines


def read_makefile(code: Value, budget: Budget) -> Inline:
    """A makefile of which nobody says which goal is meant: the first."""
    marks = Marks()
    text = marks.text(code)
    if not budget.spend(1 + (len(text) >> 6)):
        return Inline(over_budget=True)
    return Inline(shell=tuple([marks.value(line) for line in recipes(text, ())]))
