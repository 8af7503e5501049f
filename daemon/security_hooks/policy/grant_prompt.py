"""The lines of a prompt by which a person speaks to the guard.

Only what a person surely typed counts: a line that begins with the mark, in no fenced block, in a prompt that neither
the client made up nor a file of commands. In a long prompt, of which much is pasted, such lines come before all else.
"""

MARK = "@guard"
# Nobody types that many lines.
LONGEST_TYPED = 30
MOST_LINES = 8
_FENCES = ("```", "~~~")


def said_in(prompt: str) -> tuple[str, ...]:
    """What stands behind the mark in each line that counts, at most MOST_LINES of them."""
    # Clients put what others say into tags, and the text of a command of theirs comes from a file.
    if MARK not in prompt or is_made_up(prompt) or prompt.lstrip().startswith("/"):
        return ()
    lines = prompt.replace("\r\n", "\n").split("\n")
    is_long = len(lines) > LONGEST_TYPED
    said: list[str] = []
    fence = ""
    for line in lines:
        begins = line.lstrip(" ")[:3]
        if fence:
            fence = "" if begins == fence else fence
        elif begins in _FENCES:
            fence = begins
        elif _is_marked(line):
            said.append(line[len(MARK) :].strip())
        elif is_long and line.strip():
            break
    return tuple(said[:MOST_LINES])


def is_made_up(prompt: str) -> bool:
    """Whether the client wrote the prompt around what somebody else said: a task's end, another agent, a schedule."""
    return prompt.lstrip().startswith("<")


def holds_mark(prompt: str) -> bool:
    """Whether a line begins with the mark, wherever it stands: what an attempt is known by."""
    return any(_is_marked(line.lstrip("> \t")) for line in prompt.splitlines()) if MARK in prompt else False


def _is_marked(line: str) -> bool:
    return line.startswith(MARK) and not line[len(MARK) :][:1].strip()
