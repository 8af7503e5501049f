"""The one way in which the audit log fails."""


class AuditError(Exception):
    """A record could not be written, or the log cannot be read: one line that says what is wrong.

    Raised on the path of a call it means that the call went unrecorded.
    """
