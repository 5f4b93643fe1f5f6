"""Sessions: they belong to one person, and end by rest, by age, by hand."""

from sqlalchemy import select

from feedback.staff import sessions
from feedback.storage.staff_tables import SessionRow
from tests.support.people import Person

CARLA = "carla@county.example"


def rows(sandbox):
    async def read(session):
        return (await session.execute(select(SessionRow))).scalars().all()

    return sandbox.in_transaction(read)


def visit(sandbox, token):
    """What the door does at each page."""

    async def note(session):
        if await sessions.needs_note(session, token):
            await sessions.note_seen(session, token)

    sandbox.in_transaction(note)


def test_a_session_belongs_to_its_account(sandbox):
    carla = Person(sandbox)
    assert carla.session_of(sandbox.session(CARLA)) == CARLA
    assert carla.session_of("made up") is None
    assert carla.session_of("") is None


def test_an_idle_session_ends_after_an_hour(sandbox, clock):
    carla = Person(sandbox)
    token = sandbox.session(CARLA)
    for minutes in (60, 120):
        clock(minutes=minutes)
        assert carla.session_of(token) == CARLA
        visit(sandbox, token)
    clock(minutes=180, seconds=1)
    assert carla.session_of(token) is None


def test_a_busy_session_ends_after_twelve_hours(sandbox, clock):
    carla = Person(sandbox)
    token = sandbox.session(CARLA)
    for hour in range(1, 13):
        clock(hours=hour)
        assert carla.session_of(token) == CARLA
        visit(sandbox, token)
    clock(hours=12, seconds=1)
    assert carla.session_of(token) is None


def test_a_busy_hour_writes_once_a_minute_at_most(sandbox, clock):
    Person(sandbox)
    token = sandbox.session(CARLA)
    times = set()
    for seconds in range(0, 120, 10):
        clock(seconds=seconds)
        visit(sandbox, token)
        times.update(row.seen_at for row in rows(sandbox))
    assert len(times) == 2


def test_sessions_that_are_over_are_forgotten(sandbox, clock):
    Person(sandbox)
    sandbox.session(CARLA)
    clock(hours=2)
    token = sandbox.session(CARLA)
    clock(hours=2, minutes=2)
    visit(sandbox, token)
    assert len(rows(sandbox)) == 1


def test_half_a_session_opens_only_the_page_that_asks_for_a_code_and_not_for_long(sandbox, clock):
    carla = Person(sandbox)
    pending = carla.give_password()
    assert carla.session_of(pending) is None
    assert carla.session_of(pending, pending=True) == CARLA
    assert carla.session_of(sandbox.session(CARLA), pending=True) is None
    clock(minutes=10, seconds=1)
    assert carla.session_of(pending, pending=True) is None


def test_signing_out_ends_the_session_and_no_other(sandbox):
    carla = Person(sandbox)
    phone, computer = sandbox.session(CARLA), sandbox.session(CARLA)
    sandbox.in_transaction(lambda s: sessions.end(s, phone))
    assert [carla.session_of(it) for it in (phone, computer)] == [None, CARLA]


def test_every_other_session_can_be_ended(sandbox):
    carla, ada = Person(sandbox), Person(sandbox, "ada@county.example", "admin")
    phone, computer, hers = (sandbox.session(it) for it in (CARLA, CARLA, ada.email))

    async def end(session):
        row = await session.get(SessionRow, sessions.token_hash(computer))
        await sessions.end_all(session, row.user, but=computer)

    sandbox.in_transaction(end)
    assert [carla.session_of(it) for it in (phone, computer, hers)] == [None, CARLA, ada.email]
