from security_hooks.model.failure import CallError, Failure, Reason
from security_hooks.service.attempt import attempt


def raising(error: Exception) -> object:
    raise error


def test_what_a_step_gives_is_passed_on() -> None:
    assert attempt(lambda: 7) == 7


def test_a_call_error_is_its_failure() -> None:
    failure = Failure(Reason.NO_POLICY, "x")
    assert attempt(lambda: raising(CallError(failure))) == failure


def test_a_defect_is_an_internal_failure_with_its_traceback() -> None:
    failure = attempt(lambda: raising(KeyError("lost")))
    assert isinstance(failure, Failure)
    assert failure.reason is Reason.INTERNAL
    assert "KeyError: 'lost'" in failure.detail


def test_running_out_of_stack_is_a_failure_too() -> None:
    def deep() -> object:
        return deep()

    assert isinstance(attempt(deep), Failure)
