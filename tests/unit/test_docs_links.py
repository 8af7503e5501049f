"""Every link from one page of ours to another leads to a page, and to a heading, that exists."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("packaging/**/*.md")])
PAGES = [page for page in PAGES if "node_modules" not in page.parts]
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
LINK = re.compile(r"(?<!!)\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]*)\)")
CODE = re.compile(r"(`+)(?:(?!\1).)+?\1")
HEADING = re.compile(r"^#{1,6} +(.*?)(?: +#+)?$")


def prose_of(text: str) -> list[str]:
    """The lines of a page that are not in a block of code."""
    lines: list[str] = []
    fence = ""
    for line in text.split("\n"):
        found = FENCE.match(line)
        if fence:
            if found is not None and found[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif found is not None:
            fence = found[1]
        else:
            lines.append(line)
    return lines


def slug_of(heading: str) -> str:
    """The anchor that a heading has on the usual forges."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


@cache
def anchors_of(page: Path) -> frozenset[str]:
    slugs: dict[str, int] = {}
    anchors: set[str] = set()
    for line in prose_of(page.read_text()):
        found = HEADING.match(line)
        if found is not None:
            slug = slug_of(found[1])
            count = slugs.get(slug, 0)
            slugs[slug] = count + 1
            anchors.add(f"{slug}-{count}" if count else slug)
    return frozenset(anchors)


def links_of(page: Path) -> list[str]:
    """Where the links of a page lead, but for those that leave the project."""
    found = [link for line in prose_of(page.read_text()) for link in LINK.findall(CODE.sub("x", line))]
    return [link for link in found if not re.match(r"[a-z]+:", link)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links_of(page):
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            broken.append(link)
    assert broken == []


def test_there_are_links_to_look_at() -> None:
    assert sum(len(links_of(page)) for page in PAGES) > 100


@pytest.mark.parametrize(
    ("heading", "slug"),
    [("`command(PROGRAM, ...)`", "commandprogram-"), ("Lists and macros", "lists-and-macros"), ("a.b_c", "ab_c")],
)
def test_headings_have_the_anchors_that_forges_give_them(heading: str, slug: str) -> None:
    assert slug_of(heading) == slug


def test_a_block_of_code_has_neither_links_nor_headings() -> None:
    assert prose_of("a\n````\n```\n# x\n````\nb\n") == ["a", "b", ""]
