"""The language partition, against brute force over every subset exactly as disclosure.md says (point 4)."""

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.languages import OTHER, Batched, close_languages
from analysis.policy import Policy

K = 11
POLICY = Policy()
LANGUAGES = ("ar", "en", "es", "hy", "ko", "tl")


def people(batches):
    """Make everyone of `{batch: {language: how many}}`."""
    return [
        Batched(f"{batch}/{language}/{number}".encode(), batch, language)
        for batch, speakers in batches.items()
        for language, many in speakers.items()
        for number in range(many)
    ]


def sizes(groups):
    return {language: len(members) for language, members in groups.items()}


def gate_holds(groups, batches, k):
    """Decide as the text says: every non-empty proper subset S, |batches touching S| - |S| and so on."""
    for many in range(1, len(groups)):
        for chosen in itertools.combinations(groups, many):
            in_s = set().union(*(groups[language] for language in chosen))
            touching = set().union(*(batch for batch in batches if batch & in_s))
            inside = set().union(*(batch for batch in batches if batch <= in_s))
            for left in (len(touching) - len(in_s), len(in_s) - len(inside)):
                if 0 < left < k:
                    return False
    return True


def as_the_text_says(responses, k):
    """Close languages slowly, with sets of keys, in the order of the sentences."""
    groups, batches = {}, {}
    for response in responses:
        groups.setdefault(response.language, set()).add(response.key)
        batches.setdefault(response.batch, set()).add(response.key)

    def merge(language):
        groups[OTHER] = groups.get(OTHER, set()) | groups.pop(language)

    def merge_smallest():
        merge(min((len(groups[name]), name) for name in groups if name != OTHER)[1])

    for language in [name for name in groups if name != OTHER and len(groups[name]) < k]:
        merge(language)
    while 0 < len(groups.get(OTHER, ())) < k and len(groups) > 1:
        merge_smallest()
    while len(groups) > 1 and not gate_holds(groups, batches.values(), k):
        merge_smallest()
    return groups if len(groups) > 1 else {}


def keys(groups):
    return {language: {member.key for member in members} for language, members in groups.items()}


BATCHES = st.dictionaries(
    st.sampled_from(["b1", "b2", "b3", "b4", "b5"]),
    st.dictionaries(
        st.sampled_from([*LANGUAGES, OTHER]),
        st.one_of(st.integers(11, 25), st.integers(1, 12), st.sampled_from([10, 11, 22])),
        min_size=1,
        max_size=5,
    ),
    min_size=1,
)


@pytest.mark.slow
@given(batches=BATCHES, k=st.sampled_from([11, 11, 12, 15]), seed=st.integers(0, 99))
@settings(max_examples=250, deadline=None)
def test_languages_close_exactly_as_the_text_says(batches, k, seed):
    responses = people(batches)
    random.Random(seed).shuffle(responses)
    found = close_languages(responses, Policy(k=k))
    assert keys(found) == as_the_text_says(responses, k)


@pytest.mark.slow
@given(batches=BATCHES)
@settings(max_examples=150, deadline=None)
def test_everyone_is_in_exactly_one_language_of_at_least_k_people_or_there_is_no_table(batches):
    responses = people(batches)
    found = close_languages(responses, POLICY)
    if found:
        members = [member for group in found.values() for member in group]
        assert len(members) == len(responses)
        assert {member.key for member in members} == {response.key for response in responses}
        assert all(len(group) >= K for group in found.values())
        assert all(m.language == name for name, group in found.items() if name != OTHER for m in group)
        assert len(found) > 1


