"""Functions, walked where they are called with what they are given; and the ways out of functions and loops."""

from typing import TYPE_CHECKING

from security_hooks.shell.context import NOTHING, Context, Feed, Found, Output, Several
from security_hooks.shell.state import ANY, BLANKS, Known, State, Value, Variable
from security_hooks.shell.steps import Steps
from security_hooks.shell.syntax import Function, Node

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker

_MOST_CALLS = 12
_MOST_RECURSIONS = 0
_MOST_ARGUMENTS = 1024
LEAVING = frozenset(("break", "continue", "return", "exit"))


class Frame:
    """A loop, a function or a process that the walk is in. `leaving` is what held wherever the code left the round or
    the function, `broken` the same for rounds before this one.
    """

    __slots__ = ("broken", "is_function", "is_process", "leaving")

    def __init__(self, *, is_function: bool, is_process: bool = False) -> None:
        self.is_function = is_function
        self.is_process = is_process
        self.leaving: list[Known] = []
        self.broken: list[Known] = []


class Definition:
    """One definition of a function. `is_walked` says that its body was looked at, `is_generalised` that it was for
    any state and arguments, `is_active` that this goes on right now.
    """

    __slots__ = ("body", "context", "is_active", "is_generalised", "is_walked")

    def __init__(self, body: Node, context: Context) -> None:
        self.body = body
        self.context = context
        self.is_active = self.is_generalised = self.is_walked = False


def define(walker: "Walker", node: Function, context: Context) -> Steps[Output]:
    """Remember a function."""
    yield from ()
    state = walker.state
    state.functions.add(node.name)
    state.known.functions |= {node.name}
    state.settle()
    definitions = walker.bodies.setdefault(node.name, [])
    if not any(definition.body is node.body for definition in definitions):
        definitions.append(Definition(node.body, context))
    return NOTHING


def call(walker: "Walker", name: str, found: Found, feed: Feed | None, context: Context) -> Steps[bool]:
    """Walk what this call of a function runs. True if nothing but the function can be what is called."""
    state, definitions = walker.state, walker.bodies[name]
    is_sure = name in state.known.functions and len(definitions) == 1 and not state.blind
    outcomes = [] if is_sure else [state.snapshot()]
    outputs: list[Output] = []
    for definition in tuple(definitions):
        before = state.snapshot()
        inner = Context(
            definition.context.embedded,
            (*context.inside, "function"),
            found.pipes,
            found.wrappers,
            definition.context.span,
            feed,
            context.depth + 1,
        )
        if inner.depth > walker.budget.limits.depth:
            walker.budget.over = True
        elif _is_too_much(walker, name):
            yield _walk_any(walker, definition, inner)
        else:
            outputs.append((yield _walk_call(walker, name, definition, found, inner)))
        outcomes.append(state.known)
        state.restore(before)
    state.restore(outcomes.pop())
    for outcome in outcomes:
        state.join(outcome)
    state.settle()
    if outputs:
        found.output = Several(tuple(outputs), sure=is_sure)
    return is_sure


def walk_uncalled(walker: "Walker") -> Steps[None]:
    """Walk the functions that nothing in the script calls: someone else may."""
    state = walker.state
    while waiting := [d for definitions in walker.bodies.values() for d in definitions if not d.is_walked]:
        for definition in waiting:
            variables: dict[str, Variable] = {"HOME": (state.home,), "IFS": BLANKS}
            state.restore(Known(variables))
            context = definition.context
            inner = Context(
                context.embedded,
                (*context.inside, "function"),
                context.pipes,
                context.wrappers,
                context.span,
                None,
                context.depth + 1,
            )
            yield _walk_any(walker, definition, inner)


def leave(walker: "Walker", program: str, found: Found) -> None:
    """`break`, `continue`, `return`, `exit`: what holds here holds where the code goes on, and not behind this."""
    state = walker.state
    operands = found.reading.operands
    is_plain = not found.redirects and (not operands or (len(operands) == 1 and (operands[0].literal or "").isdigit()))
    if program == "exit":
        state.known.dead = state.known.dead or is_plain
        return
    if state.known.dead:
        return
    passed = False
    for frame in reversed(walker.frames):
        if frame.is_process or (frame.is_function and program != "return"):
            break
        frame.leaving.append(state.snapshot())
        passed = True
        if frame.is_function:
            break
    else:
        passed = passed and program != "return"
    if passed and is_plain and (not operands or program == "return" or int(operands[0].literal or 0) > 0):
        state.known.dead = True


def join_leaving(state: State, frame: Frame) -> None:
    """The end of a round or of a function, however it was come to."""
    for known in frame.leaving:
        state.join(known)


def make_local(state: State, name: str) -> None:
    """The current function has a variable of this name of its own from here on."""
    own = state.known.locals
    if own is not None and name not in own:
        own[name] = state.variable(name)


def arguments_of(values: list[Value]) -> tuple[Value, ...]:
    """The positional parameters that these words make."""
    return tuple(values) if len(values) <= _MOST_ARGUMENTS else ANY


def _is_too_much(walker: "Walker", name: str) -> bool:
    calls = walker.calls
    return walker.allowance < 0 or len(calls) >= _MOST_CALLS or calls.count(name) > _MOST_RECURSIONS


def _walk_call(walker: "Walker", name: str, definition: Definition, found: Found, inner: Context) -> Steps[Output]:
    state = walker.state
    outer = state.known
    arguments, own = outer.arguments, outer.locals
    outer.arguments = arguments_of([word.parts for word in found.words[1:]])
    outer.locals = {}
    for assignment in found.assignments:
        # Such a variable is the function's own: `local` leaves it as it is.
        outer.locals[assignment.name] = None
        state.assign(assignment.name, None if assignment.append else assignment.value.parts)
    frame = Frame(is_function=True)
    walker.frames.append(frame)
    walker.calls.append(name)
    mark, is_first = len(walker.found), not definition.is_walked
    definition.is_walked = True
    output: Output = yield walker.visit(definition.body, inner)
    if not is_first:
        walker.allowance -= len(walker.found) - mark
    walker.calls.pop()
    walker.frames.pop()
    join_leaving(state, frame)
    if frame.leaving:
        output = Several((output,), sure=False)
    for variable, value in (state.known.locals or {}).items():
        state.known.attributes.pop(variable, None)
        state.assign(variable, None)
        if value is not None:
            state.known.variables[variable] = value
    for assignment in found.assignments:
        state.assign(assignment.name, None)
    state.known.arguments, state.known.locals = arguments, own
    return output


def _walk_any(walker: "Walker", definition: Definition, inner: Context) -> Steps[None]:
    """Walk a function of which neither the state nor the arguments are known."""
    state = walker.state
    is_fed = inner.feed is not None or bool(inner.pipes)
    if definition.is_active or (definition.is_generalised and not is_fed):
        state.forget_all()
        return
    definition.is_active = definition.is_generalised = definition.is_walked = True
    if walker.calls:
        state.forget_all()
    frame = Frame(is_function=True)
    walker.frames.append(frame)
    own, state.known.locals = state.known.locals, {}
    state.known.arguments = ANY
    yield walker.visit(definition.body, inner)
    walker.frames.pop()
    definition.is_active = False
    state.forget_all()
    state.known.dead = False
    state.known.locals = dict.fromkeys(own) if own is not None else None
