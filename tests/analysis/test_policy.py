"""The numbers of the release policy may be made stricter and never laxer (disclosure.md, “Definitions”)."""

import math

import msgspec
import pytest

from analysis.policy import K_FLOOR, RULE_VERSION, Policy

FIXED = ("waiting_quarters", "pool_quarters", "destroyed_quarters")


def test_the_numbers_are_the_ones_the_release_policy_names():
    assert msgspec.structs.asdict(Policy()) == {
        "k": 11,
        "epsilon": 1.0,
        "noise_bound": 5,
        "language_epsilon": 0.5,
        "language_noise_bound": 10,
        "waiting_quarters": 4,
        "pool_programs": 3,
        "pool_quarters": 2,
        "destroyed_quarters": 8,
    }
    assert K_FLOOR == 11
    assert RULE_VERSION == "frozen-batches-1"


@pytest.mark.parametrize(
    ("name", "laxer"),
    [
        ("k", 10),
        ("k", 0),
        ("k", -11),
        ("noise_bound", 4),
        ("language_noise_bound", 9),
        ("pool_programs", 2),
        ("epsilon", 1.01),
        ("epsilon", 0.0),
        ("epsilon", -1.0),
        ("epsilon", math.inf),
        ("epsilon", math.nan),
        ("language_epsilon", 0.51),
        ("language_epsilon", 0.0),
        ("language_epsilon", math.nan),
    ],
)
def test_a_laxer_number_is_refused_by_its_name(name, laxer):
    with pytest.raises(ValueError, match=rf"^policy\.{name}: .*may only be made stricter\.$"):
        Policy(**{name: laxer})


@pytest.mark.parametrize("name", FIXED)
@pytest.mark.parametrize("change", [-1, 1])
def test_how_long_answers_wait_was_promised_and_cannot_be_changed_either_way(name, change):
    with pytest.raises(
        ValueError, match=rf"^policy\.{name}: is fixed at .* people were told how long it is\.$"
    ):
        Policy(**{name: getattr(Policy(), name) + change})


@pytest.mark.parametrize(
    ("name", "stricter"),
    [("k", 12), ("k", 50), ("noise_bound", 6), ("language_noise_bound", 11), ("pool_programs", 4)],
)
def test_a_stricter_number_is_taken(name, stricter):
    assert getattr(Policy(**{name: stricter}), name) == stricter


def test_more_noise_with_room_for_it_is_taken():
    policy = Policy(epsilon=0.5, noise_bound=10, language_epsilon=0.25, language_noise_bound=20)
    assert (policy.epsilon, policy.language_epsilon) == (0.5, 0.25)


@pytest.mark.parametrize("written", [{"k": 3}, {"epsilon": 2.0}, {"pool_quarters": 1}])
def test_a_settings_file_cannot_say_something_laxer_either(written):
    with pytest.raises(msgspec.ValidationError, match=rf"policy\.{next(iter(written))}"):
        msgspec.convert(written, Policy)


def test_a_misspelt_setting_is_refused_instead_of_ignored():
    with pytest.raises(msgspec.ValidationError, match="epsilom"):
        msgspec.convert({"epsilom": 0.1}, Policy)


def test_a_copy_cannot_be_made_laxer():
    with pytest.raises(ValueError, match=r"policy\.k"):
        msgspec.structs.replace(Policy(k=20), k=5)


def test_a_policy_in_use_does_not_change():
    with pytest.raises(AttributeError):
        Policy().k = 5


@pytest.mark.parametrize(
    "changed", [{"epsilon": 0.1}, {"epsilon": 0.5}, {"language_epsilon": 0.05}, {"language_epsilon": 0.2}]
)
def test_noise_that_would_be_cut_off_where_it_is_likely_is_refused(changed):
    with pytest.raises(ValueError, match=next(iter(changed))):
        Policy(**changed)
