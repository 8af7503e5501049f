"""What is wrong with a predicate about earlier calls as it is written."""

from collections.abc import Iterator

from security_hooks.dsl.complaints import quoted
from security_hooks.dsl.durations import seconds_of
from security_hooks.dsl.predicates import predicate_named
from security_hooks.dsl.recall import COUNT, MOST_COUNTED
from security_hooks.dsl.syntax import At, Recall


def misfits(recall: Recall) -> Iterator[tuple[At, str, str]]:
    """Each place, what is wrong there, and what helps. A name that is no predicate is somebody else's business."""
    name, at = recall.name.text, recall.name.at
    predicate = predicate_named(name)
    if predicate is None:
        return
    if not predicate.recalls:
        yield at, f"{quoted(name)} takes no condition", "put strings or names of lists between its parentheses"
        return
    usage = f"it is written `{predicate.recalls}`"
    if name == COUNT and recall.more_than is None:
        yield at, f"{quoted(name)} does not say more than how many", usage
    if name != COUNT and recall.more_than is not None:
        yield at, f"{quoted(name)} does not count", usage
    if recall.more_than is not None and recall.more_than >= MOST_COUNTED:
        yield at, f"{recall.more_than} are too many to count", f"at most {MOST_COUNTED - 1}"
    if recall.within is not None and seconds_of(recall.within.text) is None:
        yield recall.within.at, f"{quoted(recall.within.text)} is no length of time", "like `90s`, `10m`, `2h`, `1d`"
