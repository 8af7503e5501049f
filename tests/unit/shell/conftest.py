"""The shipped catalogue and a place, shared by the tests of the shell layer."""

from collections.abc import Callable

import pytest

from security_hooks.catalogue.entry import Catalogue
from security_hooks.catalogue.load import shipped
from security_hooks.model.event import Place
from security_hooks.model.shell import Script
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return shipped()


@pytest.fixture(scope="session")
def read(catalogue: Catalogue) -> Callable[[str], Script]:
    place = Place(cwd="/home/me/project", home="/home/me")
    return lambda text: read_script(text, place, catalogue, ShellLimits())
