"""Every other tool call to the same facts."""
