"""JavaScript and TypeScript source to the evaluator's tree, by their tree-sitter grammars."""

import re
from collections.abc import Callable, Sequence
from typing import Final

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language as Grammar
from tree_sitter import Node as Leaf
from tree_sitter import Parser, Tree

from security_hooks.shell.inline import syntax as s
from security_hooks.shell.inline.language import Parsed
from security_hooks.shell.inline.marks import Marks

_JAVASCRIPT = Grammar(tree_sitter_javascript.language())
_TYPESCRIPT = Grammar(tree_sitter_typescript.language_typescript())
_CHUNK = 4096
_MOST_CALLS = 800
_MOST_NODES = 60_000
_MOST_DEPTH = 150
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|\r?\n|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_TYPES = ("type_annotation", "interface_declaration", "type_alias_declaration", "type_arguments", "type_parameters")
_TYPED = ("as_expression", "satisfies_expression", "non_null_expression")
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None, "undefined": None}


def unescaped(literal: str) -> str:
    """The text that a quoted literal of C's family of languages stands for."""
    return _ESCAPE.sub(_unescape, literal) if "\\" in literal else literal


def _unescape(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3]
    if digits:
        code = int(digits, 16)
        return chr(code) if code < 0x110000 else ""
    return _ESCAPED.get(match[4], match[4]) if match[4] else ""


def parse(code: str, _marks: Marks) -> Parsed:
    """The tree of a program; where the grammars err, what could be read."""
    content = code.encode("utf-8", "replace")
    try:
        root = _tree(content, _JAVASCRIPT).root_node
        if root.has_error:
            typed = _tree(content, _TYPESCRIPT).root_node
            root = root if typed.has_error else typed
        return Parsed(_Lowering(content).body(root.named_children), broken=root.has_error)
    except (ValueError, RecursionError, OverflowError):
        # The parser raises ValueError where it was stopped.
        return Parsed(too_much=True)


def _tree(content: bytes, grammar: Grammar) -> Tree:
    calls = 0

    def stops(_offset: int, _has_error: bool) -> bool:
        nonlocal calls
        calls += 1
        return calls > _MOST_CALLS

    return Parser(grammar).parse(lambda offset, _point: content[offset : offset + _CHUNK], progress_callback=stops)


