"""What `make catalogs` runs: every language's catalog brought to the messages of the template."""

import sys
from pathlib import Path

from feedback.translations.pofiles import merge, read_file, write_file


def merge_all(locales: Path) -> None:
    """Merge `messages.pot` into every language's `messages.po` of a folder."""
    for path in sorted(locales.glob("*/messages.po")):
        catalog = read_file(path.read_bytes())
        merge(read_file((locales / "messages.pot").read_bytes()), catalog)
        path.write_bytes(write_file(catalog))


if __name__ == "__main__":
    merge_all(Path(sys.argv[1]))
