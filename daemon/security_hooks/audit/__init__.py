"""The audit log: a record in, a chained line out."""
