"""Programs come as a file; contracts follow from it, one after the other, a quarter at a time."""

import asyncio
import itertools

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.fieldwork import programs, totals
from feedback.fieldwork.programs import NoSuchProgram
from feedback.storage.database import Database
from feedback.storage.staff_tables import EVERY_TABLE
from feedback.storage.tables import ProgramRow
from surveys.periods import Period
from surveys.registry import Contractor, Programs, WorkTotal, shipped_programs

Q3, Q4 = Period(2026, 3), Period(2026, 4)
FRP = next(program for program in shipped_programs().programs if program.id == "frp")
ALBA, BRUMA, CIELO = "alba", "bruma", "cielo"
CONTRACTORS = tuple(Contractor(id=name, name=name.title()) for name in (ALBA, BRUMA, CIELO))


def file(contractor, ends=None, **changes):
    """A programs file that says who runs the First Responder Protocol."""
    program = msgspec.structs.replace(FRP, contractor_id=contractor, ends=ends, **changes)
    return Programs((program,), CONTRACTORS)


def store(sandbox, programs_file, now=Q3):
    sandbox.in_transaction(lambda s: programs.store_programs(s, programs_file, now))


def contracts(sandbox, program="frp"):
    rows = sandbox.in_transaction(programs.all_contracts)
    return [(c.contractor, str(c.first), str(c.last or "")) for c in rows if c.program == program]


def all_programs(sandbox):
    return sandbox.in_transaction(programs.all_programs)


def test_a_new_deployment_has_the_seventeen_programs_of_the_plan_in_its_order(sandbox):
    assert all_programs(sandbox) == list(shipped_programs().programs)
    assert len(all_programs(sandbox)) == 17


def test_contractors_begin_with_the_deployment(sandbox):
    assert contracts(sandbox, "advocacy-vista") == [("vista-del-mar", "2026Q3", "")]
    assert contracts(sandbox, "frp") == []
    assert set(sandbox.in_transaction(programs.all_contractors)) == {
        "coalition-to-abolish-slavery-and-trafficking",
        "olive-crest",
        "optimist-family-and-youth-services",
        "vista-del-mar",
    }


def test_an_import_changes_a_program_and_leaves_it_in_its_place(sandbox):
    store(sandbox, file(None, name="First Responders"))
    after = all_programs(sandbox)
    assert [program.id for program in after] == [program.id for program in shipped_programs().programs]
    assert after[0].name == "First Responders"
    assert after[1:] == list(shipped_programs().programs[1:])


def test_a_new_program_comes_last(sandbox):
    store(sandbox, file(ALBA, id="night-bus", public_slug="night-bus"))
    assert [program.id for program in all_programs(sandbox)][16:] == ["community", "night-bus"]


def test_an_import_can_rename_a_contractor(sandbox):
    store(sandbox, Programs((), (Contractor(id="olive-crest", name="Olive Crest Families"),)))
    contractors = sandbox.in_transaction(programs.all_contractors)
    assert contractors["olive-crest"].name == "Olive Crest Families"
    assert len(contractors) == 4


def test_the_same_programs_file_again_changes_nothing(sandbox):
    store(sandbox, file(ALBA))
    store(sandbox, file(ALBA))
    store(sandbox, file(ALBA), Q4)
    assert contracts(sandbox) == [("alba", "2026Q3", "")]


def test_another_contractor_begins_where_the_one_before_ends(sandbox):
    store(sandbox, file(ALBA))
    store(sandbox, file(BRUMA), Q4)
    assert contracts(sandbox) == [("alba", "2026Q3", "2026Q3"), ("bruma", "2026Q4", "")]


def test_the_first_contractor_of_a_quarter_keeps_it_and_the_next_begins_after(sandbox):
    store(sandbox, file(ALBA))
    store(sandbox, file(BRUMA))
    store(sandbox, file(BRUMA))
    assert contracts(sandbox) == [("alba", "2026Q3", "2026Q3"), ("bruma", "2026Q4", "")]


