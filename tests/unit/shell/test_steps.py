from security_hooks.shell.steps import Steps, run


def _countdown(left: int) -> Steps[int]:
    if left == 0:
        return 0
    below: int = yield _countdown(left - 1)
    return below + 1


def test_steps_nest_deeper_than_the_stack_allows() -> None:
    assert run(_countdown(50_000)) == 50_000
