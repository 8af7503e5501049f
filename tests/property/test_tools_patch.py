"""Laws of patches: nothing breaks the reader, and no dressing hides a file from it."""

from hypothesis import given
from hypothesis import strategies as st

from security_hooks.tools.patch import read_patch

NAMES = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=12)
HEADERS = (
    "*** Add File: ",
    "*** Delete File: ",
    "*** Update File: ",
    "*** Move to: ",
    "*** Begin Patch",
    "*** End Patch",
)
lines = st.text(max_size=20) | st.builds(str.__add__, st.sampled_from(HEADERS), NAMES) | st.sampled_from(HEADERS)


@given(st.lists(lines, max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_any_text_is_read(parts: list[str], end: str) -> None:
    read = read_patch(end.join(parts))
    assert "" not in read.paths
    assert len(set(read.paths)) == len(read.paths)


@given(st.lists(lines, max_size=6), NAMES, st.lists(lines, max_size=6), st.sampled_from(HEADERS[:4]))
def test_a_header_on_its_own_line_is_seen_or_the_patch_is_malformed(
    before: list[str], name: str, after: list[str], header: str
) -> None:
    read = read_patch("\n".join(["*** Begin Patch", *before, header + name, *after, "*** End Patch"]))
    assert name in read.paths or read.malformed
