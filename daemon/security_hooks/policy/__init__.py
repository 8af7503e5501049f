"""Configuration and rules to one immutable snapshot; snapshot and facts to a decision."""
