import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import identifiers, names
from analysis.redaction import Redacted, Span, redact

HINTS = (
    "Ab",
    "12",
    "a.",
    "(",
    ")",
    "-",
    "@",
    ",",
    ":",
    "calle",
    "Street",
    "de",
    "1st",
    "and",
    "mr",
    "name:",
    "Maria",
    "\n",
)
NASTY = (
    *(
        "a",
        "a@",
        "1 ",
        "1-",
        "(",
        "1",
        "one ",
        "calle de la ",
        "Ab Cd ",
        "12 ab cd ",
        "a.",
        "x at y ",
        "name: a ",
    ),
    *("Ab, Suite 1 ", "born ", "case # ", "jan 1 ", "Escuela de la ", "A.", "+1(", "1st and ", "e\u0301"),
    *("C/ A 1, ", "my mr ", "\u200f1", "Calle A, ", "12 Ab de la "),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call me at 323-555-0142 or (213) 555 0199", "call me at [phone] or [phone]"),
        ("three two three five five five zero one four two", "[phone]"),
        ("write to jo.doe+x@example.org please", "write to [email] please"),
        ("jane dot doe at gmail dot com", "[email]"),
        ("see https://example.org/a?b=c ok", "see [link] ok"),
        ("my ig is @lil_jay.213 and snap: queen_b22", "my ig is [handle] and snap: [handle]"),
        ("case number JV-20451 and my SSN is 123-45-6789", "case number [number] and my SSN is [number]"),
        ("card 4111 1111 1111 1111", "card [number]"),
        ("id 123456789012345678901234567890", "id [number]"),
        ("the code was 55555", "the code was [number]"),
        ("born 03/14/2008 in june 2009", "born [date] in [date]"),
        ("I live at 1234 W. 54th Street Apt 3, Compton, CA 90220", "I live at [address]"),
        ("it happened on Imaginary Street", "it happened on [address]"),
        ("meet at the corner of Imaginary and 8th", "meet at the corner of [address]"),
        ("zip code 90011", "zip code [address]"),
    ],
)
def test_what_has_a_shape_goes(text, expected):
    assert redact(text, "en").text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my name is keyla and i like it", "my name is [name] and i like it"),
        ("my name is Will and I like it", "my name is [name] and I like it"),
        ("they call me smurfette", "they call me [name]"),
        ("a girl named Zarabella came", "a girl named [name] came"),
        ("ms johnson was mean, Ms. Brown was not", "ms [name] was mean, Ms. [name] was not"),
        ("mr t is cool", "mr [name] is cool"),
        ("officer delgado and officer black shouted", "officer [name] and officer [name] shouted"),
        ("my advocate keyshondra helped me", "my advocate [name] helped me"),
        ("my brother angel came", "my brother [name] came"),
        ("jessica montemayorga told me", "[name] told me"),
        ("jessica garcia told me", "[name] told me"),
        ("I saw Jessica M. Brown there", "I saw [name] there"),
        ("Grace Imaginova was there. Grace was kind", "[name] was there. [name] was kind"),
        ("I met Zarabella there", "I met [name] there"),
        ("Zarabella Quorvex was there", "[name] was there"),
        ("Zarabella told me so", "[name] told me so"),
        ("songs from Zarabella Q. Quorvex", "songs from [place]"),
        ("Żaneta was there", "[name] was there"),
        ("Jessica's room", "[name]'s room"),
        ("Directed By: Zarabella Quorvex In A Big Fancy Day", "Directed By: [name] In A Big Fancy Day"),
        ("Name: Zarabella", "Name: [name]"),
        ("he is with the rolling 60s", "he is with the [name]"),
    ],
)
def test_names_go_with_a_capital_or_a_cue(text, expected):
    assert redact(text, "en").text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i was at dorothy kirby", "i was at [place]"),
        ("I live in Boyle Heights", "I live in [place]"),
        ("we met in Phoenix", "we met in [place]"),
        ("we met in Zarabellaville", "we met in [place]"),
        ("we flew to ZARABELLA then home", "we flew to [place] then home"),
        ("I go to Imaginary Oaks High School now", "I go to [place] now"),
        ("i go to roosevelt high.", "i go to [place]."),
        ("roosevelt middle school was ok", "[place] was ok"),
        ("she was in Camp Imaginary", "she was in [place]"),
        ("City: Zarabella", "City: [place]"),
    ],
)
def test_places_schools_and_facilities_go(text, expected):
    assert redact(text, "en").text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("me llamo xochitlan y vivo en el monte", "me llamo [name] y vivo en [place]"),
        ("la señora lupita me ayudó mucho", "la señora [name] me ayudó mucho"),
        ("la trabajadora social Beatriz Ocampo no contestó", "la trabajadora social [name] no contestó"),
        (
            "la señora atendió bien, la señora xochitlan fue amable",
            "la señora atendió bien, la señora [name] fue amable",
        ),
        ("mi amiga Beatriz Servicio social", "mi amiga [name] Servicio social"),
        ("vivo en la calle san pedro 1234", "vivo en la [address]"),
        ("voy a la escuela Imaginaria en Huntington Park", "voy a la [place] en [place]"),
        ("mi teléfono es 323 555 0142", "mi teléfono es [phone]"),
        ("Fecha de nacimiento: 13/07/2014.", "Fecha de nacimiento: [date]."),
    ],
)
def test_spanish_has_cues_of_its_own(text, expected):
    assert redact(text, "es-MX").text == expected


