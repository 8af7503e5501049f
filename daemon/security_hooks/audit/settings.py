"""How the log is written, as a value of its own: the audit package knows nothing of the configuration's types."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Content(Enum):
    """FULL keeps the call's text, known secrets replaced; STRUCTURE keeps no text at all."""

    FULL = "full"
    STRUCTURE = "structure"


@dataclass(frozen=True, slots=True)
class WriterSettings:
    """`segment_bytes` is the size at which the log goes on in a new file, `reserve_bytes` the space held back for
    denials on a full disk. `secret_values` maps names of secret environment variables to their values; the values
    are replaced wherever they appear and never stored.
    """

    segment_bytes: int = 67_108_864
    reserve_bytes: int = 1_048_576
    content: Content = Content.FULL
    secret_values: Mapping[str, str] = field(default_factory=dict, repr=False)
