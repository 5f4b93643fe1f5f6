"""What a file has to hold, put together from what commands print as JSON and nothing else."""

from collections import Counter

NOTHING = "Nothing here can be told from chance"
_ABOUT = ("program", "pool", "strategy", "strategy_id", "contractor", "audience", "class", "wave", "language")
RESULT_IDS = (
    "table", "release", "released_on", *_ABOUT, "year", "scope", "origin", "batch", "status", "n", "periods",
    "n_details", "detail_periods", "measure", "question", "option", "value", "low", "high", "display",
)  # fmt: skip
MEASURE_IDS = (
    "measure", "release", "program", "pool", "strategy", "audience", "question", "origin", "version", "n",
    "periods", "n_details", "detail_periods", "numerator", "denominator", "value", "low", "high", "display",
)  # fmt: skip


def _written(cell) -> str:
    return "" if cell is None else "|".join(cell) if isinstance(cell, list) else str(cell)


def lines_of(rows):
    """What each row of a table is about, and each of its figures, or why there is none."""
    for row in rows:
        for figure in row["figures"] or [{"display": row.get("cause", NOTHING)}]:
            kind, _, name = figure.get("measure", "").partition(":")
            question, _, option = name.partition(":") if kind in ("item", "option") else ("", "", "")
            about = {**row["filters"], **row, **figure, "question": question, "option": option}
            yield tuple(_written(about.get(it)) for it in RESULT_IDS)


def lines_of_measures(measures):
    for measure in measures:
        about = {**measure["scope"], **measure}
        yield tuple(_written(about.get(it)) for it in MEASURE_IDS)


def holds_exactly(results, measures, rows, metrics) -> bool:
    """Whether lines of a file are those of rows and measures, each as often, and no others."""
    return Counter(ids_in(results, RESULT_IDS)) == Counter(lines_of(rows)) and Counter(
        ids_in(measures, MEASURE_IDS)
    ) == Counter(lines_of_measures(metrics))


def ids_in(lines, names):
    return [tuple(line[name] for name in names) for line in lines]


def nameless(lines) -> list[dict[str, str]]:
    """Lines in which an id stands without its name, or a name without its id."""
    pairs = (
        ("table", "table_name"),
        ("program", "program_name"),
        ("strategy", "strategy_title"),
        ("strategy", "strategy_id"),
        ("audience", "audience_name"),
        ("measure", "measure_name"),
        ("question", "question_text"),
        ("contractor", "contractor_name"),
        ("language", "language_name"),
        ("option", "option_text"),
        ("direction", "direction_text"),
    )
    return [
        line
        for line in lines
        if any(bool(line[it]) != bool(line[name]) for it, name in pairs if {it, name} <= set(line))
    ]
