"""What stands out in the log: a state machine that takes observations in and gives alerts out. Time is the records'."""
