from security_hooks.cli.moment import moment


def test_times_are_as_the_log_writes_them() -> None:
    assert moment("2026-11-21") == "2026-11-21T00:00:00.000000000Z"
    assert moment("2026-11-21T12:00:00+02:00") == "2026-11-21T10:00:00.000000000Z"
    assert moment("2w") < moment("1d") < moment("1h") < moment("0s")
    assert moment("999999w") == "1970-01-01T00:00:00.000000000Z"
