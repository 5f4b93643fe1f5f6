"""Numbers in sentences."""


def quantity(number: int, one: str, many: str = "") -> str:
    """A number with what it counts: `1 batch`, `2 batches`. An s makes the plural unless `many` is given."""
    return f"{number} {one if number == 1 else many or one + 's'}"
