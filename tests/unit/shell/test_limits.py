from security_hooks.shell.limits import Budget, ShellLimits


def test_a_budget_stays_over_once_overdrawn() -> None:
    budget = Budget(ShellLimits(nodes=2))
    assert budget.spend()
    assert budget.spend()
    assert not budget.spend()
    assert not budget.spend(0)
    assert budget.over


def test_a_grant_lets_work_go_on_but_is_still_over() -> None:
    budget = Budget(ShellLimits(nodes=8))
    budget.spend(9)
    budget.grant()
    assert budget.spend(2)
    assert not budget.spend()
    assert budget.over


def test_nothing_is_granted_when_it_is_late() -> None:
    now = iter([0.0, *[1.0] * 10])
    budget = Budget(ShellLimits(nodes=8, milliseconds=500, clock=lambda: next(now)))
    budget.spend(9)
    budget.grant()
    assert not budget.spend()


def test_without_a_clock_time_does_not_count() -> None:
    budget = Budget(ShellLimits(milliseconds=0))
    assert all(budget.spend() for _ in range(200))


def test_with_a_clock_the_deadline_ends_the_work() -> None:
    now = iter([0.0, *[1.0] * 10])
    budget = Budget(ShellLimits(milliseconds=500, clock=lambda: next(now)))
    assert not all(budget.spend() for _ in range(200))
    assert budget.over


def test_the_deadline_is_seen_whatever_is_spent_at_once() -> None:
    now = iter([0.0, *[1.0] * 10])
    budget = Budget(ShellLimits(nodes=1000, milliseconds=500, clock=lambda: next(now)))
    assert not budget.spend(101)


def test_more_commands_than_may_be_read_end_the_reading() -> None:
    budget = Budget(ShellLimits(commands=2))
    budget.read_command()
    budget.read_command()
    assert not budget.over
    budget.read_command()
    assert budget.over
    assert not budget.spend()


def test_more_commands_than_may_be_followed_end_the_walk_for_good() -> None:
    budget = Budget(ShellLimits(commands=2))
    assert [budget.follow() for _ in range(4)] == [True, True, False, False]
    budget.grant()
    assert not budget.follow()
    assert budget.over
