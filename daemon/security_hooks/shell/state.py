"""What is known of the shell's own state while a script is followed line by line: variables, functions, aliases."""

from security_hooks.model.event import Place
from security_hooks.model.word import Hole
from security_hooks.shell.limits import Budget

Value = tuple[str | Hole, ...]


class State:
    """What is known at one point of a script. A variable that is not in `variables` may be anything.

    `unstable` are names that code which runs at some other time (functions, traps) may set: never known.
    `blind` is set once code ran that may have changed any of them behind our back.
    """

    __slots__ = ("_budget", "aliases", "blind", "functions", "home", "unstable", "variables")

    def __init__(self, place: Place, budget: Budget) -> None:
        self._budget = budget
        self.home = place.home
        self.variables: dict[str, Value] = {"HOME": (place.home,), "IFS": (" \t\n",)}
        if place.cwd:
            self.variables["PWD"] = (place.cwd,)
        self.functions: set[str] = set()
        self.aliases: dict[str, Value | None] = {}
        self.unstable: set[str] = set()
        self.blind = False

    def value(self, name: str) -> Value | None:
        """What the variable holds, None if that is not known."""
        if self.blind or name in self.unstable:
            return None
        value = self.variables.get(name)
        if value and not self.affords(
            (sum([len(part) for part in value if isinstance(part, str)]) >> 8) + len(value) - 1
        ):
            # `a=$a$a`, forty times over, must not be made.
            return None
        return value

    def affords(self, nodes: int) -> bool:
        """Whether an expansion that makes so many nodes is still to be made; they are counted."""
        return self._budget.spend(nodes)

    def assign(self, name: str, value: Value | None) -> None:
        """Note what a variable holds now; None: not known."""
        if value is None:
            self.variables.pop(name, None)
        else:
            self.variables[name] = value

    def forget_all(self) -> None:
        """Code that we could not read has run."""
        self.variables = {}

    def snapshot(self) -> dict[str, Value]:
        """The variables as they are now, to come back to."""
        return dict(self.variables)

    def join(self, other: dict[str, Value]) -> None:
        """Keep only what holds here and in `other` alike: one of the two ways was gone, nobody knows which."""
        if self.variables != other:
            mine = self.variables
            self.variables = {name: value for name, value in other.items() if mine.get(name) == value}
