"""Whether a server is what a person pinned, and both in words."""

from hashlib import sha256

from security_hooks.model.server import Definition, Pin

LARGEST_FILE = 16 << 20


def is_as_pinned(definition: Definition, pin: Pin) -> bool:
    """Whether the definition says what the pin says; variables count where they are told, and may be fewer."""
    if (definition.command, definition.args, definition.url) != (pin.command, pin.args, pin.url):
        return False
    return definition.cwd == pin.cwd and (definition.env is None or set(definition.env) <= set(pin.env))


def digest_of(content: bytes) -> str:
    """The digest of a file's content, as pins have it."""
    return sha256(content).hexdigest()


def shown(what: Definition | Pin) -> str:
    """How a server is started or reached, on one line."""
    text = what.url or " ".join((what.command, *what.args))
    text += f" in {what.cwd}" if what.cwd else ""
    return f"{text} with {', '.join(what.env)}" if what.env else text
