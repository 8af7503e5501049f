"""What is made of the audit log beside the daemon: it is read by cursor, and no call waits for it."""
