"""What the rules language can ask, by theme."""
