"""What was published is read once and remembered, and no more of it than there is room for."""

import asyncio

from feedback.results.remembering import MOST, remembered


def test_what_was_read_is_not_read_again_and_the_oldest_gives_way():
    reads = []

    async def ask(number):
        async def read():
            reads.append(number)
            return [number]

        return await remembered(("test", number), read)

    async def ask_all():
        for number in (0, 0, *range(1, MOST), 0, MOST, 0, 1):
            assert await ask(number) == [number]

    asyncio.run(ask_all())
    assert reads == [*range(MOST), MOST, 1], "0 was asked again in time, 1 was the oldest"


def test_a_read_that_fails_is_remembered_by_nobody():
    async def fail():
        raise OSError

    async def work():
        return "rows"

    async def ask():
        for read in (fail, work):
            try:
                answer = await remembered(("test", "fails"), read)
            except OSError:
                answer = None
        return answer

    assert asyncio.run(ask()) == "rows"
