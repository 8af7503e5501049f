"""The maintained table of credential shapes: one row per vendor's format, with where the format is described.

Adding a format is adding a row in one of the two halves, and an example to the tests.
"""

from security_hooks.secrets.shape import Shape
from security_hooks.secrets.table_platforms import PLATFORMS
from security_hooks.secrets.table_services import SERVICES

SHAPES: tuple[Shape, ...] = (*PLATFORMS, *SERVICES)
