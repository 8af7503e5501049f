"""Which rules and conditions are exercised, counted."""

from security_hooks.catalogue.load import shipped
from security_hooks.dsl.compile import compile_rule
from security_hooks.dsl.parse import parse
from security_hooks.dsl.resolve import LayeredFile, resolve
from security_hooks.model.decision import Verdict
from security_hooks.policy.cases import Case
from security_hooks.policy.exercise import exercise

RULES = """block "one"
  match command("rm") or command("mv")
  example stop "sudo rm x"
  example pass "ls"
suspicious "two"
  match deletes_recursively("~")
  unless with_flags("-v")
  example stop "rm -r \\"$X\\""
"""


def test_examples_count_for_their_own_rule_and_cases_for_all() -> None:
    source, problems = parse(RULES, "f.rules")
    files = [LayeredFile("user", source)]
    rules, more = resolve(files, {})
    assert (problems, more) == ((), ())
    cases = [Case("c.md", 1, "one", Verdict.DENY, "rm -rfv ~; mv a b")]
    rows = exercise([compile_rule(rule) for rule in rules], files, cases, shipped())
    assert [(row.line, row.column, row.clause, row.condition, row.times) for row in rows] == [
        (1, 1, "block", "", 2),
        (2, 9, "match", 'command("rm")', 2),
        (2, 26, "match", 'command("mv")', 1),
        (5, 1, "suspicious", "", 1),
        (6, 9, "match", 'deletes_recursively("~")', 1),
        (7, 10, "unless", 'with_flags("-v")', 1),
    ]
    assert exercise([compile_rule(rule) for rule in rules], [], cases, shipped()) == ()
