"""One file per AI coding agent: payload to event, decision to reply."""
