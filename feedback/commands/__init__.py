"""The operator commands, one file per family."""
