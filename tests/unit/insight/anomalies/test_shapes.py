from security_hooks.clients import CLIENTS
from security_hooks.insight.anomalies.shapes import CALLS_OF_A_TOOL, MOST_KEYS, MOST_TOOLS, Shapes

READ = ("claude-code", "Read")
KEYS = frozenset({"file_path"})


def test_a_tool_that_nobody_knows_is_news_once() -> None:
    shapes = Shapes()
    news = shapes.take("claude-code", "Frob", KEYS)
    assert news is not None and news.is_tool
    assert shapes.take("claude-code", "Frob", KEYS) is None


def test_tools_that_the_guard_knows_are_none() -> None:
    shapes = Shapes()
    for client in CLIENTS:
        assert len(client.tools) > 10
        assert not any(shapes.take(client.name, tool, KEYS) for tool in client.tools)


def test_a_new_name_is_news_once_the_tool_was_used_often() -> None:
    often, seldom = Shapes(), Shapes()
    for _ in range(CALLS_OF_A_TOOL):
        assert often.take(*READ, KEYS) is None
    assert seldom.take(*READ, KEYS) is None
    news = often.take(*READ, KEYS | {"pages"})
    assert news is not None and not news.is_tool
    assert "`pages`" in news.text
    assert often.take(*READ, KEYS | {"pages"}) is None
    assert seldom.take(*READ, KEYS | {"pages"}) is None


def test_a_tool_of_very_many_names_takes_any() -> None:
    shapes = Shapes()
    shapes.take(*READ, frozenset(map(str, range(MOST_KEYS + 1))))
    for _ in range(CALLS_OF_A_TOOL):
        shapes.take(*READ, frozenset())
    assert shapes.take(*READ, KEYS) is None


def test_so_many_tools_are_learned_and_no_more() -> None:
    shapes = Shapes()
    found = [shapes.take("claude-code", f"tool-{number}", KEYS) for number in range(MOST_TOOLS + 5)]
    assert sum(news is not None for news in found) == MOST_TOOLS
