"""Names that look like others, and the many that do not."""

import pytest

from security_hooks.tools.lookalike import Neighbours, is_disguised, seen

# Names that people give to servers of these kinds.
COMMON = [
    "airtable",
    "asana",
    "atlassian",
    "aws",
    "azure",
    "brave-search",
    "browserbase",
    "chroma",
    "clickhouse",
    "cloudflare",
    "confluence",
    "context7",
    "datadog",
    "db-1",
    "db-2",
    "deepwiki",
    "discord",
    "docker",
    "elasticsearch",
    "everything",
    "exa",
    "fetch",
    "figma",
    "filesystem",
    "firecrawl",
    "git",
    "github",
    "gitlab",
    "gmail",
    "google-drive",
    "google-maps",
    "grafana",
    "huggingface",
    "hubspot",
    "ide",
    "jetbrains",
    "jira",
    "kubernetes",
    "linear",
    "memory",
    "mongodb",
    "mysql",
    "neo4j",
    "neon",
    "netlify",
    "notion",
    "obsidian",
    "paypal",
    "playwright",
    "postgres",
    "puppeteer",
    "redis",
    "sentry",
    "sequential-thinking",
    "serena",
    "shopify",
    "slack",
    "sqlite",
    "stripe",
    "supabase",
    "tavily",
    "terraform",
    "time",
    "todoist",
    "vercel",
    "zapier",
]


def test_common_names_are_not_taken_for_each_other() -> None:
    assert len(COMMON) >= 60
    assert not any(is_disguised(name) for name in COMMON)
    for name in COMMON:
        assert not Neighbours(other for other in COMMON if other != name).are_near(name), name


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("githuh", "github"),
        ("githbu", "github"),
        ("gihub", "github"),
        ("githubb", "github"),
        ("GitHub", "github"),
        ("git_hub", "git-hub"),
        ("gitlab1", "gitlabl"),
        ("p0stgres", "postgres"),
        ("mernory", "memory"),
        ("read", "Read"),
    ],
)
def test_near_names(name: str, known: str) -> None:
    assert Neighbours([known]).are_near(name)
    assert Neighbours([name]).are_near(known)


@pytest.mark.parametrize(
    ("name", "known"),
    [("slac", "slot"), ("git", "gif"), ("api-1", "api-2"), ("server2", "server"), ("github-2", "github"), ("a", "b")],
)
def test_short_names_and_numbers_are_names_of_their_own(name: str, known: str) -> None:
    assert not Neighbours([known]).are_near(name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("B\u0430sh", "Bash"),
        ("gith\u200bub", "github"),
        ("\uff27ithub", "Github"),
        ("\U0001d420ithub", "github"),
        ("g\u0456thub", "github"),
        ("plain", "plain"),
    ],
)
def test_seen_gives_what_a_person_reads(name: str, shown: str) -> None:
    assert seen(name) == shown


@pytest.mark.parametrize(
    ("name", "disguised"),
    [
        ("g\u0456thub", True),
        ("mcp__B\u0430sh__x", True),
        ("git\u200bhub", True),
        ("git\u202ehub", True),
        ("git\x1bhub", True),
        ("\u0444\u0430\u0439\u043b\u044b", False),
        ("\u043c\u043e\u0439-server", False),
        ("\u30d5\u30a1\u30a4\u30eb", False),
        ("caf\u00e9", False),
        ("", False),
    ],
)
def test_disguised_names_mix_scripts_within_a_word_or_hide_characters(name: str, disguised: bool) -> None:
    assert is_disguised(name) is disguised


def test_a_long_name_takes_no_time() -> None:
    assert not Neighbours(["b" * 1_000_000]).are_near("a" * 1_000_000)
