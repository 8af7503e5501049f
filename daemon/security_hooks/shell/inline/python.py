"""Python source to the evaluator's tree, by `ast`."""

import ast
import re
import warnings
from collections.abc import Callable, Sequence
from typing import Final

from security_hooks.shell.inline import syntax as s
from security_hooks.shell.inline.language import Parsed
from security_hooks.shell.inline.marks import Marks

_MOST_NESTING = 200
_MOST_NODES = 60_000
_BRACKETS = re.compile(r"[(\[{]|[)\]}]")
_PROMPT = re.compile(r"(?m)^(?:>>> |\.\.\. )")
_SIGNS: Final = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitXor: "^",
    ast.BitAnd: "&",
    ast.BitOr: "|",
}


def parse(code: str, _marks: Marks) -> Parsed:
    """The tree of a program; a broken one runs nothing, unless a hole would mend it."""
    if _nesting(code) > _MOST_NESTING:
        return Parsed(too_much=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
        return Parsed(_Lowering().body(tree.body))
    except (SyntaxError, ValueError):
        return Parsed(broken=True)
    except (RecursionError, MemoryError):
        return Parsed(too_much=True)


def _nesting(code: str) -> int:
    """How deep brackets are nested at most, those in texts counted too; runs of unary signs count as nesting."""
    depth = most = 0
    for match in _BRACKETS.finditer(code):
        depth += 1 if match[0] in "([{" else -1
        most = max(most, depth)
        depth = max(depth, 0)
    run = max(
        (len(found) for found in re.findall(r"[-+~]{100,}|(?:\bnot\s+){50,}|(?:\blambda\s*:\s*){50,}", code)), default=0
    )
    return most + run


class _Lowering:
    """Turns nodes of `ast` into ours. Recursion is as deep as the source is nested, which `parse` has bounded."""

    def __init__(self) -> None:
        self._left = _MOST_NODES

    def body(self, nodes: Sequence[ast.AST]) -> tuple[s.Node, ...]:
        return tuple([self.node(node) for node in nodes])

    def node(self, node: ast.AST) -> s.Node:
        self._left -= 1
        if self._left < 0:
            raise MemoryError
        visit = _VISITS.get(type(node))
        if visit is None:
            return s.Several(self.body([child for child in ast.iter_child_nodes(node) if isinstance(child, _CARRIERS)]))
        return visit(self, node)


def _target(lowering: _Lowering, node: ast.AST) -> s.Node:
    return lowering.node(node)


def _constant(_lowering: _Lowering, node: ast.Constant) -> s.Node:
    value = node.value
    if value is None or isinstance(value, str | bytes | int | float | bool):
        return s.Constant(value)
    return s.Several(())


def _binary(lowering: _Lowering, node: ast.BinOp) -> s.Node:
    sign = _SIGNS.get(type(node.op), "?")
    operands: list[ast.expr] = []
    left: ast.expr = node
    # `a + b + c + ..` is nested to the left as deep as it is long.
    while isinstance(left, ast.BinOp) and type(left.op) is type(node.op):
        operands.append(left.right)
        left = left.left
    operands.append(left)
    return s.Binary(sign, lowering.body(operands[::-1]))


def _call(lowering: _Lowering, node: ast.Call) -> s.Node:
    keywords = tuple([(keyword.arg or "", lowering.node(keyword.value)) for keyword in node.keywords])
    return s.Call(lowering.node(node.func), lowering.body(node.args), keywords)


def _template(lowering: _Lowering, node: ast.JoinedStr) -> s.Node:
    return s.Template(tuple([lowering.node(value) for value in node.values]))


def _slice(lowering: _Lowering, node: ast.Slice) -> s.Node:
    ends = [lowering.node(end) if end is not None else None for end in (node.lower, node.upper, node.step)]
    return s.Slice(*ends)


def _mapping(lowering: _Lowering, node: ast.Dict) -> s.Node:
    return s.Mapping(
        tuple(
            [
                (lowering.node(key) if key is not None else None, lowering.node(value))
                for key, value in zip(node.keys, node.values, strict=True)
            ]
        )
    )


def _function(lowering: _Lowering, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> s.Node:
    arguments = node.args
    names = tuple([argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)])
    defaults = lowering.body([*arguments.defaults, *[d for d in arguments.kw_defaults if d is not None]])
    rest = arguments.vararg.arg if arguments.vararg else ""
    if isinstance(node, ast.Lambda):
        return s.Function("", names, defaults, (s.Return(lowering.node(node.body)),), rest)
    function = s.Function(node.name, names, defaults, lowering.body(node.body), rest)
    if not node.decorator_list:
        return function
    return s.Several((function, *[s.Call(lowering.node(d), (s.Name(node.name),)) for d in node.decorator_list]))


def _class(lowering: _Lowering, node: ast.ClassDef) -> s.Node:
    return s.Several((*lowering.body(node.bases), *lowering.body(node.body)))


def _assign(lowering: _Lowering, node: ast.Assign) -> s.Node:
    first = s.Assign(lowering.node(node.targets[0]), lowering.node(node.value))
    rest = [s.Assign(lowering.node(t), lowering.node(node.targets[0])) for t in node.targets[1:]]
    return s.Several((first, *rest)) if rest else first


def _augmented(lowering: _Lowering, node: ast.AugAssign) -> s.Node:
    return s.Assign(lowering.node(node.target), lowering.node(node.value), _SIGNS.get(type(node.op), "?"))


def _annotated(lowering: _Lowering, node: ast.AnnAssign) -> s.Node:
    return s.Assign(lowering.node(node.target), lowering.node(node.value)) if node.value else s.Several(())


def _shared(_lowering: _Lowering, node: ast.Global | ast.Nonlocal) -> s.Node:
    return s.Shared(tuple(node.names))


def _walrus(lowering: _Lowering, node: ast.NamedExpr) -> s.Node:
    return s.Assign(lowering.node(node.target), lowering.node(node.value))


def _import(_lowering: _Lowering, node: ast.Import) -> s.Node:
    imports: list[s.Node] = []
    for alias in node.names:
        if alias.asname:
            imports.append(s.Import(alias.name, alias.asname))
        else:
            top = alias.name.partition(".")[0]
            imports.append(s.Import(top, top))
    return s.Several(tuple(imports))


def _import_from(_lowering: _Lowering, node: ast.ImportFrom) -> s.Node:
    module = "." * node.level + (node.module or "")
    return s.Several(
        tuple(
            [
                s.Import(module, "*")
                if alias.name == "*"
                else s.Import(f"{module}.{alias.name}", alias.asname or alias.name)
                for alias in node.names
            ]
        )
    )


def _loop(lowering: _Lowering, node: ast.For | ast.AsyncFor) -> s.Node:
    body = (*lowering.body(node.body), *lowering.body(node.orelse))
    return s.Loop(lowering.node(node.target), lowering.node(node.iter), body)


def _while(lowering: _Lowering, node: ast.While) -> s.Node:
    return s.Loop(None, None, (lowering.node(node.test), *lowering.body(node.body), *lowering.body(node.orelse)))


def _if(lowering: _Lowering, node: ast.If) -> s.Node:
    test = node.test
    if _is_main(test):
        return s.Several(lowering.body(node.body))
    bodies = []
    tests = []
    branch: ast.If | None = node
    orelse: list[ast.stmt] = []
    # `elif` is nested as deep as there are many.
    while branch is not None:
        tests.append(lowering.node(branch.test))
        bodies.append(lowering.body(branch.body))
        orelse = branch.orelse
        branch = orelse[0] if len(orelse) == 1 and isinstance(orelse[0], ast.If) else None
    bodies.append(lowering.body(orelse))
    return s.Several((*tests, s.Branch(tuple(bodies))))


def _is_main(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and isinstance(test.ops[0], ast.Eq)
    ) or (isinstance(test, ast.Constant) and bool(test.value))


def _try(lowering: _Lowering, node: ast.Try) -> s.Node:
    handlers = tuple([lowering.body(handler.body) for handler in node.handlers])
    rest = (*lowering.body(node.orelse), *lowering.body(node.finalbody))
    return s.Several((*lowering.body(node.body), s.Branch(handlers), *rest))


def _with(lowering: _Lowering, node: ast.With | ast.AsyncWith) -> s.Node:
    heads: list[s.Node] = []
    for item in node.items:
        value = lowering.node(item.context_expr)
        heads.append(s.Assign(lowering.node(item.optional_vars), value) if item.optional_vars else value)
    return s.Several((*heads, *lowering.body(node.body)))


def _comprehension(lowering: _Lowering, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> s.Node:
    if isinstance(node, ast.DictComp):
        result: s.Node = s.Sequence((lowering.node(node.key), lowering.node(node.value)))
    else:
        result = lowering.node(node.elt)
    made: s.Node = result
    for number, clause in enumerate(reversed(node.generators)):
        tests = tuple([lowering.node(test) for test in clause.ifs])
        # Filtered or nested, its items are not known one by one.
        made = s.Loop(lowering.node(clause.target), lowering.node(clause.iter), tests, made)
        if number or tests:
            made = s.Several((made,))
    return made


def _passed(field: str) -> Callable[[_Lowering, ast.AST], s.Node]:
    def visit(lowering: _Lowering, node: ast.AST) -> s.Node:
        value = getattr(node, field)
        return lowering.node(value) if value is not None else s.Several(())

    return visit


def _sequence(lowering: _Lowering, node: ast.List | ast.Tuple | ast.Set) -> s.Node:
    return s.Sequence(lowering.body(node.elts))


def _unary(lowering: _Lowering, node: ast.UnaryOp) -> s.Node:
    inner = lowering.node(node.operand)
    return s.Binary("-", (s.Constant(0), inner)) if isinstance(node.op, ast.USub) else s.Several((inner,))


_CARRIERS = (ast.expr, ast.stmt, ast.match_case, ast.comprehension, ast.keyword, ast.excepthandler)
_VISITS: Final[dict[type, Callable[..., s.Node]]] = {
    ast.Constant: _constant,
    ast.JoinedStr: _template,
    ast.FormattedValue: _passed("value"),
    ast.Name: lambda _lowering, node: s.Name(node.id),
    ast.Attribute: lambda lowering, node: s.Attribute(lowering.node(node.value), node.attr),
    ast.Subscript: lambda lowering, node: s.Index(lowering.node(node.value), lowering.node(node.slice)),
    ast.Slice: _slice,
    ast.Call: _call,
    ast.Starred: lambda lowering, node: s.Spread(lowering.node(node.value)),
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: lambda lowering, node: s.Either(lowering.body(node.values)),
    ast.IfExp: lambda lowering, node: s.Either(lowering.body((node.body, node.orelse)), (lowering.node(node.test),)),
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Dict: _mapping,
    ast.Lambda: _function,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Assign: _assign,
    ast.AugAssign: _augmented,
    ast.AnnAssign: _annotated,
    ast.Global: _shared,
    ast.Nonlocal: _shared,
    ast.NamedExpr: _walrus,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.For: _loop,
    ast.AsyncFor: _loop,
    ast.While: _while,
    ast.If: _if,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.Return: lambda lowering, node: s.Return(lowering.node(node.value) if node.value else None),
    ast.Expr: _passed("value"),
    ast.Await: _passed("value"),
    ast.Yield: lambda lowering, node: s.Return(lowering.node(node.value) if node.value else None),
}
