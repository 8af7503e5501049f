"""What is done with records after the verdict, in a process of its own."""
