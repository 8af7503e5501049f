"""The enums that every call looks things up by."""

from enum import Enum


class Closed(Enum):
    """A closed set whose members are told apart by identity: `Enum` itself hashes their names, in Python code."""

    __hash__ = object.__hash__
