"""The County's plan and its programs are complete; a mistake in a programs file is named by its place."""

import json
import re
from collections import Counter

import pytest

from surveys.checking import banned_words
from surveys.instruments import AUDIENCES
from surveys.periods import Period
from surveys.registry import (
    Contract,
    ProgramsBroken,
    WorkTotal,
    county_plan,
    default_instrument,
    parse_programs,
    shipped_programs,
)

PROGRAMS = {program.id: program for program in shipped_programs().programs}


def test_the_plan_has_seven_areas_with_45_strategies_and_158_actions():
    counts = {
        area.id: (len(area.strategies), sum(len(strategy.actions) for strategy in area.strategies))
        for area in county_plan().areas
    }
    assert counts == {
        "1": (6, 22),
        "2": (6, 22),
        "3": (6, 26),
        "4": (7, 15),
        "5": (4, 14),
        "6": (8, 24),
        "7": (8, 35),
    }
    first_six = [counts[area] for area in "123456"]
    assert (sum(s for s, _ in first_six), sum(a for _, a in first_six)) == (37, 123)
    assert len(county_plan().strategies) == 37 + 8


def test_every_id_and_number_is_given_once():
    strategies = county_plan().strategies
    actions = [action for strategy in strategies for action in strategy.actions]
    for names in (
        [area.id for area in county_plan().areas],
        [strategy.id for strategy in strategies],
        [strategy.number for strategy in strategies],
        [action.id for action in actions],
        [action.number for action in actions],
    ):
        assert len(set(names)) == len(names)
    assert not {s.id for s in strategies} & {s.number for s in strategies}


def test_numbers_run_in_the_plans_order_and_ids_say_no_number():
    for area in county_plan().areas:
        numbers = [strategy.number for strategy in area.strategies]
        assert numbers == [f"{area.id}.{place}" for place in range(1, len(numbers) + 1)]
        for strategy in area.strategies:
            assert re.fullmatch(r"[a-z]+(-[a-z]+)*", strategy.id)
            letters = "abcdefghijklmnop"[: len(strategy.actions)]
            assert [action.number for action in strategy.actions] == [
                f"{strategy.number}({x})" for x in letters
            ]
            assert [action.id for action in strategy.actions] == [f"{strategy.id}-{x}" for x in letters]


def test_every_strategy_but_those_of_the_pathway_to_change_has_a_process_outcome():
    for area in county_plan().areas:
        assert area.title.strip()
        for strategy in area.strategies:
            assert strategy.title.strip()
            assert all(action.text.strip() for action in strategy.actions)
            assert (strategy.process_outcome is None) == (area.id == "7")


def test_ids_that_figures_already_carry_stay_what_they_are():
    assert {
        number: county_plan().strategy(number).id for number in ("2.2", "2.5", "4.3", "5.1", "6.4", "7.8")
    } == {
        "2.2": "access-without-system",
        "2.5": "transportation",
        "4.3": "advocates-mentors",
        "5.1": "parent-empowerment",
        "6.4": "law-enforcement",
        "7.8": "youth-feedback",
    }


def test_victim_witness_never_gets_the_outcome_of_buyer_accountability():
    """The plan's outcome table has these two the other way round than its action spreadsheet."""
    protocol, buyers = (
        county_plan().strategy("victim-witness"),
        county_plan().strategy("buyer-accountability"),
    )
    assert (protocol.number, buyers.number) == ("6.6", "6.8")
    assert protocol.title == "Assess and Refine Implementation of Victim Witness Protocol"
    assert protocol.process_outcome == "Increased fidelity to the Victim Witness Protocol"
    assert len(protocol.actions) == 2
    assert "Buyer Accountability" in buyers.title
    assert buyers.process_outcome == "Increases in programs and efforts to address demand"
    assert len(buyers.actions) == 4
    assert "6.6" in PROGRAMS["victim-witness"].strategies
    assert not [program.id for program in PROGRAMS.values() if "6.8" in program.strategies]


def test_a_strategy_is_found_by_its_id_and_by_its_number():
    assert county_plan().strategy("6.6") is county_plan().strategy("victim-witness")


