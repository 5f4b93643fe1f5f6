"""What the random attacks of a thorough run begin with."""

SEED = "FUZZ_SEED"
"""Set it to the number that a thorough run printed, to ask the same again."""
