"""Help is the same for everyone, and what frightens people away stands on the help page alone."""

from surveys.help import help_lines


def test_the_child_protection_hotline_is_on_the_help_page_alone():
    every_page, help_page = help_lines(), help_lines(whole=True)
    assert {line.id for line in help_page} - {line.id for line in every_page} == {"child-being-hurt"}
    assert all(line.name and line.what for line in help_page)
