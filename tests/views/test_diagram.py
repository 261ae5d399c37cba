"""Space-time diagrams: what they show, live, still and in words."""

from __future__ import annotations

import pytest

from consensus_lab.clocks import Diagram
from consensus_lab.errors import ConsensusLabError
from consensus_lab.views import view

DIAGRAM = Diagram.parse("""
A:  a   m!
B:          m?   b
C:    c
""")


def test_in_words_every_event_has_its_clock() -> None:
    assert repr(view(DIAGRAM)).splitlines()[1:] == [
        "A: a, clock 1 0 0.",
        "C: c, clock 0 0 1.",
        "A sends m, clock 2 0 0.",
        "B receives m, clock 2 1 0.",
        "B: b, clock 2 2 0.",
    ]


def test_lamport_clocks_are_single_numbers() -> None:
    assert repr(view(DIAGRAM, clocks="lamport")).splitlines()[-1] == "B: b, clock 4."


def test_of_an_event_it_says_what_came_before_and_after_and_what_is_concurrent() -> None:
    told = repr(view(DIAGRAM, clocks="none", of="m!")).splitlines()
    assert told[1:] == [
        "A: a, before.",
        "C: c, concurrent.",
        "A sends m.",
        "B receives m, after.",
        "B: b, after.",
    ]


def test_the_still_has_an_arrow_for_each_message() -> None:
    alone = Diagram.parse("A: a")
    assert view(alone).still().count("<path") == 0
    assert view(DIAGRAM).still().count("<path") == 1


def test_events_appear_in_their_order() -> None:
    story = view(DIAGRAM).story
    assert story["order"] == [0, 1, 2, 3, 4]
    assert len(story["pictures"]) == 3


@pytest.mark.parametrize(
    ("diagram", "options", "words"),
    [
        (DIAGRAM, {"clocks": "wall"}, "clocks is one of vector, lamport, none"),
        (DIAGRAM, {"of": "z"}, "0 events of the diagram are called 'z'"),
        (Diagram.parse("A: " + "a " * 31), {}, "31 events are too many"),
    ],
)
def test_what_cannot_be_shown_is_told_in_a_sentence(
    diagram: Diagram, options: dict[str, str], words: str
) -> None:
    with pytest.raises(ConsensusLabError, match=words):
        view(diagram, **options)


def test_no_arrow_crosses_the_words_of_an_event() -> None:
    diagram = Diagram.parse("""
        A: a m! k!
        B:         m? b k?
    """)
    parts = view(diagram).story["pictures"][0]["parts"]
    tags = [tag for tag, *rest in parts if rest[2] is not None]
    last_line = max(place for place, tag in enumerate(tags) if tag == "line")
    assert last_line < tags.index("text")