@pytest.mark.parametrize("unknown", ["6.9", "6", " 6.6", "6.6(a)", "victim-witness-a", "Victim-Witness"])
def test_a_strategy_the_plan_does_not_have_is_not_guessed(unknown):
    with pytest.raises(KeyError, match=re.escape(unknown)):
        county_plan().strategy(unknown)


def test_seventeen_programs_stand_in_four_pools_big_enough_to_close():
    assert list(PROGRAMS) == [
        "frp",
        "detention",
        "victim-witness",
        "syz",
        "star-court",
        "dream-court",
        "ctu",
        "dream-unit",
        "advocacy-vista",
        "advocacy-optimist",
        "pep",
        "parent-group",
        "isfc-optimist",
        "isfc-olive-crest",
        "empowerment-conference",
        "training-cast",
        "community",
    ]
    assert Counter(program.pool for program in PROGRAMS.values()) == {
        "protocols": 4,
        "courts and units": 4,
        "contracted services": 4,
        "family and community": 5,
    }


def test_every_program_names_strategies_of_the_plan_and_the_feedback_strategy_among_them():
    for program in PROGRAMS.values():
        assert all(county_plan().strategy(number).number == number for number in program.strategies)
        assert len(set(program.strategies)) == len(program.strategies)
        assert "7.8" in program.strategies


def test_every_program_is_told_of_neutrally_to_each_of_its_audiences():
    names = {word for p in PROGRAMS.values() for word in (p.name, p.short, p.contractor) if word}
    for program in PROGRAMS.values():
        assert set(program.respondent_names) == set(program.audiences) <= set(AUDIENCES)
        assert all(text.strip() for text in program.respondent_names.values())
        assert not names & set(program.respondent_names.values())
        words = " ".join([program.public_slug, *program.respondent_names.values()]).lower()
        assert not re.search(r"traffick|exploit|victim|cse|probation|dcfs|survivor", words)
    assert len({program.public_slug for program in PROGRAMS.values()}) == 17


def test_every_program_has_a_neutral_name_of_its_own_in_results():
    names = [program.public_name for program in PROGRAMS.values()]
    assert len(set(names)) == len(PROGRAMS) == 17
    assert [it for it in names if banned_words(it) or not it.strip()] == []
    given = {word for p in PROGRAMS.values() for word in (p.name, p.short, p.contractor) if word}
    assert not given & set(names)
    # Nothing that says where somebody was, or who they were taken for.
    assert not re.search(r"\b(hall|camp|court|officer|safe|police|probation|dcfs)\b", " ".join(names).lower())
    assert [it for it in PROGRAMS.values() if it.results_name != it.public_name] == []


def test_a_program_without_a_name_for_results_is_called_what_its_first_audience_knows():
    (mentors,) = parse_programs(file_of(MENTORS), "ours.json").programs
    assert mentors.public_name == ""
    assert mentors.results_name == "Your mentor"


def test_two_programs_of_a_file_have_no_name_in_results_together():
    named = {**MENTORS, "public_name": "Mentors, team A"}
    with pytest.raises(ProgramsBroken) as broken:
        parse_programs(file_of(named, {**named, "id": "other", "public_slug": "other"}), "ours.json")
    assert str(broken.value) == "ours.json: public_name: “Mentors, team A” stands twice."
    unnamed = file_of(MENTORS, {**MENTORS, "id": "other", "public_slug": "other"})
    assert len(parse_programs(unnamed, "ours.json").programs) == 2


def test_a_contractor_of_a_program_is_one_of_the_four_and_has_the_same_name():
    contractors = {contractor.id: contractor.name for contractor in shipped_programs().contractors}
    assert len(contractors) == 4
    for program in PROGRAMS.values():
        assert contractors.get(program.contractor_id, "") == program.contractor
    assert {p.id for p in PROGRAMS.values() if p.contractor_id == "optimist-family-and-youth-services"} == {
        "advocacy-optimist",
        "isfc-optimist",
    }


