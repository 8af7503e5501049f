import pytest

from security_hooks.shell.inline import language_of_shebang


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("#!/bin/sh", "shell"),
        ("#!/usr/bin/env bash", "shell"),
        ("#!/usr/bin/env -S python3.11 -u", "python"),
        ("#! /usr/bin/python3", "python"),
        ("#!/usr/bin/env A=b node", "javascript"),
        ("#!/usr/bin/env -S uv run --script", "python"),
        ("#!/usr/bin/awk -f", "awk"),
        ("#!/opt/unknown", None),
        ("#!", None),
        ("# no shebang", None),
    ],
)
def test_the_language_that_the_first_line_asks_for(line: str, language: str | None) -> None:
    assert language_of_shebang(line) == language
