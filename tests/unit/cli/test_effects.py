from security_hooks.cli.effects import effect_fields, effect_line, flow_fields, flow_line
from security_hooks.model.effect import Effect, EffectKind, Flow, Scope
from security_hooks.model.word import Hole, HoleKind, Origin, Word

PATH = Word(("/etc/", Hole(HoleKind.PARAMETER, "$X")), (0, 0), None)
REAL = Word(("/x",), (0, 0), "/x")
DELETES = Effect(EffectKind.DELETES, PATH, Scope.SYSTEM, certain=False, recursive=True, real=REAL)
RUNS = Effect(EffectKind.EXECUTES, None, origin=Origin.NETWORK, object="shell")


def test_an_effect_is_told_in_one_line() -> None:
    assert effect_line(DELETES) == "deletes /etc/{$X} -> /x (system, recursive, perhaps)"
    assert effect_line(RUNS) == "executes ? (shell, origin network)"


def test_a_flow_is_told_in_one_line() -> None:
    assert flow_line(Flow(DELETES, RUNS, 0, 1, certain=False)).endswith(
        " -> executes ? (shell, origin network) (perhaps)"
    )


def test_json_has_every_field() -> None:
    assert effect_fields(DELETES)["target"] == "/etc/{$X}"
    assert effect_fields(DELETES)["recursive"] is True
    fields = flow_fields(Flow(DELETES, RUNS, 0, 1))
    assert (fields["from"], fields["to"], fields["certain"]) == (0, 1, True)