@pytest.mark.parametrize(
    ("program", "audience", "instrument"),
    [
        ("frp", "youth", "protocol-youth"),
        ("detention", "youth", "protocol-youth"),
        ("victim-witness", "youth", "protocol-youth"),
        ("syz", "youth", "protocol-youth"),
        ("syz", "caregiver", "caregiver-experience"),
        ("frp", "expert", "expert-review"),
        ("empowerment-conference", "youth", "event"),
        ("empowerment-conference", "caregiver", "event"),
        ("empowerment-conference", "expert", "event"),
        ("training-cast", "youth", "event"),
        ("training-cast", "partner", "event"),
        ("community", "youth", "plan-community"),
        ("community", "caregiver", "plan-community"),
        ("star-court", "youth", "youth-experience"),
        ("ctu", "youth", "youth-experience"),
        ("advocacy-vista", "youth", "youth-experience"),
        ("isfc-olive-crest", "caregiver", "caregiver-experience"),
        ("star-court", "expert", "expert-review"),
        ("pep", "caregiver", "caregiver-experience"),
        ("pep", "expert", "expert-review"),
        ("parent-group", "caregiver", "caregiver-experience"),
    ],
)
def test_a_link_opens_the_instrument_for_its_program_and_audience(program, audience, instrument):
    assert default_instrument(PROGRAMS[program], audience) == instrument


MENTORS = {
    "id": "mentors",
    "name": "Mentors",
    "short": "Mentors",
    "kind": "contracted service",
    "pool": "services",
    "public_slug": "someone-there",
    "strategies": ["4.3", "7.8"],
    "audiences": ["youth", "caregiver"],
    "said_as": {"youth": "Your mentor", "caregiver": "Your child's mentor"},
    "contractor_id": "casa-luz",
    "ends": "2027Q2",
}


def file_of(*programs, **changes):
    file = {
        "programs": programs,
        "pools": ["services"],
        "contractors": [{"id": "casa-luz", "name": "Casa Luz"}],
    }
    return json.dumps({**file, **changes}).encode()


def test_a_programs_file_of_ones_own_is_read():
    (mentors,) = parse_programs(file_of(MENTORS), "ours.json").programs
    assert (mentors.id, mentors.pool, mentors.contractor_id) == ("mentors", "services", "casa-luz")
    assert Period.parse(mentors.ends) == Period(2027, 2)


def test_a_programs_file_without_pools_lets_every_program_name_its_own():
    (mentors,) = parse_programs(file_of(MENTORS, pools=[]), "ours.json").programs
    assert mentors.pool == "services"


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"id": "Mentors"}, "(Mentors): id and public_slug should be lower-case words joined by hyphens."),
        (
            {"id": "two words"},
            "(two words): id and public_slug should be lower-case words joined by hyphens.",
        ),
        (
            {"public_slug": "-a"},
            "(mentors): id and public_slug should be lower-case words joined by hyphens.",
        ),
        (
            {"public_slug": "a\n"},
            "(mentors): id and public_slug should be lower-case words joined by hyphens.",
        ),
        ({"audiences": []}, "(mentors): said_as should say the program's name to each of its audiences."),
        (
            {"audiences": ["youth"]},
            "(mentors): said_as should say the program's name to each of its audiences.",
        ),
        ({"said_as": {}}, "(mentors): said_as should say the program's name to each of its audiences."),
        ({"public_name": " "}, "(mentors): public_name: is empty; leave it out where there is none."),
        (
            {"public_name": "a\u202eb"},
            "(mentors): public_name: should be one line of at most 200 characters, all of them visible.",
        ),
        ({"pool": "pond"}, "(mentors): pool: “pond” is not one of services."),
        ({"contractor_id": "nobody"}, "(mentors): contractor_id: “nobody” is not among the contractors."),
        ({"strategies": ["7.8", "9.9", "6.9"]}, "(mentors): strategies: the plan has no 6.9, 9.9."),
        ({"ends": "spring"}, "(mentors): ends: “spring” is not a quarter; write it like 2026Q3."),
        ({"ends": "٢٠٢٦Q3"}, "(mentors): ends: “٢٠٢٦Q3” is not a quarter; write it like 2026Q3."),
        ({"ends": "2026Q5"}, "(mentors): ends: “2026Q5” is not a quarter; write it like 2026Q3."),
    ],
    ids=str,
)
def test_a_mistake_in_a_programs_file_is_named_by_its_place(change, mistake):
    fine = {**MENTORS, "id": "fine", "public_slug": "fine"}
    with pytest.raises(ProgramsBroken) as broken:
        parse_programs(file_of(fine, {**MENTORS, **change}), "ours.json")
    assert str(broken.value) == f"ours.json: programs[1] {mistake}"


