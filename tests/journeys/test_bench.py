"""The figures an operator can repeat are measured on real doors."""

import re

import pytest

from feedback.operations import bench, bench_county, bench_pages

pytestmark = pytest.mark.slow
BESIDE = r"[\d.]+ ms, [\d.]+ ms alone \([\d.]+ times\), medians of 5; \d+ tries meanwhile"


def test_the_bench_measures_pages_answers_a_release_the_dashboard_and_memory(monkeypatch):
    for name, size in (("PAGES", 5), ("POSTS", 5), ("VIEWS", 3), ("TRIES", 6), ("CROWD", 4), ("BESIDE", 5)):
        monkeypatch.setattr(bench, name, size)
    for name, size in (("PROGRAMS", 20), ("QUARTERS", 3), ("ANSWERS", (2, 1))):
        monkeypatch.setattr(bench_county, name, size)
    monkeypatch.setattr(bench_pages, "VIEWS", 2)
    lines = list(bench.run(60))
    patterns = (
        r"cold start until both doors answer: [\d.]+ s",
        r"survey pages: \d+ per second, one client",
        r"durable responses: \d+ per second, one client",
        r"survey door's process: \d+ MB",
        r"release: \d+ responses per second \(60 in [\d.]+ s\)",
        r"dashboard /: \d+ ms, median of 3",
        r"dashboard /programs/frp: \d+ ms, median of 3",
        r"dashboard /measures: \d+ ms, median of 3",
        r"sign-in refused: [\d.]+ ms with an account, [\d.]+ ms without one \([+-][\d.]+ %\), medians of 6",
        r"a password of 1 MB refused: [\d.]+ ms, median of 5",
        rf"a Send beside 4 who sign in: {BESIDE}",
        rf"a staff page beside 4 who sign in: {BESIDE}",
        r"staff door's process: \d+ MB",
        r"everything as XLSX: [\d.]+ s \(20 programs, 3 quarters, [\d,]+ lines, \d+ MB\)",
        *(
            rf"staff page {re.escape(it)}: \d+ ms, 99 of 100 within \d+ ms, \d+ KB"
            for it in bench_pages.PAGES
        ),
    )
    assert len(lines) == len(patterns)
    for line, pattern in zip(lines, patterns, strict=True):
        assert re.fullmatch(pattern, line), line
    sizes = [int(line.split()[-2]) for line in lines if line.endswith(" MB")]
    assert len(sizes) == 2
    assert all(size > 20 for size in sizes)
