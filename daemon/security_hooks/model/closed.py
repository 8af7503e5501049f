"""The enums that every call looks things up by."""

from enum import Enum


class Closed(Enum):
    """A closed set whose members are told apart by identity: `Enum` itself hashes their names, in Python code.

    On Python 3.11 to read a member off its class takes as long as to make two words, so what runs for every word keeps
    the members that it needs under names of its own module.
    """

    __hash__ = object.__hash__