@given(batches=BATCHES, seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_the_order_of_arrival_does_not_matter(batches, seed):
    responses = people(batches)
    shuffled = random.Random(seed).sample(responses, len(responses))
    assert close_languages(responses, POLICY) == close_languages(iter(shuffled), POLICY)


def random_years(how_many, batches, languages):
    """Make years of which many pass the gate: parts of 11 or more, some small ones, some batches of one."""
    source = random.Random(7)
    for _ in range(how_many):
        yield {
            f"b{number}": {
                language: source.choice(
                    [11, 12, 13, 20, 30, 11 + source.randrange(20), source.randrange(1, 12)]
                )
                for language in source.sample(languages, source.choice([1, 1, 1, 2, 2, len(languages)]))
            }
            for number in range(source.randint(2, batches))
        }


def test_no_union_of_batches_and_union_of_languages_differ_by_one_to_ten_people():
    tables = 0
    for year in random_years(150, 6, LANGUAGES[:5]):
        # Only real batches: nobody closes one under k.
        responses = [r for r in people(year) if sum(year[r.batch].values()) >= K]
        found = close_languages(responses, POLICY)
        tables += bool(found)
        bit = {response.key: 1 << number for number, response in enumerate(responses)}
        language_sets = unions([sum(bit[m.key] for m in group) for group in found.values()])
        by_batch = Counter()
        for response in responses:
            by_batch[response.batch] += bit[response.key]
        batch_sets = unions(list(by_batch.values()))
        for s, b in itertools.product(language_sets, batch_sets):
            if s & b == b:
                assert nobody_or_k(s & ~b)
            if s & b == s:
                assert nobody_or_k(b & ~s)
    assert tables > 30


def unions(sets):
    found = [0]
    for one in sets:
        found += [one | other for other in found]
    return found


def nobody_or_k(bits):
    return bits == 0 or bits.bit_count() >= K


@pytest.mark.slow
def test_no_sum_with_any_small_factors_is_about_one_to_ten_people():
    """Take figures twice, once, not at all or away: what counts each person once counts k or nobody."""
    about_people = 0
    for year in random_years(40, 3, LANGUAGES[:3]):
        responses = [r for r in people(year) if sum(year[r.batch].values()) >= K]
        found = close_languages(responses, POLICY)
        cells = Counter((m.batch, language) for language, group in found.items() for m in group)
        batches, languages = sorted({b for b, _ in cells}), sorted(found)
        for taken in itertools.product(range(-2, 3), repeat=len(batches) + len(languages)):
            factor = dict(zip([*batches, *languages], taken, strict=True))
            held = {cell: factor[cell[0]] + factor[cell[1]] for cell in cells}
            if set(held.values()) <= {0, 1}:
                count = sum(cells[cell] for cell, once in held.items() if once)
                assert count == 0 or count >= K
                about_people += 0 < count < len(responses)
    assert about_people > 500


def test_languages_whose_batches_are_their_own_are_published_apart():
    found = close_languages(people({"b1": {"en": 30}, "b2": {"es": 11}, "b3": {"ko": 12}}), POLICY)
    assert sizes(found) == {"en": 30, "es": 11, "ko": 12}


def test_languages_that_cross_batches_by_eleven_or_more_are_published():
    found = close_languages(people({"b1": {"en": 11, "es": 11}, "b2": {"en": 20, "es": 15}}), POLICY)
    assert sizes(found) == {"en": 31, "es": 26}


def test_yerevan_speakers_too_few_for_a_table_are_counted_with_the_others():
    batches = {"b1": {"en": 40}, "b2": {"hy": 6}, "b3": {"ko": 5}}
    assert sizes(close_languages(people(batches), POLICY)) == {"en": 40, OTHER: 11}


def test_when_the_others_are_under_eleven_the_smallest_language_joins_them():
    batches = {"b1": {"en": 40}, "b2": {"es": 12}, "b3": {"ko": 13}, "b4": {"hy": 10}}
    assert sizes(close_languages(people(batches), POLICY)) == {"en": 40, "ko": 13, OTHER: 22}


def test_of_two_languages_of_the_same_size_the_first_by_code_joins_the_others():
    batches = {"b1": {"es": 12}, "b2": {"en": 12}, "b3": {"ko": 40}, "b4": {"hy": 1}}
    assert sizes(close_languages(people(batches), POLICY)) == {"es": 12, "ko": 40, OTHER: 13}


def test_one_korean_speaker_in_an_english_batch_keeps_the_two_languages_together():
    """Without the gate: the batch of 12 minus its English speakers is one named person's answers."""
    batches = {"b1": {"en": 11, "ko": 1}, "b2": {"ko": 11}, "b3": {"es": 50}}
    assert sizes(close_languages(people(batches), POLICY)) == {"es": 50, OTHER: 23}


def test_ten_people_of_a_language_outside_its_own_batches_keep_it_from_being_published():
    batches = {"b1": {"ko": 11}, "b2": {"ko": 10, "en": 30}}
    assert close_languages(people(batches), POLICY) == {}
    batches["b2"]["ko"] = 11
    assert sizes(close_languages(people(batches), POLICY)) == {"en": 30, "ko": 22}


def test_a_difference_that_only_two_languages_together_betray_is_found():
    """Each language alone is 11 or more away from its batches; English and Spanish together are 4 away."""
    batches = {"b1": {"en": 11, "es": 11, "ko": 4}, "b2": {"ko": 20}, "b3": {"en": 11}, "b4": {"es": 12}}
    groups = {name: {p.key for p in people(batches) if p.language == name} for name in ("en", "es", "ko")}
    whole = [{p.key for p in people(batches) if p.batch == batch} for batch in batches]
    assert not gate_holds(groups, whole, K)
    assert keys(close_languages(people(batches), POLICY)) == as_the_text_says(people(batches), K)
    assert "ko" not in close_languages(people(batches), POLICY)


@pytest.mark.parametrize(
    "batches",
    [
        {},
        {"b1": {"en": 40}},
        {"b1": {"en": 5}},
        {"b1": {OTHER: 5}},
        {"b1": {OTHER: 50}},
        {"b1": {"en": 5, "es": 6}},
        {"b1": {"en": 10}, "b2": {"es": 40}},
        {"b1": {"en": 11, "es": 1}},
    ],
    ids=str,
)
def test_one_group_left_gives_no_language_table_at_all(batches):
    assert close_languages(people(batches), POLICY) == {}


def test_a_stricter_k_holds_for_languages_too():
    batches = people({"b1": {"en": 40}, "b2": {"es": 14}, "b3": {"ko": 30}})
    assert sizes(close_languages(batches, Policy(k=15))) == {"en": 40, OTHER: 44}


def test_fifteen_languages_are_gated_in_time():
    batches = {f"b{number}": {f"l{number:02}": 11 + number} for number in range(15)}
    assert len(close_languages(people(batches), POLICY)) == 15