@pytest.mark.parametrize(
    "text",
    [
        "Staff listen. Waiting takes too long at the DCFS office. I want more food, bus passes and Wifi.",
        "My favorite thing about the program is that Staff treats You like family",
        "Nurse practitioner was kind. Doctor appointment was late.",
        "officer will call you, officer told me",
        "I am 16 and pregnant, been waiting 3 months for housing and $25000",
        "Had to wait 7 and 1/2 hours, i called 999 and 911, 45 minutes drive",
        "my mentor always listens, I'm named in the plan",
        "they call me every day",
        "The TED talk. Hope you do well. Will you come? The STAR Court helped",
        "I finished high school and started my own life at 12,000,000",
        "Los Angeles County is big",
        "This Program Was Really Very Nice And Good",
        "it took SEVENTEENISH hours",
        "nothing's wrong, it's well-run and non-profit",
        "my mom may come, my mom will, my name was called",
        "we went to the Park, the Black girls were in Juvenile Hall",
        "between 90-120 minutes, 10.000.000 times",
    ],
)
def test_ordinary_words_stay(text):
    assert redact(text, "en") == Redacted(text, ())


def test_other_languages_lose_what_has_a_shape_and_listed_names():
    assert redact("اتصل بي على 213-555-0123", "ar").text == "اتصل بي على [phone]"
    assert redact("Zarabella kam mit Jessica nach Boyle Heights", "de").text == (
        "Zarabella kam mit [name] nach [place]"
    )
    assert redact("jessica", "vi").text == "jessica"
    assert redact("Grace was here", "vi").text == "Grace was here"


def test_spans_point_into_the_text_as_it_was_given():
    text = "\u200fcall\u0000 Jose\u0301 at 213\u200b-555-0123"
    redacted = redact(text, "en")
    assert redacted.text == "\u200fcall\u0000 [name] at [phone]"
    assert redacted.spans == (Span(7, 12, "name"), Span(16, 29, "phone"))
    assert redact("e\u0301\u0323\u0301 \u0301", "en").spans == ()


@pytest.mark.parametrize("text", ["", " ", "😀😀", "\x00", "\u202e\u202d", "\u0301", "ß ẞ ﬁ İ", "I"])
def test_odd_texts_come_back_as_they_were(text):
    assert redact(text, "en") == Redacted(text, ())


@given(st.text(max_size=300), st.sampled_from(["en", "es", "ar", "", "zh-Hans"]))
def test_it_never_fails_and_its_spans_are_in_order(text, language):
    redacted = redact(text, language)
    ends = [0]
    for span in redacted.spans:
        assert ends[-1] <= span.start < span.end <= len(text)
        ends.append(span.end)


@given(st.lists(st.sampled_from(HINTS)))
def test_any_mixture_of_hints_is_survived(parts):
    assert redact(" ".join(parts), "en").spans is not None


@pytest.mark.parametrize("piece", NASTY)
def test_a_nasty_text_of_the_longest_length_takes_no_longer_than_a_blink(piece):
    text = (piece * 3000)[:3000]
    redact("", "en")
    started = time.perf_counter()
    redact(text, "es")
    assert time.perf_counter() - started < 0.5


def test_without_its_word_list_textblob_is_missed_in_one_sentence(monkeypatch):
    monkeypatch.setattr(names.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(FileNotFoundError):
        names.word_lists.__wrapped__()


def test_every_found_kind_has_a_placeholder_reviewers_know():
    kinds = {kind for kind, _ in identifiers._SHAPES} | {"name", "place"}
    assert kinds == {"name", "phone", "email", "address", "place", "number", "date", "handle", "link"}
