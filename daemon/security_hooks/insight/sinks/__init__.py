"""The ways in which records leave the machine, one file per protocol."""
