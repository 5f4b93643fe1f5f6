"""Where translators read and write words."""