class _Lowering:
    """Turns the grammar's nodes into ours, to a bounded depth."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._left = _MOST_NODES
        self._depth = 0

    def body(self, nodes: Sequence[Leaf]) -> tuple[s.Node, ...]:
        return tuple([self.node(node) for node in nodes if node.type != "comment"])

    def node(self, node: Leaf) -> s.Node:
        self._left -= 1
        self._depth += 1
        if self._left < 0 or self._depth > _MOST_DEPTH:
            raise OverflowError
        visit = _VISITS.get(node.type)
        made = visit(self, node) if visit is not None else s.Several(self.body(node.named_children))
        self._depth -= 1
        return made

    def text(self, node: Leaf) -> str:
        return self._content[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def field(self, node: Leaf, name: str) -> s.Node:
        child = node.child_by_field_name(name)
        return self.node(child) if child is not None else s.Constant(None)


def _string(lowering: _Lowering, node: Leaf) -> s.Node:
    return s.Constant(unescaped(lowering.text(node)[1:-1]))


def _template(lowering: _Lowering, node: Leaf) -> s.Node:
    parts: list[s.Node] = []
    for child in node.named_children:
        if child.type == "template_substitution":
            parts += lowering.body(child.named_children)
        else:
            parts.append(s.Constant(unescaped(lowering.text(child))))
    return s.Template(tuple(parts))


def _number(lowering: _Lowering, node: Leaf) -> s.Node:
    text = lowering.text(node).replace("_", "").rstrip("n")
    try:
        return s.Constant(int(text, 0) if len(text) < 40 else None)
    except ValueError:
        return s.Several(())


def _name(lowering: _Lowering, node: Leaf) -> s.Node:
    text = lowering.text(node)
    return s.Constant(_WORDS[text]) if text in _WORDS else s.Name(unescaped(text))


def _member(lowering: _Lowering, node: Leaf) -> s.Node:
    prop = node.child_by_field_name("property")
    return s.Attribute(lowering.field(node, "object"), unescaped(lowering.text(prop)) if prop is not None else "?")


def _call(lowering: _Lowering, node: Leaf) -> s.Node:
    function = lowering.field(node, "constructor" if node.type == "new_expression" else "function")
    arguments = node.child_by_field_name("arguments")
    if arguments is None:
        return s.Call(function)
    if arguments.type == "template_string":
        return s.Call(function, (lowering.node(arguments),))
    return s.Call(function, lowering.body(arguments.named_children))


def _binary(lowering: _Lowering, node: Leaf) -> s.Node:
    sign_node = node.child_by_field_name("operator")
    sign = lowering.text(sign_node) if sign_node is not None else "?"
    operands: list[Leaf] = []
    left: Leaf | None = node
    while left is not None and left.type == "binary_expression":
        inner = left.child_by_field_name("operator")
        if inner is None or lowering.text(inner) != sign:
            break
        right = left.child_by_field_name("right")
        if right is not None:
            operands.append(right)
        left = left.child_by_field_name("left")
    if left is not None:
        operands.append(left)
    bodies = lowering.body(operands[::-1])
    return s.Either(bodies) if sign in ("||", "&&", "??") else s.Binary(sign, bodies)


def _object(lowering: _Lowering, node: Leaf) -> s.Node:
    pairs: list[tuple[s.Node | None, s.Node]] = []
    for child in node.named_children:
        if child.type in ("pair", "pair_pattern"):
            pairs.append((_key(lowering, child.child_by_field_name("key")), lowering.field(child, "value")))
        elif child.type in ("shorthand_property_identifier", "shorthand_property_identifier_pattern"):
            name = lowering.text(child)
            pairs.append((s.Constant(name), s.Name(name)))
        elif child.type == "object_assignment_pattern" and child.named_children:
            name = lowering.text(child.named_children[0])
            pairs.append((s.Constant(name), s.Name(name)))
        elif child.type == "spread_element":
            pairs += [(None, inner) for inner in lowering.body(child.named_children)]
        elif child.type == "method_definition":
            key = child.child_by_field_name("name")
            pairs.append((_key(lowering, key), _function(lowering, child)))
    return s.Mapping(tuple(pairs))


def _key(lowering: _Lowering, node: Leaf | None) -> s.Node:
    if node is None:
        return s.Constant("")
    if node.type == "property_identifier":
        return s.Constant(lowering.text(node))
    return lowering.node(node)


def _function(lowering: _Lowering, node: Leaf) -> s.Node:
    name = node.child_by_field_name("name")
    listed = node.child_by_field_name("parameters")
    single = node.child_by_field_name("parameter")
    parameters = list(listed.named_children) if listed is not None else [single] if single is not None else []
    names: list[str] = []
    heads: list[s.Node] = []
    rest = ""
    for number, parameter in enumerate(parameters):
        if parameter.type == "rest_pattern" and parameter.named_children:
            rest = lowering.text(parameter.named_children[0])
            continue
        has_default = parameter.type == "assignment_pattern"
        is_typed = parameter.type in ("required_parameter", "optional_parameter")
        bound = (
            parameter.child_by_field_name("left" if has_default else "pattern")
            if has_default or is_typed
            else parameter
        )
        if bound is not None and bound.type in ("object_pattern", "array_pattern"):
            heads.append(s.Assign(lowering.node(bound), s.Name(f" {number}")))
            names.append(f" {number}")
        else:
            names.append(lowering.text(bound or parameter))
    body = node.child_by_field_name("body")
    inner: tuple[s.Node, ...] = ()
    if body is not None:
        is_block = body.type == "statement_block"
        inner = lowering.body(body.named_children) if is_block else (s.Return(lowering.node(body)),)
    plain_name = lowering.text(name) if name is not None and node.type != "method_definition" else ""
    return s.Function(plain_name, tuple(names), (), (*heads, *inner), rest)


def _declarator(lowering: _Lowering, node: Leaf) -> s.Node:
    if node.child_by_field_name("value") is None:
        return s.Several(())
    return s.Assign(lowering.field(node, "name"), lowering.field(node, "value"))


def _assignment(lowering: _Lowering, node: Leaf) -> s.Node:
    sign = node.child_by_field_name("operator")
    name = lowering.text(sign).rstrip("=") if sign is not None else ""
    return s.Assign(lowering.field(node, "left"), lowering.field(node, "right"), name)


def _import(lowering: _Lowering, node: Leaf) -> s.Node:
    source = node.child_by_field_name("source")
    module = lowering.text(source)[1:-1] if source is not None else ""
    module = module.removeprefix("node:").replace("/", ".")
    imports: list[s.Node] = []
    stack = list(node.named_children)
    while stack:
        child = stack.pop()
        if child.type == "import_specifier":
            name = child.child_by_field_name("name")
            alias = child.child_by_field_name("alias") or name
            if name is not None and alias is not None:
                imports.append(s.Import(f"{module}.{lowering.text(name)}", lowering.text(alias)))
        elif child.type == "identifier":
            imports.append(s.Import(module, lowering.text(child)))
        elif child.type in ("import_clause", "named_imports", "namespace_import"):
            stack += child.named_children
    return s.Several(tuple(imports))


def _for_in(lowering: _Lowering, node: Leaf) -> s.Node:
    target = lowering.field(node, "left")
    return s.Loop(target, lowering.field(node, "right"), (lowering.field(node, "body"),))


def _loop(lowering: _Lowering, node: Leaf) -> s.Node:
    return s.Loop(None, None, lowering.body(node.named_children))


def _if(lowering: _Lowering, node: Leaf) -> s.Node:
    bodies = [
        (lowering.node(child),) for key in ("consequence", "alternative") if (child := node.child_by_field_name(key))
    ]
    return s.Several((lowering.field(node, "condition"), s.Branch(tuple(bodies))))


def _ternary(lowering: _Lowering, node: Leaf) -> s.Node:
    choices = (lowering.field(node, "consequence"), lowering.field(node, "alternative"))
    return s.Either(choices, (lowering.field(node, "condition"),))


def _passed(lowering: _Lowering, node: Leaf) -> s.Node:
    inner = lowering.body(node.named_children)
    return inner[-1] if len(inner) == 1 else s.Several(inner)


def _return(lowering: _Lowering, node: Leaf) -> s.Node:
    inner = lowering.body(node.named_children)
    return s.Return(inner[0] if inner else None)


def _sequence(lowering: _Lowering, node: Leaf) -> s.Node:
    return s.Sequence(lowering.body(node.named_children))


def _spread(lowering: _Lowering, node: Leaf) -> s.Node:
    inner = lowering.body(node.named_children)
    return s.Spread(inner[0]) if inner else s.Several(())


def _subscript(lowering: _Lowering, node: Leaf) -> s.Node:
    return s.Index(lowering.field(node, "object"), lowering.field(node, "index"))


_VISITS: Final[dict[str, Callable[[_Lowering, Leaf], s.Node]]] = {
    "string": _string,
    "template_string": _template,
    "number": _number,
    "identifier": _name,
    "undefined": _name,
    "true": _name,
    "false": _name,
    "null": _name,
    **dict.fromkeys(_TYPES, lambda _lowering, _node: s.Several(())),
    **dict.fromkeys(_TYPED, lambda lowering, node: lowering.node(node.named_children[0])),
    "regex": lambda _lowering, _node: s.Several(()),
    "import": lambda _lowering, _node: s.Name("import"),
    "shorthand_property_identifier_pattern": _name,
    "member_expression": _member,
    "subscript_expression": _subscript,
    "call_expression": _call,
    "new_expression": _call,
    "binary_expression": _binary,
    "object": _object,
    "object_pattern": _object,
    "array": _sequence,
    "array_pattern": _sequence,
    "sequence_expression": _passed,
    "spread_element": _spread,
    "arrow_function": _function,
    "function_expression": _function,
    "function_declaration": _function,
    "generator_function_declaration": _function,
    "method_definition": _function,
    "variable_declarator": _declarator,
    "assignment_expression": _assignment,
    "augmented_assignment_expression": _assignment,
    "import_statement": _import,
    "for_in_statement": _for_in,
    "for_statement": _loop,
    "while_statement": _loop,
    "do_statement": _loop,
    "if_statement": _if,
    "ternary_expression": _ternary,
    "parenthesized_expression": _passed,
    "expression_statement": _passed,
    "await_expression": _passed,
    "return_statement": _return,
}
