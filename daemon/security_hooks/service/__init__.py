"""The outermost ring: sockets, files, clocks, tasks and processes. Nothing inside it imports this."""
