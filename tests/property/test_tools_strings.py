"""Laws of MCP input: reading it never fails, and says of no string more than the string holds."""

import json

from hypothesis import given
from hypothesis import strategies as st

from security_hooks.clients.payload import input_strings
from security_hooks.model.event import McpTarget, ToolCall, ToolKind
from security_hooks.tools.code_fields import script_in
from security_hooks.tools.strings import paths_and_urls, strings_of, variables

FIELDS = st.sampled_from(["path", "command", "args", "query", "code", "language", "env", "prompt", "x", "0", "~key"])
TEXTS = st.one_of(st.text(max_size=30), st.sampled_from(["/a", "http://e.example/", '{"path": "/b"}', "[", "rm -rf /"]))
VALUES = st.recursive(
    st.one_of(TEXTS, st.none(), st.integers()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(FIELDS, st.text(max_size=5)), inner, max_size=4),
        inner.map(json.dumps),
    ),
    max_leaves=12,
)


@given(st.dictionaries(FIELDS, VALUES, max_size=5), st.sampled_from(["t", "run_python", ""]))
def test_reading_never_fails_and_is_the_same_again(given_input: dict[str, object], name: str) -> None:
    call = ToolCall(name, ToolKind.MCP, mcp=McpTarget("s", name), strings=input_strings(given_input))
    strings = strings_of(call)
    assert {string.pointer for string in call.strings if "{" not in string.value and "[" not in string.value} <= {
        string.pointer for string in strings.all
    }
    held = "".join(string.value for string in strings.all)
    assert all(path in held for path, _, is_url in paths_and_urls(strings) if not is_url)
    assert all(value in held for _, value in variables(strings))
    assert script_in(call, strings) == script_in(call, strings_of(call))