def test_a_contract_that_has_not_begun_can_go_to_someone_else(sandbox):
    for contractor in (ALBA, BRUMA, CIELO):
        store(sandbox, file(contractor))
    assert contracts(sandbox) == [("alba", "2026Q3", "2026Q3"), ("cielo", "2026Q4", "")]


def test_alba_then_bruma_then_alba_in_one_quarter_is_alba_all_along(sandbox):
    for contractor in (ALBA, BRUMA, ALBA):
        store(sandbox, file(contractor))
    assert contracts(sandbox) == [("alba", "2026Q3", "")]


def test_alba_then_bruma_then_alba_a_quarter_each_are_three_contracts(sandbox):
    for later, contractor in enumerate((ALBA, BRUMA, ALBA)):
        store(sandbox, file(contractor), Q3 + later)
    assert contracts(sandbox) == [
        ("alba", "2026Q3", "2026Q3"),
        ("bruma", "2026Q4", "2026Q4"),
        ("alba", "2027Q1", ""),
    ]


def test_a_renewed_contract_is_another_one(sandbox):
    store(sandbox, file(ALBA))
    store(sandbox, file(None), Q4)
    store(sandbox, file(ALBA), Q4 + 1)
    assert contracts(sandbox) == [("alba", "2026Q3", "2026Q3"), ("alba", "2027Q1", "")]
    ids = {c.id for c in sandbox.in_transaction(programs.all_contracts) if c.program == "frp"}
    assert ids == {"alba/2026Q3", "alba/2027Q1"}


def test_a_contract_ends_with_its_program(sandbox):
    store(sandbox, file(ALBA))
    store(sandbox, file(ALBA, ends="2027Q1"))
    assert contracts(sandbox) == [("alba", "2026Q3", "2027Q1")]


def test_the_end_of_a_program_can_be_moved_and_taken_back(sandbox):
    store(sandbox, file(ALBA, ends="2027Q1"))
    store(sandbox, file(ALBA, ends="2027Q3"), Q4)
    assert contracts(sandbox) == [("alba", "2026Q3", "2027Q3")]
    store(sandbox, file(ALBA), Q4)
    assert contracts(sandbox) == [("alba", "2026Q3", "")]


def test_a_program_that_ended_before_has_no_new_contract(sandbox):
    store(sandbox, file(ALBA, ends="2026Q2"))
    assert contracts(sandbox) == []


def test_no_contract_ends_before_it_began(sandbox):
    store(sandbox, file(ALBA))
    store(sandbox, file(ALBA, ends="2026Q1"))
    assert contracts(sandbox) == [("alba", "2026Q3", "2026Q3")]


def test_a_contractor_that_leaves_a_program_ends_its_contract(sandbox):
    store(sandbox, file(ALBA))
    store(sandbox, file(None), Q4 + 1)
    assert contracts(sandbox) == [("alba", "2026Q3", "2026Q4")]


steps = st.tuples(
    st.integers(0, 2), st.sampled_from([ALBA, BRUMA, CIELO, None]), st.sampled_from([None, None, -1, 0, 1, 3])
)


@pytest.mark.slow
@given(st.lists(steps, min_size=1, max_size=6))
@settings(deadline=None, max_examples=30)
def test_whatever_files_come_no_quarter_falls_under_two_contracts(history):
    async def play():
        database = Database("sqlite+aiosqlite://")
        async with database.engine.begin() as connection:
            await connection.run_sync(EVERY_TABLE.create_all)
        now = Q3
        for quarters, contractor, ends in history:
            now += quarters
            programs_file = file(contractor, None if ends is None else str(now + ends))
            async with database.transaction() as session:
                await programs.store_programs(session, programs_file, now)
        async with database.transaction() as session:
            rows = await programs.all_contracts(session)
        await database.close()
        return now, rows

    now, rows = asyncio.run(play())
    _, contractor, ends = history[-1]
    assert all(contract.last is None or contract.first <= contract.last for contract in rows)
    for earlier, later in itertools.pairwise(rows):
        assert earlier.last is not None
        assert earlier.last < later.first
    open_next = [c.contractor for c in rows if c.first <= now + 1 and (c.last is None or c.last >= now + 1)]
    goes_on = contractor is not None and (ends is None or ends >= 1)
    assert open_next == ([contractor] if goes_on else [])