def test_all_mistakes_are_named_at_once():
    with pytest.raises(ProgramsBroken) as broken:
        parse_programs(
            file_of({**MENTORS, "pool": "pond", "ends": "x"}, {**MENTORS, "pool": ""}), "ours.json"
        )
    assert str(broken.value).splitlines() == [
        "ours.json: programs[0] (mentors): pool: “pond” is not one of services.",
        "ours.json: programs[0] (mentors): ends: “x” is not a quarter; write it like 2026Q3.",
        "ours.json: programs[1] (mentors): pool: “” is not one of services.",
        "ours.json: id: “mentors” stands twice.",
        "ours.json: public_slug: “someone-there” stands twice.",
    ]


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (b"", "truncated"),
        (b"{", "truncated"),
        (b"\xff", "malformed"),
        (b'{"programs": [{"id": "\xff"}]}', "utf-8"),
        (b"[]", "Expected `object`"),
        (b"{}", "missing required field `programs`"),
        (file_of({**MENTORS, "kind": "church"}), r"\$\.programs\[0\]\.kind"),
        (file_of(MENTORS, {**MENTORS, "audiences": ["teacher"]}), r"\$\.programs\[1\]\.audiences\[0\]"),
        (file_of({**MENTORS, "ends": 2026}), r"\$\.programs\[0\]\.ends"),
        (file_of({"id": "mentors"}), r"missing required field `name` - at `\$\.programs\[0\]`"),
        (file_of(MENTORS, contractors=[{"id": "casa-luz"}]), r"\$\.contractors\[0\]"),
    ],
    ids=str,
)
def test_a_file_that_cannot_be_read_at_all_is_named_with_the_place(raw, where):
    with pytest.raises(ProgramsBroken, match=rf"^ours\.json: .*{where}.*\.$"):
        parse_programs(raw, "ours.json")


NOT_NOTICED = "“Every mistake in a programs file named by its place”: this one is taken without a word."


@pytest.mark.parametrize(
    "change",
    [
        {"said_as": {"youth": " ", "caregiver": "Your child's mentor"}},
        {"contractor_id": ""},
        {"contractor_id": None, "contractor": "Casa Luz"},
        {"contractorid": "casa-luz"},
        {"audiences": ["youth", "youth", "caregiver"]},
        {"strategies": ["7.8", "7.8"]},
        {"name": ""},
        {"id": "m" * 81},
        {"public_slug": "s" * 81},
    ],
    ids=str,
)
def test_a_mistake_that_has_the_right_shape_is_named(change):
    with pytest.raises(ProgramsBroken):
        parse_programs(file_of({**MENTORS, **change}), "ours.json")


def test_a_contractor_that_stands_twice_is_named():
    twice = [{"id": "casa-luz", "name": "Casa Luz"}, {"id": "casa-luz", "name": "Casa Sol"}]
    with pytest.raises(ProgramsBroken):
        parse_programs(file_of(MENTORS, contractors=twice), "ours.json")


def test_no_public_slug_is_a_programs_id_but_for_one_neutral_name():
    # The County's programs file gives the parent group the same neutral word twice; it names nobody.
    assert {program.public_slug for program in PROGRAMS.values()} & set(PROGRAMS) == {"parent-group"}


def test_work_belongs_to_the_contract_of_its_program_and_quarter():
    contract = Contract(
        program="mentors", contractor="casa-luz", first=Period.parse("2026Q1"), last=Period.parse("2026Q2")
    )
    running = Contract(program="mentors", contractor="casa-luz", first=Period.parse("2026Q1"), last=None)

    def work(program, period):
        return WorkTotal(program=program, period=period, served=1, offered=1, minutes=1)

    assert [contract.covers(work("mentors", f"2026Q{q}")) for q in (1, 2, 3)] == [True, True, False]
    assert running.covers(work("mentors", "2029Q3"))
    assert not running.covers(work("mentors", "2025Q4"))
    assert not running.covers(work("other", "2026Q1"))