def test_a_program_is_found_by_its_id_alone(sandbox):
    assert sandbox.in_transaction(lambda s: programs.program_by_id(s, "frp")) == FRP
    with pytest.raises(NoSuchProgram, match="There is no program “FRP”; `feedback programs list`"):
        sandbox.in_transaction(lambda s: programs.program_by_id(s, "FRP"))


def test_what_an_audience_was_asked_with_is_noted_once(sandbox):
    for instrument in ("youth-experience", "protocol-youth", "youth-experience"):
        sandbox.in_transaction(
            lambda s, instrument=instrument: programs.note_asked(s, "frp", "youth", instrument)
        )
    sandbox.in_transaction(lambda s: programs.note_asked(s, "frp", "expert", "expert-review"))
    assert sandbox.in_transaction(programs.asked_instruments) == {
        ("frp", "youth"): ["protocol-youth", "youth-experience"],
        ("frp", "expert"): ["expert-review"],
    }


def test_a_corrected_report_replaces_the_one_before(sandbox):
    first = WorkTotal(program="frp", period="2026Q3", served=40, offered=30, minutes=600)
    correction = WorkTotal(program="frp", period="2026Q3", served=42, offered=31, minutes=540)
    earlier = WorkTotal(program="frp", period="2026Q2", served=9, offered=9, minutes=60)
    for total in (first, correction, earlier):
        sandbox.in_transaction(lambda s, total=total: totals.report_work(s, total))
    assert sandbox.in_transaction(totals.work_totals) == [earlier, correction]


# Names for results


def bare(programs_):
    return Programs(tuple(msgspec.structs.replace(it, public_name="") for it in programs_))


def test_an_older_deployment_gets_the_shipped_names_where_it_changed_none(sandbox):
    shipped = shipped_programs().programs
    other_words = msgspec.structs.replace(
        FRP, respondent_names={**FRP.respondent_names, "youth": "the Thursday group"}
    )
    own = msgspec.structs.replace(FRP, id="own", public_slug="own", public_name="Ours")
    store(sandbox, bare([*shipped, other_words, own]))
    sandbox.in_transaction(programs.name_for_results)
    names = {it.id: it.public_name for it in all_programs(sandbox)}
    assert names == {**{it.id: it.public_name for it in shipped}, "frp": "", "own": ""}
    assert {it.id: it for it in all_programs(sandbox)}["frp"].results_name == "the Thursday group"


def test_a_name_that_the_deployment_gave_stays(sandbox):
    store(sandbox, Programs((msgspec.structs.replace(FRP, public_name="Teams"),)))
    sandbox.in_transaction(programs.name_for_results)
    assert next(it for it in all_programs(sandbox) if it.id == "frp").public_name == "Teams"


def test_a_program_that_was_stored_before_there_were_such_names_is_read(sandbox):
    async def store_as_before(session):
        row = await session.get(ProgramRow, "frp")
        row.definition = {name: it for name, it in row.definition.items() if name != "public_name"}

    sandbox.in_transaction(store_as_before)
    frp = sandbox.in_transaction(lambda session: programs.program_by_id(session, "frp"))
    assert frp.results_name == "The team that met you"
    sandbox.in_transaction(programs.name_for_results)
    frp = sandbox.in_transaction(lambda session: programs.program_by_id(session, "frp"))
    assert frp == FRP
